//! Services, and what they cost whom.

use std::collections::BTreeSet;

use super::{equal, groups, inside, is_plain, keys, measured_everywhere, own, size};
use crate::reader::Reader;
use crate::region::services;
use crate::solver::{OPEN, Unknown};

pub(super) fn services_and_cohorts(reader: &mut Reader<'_>) {
    for group in groups(reader, "service_use", 2) {
        for column in ["contacts", "cost_cents"] {
            let parts = reader.all("service_use", column, |keys| keys[..2] == group[..]);
            let total = size(reader, &group[0], &group[1], column);
            equal(reader, total, &parts, "services add up");
        }
        let users = reader.all("service_use", "clients", |keys| keys[..2] == group[..]);
        let total = size(reader, &group[0], &group[1], "clients");
        for &part in &users {
            inside(reader, total, Some(part), "users of a service are in the cohort");
        }
        // Everybody uses a service.
        if let Some(total) = total.filter(|_| !users.is_empty()) {
            let terms = users.iter().map(|&part| (part, 1)).chain([(total, -1)]);
            reader.system.relate(terms.collect(), 0, crate::solver::OPEN, "everybody uses a service");
        }
        for (clients, contacts) in
            users.iter().zip(reader.all("service_use", "contacts", |keys| keys[..2] == group[..]))
        {
            reader.system.relate(vec![(contacts, 1), (*clients, -1)], 0, crate::solver::OPEN, "a contact each");
        }
    }
}

/// Clients with n services stand n times in the services, and by numbers they add up to all.
pub(super) fn numbers_of_services(reader: &mut Reader<'_>) {
    for group in groups(reader, "services_per_client", 1) {
        let period = &group[0];
        for column in ["clients", "contacts", "cost_cents"] {
            let parts = reader.all("services_per_client", column, |keys| keys[0] == *period);
            let total = reader.at("summary", &[period], column);
            equal(reader, total, &parts, "numbers of services add up");
        }
        let used = reader.all("service_use", "clients", |keys| keys[0] == "all" && keys[1] == *period);
        let numbers = keys(reader, "services_per_client").into_iter().filter(|keys| keys[0] == *period);
        let times: Vec<(usize, i64)> = numbers
            .filter_map(|keys| {
                Some((reader.at("services_per_client", &own(&keys), "clients")?, keys[1].parse::<i64>().ok()?))
            })
            .collect();
        if !used.is_empty() && !times.is_empty() {
            let terms = times.into_iter().chain(used.into_iter().map(|used| (used, -1)));
            reader.system.relate(terms.collect(), 0, 0, "numbers of services by clients");
        }
    }
}

pub(super) fn thresholds(reader: &mut Reader<'_>) {
    let rows = keys(reader, "sweep");
    for keys in &rows {
        let users = reader.at("summary", &[&keys[0]], "clients");
        let here = reader.at("sweep", &own(keys), "clients");
        inside(reader, users, here, "thresholds");
        for column in [2, 3] {
            let number = |keys: &[String]| keys[column].parse::<i64>().unwrap_or(0);
            let is_next = |other: &&Vec<String>| {
                (0..4).all(|at| at == column || other[at] == keys[at]) && number(other) > number(keys)
            };
            if let Some(next) = rows.iter().filter(is_next).min_by_key(|other| number(other)) {
                let next = reader.at("sweep", &own(next), "clients");
                inside(reader, here, next, "a stricter threshold");
            }
        }
        if keys[1] == "service" && keys[3] == "1" {
            let least: i64 = keys[2].parse().unwrap_or(0);
            let enough = reader.all("services_per_client", "clients", |other| {
                other[0] == keys[0] && other[1].parse::<i64>().unwrap_or(0) >= least
            });
            equal(reader, here, &enough, "a threshold is a number of services");
            let many = reader.study.study.cohorts.iter().find(|cohort| cohort.name == "many");
            let is_threshold = many.is_some_and(|many| i64::from(many.min_services) == least);
            if is_threshold && is_plain(reader) {
                let total = size(reader, "many", &keys[0], "clients");
                equal(reader, total, here.as_slice(), "a cohort is a threshold");
            }
        }
    }
}

pub(super) fn tops_and_deciles(reader: &mut Reader<'_>) {
    for keys in keys(reader, "concentration") {
        let column = if keys[1] == "users" { "clients" } else { "residents" };
        let all = reader.at("summary", &[&keys[0]], column);
        let top = reader.at("concentration", &own(&keys), "clients");
        if let (Some(all), Some(top)) = (all, top) {
            let percent: i64 = keys[2].parse().unwrap_or(0);
            reader.system.relate(vec![(top, 100), (all, -percent)], 0, 99, "a top is so many per cent");
        }
    }
    for pair in groups(reader, "persistence", 2) {
        let of_pair = |keys: &[String]| keys[..2] == pair[..];
        for (own_column, period) in [(2, &pair[0]), (3, &pair[1])] {
            let users = reader.at("summary", &[period], "clients");
            for decile in 1..=10 {
                let decile = decile.to_string();
                let row = reader.all("persistence", "clients", |keys| of_pair(keys) && keys[own_column] == decile);
                // Who was outside the population before stands in no row, so the later deciles are not whole.
                if let (Some(users), true) = (users, own_column == 2 && !row.is_empty()) {
                    let terms = |times| row.iter().map(|&at| (at, times)).chain([(users, -1)]).collect::<Vec<_>>();
                    reader.system.relate(terms(10), -9, 9, "a tenth of the users");
                }
            }
        }
    }
}

