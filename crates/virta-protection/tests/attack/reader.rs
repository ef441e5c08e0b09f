//! What a reader of the published tables starts from: every number that they could show, with the bounds that its cell
//! leaves. Who reads knows the policy, the study file and the codes, and the step of every amount.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use virta_model::schema::{Kind, Leaves, Pool, Role};
use virta_model::{Table, Value};
use virta_protection::{Cell, Datum, ProtectedStudy, ProtectedTable};

use crate::region::RandomStudy;
use crate::solver::{OPEN, System, Unknown};

/// Table, keys and column of a number.
pub(crate) type Place = (&'static str, Vec<String>, &'static str);

pub(crate) struct Reader<'a> {
    pub study: &'a RandomStudy,
    pub shown: &'a ProtectedStudy,
    pub system: System,
    /// Whether counts of k and more are taken to be shown exactly, as they were when small ones were only withheld.
    is_exact: bool,
    places: HashMap<Place, usize>,
    /// The keys of every number, by table.
    pub keys: BTreeMap<&'static str, BTreeSet<Vec<String>>>,
    largest: HashMap<(String, String, String), i64>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(study: &'a RandomStudy, shown: &'a ProtectedStudy, is_exact: bool) -> Self {
        let mut reader = Reader {
            study,
            shown,
            system: System::default(),
            is_exact,
            places: HashMap::new(),
            keys: BTreeMap::new(),
            largest: largest(&study.tables),
        };
        for table in study.tables.iter().filter(|table| table.schema.leaves.ever()) {
            reader.read(table);
        }
        reader
    }

    pub(crate) fn k(&self) -> i64 {
        self.study.policy.k().into()
    }

    /// Every number, by its place.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&Place, usize)> {
        self.places.iter().map(|(place, number)| (place, *number))
    }

    pub(crate) fn at(&self, table: &'static str, keys: &[&str], column: &'static str) -> Option<usize> {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.places.get(&(table, keys, column)).copied()
    }

    /// What an amount is rounded to.
    pub(crate) fn step_of(&self, table: &str, keys: &[String], column: &str, is_money: bool) -> f64 {
        let largest = self.largest.get(&(table.to_owned(), keys.join("|"), column.to_owned())).copied();
        let least = if is_money { 10_000 } else { self.study.policy.round_to().into() };
        step(least, largest.unwrap_or(0)) as f64
    }

    /// The points of the curve of users in a period: percentile, exact share, shown share.
    pub(crate) fn curve(&self, period: &str) -> Vec<(i64, f64, Option<f64>)> {
        let Some(table) = self.study.tables.iter().find(|table| table.schema.name == "lorenz") else {
            return Vec::new();
        };
        let shown = self.shown.table("lorenz").expect("tables that leave are shown");
        let shown: BTreeMap<Vec<String>, &Cell> =
            (0..shown.rows().len()).map(|row| (shown_keys(shown, row), &shown.rows()[row][3])).collect();
        let point = |row: usize| {
            let keys = keys_of(table, row);
            let Value::Ratio(exact) = table.value(row, 3) else { return None };
            let told = match shown.get(&keys) {
                Some(Cell::Value(Datum::Ratio(share))) => Some(*share),
                _ => None,
            };
            (keys[0] == period && keys[1] == "users").then(|| (keys[2].parse().unwrap_or(0), exact, told))
        };
        (0..table.rows()).filter_map(point).collect()
    }

    /// The numbers of a column whose keys fit.
    pub(crate) fn all(
        &self,
        table: &'static str,
        column: &'static str,
        fits: impl Fn(&[String]) -> bool,
    ) -> Vec<usize> {
        let keys = self.keys.get(table).into_iter().flatten().filter(|keys| fits(keys));
        keys.filter_map(|keys| self.places.get(&(table, keys.clone(), column)).copied()).collect()
    }

    /// Every row that the table has or could have: what one cohort or period has, another could.
    fn read(&mut self, table: &Table) {
        let schema = table.schema;
        let rows: BTreeMap<Vec<String>, usize> = (0..table.rows()).map(|row| (keys_of(table, row), row)).collect();
        let shown_table = self.shown.table(schema.name).expect("tables that leave are shown");
        let shown: BTreeMap<Vec<String>, usize> =
            (0..shown_table.rows().len()).map(|row| (shown_keys(shown_table, row), row)).collect();
        let is_sparse = ["combinations", "pathways", "packages", "attrition"].contains(&schema.name);
        let first = if ["cohort", "from_period"].contains(&schema.columns[0].name) { 2 } else { 1 };
        let mut keys: BTreeSet<Vec<String>> = rows.keys().cloned().collect();
        if !is_sparse {
            let begins: BTreeSet<Vec<String>> = keys.iter().map(|keys| keys[..first].to_vec()).collect();
            let ends: BTreeSet<Vec<String>> = keys.iter().map(|keys| keys[first..].to_vec()).collect();
            keys = begins.iter().flat_map(|a| ends.iter().map(|b| [&a[..], &b[..]].concat())).collect();
        }
        // Rows of a pilot's means are there for their means.
        let is_gate = schema.leaves == Leaves::OnlyShown(Pool::Nothing)
            && schema.name != "access"
            && schema.columns.iter().all(|column| column.role != Role::OfPilot);
        for keys in &keys {
            for (at, column) in schema.columns.iter().enumerate() {
                let true_row = rows.get(keys).copied();
                let truth = match true_row.map(|row| table.value(row, at)) {
                    Some(Value::Int(truth)) => truth,
                    // Not measured.
                    Some(_) => continue,
                    None => 0,
                };
                let cell = shown.get(keys).map(|&row| &shown_table.rows()[row][at]);
                // Where a cohort is small in one of two periods, none of its rows between them is there.
                let is_between =
                    schema.name == "joiners" && keys[1..3].iter().any(|period| self.is_small(&keys[0], period));
                let unknown = match column.role {
                    Role::People | Role::Amount { .. } if self.study.is_zero(schema, keys, column.name) => {
                        // The study tells it to everybody.
                        Unknown { name: String::new(), low: 0, high: 0, truth, is_secret: false }
                    }
                    Role::People => self.people(column.name, cell, truth, is_gate && !is_between),
                    Role::Amount { of } => {
                        let of = schema.index_of(of).expect("it is a column");
                        let people = true_row.map_or(0, |row| int(table.value(row, of)));
                        self.amount((schema.name, keys, column.name), cell, truth, people, column.kind == Kind::Cents)
                    }
                    _ => continue,
                };
                let name = format!("{} {} {}", schema.name, keys.join("|"), column.name);
                // How many make one per cent follows from how many all are, and says nothing of any of them.
                let is_secret = unknown.is_secret && !(schema.name == "concentration" && column.name == "clients");
                let number = self.system.add(Unknown { name, is_secret, ..unknown });
                self.places.insert((schema.name, keys.clone(), column.name), number);
            }
        }
        self.keys.insert(schema.name, keys);
        self.read_pooled(table, shown_table);
    }

    /// Whether a cohort is said to be small in a period.
    fn is_small(&self, cohort: &str, period: &str) -> bool {
        let profile = self.shown.table("profile").expect("every study has it");
        let keys = [cohort, period, "all", "all"].map(str::to_owned);
        let row = (0..profile.rows().len()).find(|&row| shown_keys(profile, row) == keys);
        row.and_then(|row| profile.cell(row, "clients")).is_none_or(|cell| matches!(cell, Cell::Withheld(_)))
    }

    fn people(&self, column: &str, cell: Option<&Cell>, truth: i64, is_gate: bool) -> Unknown {
        let (k, round_to) = (self.k(), i64::from(self.study.policy.round_to()));
        let (low, high) = match cell {
            Some(Cell::Value(_)) if self.is_exact => (truth, truth),
            Some(Cell::Value(Datum::Int(0))) => (0, 0),
            Some(Cell::Value(Datum::Int(shown))) => (k.max(shown - round_to + 1), shown + round_to - 1),
            Some(Cell::Withheld(reason)) if reason.as_str() == "too_few_clients" || column == "clients" => (0, k - 1),
            Some(_) => (0, OPEN),
            // A row of a table that has only rows of enough clients, unless it may be part of another.
            None if ["clients", "eligible"].contains(&column) && is_gate => (0, k - 1),
            None => (0, OPEN),
        };
        Unknown { name: String::new(), low, high, truth, is_secret: (1..k).contains(&truth) }
    }

    fn amount(
        &self,
        (table, keys, column): (&str, &[String], &str),
        cell: Option<&Cell>,
        truth: i64,
        people: i64,
        is_money: bool,
    ) -> Unknown {
        let k = self.k();
        let (low, high) = match cell {
            Some(Cell::Value(Datum::Int(shown))) => {
                let largest = self.largest.get(&(table.to_owned(), keys.join("|"), column.to_owned())).copied();
                let round_to = i64::from(self.study.policy.round_to());
                let least = if is_money { 10_000 } else { round_to };
                let largest = largest.unwrap_or(0);
                let mut open = step(least, largest) / 2;
                if largest > 0 && largest * people == truth {
                    // Everybody has the same: then the number of people is what is rounded.
                    open += largest * (round_to - 1);
                }
                (shown - open, shown + open)
            }
            _ if is_money => (-OPEN, OPEN),
            _ => (0, OPEN),
        };
        Unknown { name: String::new(), low, high, truth, is_secret: (1..k).contains(&people) && truth != 0 }
    }

    /// Rows that stand for several: the sum of those that are not shown by themselves.
    fn read_pooled(&mut self, table: &Table, shown: &ProtectedTable) {
        let schema = table.schema;
        for row in 0..shown.rows().len() {
            let pooled = shown_keys(shown, row);
            let members: Vec<Vec<String>> = match schema.leaves.pool() {
                Pool::Tail { .. } if pooled[1].ends_with('+') => {
                    let from: i64 = pooled[1].trim_end_matches('+').parse().expect("it is a number");
                    let is_in =
                        |keys: &&Vec<String>| keys[0] == pooled[0] && keys[1].parse::<i64>().unwrap_or(0) >= from;
                    self.keys[schema.name].iter().filter(is_in).cloned().collect()
                }
                Pool::Small { of, .. } if of.contains(&pooled[2].as_str()) && pooled[3] == "other" => {
                    let is_shown =
                        |keys: &Vec<String>| (0..shown.rows().len()).any(|row| shown_keys(shown, row) == *keys);
                    let is_in = |keys: &&Vec<String>| keys[..3] == pooled[..3] && !is_shown(keys);
                    self.keys[schema.name].iter().filter(is_in).cloned().collect()
                }
                _ => continue,
            };
            for (at, column) in schema.columns.iter().enumerate() {
                if column.role != Role::People || matches!(shown.rows()[row][at], Cell::NotMeasured) {
                    continue;
                }
                let parts: Vec<usize> = members
                    .iter()
                    .filter_map(|keys| self.places.get(&(schema.name, keys.clone(), column.name)).copied())
                    .collect();
                let truth = parts.iter().map(|&part| self.system.unknowns[part].truth).sum();
                let unknown = self.people(column.name, Some(&shown.rows()[row][at]), truth, false);
                let name = format!("{} {} {}", schema.name, pooled.join("|"), column.name);
                let total = self.system.add(Unknown { name, ..unknown });
                self.system.equal(total, &parts, "rows put together");
            }
        }
    }
}

