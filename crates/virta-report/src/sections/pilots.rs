//! Pilots: who takes part, how alike the comparison clients were, and what changed.

use virta_model::settings::Pilot;
use virta_protection::Cell;

use super::{Section, whole_numbers};
use crate::chart::{Bar, Mark, Point, Style, Whisker, bars, whiskers};
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::lang::Lang;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn pilots(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("pilots", texts::PILOTS, context);
    let rows = context.rows("pilot_counts");
    for pilot in distinct(&rows, "pilot") {
        let asked = context.report.settings.iter().flat_map(|study| &study.pilots).find(|asked| asked.name == pilot);
        let is_compared = rows.iter().any(|row| row.is("pilot", pilot) && row.is("step", "matched"));
        if let Some(asked) = asked {
            section.paragraphs.push(windows(context, asked));
        }
        if is_compared {
            section.paragraphs.push(texts::PILOT_HOW.of(lang).to_owned());
        }
        counts(context, &mut section, pilot);
        if is_compared {
            effects(context, &mut section, pilot);
        }
        before_and_after(context, &mut section, pilot, is_compared);
        services(context, &mut section, pilot, is_compared);
        balance(context, &mut section, pilot);
    }
    section
}

fn windows(context: &Context<'_>, pilot: &Pilot) -> String {
    let (before, after) = (pilot.before_days.to_string(), pilot.after_days.to_string());
    let values = [("pilot", pilot.name.as_str()), ("before", before.as_str()), ("after", after.as_str())];
    texts::PILOT_WINDOWS.fill(context.lang, &values)
}

/// From the list to the follow-up.
fn counts(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let lang = context.lang;
    let rows = context.rows_where("pilot_counts", &[("pilot", pilot)]);
    let step = |name: &str| rows.iter().copied().find(|row| row.is("step", name));
    let count = |name: &str, column: &str| context.count(step(name), column);
    let mut summary = texts::PILOT_COUNTS_TEXT.fill(
        lang,
        &[
            ("listed", &count("listed", "clients")),
            ("baseline", &count("baseline", "clients")),
            ("complete", &count("complete", "clients")),
            ("going_on", &count("going_on", "clients")),
        ],
    );
    if step("matched").is_some() {
        let values = [
            ("matched", count("matched", "clients")),
            ("comparison", count("matched", "comparison_clients")),
            ("unmatched", count("unmatched", "clients")),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        summary = format!("{summary} {}", texts::PILOT_MATCHED_TEXT.fill(lang, &values));
    }
    let mut table = grid(context, &rows, &["step", "clients", "comparison_clients"]);
    for (cells, row) in table.rows.iter_mut().zip(&rows) {
        // Nobody is compared on these steps: that is not something that could have been measured.
        if let (Cell::NotMeasured, Some(last)) = (row.cell("comparison_clients"), cells.last_mut()) {
            *last = Shown::text("–");
        }
    }
    section.add_table(texts::PILOT_COUNTS_FIGURE.fill(lang, &[("pilot", pilot)]), summary, table);
}

/// Rows of all services together, in the table's order.
fn measures<'a>(context: &Context<'a>, pilot: &str) -> Vec<Row<'a>> {
    let rows = context.rows_where("pilot_baseline", &[("pilot", pilot)]).into_iter();
    rows.filter(|row| row.text("service").is_empty()).collect()
}

