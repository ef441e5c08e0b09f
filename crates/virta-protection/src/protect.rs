//! From a study's tables to those that may leave.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::Table;
use virta_model::schema::{self, EMERGENCY_BLOCKS, Kind, Leaves, Pool, Role, TableSchema};

use crate::cells::Maker;
use crate::contributors::Known;
use crate::curve::Curves;
use crate::error::ProtectionError;
use crate::groups::Groups;
use crate::pilots::Pilots;
use crate::policy::{Policy, Rounding, Secret};
use crate::pool::pool;
use crate::protected::{Cell, Datum, Log, LogEntry, ProtectedStudy, ProtectedTable};
use crate::reason::Reason;
use crate::rows::Row;
use crate::zeros::Zeros;

/// The tables of one study, with what the policy needs to know beside them.
#[derive(Debug, Clone)]
pub struct StudyTables<'a> {
    pub tables: &'a [Table],
    pub policy: Policy,
    pub secret: Secret,
    /// The study's segments and the rest, so that a small one has its row also where nobody is in it.
    pub segments: Vec<String>,
    /// Tables of which rows of too few clients were left out before: those that [`leaves_rare_rows_out`] names may be.
    pub rows_left_out: BTreeSet<&'static str>,
}

impl<'a> StudyTables<'a> {
    /// Tables with nothing known beside them.
    pub fn new(tables: &'a [Table], policy: Policy, secret: Secret) -> Self {
        StudyTables { tables, policy, secret, segments: Vec::new(), rows_left_out: BTreeSet::new() }
    }
}

/// Whether [`protect`] reads a table: because it may leave, or because it says who is behind the figures of one that may.
pub fn is_read(table: &str) -> bool {
    let known = schema::COHORT.iter().find(|schema| schema.name == table);
    known.is_some_and(|schema| schema.leaves.ever()) || BESIDE.contains(&table)
}

/// Tables that never leave and are read beside those that may.
const BESIDE: [&str; 4] = ["contributors", "emergency_blocks", "pilot_clients", "zeros"];

/// Whether the rows of a table with fewer than k `clients` are left out whole and nothing else depends on them, so that
/// who reads a table of millions of rare rows need not hold them.
pub fn leaves_rare_rows_out(table: &str) -> bool {
    let known = schema::COHORT.iter().find(|schema| schema.name == table);
    known.is_some_and(|schema| {
        schema.leaves == Leaves::OnlyShown(Pool::Nothing)
            && schema.column("clients").is_some_and(|column| column.role == Role::People)
            && schema.columns.iter().all(|column| column.role != Role::Fact)
    })
}

/// Applies the policy to every table of a study.
///
/// Each cell is looked at once. Tables of single persons, and tables and columns without a declared role, never leave.
/// The result depends on the tables' rows, the policy and the secret alone: the same number of people is the same in
/// every table, and in every study of a project.
///
/// # Errors
/// The same table twice.
pub fn protect(study: &StudyTables<'_>) -> Result<ProtectedStudy, ProtectionError> {
    let mut names = BTreeSet::new();
    for table in study.tables {
        if !names.insert(table.schema.name) {
            return Err(ProtectionError::TwiceTheTable(table.schema.name));
        }
    }
    let rounding = Rounding::new(study.policy, study.secret.clone());
    let groups = Groups::new(study.tables, &rounding);
    let known = Known::new(study.tables);
    let curves = Curves::new(study.tables, &known);
    let maker = Maker { rounding, known, curves, pilots: Pilots::new(study.tables), zeros: Zeros::new(study.tables) };
    let blocks = study.tables.iter().find(|table| table.schema == &EMERGENCY_BLOCKS);
    let blocks = blocks.map_or_else(Vec::new, |table| rows_of(table, &groups, &maker, &mut 0));
    let mut log = Log::default();
    let mut tables = Vec::new();
    for table in study.tables {
        if table.schema.leaves.ever() {
            tables.push(one_table(study, table, &groups, &maker, &blocks, &mut log));
        } else if !BESIDE.contains(&table.schema.name) {
            log.refused.push(table.schema.name);
        }
    }
    Ok(ProtectedStudy::new(study.policy, tables, log))
}

/// The rows of a table, without those of small groups.
fn rows_of(table: &Table, groups: &Groups, maker: &Maker<'_>, of_small_groups: &mut usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for row in 0..table.rows() {
        if groups.is_of_small(table, row) {
            *of_small_groups += 1;
        } else {
            rows.push(Row::new(table, row, &maker.known));
        }
    }
    rows
}

fn one_table(
    study: &StudyTables<'_>,
    table: &Table,
    groups: &Groups,
    maker: &Maker<'_>,
    blocks: &[Row],
    log: &mut Log,
) -> ProtectedTable {
    let schema = table.schema;
    let mut of_small_groups = 0;
    let rows = rows_of(table, groups, maker, &mut of_small_groups);
    let mut rows = pool(schema, rows, blocks, &maker.rounding, log);
    add_small_groups(study, table, groups, maker, &mut rows);
    let is_rare = schema.leaves == Leaves::OnlyShown(schema.leaves.pool()) && !study.policy.is_internal();
    let (mut shown, mut left_out) = (Vec::new(), 0);
    for row in &rows {
        let cells = maker.cells(schema, row);
        if is_rare && !row.is_small_group && !may_be_there(schema, &cells) {
            left_out += 1;
            continue;
        }
        for (cell, column) in cells.iter().zip(schema.columns).filter(|(_, column)| column.role != Role::Kept) {
            if let Cell::Withheld(reason) = *cell {
                log.withheld.push(LogEntry { table: schema.name, row: row.source, column: column.name, reason });
            }
        }
        shown.push(cells);
    }
    for (reason, rows) in [(Reason::SmallGroup, of_small_groups), (Reason::TooFewClients, left_out)] {
        if rows > 0 {
            log.rows_left_out.insert((schema.name, reason), rows);
        }
    }
    // Whether rows were left out is said of a table of which they always may be, so that it tells nothing.
    let before = study.rows_left_out.contains(schema.name);
    ProtectedTable::new(schema, shown, before || left_out > 0, study.policy.is_internal())
}

