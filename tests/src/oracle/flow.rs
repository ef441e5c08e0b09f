//! `flows`, `flow_starts`, `flow_ends`, `pathways`, `monthly_states`.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::{Flow, Study};

use super::cell::row;
use super::statistics::median;
use super::{PeriodPeople, Person, Tables, Window, months};

/// Consecutive contacts of the period with different services. The gap runs from the last day of the earlier contact
/// to the start of the later; it is negative where they overlap, and then always small enough.
pub fn flows(study: &Study, flow: &Flow, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("flows").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut gaps: BTreeMap<(&str, &str), Vec<(i64, i64)>> = BTreeMap::new();
            for person in people {
                let contacts = person.contacts_in(period.window);
                for pair in contacts.windows(2) {
                    let gap = i64::from(pair[1].start.0) - i64::from(person.last_day(pair[0]).0);
                    if pair[0].service != pair[1].service && gap <= i64::from(flow.max_gap_days) {
                        gaps.entry((&pair[0].service, &pair[1].service)).or_default().push((person.id, gap));
                    }
                }
            }
            for ((from, to), found) in gaps {
                let clients: BTreeSet<i64> = found.iter().map(|(client, _)| *client).collect();
                let days: Vec<i64> = found.iter().map(|(_, gap)| *gap).collect();
                rows.push(row![
                    cohort.as_str(),
                    period.label.as_str(),
                    from,
                    to,
                    found.len(),
                    clients.len(),
                    median(&days),
                ]);
            }
        }
    }
}

pub fn ends(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    for (table, at_start) in [("flow_starts", true), ("flow_ends", false)] {
        let rows = tables.entry(table).or_default();
        for period in periods {
            for (cohort, people) in period.groups(study) {
                let mut clients: BTreeMap<&str, i64> = BTreeMap::new();
                for person in people {
                    let contacts = person.contacts_in(period.window);
                    let end = if at_start { contacts.first() } else { contacts.last() };
                    if let Some(contact) = end {
                        *clients.entry(&contact.service).or_default() += 1;
                    }
                }
                for (service, clients) in clients {
                    rows.push(row![cohort.as_str(), period.label.as_str(), service, clients]);
                }
            }
        }
    }
}

pub fn pathways(study: &Study, flow: &Flow, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("pathways").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut clients: BTreeMap<Vec<&str>, i64> = BTreeMap::new();
            for person in people {
                let mut path: Vec<&str> = Vec::new();
                for contact in person.contacts_in(period.window) {
                    if path.last() != Some(&contact.service.as_str()) {
                        path.push(&contact.service);
                    }
                }
                path.truncate(flow.max_steps as usize);
                if !path.is_empty() {
                    *clients.entry(path).or_default() += 1;
                }
            }
            for (path, clients) in clients {
                rows.push(row![cohort.as_str(), period.label.as_str(), path.join("-"), path.len(), clients]);
            }
        }
    }
}

/// The state of each of the period's people in each month of the period, cut to the period. Who is known not to live
/// there in the month and uses nothing in it has no state.
pub fn monthly_states(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("monthly_states").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            for (month, window) in months(period.window) {
                let mut clients: BTreeMap<&str, i64> = BTreeMap::new();
                for person in &people {
                    let state = state(person, window);
                    let is_gone = person.is_listed() && person.observed_days(window) == 0;
                    if state != "none" || !is_gone {
                        *clients.entry(state).or_default() += 1;
                    }
                }
                for (state, clients) in clients {
                    rows.push(row![cohort.as_str(), month.as_str(), state, clients]);
                }
            }
        }
    }
}

fn state(person: &Person<'_>, month: Window) -> &'static str {
    let sectors = person.sectors(month);
    match sectors.len() {
        0 => "none",
        1 => sectors.first().map_or("none", |sector| sector.as_str()),
        _ => "several",
    }
}
