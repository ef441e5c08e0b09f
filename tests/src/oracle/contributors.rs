//! `contributors`: behind each amount of a row, the list of what its clients add, written down client by client.

use std::collections::BTreeMap;

use virta_model::Sector;
use virta_model::settings::{CountBy, Heavy, Study, UnknownOrder};

use super::cell::row;
use super::co_use;
use super::cohort::used_keys;
use super::costs::{TOP_PERCENTS, costs};
use super::emergency;
use super::episodes;
use super::follow_up;
use super::joiners;
use super::person::Use;
use super::profile::{DIMENSIONS, value};
use super::sectors;
use super::statistics::top_count;
use super::{PeriodPeople, Person, Tables};

/// Table, key of a row and column to what its clients add.
type Lists = BTreeMap<(&'static str, String, &'static str), Vec<i64>>;

/// Tables whose rows of few clients may be put together.
const POOLED: [&str; 5] = ["emergency_bands", "emergency_hours", "profile", "regions", "services_per_client"];

/// `given` are the answers that each client gave, by key of the row of `packages`.
pub(super) fn contributors(
    study: &Study,
    periods: &[PeriodPeople<'_>],
    given: Vec<(String, Vec<i64>)>,
    tables: &mut Tables,
) {
    let mut lists = Lists::new();
    for (key, answers) in given.into_iter().filter(|(_, answers)| !answers.is_empty()) {
        lists.insert(("packages", key, "answers"), answers);
    }
    for period in periods {
        for (cohort, people) in period.groups(study) {
            people.iter().for_each(|person| of_cohort(study, period, &cohort, person, &mut lists));
            if study.co_use.is_some() {
                of_pairs(study, period, &cohort, &people, &mut lists);
            }
        }
        period.user_people().for_each(|person| of_everybody(study, period, person, &mut lists));
        for denominator in ["users", "residents"] {
            let costs = costs(period, denominator).filter(|_| study.concentration.is_some());
            for (costs, percent) in costs.iter().flat_map(|costs| TOP_PERCENTS.map(|percent| (costs, percent))) {
                let key = format!("{}|{denominator}|{percent}", period.label);
                lists.insert(("concentration", key, "cost_cents"), costs[..top_count(costs.len(), percent)].to_vec());
            }
        }
    }
    if study.concentration.is_some() {
        for period in periods {
            for sector in Sector::ALL {
                for (_, used) in sectors::users(period, *sector) {
                    for (measure, amount) in
                        [("contacts", used.contacts), ("days", used.days), ("cost_cents", used.cost)]
                    {
                        let key = ("sector_concentration", format!("{}|{sector}", period.label), measure);
                        lists.entry(key).or_default().push(amount);
                    }
                }
            }
        }
    }
    if study.joiners.is_some() {
        for one in joiners::all(study, periods) {
            let key = ("joiners", one.key.join("|"), "cost_cents");
            lists.entry(key).or_default().push(one.cost.unwrap_or(0));
        }
    }
    let rows = tables.entry("contributors").or_default();
    for ((table, key, measure), list) in lists {
        if list.len() < study.study.protection().k as usize && !POOLED.contains(&table) {
            continue;
        }
        let mut sizes: Vec<i64> = list.iter().map(|amount| amount.abs()).collect();
        sizes.sort_unstable();
        sizes.reverse();
        let givers = sizes.iter().filter(|size| **size > 0).count() as i64;
        let (total, second) = (sizes.iter().sum::<i64>(), sizes.get(1).copied().unwrap_or(0));
        rows.push(row![table, key, measure, givers, total, sizes[0], second]);
    }
}

/// A row counts the clients who have both services on one day, but chance also those who have them on different days.
fn of_pairs(study: &Study, period: &PeriodPeople<'_>, cohort: &str, people: &[&Person<'_>], lists: &mut Lists) {
    let has_units = period.world.contacts.iter().any(|contact| contact.unit.is_some());
    for ((a, b), each) in co_use::all(people, period) {
        let clients = each.iter().filter(|one| one.days > 0).count();
        if clients < study.study.protection().k as usize {
            continue;
        }
        let key = format!("{cohort}|{}|{a}|{b}", period.label);
        let mut add = |measure, of: fn(&co_use::OfPerson) -> i64| {
            lists.insert(("co_use", key.clone(), measure), each.iter().map(of).collect());
        };
        add("days", |one| one.days);
        // In thousandths, rounded up.
        add("expected_days", |one| (one.product * 1000 + one.possible - 1) / one.possible);
        if has_units {
            add("same_site_days", |one| one.site_days);
        }
    }
}

