//! Tables that may leave: types that only this crate can make.

use std::collections::BTreeMap;
use std::fmt;

use virta_model::Day;
use virta_model::schema::{Column, Leaves, Role, TableSchema};

use crate::policy::Policy;
use crate::reason::Reason;

/// One cell of a table that may leave the store.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Value(Datum),
    /// Shown as withheld: never as 0 or blank. The reason is for the data unit; reports show one and the same mark for
    /// every reason.
    Withheld(Reason),
    /// Not measured, which is not 0.
    NotMeasured,
}

/// A value that may leave.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// A count, an identifier of a group or an amount in cents: the column's kind says which.
    Int(i64),
    /// Days since 1970-01-01.
    Date(i32),
    /// Seconds since midnight.
    Time(u32),
    Flag(bool),
    Ratio(f64),
    Text(String),
    /// Classes of a key put together: from the first to the last, both included, or `8 or more`. Weekdays 1 to 5, hours 4
    /// to 7.
    Range(i64, Option<i64>),
}

/// As a text that programs read: days are `yyyy-mm-dd`, times `hh:mm:ss`, classes put together `4-7` or `8 or more`.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Datum::Int(number) => write!(f, "{number}"),
            Datum::Date(day) => write!(f, "{}", Day(*day)),
            Datum::Time(seconds) => {
                write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
            }
            Datum::Flag(flag) => write!(f, "{flag}"),
            Datum::Ratio(ratio) => write!(f, "{ratio}"),
            Datum::Text(text) => write!(f, "{text}"),
            Datum::Range(first, Some(last)) => write!(f, "{first}-{last}"),
            Datum::Range(first, None) => write!(f, "{first} or more"),
        }
    }
}

/// A table whose every cell went through the policy. Made by [`protect`](crate::protect()) only.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedTable {
    schema: &'static TableSchema,
    rows: Vec<Vec<Cell>>,
    has_rows_left_out: bool,
    is_internal: bool,
}

impl ProtectedTable {
    pub(crate) fn new(
        schema: &'static TableSchema,
        rows: Vec<Vec<Cell>>,
        has_rows_left_out: bool,
        is_internal: bool,
    ) -> Self {
        ProtectedTable { schema, rows, has_rows_left_out, is_internal }
    }

    pub fn name(&self) -> &'static str {
        self.schema.name
    }

    pub fn schema(&self) -> &'static TableSchema {
        self.schema
    }

    /// The columns that leave, each with its place in the schema and in every row.
    ///
    /// Columns that stay inside are there in internal tables only. Of a table that has only rows that can be shown, a
    /// column that none of its rows can show is left out, too: it says no more than the mark in each of its cells would.
    /// The number of clients always stays.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &'static Column)> {
        let is_kept = |column: &Column| column.role == Role::Kept && !self.is_internal;
        let all = self.schema.columns.iter().enumerate();
        all.filter(move |(at, column)| !is_kept(column) && !self.is_empty(*at, column))
    }

    /// Whether columns are left out because none of their cells can be shown.
    pub fn has_columns_left_out(&self) -> bool {
        self.schema.columns.iter().enumerate().any(|(at, column)| self.is_empty(at, column))
    }

    fn is_empty(&self, at: usize, column: &Column) -> bool {
        let may_be_left_out = matches!(self.schema.leaves, Leaves::OnlyShown(_))
            && !matches!(column.role, Role::Key | Role::Kept)
            && column.name != "clients";
        let is_withheld = |row: &Vec<Cell>| matches!(row.get(at), Some(Cell::Withheld(_)));
        may_be_left_out && !self.rows.is_empty() && self.rows.iter().all(is_withheld)
    }

    /// The rows, each with a cell for every column of the schema, in the order of the study's table.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Whether rows of too few clients are not shown at all. How many they are would itself say something.
    pub fn has_rows_left_out(&self) -> bool {
        self.has_rows_left_out
    }

    fn fullness(&self) -> Fullness {
        let is_figure = |column: &Column| !matches!(column.role, Role::Key | Role::Fact);
        let columns: Vec<usize> = self.columns().filter(|(_, column)| is_figure(column)).map(|(at, _)| at).collect();
        let cells = || self.rows.iter().flat_map(|row| columns.iter().filter_map(|&at| row.get(at)));
        Fullness { cells: cells().count(), withheld: cells().filter(|cell| matches!(cell, Cell::Withheld(_))).count() }
    }

    /// A cell by row and column name.
    pub fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        self.rows.get(row)?.get(self.schema.index_of(column)?)
    }
}

