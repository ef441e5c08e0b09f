//! Cohorts with everybody, with each other, with thresholds and with how they came to be.

use std::collections::BTreeMap;

use super::{SUMS, Sizes};
use crate::figures::{Figures, Row};
use crate::structure::Measure;

/// Everybody less a cohort, and a cohort less one inside it, row by row.
///
/// Sets and paths of many services are the same for both by what they are. So are the rows of a cohort that its rules
/// restrict to some values: people of working age are the same in everybody's row and in that of a cohort of them.
/// Which rules a cohort has is not known here: that all its rows equal the wider ones is taken for it.
pub(super) fn cohorts_and_the_rest(figures: &mut Figures<'_>) {
    const COLUMNS: [&str; 6] = ["clients", "contacts", "stay_days", "cost_cents", "visits", "transitions"];
    let inside = cohorts_inside_others(figures);
    // The columns that a table's rows are compared within, and those that tell them apart there.
    let keyed: [(&str, &[&str], &[&str]); 13] = [
        ("regions", &["period", "level"], &["region"]),
        ("profile", &["period", "dimension"], &["value"]),
        ("service_use", &["period"], &["service"]),
        ("combinations", &["period"], &["service_set"]),
        ("sector_overlap", &["period"], &["social", "primary", "specialised"]),
        ("flows", &["period"], &["from_service", "to_service"]),
        ("flow_starts", &["period"], &["service"]),
        ("flow_ends", &["period"], &["service"]),
        ("pathways", &["period"], &["path"]),
        ("monthly_states", &["month"], &["state"]),
        ("emergency_bands", &["period"], &["band"]),
        ("emergency_hours", &["period"], &["weekday", "hour"]),
        ("emergency_next", &["period", "within_days"], &["service"]),
    ];
    for (table, within, value) in keyed {
        for rows in figures.groups(table, within).into_values() {
            let mut by_cohort: BTreeMap<String, BTreeMap<Vec<Option<String>>, Row>> = BTreeMap::new();
            for row in rows {
                if let Some(cohort) = figures.text(row, "cohort") {
                    let value = value.iter().map(|column| figures.text(row, column)).collect();
                    by_cohort.entry(cohort).or_default().insert(value, row);
                }
            }
            for (outer, inner) in &inside {
                let (Some(outer), Some(inner)) = (by_cohort.get(outer), by_cohort.get(inner)) else { continue };
                let pairs: Vec<(Row, Row)> =
                    inner.iter().filter_map(|(value, &row)| Some((*outer.get(value)?, row))).collect();
                let clients = |row: Row| figures.value(row, "clients").unwrap_or(0);
                let are_same = pairs.iter().all(|&(outer, inner)| [0, clients(outer)].contains(&clients(inner)));
                let are_same = are_same || ["combinations", "pathways"].contains(&table);
                for (outer, inner) in pairs {
                    if are_same {
                        figures.relate_inside(outer, inner, &COLUMNS, None);
                    } else {
                        figures.relate_apart(outer, inner, &COLUMNS, None);
                    }
                }
            }
        }
    }
}

