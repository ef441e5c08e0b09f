//! Service guidance: plans, assessments, feedback, pilots; and what is agreed with providers or given as totals only.

use virta_model::municipality::county_of;
use virta_model::{Day, PlanKind, Tier};

use super::Recorder;
use super::social::{OFFICES, office};
use crate::calendar::Extract;
use crate::contact::Contact;
use crate::life::order::plan_after_test;
use crate::person::{Person, Segment};
use crate::pilot::{PILOT_NAME, Pilot};
use crate::random::{Purpose, Rng};
use crate::region::{RegionOptions, day, new_year};
use crate::row::{Row, Thousands};
use crate::service::{SERVICES, System};
use crate::sink::{Outcome, Sink};

pub(super) fn write(recorder: &Recorder<'_>, sink: &mut Sink) {
    let person = recorder.person;
    if let Some((days, mut rng)) = Days::of(recorder.options, person) {
        let assessment = Assessment::draw(days, &mut rng);
        add(recorder, sink, Extract::Assessments, |row| {
            row.text(&person.pseudonym)
                .text(assessment.tier.as_str())
                .date(assessment.contacted_on)
                .date_or_empty(assessment.started_on)
                .date_or_empty(assessment.completed_on);
        });
        Plan::draw(recorder.options, person, days, &mut rng);
        feedback(recorder, sink, &mut rng);
    }
    for plan in Plan::all_of(recorder.options, person, recorder.contacts) {
        add(recorder, sink, Extract::Plans, |row| {
            row.text(&person.pseudonym).text(plan.kind.as_str()).date(plan.from).date_or_empty(plan.to);
        });
    }
    if let Some(pilot) = Pilot::of(recorder.options, person) {
        let left_on = person.last_day();
        add(recorder, sink, Extract::Pilots, |row| {
            row.text(PILOT_NAME).text(&person.pseudonym).date(pilot.index_date).date_or_empty(left_on);
        });
    }
}

fn add(recorder: &Recorder<'_>, sink: &mut Sink, extract: Extract, write: impl Fn(&mut Row<'_>)) {
    for (file, _) in recorder.calendar.of(extract) {
        sink.row(file, Outcome::Accepted, &write);
    }
}

/// The days of somebody whose need is assessed.
#[derive(Debug, Clone, Copy)]
struct Days {
    first: Day,
    last: Day,
}

impl Days {
    /// The days, and the draws that follow the one that decided it.
    fn of(options: &RegionOptions, person: &Person) -> Option<(Self, Rng)> {
        let mut rng = Rng::new(options.seed, Purpose::Guidance, person.index);
        let assessed_per_mille = match person.segment {
            Segment::Complex => 800,
            Segment::Substance | Segment::ChildWelfare | Segment::Disability => 600,
            Segment::Elderly | Segment::Psychiatric => 300,
            Segment::Chronic => 20,
            _ => 4,
        };
        let is_assessed = person.is_listed && rng.per_mille(assessed_per_mille);
        let first = options.first_day().max(person.observed_from);
        let last = options.last_day().min(person.last_day().unwrap_or(Day(i32::MAX)));
        (is_assessed && first <= last).then_some((Days { first, last }, rng))
    }
}

/// From the first contact to the finished assessment; some are still open when extracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Assessment {
    pub(crate) tier: Tier,
    pub(crate) contacted_on: Day,
    pub(crate) started_on: Option<Day>,
    completed_on: Option<Day>,
}

impl Assessment {
    pub(crate) fn of(options: &RegionOptions, person: &Person) -> Option<Self> {
        Days::of(options, person).map(|(days, mut rng)| Assessment::draw(days, &mut rng))
    }

    fn draw(days: Days, rng: &mut Rng) -> Self {
        let tier = [Tier::Guidance, Tier::Basic, Tier::Multidisciplinary][rng.pick(&[350, 450, 200])];
        let contacted_on = Day(rng.between(days.first.0, days.last.0));
        let started_on =
            Day(contacted_on.0 + rng.below(6) as i32 + if rng.per_mille(250) { rng.below(40) as i32 } else { 0 });
        let completed_on = Day(started_on.0 + 5 + rng.below(70) as i32 + if rng.per_mille(200) { 60 } else { 0 });
        let known = |day: Day| (day <= days.last).then_some(day);
        Assessment { tier, contacted_on, started_on: known(started_on), completed_on: known(completed_on) }
    }
}

/// Somebody's plan, responsible worker or consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) kind: PlanKind,
    pub(crate) from: Day,
    pub(crate) to: Option<Day>,
}

/// Over how many days the way of working spreads in each county, from the middle year on.
pub(crate) const SPREAD_DAYS: [(&str, i32); 3] = [("16", 400), ("17", 540), ("18", 730)];

/// The county of somebody on a client list, and how the way of working spreads there: its first day and its days.
pub(crate) fn spread(options: &RegionOptions, person: &Person) -> Option<(&'static str, Day, i32)> {
    let county = person.known_municipality(options).and_then(county_of)?;
    let (county, days) = SPREAD_DAYS.into_iter().find(|(of, _)| *of == county)?;
    Some((county, new_year(i32::midpoint(options.first_year, options.last_year)), days))
}

