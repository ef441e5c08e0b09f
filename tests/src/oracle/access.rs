//! `access`: waits as lists, working days from an almanac, Kaplan-Meier in fractions.

use std::collections::BTreeSet;

use virta_model::settings::Access;
use virta_model::{Day, PlanKind, Tier};

use super::cell::row;
use super::statistics::share;
use super::{PeriodPeople, Tables};
use crate::world::Assessment;

/// Weekdays off, from the almanacs of 2012 to 2014: the worlds of tests lie there.
const DAYS_OFF: [&str; 30] = [
    "2012-01-06",
    "2012-04-06",
    "2012-04-09",
    "2012-05-01",
    "2012-05-17",
    "2012-06-22",
    "2012-12-06",
    "2012-12-24",
    "2012-12-25",
    "2012-12-26",
    "2013-01-01",
    "2013-03-29",
    "2013-04-01",
    "2013-05-01",
    "2013-05-09",
    "2013-06-21",
    "2013-12-06",
    "2013-12-24",
    "2013-12-25",
    "2013-12-26",
    "2014-01-01",
    "2014-01-06",
    "2014-04-18",
    "2014-04-21",
    "2014-05-01",
    "2014-05-29",
    "2014-06-20",
    "2014-12-24",
    "2014-12-25",
    "2014-12-26",
];

fn working_days(from: Day, to: Day) -> i64 {
    let is_working = |day: &Day| day.weekday() < 6 && !DAYS_OFF.contains(&day.to_string().as_str());
    (from.0 + 1..=to.0).map(Day).filter(is_working).count() as i64
}

fn days(from: Day, to: Day) -> i64 {
    (from.0 + 1..=to.0).count() as i64
}

/// How long, and whether it ended.
type Wait = (i64, bool);

/// The share still waiting after a time, as a fraction.
fn still_waiting(waits: &[Wait], after: i64) -> (i128, i128) {
    let ends: BTreeSet<i64> = waits.iter().filter(|(time, over)| *over && *time <= after).map(|wait| wait.0).collect();
    ends.into_iter().fold((1, 1), |(above, below), end| {
        let at_risk = waits.iter().filter(|(time, _)| *time >= end).count() as i128;
        let ended = waits.iter().filter(|(time, over)| *over && *time == end).count() as i128;
        let (above, below) = (above * (at_risk - ended), below * at_risk);
        let divisor = (1..=below).rev().find(|d| above % d == 0 && below % d == 0).unwrap_or(1);
        (above / divisor, below / divisor)
    })
}

pub(super) fn median(waits: &[Wait]) -> Option<f64> {
    let ends: BTreeSet<i64> = waits.iter().filter(|wait| wait.1).map(|wait| wait.0).collect();
    let at = |end: i64| {
        let (above, below) = still_waiting(waits, end);
        2 * above - below
    };
    let first = ends.iter().copied().find(|&end| at(end) <= 0)?;
    let next = ends.iter().copied().find(|&end| end > first);
    Some(match next {
        Some(next) if at(first) == 0 => (first + next) as f64 / 2.0,
        _ => first as f64,
    })
}

pub(super) fn p90(waits: &[Wait]) -> Option<i64> {
    let ends: BTreeSet<i64> = waits.iter().filter(|wait| wait.1).map(|wait| wait.0).collect();
    ends.into_iter().find(|&end| {
        let (above, below) = still_waiting(waits, end);
        10 * above <= below
    })
}