/// Pairs (outer, inner) of cohorts where every member of the inner is in the outer.
fn cohorts_inside_others(figures: &Figures<'_>) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for row in figures.rows("profile") {
        if let Some(cohort) = figures.text(row, "cohort").filter(|cohort| cohort != "all") {
            pairs.push(("all".to_owned(), cohort));
        }
    }
    for row in figures.rows("definition_overlap") {
        let (Some(a), Some(b)) = (figures.text(row, "cohort_a"), figures.text(row, "cohort_b")) else { continue };
        if figures.value(row, "only_b") == Some(0) {
            pairs.push((a.clone(), b.clone()));
        }
        if figures.value(row, "only_a") == Some(0) {
            pairs.push((b, a));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The members of a cohort who are not in a row are a group too: all but three used a service.
pub(super) fn nobody_stands_apart_from_the_cohort(figures: &mut Figures<'_>, sizes: &Sizes) {
    for table in ["service_use", "flows", "emergency_bands", "emergency_hours", "emergency_next"] {
        for row in figures.rows(table) {
            if let Some(total) = sizes.cohort(figures, row) {
                figures.relate_apart(total, row, &["clients"], None);
            }
        }
    }
}

/// A stricter threshold's clients are inside a looser one's, and all are users.
pub(super) fn thresholds(figures: &mut Figures<'_>, sizes: &Sizes) {
    let columns = ["clients", "cost_cents"];
    for (same, by) in [("min_contacts", "min_services"), ("min_services", "min_contacts")] {
        for (_, mut rows) in figures.groups("sweep", &["period", "count_by", same]) {
            rows.sort_by_key(|&row| figures.value(row, by));
            for pair in rows.windows(2) {
                figures.relate_apart(pair[0], pair[1], &columns, Some("sweep"));
            }
        }
    }
    for row in figures.rows("sweep") {
        let total = figures.text(row, "period").and_then(|period| sizes.periods.get(&period).copied());
        if let Some(total) = total {
            figures.relate_inside(total, row, &columns, Some("sweep"));
        }
    }
}

/// In both and in one only make up each cohort.
pub(super) fn definitions(figures: &mut Figures<'_>, sizes: &Sizes) {
    for row in figures.rows("definition_overlap") {
        let Some(period) = figures.text(row, "period") else { continue };
        for (cohort, only) in [("cohort_a", "only_a"), ("cohort_b", "only_b")] {
            let total = figures.text(row, cohort).and_then(|name| sizes.cohorts.get(&(name, period.clone())).copied());
            let cells = [figures.place(row, "both"), figures.place(row, only)];
            if let (Some((measure, total)), [Some((_, both)), Some((_, only))]) =
                (total.and_then(|total| figures.place(total, "clients")), cells)
                && !figures.system(measure).relate(total, vec![both, only])
            {
                figures.broken_sums.push("definition_overlap adds up to profile".to_owned());
            }
        }
    }
}

/// A threshold of any use is a number of services, and a cohort without another rule is a threshold: who reads both
/// knows it from the definitions. Which cohorts have no other rule is not known here; that clients and cost are the same
/// is taken for it.
pub(super) fn numbers_of_services(figures: &mut Figures<'_>, sizes: &Sizes) {
    let columns = ["clients", "cost_cents"];
    let numbers = figures.groups("services_per_client", &["period"]);
    for row in figures.rows("sweep") {
        let Some(period) = figures.text(row, "period") else { continue };
        if figures.is_any_use(row)
            && let Some(rows) = numbers.get(&vec![Some(period.clone())])
        {
            let least = figures.value(row, "min_services");
            let enough: Vec<Row> =
                rows.iter().copied().filter(|&number| figures.value(number, "services") >= least).collect();
            figures.relate(row, &enough, &columns, Some("sweep = services_per_client"));
        }
        let same: Vec<Row> = sizes
            .cohorts
            .iter()
            .filter(|((_, of), _)| *of == period)
            .map(|(_, &cohort)| cohort)
            .filter(|&cohort| columns.iter().all(|column| figures.value(cohort, column) == figures.value(row, column)))
            .collect();
        for cohort in same {
            figures.relate(cohort, &[row], &columns, None);
        }
    }
    for (key, &cohort) in &sizes.cohorts {
        let Some(rows) = numbers.get(&vec![Some(key.1.clone())]) else { continue };
        let mut most: Vec<Row> = rows.clone();
        most.sort_by_key(|&row| std::cmp::Reverse(figures.value(row, "services")));
        for count in 1..=most.len() {
            let top = &most[..count];
            let sum = |column: &str| top.iter().filter_map(|&row| figures.value(row, column)).sum::<i64>();
            if columns.iter().all(|column| figures.value(cohort, column) == Some(sum(column))) {
                figures.relate(cohort, top, &SUMS, None);
            }
        }
    }
}

/// Remaining before = remaining after + removed; the last step is the cohort; a rule alone removes some of those who
/// were there at first.
pub(super) fn attrition(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (key, mut rows) in figures.groups("attrition", &["cohort"]) {
        let cohort = key.into_iter().flatten().next().unwrap_or_default();
        rows.sort_by_key(|&row| figures.value(row, "step"));
        let periods: Vec<&String> = sizes.periods.keys().collect();
        let period_of = |figures: &Figures<'_>, row: Row| {
            let rule = figures.text(row, "rule").unwrap_or_default();
            let named =
                periods.iter().find(|period| rule.strip_prefix(period.as_str()).is_some_and(|r| r.starts_with(": ")));
            named.or(periods.first().filter(|_| periods.len() == 1)).map(|period| (*period).clone())
        };
        let mut chains: BTreeMap<Option<String>, Vec<Row>> = BTreeMap::new();
        for row in rows {
            chains.entry(period_of(figures, row)).or_default().push(row);
        }
        for (period, chain) in chains {
            let size = period.as_ref().and_then(|period| sizes.cohorts.get(&(cohort.clone(), period.clone())).copied());
            let users = period.as_ref().and_then(|period| sizes.periods.get(period).copied());
            attrition_chain(figures, &chain, size, users);
        }
    }
}

fn attrition_chain(figures: &mut Figures<'_>, chain: &[Row], size: Option<Row>, users: Option<Row>) {
    for pair in chain.windows(2) {
        let cells = [(pair[0], "remaining"), (pair[1], "remaining"), (pair[1], "removed")];
        let cells = cells.map(|(row, column)| figures.place(row, column).map(|(_, cell)| cell));
        if let [Some(before), Some(after), Some(removed)] = cells
            && !figures.system(Measure::Clients).relate(before, vec![after, removed])
        {
            figures.broken_sums.push("attrition: remaining before = after + removed".to_owned());
        }
    }
    let (Some(&first), Some(&last)) = (chain.first(), chain.last()) else { return };
    // The first rule removes the same alone and in sequence.
    figures.relate_between(first, &[first], &[("removed_alone", "removed")], None);
    if let Some(size) = size {
        figures.relate_between(size, &[last], &[("clients", "remaining")], None);
    }
    let at_first = figures.value(first, "remaining").unwrap_or(0) + figures.value(first, "removed").unwrap_or(0);
    let all_users = users.filter(|&users| figures.value(users, "clients") == Some(at_first));
    if let Some(users) = all_users {
        let [remaining, removed] =
            ["remaining", "removed"].map(|column| figures.place(first, column).map(|(_, cell)| cell));
        if let (Some((_, users)), Some(remaining), Some(removed)) =
            (figures.place(users, "clients"), remaining, removed)
        {
            figures.system(Measure::Clients).relate(users, vec![remaining, removed]);
        }
        for &row in chain {
            figures.relate_between(users, &[row], &[("clients", "removed_alone")], None);
        }
    }
}
