//! Providers and service packages: use, agreements, feedback.

use virta_chart::{Bar, bars};

use super::{BARS_MAX, Section, Words};
use crate::context::{Context, by_count, mark};
use crate::format;
use crate::grid::{grid, shown};
use crate::texts;
use crate::view::Row;

pub(super) fn packages(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("packages", texts::PACKAGES, context);
    let rows = context.rows_where("packages", &[("period", context.last_period())]);
    agreed(context, &mut section, &rows);
    let used: Vec<Row<'_>> =
        by_count(&rows, "cost_cents").into_iter().filter(|row| row.int("clients").is_some()).collect();
    let has = |column: &str| {
        used.iter().take(crate::grid::ROWS_MAX).any(|row| row.int(column).is_some() || row.ratio(column).is_some())
    };
    let columns = [
        "provider",
        "package",
        "clients",
        "cost_cents",
        "cost_per_client_cents",
        "cost_difference_cents",
        "feedback_mean",
    ];
    let columns: Vec<&str> = columns
        .into_iter()
        .filter(|column| ["provider", "package", "clients"].contains(column) || has(column))
        .collect();
    let words = Words::new(texts::PACKAGES_FIGURE.of(lang), context.in_last_period())
        .saying(if has("cost_difference_cents") { texts::PACKAGES_SUMMARY.of(lang).to_owned() } else { String::new() });
    section.add_table(words, grid(context, &used, &columns), false);
    section
}

/// Actual and agreed cost, where both are shown.
fn agreed(context: &Context<'_>, section: &mut Section, rows: &[Row<'_>]) {
    const COLUMNS: [&str; 2] = ["cost_cents", "agreed_cost_cents"];
    let lang = context.lang;
    let is_agreed = |row: &Row<'_>| COLUMNS.iter().all(|column| row.int(column).is_some());
    let agreed: Vec<Row<'_>> = by_count(rows, "agreed_cost_cents").into_iter().filter(is_agreed).collect();
    if agreed.len() < 2 {
        return;
    }
    let name =
        |row: Row<'_>| format!("{}, {}", shown(context, row, "provider").text, shown(context, row, "package").text);
    let bar = |row: &Row<'_>| Bar { label: name(*row), marks: COLUMNS.map(|column| mark(Some(*row), column)).to_vec() };
    let list: Vec<Bar> = agreed.iter().take(BARS_MAX).map(bar).collect();
    let series = [texts::ACTUAL, texts::AGREED].map(|text| text.of(lang).to_owned());
    let words = Words::new(texts::AGREED_FIGURE.of(lang), context.in_last_period());
    let columns = [
        "provider",
        "package",
        "agreed_volume",
        "volume_unit",
        "volume_difference",
        "agreed_unit_cost_cents",
        "unit_cost_difference_cents",
        "agreed_cost_cents",
    ];
    let money = |cents: f64| format::money(cents, lang);
    section.add_wide(words, grid(context, &agreed, &columns), |width, ids| {
        bars(&list, &series, &context.draw(&money, width), ids)
    });
}
