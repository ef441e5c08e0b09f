//! `contributors`: behind each row with a cost, the list of its clients' costs, written down client by client.

use std::collections::BTreeMap;

use virta_model::Sector;
use virta_model::settings::{CountBy, Heavy, Study};

use super::cell::row;
use super::cohort::used_keys;
use super::costs::{TOP_PERCENTS, costs};
use super::profile::{DIMENSIONS, value};
use super::statistics::top_count;
use super::{PeriodPeople, Person, Tables};

/// Table and key of a row to its clients' costs.
type Lists = BTreeMap<(&'static str, String), Vec<i64>>;

pub fn contributors(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let mut lists = Lists::new();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            people.iter().for_each(|person| of_cohort(study, period, &cohort, person, &mut lists));
        }
        period.user_people().for_each(|person| of_everybody(study, period, person, &mut lists));
        for denominator in ["users", "residents"] {
            let costs = costs(period, denominator).filter(|_| study.concentration.is_some());
            for (costs, percent) in costs.iter().flat_map(|costs| TOP_PERCENTS.map(|percent| (costs, percent))) {
                let key = format!("{}|{denominator}|{percent}", period.label);
                lists.insert(("concentration", key), costs[..top_count(costs.len(), percent)].to_vec());
            }
        }
    }
    let rows = tables.entry("contributors").or_default();
    for ((table, key), list) in lists {
        if list.len() < study.study.k as usize {
            continue;
        }
        let mut sizes: Vec<i64> = list.iter().map(|cost| cost.abs()).collect();
        sizes.sort_unstable();
        sizes.reverse();
        let total: i64 = sizes.iter().sum();
        rows.push(row![table, key, total, sizes[0], sizes[1], sizes.first() == sizes.last()]);
    }
}

fn of_cohort(study: &Study, period: &PeriodPeople<'_>, cohort: &str, person: &Person<'_>, lists: &mut Lists) {
    let cost = person.use_in(period.window).cost;
    let mut add = |table, key: String, cost| {
        lists.entry((table, format!("{cohort}|{}|{key}", period.label))).or_default().push(cost);
    };
    for dimension in DIMENSIONS.into_iter().filter(|name| *name != "segment" || !study.segments.is_empty()) {
        let value = value(study, period, person, dimension);
        if let Some(region) = value.clone().filter(|_| ["municipality", "wellbeing_county"].contains(&dimension)) {
            add("regions", format!("{dimension}|{region}"), cost);
        }
        add("profile", format!("{dimension}|{}", value.unwrap_or_default()), cost);
    }
    for (service, used) in person.use_by(period.window, CountBy::Service) {
        add("service_use", service, used.cost);
    }
    let set = used_keys(person, period.window, CountBy::Service);
    let codes: Vec<&str> = set.iter().map(String::as_str).collect();
    add("combinations", format!("{}|{}", codes.join("+"), codes.len()), cost);
    let sectors = person.sectors(period.window);
    let flags = [Sector::Social, Sector::Primary, Sector::Specialised].map(|sector| sectors.contains(&sector));
    add("sector_overlap", flags.map(|flag| flag.to_string()).join("|"), cost);
}

fn of_everybody(study: &Study, period: &PeriodPeople<'_>, person: &Person<'_>, lists: &mut Lists) {
    let cost = person.use_in(period.window).cost;
    let label = &period.label;
    let mut add = |table, key: String, cost| lists.entry((table, key)).or_default().push(cost);
    add("summary", label.clone(), cost);
    let services = used_keys(person, period.window, CountBy::Service).len();
    add("services_per_client", format!("{label}|{services}"), cost);
    if let Some(sweep) = &study.sweep {
        for &count_by in &sweep.count_by {
            for &min_contacts in &sweep.min_contacts {
                let heavy = Heavy { min_contacts, ..Heavy::default() };
                let counted = person.counted(period.window, count_by, &heavy, &BTreeMap::new()).len();
                for least in sweep.min_services.iter().filter(|least| counted >= **least as usize) {
                    add("sweep", format!("{label}|{}|{least}|{min_contacts}", count_by.as_str()), cost);
                }
            }
        }
    }
    if study.packages.is_some() {
        let mut by_pair: BTreeMap<(String, String), i64> = BTreeMap::new();
        for contact in person.contacts_in(period.window) {
            let package = period.world.service(&contact.service).package.clone().unwrap_or_default();
            let pair = (contact.provider.clone().unwrap_or_default(), package);
            *by_pair.entry(pair).or_default() += person.use_of(contact, period.window).cost;
        }
        for ((provider, package), cost) in by_pair {
            add("packages", format!("{provider}|{package}|{label}"), cost);
        }
    }
}
