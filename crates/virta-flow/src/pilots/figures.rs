//! What is measured of the sets, as parts for the estimate.

use super::details::{Detail, Stretch};
use super::interval::{Means, Pair, Part, estimate};
use super::random::{Draws, Purpose};
use super::windows::{Told, Use, Windows, days};
use super::{Set, has_baseline};
use virta_model::settings::Pilot;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure<'a> {
    Contacts,
    Cost,
    Emergency,
    StayDays,
    Services,
    Providers,
    /// Contacts of one service, by its code.
    ContactsOf(&'a str),
}

/// The measures that every pilot has, in the order of the table.
pub(super) const MEASURES: [Measure<'static>; 6] =
    [Measure::Contacts, Measure::Cost, Measure::Emergency, Measure::StayDays, Measure::Services, Measure::Providers];

impl Measure<'_> {
    pub(super) fn name(self) -> &'static str {
        match self {
            Measure::Contacts | Measure::ContactsOf(_) => "contacts",
            Measure::Cost => "cost_cents",
            Measure::Emergency => "emergency_contacts",
            Measure::StayDays => "stay_days",
            Measure::Services => "services",
            Measure::Providers => "providers",
        }
    }

    fn of(self, stretch: &Stretch) -> i64 {
        let Use { services, contacts, stay_days, cost_cents, emergency_contacts, providers, .. } = stretch.used;
        match self {
            Measure::Contacts => contacts,
            Measure::Cost => cost_cents,
            Measure::Emergency => emergency_contacts,
            Measure::StayDays => stay_days,
            Measure::Services => services,
            Measure::Providers => providers,
            Measure::ContactsOf(service) => {
                let found = stretch.by_service.iter().find(|(own, _)| *own == service);
                found.map_or(0, |(_, used)| used.contacts)
            }
        }
    }

    /// Prices and providers are what contacts may lack; of the others each contact tells.
    fn told(self, stretch: &Stretch) -> Told {
        let Use { contacts, priced_contacts, providers, .. } = stretch.used;
        match self {
            Measure::Cost => Told::of(contacts, priced_contacts),
            Measure::Providers => Told::of(contacts, providers),
            _ => Told::of(contacts, contacts),
        }
    }

    /// Distinct services and providers do not add up over time: they are compared over whole windows only.
    fn is_distinct(self) -> bool {
        matches!(self, Measure::Services | Measure::Providers)
    }
}

/// A row of `pilot_baseline`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figure {
    pub clients: i64,
    pub comparison_clients: i64,
    pub baseline_mean: Option<f64>,
    pub comparison_baseline_mean: Option<f64>,
    pub followed: i64,
    pub(crate) followed_comparison: i64,
    /// Of those who are followed.
    pub pilot: Group,
    pub comparison: Group,
    pub difference: Option<f64>,
    pub interval: Option<(f64, f64)>,
    /// Whether the study asks for comparison clients at all.
    pub is_compared: bool,
}

/// What a group's followed clients used before and after. A mean of which none of their contacts tells is `None`, and
/// so is what would be made of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Group {
    pub before: Option<f64>,
    pub after: Option<f64>,
    pub change: Option<f64>,
}

impl Group {
    fn new(means: Means, told: Windowed) -> Self {
        Group {
            before: told.before.is_measured().then_some(means.before),
            after: told.after.is_measured().then_some(means.after),
            change: (told.before.is_measured() && told.after.is_measured()).then(|| means.change()),
        }
    }
}

/// What the contacts of both windows tell.
#[derive(Debug, Clone, Copy, Default)]
struct Windowed {
    before: Told,
    after: Told,
}

impl Windowed {
    fn add(&mut self, detail: &Detail, measure: Measure<'_>) {
        self.before.add(measure.told(&detail.before));
        self.after.add(measure.told(&detail.after));
    }
}

/// The sets that the figures are of: all with a baseline, and with a comparison client where the study asks for them.
pub(super) fn measured<'a>(pilot: &Pilot, newest: i32, sets: &'a [Set]) -> Vec<Measured<'a>> {
    let is_compared = pilot.comparison.is_some();
    let found = sets.iter().filter_map(|set| {
        let windows = set.listed.windows(pilot);
        let own = set.own.as_ref().filter(|_| has_baseline(set, pilot, newest))?;
        (!is_compared || !set.matches.is_empty()).then_some(Measured { set, own, windows })
    });
    found.collect()
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Measured<'a> {
    pub set: &'a Set,
    pub own: &'a Detail,
    pub windows: Windows,
}

