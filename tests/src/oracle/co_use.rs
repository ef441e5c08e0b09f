//! `co_use`: each day of each person, and the services used on it.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::Study;

use super::cell::row;
use super::{PeriodPeople, Person, Tables};

/// One person's days with a pair of services.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OfPerson {
    pub days: i64,
    pub site_days: i64,
    /// Days with the one times days with the other.
    pub product: i64,
    /// Days on which the person could have used anything.
    pub possible: i64,
}

/// By pair of the services that a person used in the period.
pub(super) fn of(person: &Person<'_>, period: &PeriodPeople<'_>) -> BTreeMap<(String, String), OfPerson> {
    let mut by_day: Vec<BTreeMap<&str, BTreeSet<&str>>> = Vec::new();
    for day in period.window.days() {
        let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for contact in person.contacts.iter().filter(|contact| person.days_of(contact).has(day)) {
            services.entry(&contact.service).or_default().extend(contact.unit.as_deref());
        }
        by_day.push(services);
    }
    let days_with = |service: &str| by_day.iter().filter(|day| day.contains_key(service)).count() as i64;
    let used_days = by_day.iter().filter(|day| !day.is_empty()).count() as i64;
    let followed = period.window.days().filter(|day| person.end.is_none_or(|end| *day <= end)).count() as i64;
    let observed = person.observed_days(period.window);
    let possible = if observed > 0 { observed } else { followed }.max(used_days);
    let services: BTreeSet<&str> = by_day.iter().flat_map(|day| day.keys().copied()).collect();
    let mut pairs = BTreeMap::new();
    for &a in &services {
        for &b in services.iter().filter(|b| a < **b) {
            let both = || by_day.iter().filter(|day| day.contains_key(a) && day.contains_key(b));
            let one = OfPerson {
                days: both().count() as i64,
                site_days: both().filter(|day| day[a].intersection(&day[b]).next().is_some()).count() as i64,
                product: days_with(a) * days_with(b),
                possible,
            };
            pairs.insert((a.to_owned(), b.to_owned()), one);
        }
    }
    pairs
}

/// By pair, everybody of a group who used both.
pub(super) fn all(people: &[&Person<'_>], period: &PeriodPeople<'_>) -> BTreeMap<(String, String), Vec<OfPerson>> {
    let mut all: BTreeMap<(String, String), Vec<OfPerson>> = BTreeMap::new();
    for person in people {
        for (pair, one) in of(person, period) {
            all.entry(pair).or_default().push(one);
        }
    }
    all.retain(|_, each| each.iter().any(|one| one.days > 0));
    all
}

pub(super) fn co_use(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("co_use").or_default();
    for period in periods {
        let has_units = period.world.contacts.iter().any(|contact| contact.unit.is_some());
        for (cohort, people) in period.groups(study) {
            for ((a, b), each) in all(&people, period) {
                let clients = each.iter().filter(|one| one.days > 0).count();
                let site_clients = each.iter().filter(|one| one.site_days > 0).count() as i64;
                let site_days = each.iter().map(|one| one.site_days).sum::<i64>();
                rows.push(row![
                    cohort.as_str(),
                    period.label.as_str(),
                    a,
                    b,
                    clients,
                    each.iter().map(|one| one.days).sum::<i64>(),
                    has_units.then_some(site_clients),
                    has_units.then_some(site_days),
                    each.iter().map(|one| one.product as f64 / one.possible as f64).sum::<f64>(),
                ]);
            }
        }
    }
}