/// The cost of the cheapest, as far as a curve's points tell it. What lies between two points is the cost of so many
/// people, and a top has what the cheapest do not.
pub(super) fn curves(reader: &mut Reader<'_>) {
    for period in groups(reader, "summary", 1).into_iter().map(|keys| keys[0].clone()) {
        let [clients, cost] = ["clients", "cost_cents"].map(|column| reader.at("summary", &[&period], column));
        let (Some(clients), Some(cost)) = (clients, cost) else { continue };
        let (people, whole) = (reader.system.unknowns[clients].truth, reader.system.unknowns[cost].truth);
        let step = reader.step_of("summary", std::slice::from_ref(&period), "cost_cents", true);
        let mut before: Option<(i64, usize)> = None;
        for (percentile, exact, shown) in reader.curve(&period) {
            let truth = (exact * whole as f64).round() as i64;
            let rounded = (whole as f64 / step).round() * step;
            // The ends of a curve say nothing, and a point that was cut to 0 or 1 hardly more.
            let (low, high) = match shown {
                Some(share) if share > 0.0 && share < 1.0 => {
                    ((share * rounded - step / 2.0).floor() as i64, (share * rounded + step / 2.0).ceil() as i64)
                }
                _ => (-OPEN, OPEN),
            };
            let below = people * percentile / 100;
            let name = format!("cost of the cheapest {percentile} % in {period}");
            let is_secret = below < reader.k() && truth != 0;
            let here = reader.system.add(Unknown { name, low, high, truth, is_secret });
            if let Some((people_before, at)) = before {
                let between = below - people_before;
                let truth = truth - reader.system.unknowns[at].truth;
                let name = format!("cost of the {between} people up to {percentile} % in {period}");
                let is_secret = (1..reader.k()).contains(&between) && truth != 0;
                let part = reader.system.add(Unknown { name, low: -OPEN, high: OPEN, truth, is_secret });
                reader.system.equal(here, &[at, part], "what lies between two points");
            }
            let top = reader.at("concentration", &[&period, "users", &(100 - percentile).to_string()], "cost_cents");
            if let Some(top) = top {
                reader.system.equal(cost, &[here, top], "a top has what the cheapest do not");
            }
            before = Some((below, here));
        }
    }
}

pub(super) fn emergencies(reader: &mut Reader<'_>) {
    const BANDS: [(&str, i64, i64); 5] = [("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4-9", 4, 9), ("10+", 10, 1 << 20)];
    let open = crate::solver::OPEN;
    for group in groups(reader, "emergency_bands", 2) {
        let band = |reader: &Reader<'_>, band: &str, column| {
            reader.at("emergency_bands", &[&group[0], &group[1], band], column)
        };
        for column in ["clients", "visits"] {
            let of = |names: &[&str]| names.iter().filter_map(|name| band(reader, name, column)).collect::<Vec<_>>();
            let (four, ten) = (of(&["4-9", "10+"]), of(&["10+"]));
            let totals = [band(reader, ">=4", column), band(reader, ">=10", column)];
            equal(reader, totals[0], &four, "four visits or more");
            equal(reader, totals[1], &ten, "ten visits or more");
            let more = band(reader, ">4", column);
            inside(reader, totals[0], more, "more than four visits");
            inside(reader, more, totals[1], "more than four visits");
        }
        let mut all_visits = Vec::new();
        let mut all_clients = Vec::new();
        for (name, least, most) in BANDS {
            if let (Some(clients), Some(visits)) = (band(reader, name, "clients"), band(reader, name, "visits")) {
                reader.system.relate(vec![(visits, 1), (clients, -least)], 0, open, "a band has so many visits");
                reader.system.relate(vec![(visits, 1), (clients, -most)], -open * 8, 0, "a band has so many visits");
                all_visits.push((visits, 1));
                all_clients.push(clients);
            }
        }
        let hours = reader.all("emergency_hours", "visits", |keys| keys[..2] == group[..]);
        if !hours.is_empty() {
            let terms = all_visits.iter().copied().chain(hours.into_iter().map(|at| (at, -1)));
            reader.system.relate(terms.collect(), 0, 0, "hours have all visits");
        }
        let k = reader.k();
        if let Some(total) = size(reader, &group[0], &group[1], "clients") {
            reader.system.inside(total, &all_clients, true, k, "emergencies of a cohort");
        }
    }
    for keys in keys(reader, "emergency_hours") {
        let [clients, visits] = ["clients", "visits"].map(|column| reader.at("emergency_hours", &own(&keys), column));
        if let (Some(clients), Some(visits)) = (clients, visits) {
            reader.system.relate(vec![(visits, 1), (clients, -1)], 0, open, "a visit each");
        }
    }
    for keys in keys(reader, "emergency_next").iter().filter(|keys| keys[2] == "7") {
        let mut month = keys.clone();
        "30".clone_into(&mut month[2]);
        let [week, month] = [keys, &month].map(|keys| reader.at("emergency_next", &own(keys), "clients"));
        inside(reader, month, week, "a week is in a month");
    }
}

