//! Pilots: whether they helped, in one sentence first; then every measure, and what to know when reading them.

use virta_chart::{Point, Whisker, whiskers};
use virta_model::settings::Pilot;

use super::{Section, Words, capital};
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::lang::Lang;
use crate::question::{adessive, listed};
use crate::texts;
use crate::view::{Row, distinct};

/// A section for each pilot.
pub(super) fn pilots(context: &Context<'_>) -> Vec<Section> {
    let lang = context.lang;
    let names = distinct(&context.rows("pilot_counts"), "pilot");
    let section = |(at, pilot): (usize, &&str)| {
        let title = texts::PILOT.fill(lang, &[("pilot", &context.pilot(pilot))]);
        let mut section = Section { id: format!("pilot{}", at + 1), title, ..Section::default() };
        section.lead = answer(context, pilot);
        effects(context, &mut section, pilot);
        services(context, &mut section, pilot);
        balance(context, &mut section, pilot);
        steps(context, &mut section, pilot);
        section.notes_title = texts::READING.of(lang).to_owned();
        section.notes = notes(context, pilot);
        section
    };
    names.iter().enumerate().map(section).collect()
}

/// Whether a pilot helped, in one sentence or two.
pub(crate) fn answer(context: &Context<'_>, pilot: &str) -> String {
    let lang = context.lang;
    let rows = measures(context, pilot);
    if !is_compared(context, pilot) {
        return texts::NO_COMPARISON.of(lang).to_owned();
    }
    if !rows.is_empty() && rows.iter().all(|row| row.int("followed_clients") == Some(0)) {
        return texts::NO_FOLLOW_UP.of(lang).to_owned();
    }
    let tested: Vec<Row<'_>> = rows.into_iter().filter(|row| interval(*row).is_some()).collect();
    if tested.is_empty() {
        return texts::NOT_SHOWN.of(lang).to_owned();
    }
    let clear: Vec<Row<'_>> = tested.iter().copied().filter(is_clear).collect();
    if clear.is_empty() {
        let example = ["emergency_contacts", "cost_cents", "contacts"];
        let example = example.iter().find_map(|name| tested.iter().find(|row| row.is("measure", name)));
        let example = example.and_then(|row| example_in_words(context, *row));
        let said = texts::NOT_CLEAR.of(lang).to_owned();
        return std::iter::once(said).chain(example).collect::<Vec<_>>().join(" ");
    }
    let mut said = vec![verdict(&clear, lang)];
    if clear.len() < tested.len() {
        said.push(texts::OTHERS_NOT_CLEAR.of(lang).to_owned());
    }
    if worst_balance(context, pilot).is_some_and(|(size, _)| size > UNBALANCED_FROM) {
        said.push(texts::BUT_UNBALANCED.of(lang).to_owned());
    }
    said.join(" ")
}

/// Which measures clearly changed, and whether that is what a pilot hopes for: less use, less cost.
fn verdict(clear: &[Row<'_>], lang: Lang) -> String {
    let words = |is_more: bool| -> String {
        let rows = clear.iter().filter(|row| row.ratio("difference").is_some_and(|value| (value > 0.0) == is_more));
        listed(&rows.filter_map(|row| change_in_words(*row, lang)).collect::<Vec<_>>(), lang)
    };
    let (fewer, more) = (words(false), words(true));
    let values = [("fewer", fewer.as_str()), ("more", more.as_str())];
    match (fewer.is_empty(), more.is_empty()) {
        (false, true) => texts::HELPED.fill(lang, &values),
        (true, _) => texts::NOT_HELPED.fill(lang, &values),
        (false, false) => texts::MIXED.fill(lang, &values),
    }
}

fn is_compared(context: &Context<'_>, pilot: &str) -> bool {
    let rows = context.rows_where("pilot_counts", &[("pilot", pilot)]);
    rows.iter().any(|row| row.is("step", "matched"))
}

fn is_clear(row: &Row<'_>) -> bool {
    interval(*row).is_some_and(|(low, high)| low > 0.0 || high < 0.0)
}

fn interval(row: Row<'_>) -> Option<(f64, f64)> {
    row.ratio("difference")?;
    row.ratio("interval_low").zip(row.ratio("interval_high"))
}

/// Rows of all services together, in the table's order.
fn measures<'a>(context: &Context<'a>, pilot: &str) -> Vec<Row<'a>> {
    let rows = context.rows_where("pilot_baseline", &[("pilot", pilot)]).into_iter();
    rows.filter(|row| row.text("service").is_empty()).collect()
}

