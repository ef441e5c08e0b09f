//! What comes after an event, what meets on one day, who was reached, and how a way of working spreads.

use virta_chart::{Bar, Line, Lines, Mark, bars, lines};

use super::{BARS_MAX, Section, Words, share_number, whole_number};
use crate::context::{Context, by_count, mark};
use crate::derive;
use crate::format;
use crate::grid::grid;
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn order(context: &Context<'_>) -> Section {
    let mut section = Section::new("order", texts::ORDER, context);
    follow_up(context, &mut section);
    co_use(context, &mut section);
    funnels(context, &mut section);
    adoption(context, &mut section);
    tables(context, &mut section);
    section
}

/// Of each follow-up, the share of events followed within each limit.
fn follow_up(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let are = [("cohort", context.main_or_all()), ("period", context.last_period())];
    let mut rows = context.rows_where("follow_up", &are);
    // A small cohort is told of nowhere else, so that everybody stands for it.
    if rows.iter().all(|row| row.int("events").is_none()) {
        rows = context.rows_where("follow_up", &[("cohort", "all"), ("period", context.last_period())]);
    }
    let Some(first) = rows.first() else { return };
    let columns: Vec<&str> = first.schema().columns.iter().map(|column| column.name).collect();
    let limits: Vec<&str> = columns.iter().copied().filter(|name| name.starts_with("followed_")).collect();
    let share_of = |row: &Row<'_>, column: &str| match derive::share(row.int(column), row.int("events")) {
        Some(share) => Mark::Value(share.value),
        None if row.is_withheld(column) || row.is_withheld("events") => Mark::Withheld,
        None => Mark::None,
    };
    let list: Vec<Bar> = rows
        .iter()
        .map(|row| Bar {
            label: context.named(row.text("name")),
            marks: limits.iter().map(|limit| share_of(row, limit)).collect(),
        })
        .collect();
    if list.iter().flat_map(|bar| &bar.marks).all(|mark| !matches!(mark, Mark::Value(_))) {
        return;
    }
    let heading = |limit: &&str| first.schema().column(limit).map_or("", |column| column.heading.of(lang)).to_owned();
    let series: Vec<String> = limits.iter().map(heading).collect();
    let values = [("group", context.cohort(first.text("cohort"))), ("when", context.in_last_period())];
    let words = Words::new(texts::FOLLOW_FIGURE.of(lang), texts::FOLLOW_UNIT.fill(lang, &values))
        .saying(texts::FOLLOW_SUMMARY.of(lang));
    let table = grid(context, &rows, columns.get(2..).unwrap_or_default());
    let number = share_number(context);
    section.add(words, table, |width, ids| bars(&list, &series, &context.draw(&number, width), ids));
}

/// The pairs of services that meet most often, beside what chance would give.
fn co_use(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let are = [("cohort", context.main_or_all()), ("period", context.last_period())];
    let rows = by_count(&context.rows_where("co_use", &are), "days");
    let shown: Vec<Row<'_>> = rows.iter().copied().filter(|row| row.int("days").is_some()).collect();
    if shown.len() < 2 {
        return;
    }
    let list: Vec<Bar> = shown
        .iter()
        .take(BARS_MAX)
        .map(|row| Bar {
            label: ["service_a", "service_b"].map(|column| context.service(row.text(column))).join(" + "),
            marks: vec![mark(Some(*row), "days"), mark(Some(*row), "expected_days")],
        })
        .collect();
    let series = ["days", "expected_days"].map(|column| labels::column(column, lang));
    let values = [("group", context.cohort(context.main_or_all())), ("when", context.in_last_period())];
    let words = Words::new(texts::CO_USE_FIGURE.of(lang), texts::CO_USE_UNIT.fill(lang, &values));
    let columns = ["service_a", "service_b", "clients", "days", "expected_days", "same_site_clients", "same_site_days"];
    let table = grid(context, &rows, &columns);
    let number = whole_number(context);
    section.add_wide(words, table, |width, ids| bars(&list, &series, &context.draw(&number, width), ids));
}

/// Each funnel's steps in the last period.
fn funnels(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let rows = context.rows_where("funnel", &[("period", context.last_period())]);
    for name in distinct(&rows, "name") {
        let steps: Vec<Row<'_>> = rows.iter().copied().filter(|row| row.is("name", name)).collect();
        if steps.iter().all(|row| row.int("clients").is_none()) {
            continue;
        }
        let list: Vec<Bar> = steps
            .iter()
            .map(|row| Bar { label: labels::event(row.text("what"), lang), marks: vec![mark(Some(*row), "clients")] })
            .collect();
        let words =
            Words::new(context.named(name), texts::FUNNEL_UNIT.fill(lang, &[("when", &context.in_last_period())]));
        let columns = ["what", "clients", "share_of_first", "share_of_previous", "median_days"];
        let number = whole_number(context);
        section.add(words, grid(context, &steps, &columns), |width, ids| {
            bars(&list, &[], &context.draw(&number, width), ids)
        });
    }
}

/// Month by month, what everybody who is eligible has.
fn adoption(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let everybody = [("wellbeing_county", "all"), ("municipality", "all"), ("provider", "all")];
    let rows = context.rows_where("adoption", &everybody);
    if rows.len() < 2 {
        return;
    }
    let columns = ["eligible", "with_responsible_worker", "with_plan", "with_consent"];
    let is_shown = |column: &&str| rows.iter().any(|row| row.int(column).is_some());
    let line = |column: &str| Line {
        name: labels::column(column, lang),
        points: rows.iter().enumerate().map(|(at, row)| (at as f64, row.int(column).map(|n| n as f64))).collect(),
    };
    let month = |at: f64| rows.get(at as usize).map_or_else(String::new, |row| format::month(row.text("month")));
    let chart = Lines {
        lines: columns.into_iter().filter(is_shown).map(line).collect(),
        x_name: String::new(),
        x_number: &month,
        x_marks: (0..rows.len()).map(|at| at as f64).collect(),
        with_markers: rows.len() <= 12,
    };
    if chart.lines.len() < 2 {
        return;
    }
    let words = Words::new(texts::ADOPTION_FIGURE.of(lang), texts::ADOPTION_UNIT.of(lang));
    let shown = [&["month"], &columns[..], &["first_plans", "one_contact"]].concat();
    let number = whole_number(context);
    section.add(words, grid(context, &rows, &shown), |width, ids| lines(&chart, &context.draw(&number, width), ids));
}

/// What is read as a table, of the last period.
fn tables(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let period = ("period", context.last_period());
    let main = ("cohort", context.main_or_all());
    let is_small = |name: &str, are: &[(&str, &str)]| by_count(&context.rows_where(name, are), "clients");
    let listed = [
        (
            "episodes",
            is_small("episodes", &[main, period]),
            &["service", "episodes", "clients", "open", "median_days", "days"][..],
        ),
        (
            "continuity",
            context.rows_where("continuity", &[period]),
            &["cohort", "clients", "providers_median", "usual_provider_share", "bice_boxerman"],
        ),
    ];
    for (name, rows, columns) in listed {
        let words =
            Words::new(labels::table(name, lang), texts::TABLE_UNIT.fill(lang, &[("when", &context.in_last_period())]));
        section.add_table(words, grid(context, &rows, columns), true);
    }
}
