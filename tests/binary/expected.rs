//! Answers that were worked out apart from the program: lines of `table;period;key;column;value`.

use std::collections::BTreeMap;
use std::path::Path;

use virta_model::schema::{CLIENTS, COHORT, CONTACTS, SERVICES, TableSchema};
use virta_tests::Cell;

use super::runner::Bench;

/// Holds the results of a study, and the store's ledger, against a file of answers.
///
/// # Panics
/// With every line that does not hold.
pub(super) fn check(bench: &Bench, study: &str, path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    // Facts of one member, who has no name in the results: some one row must have all of them.
    let mut persons: BTreeMap<(&str, &str), Vec<(&str, &str)>> = BTreeMap::new();
    let mut answers = Answers { bench, study, tables: BTreeMap::new() };
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(';').collect();
        let [table, period, key, column, value] = fields[..] else { panic!("not five fields: {line}") };
        if table == "members" && key.contains(' ') {
            persons.entry((period, key)).or_default().push((column, value));
            continue;
        }
        let found = answers.answer(table, period, key, column);
        if found != value {
            wrong.push(format!("{line}: found {found}"));
        }
    }
    for ((period, key), facts) in persons {
        let found = answers.members_with(period, key.split(' ').next().unwrap(), &facts);
        if found != 1 {
            wrong.push(format!("members;{period};{key}: {found} members are {facts:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", path.display(), wrong.join("\n"));
}

struct Answers<'a> {
    bench: &'a Bench,
    study: &'a str,
    tables: BTreeMap<&'static str, Vec<Vec<Cell>>>,
}

impl Answers<'_> {
    fn answer(&mut self, table: &str, period: &str, key: &str, column: &str) -> String {
        match table {
            "deliveries" => self.ledger(key, column),
            "contacts" | "clients" | "services" => self.store(table, column),
            _ => {
                let schema = *COHORT.iter().find(|schema| schema.name == table).unwrap();
                let filters = filters(schema, period, key);
                self.result(schema, &filters, column)
            }
        }
    }

    fn ledger(&self, file: &str, column: &str) -> String {
        let snapshot = self.bench.store().current().unwrap();
        let sum = snapshot
            .deliveries()
            .iter()
            .filter(|delivery| delivery.file == file || delivery.file.ends_with(&format!("/{file}")))
            .map(|delivery| match column {
                "rows_read" => delivery.rows_read,
                "rows_accepted" => delivery.rows_accepted,
                "rows_quarantined" => delivery.rows_quarantined,
                "rows_superseded" => delivery.rows_superseded,
                other => panic!("no column {other} of the ledger"),
            })
            .sum::<u64>();
        sum.to_string()
    }

    fn store(&mut self, table: &str, column: &str) -> String {
        let schema: &'static TableSchema = match table {
            "contacts" => &CONTACTS,
            "clients" => &CLIENTS,
            _ => &SERVICES,
        };
        let rows = self.tables.entry(schema.name).or_insert_with(|| self.bench.rows(schema));
        let values = |name: &str| -> Vec<String> {
            let at = schema.index_of(name).unwrap();
            rows.iter().map(|row| row[at].to_string()).collect()
        };
        let distinct = |name: &str| values(name).into_iter().collect::<std::collections::BTreeSet<_>>().len();
        match column {
            // People whom no list knows have a row of nulls: the list's own rows have more.
            "rows" if table == "clients" => {
                rows.iter().filter(|row| row[1..].iter().any(|cell| *cell != Cell::Null)).count().to_string()
            }
            "rows" => rows.len().to_string(),
            "clients" => distinct("client_id").to_string(),
            "services" => distinct("service").to_string(),
            "cost_cents" => {
                values("cost_cents").iter().filter_map(|text| text.parse::<i64>().ok()).sum::<i64>().to_string()
            }
            "stays" => values("is_stay").iter().filter(|text| *text == "yes").count().to_string(),
            "open" => {
                let open = values("is_stay").into_iter().zip(values("end_date"));
                open.filter(|(is_stay, end)| is_stay == "yes" && end == "-").count().to_string()
            }
            other => panic!("no answer {other} of {table}"),
        }
    }

    /// One row's value, or the sum over the rows; `rows` and a missing count column count rows.
    fn result(&mut self, schema: &'static TableSchema, filters: &[(usize, String)], column: &str) -> String {
        let rows = self.tables.entry(schema.name).or_insert_with(|| self.bench.result(self.study, schema));
        let chosen: Vec<_> =
            rows.iter().filter(|row| filters.iter().all(|(at, is)| row[*at].to_string() == *is)).collect();
        let Some(at) = schema.index_of(column) else { return chosen.len().to_string() };
        if let [row] = chosen[..] {
            return match &row[at] {
                Cell::Ratio(value) => format!("{value:.9}"),
                cell => cell.to_string(),
            };
        }
        let number = |cell: &Cell| if let Cell::Int(value) = cell { *value } else { 0 };
        chosen.iter().map(|row| number(&row[at])).sum::<i64>().to_string()
    }

    fn members_with(&mut self, period: &str, cohort: &str, facts: &[(&str, &str)]) -> usize {
        let schema = *COHORT.iter().find(|schema| schema.name == "members").unwrap();
        let rows = self.tables.entry(schema.name).or_insert_with(|| self.bench.result(self.study, schema));
        let place = |column: &str| schema.index_of(column).unwrap();
        let ours = rows.iter().filter(|row| row[0].to_string() == cohort && row[1].to_string() == period);
        ours.filter(|row| facts.iter().all(|(column, value)| row[place(column)].to_string() == *value)).count()
    }
}

/// Which rows a period and a key choose: `cohort` or `denominator`, then the table's own key.
fn filters(schema: &'static TableSchema, period: &str, key: &str) -> Vec<(usize, String)> {
    let place = |column: &str| schema.index_of(column).unwrap_or_else(|| panic!("{} has no {column}", schema.name));
    let mut filters = vec![(place("period"), period.to_owned())];
    let (first, rest) = key.split_once(' ').map_or((key, None), |(first, rest)| (first, Some(rest)));
    if first.is_empty() {
        return filters;
    }
    let group = if schema.name == "concentration" { "denominator" } else { "cohort" };
    filters.push((place(group), first.to_owned()));
    match (schema.name, rest) {
        (_, None) => {}
        ("concentration", Some(percent)) => filters.push((place("top_percent"), percent.to_owned())),
        ("flows", Some(pair)) => {
            let (from, to) = pair.split_once(" > ").unwrap();
            filters.push((place("from_service"), from.to_owned()));
            filters.push((place("to_service"), to.to_owned()));
        }
        ("service_use", Some(service)) => filters.push((place("service"), service.to_owned())),
        (name, Some(rest)) => panic!("what is {rest} of {name}?"),
    }
    filters
}