/// Differences in differences with their intervals, each as a share of what the pilot's clients used before, so that
/// visits and euros can stand on one axis.
fn effects(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let lang = context.lang;
    let rows = measures(context, pilot);
    let share = |row: Row<'_>, column: &str| {
        let before = row.ratio("before_mean").filter(|before| *before > 0.0)?;
        Some(row.ratio(column)? / before)
    };
    let point = |row: Row<'_>| match share(row, "difference") {
        Some(value) => Point::Value(value, share(row, "interval_low").zip(share(row, "interval_high"))),
        None if row.is_withheld("difference") || row.is_withheld("before_mean") => Point::Withheld,
        None => Point::None,
    };
    let list: Vec<Whisker> =
        rows.iter().map(|row| Whisker { label: labels::code(row.text("measure"), lang), point: point(*row) }).collect();
    let certain = rows.iter().filter(|row| {
        let ends = row.ratio("interval_low").zip(row.ratio("interval_high"));
        ends.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    });
    let certain: Vec<String> = certain.map(|row| change_in_words(context, *row)).collect();
    let summary = match certain.is_empty() {
        true => texts::PILOT_NO_EFFECT_TEXT.of(lang).to_owned(),
        false => texts::PILOT_EFFECT_TEXT.fill(lang, &[("changes", &certain.join("; "))]),
    };
    let columns = [
        "followed_clients",
        "before_mean",
        "after_mean",
        "comparison_before_mean",
        "comparison_after_mean",
        "difference",
    ];
    let mut table = table_of(context, &rows, &columns, |row| labels::code(row.text("measure"), lang));
    let interval = Header { text: texts::PILOT_INTERVAL.of(lang).to_owned(), is_number: true };
    table.headers.push(interval);
    for (cells, row) in table.rows.iter_mut().zip(&rows) {
        cells.push(interval_cell(context, *row));
    }
    let number = |value: f64| format::percent(value, lang);
    let style = Style { number: &number, withheld: texts::WITHHELD.of(lang) };
    section.add(texts::PILOT_EFFECT_FIGURE.fill(lang, &[("pilot", pilot)]), summary, table, |ids| {
        whiskers(&list, texts::PILOT_EFFECT_AXIS.of(lang), &style, ids)
    });
}