/// A value of a row's measure, without its unit: euros of cents, a share of women, else a number.
fn amount(row: Row<'_>, value: f64, lang: Lang) -> String {
    match (row.text("measure"), row.text("variable")) {
        ("cost_cents", _) | (_, "cost_cents") => format::money(value, lang),
        (_, "female") => format::percent(value, lang),
        _ => format::short(value, lang),
    }
}

/// A change with its sign and its unit: −1,7 käyntiä, +8 900 €.
fn change(row: Row<'_>, value: f64, lang: Lang) -> String {
    let text = amount(row, value, lang);
    let is_positive = value > 0.0 && text.chars().any(|digit| ('1'..='9').contains(&digit));
    let text = if is_positive { format!("+{text}") } else { text };
    let unit = labels::measure_unit(row.text("measure"), lang);
    if unit.is_empty() { text } else { format!("{text}\u{a0}{unit}") }
}

fn change_in_words(row: Row<'_>, lang: Lang) -> Option<String> {
    let values = [
        ("measure", labels::measured(row.text("measure"), lang)),
        ("difference", change(row, row.ratio("difference")?, lang)),
    ];
    Some(texts::CHANGE.fill(lang, &values))
}

fn example_in_words(context: &Context<'_>, row: Row<'_>) -> Option<String> {
    let lang = context.lang;
    let (low, high) = interval(row)?;
    let difference = row.ratio("difference")?;
    let means = ["before_mean", "after_mean", "comparison_before_mean", "comparison_after_mean"];
    let means: Vec<f64> = means.iter().map(|column| row.ratio(column)).collect::<Option<_>>()?;
    let [before, after, other_before, other_after] = means[..] else { return None };
    // Of few clients, means are rounded so much that they may say something else than their difference does.
    let by_means = (after - before) - (other_after - other_before);
    let agree = (by_means - difference).abs() <= difference.abs() / 2.0;
    let values = [
        ("measure", labels::measure(row.text("measure"), lang)),
        ("before", amount(row, before, lang)),
        ("after", amount(row, after, lang)),
        ("other_before", amount(row, other_before, lang)),
        ("other_after", amount(row, other_after, lang)),
        ("difference", change(row, difference, lang)),
        ("low", amount(row, low, lang)),
        ("high", amount(row, high, lang)),
    ];
    let text = if agree { texts::NOT_CLEAR_EXAMPLE } else { texts::NOT_CLEAR_INTERVAL };
    Some(text.fill(lang, &values))
}

/// Every measure with its interval, as a share of what the pilot's clients used before, so that visits and euros can
/// stand on one axis; what they are in their own units stands beside them.
fn effects(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let lang = context.lang;
    let rows = measures(context, pilot);
    if rows.is_empty() {
        return;
    }
    let is_compared = is_compared(context, pilot);
    let list: Vec<Whisker> = rows.iter().map(|row| whisker(*row, is_compared, lang)).collect();
    let words = match is_compared {
        true => Words {
            title: texts::EFFECT_FIGURE.of(lang).to_owned(),
            unit: texts::EFFECT_UNIT.of(lang).to_owned(),
            summary: texts::EFFECT_SUMMARY.of(lang).to_owned(),
        },
        false => Words {
            title: texts::ALONE_FIGURE.of(lang).to_owned(),
            unit: texts::ALONE_UNIT.of(lang).to_owned(),
            summary: String::new(),
        },
    };
    let table = measures_table(context, &rows, is_compared);
    if !is_compared {
        section.add_table(words, table, false);
        return;
    }
    let number = |value: f64| format::whole_percent(value, lang);
    section.add_wide(words, table, |width, ids| {
        whiskers(&list, texts::EFFECT_AXIS.of(lang), &context.draw(&number, width), ids)
    });
}

