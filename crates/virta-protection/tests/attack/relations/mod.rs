//! Everything that a reader knows to hold among the published numbers.

use std::collections::BTreeSet;

use crate::reader::Reader;
use crate::region::{county_of, services, towns};
use crate::solver::{OPEN, Unknown};

const SUMS: [&str; 2] = ["clients", "contacts"];

pub(crate) fn relate(reader: &mut Reader<'_>, has_public_residents: bool) {
    if has_public_residents {
        public_residents(reader);
    }
    summary(reader);
    dimensions(reader);
    regions(reader);
    services_and_cohorts(reader);
    numbers_of_services(reader);
    parts_of_cohorts(reader);
    sparse(reader);
    cohorts_inside_others(reader);
    overlaps(reader);
    attrition(reader);
    thresholds(reader);
    tops_and_deciles(reader);
    curves(reader);
    joiners(reader);
    unknown_order(reader);
    emergencies(reader);
    flows(reader);
    packages(reader);
    access(reader);
    pilots(reader);
    crate::time::relate(reader);
}

pub(crate) fn own(text: &[String]) -> Vec<&str> {
    text.iter().map(String::as_str).collect()
}

pub(crate) fn keys(reader: &Reader<'_>, table: &'static str) -> Vec<Vec<String>> {
    reader.keys.get(table).into_iter().flatten().cloned().collect()
}

/// The different beginnings of a table's keys.
pub(crate) fn groups(reader: &Reader<'_>, table: &'static str, length: usize) -> BTreeSet<Vec<String>> {
    keys(reader, table).into_iter().map(|keys| keys[..length].to_vec()).collect()
}

pub(crate) fn equal(reader: &mut Reader<'_>, total: Option<usize>, parts: &[usize], why: &str) {
    if let Some(total) = total.filter(|_| !parts.is_empty()) {
        reader.system.equal(total, parts, why);
    }
}

pub(crate) fn inside(reader: &mut Reader<'_>, total: Option<usize>, part: Option<usize>, why: &str) {
    let k = reader.k();
    if let (Some(total), Some(part)) = (total, part) {
        reader.system.inside(total, &[part], true, k, why);
    }
}

/// The size of a cohort, or a sum over it.
pub(crate) fn size(reader: &Reader<'_>, cohort: &str, period: &str, column: &'static str) -> Option<usize> {
    reader.at("profile", &[cohort, period, "all", "all"], column)
}

fn sum_of_sums(reader: &mut Reader<'_>, total: Option<usize>, parts: &[usize], why: &str) {
    equal(reader, total, parts, why);
}

/// How many live where is public: the population statistics tell it.
fn public_residents(reader: &mut Reader<'_>) {
    for at in 0..reader.system.unknowns.len() {
        let unknown = &mut reader.system.unknowns[at];
        if unknown.name.ends_with(" residents") {
            (unknown.low, unknown.high, unknown.is_secret) = (unknown.truth, unknown.truth, false);
        }
    }
}

fn summary(reader: &mut Reader<'_>) {
    for period in groups(reader, "summary", 1) {
        for column in ["clients", "residents", "contacts", "cost_cents"] {
            let all = size(reader, "all", &period[0], column);
            let total = reader.at("summary", &[&period[0]], column);
            equal(reader, total, all.as_slice(), "summary is profile of all");
        }
    }
}

fn dimensions(reader: &mut Reader<'_>) {
    for group in groups(reader, "profile", 3).iter().filter(|group| group[2] != "all") {
        for column in ["clients", "contacts", "cost_cents"] {
            let parts = reader.all("profile", column, |keys| keys[..3] == group[..]);
            let total = size(reader, &group[0], &group[1], column);
            sum_of_sums(reader, total, &parts, "a dimension adds up");
        }
        if group[2] == "wellbeing_county" {
            for county in groups(reader, "profile", 4).iter().filter(|keys| keys[..3] == group[..]) {
                let is_in = |keys: &[String]| {
                    keys[..2] == group[..2]
                        && keys[2] == "municipality"
                        && county_of(&keys[3]).unwrap_or("") == county[3]
                };
                let parts = reader.all("profile", "clients", is_in);
                let total = reader.at("profile", &own(county), "clients");
                equal(reader, total, &parts, "municipalities add up to counties");
            }
        }
    }
}