/// What an amount is rounded to.
fn step(least: i64, largest: i64) -> i64 {
    let steps = [1, 2, 5].map(|times| (0..15).map(move |power| times * 10_i64.pow(power)));
    let step = steps.into_iter().flatten().filter(|step| *step >= least.max((largest + 4) / 5)).min();
    step.expect("steps go far enough")
}

fn int(value: Value<'_>) -> i64 {
    if let Value::Int(number) = value { number } else { 0 }
}

/// The largest client of each amount.
fn largest(tables: &[Table]) -> HashMap<(String, String, String), i64> {
    let mut largest = HashMap::new();
    for table in tables.iter().filter(|table| table.schema.name == "contributors") {
        for row in 0..table.rows() {
            let text =
                |column| if let Value::Text(text) = table.value(row, column) { text.to_owned() } else { String::new() };
            largest.insert((text(0), text(1), text(2)), int(table.value(row, 5)));
        }
    }
    largest
}

pub(crate) fn keys_of(table: &Table, row: usize) -> Vec<String> {
    let value = |column| match table.value(row, column) {
        Value::Text(text) => text.to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        _ => String::new(),
    };
    (0..table.schema.keys()).map(value).collect()
}

pub(crate) fn shown_keys(table: &ProtectedTable, row: usize) -> Vec<String> {
    let cells = table.rows()[row].iter().take(table.schema().keys());
    let text = |cell: &Cell| match cell {
        Cell::Value(Datum::Text(text)) => text.clone(),
        Cell::Value(Datum::Int(number)) => number.to_string(),
        Cell::Value(Datum::Flag(flag)) => flag.to_string(),
        Cell::Value(Datum::Range(from, None)) => format!("{from}+"),
        Cell::Value(Datum::Range(from, Some(to))) => format!("{from}-{to}"),
        _ => String::new(),
    };
    cells.map(text).collect()
}
