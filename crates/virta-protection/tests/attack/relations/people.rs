//! Groups of people: by period, dimension, municipality and cohort.

use super::{SUMS, equal, groups, inside, is_plain, keys, measured_everywhere, own, size};
use crate::reader::Reader;
use crate::region::{county_of, towns};

/// How many live where is public: the population statistics tell it.
pub(super) fn public_residents(reader: &mut Reader<'_>) {
    for at in 0..reader.system.unknowns.len() {
        let unknown = &mut reader.system.unknowns[at];
        if unknown.name.ends_with(" residents") {
            (unknown.low, unknown.high, unknown.is_secret) = (unknown.truth, unknown.truth, false);
        }
    }
}

pub(super) fn summary(reader: &mut Reader<'_>) {
    for period in groups(reader, "summary", 1) {
        for column in ["clients", "residents", "contacts", "cost_cents"] {
            let all = size(reader, "all", &period[0], column);
            let total = reader.at("summary", &[&period[0]], column);
            equal(reader, total, all.as_slice(), "summary is profile of all");
        }
    }
}

pub(super) fn dimensions(reader: &mut Reader<'_>) {
    for group in groups(reader, "profile", 3).iter().filter(|group| group[2] != "all") {
        for column in ["clients", "contacts", "cost_cents"] {
            let parts = reader.all("profile", column, |keys| keys[..3] == group[..]);
            let total = size(reader, &group[0], &group[1], column);
            equal(reader, total, &parts, "a dimension adds up");
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

pub(super) fn regions(reader: &mut Reader<'_>) {
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

pub(super) fn parts_of_cohorts(reader: &mut Reader<'_>) {
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

/// Pairs (outer, inner) of cohorts that their definitions put inside each other.
fn nested(reader: &Reader<'_>) -> Vec<(String, String)> {
    let cohorts: Vec<String> = reader.study.study.cohorts.iter().map(|cohort| cohort.name.clone()).collect();
    let mut pairs: Vec<(String, String)> = cohorts.iter().map(|cohort| ("all".to_owned(), cohort.clone())).collect();
    if cohorts.iter().any(|cohort| cohort == "heavy") && is_plain(reader) {
        pairs.push(("many".to_owned(), "heavy".to_owned()));
    }
    pairs
}

/// Everybody less a cohort, and a cohort less one inside it, row by row.
pub(super) fn cohorts_inside_others(reader: &mut Reader<'_>) {
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

pub(super) fn overlaps(reader: &mut Reader<'_>) {
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

pub(super) fn attrition(reader: &mut Reader<'_>) {
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

/// Who was a member before, and who is one after, is the cohort.
pub(super) fn joiners(reader: &mut Reader<'_>) {
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
pub(super) fn unknown_order(reader: &mut Reader<'_>) {
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

pub(super) fn pilots(reader: &mut Reader<'_>) {
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