impl Plan {
    /// Every plan of a person, those of guidance first.
    pub(crate) fn all_of(options: &RegionOptions, person: &Person, contacts: &[Contact]) -> Vec<Plan> {
        let mut plans = Vec::new();
        if let Some((days, mut rng)) = Days::of(options, person) {
            Assessment::draw(days, &mut rng);
            plans = Plan::draw(options, person, days, &mut rng);
        }
        let after_test = plan_after_test(options, person.index, person.last_known(options), contacts);
        plans.extend(after_test.map(|from| Plan { kind: PlanKind::MultiServicePlan, from, to: None }));
        plans
    }

    /// Nobody has any before the way of working begins to spread; then as many begin each day until it has spread in the
    /// county.
    fn draw(options: &RegionOptions, person: &Person, Days { first, last }: Days, rng: &mut Rng) -> Vec<Plan> {
        let mut plans = Vec::new();
        let Some((_, spread_from, spread_days)) = spread(options, person) else { return plans };
        for (kind, per_mille) in
            [(PlanKind::MultiServicePlan, 350), (PlanKind::ResponsibleWorker, 520), (PlanKind::Consent, 640)]
        {
            if rng.per_mille(per_mille) {
                let from = Day(rng.between(spread_from.0, spread_from.0 + spread_days - 1));
                let to = Day(from.0 + 90 + rng.below(600) as i32);
                let ended = rng.per_mille(400) && to <= last;
                if (first..=last).contains(&from) {
                    plans.push(Plan { kind, from, to: ended.then_some(to) });
                }
            }
        }
        plans
    }
}

/// An answer or two about the provider of a contact of the client's own.
fn feedback(recorder: &Recorder<'_>, sink: &mut Sink, rng: &mut Rng) {
    let social: Vec<_> = recorder.contacts.iter().filter(|c| c.service().system == System::SocialVisits).collect();
    let answers = rng.below(3).min(social.len() as u32);
    for answer in 0..answers {
        let about = social[rng.below(social.len() as u32) as usize];
        let given_on = Day(about.start.0 + 1 + rng.below(30) as i32);
        let tenths = 15 + rng.below(26) + 5 * answer;
        let score = format!("{},{}", tenths / 10, tenths % 10);
        add(recorder, sink, Extract::Feedback, |row| {
            row.text(&recorder.person.pseudonym)
                .text(office(about))
                .text(about.service().package)
                .text("asiakaskysely")
                .date(given_on)
                .text(&score);
        });
    }
}

/// The whole agreements extract: each office and package of social visits, a year at a time.
pub(crate) fn agreements(options: &RegionOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    Row::new(&mut bytes)
        .text("TUOTTAJA")
        .text("PAKETTI")
        .text("ALKU")
        .text("LOPPU")
        .text("MÄÄRÄ")
        .text("YKSIKKÖHINTA")
        .text("YKSIKKÖ")
        .end();
    let mut packages: Vec<_> = SERVICES.iter().filter(|s| s.system == System::SocialVisits).collect();
    packages.sort_by_key(|service| service.package);
    packages.dedup_by_key(|service| service.package);
    for year in options.years() {
        for (at, office) in OFFICES.iter().enumerate() {
            for service in &packages {
                let volume = (options.clients / 40 + 1) * (at as u64 + 1);
                Row::new(&mut bytes)
                    .text(office)
                    .text(service.package)
                    .date(new_year(year))
                    .date(day(year, 12, 31))
                    .number(volume)
                    .euros(Some(service.euros * 100 + 50), Thousands::None)
                    .text("contacts")
                    .end();
            }
        }
    }
    bytes
}

/// What the planted total has too many of: the rows and the totals differ by so many contacts.
pub(crate) const SURPLUS_CONTACTS: u64 = 7;

/// Use of one service in one year.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ServiceUse {
    pub(crate) clients: u64,
    pub(crate) contacts: u64,
    pub(crate) stay_days: u64,
    pub(crate) cost_cents: i64,
}

/// The whole extract of totals: social visits by service and year, as the rows have them, but for the first total.
pub(crate) fn aggregates<'a>(totals: impl Iterator<Item = (i32, &'a str, &'a ServiceUse)>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let names = ["PALVELU", "ALKU", "LOPPU", "ASIAKKAAT", "KÄYNNIT", "KUSTANNUS"];
    let mut head = Row::new(&mut bytes);
    names.iter().for_each(|name| {
        head.text(name);
    });
    head.end();
    for (at, (year, source_code, total)) in totals.enumerate() {
        let surplus = if at == 0 { SURPLUS_CONTACTS } else { 0 };
        Row::new(&mut bytes)
            .text(source_code)
            .date(new_year(year))
            .date(day(year, 12, 31))
            .number(total.clients)
            .number(total.contacts + surplus)
            .euros(Some(total.cost_cents), Thousands::NoBreakSpace)
            .end();
    }
    bytes
}
