//! Every table that may leave, of random studies that the core itself makes: whatever is published is audited anew.

// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use random::RandomStudy;
use virta_disclosure::{Cell, Datum, DisclosedStudy, DisclosedTable, PERSONS, audit, disclose};
use virta_model::Table;
use virta_model::schema::COHORT;

/// So many take half a minute.
const FEW: u64 = 150;

/// Columns that count people, or assessments, of which hardly anybody has two.
const PEOPLE: [&str; 23] = [
    "clients",
    "residents",
    "remaining",
    "removed",
    "removed_alone",
    "both",
    "only_a",
    "only_b",
    "comparison_clients",
    "followed_clients",
    "followed_comparison_clients",
    "pool_clients",
    "assessments",
    "open",
    "start_due",
    "started_in_time",
    "complete_due",
    "completed_in_time",
    "with_responsible_worker",
    "with_plan",
    "with_consent",
    "answering_clients",
    "repeat_clients",
];

/// What the clients of a row did, or a number made from how many they are.
const OF_CLIENTS: [&str; 21] = [
    "contacts",
    "stay_days",
    "days",
    "cost_cents",
    "visits",
    "transitions",
    "share_of_users",
    "share_of_cost",
    "cohort_share",
    "cost_share",
    "threshold_cents",
    "median_gap_days",
    "share_of_clients",
    "share_of_visits",
    "clients_per_1000",
    "standardised_clients_per_1000",
    "cost_per_client_cents",
    "cost_per_contact_cents",
    "responsible_worker_share",
    "plan_share",
    "consent_share",
];

#[test]
fn nothing_can_be_calculated_from_the_published_tables_of_random_studies() {
    check_all(1000..1000 + FEW);
}

/// `cargo test --release -p virta-disclosure --test whole_studies -- --ignored`
#[test]
#[ignore = "takes some minutes"]
fn nothing_can_be_calculated_from_the_published_tables_of_a_thousand_random_studies() {
    check_all(0..1000);
}

fn check_all(seeds: Range<u64>) {
    let filled: BTreeSet<&str> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|first| {
                let seeds = seeds.clone();
                scope.spawn(move || seeds.skip(first).step_by(2).flat_map(check).collect::<BTreeSet<&str>>())
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    for table in COHORT.iter().filter(|table| !PERSONS.contains(&table.name)) {
        assert!(filled.contains(table.name), "no study has {}", table.name);
    }
}

/// Checks the study of a seed; gives the tables that have rows.
fn check(seed: u64) -> Vec<&'static str> {
    let random = RandomStudy::of(seed);
    let study = random.tables(&random.tables);
    let disclosed = disclose(&study).unwrap();
    assert_eq!(disclosed.log().broken_sums, Vec::<String>::new(), "seed {seed}");
    assert_eq!(audit(&study, &disclosed), [], "seed {seed}");
    for table in disclosed.tables() {
        no_small_number_is_shown(seed, table, random.k);
        nothing_is_shown_of_people_who_are_withheld(seed, table);
        every_withheld_cell_is_logged(seed, table, &disclosed);
    }
    curves_keep_k_people_apart(seed, &random, &disclosed);
    if seed.is_multiple_of(5) {
        the_order_of_rows_does_not_matter(seed, &random, &disclosed);
    }
    random.tables.iter().filter(|table| table.rows() > 0).map(|table| table.schema.name).collect()
}

fn int(table: &DisclosedTable, row: usize, column: &str) -> Option<i64> {
    match table.cell(row, column) {
        Some(Cell::Value(Datum::Int(value))) => Some(*value),
        _ => None,
    }
}

fn text<'a>(table: &'a DisclosedTable, row: usize, column: &str) -> &'a str {
    match table.cell(row, column) {
        Some(Cell::Value(Datum::Text(text))) => text,
        _ => "",
    }
}

fn no_small_number_is_shown(seed: u64, table: &DisclosedTable, k: u32) {
    for row in 0..table.rows().len() {
        for column in PEOPLE {
            let people = int(table, row, column);
            assert!(!people.is_some_and(|n| (1..i64::from(k)).contains(&n)), "seed {seed}: {} {column}", table.name());
        }
    }
}