fn regions(reader: &mut Reader<'_>) {
    for keys in keys(reader, "regions") {
        for column in SUMS {
            let total = reader.at("profile", &own(&keys), column);
            let same = reader.at("regions", &own(&keys), column);
            equal(reader, total, same.as_slice(), "regions are profile");
        }
        if keys[2] == "wellbeing_county" {
            let is_in = |other: &[String]| {
                other[..2] == keys[..2] && other[2] == "municipality" && county_of(&other[3]) == Some(&keys[3])
            };
            for column in ["clients", "residents"] {
                let parts = reader.all("regions", column, is_in);
                let total = reader.at("regions", &own(&keys), column);
                equal(reader, total, &parts, "regions: municipalities add up to counties");
            }
        }
    }
    let _ = towns();
}

fn services_and_cohorts(reader: &mut Reader<'_>) {
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
fn numbers_of_services(reader: &mut Reader<'_>) {
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

fn parts_of_cohorts(reader: &mut Reader<'_>) {
    for table in ["sector_overlap", "flow_starts", "flow_ends"] {
        for group in groups(reader, table, 2) {
            let parts = reader.all(table, "clients", |keys| keys[..2] == group[..]);
            let total = size(reader, &group[0], &group[1], "clients");
            equal(reader, total, &parts, table);
        }
    }
    let k = reader.k();
    for group in groups(reader, "monthly_states", 2) {
        let parts = reader.all("monthly_states", "clients", |keys| keys[..2] == group[..]);
        let periods: Vec<String> = groups(reader, "summary", 1).into_iter().map(|keys| keys[0].clone()).collect();
        let is_in = |period: &&String| match period.split_once("..") {
            Some((first, last)) => first[..7] <= *group[1] && *group[1] <= last[..7],
            None => group[1].starts_with(period.as_str()),
        };
        if let Some(total) = periods.iter().find(is_in).and_then(|period| size(reader, &group[0], period, "clients")) {
            reader.system.inside(total, &parts, true, k, "states of a month");
        }
    }
}

/// Rows of sets and paths that are there are inside what they are part of.
fn sparse(reader: &mut Reader<'_>) {
    let k = reader.k();
    for group in groups(reader, "combinations", 2) {
        let of_group = |keys: &[String]| keys[..2] == group[..];
        for (service, _) in services() {
            let with = reader.all("combinations", "clients", |keys| {
                of_group(keys) && keys[2].split('+').any(|member| member == service)
            });
            let total = reader.at("service_use", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !with.is_empty()) {
                // The reader does not know which other sets there are, so that their sum is what is left over.
                reader.system.inside(total, &with, false, k, "sets with a service");
            }
        }
        let all = reader.all("combinations", "clients", of_group);
        if let Some(total) = size(reader, &group[0], &group[1], "clients") {
            reader.system.inside(total, &all, false, k, "sets of services");
        }
    }
    for group in groups(reader, "pathways", 2) {
        if reader.study.study.pathways.is_some() {
            // Eras begin with another service than contacts do, and who has none has a path, too.
            let all = reader.all("pathways", "clients", |keys| keys[..2] == group[..]);
            if let Some(total) = size(reader, &group[0], &group[1], "clients") {
                reader.system.inside(total, &all, false, k, "paths of a cohort");
            }
            continue;
        }
        for (service, _) in services() {
            let begins = format!("{service}-");
            let from = reader.all("pathways", "clients", |keys| {
                keys[..2] == group[..] && (keys[2] == service || keys[2].starts_with(&begins))
            });
            let total = reader.at("flow_starts", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !from.is_empty()) {
                reader.system.inside(total, &from, false, k, "paths from a service");
            }
            // A path shorter than the longest ends with the last service.
            let most = reader.study.study.flow.as_ref().map_or(0, |flow| flow.max_steps as usize);
            let ends = format!("-{service}");
            let to = reader.all("pathways", "clients", |keys| {
                keys[..2] == group[..]
                    && (keys[2] == service || keys[2].ends_with(&ends))
                    && keys[2].split('-').count() < most
            });
            let total = reader.at("flow_ends", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !to.is_empty()) {
                reader.system.inside(total, &to, false, k, "paths to a service");
            }
            let with = reader.all("pathways", "clients", |keys| {
                keys[..2] == group[..] && keys[2].split('-').any(|step| step == service)
            });
            let total = reader.at("service_use", &[&group[0], &group[1], service], "clients");
            if let Some(total) = total.filter(|_| !with.is_empty()) {
                reader.system.inside(total, &with, false, k, "paths with a service");
            }
        }
    }
}

/// Pairs (outer, inner) of cohorts that their definitions put inside each other.
fn nested(reader: &Reader<'_>) -> Vec<(String, String)> {
    let cohorts: Vec<String> = reader.study.study.cohorts.iter().map(|cohort| cohort.name.clone()).collect();
    let mut pairs: Vec<(String, String)> = cohorts.iter().map(|cohort| ("all".to_owned(), cohort.clone())).collect();
    if cohorts.iter().any(|cohort| cohort == "heavy") && is_plain(reader) {
        pairs.push(("many".to_owned(), "heavy".to_owned()));
    }
    pairs
}

/// Whether the cohort `many` asks for so many services and nothing else, as it does before it is made stricter.
fn is_plain(reader: &Reader<'_>) -> bool {
    let cohorts = &reader.study.study.cohorts;
    let least = cohorts.iter().filter(|cohort| cohort.name != "rest").map(|cohort| cohort.min_services).min();
    let many = cohorts.iter().find(|cohort| cohort.name == "many");
    many.is_some_and(|many| Some(many.min_services) == least && many.age.is_none() && many.municipalities.is_empty())
}

/// Everybody less a cohort, and a cohort less one inside it, row by row.
fn cohorts_inside_others(reader: &mut Reader<'_>) {
    let k = reader.k();
    let tables = [
        "profile",
        "regions",
        "service_use",
        "sector_overlap",
        "flow_starts",
        "flow_ends",
        "monthly_states",
        "emergency_bands",
        "emergency_hours",
        "emergency_next",
        "flows",
        "follow_up",
        "episodes",
        "co_use",
        "continuity",
    ];
    const COLUMNS: [&str; 12] = [
        "clients",
        "same_site_clients",
        "contacts",
        "visits",
        "transitions",
        "events",
        "followed_7",
        "followed_30",
        "episodes",
        "open",
        "days",
        "same_site_days",
    ];
    const PEOPLE: [&str; 2] = ["clients", "same_site_clients"];
    for (outer, inner) in nested(reader) {
        for table in tables {
            for keys in keys(reader, table).into_iter().filter(|keys| keys[0] == outer) {
                let mut other = keys.clone();
                other[0].clone_from(&inner);
                for column in COLUMNS {
                    let (total, part) = (reader.at(table, &own(&keys), column), reader.at(table, &own(&other), column));
                    if let (Some(total), Some(part)) = (total, part) {
                        reader.system.inside(total, &[part], PEOPLE.contains(&column), k, "a cohort inside another");
                    }
                }
            }
        }
    }
    // Cohorts that exclude each other are together inside everybody.
    if reader.study.study.cohorts.iter().any(|cohort| cohort.name == "rest") {
        for table in tables {
            for keys in keys(reader, table).into_iter().filter(|keys| keys[0] == "all") {
                let with = |name: &str| {
                    let mut other = keys.clone();
                    name.clone_into(&mut other[0]);
                    reader.at(table, &own(&other), "clients")
                };
                if let (Some(all), Some(heavy), Some(rest)) = (with("all"), with("heavy"), with("rest")) {
                    reader.system.inside(all, &[heavy, rest], true, k, "cohorts that exclude each other");
                }
            }
        }
    }
}

fn overlaps(reader: &mut Reader<'_>) {
    for keys in keys(reader, "definition_overlap") {
        let both = reader.at("definition_overlap", &own(&keys), "both");
        for (cohort, only) in [(&keys[1], "only_a"), (&keys[2], "only_b")] {
            let only = reader.at("definition_overlap", &own(&keys), only);
            let parts: Vec<usize> = both.into_iter().chain(only).collect();
            let total = size(reader, cohort, &keys[0], "clients");
            equal(reader, total, &parts, "both and only one");
        }
    }
}

fn attrition(reader: &mut Reader<'_>) {
    let periods: Vec<String> = groups(reader, "summary", 1).into_iter().map(|keys| keys[0].clone()).collect();
    for cohort in groups(reader, "attrition", 1) {
        let mut steps: Vec<Vec<String>> =
            keys(reader, "attrition").into_iter().filter(|keys| keys[0] == cohort[0]).collect();
        steps.sort_by_key(|keys| keys[1].parse::<i64>().unwrap_or(0));
        for period in &periods {
            let begins = format!("{period}: ");
            let chain: Vec<&Vec<String>> =
                steps.iter().filter(|keys| periods.len() == 1 || keys[2].starts_with(&begins)).collect();
            let value = |reader: &Reader<'_>, keys: &[String], column| reader.at("attrition", &own(keys), column);
            let users = reader.at("summary", &[period], "clients");
            for (at, keys) in chain.iter().enumerate() {
                let before = match at.checked_sub(1) {
                    Some(before) => value(reader, chain[before], "remaining"),
                    None => users,
                };
                let [remaining, removed, alone] =
                    ["remaining", "removed", "removed_alone"].map(|column| value(reader, keys, column));
                let parts: Vec<usize> = remaining.into_iter().chain(removed).collect();
                let is_same = before.zip(remaining).zip(removed).is_some_and(|((before, remaining), removed)| {
                    let truth = |at: usize| reader.system.unknowns[at].truth;
                    truth(before) == truth(remaining) + truth(removed)
                });
                // The first row may be everybody with nothing removed from a wider population.
                if is_same {
                    equal(reader, before, &parts, "attrition");
                }
                let holds = users.zip(alone).is_some_and(|(users, alone)| {
                    reader.system.unknowns[alone].truth <= reader.system.unknowns[users].truth
                });
                if holds {
                    inside(reader, users, alone, "removed alone");
                    inside(reader, alone, removed, "removed in sequence are removed alone");
                }
            }
            let last = chain.last().and_then(|keys| value(reader, keys, "remaining"));
            let total = size(reader, &cohort[0], period, "clients");
            equal(reader, total, last.as_slice(), "the last step is the cohort");
        }
    }
}

fn thresholds(reader: &mut Reader<'_>) {
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

fn tops_and_deciles(reader: &mut Reader<'_>) {
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
fn curves(reader: &mut Reader<'_>) {
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

/// Who was a member before, and who is one after, is the cohort.
fn joiners(reader: &mut Reader<'_>) {
    for group in groups(reader, "joiners", 3) {
        for (state_at, period) in [(3, &group[1]), (4, &group[2])] {
            let members = |keys: &[String]| keys[..3] == group[..] && keys[state_at] == "member";
            let total = size(reader, &group[0], period, "clients");
            let parts = reader.all("joiners", "clients", members);
            if measured_everywhere(reader, &parts, total) {
                equal(reader, total, &parts, "who stayed, joined and left");
            }
            let users = |keys: &[String]| {
                keys[..3] == group[..] && ["member", "near", "user"].contains(&keys[state_at].as_str())
            };
            let total = size(reader, "all", period, "clients");
            let parts = reader.all("joiners", "clients", users);
            if measured_everywhere(reader, &parts, total) {
                equal(reader, total, &parts, "users of either period");
            }
        }
        let parts = reader.all("joiners", "cost_cents", |keys| keys[..3] == group[..] && keys[4] == "member");
        let total = size(reader, &group[0], &group[2], "cost_cents");
        if measured_everywhere(reader, &parts, total) {
            equal(reader, total, &parts, "the cost of who stayed and joined");
        }
    }
}

/// Those whose order is not known are among those in the table, who are the cohort.
fn unknown_order(reader: &mut Reader<'_>) {
    for keys in keys(reader, "unknown_order") {
        let [unknown, all] = ["clients", "of_clients"].map(|column| reader.at("unknown_order", &own(&keys), column));
        inside(reader, all, unknown, "order is not known");
        let total = size(reader, &keys[1], &keys[2], "clients");
        if keys[0] == "flows" {
            inside(reader, total, all, "who moves is in the cohort");
        } else if measured_everywhere(reader, all.as_slice(), total) {
            equal(reader, total, all.as_slice(), "everybody has a first contact");
        }
    }
}

fn emergencies(reader: &mut Reader<'_>) {
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

/// Without a longest gap, each client comes to a service as often as it leaves it, but for the first and the last.
fn flows(reader: &mut Reader<'_>) {
    let open = crate::solver::OPEN;
    for keys in keys(reader, "flows") {
        let [clients, transitions] = ["clients", "transitions"].map(|column| reader.at("flows", &own(&keys), column));
        if let (Some(clients), Some(transitions)) = (clients, transitions) {
            reader.system.relate(vec![(transitions, 1), (clients, -1)], 0, open, "a transition each");
        }
        for service in [&keys[2], &keys[3]] {
            let total = reader.at("service_use", &[&keys[0], &keys[1], service], "clients");
            inside(reader, total, clients, "who moves uses the service");
        }
    }
    if reader.study.study.flow.is_none_or(|flow| flow.max_gap_days < 800) {
        return;
    }
    for group in groups(reader, "flows", 2) {
        for (service, _) in services() {
            let of = |column: usize| {
                reader.all("flows", "transitions", |keys| keys[..2] == group[..] && keys[column] == service)
            };
            let (from, to) = (of(2), of(3));
            let at = |table| reader.at(table, &[&group[0], &group[1], service], "clients");
            let (starts, ends) = (at("flow_starts"), at("flow_ends"));
            let terms = to.into_iter().chain(starts).map(|at| (at, 1));
            let terms: Vec<(usize, i64)> = terms.chain(from.into_iter().chain(ends).map(|at| (at, -1))).collect();
            if !terms.is_empty() {
                reader.system.relate(terms, 0, 0, "as many come as go");
            }
        }
    }
}

fn packages(reader: &mut Reader<'_>) {
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

fn access(reader: &mut Reader<'_>) {
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

pub(crate) fn measured_everywhere(reader: &Reader<'_>, parts: &[usize], total: Option<usize>) -> bool {
    let truth = |at: usize| reader.system.unknowns[at].truth;
    total.is_some_and(|total| truth(total) == parts.iter().map(|&part| truth(part)).sum::<i64>())
}

fn pilots(reader: &mut Reader<'_>) {
    for pilot in groups(reader, "pilot_counts", 1) {
        let step = |reader: &Reader<'_>, step: &str, column| reader.at("pilot_counts", &[&pilot[0], step], column);
        for (total, part) in
            [("listed", "known"), ("known", "baseline"), ("baseline", "frozen"), ("matched", "matched_fully")]
        {
            let (total, part) = (step(reader, total, "clients"), step(reader, part, "clients"));
            inside(reader, total, part, "steps of a pilot");
        }
        let exact: [(&str, &[&str]); 3] = [
            ("baseline", &["matched", "unmatched"]),
            ("matched", &["followed", "not_followed"]),
            ("followed", &["complete", "going_on", "ended_early"]),
        ];
        for (total, names) in exact {
            let parts: Vec<usize> = names.iter().filter_map(|name| step(reader, name, "clients")).collect();
            let total = step(reader, total, "clients");
            if parts.len() == names.len() && measured_everywhere(reader, &parts, total) {
                equal(reader, total, &parts, "a step of a pilot adds up");
            }
        }
    }
}
