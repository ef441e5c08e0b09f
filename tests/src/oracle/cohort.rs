//! Rule 4 and rule 5: who is a member, and which rule removes whom.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::{AgeAt, Cohort, Combine, Contacts, CountBy, Peak, SectorRule, Sequence, Study};
use virta_model::{Day, Sector};

use super::cell::row;
use super::{Cell, PeriodPeople, Person, Tables, Window, municipality_in, percentile};
use crate::world::Contact;

/// How one user stands in one cohort in one period.
#[derive(Debug, Clone)]
pub struct Standing {
    pub services: BTreeSet<String>,
    pub qualified_on: Option<Day>,
    pub age: Option<i32>,
    /// Whether the user passes each rule of the cohort, in the order of `rule_texts`.
    pub passes: Vec<bool>,
}

impl Standing {
    pub fn is_member(&self) -> bool {
        self.passes.iter().all(|passes| *passes)
    }

    /// Whether every rule but the first, the number of services, is passed.
    fn passes_the_rest(&self) -> bool {
        self.passes.iter().skip(1).all(|passes| *passes)
    }
}

/// How every user of a period stands in a cohort; earlier cohorts of the study must be there already.
pub(super) fn standings(study: &Study, cohort: &Cohort, period: &PeriodPeople<'_>) -> Vec<Standing> {
    let limits = percentiles(cohort, period);
    (0..period.users.len()).map(|user| standing(study, cohort, period, user, &limits)).collect()
}

/// Rule 3's percentile: of the contacts of each key's users in the period.
fn percentiles(cohort: &Cohort, period: &PeriodPeople<'_>) -> BTreeMap<String, i64> {
    let mut contacts: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for person in period.user_people() {
        for (key, used) in person.use_by(period.window, cohort.count_by) {
            contacts.entry(key).or_default().push(used.contacts);
        }
    }
    contacts.into_iter().map(|(key, values)| (key, percentile(&values, cohort.heavy.percentile).unwrap_or(0))).collect()
}

fn standing(
    study: &Study,
    cohort: &Cohort,
    period: &PeriodPeople<'_>,
    user: usize,
    limits: &BTreeMap<String, i64>,
) -> Standing {
    let person = &period.people[period.users[user]];
    let window = period.window;
    let (services, services_on) = counted_services(cohort, person, window, limits);
    let peak_on = peak(cohort, person, window);
    let sequences_on: Vec<Option<Day>> =
        cohort.sequences.iter().map(|sequence| sequence_day(sequence, person, window)).collect();
    let is_instead = cohort.peaks.iter().any(|peak| peak.combine == Combine::Any);
    let enough_on = match is_instead {
        true => [services_on, peak_on].into_iter().flatten().min(),
        false => services_on.map(|day| peak_on.map_or(day, |peak| peak.max(day))),
    };
    // The day on which the last of all that is asked for was there.
    let qualified_on = enough_on.map(|day| sequences_on.iter().flatten().copied().fold(day, Day::max));
    let first = person.contacts_in(window)[0].start;
    let age_day = |at| match at {
        AgeAt::PeriodStart => window.from,
        AgeAt::PeriodEnd => window.to,
        AgeAt::FirstContact => first,
    };
    let age = person.age_on(age_day(cohort.age.map(|rule| rule.at).unwrap_or_default()));
    let mut passes = vec![if is_instead { enough_on.is_some() } else { services_on.is_some() }];
    if !cohort.peaks.is_empty() && !is_instead {
        passes.push(peak_on.is_some());
    }
    passes.extend(sequences_on.iter().map(Option::is_some));
    if let Some(rule) = cohort.age {
        let fits = age.is_none_or(|age| i64::from(rule.min) <= age.into() && i64::from(age) <= rule.max.into());
        passes.extend([age.is_some(), fits]);
    }
    let sectors = person.sectors(window);
    for required in &cohort.sectors_required {
        passes.push(sectors.iter().any(|used| fulfils(*required, *used)));
    }
    if !cohort.municipalities.is_empty() {
        let year = window.to.year();
        let is_named = |code: String| cohort.municipalities.iter().any(|named| municipality_in(named, year) == code);
        passes.push(period.municipality(person).is_some_and(is_named));
    }
    if let Some(washout_days) = cohort.washout_days {
        passes.push(is_washed_out(person, first, washout_days));
    }
    if let Some(days) = cohort.observed_days_min {
        passes.push(person.observed_days(window) >= i64::from(days));
    }
    for excluded in &cohort.exclude_cohorts {
        let at = study.cohorts.iter().position(|other| other.name == *excluded).unwrap();
        passes.push(!period.standings[at][user].is_member());
    }
    Standing { services, qualified_on, age, passes }
}