pub(super) fn packages(reader: &mut Reader<'_>) {
    let k = reader.k();
    let periods: BTreeSet<String> = keys(reader, "packages").into_iter().map(|keys| keys[2].clone()).collect();
    for period in periods {
        for column in ["contacts", "cost_cents"] {
            let parts = reader.all("packages", column, |keys| keys[2] == period);
            let all = keys(reader, "packages").into_iter().filter(|keys| keys[2] == period).count();
            let total = reader.at("summary", &[&period], column);
            // A cost that is not measured is no part.
            if parts.len() == all {
                equal(reader, total, &parts, "packages add up");
            }
        }
        for part in reader.all("packages", "clients", |keys| keys[2] == period) {
            let total = reader.at("summary", &[&period], "clients");
            inside(reader, total, Some(part), "clients of a package are users");
        }
        let names: BTreeSet<&str> = services().filter_map(|(_, package)| package).collect();
        for package in names {
            let mut terms: Vec<(usize, i64)> = reader
                .all("packages", "contacts", |keys| keys[1] == package && keys[2] == period)
                .into_iter()
                .map(|at| (at, 1))
                .collect();
            for (service, _) in services().filter(|(_, of)| *of == Some(package)) {
                terms.extend(reader.at("service_use", &["all", &period, service], "contacts").map(|at| (at, -1)));
            }
            if !terms.is_empty() {
                reader.system.relate(terms, 0, 0, "a package's contacts are its services'");
            }
        }
        let mut unpriced: Vec<(usize, i64)> = Vec::new();
        for keys in keys(reader, "packages").into_iter().filter(|keys| keys[2] == period) {
            let [contacts, priced] = ["contacts", "priced_contacts"].map(|of| reader.at("packages", &own(&keys), of));
            unpriced.extend(contacts.map(|at| (at, 1)).into_iter().chain(priced.map(|at| (at, -1))));
            inside(reader, contacts, priced, "contacts with a price");
            let at = |column| reader.at("packages", &own(&keys), column);
            let (answering, repeat) = (at("answering_clients"), at("repeat_clients"));
            if let (Some(answering), Some(repeat)) = (answering, repeat) {
                reader.system.inside(answering, &[repeat], true, k, "who answers again answers");
            }
        }
        if let Some(total) = reader.at("summary", &[&period], "unpriced_contacts") {
            unpriced.push((total, -1));
            reader.system.relate(unpriced, 0, 0, "contacts without a price add up");
        }
    }
}

pub(super) fn access(reader: &mut Reader<'_>) {
    for keys in keys(reader, "access") {
        let at = |reader: &Reader<'_>, column| reader.at("access", &own(&keys), column);
        for (whole, part) in [
            ("assessments", "open"),
            ("assessments", "clients"),
            ("assessments", "start_due"),
            ("start_due", "started_in_time"),
            ("assessments", "complete_due"),
            ("complete_due", "completed_in_time"),
            ("clients", "with_responsible_worker"),
            ("clients", "with_plan"),
            ("clients", "with_consent"),
        ] {
            let (whole, part) = (at(reader, whole), at(reader, part));
            inside(reader, whole, part, "access");
        }
        let columns = [
            "clients",
            "assessments",
            "open",
            "start_due",
            "started_in_time",
            "complete_due",
            "completed_in_time",
            "with_responsible_worker",
            "with_plan",
            "with_consent",
        ];
        for column in columns {
            let total = at(reader, column);
            if keys[2] == "all" {
                let parts = reader.all("access", column, |other| {
                    other[..2] == keys[..2] && other[2] != "all" && (keys[3] == "all" || other[3] == keys[3])
                });
                if measured_everywhere(reader, &parts, total) {
                    equal(reader, total, &parts, "access: municipalities add up");
                }
            }
            // Somebody may be in several tiers.
            if keys[0] == "all"
                && !["clients", "with_responsible_worker", "with_plan", "with_consent"].contains(&column)
            {
                let parts = reader.all("access", column, |other| other[0] != "all" && other[1..] == keys[1..]);
                if measured_everywhere(reader, &parts, total) {
                    equal(reader, total, &parts, "access: tiers add up");
                }
            }
        }
    }
}