fn whisker(row: Row<'_>, is_compared: bool, lang: Lang) -> Whisker {
    let before = row.ratio("before_mean").filter(|before| *before > 0.0);
    let share = |value: f64| before.map(|before| value / before);
    let point = match (row.ratio("difference").and_then(share), interval(row)) {
        (Some(value), ends) => Point::Value(value, ends.and_then(|(low, high)| share(low).zip(share(high)))),
        (None, _) if row.is_withheld("difference") || row.is_withheld("before_mean") => Point::Withheld,
        (None, _) => Point::None,
    };
    let of = |column: &str| row.ratio(column).map_or_else(|| "–".to_owned(), |value| amount(row, value, lang));
    let detail = if is_compared { texts::EFFECT_DETAIL } else { texts::EFFECT_DETAIL_ALONE };
    let values = ["before_mean", "after_mean", "comparison_before_mean", "comparison_after_mean"].map(of);
    let names = ["before", "after", "other_before", "other_after"];
    let values: Vec<(&str, String)> = names.into_iter().zip(values).collect();
    let value = row.ratio("difference").zip(interval(row)).map_or_else(String::new, |(difference, (low, high))| {
        let values = [change(row, difference, lang), amount(row, low, lang), amount(row, high, lang)];
        let names = ["difference", "low", "high"];
        let values: Vec<(&str, String)> = names.into_iter().zip(values).collect();
        texts::EFFECT_VALUE.fill(lang, &values)
    });
    let label = capital(&labels::measure(row.text("measure"), lang));
    Whisker { label, detail: detail.fill(lang, &values), value, point }
}

/// Columns of means and what they are called.
fn mean_columns(is_compared: bool) -> Vec<(&'static str, crate::lang::Text)> {
    let mut columns = vec![("before_mean", texts::WINDOW_BEFORE), ("after_mean", texts::WINDOW_AFTER)];
    if is_compared {
        columns.push(("comparison_before_mean", texts::OTHERS_BEFORE));
        columns.push(("comparison_after_mean", texts::OTHERS_AFTER));
        columns.push(("difference", texts::DIFFERENCE));
    }
    columns
}

fn measures_table(context: &Context<'_>, rows: &[Row<'_>], is_compared: bool) -> Grid {
    let lang = context.lang;
    let columns = mean_columns(is_compared);
    let mut table = means(context, rows, &columns, |row| capital(&labels::measure(row.text("measure"), lang)));
    if is_compared {
        table.headers.push(Header::number(texts::INTERVAL.of(lang)));
        for (cells, row) in table.rows.iter_mut().zip(rows) {
            cells.push(match interval(*row) {
                Some((low, high)) => {
                    Shown::number(format!("{} … {}", amount(*row, low, lang), amount(*row, high, lang)))
                }
                None => shown(context, *row, "interval_low"),
            });
        }
    }
    table
}

