//! Regions side by side.

use super::{Section, ratio_mark, whole_numbers};
use crate::chart::{Bar, bars};
use crate::context::Context;
use crate::format;
use crate::grid::{grid, shown};
use crate::labels;
use crate::texts;
use crate::view::Row;

const COLUMNS: [&str; 9] = [
    "region",
    "residents",
    "clients",
    "clients_per_1000",
    "standardised_clients_per_1000",
    "contacts_per_1000",
    "standardised_contacts_per_1000",
    "cost_per_resident_cents",
    "standardised_cost_per_resident_cents",
];

/// A figure for each cohort and level that has more than one region.
pub(super) fn regions(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("regions", texts::REGIONS, context);
    let period = context.last_period();
    for cohort in std::iter::once("all").chain(context.cohorts()) {
        for level in ["wellbeing_county", "municipality"] {
            let are = [("cohort", cohort), ("period", period), ("level", level)];
            let mut rows = context.rows_where("regions", &are);
            if rows.len() < 2 {
                continue;
            }
            rows.sort_by_key(|row| std::cmp::Reverse(row.int("residents").unwrap_or(-1)));
            let title = texts::REGIONS_FIGURE.fill(
                lang,
                &[
                    ("cohort", &context.cohort(cohort)),
                    ("level", &labels::code(level, lang)),
                    ("period", &format::period(period, lang)),
                ],
            );
            section
                .add(title, summary(context, &rows), grid(context, &rows, &COLUMNS), |ids| rates(context, &rows, ids));
        }
    }
    if !section.figures.is_empty() {
        section.paragraphs.push(texts::REGIONS_TEXT.of(lang).to_owned());
    }
    section
}

fn summary(context: &Context<'_>, rows: &[Row<'_>]) -> String {
    const RATE: &str = "standardised_clients_per_1000";
    let mut rated: Vec<Row<'_>> = rows.iter().copied().filter(|row| row.ratio(RATE).is_some()).collect();
    rated.sort_by(|a, b| b.ratio(RATE).unwrap_or(0.0).total_cmp(&a.ratio(RATE).unwrap_or(0.0)));
    let [most, .., least] = rated.as_slice() else { return texts::SOME_WITHHELD.of(context.lang).to_owned() };
    let name = |row: &Row<'_>| shown(context, *row, "region").text;
    let rate = |row: &Row<'_>| shown(context, *row, RATE).text;
    texts::REGIONS_SUMMARY.fill(
        context.lang,
        &[("most", &name(most)), ("high", &rate(most)), ("least", &name(least)), ("low", &rate(least))],
    )
}

fn rates(context: &Context<'_>, rows: &[Row<'_>], ids: &str) -> String {
    const BARS_MAX: usize = 20;
    let lang = context.lang;
    let list: Vec<Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| Bar {
            label: shown(context, *row, "region").text,
            marks: vec![ratio_mark(*row, "clients_per_1000"), ratio_mark(*row, "standardised_clients_per_1000")],
        })
        .collect();
    let series = [texts::CRUDE_SERIES, texts::STANDARDISED_SERIES].map(|text| text.of(lang).to_owned());
    bars(&list, &series, &whole_numbers(context, &|value| format::decimal(value, 1, lang)), ids)
}
