//! Tables that may leave: types that only this crate can make.

use std::collections::BTreeMap;

use virta_model::schema::TableSchema;

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

/// A table whose every cell went through the policy. Made by [`protect`](crate::protect()) only.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedTable {
    schema: &'static TableSchema,
    rows: Vec<Vec<Cell>>,
    has_rows_left_out: bool,
}

impl ProtectedTable {
    pub(crate) fn new(schema: &'static TableSchema, rows: Vec<Vec<Cell>>, has_rows_left_out: bool) -> Self {
        ProtectedTable { schema, rows, has_rows_left_out }
    }

    pub fn name(&self) -> &'static str {
        self.schema.name
    }

    pub fn schema(&self) -> &'static TableSchema {
        self.schema
    }

    /// The rows, each with a cell for every column of the schema, in the order of the study's table.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Whether rows of too few clients are not shown at all. How many they are would itself say something.
    pub fn has_rows_left_out(&self) -> bool {
        self.has_rows_left_out
    }

    /// A cell by row and column name.
    pub fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        self.rows.get(row)?.get(self.schema.index_of(column)?)
    }
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
    /// How many cells each reason withholds, by table and reason.
    pub fn counts(&self) -> BTreeMap<(&'static str, Reason), usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.withheld {
            *counts.entry((entry.table, entry.reason)).or_insert(0) += 1;
        }
        counts
    }
}