/// The counted services and the day of qualifying: the first day by which the period (or the window that ends on it)
/// holds enough of them.
fn counted_services(
    cohort: &Cohort,
    person: &Person<'_>,
    window: Window,
    limits: &BTreeMap<String, i64>,
) -> (BTreeSet<String>, Option<Day>) {
    let of = |window| person.counted(window, cohort.count_by, &cohort.heavy, limits);
    let enough = |services: &BTreeSet<String>| services.len() >= cohort.min_services as usize;
    match cohort.rolling_days {
        Some(days) => {
            let rolling = |day: Day| Window { from: Day(day.0 - days as i32 + 1), to: day };
            let found = window.days().find(|&day| enough(&of(rolling(day))));
            // Somebody whom no window qualifies is shown with the period's services.
            found.map_or((of(window), None), |day| (of(rolling(day)), Some(day)))
        }
        None => {
            let services = of(window);
            let reached = || window.days().find(|&day| enough(&of(Window { from: window.from, to: day })));
            let qualified_on = if enough(&services) { reached() } else { None };
            (services, qualified_on)
        }
    }
}

/// The first day of the period on which the days of the period up to it, as many as the peak says, hold enough contacts.
fn peak(cohort: &Cohort, person: &Person<'_>, window: Window) -> Option<Day> {
    let is_reached = |peak: &Peak, day: Day| {
        let from = Day(day.0 - peak.within_days as i32 + 1).max(window.from);
        let contacts = person.contacts_in(Window { from, to: day });
        contacts.iter().filter(|contact| fits(person, contact, &peak.which())).count() >= peak.min_contacts as usize
    };
    window.days().find(|&day| cohort.peaks.iter().any(|peak| is_reached(peak, day)))
}

/// The first day of a second contact that comes after a first one, both beginning in the period.
fn sequence_day(sequence: &Sequence, person: &Person<'_>, window: Window) -> Option<Day> {
    let begun = |which: &Contacts| -> Vec<Day> {
        let contacts = person.contacts.iter().filter(|contact| window.has(contact.start));
        contacts.filter(|contact| fits(person, contact, which)).map(|contact| contact.start).collect()
    };
    let (firsts, seconds) = (begun(&sequence.first), begun(&sequence.then));
    let is_after = |first: &Day, second: &Day| (1..=sequence.within_days as i32).contains(&(second.0 - first.0));
    seconds.into_iter().filter(|second| firsts.iter().any(|first| is_after(first, second))).min()
}

/// Whether a contact is one of those that are meant.
pub(super) fn fits(person: &Person<'_>, contact: &Contact, which: &Contacts) -> bool {
    let service = person.world.service(&contact.service);
    (!which.emergency || person.is_emergency(contact))
        && (which.service.is_empty() || which.service.contains(&contact.service))
        && (which.sector.is_empty() || which.sector.iter().any(|sector| fulfils(*sector, service.sector)))
        && (which.package.is_empty() || service.package.as_ref().is_some_and(|one| which.package.contains(one)))
        && (which.mode.is_empty() || contact.mode.is_some_and(|mode| which.mode.contains(&mode)))
}

/// No day of any contact among the `washout_days` days before the first contact of the period began.
fn is_washed_out(person: &Person<'_>, first: Day, washout_days: u32) -> bool {
    let before = Window { from: Day(first.0 - washout_days as i32), to: Day(first.0 - 1) };
    washout_days == 0 || person.contacts_in(before).is_empty()
}

pub(super) fn attrition(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("attrition").or_default();
    for (at, cohort) in study.cohorts.iter().enumerate() {
        let mut step = 0;
        for period in periods {
            let standings = &period.standings[at];
            let prefix = if periods.len() > 1 { format!("{}: ", period.label) } else { String::new() };
            let mut remaining: Vec<&Standing> = standings.iter().collect();
            step += 1;
            rows.push(row![
                cohort.name.as_str(),
                step,
                format!("{prefix}users: any contact in the period"),
                remaining.len(),
                0,
                0
            ]);
            for (number, rule) in rule_texts(cohort).iter().enumerate() {
                let before = remaining.len();
                remaining.retain(|standing| standing.passes[number]);
                let alone = standings.iter().filter(|standing| !standing.passes[number]).count();
                step += 1;
                let text = format!("{prefix}{rule}");
                rows.push(row![cohort.name.as_str(), step, text, remaining.len(), before - remaining.len(), alone]);
            }
        }
    }
}

/// The rules of a cohort in order, in words. An unknown age is told apart from a wrong one.
fn rule_texts(cohort: &Cohort) -> Vec<String> {
    let within = cohort.rolling_days.map_or(String::new(), |days| format!(" within {days} days"));
    let peaks: Vec<String> = cohort.peaks.iter().map(Peak::to_string).collect();
    let (or, and) = match cohort.peaks.first().map(|peak| peak.combine) {
        Some(Combine::Any) => (format!(", or {}", peaks.join(", or ")), None),
        Some(Combine::All) => (String::new(), Some(format!("peak: {}", peaks.join(", or ")))),
        None => (String::new(), None),
    };
    let mut texts = vec![format!("services: at least {}{within}{or}", cohort.min_services)];
    texts.extend(and);
    texts.extend(cohort.sequences.iter().map(|sequence| format!("sequence: {sequence}")));
    if let Some(age) = cohort.age {
        let ages =
            if age.max == u32::MAX { format!("at least {}", age.min) } else { format!("{} to {}", age.min, age.max) };
        texts.extend(["age unknown".to_owned(), format!("age: {ages}")]);
    }
    texts.extend(cohort.sectors_required.iter().map(|sector| format!("sector {}", sector.as_str())));
    if !cohort.municipalities.is_empty() {
        texts.push(format!("municipalities: {}", cohort.municipalities.join(", ")));
    }
    texts.extend(cohort.washout_days.map(|days| format!("washout: {days} days")));
    texts.extend(cohort.observed_days_min.map(|days| format!("observed: at least {days} days")));
    texts.extend(cohort.exclude_cohorts.iter().map(|name| format!("not in {name}")));
    texts
}

