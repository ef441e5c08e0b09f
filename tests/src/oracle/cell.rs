//! Result tables as rows of cells, and how a cell is written in a test.

use std::collections::BTreeMap;
use std::fmt;

use virta_model::{Day, Table, Value};

/// One value of a result.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub enum Cell {
    Null,
    Int(i64),
    Date(Day),
    Flag(bool),
    Ratio(f64),
    Text(String),
}

/// Rows by table name; the columns are the schema's.
pub type Tables = BTreeMap<&'static str, Vec<Vec<Cell>>>;

/// Ratios that are written with different sums may differ in the last bits.
const RATIO_TOLERANCE: f64 = 1e-9;

impl Cell {
    /// Whether two cells say the same; ratios to nine decimals, large ones to nine digits.
    pub fn agrees(&self, other: &Cell) -> bool {
        match (self, other) {
            (Cell::Ratio(a), Cell::Ratio(b)) => (a - b).abs() <= RATIO_TOLERANCE * a.abs().max(1.0),
            _ => self == other,
        }
    }

    /// Whether this cell is what a test's text means: a ratio is written with as many decimals as the test likes, and
    /// `text~` is any text that begins so.
    pub fn is_written(&self, text: &str) -> bool {
        match self {
            Cell::Text(value) if text.ends_with('~') => value.starts_with(text.trim_end_matches('~')),
            Cell::Ratio(value) => {
                let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
                text.parse::<f64>().is_ok() && format!("{value:.decimals$}") == text
            }
            _ => self.to_string() == text,
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => write!(f, "-"),
            Cell::Int(value) => write!(f, "{value}"),
            Cell::Date(day) => write!(f, "{day}"),
            Cell::Flag(value) => write!(f, "{}", if *value { "yes" } else { "no" }),
            Cell::Ratio(value) => write!(f, "{value:.6}"),
            Cell::Text(text) => write!(f, "{text}"),
        }
    }
}

/// The rows of a table of the program.
pub fn cells(table: &Table) -> Vec<Vec<Cell>> {
    (0..table.rows()).map(|row| (0..table.columns.len()).map(|at| cell(table.value(row, at))).collect()).collect()
}

fn cell(value: Value<'_>) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Int(value) => Cell::Int(value),
        Value::Date(day) => Cell::Date(Day(day)),
        Value::Time(seconds) => Cell::Int(i64::from(seconds)),
        Value::Flag(value) => Cell::Flag(value),
        Value::Ratio(value) => Cell::Ratio(value),
        Value::Text(text) => Cell::Text(text.to_owned()),
    }
}

impl From<i64> for Cell {
    fn from(value: i64) -> Self {
        Cell::Int(value)
    }
}
impl From<i32> for Cell {
    fn from(value: i32) -> Self {
        Cell::Int(i64::from(value))
    }
}
impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Cell::Int(value as i64)
    }
}
impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Cell::Int(i64::from(value))
    }
}
impl From<Day> for Cell {
    fn from(value: Day) -> Self {
        Cell::Date(value)
    }
}
impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Cell::Flag(value)
    }
}
impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Cell::Ratio(value)
    }
}
impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Cell::Text(value.to_owned())
    }
}
impl From<&String> for Cell {
    fn from(value: &String) -> Self {
        Cell::Text(value.clone())
    }
}
impl From<String> for Cell {
    fn from(value: String) -> Self {
        Cell::Text(value)
    }
}
impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Cell::Null, Into::into)
    }
}

/// A row of cells of several types.
macro_rules! row {
    ($($value:expr),+ $(,)?) => { vec![$($crate::oracle::Cell::from($value)),+] };
}
pub(crate) use row;