/// Whether a row of a table that has only rows that can be shown is one: its clients are shown, or an agreement is there
/// whoever used it. Rows without clients are there for their figures.
fn may_be_there(schema: &TableSchema, cells: &[Cell]) -> bool {
    let is = |at: usize, role: Role| schema.columns.get(at).is_some_and(|column| column.role == role);
    let is_agreed = cells.iter().enumerate().any(|(at, cell)| is(at, Role::Fact) && matches!(cell, Cell::Value(_)));
    let people = || schema.columns.iter().position(|column| column.role == Role::People);
    let clients = schema.index_of("clients").or_else(people).and_then(|at| cells.get(at));
    let is_shown = !matches!(clients, Some(Cell::Withheld(_)));
    let figures = || {
        let figures = cells.iter().zip(schema.columns);
        figures.filter(|(_, column)| !matches!(column.role, Role::Key | Role::People | Role::Fact | Role::Kept))
    };
    let is_withheld = |cell: &Cell| matches!(cell, Cell::Withheld(_));
    // The number of a pilot's clients is the same in each of its rows, so that it is their means that rows are there for.
    let is_for_figures = clients.is_none() || schema.columns.iter().any(|column| column.role == Role::OfPilot);
    let has_figure = !is_for_figures || figures().any(|(cell, _)| !is_withheld(cell)) || figures().next().is_none();
    // A long row most of whose figures are withheld says hardly more than that it is small.
    let numbers: Vec<&Cell> = cells
        .iter()
        .zip(schema.columns)
        .filter(|(cell, column)| {
            !matches!(column.role, Role::Key | Role::Fact | Role::Kept) && **cell != Cell::NotMeasured
        })
        .map(|(cell, _)| cell)
        .collect();
    let has_facts = schema.columns.iter().any(|column| column.role == Role::Fact);
    let is_empty = !has_facts
        && numbers.len() >= LONG
        && 2 * numbers.iter().filter(|cell| is_withheld(cell)).count() > numbers.len();
    is_agreed || (is_shown && has_figure && !is_empty)
}

/// So many figures make a long row.
const LONG: usize = 8;

/// The one row of each small cohort, segment and pilot.
fn add_small_groups(study: &StudyTables<'_>, table: &Table, groups: &Groups, maker: &Maker<'_>, rows: &mut Vec<Row>) {
    let schema = table.schema;
    if study.policy.is_internal() {
        return;
    }
    match schema.name {
        "summary" => {
            for row in (0..table.rows()).filter(|&row| groups.is_of_small(table, row)) {
                rows.push(Row { is_small_group: true, ..Row::new(table, row, &maker.known) });
            }
            rows.sort_by_key(|row| row.source);
        }
        "profile" => {
            for (cohort, period) in groups.small() {
                rows.push(empty(
                    schema,
                    &[("cohort", cohort), ("period", period), ("dimension", "all"), ("value", "all")],
                ));
            }
            let mut segments: BTreeMap<(&str, &str), &Row> = BTreeMap::new();
            let column = |name: &str| schema.index_of(name);
            for row in rows.iter().filter(|row| row.text(column("dimension")) == "segment") {
                if row.text(column("cohort")) == "all"
                    && !maker.rounding.is_few(row.int(column("clients")).unwrap_or(0))
                {
                    segments.insert((row.text(column("period")), row.text(column("value"))), row);
                }
            }
            let mut small = Vec::new();
            for period in groups.periods.iter().filter(|period| !groups.is_small("all", period)) {
                for segment in &study.segments {
                    if !segments.contains_key(&(period.as_str(), segment.as_str())) {
                        let keys =
                            [("cohort", "all"), ("period", period), ("dimension", "segment"), ("value", segment)];
                        small.push(empty(schema, &keys));
                    }
                }
            }
            rows.extend(small);
        }
        "pilot_counts" => {
            for pilot in groups.small_pilots() {
                rows.push(empty(schema, &[("pilot", pilot), ("step", "listed")]));
            }
        }
        _ => {}
    }
}

/// A row that says only that its group is small.
fn empty(schema: &TableSchema, keys: &[(&str, &str)]) -> Row {
    let value = |(name, kind, role): (&str, Kind, Role)| match keys.iter().find(|(key, _)| *key == name) {
        Some((_, text)) => Some(Datum::Text((*text).to_owned())),
        // Something, so that the cell is withheld and not said to be unmeasured.
        None if role != Role::Key => Some(if kind == Kind::Ratio { Datum::Ratio(0.0) } else { Datum::Int(0) }),
        None => None,
    };
    Row {
        values: schema.columns.iter().map(|column| value((column.name, column.kind, column.role))).collect(),
        behind: vec![None; schema.columns.len()],
        source: usize::MAX,
        is_pooled: false,
        is_small_group: true,
    }
}
