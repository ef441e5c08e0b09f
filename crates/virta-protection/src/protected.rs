//! Tables that may leave: a type that only this crate can make.

use virta_model::schema::TableSchema;

/// One cell of a table that may leave the store.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Value(Datum),
    /// Shown as withheld: never as 0 or blank. The reason is for the data unit; a reader who knows it can bound the
    /// value more tightly, so reports show one and the same mark for every reason.
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
}

/// Why a cell is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Fewer than k clients stand behind it.
    TooFewClients,
    /// Two clients make up 90 % or more of it, or the second can estimate the first within 10 %.
    FewClientsDominate,
    /// Every client has the same value.
    AllTheSame,
    /// How much the largest clients make up is not known, and the group is small.
    ContributorsUnknown,
    /// The figure that it is made from, or that counts its clients, is withheld.
    FollowsAnother,
    /// It would give another withheld figure away.
    ProtectsAnother,
    /// Too few clients lie between it and the next published point.
    TooFewBetween,
    /// No part of its table can be shown safely.
    TableUnsafe,
}

impl Reason {
    /// A word for the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::TooFewClients => "too_few_clients",
            Reason::FewClientsDominate => "few_clients_dominate",
            Reason::AllTheSame => "all_the_same",
            Reason::ContributorsUnknown => "contributors_unknown",
            Reason::FollowsAnother => "follows_another",
            Reason::ProtectsAnother => "protects_another",
            Reason::TooFewBetween => "too_few_between",
            Reason::TableUnsafe => "table_unsafe",
        }
    }
}

/// A table whose every cell was checked. Made by [`protect`](crate::protect) only.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedTable {
    schema: &'static TableSchema,
    rows: Vec<Vec<Cell>>,
    rows_left_out: usize,
}

impl ProtectedTable {
    pub(crate) fn new(schema: &'static TableSchema, rows: Vec<Vec<Cell>>, rows_left_out: usize) -> Self {
        ProtectedTable { schema, rows, rows_left_out }
    }

    pub fn name(&self) -> &'static str {
        self.schema.name
    }

    pub fn schema(&self) -> &'static TableSchema {
        self.schema
    }

    /// The rows, each with a cell for every column of the schema, in the table's order.
    pub fn rows(&self) -> &[Vec<Cell>] {
        &self.rows
    }

    /// Rows that are not shown at all: that a rare combination or path occurs would itself say something, and so would
    /// the rows of a table without a part that can be shown safely.
    pub fn rows_left_out(&self) -> usize {
        self.rows_left_out
    }

    /// A cell by row and column name.
    pub fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        self.rows.get(row)?.get(self.schema.index_of(column)?)
    }
}

/// Everything of one study that may leave, and the log of what may not.
#[derive(Debug, Clone, PartialEq)]
pub struct ProtectedStudy {
    k: u32,
    tables: Vec<ProtectedTable>,
    log: Log,
}

impl ProtectedStudy {
    pub(crate) fn new(k: u32, tables: Vec<ProtectedTable>, log: Log) -> Self {
        ProtectedStudy { k, tables, log }
    }

    /// The smallest number of clients behind a shown figure.
    pub fn k(&self) -> u32 {
        self.k
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

/// What was withheld and why. It holds places and reasons, never a value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Log {
    pub withheld: Vec<LogEntry>,
    /// Tables that never leave, by name.
    pub refused: Vec<String>,
    /// (table, rows) that are left out whole.
    pub rows_left_out: Vec<(&'static str, usize)>,
    /// Sums that the tables should fulfil and do not: what should have been equal.
    pub broken_sums: Vec<String>,
    /// Tables withheld whole because the audit found no safe way to show a part of them.
    pub tables_withheld: Vec<&'static str>,
}

/// One withheld cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    pub table: &'static str,
    /// Row of the table, from 0.
    pub row: usize,
    pub column: &'static str,
    pub reason: Reason,
}

impl Log {
    /// How many cells each reason withholds, by table and reason.
    pub fn counts(&self) -> std::collections::BTreeMap<(&'static str, Reason), usize> {
        let mut counts = std::collections::BTreeMap::new();
        for entry in &self.withheld {
            *counts.entry((entry.table, entry.reason)).or_insert(0) += 1;
        }
        counts
    }
}
