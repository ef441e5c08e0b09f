//! Providers and service packages: use, agreements, feedback.

use super::{Section, mark, whole_numbers};
use crate::chart::{Bar, Mark, bars};
use crate::context::Context;
use crate::format;
use crate::grid::{grid, shown};
use crate::texts;
use crate::view::Row;

pub(super) fn packages(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("packages", texts::PACKAGES, context);
    let period = context.last_period();
    let words = format::period(period, lang);
    let rows = context.rows_where("packages", &[("period", period)]);
    let used = by_cost(&rows, "cost_cents");
    let used: Vec<Row<'_>> = used.into_iter().filter(|row| row.int("clients") != Some(0)).collect();
    if let Some(&first) = used.first() {
        let summary = texts::PACKAGES_TEXT.fill(
            lang,
            &[
                ("name", &name(context, first)),
                ("clients", &context.count(Some(first), "clients")),
                ("cost", &context.money(Some(first), "cost_cents")),
            ],
        );
        let columns = [
            "provider",
            "package",
            "clients",
            "contacts",
            "days",
            "cost_cents",
            "cost_per_client_cents",
            "cost_per_contact_cents",
        ];
        section.add(
            texts::PACKAGES_FIGURE.fill(lang, &[("period", &words)]),
            summary,
            grid(context, &used, &columns),
            |ids| costs(context, &used, &["cost_cents"], &[], ids),
        );
    }
    let is_agreed = |row: &&Row<'_>| row.int("agreed_volume").or(row.int("agreed_unit_cost_cents")).is_some();
    let agreed: Vec<Row<'_>> = rows.iter().filter(is_agreed).copied().collect();
    if !agreed.is_empty() {
        let agreed = by_cost(&agreed, "agreed_cost_cents");
        let columns = [
            "provider",
            "package",
            "agreed_volume",
            "volume_unit",
            "volume_difference",
            "agreed_unit_cost_cents",
            "unit_cost_difference_cents",
            "agreed_cost_cents",
            "cost_difference_cents",
        ];
        let series = [texts::ACTUAL_SERIES, texts::AGREED_SERIES].map(|text| text.of(lang).to_owned());
        section.add(
            texts::AGREED_FIGURE.fill(lang, &[("period", &words)]),
            texts::AGREED_TEXT.of(lang).to_owned(),
            grid(context, &agreed, &columns),
            |ids| costs(context, &agreed, &["cost_cents", "agreed_cost_cents"], &series, ids),
        );
    }
    let answered: Vec<Row<'_>> = rows.iter().copied().filter(|row| !row.text("instrument").is_empty()).collect();
    if !answered.is_empty() {
        let columns = [
            "provider",
            "package",
            "instrument",
            "answers",
            "answering_clients",
            "feedback_mean",
            "repeat_clients",
            "feedback_change",
        ];
        section.add_table(
            texts::FEEDBACK_FIGURE.fill(lang, &[("period", &words)]),
            texts::FEEDBACK_TEXT.of(lang).to_owned(),
            grid(context, &answered, &columns),
        );
    }
    section
}

/// The largest amount first; those that are not shown come last.
fn by_cost<'a>(rows: &[Row<'a>], column: &str) -> Vec<Row<'a>> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| std::cmp::Reverse(row.int(column).unwrap_or(i64::MIN)));
    rows
}

fn name(context: &Context<'_>, row: Row<'_>) -> String {
    format!("{}, {}", shown(context, row, "provider").text, shown(context, row, "package").text)
}

/// Bars of amounts, a series for each column.
fn costs(context: &Context<'_>, rows: &[Row<'_>], columns: &[&str], series: &[String], ids: &str) -> String {
    const BARS_MAX: usize = 20;
    let list: Vec<Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| {
            let marks: Vec<Mark> = columns.iter().map(|column| mark(*row, column)).collect();
            Bar { label: name(context, *row), marks }
        })
        .collect();
    bars(&list, series, &whole_numbers(context, &|cents| format::euros_short(cents as i64, context.lang)), ids)
}