fn fulfils(required: SectorRule, used: Sector) -> bool {
    match required {
        SectorRule::Social => used == Sector::Social,
        SectorRule::Primary => used == Sector::Primary,
        SectorRule::Specialised => used == Sector::Specialised,
        SectorRule::Other => used == Sector::Other,
        SectorRule::Health => used == Sector::Primary || used == Sector::Specialised,
    }
}

pub(super) fn members(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("members").or_default();
    for (at, cohort) in study.cohorts.iter().enumerate() {
        for period in periods {
            for (&user, standing) in period.users.iter().zip(&period.standings[at]) {
                if standing.is_member() {
                    rows.push(member_row(cohort, period, &period.people[user], standing));
                }
            }
        }
    }
}

fn member_row(cohort: &Cohort, period: &PeriodPeople<'_>, person: &Person<'_>, standing: &Standing) -> Vec<Cell> {
    let used = person.use_in(period.window);
    let service_set: Vec<&str> = standing.services.iter().map(String::as_str).collect();
    row![
        cohort.name.as_str(),
        period.label.as_str(),
        person.id,
        standing.age.filter(|age| *age >= 0).map(i64::from),
        person.client.sex.map(|sex| sex.as_str()),
        period.municipality(person),
        standing.services.len(),
        person.sectors(period.window).len(),
        used.contacts,
        used.stay_days,
        used.known_cost(),
        used.emergency,
        standing.qualified_on,
        service_set.join("+"),
    ]
}

/// Whether a user is a near member of a cohort: one counted service below the threshold, every other rule passed, and more
/// counted services than in the period before: the study's period that ends the day before this one begins, else as many
/// days right before it.
pub(super) fn is_near(study: &Study, period: &PeriodPeople<'_>, cohort: usize, user: usize) -> bool {
    let (rules, standing) = (&study.cohorts[cohort], &period.standings[cohort][user]);
    let person = &period.people[period.users[user]];
    let before =
        person.counted(window_before(study, period.window), rules.count_by, &rules.heavy, &percentiles(rules, period));
    standing.services.len() + 1 == rules.min_services as usize
        && standing.passes_the_rest()
        && !standing.is_member()
        && standing.services.len() > before.len()
}

pub(super) fn near_members(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("near_members").or_default();
    for (at, cohort) in study.cohorts.iter().enumerate() {
        for period in periods {
            let limits = percentiles(cohort, period);
            let before = window_before(study, period.window);
            for (user, standing) in (0..period.users.len()).zip(&period.standings[at]) {
                if is_near(study, period, at, user) {
                    let person = &period.people[period.users[user]];
                    let mut cells = member_row(cohort, period, person, standing);
                    cells.push(person.counted(before, cohort.count_by, &cohort.heavy, &limits).len().into());
                    rows.push(cells);
                }
            }
        }
    }
}

fn window_before(study: &Study, window: Window) -> Window {
    let to = Day(window.from.0 - 1);
    let same_length = Day(window.from.0 - window.days().count() as i32);
    let mut named: Vec<Day> =
        study.study.periods.iter().filter(|period| period.last == to).map(|period| period.first).collect();
    named.sort_by_key(|from| from.0.abs_diff(same_length.0));
    Window { from: named.first().copied().unwrap_or(same_length), to }
}

pub(super) fn definition_overlap(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("definition_overlap").or_default();
    for period in periods {
        for a in 0..study.cohorts.len() {
            for b in a + 1..study.cohorts.len() {
                let count = |wanted: fn(bool, bool) -> bool| {
                    let pairs = period.standings[a].iter().zip(&period.standings[b]);
                    pairs.filter(|(a, b)| wanted(a.is_member(), b.is_member())).count() as i64
                };
                let (both, only_a, only_b) = (count(|a, b| a && b), count(|a, b| a && !b), count(|a, b| !a && b));
                let jaccard = super::statistics::share(both, both + only_a + only_b);
                let names = (study.cohorts[a].name.as_str(), study.cohorts[b].name.as_str());
                rows.push(row![period.label.as_str(), names.0, names.1, both, only_a, only_b, jaccard]);
            }
        }
    }
}

/// The distinct keys of a level that a person used at all, for tables that know no thresholds.
pub(super) fn used_keys(person: &Person<'_>, window: Window, count_by: CountBy) -> BTreeSet<String> {
    person.use_by(window, count_by).into_keys().collect()
}
