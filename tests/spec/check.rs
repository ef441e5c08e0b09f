//! The one way to state a case: small text tables in, expected text tables out, through the core and the oracle.

use virta_flow::{PilotClient, RunOptions, Step};
use virta_model::schema::{COHORT, TableSchema};
use virta_model::settings::Study;
use virta_tests::memory::{Cut, Memory};
use virta_tests::oracle::{self, Cell, Tables, cells};
use virta_tests::shares::{InTurn, Whole, ranges};
use virta_tests::{PilotRow, TextTable, World};

/// A case. Text tables are those of [`World::parse`] and [`World::with`]; an empty one is left out.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Case {
    /// A study; without a `[study]` section it is of the year 2013.
    pub study: &'static str,
    pub clients: &'static str,
    pub contacts: &'static str,
    pub services: &'static str,
    pub pilots: &'static str,
    pub agreements: &'static str,
    pub feedback: &'static str,
    pub assessments: &'static str,
    pub plans: &'static str,
    /// `source until`: see [`World::known_to`].
    pub known: &'static str,
    /// Tables set apart by empty lines. Each begins with a line `> table column=value ...` that chooses rows, then has
    /// the columns of interest as header and every chosen row, in any order. A header alone says that there is no row.
    pub expect: &'static str,
}

/// Runs a case through the oracle and through the core, cut and spread in several ways, and compares all of them with
/// each other on every table and with the expected tables.
///
/// # Panics
/// On the first difference.
pub(crate) fn check(case: Case) {
    let world = World::parse(case.clients, case.contacts, case.services).with_pilots(case.pilots);
    let world = world.with(case.agreements, case.feedback, case.assessments, case.plans).with_known(case.known);
    let study = study(case.study);
    let tables = agreed(&study, &world);
    for expected in case.expect.split("> ").filter(|text| !text.trim().is_empty()) {
        check_expected(&study, &tables, expected);
    }
}

/// A study's text with the head that little cases leave out.
pub(crate) fn study(text: &str) -> Study {
    let head = "[study]\nname = \"s\"\nperiods = [\"2013\"]\n";
    let text = if text.contains("[study]") { text.to_owned() } else { format!("{head}{text}") };
    Study::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The tables of the oracle, after the core has been shown to give the same.
pub(crate) fn agreed(study: &Study, world: &World) -> Tables {
    let mut expected = oracle::run(study, world);
    let whole = Cut { bucket_count: 1, batch_rows: 1000 };
    let first = core(study, world, whole, 1);
    // What is 0 by definition follows from definitions alone: the oracle, which counts people, finds 0 wherever it is said.
    let zeros = first.get("zeros").cloned().unwrap_or_default();
    zeros.iter().for_each(|zero| holds(zero, &expected));
    expected.insert("zeros", zeros);
    compare(&expected, &first, "the oracle (left) and the core (right)");
    for (bucket_count, batch_rows, threads) in [(1, 1, 1), (4, 2, 2), (16, 3, 3), (64, 1000, 8)] {
        let cut = Cut { bucket_count, batch_rows };
        let again = core(study, &spread(world), cut, threads);
        assert!(first == again, "the core depends on {cut:?} or {threads} threads: {}", difference(&first, &again));
    }
    for (bucket_count, shares) in [(1, 1), (16, 3)] {
        let cut = Cut { bucket_count, batch_rows: 3 };
        in_shares(study, &spread(world), cut, shares);
    }
    expected
}

/// Runs the core in shares, and shows that every table and part is what one machine gives.
fn in_shares(study: &Study, world: &World, cut: Cut, shares: u32) {
    let pilots: Vec<PilotClient> = world.pilots.iter().map(pilot_client).collect();
    let options = RunOptions { threads: 2, pilots: &pilots, ..RunOptions::default() };
    let source = Memory::new(world, cut);
    let whole = Whole::run(study, &source, &options).unwrap();
    let ranges = ranges(cut.bucket_count, shares);
    let mut workers = InTurn { study, source: &source, options: &options, ranges, mend: |_: &Step, all| all };
    let shared = Whole::shared(study, &source, &options, &mut workers).unwrap();
    assert!(whole == shared, "{shares} shares of {cut:?} give other tables than one machine");
}

/// Checks that a number that is said to be 0 by definition is 0 in each row that it is said of.
fn holds(zero: &[Cell], tables: &Tables) {
    let words: Vec<String> = zero.iter().map(Cell::to_string).collect();
    let schema = schema(&words[0]);
    let place = |column: &str| schema.index_of(column).unwrap_or_else(|| panic!("{} has no {column}", words[0]));
    let keys: Vec<(usize, &String)> =
        [2, 4].into_iter().filter(|at| zero[*at] != Cell::Null).map(|at| (place(&words[at]), &words[at + 1])).collect();
    for row in tables.get(schema.name).into_iter().flatten() {
        if keys.iter().all(|(at, value)| row[*at].to_string() == **value) {
            assert_eq!(row[place(&words[1])], Cell::Int(0), "{words:?}");
        }
    }
}

/// Ids of little worlds are small and would all fall into the first bucket; this keeps their order.
const SPREAD_BITS: u32 = 55;

/// The same world with ids over all buckets.
pub(crate) fn spread(world: &World) -> World {
    let mut world = world.clone();
    world.clients.iter_mut().for_each(|client| client.id <<= SPREAD_BITS);
    world.contacts.iter_mut().for_each(|contact| contact.client <<= SPREAD_BITS);
    world.pilots.iter_mut().for_each(|pilot| pilot.client <<= SPREAD_BITS);
    world.feedback.iter_mut().for_each(|answer| answer.client <<= SPREAD_BITS);
    world.assessments.iter_mut().for_each(|one| one.client <<= SPREAD_BITS);
    world.plans.iter_mut().for_each(|one| one.client <<= SPREAD_BITS);
    world
}

/// Runs the core. Ids come back as they were before [`spread`].
pub(crate) fn core(study: &Study, world: &World, cut: Cut, threads: usize) -> Tables {
    let pilots: Vec<PilotClient> = world.pilots.iter().map(pilot_client).collect();
    let options = RunOptions { threads, pilots: &pilots, ..RunOptions::default() };
    let tables = virta_flow::run(study, &Memory::new(world, cut), &options).unwrap();
    let mut all = Tables::new();
    for table in tables {
        let mut rows = cells(&table);
        for at in ["client_id", "matched_with"].into_iter().filter_map(|column| table.schema.index_of(column)) {
            rows.iter_mut().for_each(|row| unspread(&mut row[at]));
        }
        all.insert(table.schema.name, rows);
    }
    all
}

pub(crate) fn pilot_client(row: &PilotRow) -> PilotClient {
    PilotClient { pilot: row.pilot.clone(), client_id: row.client, index_date: row.index, left_on: row.left }
}

fn unspread(cell: &mut Cell) {
    match cell {
        Cell::Int(id) if *id >= 1 << SPREAD_BITS => *id >>= SPREAD_BITS,
        _ => {}
    }
}

/// Compares every table; rows in any order, columns as far as the left side has them (hashes and versions are not
/// the oracle's).
fn compare(left: &Tables, right: &Tables, who: &str) {
    let names = |tables: &Tables| -> Vec<&'static str> {
        tables.iter().filter(|(_, rows)| !rows.is_empty()).map(|(name, _)| *name).collect()
    };
    assert_eq!(names(left), names(right), "tables with rows: {who}");
    for (name, left_rows) in left.iter().filter(|(_, rows)| !rows.is_empty()) {
        let width = left_rows[0].len();
        let cut = right[name].iter().map(|row| row[..width].to_vec()).collect();
        let (left_rows, right_rows) = (sorted(left_rows.clone()), sorted(cut));
        let same = left_rows.len() == right_rows.len()
            && left_rows.iter().zip(&right_rows).all(|(a, b)| a.iter().zip(b).all(|(a, b)| a.agrees(b)));
        assert!(same, "{name}: {who}\n{}", diff(name, &left_rows, &right_rows));
    }
}