fn nothing_is_shown_of_people_who_are_withheld(seed: u64, table: &DisclosedTable) {
    for row in 0..table.rows().len() {
        if matches!(table.cell(row, "clients"), Some(Cell::Withheld(_))) {
            for column in OF_CLIENTS {
                let shown = matches!(table.cell(row, column), Some(Cell::Value(_)));
                assert!(!shown, "seed {seed}: {} row {row} shows {column}", table.name());
            }
        }
    }
}

fn every_withheld_cell_is_logged(seed: u64, table: &DisclosedTable, disclosed: &DisclosedStudy) {
    let mut cells: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in table.rows() {
        for (cell, column) in row.iter().zip(table.schema().columns) {
            if let Cell::Withheld(reason) = cell {
                *cells.entry((column.name, reason.as_str())).or_default() += 1;
            }
        }
    }
    let mut logged: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for entry in disclosed.log().withheld.iter().filter(|entry| entry.table == table.name()) {
        *logged.entry((entry.column, entry.reason.as_str())).or_default() += 1;
    }
    if disclosed.log().tables_withheld.contains(&table.name()) {
        assert!(table.rows().is_empty() && table.rows_left_out() > 0, "seed {seed}: {}", table.name());
    } else {
        assert_eq!(cells, logged, "seed {seed}: {}", table.name());
    }
}

/// A point of the Lorenz curve tells the cost of the costliest, as a row of `concentration` does.
fn curves_keep_k_people_apart(seed: u64, random: &RandomStudy, disclosed: &DisclosedStudy) {
    let (Some(curve), Some(tops), Some(summary)) =
        (disclosed.table("lorenz"), disclosed.table("concentration"), random.table("summary"))
    else {
        return;
    };
    let people: BTreeMap<(String, &str), i64> = (0..summary.rows())
        .flat_map(|row| {
            let period = random::text(summary, row, "period");
            [("users", "clients"), ("residents", "residents")]
                .map(|(of, column)| ((period.clone(), of), random::int(summary, row, column).unwrap_or(0)))
        })
        .collect();
    let mut shown: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    let mut hidden: Vec<(&str, i64)> = Vec::new();
    let all = random.table("concentration").unwrap();
    for row in 0..all.rows() {
        let (period, clients) = (text(tops, row, "period"), random::int(all, row, "clients").unwrap());
        match tops.cell(row, "cost_cents") {
            Some(Cell::Withheld(_)) => hidden.push((period, clients)),
            _ => {
                shown.entry(period).or_default().insert(clients);
            }
        }
    }
    for row in 0..curve.rows().len() {
        let Some(Cell::Value(Datum::Ratio(share))) = curve.cell(row, "cumulative_cost_share") else { continue };
        let (period, percentile) = (text(curve, row, "period"), int(curve, row, "percentile").unwrap());
        let of = if text(curve, row, "denominator") == "users" { "users" } else { "residents" };
        let n = people[&(period.to_owned(), of)];
        let above = n - n * percentile / 100;
        if *share != 0.0 && percentile != 100 && above > 0 {
            assert!(!hidden.contains(&(period, above)), "seed {seed}: {period} tells the withheld cost of {above}");
            shown.entry(period).or_default().insert(above);
        }
    }
    for (period, cuts) in shown {
        let cuts: Vec<i64> = cuts.into_iter().filter(|&cut| cut > 0).collect();
        let apart = |pair: &[i64]| pair[1] - pair[0] >= i64::from(random.k);
        assert!(cuts.windows(2).all(apart), "seed {seed}: {period} tells of {cuts:?}");
    }
}

fn the_order_of_rows_does_not_matter(seed: u64, random: &RandomStudy, disclosed: &DisclosedStudy) {
    let turned: Vec<Table> = random
        .tables
        .iter()
        .map(|table| {
            let mut turned = Table::new(table.schema);
            for row in (0..table.rows()).rev() {
                let values: Vec<_> = (0..table.schema.columns.len()).map(|column| table.value(row, column)).collect();
                turned.push(&values);
            }
            turned
        })
        .collect();
    let again = disclose(&random.tables(&turned)).unwrap();
    for (one, other) in disclosed.tables().iter().zip(again.tables()) {
        let rows = |table: &DisclosedTable| table.rows().iter().map(|row| format!("{row:?}")).collect::<BTreeSet<_>>();
        assert_eq!(rows(one), rows(other), "seed {seed}: {}", one.name());
    }
}
