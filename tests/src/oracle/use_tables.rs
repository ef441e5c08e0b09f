//! `service_use`, `services_per_client`, `combinations`, `sector_overlap`.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::Sector;
use virta_model::settings::{CountBy, Study};

use super::cell::row;
use super::cohort::used_keys;
use super::statistics::share;
use super::{PeriodPeople, Tables, Use};

pub(super) fn service_use(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("service_use").or_default();
    for period in periods {
        let users_of = |service: &str| {
            period.user_people().filter(|p| used_keys(p, period.window, CountBy::Service).contains(service)).count()
        };
        for (cohort, people) in period.groups(study) {
            let mut by_service: BTreeMap<String, (i64, Use)> = BTreeMap::new();
            for person in people {
                for (service, used) in person.use_by(period.window, CountBy::Service) {
                    let sum = by_service.entry(service).or_default();
                    sum.0 += 1;
                    sum.1.add(used);
                }
            }
            for (service, (clients, used)) in by_service {
                let cohort_share = share(clients, users_of(&service) as i64);
                let has_stays = period.world.service(&service).has_stays;
                rows.push(row![
                    cohort.as_str(),
                    period.label.as_str(),
                    service,
                    clients,
                    used.contacts,
                    if has_stays { used.stay_days } else { 0 },
                    used.known_cost(),
                    cohort_share,
                ]);
            }
        }
    }
}

/// Users by the number of distinct services used, from 1.
pub(super) fn services_per_client(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("services_per_client").or_default();
    for period in periods {
        let mut by_number: BTreeMap<usize, (i64, Use)> = BTreeMap::new();
        for person in period.user_people() {
            let used = person.use_in(period.window);
            let sum = by_number.entry(used_keys(person, period.window, CountBy::Service).len()).or_default();
            sum.0 += 1;
            sum.1.add(used);
        }
        for (services, (clients, used)) in by_number {
            rows.push(row![period.label.as_str(), services, clients, used.contacts, used.known_cost()]);
        }
    }
}

/// The sets of all services used in the period, whatever the cohort counts.
pub(super) fn combinations(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("combinations").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut by_set: BTreeMap<BTreeSet<String>, (i64, Use)> = BTreeMap::new();
            for person in people {
                let used = person.use_in(period.window);
                let sum = by_set.entry(used_keys(person, period.window, CountBy::Service)).or_default();
                sum.0 += 1;
                sum.1.add(used);
            }
            for (set, (clients, used)) in by_set {
                let codes: Vec<&str> = set.iter().map(String::as_str).collect();
                let (text, cost) = (codes.join("+"), used.known_cost());
                rows.push(row![cohort.as_str(), period.label.as_str(), text, set.len(), clients, used.contacts, cost]);
            }
        }
    }
}

/// Use of the sector `other` alone is a row of three no.
pub(super) fn sector_overlap(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("sector_overlap").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let mut by_flags: BTreeMap<[bool; 3], (i64, Use)> = BTreeMap::new();
            for person in people {
                let sectors = person.sectors(period.window);
                let flags = [Sector::Social, Sector::Primary, Sector::Specialised].map(|s| sectors.contains(&s));
                let sum = by_flags.entry(flags).or_default();
                sum.0 += 1;
                sum.1.add(person.use_in(period.window));
            }
            for ([social, primary, specialised], (clients, used)) in by_flags {
                let cost = used.known_cost();
                rows.push(row![cohort.as_str(), period.label.as_str(), social, primary, specialised, clients, cost,]);
            }
        }
    }
}