/// How full a table is: cells of figures, and those of them that are withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fullness {
    pub cells: usize,
    pub withheld: usize,
}

/// Everything of one study that may leave, and the log of what may not.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedStudy {
    policy: Policy,
    tables: Vec<ProtectedTable>,
    log: Log,
}

impl ProtectedStudy {
    pub(crate) fn new(policy: Policy, tables: Vec<ProtectedTable>, log: Log) -> Self {
        ProtectedStudy { policy, tables, log }
    }

    /// The same without the rows of other pilots than these, for readers who may see their own pilots alone. A row whose
    /// pilot is withheld is nobody's.
    #[must_use]
    pub fn with_pilots(mut self, is_seen: impl Fn(&str) -> bool) -> Self {
        for table in &mut self.tables {
            let Some(at) = table.schema.index_of("pilot") else { continue };
            table.rows.retain(|row| matches!(row.get(at), Some(Cell::Value(Datum::Text(pilot))) if is_seen(pilot)));
        }
        self
    }

    /// The smallest number of clients behind a shown figure.
    pub fn k(&self) -> u32 {
        self.policy.k()
    }

    /// What counts of people are rounded to.
    pub fn round_to(&self) -> u32 {
        self.policy.round_to()
    }

    /// Whether the numbers are exact and of any group: then whatever shows them says that it is not for release.
    pub fn is_internal(&self) -> bool {
        self.policy.is_internal()
    }

    /// The tables in the order in which they were given.
    pub fn tables(&self) -> &[ProtectedTable] {
        &self.tables
    }

    /// How many cells of its tables show a number or its absence, and how many of them are withheld: keys and facts are
    /// none of them.
    pub fn fullness(&self) -> BTreeMap<&'static str, Fullness> {
        self.tables.iter().map(|table| (table.name(), table.fullness())).collect()
    }

    pub fn table(&self, name: &str) -> Option<&ProtectedTable> {
        self.tables.iter().find(|table| table.name() == name)
    }

    /// For the data unit: what was withheld and why. It does not leave the store.
    pub fn log(&self) -> &Log {
        &self.log
    }
}

/// What was withheld, left out and put together, and why. It holds places and reasons, never a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    pub withheld: Vec<LogEntry>,
    /// Rows that are not shown, by table and reason.
    pub rows_left_out: BTreeMap<(&'static str, Reason), usize>,
    pub pooled: Vec<Pooled>,
    /// Tables that never leave, by name.
    pub refused: Vec<&'static str>,
}

/// One withheld cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    pub table: &'static str,
    /// Row of the study's table, from 0; of rows put together the first.
    pub row: usize,
    pub column: &'static str,
    pub reason: Reason,
}

/// Rows of one table that became one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pooled {
    pub table: &'static str,
    /// What the rows have in common: their other keys, joined by |.
    pub group: String,
    /// How many rows they were, and how many they became.
    pub rows: usize,
    pub into: usize,
}

impl Log {
    /// How many cells each reason withholds, by table, column and reason.
    pub fn counts(&self) -> BTreeMap<(&'static str, &'static str, Reason), usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.withheld {
            *counts.entry((entry.table, entry.column, entry.reason)).or_insert(0) += 1;
        }
        counts
    }
}