pub(super) fn access(limits: &Access, until: Option<Day>, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("access").or_default();
    for period in periods {
        let world = period.world;
        let place_of = |one: &Assessment| period.people.iter().position(|person| person.id == one.client);
        let is_ours = |one: &&Assessment| {
            let known = place_of(one).map_or(period.has_no_age_limit, |at| period.population.contains(&at));
            known && period.window.has(one.contacted)
        };
        let ours: Vec<&Assessment> = world.assessments.iter().filter(is_ours).collect();
        let town = |one: &Assessment| place_of(one).and_then(|at| period.municipality(&period.people[at]));
        let county = |one: &Assessment| {
            let home = place_of(one).and_then(|at| period.people[at].client.municipality.as_ref());
            home.and_then(|home| world.counties.get(home).cloned())
        };
        // What a row is called, and which assessments it holds.
        let mut places: BTreeSet<(Option<String>, Option<String>)> = BTreeSet::new();
        let all = || Some("all".to_owned());
        for one in &ours {
            places.insert((all(), all()));
            places.insert((town(one), county(one)));
            if let Some(county) = county(one) {
                places.insert((all(), Some(county)));
            }
        }
        for (municipality, region) in places {
            for tier in std::iter::once(None).chain(Tier::ALL.iter().copied().map(Some)) {
                let here: Vec<&Assessment> = ours
                    .iter()
                    .copied()
                    .filter(|one| tier.is_none_or(|tier| tier == one.tier))
                    .filter(|one| municipality == all() || town(one) == municipality)
                    .filter(|one| region == all() || county(one) == region)
                    .collect();
                if here.is_empty() {
                    continue;
                }
                let seen_to = |one: &Assessment| {
                    let ends = place_of(one).and_then(|at| period.people[at].observation_end());
                    let known = std::iter::once(world.known_to(&one.source)).chain(until);
                    ends.into_iter().chain(known).min().unwrap_or(one.contacted).max(one.contacted)
                };
                // What happens after the end that the study sets is not there yet.
                let seen = |day: Option<Day>| day.filter(|day| until.is_none_or(|until| *day <= until));
                let completed = |one: &Assessment| seen(one.completed);
                let started = |one: &Assessment| seen(one.started).or(completed(one));
                let wait = |one: &Assessment, end: Option<Day>, between: fn(Day, Day) -> i64| {
                    (between(one.contacted, end.unwrap_or(seen_to(one))), end.is_some())
                };
                let starts: Vec<Wait> = here.iter().map(|one| wait(one, started(one), working_days)).collect();
                let ends: Vec<Wait> = here.iter().map(|one| wait(one, completed(one), days)).collect();
                let due = |waits: &[Wait], limit: u32| {
                    waits.iter().filter(|(time, over)| *over || *time > i64::from(limit)).count() as i64
                };
                let in_time = |waits: &[Wait], limit: u32| {
                    waits.iter().filter(|(time, over)| *over && *time <= i64::from(limit)).count() as i64
                };
                let (start_max, complete_max) = (limits.start_working_days_max, limits.complete_days_max);
                let clients: BTreeSet<i64> = here.iter().map(|one| one.client).collect();
                let last = until.map_or(period.window.to, |until| until.min(period.window.to));
                let covered = |kind: PlanKind| {
                    let plans = || world.plans.iter().filter(|plan| plan.kind == kind);
                    let has = |client: &&i64| {
                        let first = here.iter().filter(|one| one.client == **client).map(|one| one.contacted).min();
                        let from = first.unwrap();
                        let mut theirs = plans().filter(|plan| plan.client == **client);
                        theirs.any(|plan| plan.from <= last && plan.to.is_none_or(|to| to >= from))
                    };
                    plans().next().map(|_| clients.iter().filter(has).count() as i64)
                };
                let n = clients.len() as i64;
                let of_clients = |kind| covered(kind).and_then(|covered| share(covered, n));
                rows.push(row![
                    tier.map_or("all", Tier::as_str),
                    period.label.as_str(),
                    municipality.clone(),
                    region.clone(),
                    n,
                    here.len(),
                    here.iter().filter(|one| started(one).is_none()).count(),
                    median(&starts),
                    p90(&starts),
                    due(&starts, start_max),
                    in_time(&starts, start_max),
                    share(in_time(&starts, start_max), due(&starts, start_max)),
                    median(&ends),
                    p90(&ends),
                    due(&ends, complete_max),
                    in_time(&ends, complete_max),
                    share(in_time(&ends, complete_max), due(&ends, complete_max)),
                    covered(PlanKind::ResponsibleWorker),
                    of_clients(PlanKind::ResponsibleWorker),
                    covered(PlanKind::MultiServicePlan),
                    of_clients(PlanKind::MultiServicePlan),
                    covered(PlanKind::Consent),
                    of_clients(PlanKind::Consent),
                ]);
            }
        }
    }
}