fn change_in_words(context: &Context<'_>, row: Row<'_>) -> String {
    let lang = context.lang;
    let of = |column: &str| row.ratio(column).map_or_else(String::new, |value| amount(row, value, lang));
    let values = [
        ("measure", labels::code(row.text("measure"), lang)),
        ("difference", of("difference")),
        ("low", of("interval_low")),
        ("high", of("interval_high")),
    ];
    texts::PILOT_CHANGE.fill(lang, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

/// The means before and after of both groups, a picture for each of the three measures that people ask for first.
fn before_and_after(context: &Context<'_>, section: &mut Section, pilot: &str, is_compared: bool) {
    let lang = context.lang;
    let rows = measures(context, pilot);
    let mark = |row: Row<'_>, column: &str| match row.ratio(column) {
        Some(value) => Mark::Value(value.max(0.0)),
        None if row.is_withheld(column) => Mark::Withheld,
        None => Mark::None,
    };
    for measure in ["contacts", "emergency_contacts", "cost_cents"] {
        let Some(row) = rows.iter().copied().find(|row| row.is("measure", measure)) else { continue };
        let has_follow_up = row.int("followed_clients") != Some(0);
        let columns: Vec<(&str, &str, &str)> = match has_follow_up {
            true => vec![
                ("before", "before_mean", "comparison_before_mean"),
                ("after", "after_mean", "comparison_after_mean"),
            ],
            false => vec![("before", "baseline_mean", "comparison_baseline_mean")],
        };
        let list: Vec<Bar> = columns
            .iter()
            .map(|(window, own, other)| Bar {
                label: labels::code(window, lang),
                marks: if is_compared { vec![mark(row, own), mark(row, other)] } else { vec![mark(row, own)] },
            })
            .collect();
        let mut series = vec![texts::PILOT_SERIES.of(lang).to_owned()];
        series.extend(is_compared.then(|| texts::COMPARISON_SERIES.of(lang).to_owned()));
        let mut table = Grid::default();
        table.headers.push(Header { text: labels::column("window", lang), is_number: false });
        table.headers.extend(series.iter().map(|name| Header { text: name.clone(), is_number: true }));
        for (window, own, other) in &columns {
            let mut cells = vec![Shown::head(labels::code(window, lang)), mean(context, row, own)];
            cells.extend(is_compared.then(|| mean(context, row, other)));
            table.rows.push(cells);
        }
        let words = |column: &str| mean(context, row, column).text;
        let (own, other) = (words("change"), words("comparison_change"));
        let summary = match (has_follow_up, is_compared) {
            (true, true) => texts::PILOT_MEANS_TEXT.fill(lang, &[("own", &own), ("other", &other)]),
            (true, false) => texts::PILOT_ALONE_TEXT.fill(lang, &[("own", &own)]),
            (false, _) => texts::PILOT_NOT_YET_TEXT.of(lang).to_owned(),
        };
        let values = [("measure", labels::code(measure, lang)), ("pilot", pilot.to_owned())];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        let number = |value: f64| amount(row, value, lang);
        section.add(texts::PILOT_MEANS_FIGURE.fill(lang, &values), summary, table, |ids| {
            bars(&list, &series, &whole_numbers(context, &number), ids)
        });
    }
}

/// Contacts by service.
fn services(context: &Context<'_>, section: &mut Section, pilot: &str, is_compared: bool) {
    let rows = context.rows_where("pilot_baseline", &[("pilot", pilot)]);
    let rows: Vec<Row<'_>> = rows.into_iter().filter(|row| !row.text("service").is_empty()).collect();
    if rows.is_empty() {
        return;
    }
    let columns: &[&str] = match is_compared {
        true => &[
            "baseline_mean",
            "comparison_baseline_mean",
            "before_mean",
            "after_mean",
            "comparison_change",
            "difference",
        ],
        false => &["baseline_mean", "before_mean", "after_mean", "change"],
    };
    let table = table_of(context, &rows, columns, |row| context.service(row.text("service")));
    let title = texts::PILOT_SERVICES_FIGURE.fill(context.lang, &[("pilot", pilot)]);
    section.add_table(title, String::new(), table);
}

fn balance(context: &Context<'_>, section: &mut Section, pilot: &str) {
    let lang = context.lang;
    let rows = context.rows_where("pilot_balance", &[("pilot", pilot)]);
    if rows.is_empty() {
        return;
    }
    let worst = rows
        .iter()
        .filter_map(|row| row.ratio("difference_after"))
        .map(f64::abs)
        .fold(None, |most, size| Some(most.map_or(size, |most: f64| most.max(size))));
    let worst = worst.map_or_else(|| texts::NOT_MEASURED.of(lang).to_owned(), |size| format::decimal(size, 2, lang));
    let columns = ["mean", "comparison_mean", "pool_mean", "difference_before", "difference_after"];
    let table = table_of(context, &rows, &columns, |row| labels::code(row.text("variable"), lang));
    let title = texts::PILOT_BALANCE_FIGURE.fill(lang, &[("pilot", pilot)]);
    section.add_table(title, texts::PILOT_BALANCE_TEXT.fill(lang, &[("worst", &worst)]), table);
}

/// A table of means, each in the unit of its row's measure.
fn table_of(context: &Context<'_>, rows: &[Row<'_>], columns: &[&str], head: impl Fn(Row<'_>) -> String) -> Grid {
    let mut table = Grid::default();
    let first = if rows.first().is_some_and(|row| row.text("service").is_empty()) { "measure" } else { "service" };
    let first = if rows.first().is_some_and(|row| row.text("variable").is_empty()) { first } else { "variable" };
    table.headers.push(Header { text: labels::column(first, context.lang), is_number: false });
    let header = |column: &&str| Header { text: labels::column(column, context.lang), is_number: true };
    table.headers.extend(columns.iter().map(header));
    for row in rows {
        let cells = columns.iter().map(|column| mean(context, *row, column));
        table.rows.push(std::iter::once(Shown::head(head(*row))).chain(cells).collect());
    }
    if table.rows.iter().flatten().any(|cell| cell.is_withheld) {
        table.notes.push(texts::SOME_WITHHELD.of(context.lang).to_owned());
    }
    table
}

/// A mean in the unit of its row's measure; anything else as it always is.
fn mean(context: &Context<'_>, row: Row<'_>, column: &str) -> Shown {
    match row.ratio(column) {
        Some(value) if column.starts_with("difference_") => Shown::number(format::decimal(value, 2, context.lang)),
        Some(value) => Shown::number(amount(row, value, context.lang)),
        None => shown(context, row, column),
    }
}

/// A value of a row's measure: euros of cents, a share of women, else a number.
fn amount(row: Row<'_>, value: f64, lang: Lang) -> String {
    match (row.text("measure"), row.text("variable")) {
        ("cost_cents", _) | (_, "cost_cents") => format::euros_short(value.round() as i64, lang),
        (_, "female") => format::percent(value, lang),
        _ => format::decimal(value, 1, lang),
    }
}

fn interval_cell(context: &Context<'_>, row: Row<'_>) -> Shown {
    let lang = context.lang;
    match row.ratio("interval_low").zip(row.ratio("interval_high")) {
        Some((low, high)) => Shown::number(format!("{} … {}", amount(row, low, lang), amount(row, high, lang))),
        None => shown(context, row, "interval_low"),
    }
}
