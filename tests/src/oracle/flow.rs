//! `flows`, `flow_starts`, `flow_ends`, `pathways`, `unknown_order`, `monthly_states`.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::{Flow, Study, UnknownOrder};

use super::cell::row;
use super::statistics::median;
use super::{PeriodPeople, Person, Tables, Window, months};
use crate::world::Contact;

/// Client, gap, whether the order is unknown.
type Transition = (i64, i64, bool);

/// Consecutive contacts of the period with different services. The gap runs from the last day of the earlier contact
/// to the start of the later; it is negative where they overlap, and then always small enough. The order of two that are
/// tied is unknown; who skips it has no such transitions.
pub(super) fn flows(study: &Study, flow: &Flow, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let mut all_unknown = Vec::new();
    let rows = tables.entry("flows").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut gaps: BTreeMap<(&str, &str), Vec<Transition>> = BTreeMap::new();
            for person in people {
                let contacts = person.contacts_in(period.window);
                for pair in contacts.windows(2) {
                    let gap = i64::from(pair[1].start.0) - i64::from(person.last_day(pair[0]).0);
                    let is_tied = pair[0].is_tied_with(pair[1]);
                    if pair[0].service != pair[1].service
                        && gap <= i64::from(flow.max_gap_days)
                        && !(is_tied && flow.unknown_order == UnknownOrder::Skip)
                    {
                        gaps.entry((&pair[0].service, &pair[1].service)).or_default().push((person.id, gap, is_tied));
                    }
                }
            }
            let everybody: BTreeSet<i64> = gaps.values().flatten().map(|(client, ..)| *client).collect();
            let tied = gaps.values().flatten().filter(|(.., is_tied)| *is_tied);
            let tied: BTreeSet<i64> = tied.map(|(client, ..)| *client).collect();
            all_unknown.push(("flows", cohort.clone(), period.label.clone(), tied.len(), everybody.len()));
            for ((from, to), found) in gaps {
                let clients: BTreeSet<i64> = found.iter().map(|(client, ..)| *client).collect();
                let days: Vec<i64> = found.iter().map(|(_, gap, _)| *gap).collect();
                rows.push(row![
                    cohort.as_str(),
                    period.label.as_str(),
                    from,
                    to,
                    found.len(),
                    found.iter().filter(|(.., is_tied)| *is_tied).count(),
                    clients.len(),
                    median(&days),
                ]);
            }
        }
    }
    add_unknown_order(all_unknown, tables);
}

/// Table, cohort, period, clients whose order is not known, clients in the table.
type UnknownOf = (&'static str, String, String, usize, usize);

/// Rows of `unknown_order`, for groups that have anybody in the table.
fn add_unknown_order(unknown: Vec<UnknownOf>, tables: &mut Tables) {
    let rows = tables.entry("unknown_order").or_default();
    for (table, cohort, period, tied, all) in unknown.into_iter().filter(|(.., all)| *all > 0) {
        rows.push(row![table, cohort.as_str(), period.as_str(), tied, all, tied as f64 / all as f64]);
    }
}

/// Whether a contact of another service is tied with this one.
fn is_unknown(contact: &Contact, contacts: &[&Contact]) -> bool {
    contacts.iter().any(|other| other.is_tied_with(contact) && other.service != contact.service)
}

pub(super) fn ends(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    for (table, at_start) in [("flow_starts", true), ("flow_ends", false)] {
        let mut all_unknown = Vec::new();
        let rows = tables.entry(table).or_default();
        for period in periods {
            for (cohort, people) in period.groups(study) {
                let mut clients: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
                for person in people {
                    let contacts = person.contacts_in(period.window);
                    let end = if at_start { contacts.first() } else { contacts.last() };
                    if let Some(contact) = end {
                        let count = clients.entry(&contact.service).or_default();
                        *count = (count.0 + 1, count.1 + i64::from(is_unknown(contact, &contacts)));
                    }
                }
                let sum = |count: fn(&(i64, i64)) -> i64| clients.values().map(count).sum::<i64>() as usize;
                let (tied, all) = (sum(|count| count.1), sum(|count| count.0));
                all_unknown.push((table, cohort.clone(), period.label.clone(), tied, all));
                for (service, (clients, unknown)) in clients {
                    rows.push(row![cohort.as_str(), period.label.as_str(), service, clients, unknown]);
                }
            }
        }
        add_unknown_order(all_unknown, tables);
    }
}

pub(super) fn pathways(study: &Study, flow: &Flow, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let mut all_unknown = Vec::new();
    let rows = tables.entry("pathways").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut clients: BTreeMap<Vec<&str>, (i64, i64)> = BTreeMap::new();
            for person in people {
                let contacts = person.contacts_in(period.window);
                // The contacts that are a step: each whose service is not that of the one before.
                let is_step = |at: usize| at == 0 || contacts[at - 1].service != contacts[at].service;
                let steps = (0..contacts.len()).filter(|&at| is_step(at)).take(flow.max_steps as usize);
                let steps: Vec<usize> = steps.collect();
                let Some(&last) = steps.last() else { continue };
                let path = steps.iter().map(|&at| contacts[at].service.as_str()).collect();
                let count = clients.entry(path).or_default();
                let is_tied = contacts[..=last].iter().any(|contact| is_unknown(contact, &contacts));
                *count = (count.0 + 1, count.1 + i64::from(is_tied));
            }
            let sum = |count: fn(&(i64, i64)) -> i64| clients.values().map(count).sum::<i64>() as usize;
            let (tied, all) = (sum(|count| count.1), sum(|count| count.0));
            all_unknown.push(("pathways", cohort.clone(), period.label.clone(), tied, all));
            for (path, (clients, unknown)) in clients {
                let steps = path.len();
                rows.push(row![cohort.as_str(), period.label.as_str(), path.join("-"), steps, clients, unknown]);
            }
        }
    }
    add_unknown_order(all_unknown, tables);
}

/// The state of each of the period's people in each month of the period, cut to the period. Who is known not to live
/// there in the month and uses nothing in it has no state.
pub(super) fn monthly_states(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("monthly_states").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            for (month, window) in months(period.window) {
                let mut clients: BTreeMap<&str, i64> = BTreeMap::new();
                for person in &people {
                    let state = state(person, window);
                    let is_unknown = period.end.is_some_and(|end| window.from > end);
                    let is_gone = is_unknown || (person.is_listed() && person.observed_days(window) == 0);
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