fn of_cohort(study: &Study, period: &PeriodPeople<'_>, cohort: &str, person: &Person<'_>, lists: &mut Lists) {
    let all = person.use_in(period.window);
    let mut add = |table, key: String, amounts: &[(&'static str, i64)]| {
        for &(measure, amount) in amounts {
            let key = format!("{cohort}|{}|{key}", period.label);
            lists.entry((table, key, measure)).or_default().push(amount);
        }
    };
    let use_and_cost = [("contacts", all.contacts), ("cost_cents", all.cost)];
    for dimension in DIMENSIONS.into_iter().filter(|name| *name != "segment" || !study.segments.is_empty()) {
        let value = value(study, period, person, dimension);
        if let Some(region) = value.clone().filter(|_| ["municipality", "wellbeing_county"].contains(&dimension)) {
            add("regions", format!("{dimension}|{region}"), &use_and_cost);
        }
        add("profile", format!("{dimension}|{}", value.unwrap_or_default()), &use_and_cost);
    }
    for (service, used) in person.use_by(period.window, CountBy::Service) {
        let stay_days = if period.world.service(&service).has_stays { used.stay_days } else { 0 };
        let amounts = [("contacts", used.contacts), ("stay_days", stay_days), ("cost_cents", used.cost)];
        add("service_use", service, &amounts);
    }
    let set = used_keys(person, period.window, CountBy::Service);
    let codes: Vec<&str> = set.iter().map(String::as_str).collect();
    add("combinations", format!("{}|{}", codes.join("+"), codes.len()), &use_and_cost);
    let sectors = person.sectors(period.window);
    let flags = [Sector::Social, Sector::Primary, Sector::Specialised].map(|sector| sectors.contains(&sector));
    add("sector_overlap", flags.map(|flag| flag.to_string()).join("|"), &[("cost_cents", all.cost)]);
    if let Some(flow) = &study.flow {
        let mut pairs: BTreeMap<String, i64> = BTreeMap::new();
        for pair in person.contacts_in(period.window).windows(2) {
            let gap = i64::from(pair[1].start.0) - i64::from(person.last_day(pair[0]).0);
            let is_tied = pair[0].is_tied_with(pair[1]);
            let is_left_out = is_tied && flow.unknown_order == UnknownOrder::Skip;
            if pair[0].service != pair[1].service && gap <= i64::from(flow.max_gap_days) && !is_left_out {
                *pairs.entry(format!("{}|{}", pair[0].service, pair[1].service)).or_default() += 1;
            }
        }
        for (key, count) in pairs {
            add("flows", key, &[("transitions", count)]);
        }
    }
    if let Some(settings) = &study.episodes {
        for (service, one) in episodes::of(person, period, settings) {
            let amounts = [
                ("episodes", one.lengths.len() as i64),
                ("open", one.open()),
                ("days", one.days),
                ("cost_cents", one.used.cost),
            ];
            add("episodes", service, &amounts);
        }
    }
    for follow in &study.follows {
        let waits = follow_up::waits(person, period, follow);
        if waits.is_empty() {
            continue;
        }
        add("follow_up", follow.name.clone(), &[("events", waits.len() as i64)]);
        for &days in &follow.within_days {
            let column = follow_up::column(days);
            add("follow_up", follow.name.clone(), &[(column, follow_up::within(&waits, days))]);
        }
    }
    if study.emergency.is_some() {
        for ((table, key), count) in emergencies(person, period) {
            add(table, key, &[("visits", count)]);
        }
    }
}

/// One client's emergency visits by table and key. The whole that shares are of has the key null.
fn emergencies(person: &Person<'_>, period: &PeriodPeople<'_>) -> BTreeMap<(&'static str, String), i64> {
    let visits = emergency::visits(person, period.window);
    let mut sums = BTreeMap::new();
    let all = visits.len() as i64;
    if all == 0 {
        return sums;
    }
    sums.insert(("emergency_bands", String::new()), all);
    for (band, _) in emergency::BANDS.into_iter().filter(|(_, holds)| holds(all)) {
        sums.insert(("emergency_bands", band.to_owned()), all);
    }
    let text = |hour: Option<u32>| hour.map_or_else(String::new, |hour| hour.to_string());
    for visit in &visits {
        let hour = text(visit.time.map(|seconds| seconds / 3600));
        *sums.entry(("emergency_hours", format!("{}|{hour}", visit.start.weekday()))).or_default() += 1;
        let (weekend, from_hour) = emergency::block(visit);
        *sums.entry(("emergency_blocks", format!("{weekend}|{}", text(from_hour)))).or_default() += 1;
    }
    for within_days in [7, 30] {
        sums.insert(("emergency_next", format!("{within_days}|")), all);
        for service in visits.iter().flat_map(|visit| emergency::following(person, visit, within_days)) {
            *sums.entry(("emergency_next", format!("{within_days}|{service}"))).or_default() += 1;
        }
    }
    sums
}

fn of_everybody(study: &Study, period: &PeriodPeople<'_>, person: &Person<'_>, lists: &mut Lists) {
    let all = person.use_in(period.window);
    let label = &period.label;
    let mut add = |table, key: String, amounts: &[(&'static str, i64)]| {
        for &(measure, amount) in amounts {
            lists.entry((table, key.clone(), measure)).or_default().push(amount);
        }
    };
    let use_and_cost = [("contacts", all.contacts), ("cost_cents", all.cost)];
    let unpriced = [("unpriced_contacts", all.unpriced)];
    add("summary", label.clone(), &use_and_cost);
    add("summary", label.clone(), &unpriced);
    let services = used_keys(person, period.window, CountBy::Service).len();
    add("services_per_client", format!("{label}|{services}"), &use_and_cost);
    if let Some(sweep) = &study.sweep {
        for &count_by in &sweep.count_by {
            for &min_contacts in &sweep.min_contacts {
                let heavy = Heavy { min_contacts, ..Heavy::default() };
                let counted = person.counted(period.window, count_by, &heavy, &BTreeMap::new()).len();
                for least in sweep.min_services.iter().filter(|least| counted >= **least as usize) {
                    let key = format!("{label}|{}|{least}|{min_contacts}", count_by.as_str());
                    add("sweep", key, &[("cost_cents", all.cost)]);
                }
            }
        }
    }
    if study.packages.is_some() {
        let mut by_pair: BTreeMap<(String, String), Use> = BTreeMap::new();
        for contact in person.contacts_in(period.window) {
            let package = period.world.service(&contact.service).package.clone().unwrap_or_default();
            let pair = (contact.provider.clone().unwrap_or_default(), package);
            by_pair.entry(pair).or_default().add(person.use_of(contact, period.window));
        }
        for ((provider, package), used) in by_pair {
            let amounts = [
                ("contacts", used.contacts),
                ("days", used.days),
                ("cost_cents", used.cost),
                ("priced_contacts", used.contacts - used.unpriced),
            ];
            add("packages", format!("{provider}|{package}|{label}"), &amounts);
        }
    }
}