impl Measured<'_> {
    /// Use after the index date, the use before that is to be compared with it, and the time that both are of.
    fn part(&self, detail: &Detail, measure: Measure<'_>) -> Part {
        let (before, after) = (measure.of(&detail.before) as f64, measure.of(&detail.after) as f64);
        let (before_days, after_days) = (detail.before.observed_days, detail.after.observed_days);
        if measure.is_distinct() {
            let is_whole = before_days == days(self.windows.before) && self.is_complete(detail);
            return if is_whole { Part { before, after, time: 1.0 } } else { Part::default() };
        }
        if before_days == 0 || after_days == 0 {
            return Part::default();
        }
        let (before_days, after_days) = (before_days as f64, after_days as f64);
        Part { before: before * after_days / before_days, after, time: after_days / YEAR_DAYS }
    }

    /// Use before the index date and the time it is of, whatever came after.
    fn baseline(&self, detail: &Detail, measure: Measure<'_>) -> Part {
        let before = measure.of(&detail.before) as f64;
        let observed = detail.before.observed_days;
        let time = match measure.is_distinct() {
            true => f64::from(u8::from(observed == days(self.windows.before))),
            false => observed as f64 / YEAR_DAYS,
        };
        if time > 0.0 { Part { before, after: 0.0, time } } else { Part::default() }
    }

    /// Whether everything that the study asks for has been followed.
    pub(super) fn is_complete(&self, detail: &Detail) -> bool {
        detail.after.observed_until >= self.windows.asked_until
            && detail.after.observed_days == days(self.windows.after)
    }

    pub(super) fn is_followed(&self, detail: &Detail) -> bool {
        detail.after.observed_days > 0
    }

    /// The comparison clients of whom a part has any time.
    fn with_time(&self, of: impl Fn(&Detail) -> Part) -> impl Iterator<Item = &Detail> {
        self.set.matches.iter().map(|found| &found.detail).filter(move |detail| of(detail).time > 0.0)
    }

    /// The comparison clients' average; and how many of them have any time.
    fn comparison(&self, of: impl Fn(&Detail) -> Part) -> (Part, i64) {
        let mut sum = Part::default();
        let mut with_time = 0;
        for part in self.set.matches.iter().map(|found| of(&found.detail)) {
            sum.before += part.before;
            sum.after += part.after;
            sum.time += part.time;
            with_time += i64::from(part.time > 0.0);
        }
        let n = self.set.matches.len().max(1) as f64;
        (Part { before: sum.before / n, after: sum.after / n, time: sum.time / n }, with_time)
    }
}

/// Use is told for so many days.
const YEAR_DAYS: f64 = 365.0;

/// The figure of one measure.
pub(super) fn figure(pilot: &Pilot, sets: &[Measured<'_>], measure: Measure<'_>) -> Figure {
    let is_compared = pilot.comparison.is_some();
    let mut figure = Figure {
        clients: 0,
        comparison_clients: 0,
        baseline_mean: None,
        comparison_baseline_mean: None,
        followed: 0,
        followed_comparison: 0,
        pilot: Group::default(),
        comparison: Group::default(),
        difference: None,
        interval: None,
        is_compared,
    };
    let (mut own, mut others) = (Part::default(), Part::default());
    let (mut own_told, mut others_told) = (Told::default(), Told::default());
    let (mut own_followed, mut others_followed) = (Windowed::default(), Windowed::default());
    let mut pairs = Vec::new();
    for set in sets {
        let baseline = set.baseline(set.own, measure);
        let (comparison, with_time) = set.comparison(|detail| set.baseline(detail, measure));
        if baseline.time > 0.0 && (!is_compared || comparison.time > 0.0) {
            figure.clients += 1;
            figure.comparison_clients += with_time;
            own = Part { before: own.before + baseline.before, after: 0.0, time: own.time + baseline.time };
            others =
                Part { before: others.before + comparison.before, after: 0.0, time: others.time + comparison.time };
            own_told.add(measure.told(&set.own.before));
            let with_time = set.with_time(|detail| set.baseline(detail, measure));
            with_time.for_each(|detail| others_told.add(measure.told(&detail.before)));
        }
        let part = set.part(set.own, measure);
        let (comparison, with_time) = set.comparison(|detail| set.part(detail, measure));
        if part.time > 0.0 && (!is_compared || comparison.time > 0.0) {
            figure.followed += 1;
            figure.followed_comparison += with_time;
            own_followed.add(set.own, measure);
            let with_time = set.with_time(|detail| set.part(detail, measure));
            with_time.for_each(|detail| others_followed.add(detail, measure));
            // Without comparison clients the other side stands still, and nobody is told of it.
            let comparison = if is_compared { comparison } else { Part { before: 0.0, after: 0.0, time: 1.0 } };
            pairs.push(Pair { pilot: part, comparison });
        }
    }
    let mean = |part: Part, told: Told| (part.time > 0.0 && told.is_measured()).then(|| part.before / part.time);
    figure.baseline_mean = mean(own, own_told);
    figure.comparison_baseline_mean = mean(others, others_told);
    let draws = if is_compared { pilot.bootstrap.draws } else { 0 };
    let estimate = estimate(&pairs, draws, Draws::new(pilot.bootstrap.seed, Purpose::Bootstrap, &pilot.name));
    if let Some(found) = estimate {
        figure.pilot = Group::new(found.pilot, own_followed);
        figure.comparison = Group::new(found.comparison, others_followed);
        let is_measured = figure.pilot.change.is_some() && figure.comparison.change.is_some();
        figure.difference = is_measured.then(|| found.difference());
        figure.interval = found.interval.filter(|_| is_measured);
    }
    figure
}
