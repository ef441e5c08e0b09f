//! Every table that may leave, of random studies that the core itself makes: whatever is published is audited anew.

// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod random;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use random::RandomStudy;
use virta_model::Table;
use virta_model::schema::COHORT;
use virta_protection::{Cell, Datum, PERSONS, ProtectedStudy, ProtectedTable, audit, protect};

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

/// `cargo test --release -p virta-protection --test whole_studies -- --ignored`
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
    let disclosed = protect(&study).unwrap();
    assert_eq!(disclosed.log().broken_sums, Vec::<String>::new(), "seed {seed}");
    assert_eq!(audit(&study, &disclosed), [], "seed {seed}");
    for table in disclosed.tables() {
        no_small_number_is_shown(seed, table, random.k);
        nothing_is_shown_of_people_who_are_withheld(seed, table);
        every_withheld_cell_is_logged(seed, table, &disclosed);
    }
    curves_keep_k_people_apart(seed, &random, &disclosed);
    bands_may_have_k_people(seed, &random, &disclosed);
    numbers_of_services_may_have_k_people(seed, &random, &disclosed);
    if seed.is_multiple_of(5) {
        the_order_of_rows_does_not_matter(seed, &random, &disclosed);
    }
    random.tables.iter().filter(|table| table.rows() > 0).map(|table| table.schema.name).collect()
}

fn int(table: &ProtectedTable, row: usize, column: &str) -> Option<i64> {
    match table.cell(row, column) {
        Some(Cell::Value(Datum::Int(value))) => Some(*value),
        _ => None,
    }
}

fn text<'a>(table: &'a ProtectedTable, row: usize, column: &str) -> &'a str {
    match table.cell(row, column) {
        Some(Cell::Value(Datum::Text(text))) => text,
        _ => "",
    }
}

fn no_small_number_is_shown(seed: u64, table: &ProtectedTable, k: u32) {
    for row in 0..table.rows().len() {
        for column in PEOPLE {
            let people = int(table, row, column);
            assert!(!people.is_some_and(|n| (1..i64::from(k)).contains(&n)), "seed {seed}: {} {column}", table.name());
        }
    }
}

fn nothing_is_shown_of_people_who_are_withheld(seed: u64, table: &ProtectedTable) {
    for row in 0..table.rows().len() {
        if matches!(table.cell(row, "clients"), Some(Cell::Withheld(_))) {
            for column in OF_CLIENTS {
                let shown = matches!(table.cell(row, column), Some(Cell::Value(_)));
                assert!(!shown, "seed {seed}: {} row {row} shows {column}", table.name());
            }
        }
    }
}

