//! Text tables, as tests write them.

use std::collections::BTreeMap;

/// A table written as text: a header, then a row a line. Cells are separated by spaces, or by `|` when the header has
/// one. Empty lines and lines that begin with `#` are skipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextTable {
    pub header: Vec<String>,
    pub cells: Vec<Vec<String>>,
}

impl TextTable {
    /// # Panics
    /// When a row has another number of cells than the header.
    pub fn parse(text: &str) -> TextTable {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let Some(first) = lines.next() else { return TextTable::default() };
        let split: fn(&str) -> Vec<String> = if first.contains('|') {
            |line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
        } else {
            |line| line.split_whitespace().map(str::to_owned).collect()
        };
        let header = split(first);
        let cells: Vec<Vec<String>> = lines.map(split).collect();
        for row in &cells {
            assert_eq!(row.len(), header.len(), "cells of {row:?} under {header:?}");
        }
        TextTable { header, cells }
    }

    pub fn rows(&self) -> impl Iterator<Item = TextRow<'_>> {
        self.cells.iter().map(|cells| TextRow {
            values: self.header.iter().map(String::as_str).zip(cells.iter().map(String::as_str)).collect(),
        })
    }
}

/// One row of a text table, by column name.
#[derive(Debug, Clone)]
pub struct TextRow<'a> {
    values: BTreeMap<&'a str, &'a str>,
}

impl<'a> TextRow<'a> {
    /// The cell of a column, `None` where the column is missing or the cell is `-`.
    pub fn get(&self, column: &str) -> Option<&'a str> {
        self.values.get(column).copied().filter(|text| *text != "-")
    }

    /// # Panics
    /// When there is no such value.
    pub fn must(&self, column: &str) -> &'a str {
        self.get(column).unwrap_or_else(|| panic!("a row without {column}"))
    }
}
