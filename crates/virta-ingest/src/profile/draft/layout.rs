//! Where the table of a sheet or a text begins and ends: titles above it, its header, totals below it.

use super::fields::is_known;
use super::grid::{Cell, Form, Grid, Row};
use super::names::TOTALS;
use crate::parse::date::DateFormat;
use crate::parse::number;

/// Lines above a table that are looked at.
const ABOVE: usize = 40;

/// A table inside a grid.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Names of the columns; empty where the header has none.
    pub names: Vec<String>,
    /// Line of the header; `None` where the file has none, or a schema.
    pub(crate) header_line: Option<u64>,
    /// Whether the header is the first line that is not empty.
    pub(crate) is_first: bool,
    /// Titles above the header.
    pub titles: Vec<String>,
    /// How the rows of totals begin.
    pub footer: Vec<String>,
    /// Places of the data rows in the grid.
    pub data: std::ops::Range<usize>,
}

/// Finds the table of a grid; `None` where nothing in it looks like a table, as on a cover sheet.
pub(super) fn find(grid: &Grid) -> Option<Layout> {
    if let Some(names) = &grid.schema {
        let names = names.clone();
        return Some(Layout { names, is_first: true, data: 0..grid.rows.len(), ..Layout::default() });
    }
    let width = usual_width(&grid.rows);
    if width < 2 {
        return None;
    }
    let is_data = |row: &Row| row.filled() >= 2 && row.filled() * 2 >= width && row.cells.iter().any(is_value);
    let first_data = grid.rows.iter().take(ABOVE).position(is_data);
    let header = match first_data {
        Some(first) => header_above(grid.rows.get(..first).unwrap_or_default(), width),
        // A table of words alone: its first row as wide as the others names the columns.
        None => grid.rows.iter().take(ABOVE).position(|row| row.filled() * 2 >= width),
    };
    let from = header.map_or_else(|| first_data.unwrap_or(0), |at| at + 1);
    let footer = footer(grid);
    let is_total = |row: &Row| row.first().is_some_and(|cell| footer.iter().any(|begin| cell.text.starts_with(begin)));
    let is_end = |row: &Row| row.filled() == 0 || is_total(row);
    let to = if grid.tail.is_empty() {
        grid.rows.iter().rposition(|row| !is_end(row)).map_or(from, |at| at + 1).max(from)
    } else {
        grid.rows.len()
    };
    // A second line of the header, such as one of units, is no data.
    let from = first_data.filter(|first| header.is_some() && *first > from).unwrap_or(from);
    let header_row = header.and_then(|at| grid.rows.get(at));
    let widest = grid.rows.get(from..to)?.iter().map(|row| row.cells.len()).max().unwrap_or(0);
    let mut names: Vec<_> = header_row.iter().flat_map(|row| &row.cells).map(|cell| one_line(&cell.text)).collect();
    // A row of a sheet ends with its last filled cell, and a header may leave its last columns without a name.
    if header_row.is_none() || grid.sheet.is_some() {
        names.resize(names.len().max(widest), String::new());
    }
    let above = header.or(first_data).unwrap_or(0);
    Some(Layout {
        names,
        header_line: header_row.map(|row| row.line),
        is_first: header.is_some_and(|at| grid.rows.iter().take(at).all(|row| row.filled() == 0)),
        titles: grid.rows.iter().take(above).flat_map(|row| &row.cells).map(|cell| cell.text.clone()).collect(),
        footer,
        data: from..to.max(from),
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many cells most rows have filled.
fn usual_width(rows: &[Row]) -> usize {
    let mut widths: Vec<usize> = rows.iter().map(Row::filled).filter(|filled| *filled > 0).collect();
    widths.sort_unstable();
    widths.get(widths.len() / 2).copied().unwrap_or(0)
}

/// The row that names the columns: of the rows above the data the one with most names that systems use, of equals the one
/// with most names, then the lower.
fn header_above(rows: &[Row], width: usize) -> Option<usize> {
    let names = |row: &Row| row.cells.iter().filter(|cell| !cell.is_empty() && !is_value(cell)).count();
    let fits = |row: &Row| {
        let filled = row.filled();
        filled >= 2 && filled * 2 >= width && names(row) == filled && distinct(row) * 10 >= filled * 8
    };
    rows.iter()
        .enumerate()
        .filter(|(_, row)| fits(row))
        .max_by_key(|(at, row)| (known(row), row.filled(), *at))
        .map(|(at, _)| at)
}

/// How many cells are names that columns have.
fn known(row: &Row) -> usize {
    row.cells.iter().filter(|cell| is_known(&cell.text)).count()
}

fn distinct(row: &Row) -> usize {
    let mut texts: Vec<&str> =
        row.cells.iter().map(|cell| cell.text.as_str()).filter(|text| !text.is_empty()).collect();
    texts.sort_unstable();
    texts.dedup();
    texts.len()
}

/// Whether a cell holds a number, a day or a time, which no name of a column is.
fn is_value(cell: &Cell) -> bool {
    if cell.form != Form::Text {
        return true;
    }
    let text = cell.text.as_bytes();
    let dates = ["%d.%m.%Y %H:%M:%S", "iso", "%d/%m/%Y", "%H:%M"];
    let is_date = |format: &&str| DateFormat::parse(Some(format)).is_ok_and(|format| format.read(text, b',').is_some());
    !text.is_empty()
        && (number::scaled(text, b',', 4).is_ok() || number::scaled(text, b'.', 4).is_ok() || dates.iter().any(is_date))
}

/// How rows of totals at the end begin.
fn footer(grid: &Grid) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for row in grid.last_rows().take(5) {
        let Some(first) = row.first() else { break };
        let lower = first.text.to_lowercase();
        let Some(total) = TOTALS.iter().find(|total| lower.starts_with(**total)) else { break };
        let begin: String = first.text.chars().take(total.chars().count()).collect();
        if !found.contains(&begin) {
            found.push(begin);
        }
    }
    found.reverse();
    found
}
