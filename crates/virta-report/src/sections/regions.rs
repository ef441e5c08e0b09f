//! Regions side by side.

use virta_chart::{Bar, bars};

use super::{BARS_MAX, Section, Words};
use crate::context::{Context, mark};
use crate::format;
use crate::grid::{grid, shown};
use crate::labels;
use crate::texts;
use crate::view::Row;

/// The main cohort's clients, and everybody's cost, at each level that has more than one region.
pub(super) fn regions(context: &Context<'_>) -> Section {
    let mut section = Section::new("regions", texts::REGIONS, context);
    for level in ["wellbeing_county", "municipality"] {
        clients(context, &mut section, level);
        cost(context, &mut section, level);
    }
    if !section.figures.is_empty() {
        section.paragraphs.push(texts::REGIONS_TEXT.of(context.lang).to_owned());
    }
    section
}

/// The regions of a level, those with most residents first.
fn of<'a>(context: &Context<'a>, cohort: &str, level: &str, column: &str) -> Vec<Row<'a>> {
    let are = [("cohort", cohort), ("period", context.last_period()), ("level", level)];
    let mut rows = context.rows_where("regions", &are);
    rows.sort_by_key(|row| std::cmp::Reverse(row.int("residents").unwrap_or(-1)));
    let is_shown = |row: &&Row<'_>| row.ratio(column).is_some() || row.int(column).is_some();
    if rows.iter().filter(is_shown).count() < 2 { Vec::new() } else { rows }
}

fn unit(context: &Context<'_>, level: &str) -> String {
    let level = labels::by_level(level, context.lang);
    texts::REGIONS_UNIT.fill(context.lang, &[("level", &level), ("when", &context.in_last_period())])
}

fn series(context: &Context<'_>) -> [String; 2] {
    [texts::STANDARDISED, texts::CRUDE].map(|text| text.of(context.lang).to_owned())
}

fn list(context: &Context<'_>, rows: &[Row<'_>], columns: [&str; 2]) -> Vec<Bar> {
    let bar = |row: &Row<'_>| Bar {
        label: shown(context, *row, "region").text,
        marks: columns.map(|column| mark(Some(*row), column)).to_vec(),
    };
    rows.iter().take(BARS_MAX).map(bar).collect()
}

fn clients(context: &Context<'_>, section: &mut Section, level: &str) {
    const RATES: [&str; 2] = ["standardised_clients_per_1000", "clients_per_1000"];
    let lang = context.lang;
    let rows = of(context, context.main_or_all(), level, RATES[1]);
    if rows.is_empty() {
        return;
    }
    let list = list(context, &rows, RATES);
    let words = Words::new(texts::REGIONS_FIGURE.of(lang), unit(context, level)).saying(extremes(context, &rows));
    let columns = ["region", "residents", "clients", "clients_per_1000", "standardised_clients_per_1000"];
    let number = |value: f64| format::mean(value, lang);
    section.add(words, grid(context, &rows, &columns), |width, ids| {
        bars(&list, &series(context), &context.draw(&number, width), ids)
    });
}

fn cost(context: &Context<'_>, section: &mut Section, level: &str) {
    const RATES: [&str; 2] = ["standardised_cost_per_resident_cents", "cost_per_resident_cents"];
    let rows = of(context, "all", level, RATES[1]);
    if rows.iter().all(|row| row.int(RATES[1]).is_none_or(|cost| cost == 0)) {
        return;
    }
    let list = list(context, &rows, RATES);
    let words = Words::new(texts::REGIONS_COST_FIGURE.of(context.lang), unit(context, level));
    let columns = ["region", "residents", "clients", "cost_cents", RATES[1], RATES[0]];
    let money = |cents: f64| format::money(cents, context.lang);
    section.add(words, grid(context, &rows, &columns), |width, ids| {
        bars(&list, &series(context), &context.draw(&money, width), ids)
    });
}

fn extremes(context: &Context<'_>, rows: &[Row<'_>]) -> String {
    const RATE: &str = "standardised_clients_per_1000";
    let mut rated: Vec<Row<'_>> = rows.iter().copied().filter(|row| row.ratio(RATE).is_some()).collect();
    rated.sort_by(|a, b| b.ratio(RATE).unwrap_or(0.0).total_cmp(&a.ratio(RATE).unwrap_or(0.0)));
    let [most, .., least] = rated.as_slice() else { return String::new() };
    let name = |row: &Row<'_>| shown(context, *row, "region").text;
    let rate = |row: &Row<'_>| shown(context, *row, RATE).text;
    texts::REGIONS_SUMMARY.fill(
        context.lang,
        &[("most", &name(most)), ("high", &rate(most)), ("least", &name(least)), ("low", &rate(least))],
    )
}