fn every_withheld_cell_is_logged(seed: u64, table: &ProtectedTable, disclosed: &ProtectedStudy) {
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
fn curves_keep_k_people_apart(seed: u64, random: &RandomStudy, disclosed: &ProtectedStudy) {
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

/// A band and how many visits each of its clients has.
type Band = (&'static str, i64, i64);

const BANDS: [Band; 5] = [("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4-9", 4, 9), ("10+", 10, 1 << 40)];

/// Whoever knows the people and the visits of all withheld bands must allow for k people in each small one.
fn bands_may_have_k_people(seed: u64, random: &RandomStudy, disclosed: &ProtectedStudy) {
    let (Some(shown), Some(all)) = (disclosed.table("emergency_bands"), random.table("emergency_bands")) else {
        return;
    };
    let k = i64::from(random.k);
    let mut groups: BTreeMap<(&str, &str), BTreeMap<&str, usize>> = BTreeMap::new();
    for row in 0..shown.rows().len() {
        let key = (text(shown, row, "cohort"), text(shown, row, "period"));
        groups.entry(key).or_default().insert(text(shown, row, "band"), row);
    }
    for (key, rows) in groups {
        let is_withheld = |row: usize, column| matches!(shown.cell(row, column), Some(Cell::Withheld(_)));
        if !rows.values().any(|&row| is_withheld(row, "clients")) {
            continue;
        }
        assert!(rows.values().all(|&row| is_withheld(row, "visits")), "seed {seed}: {key:?} shows visits");
        let clients = |band: &str| random::int(all, rows[band], "clients").unwrap();
        let visits: i64 = BANDS.iter().map(|(band, ..)| random::int(all, rows[band], "visits").unwrap()).sum();
        let (open, closed): (Vec<&Band>, Vec<&Band>) =
            BANDS.iter().partition(|(band, ..)| is_withheld(rows[band], "clients"));
        let people: i64 = open.iter().map(|(band, ..)| clients(band)).sum();
        if people + closed.iter().map(|(band, ..)| clients(band)).sum::<i64>() < k {
            continue;
        }
        let least: i64 = closed.iter().map(|(band, least, _)| clients(band) * least).sum();
        let most: i64 = closed.iter().map(|(band, _, most)| clients(band) * most).sum();
        for small in open.iter().filter(|(band, ..)| clients(band) < k) {
            let others: Vec<_> = open.iter().filter(|other| other.0 != small.0).copied().collect();
            let (least, most) = (least + k * small.1, most + k * small.2);
            assert!(fills(&others, people - k, least, most, visits), "seed {seed}: {key:?} tells of band {}", small.0);
        }
    }
}

/// Whether people can be spread over bands so that all may have so many visits.
fn fills(bands: &[&Band], people: i64, least: i64, most: i64, visits: i64) -> bool {
    match bands.split_first() {
        None => people == 0 && least <= visits && visits <= most,
        Some((band, rest)) => {
            (0..=people).any(|n| fills(rest, people - n, least + n * band.1, most + n * band.2, visits))
        }
    }
}

/// The same of the rows of `services_per_client`, where every service is shown.
fn numbers_of_services_may_have_k_people(seed: u64, random: &RandomStudy, disclosed: &ProtectedStudy) {
    let (Some(shown), Some(used)) = (disclosed.table("services_per_client"), disclosed.table("service_use")) else {
        return;
    };
    let true_rows = random.table("services_per_client").unwrap();
    let mut periods: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    (0..shown.rows().len()).for_each(|row| periods.entry(text(shown, row, "period")).or_default().push(row));
    for (period, rows) in periods {
        let of_all = |row: &usize| text(used, *row, "cohort") == "all" && text(used, *row, "period") == period;
        let services: Vec<usize> = (0..used.rows().len()).filter(of_all).collect();
        let of_services: Option<i64> = services.iter().map(|&row| int(used, row, "clients")).sum();
        let number = |row: usize, column| random::int(true_rows, row, column).unwrap();
        let times = |row: usize| number(row, "services") * number(row, "clients");
        if of_services != Some(rows.iter().map(|&row| times(row)).sum()) || services.is_empty() {
            continue;
        }
        let open: Vec<usize> = rows.into_iter().filter(|&row| int(shown, row, "clients").is_none()).collect();
        let people: i64 = open.iter().map(|&row| number(row, "clients")).sum();
        let all_times: i64 = open.iter().map(|&row| times(row)).sum();
        for &small in open.iter().filter(|&&row| number(row, "clients") < i64::from(random.k)) {
            let others: Vec<i64> =
                open.iter().filter(|&&row| row != small).map(|&row| number(row, "services")).collect();
            let services = number(small, "services");
            let is_open = (i64::from(random.k)..=people)
                .any(|clients| adds_up(&others, people - clients, all_times - services * clients));
            assert!(is_open, "seed {seed}: {period} tells how many have {services} services");
        }
    }
}

/// Whether people, one at least in each row, can have so many services in all.
fn adds_up(services: &[i64], people: i64, all: i64) -> bool {
    match services.split_first() {
        None => people == 0 && all == 0,
        Some((services, rest)) => (1..=people).any(|n| adds_up(rest, people - n, all - n * services)),
    }
}

fn the_order_of_rows_does_not_matter(seed: u64, random: &RandomStudy, disclosed: &ProtectedStudy) {
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
    let again = protect(&random.tables(&turned)).unwrap();
    for (one, other) in disclosed.tables().iter().zip(again.tables()) {
        let rows = |table: &ProtectedTable| table.rows().iter().map(|row| format!("{row:?}")).collect::<BTreeSet<_>>();
        assert_eq!(rows(one), rows(other), "seed {seed}: {}", one.name());
    }
}
