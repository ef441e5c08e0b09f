//! `emergency_bands`, `emergency_hours`, `emergency_blocks`, `emergency_next`.
//!
//! An emergency visit of a period is an emergency contact or stay that starts in it.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::Day;
use virta_model::settings::Study;

use super::cell::row;
use super::statistics::share;
use super::{PeriodPeople, Person, Tables, Window};
use crate::world::Contact;

pub(super) type Band = (&'static str, fn(i64) -> bool);

pub(super) const BANDS: [Band; 8] = [
    ("1", |n| n == 1),
    ("2", |n| n == 2),
    ("3", |n| n == 3),
    ("4-9", |n| (4..=9).contains(&n)),
    ("10+", |n| n >= 10),
    (">=4", |n| n >= 4),
    (">4", |n| n > 4),
    (">=10", |n| n >= 10),
];

pub(super) fn visits<'a>(person: &Person<'a>, window: Window) -> Vec<&'a Contact> {
    let contacts = person.contacts_in(window).into_iter();
    contacts.filter(|contact| person.is_emergency(contact) && window.has(contact.start)).collect()
}

pub(super) fn bands(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("emergency_bands").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let counts: Vec<i64> = people.iter().map(|person| visits(person, period.window).len() as i64).collect();
            let visitors = counts.iter().filter(|&&n| n > 0).count() as i64;
            let whole: i64 = counts.iter().sum();
            for (band, holds) in BANDS {
                let inside: Vec<i64> = counts.iter().copied().filter(|&n| holds(n)).collect();
                let (clients, visits) = (inside.len() as i64, inside.iter().sum::<i64>());
                rows.push(row![
                    cohort.as_str(),
                    period.label.as_str(),
                    band,
                    clients,
                    visits,
                    share(clients, visitors),
                    share(visits, whole),
                ]);
            }
        }
    }
}

pub(super) fn hours(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("emergency_hours").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut by_hour: BTreeMap<(u32, Option<u32>), (BTreeSet<i64>, i64)> = BTreeMap::new();
            for person in people {
                for visit in visits(person, period.window) {
                    let hour = visit.time.map(|seconds| seconds / 3600);
                    let sum = by_hour.entry((visit.start.weekday(), hour)).or_default();
                    sum.0.insert(person.id);
                    sum.1 += 1;
                }
            }
            for ((weekday, hour), (clients, visits)) in by_hour {
                rows.push(row![cohort.as_str(), period.label.as_str(), weekday, hour, clients.len(), visits]);
            }
        }
    }
}

/// Whether a visit is at a weekend, and the first hour of its block of four.
pub(super) fn block(visit: &Contact) -> (bool, Option<u32>) {
    (visit.start.weekday() > 5, visit.time.map(|seconds| seconds / 3600 / 4 * 4))
}

pub(super) fn blocks(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("emergency_blocks").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut by_block: BTreeMap<(bool, Option<u32>), (BTreeSet<i64>, i64)> = BTreeMap::new();
            for person in people {
                for visit in visits(person, period.window) {
                    let sum = by_block.entry(block(visit)).or_default();
                    sum.0.insert(person.id);
                    sum.1 += 1;
                }
            }
            for ((weekend, from_hour), (clients, visits)) in by_block {
                rows.push(row![cohort.as_str(), period.label.as_str(), weekend, from_hour, clients.len(), visits]);
            }
        }
    }
}

/// The services that follow a visit within so many days.
pub(super) fn following<'a>(person: &Person<'a>, visit: &Contact, within_days: i32) -> BTreeSet<&'a str> {
    let after = Window { from: Day(visit.start.0 + 1), to: Day(visit.start.0 + within_days) };
    let is_followed = |contact: &Contact| person.end.is_none_or(|end| contact.start <= end);
    let contacts = person.contacts.iter().filter(|contact| after.has(contact.start) && is_followed(contact));
    contacts.map(|contact| contact.service.as_str()).collect()
}

/// A service follows a visit when a contact of it starts on the 1st to the 7th (30th) day after the visit's start,
/// also beyond the period's end, but not after the end of observation.
pub(super) fn next(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("emergency_next").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let whole: i64 = people.iter().map(|person| visits(person, period.window).len() as i64).sum();
            for within_days in [7, 30] {
                let mut by_service: BTreeMap<&str, (BTreeSet<i64>, i64)> = BTreeMap::new();
                for person in &people {
                    for visit in visits(person, period.window) {
                        let services = following(person, visit, within_days);
                        for service in services {
                            let sum = by_service.entry(service).or_default();
                            sum.0.insert(person.id);
                            sum.1 += 1;
                        }
                    }
                }
                for (service, (clients, visits)) in by_service {
                    rows.push(row![
                        cohort.as_str(),
                        period.label.as_str(),
                        i64::from(within_days),
                        service,
                        clients.len(),
                        visits,
                        share(visits, whole),
                    ]);
                }
            }
        }
    }
}
