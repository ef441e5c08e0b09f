//! Tables: those on the page, and those that fold out under a chart.

use serde::Serialize;
use virta_model::Day;
use virta_model::schema::{Kind, Values};

use crate::context::Context;
use crate::derive::Share;
use crate::format;
use crate::labels;
use crate::lang::Lang;
use crate::texts;
use crate::view::{Cell, Datum, Row};

/// A table as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Grid {
    pub(crate) headers: Vec<Header>,
    pub(crate) rows: Vec<Vec<Shown>>,
    /// What to know about the rows: that some are left out.
    pub(crate) notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Header {
    pub(crate) text: String,
    pub(crate) is_number: bool,
}

impl Header {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Header { text: text.into(), is_number: false }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Header { text: text.into(), is_number: true }
    }
}

/// A cell as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) is_number: bool,
    pub(crate) is_withheld: bool,
    /// Whether the cell says what its row is about.
    pub(crate) is_header: bool,
}

impl Shown {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Shown { text: text.into(), is_number: false, is_withheld: false, is_header: false }
    }

    pub(crate) fn number(text: impl Into<String>) -> Self {
        Shown { is_number: true, ..Shown::text(text) }
    }

    pub(crate) fn head(text: impl Into<String>) -> Self {
        Shown { is_header: true, ..Shown::text(text) }
    }

    pub(crate) fn withheld(lang: Lang) -> Self {
        Shown { is_withheld: true, ..Shown::text(texts::WITHHELD.of(lang)) }
    }

    /// Nothing there: no row, or nothing that could have been measured.
    pub(crate) fn none() -> Self {
        Shown::number("–")
    }

    pub(crate) fn share(share: Option<Share>, row: Option<Row<'_>>, lang: Lang) -> Self {
        match share {
            Some(share) => Shown::number(format::share(share, lang)),
            None if row.is_some_and(|row| row.is_withheld("clients")) => Shown::withheld(lang),
            None => Shown::none(),
        }
    }
}

/// Rows that one table may show; the rest are in the workbook.
pub(crate) const ROWS_MAX: usize = 12;

/// Cents from which a column of totals is read in thousands of euros.
const THOUSANDS_FROM: i64 = 10_000_000;

/// How a column's amounts are read.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Euros {
    Whole,
    Thousands,
}

/// A table of some columns of rows, at most twelve rows. The first column says what the row is about. Columns that do not
/// leave are left out.
pub(crate) fn grid(context: &Context<'_>, rows: &[Row<'_>], columns: &[&str]) -> Grid {
    let mut grid = Grid::default();
    let Some(first) = rows.first() else { return grid };
    let leaves = |name: &&&str| first.columns().any(|column| column.name == **name);
    let has_columns_left_out = !columns.iter().all(|name| leaves(&name));
    let columns: Vec<(&str, Kind, Euros)> = columns
        .iter()
        .filter(leaves)
        .map(|&name| {
            let largest = rows.iter().take(ROWS_MAX).filter_map(|row| row.int(name)).map(i64::abs).max();
            let is_large = largest.unwrap_or(0) >= THOUSANDS_FROM;
            (name, first.kind(name), if is_large { Euros::Thousands } else { Euros::Whole })
        })
        .collect();
    for &(name, kind, euros) in &columns {
        let text = first.heading(name, context.lang);
        let is_number = matches!(kind, Kind::Count | Kind::Cents | Kind::Ratio);
        let text = match (kind, euros) {
            (Kind::Cents, Euros::Thousands) => texts::THOUSAND_EURO_COLUMN.fill(context.lang, &[("name", &text)]),
            (Kind::Cents, Euros::Whole) => texts::EURO_COLUMN.fill(context.lang, &[("name", &text)]),
            _ => text,
        };
        grid.headers.push(Header { text, is_number });
    }
    for row in rows.iter().take(ROWS_MAX) {
        let cells = columns.iter().enumerate().map(|(at, &(name, kind, euros))| {
            let shown = match row.int(name).filter(|_| kind == Kind::Cents) {
                Some(cents) => amount(cents, euros, context.lang),
                None => shown(context, *row, name),
            };
            Shown { is_header: at == 0, ..shown }
        });
        grid.rows.push(cells.collect());
    }
    grid.cut(context, rows.len());
    grid.note_left_out(context, *first);
    if has_columns_left_out {
        grid.notes.push(texts::COLUMNS_LEFT_OUT.of(context.lang).to_owned());
    }
    grid
}

