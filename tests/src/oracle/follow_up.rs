//! `follow_up`: each event of each person, and the first contact of the other kind after it.

use std::collections::BTreeSet;

use virta_model::schema;
use virta_model::settings::{Follow, Study};

use super::access::{median, p90};
use super::cohort::fits;
use super::{Cell, PeriodPeople, Person, Tables};

/// How long, and whether something followed.
pub(super) type Wait = (i64, bool);

/// The waits of a person's events of a period.
pub(super) fn waits(person: &Person<'_>, period: &PeriodPeople<'_>, follow: &Follow) -> Vec<Wait> {
    let begins = person.contacts.iter().filter(|contact| period.window.has(contact.start));
    let events = begins.filter(|contact| fits(person, contact, &follow.first));
    let wait = |event: &&&crate::world::Contact| {
        let after = person.contacts.iter().filter(|contact| contact.start > event.start);
        let seen = after.filter(|contact| person.end.is_none_or(|end| contact.start <= end));
        let next = seen.filter(|contact| fits(person, contact, &follow.then)).map(|contact| contact.start).min();
        let last = person.observation_end().into_iter().chain(person.end).min().unwrap_or(event.start);
        let until = next.unwrap_or(last.max(event.start));
        (i64::from(until.0 - event.start.0), next.is_some())
    };
    events.collect::<Vec<_>>().iter().map(wait).collect()
}

/// Those followed within so many days.
pub(super) fn within(waits: &[Wait], days: u32) -> i64 {
    waits.iter().filter(|(wait, is_over)| *is_over && *wait <= i64::from(days)).count() as i64
}

/// The column of a limit.
pub(super) fn column(days: u32) -> &'static str {
    let named = format!("followed_{days}");
    schema::follow_up(&[days]).columns.iter().map(|column| column.name).find(|name| *name == named).unwrap()
}

pub(super) fn follow_up(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let limits: BTreeSet<u32> = study.follows.iter().flat_map(|follow| follow.within_days.clone()).collect();
    let rows = tables.entry("follow_up").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            for follow in &study.follows {
                let each: Vec<Vec<Wait>> = people.iter().map(|person| waits(person, period, follow)).collect();
                let all: Vec<Wait> = each.iter().flatten().copied().collect();
                let clients = each.iter().filter(|waits| !waits.is_empty()).count();
                let mut row: Vec<Cell> = vec![
                    cohort.as_str().into(),
                    period.label.as_str().into(),
                    follow.name.as_str().into(),
                    all.len().into(),
                    clients.into(),
                ];
                for days in &limits {
                    let has = follow.within_days.contains(days);
                    row.push(if has { within(&all, *days).into() } else { Cell::Null });
                }
                row.push(median(&all).map_or(Cell::Null, Cell::Ratio));
                row.push(p90(&all).map_or(Cell::Null, Cell::Int));
                rows.push(row);
            }
        }
    }
}
