//! What must hold of every published table by itself.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::schema::Role;
use virta_model::{Table, Value};
use virta_protection::{Cell, Datum, ProtectedStudy};

use crate::reader::{keys_of, shown_keys};
use crate::region::RandomStudy;

pub(crate) fn check(seed: u64, study: &RandomStudy, shown: &ProtectedStudy) {
    let (k, round_to) = (i64::from(study.policy.k()), i64::from(study.policy.round_to()));
    for table in shown.tables() {
        for (at, column) in table.schema().columns.iter().enumerate() {
            for row in 0..table.rows().len() {
                if let (Role::People, Cell::Value(Datum::Int(people))) = (column.role, &table.rows()[row][at]) {
                    let is_zero = || study.is_zero(table.schema(), &shown_keys(table, row), column.name);
                    let is_rounded = (*people >= k && people % round_to == 0) || (*people == 0 && is_zero());
                    assert!(is_rounded, "seed {seed}: {}.{} shows {people}", table.name(), column.name);
                }
            }
        }
    }
    zeros_by_definition_are_zeros_and_shown(seed, study, shown);
    amounts_have_k_clients_behind_them(seed, k, study, shown);
    few_clients_do_not_tell_that_a_median_is_not_reached(seed, shown);
    small_cohorts_have_one_row(seed, k, study, shown);
    order_of_rows_does_not_matter(seed, study, shown);
}

/// What the study says to be 0 is 0 among all these people, and stands as 0 in every row that is there for its group.
fn zeros_by_definition_are_zeros_and_shown(seed: u64, study: &RandomStudy, shown: &ProtectedStudy) {
    for table in study.tables.iter().filter(|table| table.schema.leaves.ever()) {
        let shown = shown.table(table.schema.name).expect("tables that leave are shown");
        for (at, column) in table.schema.columns.iter().enumerate() {
            for row in 0..table.rows() {
                if study.is_zero(table.schema, &keys_of(table, row), column.name) {
                    let place = format!("seed {seed}: {}.{} of row {row}", table.schema.name, column.name);
                    assert_eq!(table.value(row, at), Value::Int(0), "{place}");
                }
            }
            for row in 0..shown.rows().len() {
                if study.is_zero(table.schema, &shown_keys(shown, row), column.name) {
                    let place = format!("seed {seed}: {}.{} of row {row}", table.schema.name, column.name);
                    assert_eq!(shown.rows()[row][at], Cell::Value(Datum::Int(0)), "{place}");
                }
            }
        }
    }
}

/// Nobody is fewer than k, too.
fn amounts_have_k_clients_behind_them(seed: u64, k: i64, study: &RandomStudy, shown: &ProtectedStudy) {
    let contributors =
        study.tables.iter().find(|table| table.schema.name == "contributors").expect("every study has it");
    let mut behind: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for row in 0..contributors.rows() {
        let text =
            |at| if let Value::Text(text) = contributors.value(row, at) { text.to_owned() } else { String::new() };
        let clients = if let Value::Int(clients) = contributors.value(row, 3) { clients } else { 0 };
        behind.insert((text(0), text(1), text(2)), clients);
    }
    for table in shown.tables() {
        for row in 0..table.rows().len() {
            let keys = shown_keys(table, row).join("|");
            for (column, cell) in table.schema().columns.iter().zip(&table.rows()[row]) {
                if matches!((column.role, cell), (Role::Amount { .. }, Cell::Value(_))) {
                    // Rows put together have keys of their own.
                    let clients = behind.get(&(table.name().to_owned(), keys.clone(), column.name.to_owned()));
                    let is_zero = || study.is_zero(table.schema(), &shown_keys(table, row), column.name);
                    let is_enough = clients.is_none_or(|clients| *clients >= k) || is_zero();
                    assert!(is_enough, "seed {seed}: {}.{} of {keys} has {clients:?}", table.name(), column.name);
                }
            }
        }
    }
}

fn few_clients_do_not_tell_that_a_median_is_not_reached(seed: u64, shown: &ProtectedStudy) {
    for table in shown.tables() {
        for (at, column) in table.schema().columns.iter().enumerate() {
            let Role::Quantile { of, .. } = column.role else { continue };
            for row in 0..table.rows().len() {
                let is_few = matches!(table.cell(row, of), Some(Cell::Withheld(_)));
                let is_told = is_few && table.rows()[row][at] == Cell::NotMeasured;
                assert!(!is_told, "seed {seed}: {}.{} of row {row}", table.name(), column.name);
            }
        }
    }
}

fn small_cohorts_have_one_row(seed: u64, k: i64, study: &RandomStudy, shown: &ProtectedStudy) {
    let profile = study.tables.iter().find(|table| table.schema.name == "profile").expect("every study has it");
    let text = |row: usize, column: &str| match profile.value(row, profile.schema.index_of(column).unwrap()) {
        Value::Text(text) => text.to_owned(),
        _ => String::new(),
    };
    let mut sizes: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in (0..profile.rows()).filter(|&row| text(row, "dimension") == "all") {
        let Value::Int(clients) = profile.value(row, profile.schema.index_of("clients").unwrap()) else { continue };
        sizes.insert((text(row, "cohort"), text(row, "period")), clients);
    }
    for cohort in study.study.cohorts.iter().map(|cohort| cohort.name.as_str()) {
        for period in study.study.study.periods.iter().map(|period| period.label()) {
            if sizes.get(&(cohort.to_owned(), period.to_owned())).copied().unwrap_or(0) >= k {
                continue;
            }
            let of = |table: &virta_protection::ProtectedTable, row: usize, column: &str, name: &str| {
                table.cell(row, column) == Some(&Cell::Value(Datum::Text(name.to_owned())))
            };
            let rows: Vec<&str> = shown
                .tables()
                .iter()
                .flat_map(|table| (0..table.rows().len()).map(move |row| (table, row)))
                .filter(|&(table, row)| of(table, row, "cohort", cohort) && of(table, row, "period", period))
                .map(|(table, _)| table.name())
                .collect();
            assert_eq!(rows, ["profile"], "seed {seed}: {cohort} in {period}");
        }
    }
}

fn order_of_rows_does_not_matter(seed: u64, study: &RandomStudy, shown: &ProtectedStudy) {
    if !seed.is_multiple_of(10) {
        return;
    }
    let turned: Vec<Table> = study
        .tables
        .iter()
        .map(|table| {
            let mut turned = Table::new(table.schema);
            for row in (0..table.rows()).rev() {
                // The rows of one pilot's client stand together.
                let row = if table.schema.name == "pilot_clients" { table.rows() - 1 - row } else { row };
                let values: Vec<Value<'_>> = (0..table.schema.columns.len()).map(|at| table.value(row, at)).collect();
                turned.push(&values);
            }
            turned
        })
        .collect();
    let again = RandomStudy {
        tables: turned,
        study: study.study.clone(),
        policy: study.policy,
        people: Vec::new(),
        members: BTreeSet::new(),
    };
    let again = virta_protection::protect(&again.tables(seed)).expect("the policy is right");
    for (one, other) in shown.tables().iter().zip(again.tables()) {
        let rows = |table: &virta_protection::ProtectedTable| {
            table.rows().iter().map(|row| format!("{row:?}")).collect::<BTreeSet<_>>()
        };
        assert_eq!(rows(one), rows(other), "seed {seed}: {}", one.name());
    }
}
