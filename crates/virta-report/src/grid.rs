//! The tables that stand under the charts.

use serde::Serialize;
use virta_model::Day;
use virta_model::schema::Kind;
use virta_protection::{Cell, Datum};

use crate::context::Context;
use crate::format;
use crate::labels;
use crate::lang::Lang;
use crate::texts;
use crate::view::Row;

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
}

/// Rows that one table may show; the rest are in the workbook.
const ROWS_MAX: usize = 40;

/// A table of some columns of rows. The first column says what the row is about.
pub(crate) fn grid(context: &Context<'_>, rows: &[Row<'_>], columns: &[&str]) -> Grid {
    let mut grid = Grid::default();
    let Some(first) = rows.first() else { return grid };
    for &name in columns {
        let kind = first.table.schema().column(name).map_or(Kind::Text, |column| column.kind);
        let is_number = matches!(kind, Kind::Count | Kind::Cents | Kind::Ratio);
        grid.headers.push(Header { text: labels::column(name, context.lang), is_number });
    }
    for row in rows.iter().take(ROWS_MAX) {
        let cells = columns.iter().enumerate();
        grid.rows.push(cells.map(|(at, &name)| Shown { is_header: at == 0, ..shown(context, *row, name) }).collect());
    }
    if rows.len() > ROWS_MAX {
        let values = [
            ("shown", format::number(ROWS_MAX as i64, context.lang)),
            ("all", format::number(rows.len() as i64, context.lang)),
        ];
        grid.notes
            .push(texts::MORE_ROWS.fill(context.lang, &[(values[0].0, &values[0].1), (values[1].0, &values[1].1)]));
    }
    let left_out = first.table.rows_left_out();
    if left_out > 0 {
        let n = format::number(left_out as i64, context.lang);
        grid.notes.push(texts::ROWS_LEFT_OUT.fill(context.lang, &[("n", &n)]));
    }
    if grid.rows.iter().flatten().any(|cell| cell.is_withheld) {
        grid.notes.push(texts::SOME_WITHHELD.of(context.lang).to_owned());
    }
    grid
}

/// One cell in words, by what its column holds.
pub(crate) fn shown(context: &Context<'_>, row: Row<'_>, column: &str) -> Shown {
    let lang = context.lang;
    let kind = row.table.schema().column(column).map_or(Kind::Text, |column| column.kind);
    match row.cell(column) {
        Cell::Withheld(_) => Shown::withheld(lang),
        Cell::NotMeasured if column == "value" => {
            Shown::text(labels::dimension_value(row.text("dimension"), None, lang))
        }
        Cell::NotMeasured if ["municipality", "wellbeing_county", "provider", "package"].contains(&column) => {
            Shown::text(labels::dimension_value("", None, lang))
        }
        Cell::NotMeasured if column == "hour" => Shown::text(texts::HOURS_UNKNOWN.of(lang)),
        Cell::NotMeasured if column == "service" => Shown::text(labels::code("all", lang)),
        Cell::NotMeasured => Shown::text(texts::NOT_MEASURED.of(lang)),
        Cell::Value(Datum::Int(value)) if kind == Kind::Cents => Shown::number(format::euros(*value, lang)),
        Cell::Value(Datum::Int(value)) if column == "weekday" => Shown::text(labels::weekday(*value, lang)),
        Cell::Value(Datum::Int(value)) => Shown::number(format::number(*value, lang)),
        Cell::Value(Datum::Ratio(value)) => Shown::number(ratio(column, *value, lang)),
        Cell::Value(Datum::Date(value)) => Shown::text(format::day(Day(*value), lang)),
        Cell::Value(Datum::Time(value)) => Shown::text(format!("{}:{:02}", value / 3600, value % 3600 / 60)),
        Cell::Value(Datum::Flag(value)) => Shown::text(if *value { "✓" } else { "–" }),
        Cell::Value(Datum::Text(value)) => {
            let level = if column == "region" { row.text("level") } else { row.text("dimension") };
            Shown::text(context.words(column, level, value))
        }
    }
}

/// Whether a ratio is a mean of cents: of a row whose measure or variable is cost. Standardised differences have no unit.
pub(crate) fn is_cents(row: Row<'_>, column: &str) -> bool {
    (row.is("measure", "cost_cents") || row.is("variable", "cost_cents")) && !column.starts_with("difference_")
}

fn ratio(column: &str, value: f64, lang: Lang) -> String {
    match column {
        "gini" | "jaccard" => format::decimal(value, 3, lang),
        "person_years" | "median_gap_days" | "start_median_working_days" | "complete_median_days" => {
            format::decimal(value, 1, lang)
        }
        _ if column.contains("per_1000") => format::decimal(value, 1, lang),
        _ if column.contains("share") => format::percent(value, lang),
        _ => format::decimal(value, 2, lang),
    }
}