fn sorted(mut rows: Vec<Vec<Cell>>) -> Vec<Vec<Cell>> {
    let key = |row: &Vec<Cell>| row.iter().map(Cell::to_string).collect::<Vec<_>>();
    rows.sort_by_key(key);
    rows
}

fn difference(left: &Tables, right: &Tables) -> String {
    let differs = left.iter().find(|(name, rows)| right.get(*name) != Some(rows));
    differs.map_or("tables".to_owned(), |(name, rows)| diff(name, rows, right.get(name).map_or(&[], |rows| &rows[..])))
}

/// Only the rows that one side has and the other has not.
fn diff(name: &str, left: &[Vec<Cell>], right: &[Vec<Cell>]) -> String {
    let line = |row: &Vec<Cell>| row.iter().map(Cell::to_string).collect::<Vec<_>>().join(" | ");
    let header: Vec<&str> = schema(name).columns.iter().map(|column| column.name).collect();
    let agree = |a: &Vec<Cell>, b: &Vec<Cell>| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.agrees(b));
    let mut text = format!("  {name}: {}\n", header.join(" | "));
    for row in left.iter().filter(|row| !right.iter().any(|other| agree(row, other))) {
        text += &format!("  left only:  {}\n", line(row));
    }
    for row in right.iter().filter(|row| !left.iter().any(|other| agree(row, other))) {
        text += &format!("  right only: {}\n", line(row));
    }
    text
}

fn schema(name: &str) -> &'static TableSchema {
    COHORT.iter().find(|schema| schema.name == name).unwrap_or_else(|| panic!("no table {name}"))
}

fn check_expected(study: &Study, tables: &Tables, text: &str) {
    let (head, body) = text.split_once('\n').unwrap();
    let mut words = head.split_whitespace();
    let name = words.next().unwrap();
    let schema = study.table(schema(name));
    let place = |column: &str| schema.index_of(column).unwrap_or_else(|| panic!("{name} has no {column}"));
    let filters: Vec<(usize, &str)> =
        words.map(|word| word.split_once('=').unwrap()).map(|(column, value)| (place(column), value)).collect();
    let expected = TextTable::parse(body);
    let places: Vec<usize> = expected.header.iter().map(|column| place(column)).collect();
    let rows = tables.get(name).map_or(&[][..], |rows| &rows[..]);
    let chosen = rows.iter().filter(|row| filters.iter().all(|(at, value)| row[*at].is_written(value)));
    let found: Vec<Vec<Cell>> = chosen.map(|row| places.iter().map(|&at| row[at].clone()).collect()).collect();
    let matches =
        |written: &Vec<String>, row: &Vec<Cell>| row.iter().zip(written).all(|(cell, text)| cell.is_written(text));
    let mut left = found.clone();
    let mut missing = Vec::new();
    for written in &expected.cells {
        match left.iter().position(|row| matches(written, row)) {
            Some(at) => {
                left.remove(at);
            }
            None => missing.push(written.join(" | ")),
        }
    }
    let line = |row: &Vec<Cell>| row.iter().map(Cell::to_string).collect::<Vec<_>>().join(" | ");
    assert!(
        missing.is_empty() && left.is_empty(),
        "{head}\n  {}\n  expected but not found: {missing:#?}\n  found but not expected: {:#?}",
        expected.header.join(" | "),
        left.iter().map(line).collect::<Vec<_>>(),
    );
}
