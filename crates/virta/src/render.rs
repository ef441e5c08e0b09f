//! Numbers and tables as people read them.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Row};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use virta_model::{Day, Table, Value};

/// A table for the terminal: a header, aligned columns, no lines but spaces.
#[derive(Debug)]
pub(crate) struct Grid {
    table: comfy_table::Table,
    right: Vec<bool>,
}

impl Grid {
    /// Column names; those that begin with `>` hold numbers, which stand to the right.
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut table = comfy_table::Table::new();
        table.load_preset(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        let right: Vec<_> = header.iter().map(|name| name.starts_with('>')).collect();
        let mut grid = Grid { table, right };
        let cells = grid.cells(header.iter().map(|name| name.trim_start_matches('>').to_owned()));
        grid.table.set_header(cells);
        for column in grid.table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        grid
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = self.cells(cells);
        self.table.add_row(cells);
    }

    /// Whether nothing stands below the header.
    pub(crate) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    fn cells(&self, texts: impl IntoIterator<Item = String>) -> Row {
        texts
            .into_iter()
            .enumerate()
            .map(|(at, text)| {
                let right = self.right.get(at).copied().unwrap_or(false);
                Cell::new(text).set_alignment(if right { CellAlignment::Right } else { CellAlignment::Left })
            })
            .collect::<Vec<_>>()
            .into()
    }

    /// The lines, two spaces in, without blanks at their ends.
    pub(crate) fn text(&self) -> String {
        let lines: Vec<_> = self.table.lines().map(|line| format!("  {}", line.trim_end())).collect();
        lines.join("\n")
    }
}

/// A whole number with its thousands apart: `12,345`.
pub(crate) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Lines of a list that are shown; `--json` has all of them.
pub(crate) const SHOWN: usize = 30;

/// A list below its heading; nothing without lines.
pub(crate) fn list(heading: &str, mut lines: Vec<String>) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("  and {} more: --json lists them all", count(more as i64)));
    }
    Some(format!("{heading}\n{}", lines.join("\n")))
}

/// A count that may not be known.
pub(crate) fn count_or_dash(number: Option<i64>) -> String {
    number.map_or_else(|| "-".to_owned(), count)
}

/// An amount in euros, cents rounded half away from zero: sums are for reading here, exact in the tables.
pub(crate) fn euros(cents: i64) -> String {
    let half = if cents < 0 { -50 } else { 50 };
    format!("{} €", count(cents.saturating_add(half) / 100))
}

/// A share with one decimal: `12.3 %`.
pub(crate) fn percent(part: i64, whole: i64) -> String {
    if whole == 0 { "-".to_owned() } else { ratio_percent(part as f64 / whole as f64) }
}

pub(crate) fn ratio_percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Bytes in the nearest decimal unit: `1.4 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = bytes as f64;
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut name = "";
    for unit in units {
        if value < 1000.0 && !name.is_empty() {
            break;
        }
        value /= 1000.0;
        name = unit;
    }
    format!("{value:.1} {name}")
}

/// Text without control characters: what stood in a file must not steer the terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// The rows of a table as JSON objects, columns in order. Dates are ISO text, cents and ids whole numbers.
#[derive(Debug)]
pub(crate) struct Rows<'a>(pub &'a Table);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.rows()))?;
        for row in 0..self.0.rows() {
            list.serialize_element(&RowObject { table: self.0, row })?;
        }
        list.end()
    }
}

struct RowObject<'a> {
    table: &'a Table,
    row: usize,
}

impl Serialize for RowObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let columns = self.table.schema.columns;
        let mut map = serializer.serialize_map(Some(columns.len()))?;
        for (at, column) in columns.iter().enumerate() {
            map.serialize_key(column.name)?;
            match self.table.value(self.row, at) {
                Value::Null => map.serialize_value(&None::<i64>)?,
                Value::Int(number) => map.serialize_value(&number)?,
                Value::Date(day) => map.serialize_value(&Day(day).to_string())?,
                Value::Time(seconds) => map.serialize_value(&clock(seconds))?,
                Value::Flag(flag) => map.serialize_value(&flag)?,
                Value::Ratio(ratio) => map.serialize_value(&ratio)?,
                Value::Text(text) => map.serialize_value(text)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")] {
            assert_eq!(count(number), text);
        }
    }

    #[test]
    fn euros_are_rounded_half_away_from_zero() {
        for (cents, text) in [(49, "0 €"), (50, "1 €"), (-50, "-1 €"), (123_450, "1,235 €")] {
            assert_eq!(euros(cents), text);
        }
    }

    #[test]
    fn sizes_have_the_nearest_unit() {
        for (size, text) in [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_400_000_000, "1.4 GB")] {
            assert_eq!(bytes(size), text);
        }
    }
}