/// A table of means, each in the unit of its row's measure.
fn means(
    context: &Context<'_>,
    rows: &[Row<'_>],
    columns: &[(&str, crate::lang::Text)],
    head: impl Fn(Row<'_>) -> String,
) -> Grid {
    let lang = context.lang;
    let mut table = Grid { headers: vec![Header::text(labels::column("measure", lang))], ..Grid::default() };
    table.headers.extend(columns.iter().map(|(_, text)| Header::number(text.of(lang))));
    for row in rows.iter().take(crate::grid::ROWS_MAX) {
        let cell = |(column, _): &(&str, crate::lang::Text)| match row.ratio(column) {
            Some(value) => Shown::number(amount(*row, value, lang)),
            None => shown(context, *row, column),
        };
        table.rows.push(std::iter::once(Shown::head(head(*row))).chain(columns.iter().map(cell)).collect());
    }
    table.cut(context, rows.len());
    table
}

fn services(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let rows = context.rows_where("pilot_baseline", &[("pilot", pilot)]);
    let mut rows: Vec<Row<'_>> = rows.into_iter().filter(|row| row.ratio("before_mean").is_some()).collect();
    rows.retain(|row| !row.text("service").is_empty());
    rows.sort_by(|a, b| b.ratio("before_mean").unwrap_or(0.0).total_cmp(&a.ratio("before_mean").unwrap_or(0.0)));
    let columns = mean_columns(is_compared(context, pilot));
    let table = means(context, &rows, &columns, |row| context.service(row.text("service")));
    let words = Words::new(texts::BY_SERVICE_FIGURE.of(context.lang), "");
    section.add_table(words, table, true);
}

fn balance(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let rows = context.rows_where("pilot_balance", &[("pilot", pilot)]);
    let columns = ["variable", "mean", "comparison_mean", "pool_mean", "difference_before", "difference_after"];
    let words = Words::new(texts::BALANCE_FIGURE.of(context.lang), "");
    section.add_table(words, grid(context, &rows, &columns), true);
}

/// From the list to the follow-up.
fn steps(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let rows = context.rows_where("pilot_counts", &[("pilot", pilot)]);
    let mut table = grid(context, &rows, &["step", "clients", "comparison_clients"]);
    for (cells, row) in table.rows.iter_mut().zip(&rows) {
        // Nobody is compared on these steps: that is not something that could have been measured.
        let is_nothing = row.int("comparison_clients").is_none() && !row.is_withheld("comparison_clients");
        if let (true, Some(last)) = (is_nothing, cells.last_mut()) {
            *last = Shown::none();
        }
    }
    let words = Words::new(texts::STEPS_FIGURE.of(context.lang), "");
    section.add_table(words, table, true);
}

/// What to know when reading a pilot's figures.
fn notes(context: &Context<'_>, pilot: &str) -> Vec<String> {
    let lang = context.lang;
    let rows = context.rows_where("pilot_counts", &[("pilot", pilot)]);
    let count = |step: &str, column: &str| rows.iter().find(|row| row.is("step", step))?.int(column);
    let mut who = Vec::new();
    if let Some((listed, baseline)) = count("listed", "clients").zip(count("baseline", "clients")) {
        let values = [("listed", format::number(listed, lang)), ("baseline", adessive(baseline, lang))];
        who.push(texts::LISTED.fill(lang, &values));
    }
    let k = context.study().k();
    // Who has a baseline is known, so that this is not said where only the number of the known is withheld.
    let is_small = |step| count(step, "clients").is_none_or(|clients| clients < i64::from(k));
    if count("listed", "clients").is_some() && is_small("known") && is_small("baseline") {
        who.push(texts::STRANGERS.fill(lang, &[("k", &k.to_string())]));
    }
    if let Some(complete) = count("complete", "clients").filter(|complete| *complete > 0) {
        who.push(texts::FOLLOWED.fill(lang, &[("complete", &format::number(complete, lang))]));
    }
    if let Some(others) = count("matched", "comparison_clients").filter(|others| *others > 0) {
        who.push(texts::MATCHED.fill(lang, &[("comparison", &format::number(others, lang))]));
    }
    let mut notes: Vec<String> = (!who.is_empty()).then(|| who.join(" ")).into_iter().collect();
    let asked = context.settings().and_then(|study| study.pilots.iter().find(|asked| asked.name == pilot));
    notes.extend(asked.map(|asked| windows(asked, lang)));
    if is_compared(context, pilot) {
        notes.push(texts::REGRESSION.of(lang).to_owned());
        notes.extend(balance_in_words(context, pilot));
        let tested = measures(context, pilot).into_iter().filter(|row| interval(*row).is_some()).count();
        if tested > 1 {
            notes.push(texts::MANY_TESTS.fill(lang, &[("n", &tested.to_string())]));
        }
    }
    notes
}

fn windows(pilot: &Pilot, lang: Lang) -> String {
    let (before, after) = (pilot.before_days.to_string(), pilot.after_days.to_string());
    texts::WINDOWS.fill(lang, &[("before", &before), ("after", &after)])
}

/// Standardised differences from which groups are told to differ, and below which they are alike.
const UNBALANCED_FROM: f64 = 0.25;
const BALANCED_TO: f64 = 0.1;

/// The variable in which the groups differed most before the pilot, and by how much.
fn worst_balance<'a>(context: &Context<'a>, pilot: &str) -> Option<(f64, &'a str)> {
    let rows = context.rows_where("pilot_balance", &[("pilot", pilot)]);
    let sizes = rows.iter().filter_map(|row| Some((row.ratio("difference_after")?.abs(), row.text("variable"))));
    sizes.max_by(|a, b| a.0.total_cmp(&b.0))
}

fn balance_in_words(context: &Context<'_>, pilot: &str) -> Option<String> {
    let lang = context.lang;
    let (size, variable) = worst_balance(context, pilot)?;
    let text = match size {
        _ if size < BALANCED_TO => texts::BALANCED,
        _ if size <= UNBALANCED_FROM => texts::FAIRLY_BALANCED,
        _ => texts::UNBALANCED,
    };
    let variable = labels::measure(variable, lang);
    Some(text.fill(lang, &[("worst", &format::decimal(size, 2, lang)), ("variable", &variable)]))
}