fn amount(cents: i64, euros: Euros, lang: Lang) -> Shown {
    let value = cents as f64 / 100.0;
    Shown::number(match euros {
        Euros::Thousands => format::decimal(value / 1_000.0, 0, lang),
        Euros::Whole => format::decimal(format::readable(value), 0, lang),
    })
}

impl Grid {
    /// Keeps the first rows and says how many there are.
    pub(crate) fn cut(&mut self, context: &Context<'_>, all: usize) {
        self.rows.truncate(ROWS_MAX);
        if all > ROWS_MAX {
            let (shown, all) = (ROWS_MAX.to_string(), format::number(all as i64, context.lang));
            self.notes.push(texts::MORE_ROWS.fill(context.lang, &[("shown", &shown), ("all", &all)]));
        }
    }

    fn note_left_out(&mut self, context: &Context<'_>, row: Row<'_>) {
        if row.has_rows_left_out() {
            self.notes.push(texts::ROWS_LEFT_OUT.of(context.lang).to_owned());
        }
    }
}

/// Classes put together in words: Monday–Friday, 4–7, 8 or more.
pub(crate) fn range(values: Values, first: i64, last: Option<i64>, lang: Lang) -> String {
    let name = |number: i64| match values {
        Values::Weekday => labels::weekday(number, lang),
        _ => format::number(number, lang),
    };
    match last {
        Some(last) => format!("{}\u{2013}{}", name(first), name(last)),
        None => texts::OR_MORE.fill(lang, &[("n", &name(first))]),
    }
}

/// One cell in words, by what its column holds.
pub(crate) fn shown(context: &Context<'_>, row: Row<'_>, column: &str) -> Shown {
    let lang = context.lang;
    let values = row.values(column);
    let dimension = if let Values::Of(dimension) = values { row.text(dimension) } else { "" };
    match row.cell(column) {
        Cell::Withheld(_) => Shown::withheld(lang),
        Cell::NotMeasured => Shown::text(match values {
            Values::Of(_) | Values::Municipality | Values::County | Values::Provider | Values::Package => {
                labels::dimension_value(dimension, None, lang)
            }
            Values::Hour => texts::HOURS_UNKNOWN.of(lang).to_owned(),
            Values::Service => labels::code("all", lang),
            _ => texts::NOT_MEASURED.of(lang).to_owned(),
        }),
        &Cell::Value(Datum::Int(value)) if row.kind(column) == Kind::Cents => amount(value, Euros::Whole, lang),
        &Cell::Value(Datum::Int(value)) if values == Values::Weekday => Shown::text(labels::weekday(value, lang)),
        &Cell::Value(Datum::Int(value)) => Shown::number(format::number(value, lang)),
        &Cell::Value(Datum::Range(first, last)) => Shown::text(range(values, first, last, lang)),
        &Cell::Value(Datum::Ratio(value)) => Shown::number(ratio(row, column, value, lang)),
        &Cell::Value(Datum::Date(value)) => Shown::text(format::day(Day(value), lang)),
        &Cell::Value(Datum::Time(value)) => Shown::text(format!("{}:{:02}", value / 3600, value % 3600 / 60)),
        &Cell::Value(Datum::Flag(value)) => Shown::text(if value { "✓" } else { "–" }),
        Cell::Value(Datum::Text(value)) => Shown::text(context.words(values, dimension, value)),
    }
}

/// Whether a ratio is a mean of cents: of a row whose measure or variable is cost. Standardised differences have no unit.
pub(crate) fn is_cents(row: Row<'_>, column: &str) -> bool {
    (row.is("measure", "cost_cents") || row.is("variable", "cost_cents")) && row.values(column) == Values::Plain
}

fn ratio(row: Row<'_>, column: &str, value: f64, lang: Lang) -> String {
    match row.values(column) {
        _ if is_cents(row, column) => format::money(value, lang),
        Values::Plain if row.is("variable", "female") => format::percent(value, lang),
        Values::Coefficient => format::decimal(value, 2, lang),
        Values::Whole => format::decimal(value, 0, lang),
        Values::Share => format::percent(value, lang),
        _ => format::mean(value, lang),
    }
}
