//! `funnel`: each person, each step, looked for one day at a time.

use virta_model::Day;
use virta_model::settings::{FunnelStep, Study, What};

use super::access::median;
use super::cell::row;
use super::cohort::fits;
use super::statistics::share;
use super::{PeriodPeople, Person, Tables};

/// Every day of a person with such an event, as far as anybody is followed.
fn days(person: &Person<'_>, what: &What) -> Vec<Day> {
    let world = person.world;
    let days: Vec<Day> = match what {
        What::Contacts(which) => {
            person.contacts.iter().filter(|one| fits(person, one, which)).map(|one| one.start).collect()
        }
        What::Plan(kind) => {
            let plans = world.plans.iter().filter(|one| one.client == person.id && one.kind == *kind);
            plans.map(|one| one.from).collect()
        }
        What::Assessment(tier) => {
            let all = world.assessments.iter().filter(|one| one.client == person.id && one.tier == *tier);
            all.filter_map(|one| one.started.or(one.completed)).collect()
        }
    };
    days.into_iter().filter(|day| person.end.is_none_or(|end| *day <= end)).collect()
}

/// The day of each step that a person reached, and the wait for each that was waited for.
fn walk(person: &Person<'_>, period: &PeriodPeople<'_>, steps: &[FunnelStep]) -> (Vec<Day>, Vec<(i64, bool)>) {
    let (mut reached, mut waits): (Vec<Day>, Vec<(i64, bool)>) = (Vec::new(), Vec::new());
    for step in steps {
        let days = days(person, &step.what);
        let Some(&before) = reached.last() else {
            match days.into_iter().filter(|day| period.window.has(*day)).min() {
                Some(day) => reached.push(day),
                None => break,
            }
            continue;
        };
        let next = days.into_iter().filter(|day| *day > before).min();
        let last = person.observation_end().into_iter().chain(person.end).min().unwrap_or(before).max(before);
        let wait = i64::from(next.unwrap_or(last).0 - before.0);
        waits.push((wait, next.is_some()));
        match next {
            Some(day) if step.within_days.is_none_or(|within| wait <= i64::from(within)) => reached.push(day),
            _ => break,
        }
    }
    (reached, waits)
}

pub(super) fn funnels(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("funnel").or_default();
    for funnel in &study.funnels {
        for period in periods {
            let people = period.population.iter().map(|&at| &period.people[at]);
            let walks: Vec<_> = people.map(|person| walk(person, period, &funnel.steps)).collect();
            let reached = |step: usize| walks.iter().filter(|(reached, _)| reached.len() > step).count() as i64;
            for (at, step) in funnel.steps.iter().enumerate() {
                let before = at.checked_sub(1);
                let waits: Vec<(i64, bool)> =
                    before.map_or(Vec::new(), |at| walks.iter().filter_map(|walk| walk.1.get(at).copied()).collect());
                rows.push(row![
                    funnel.name.as_str(),
                    period.label.as_str(),
                    at + 1,
                    step.what.to_string(),
                    reached(at),
                    share(reached(at), reached(0)),
                    before.and_then(|before| share(reached(at), reached(before))),
                    median(&waits),
                ]);
            }
        }
    }
}
