//! How clients go from service to service, and month by month.

use super::{Section, by_count, count_bars, mark, whole_numbers};
use crate::chart::{Flow, Mark, Stack, sankey, stack};
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn flows(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("flows", texts::FLOWS, context);
    let period = context.last_period();
    let period_words = format::period(period, lang);
    for cohort in context.cohorts_or_all() {
        let are = [("cohort", cohort), ("period", period)];
        let name = context.cohort(cohort);
        let places = [("cohort", name.as_str()), ("period", period_words.as_str())];
        let rows = by_count(&context.rows_where("flows", &are), "transitions");
        if let Some(&first) = rows.first() {
            let summary = texts::FLOWS_TEXT.fill(
                lang,
                &[
                    ("from", &context.service(first.text("from_service"))),
                    ("to", &context.service(first.text("to_service"))),
                    ("transitions", &context.count(Some(first), "transitions")),
                    ("clients", &context.count(Some(first), "clients")),
                ],
            );
            let columns = ["from_service", "to_service", "transitions", "clients", "median_gap_days"];
            section.add(texts::FLOWS_FIGURE.fill(lang, &places), summary, grid(context, &rows, &columns), |ids| {
                transitions(context, &rows, ids)
            });
        }
        for (table, title) in [("flow_starts", texts::STARTS_FIGURE), ("flow_ends", texts::ENDS_FIGURE)] {
            let rows = by_count(&context.rows_where(table, &are), "clients");
            if let Some(&first) = rows.first() {
                let summary = largest(context, first, "service");
                section.add(title.fill(lang, &places), summary, grid(context, &rows, &["service", "clients"]), |ids| {
                    count_bars(context, &rows, "service", "clients", ids)
                });
            }
        }
        let rows = by_count(&context.rows_where("pathways", &are), "clients");
        if let Some(&first) = rows.first() {
            let table = grid(context, &rows, &["path", "steps", "clients"]);
            section.add_table(texts::PATHS_FIGURE.fill(lang, &places), largest(context, first, "path"), table);
        }
        states(context, &mut section, cohort);
    }
    section
}

fn largest(context: &Context<'_>, row: Row<'_>, column: &str) -> String {
    let value = crate::grid::shown(context, row, column).text;
    let clients = context.count(Some(row), "clients");
    texts::LARGEST_TEXT.fill(context.lang, &[("value", &value), ("clients", &clients)])
}

fn transitions(context: &Context<'_>, rows: &[Row<'_>], ids: &str) -> String {
    const FLOWS_MAX: usize = 18;
    let flows: Vec<Flow> = rows
        .iter()
        .filter_map(|row| {
            let value = row.int("transitions")? as f64;
            let from = context.service(row.text("from_service"));
            Some(Flow { from, to: context.service(row.text("to_service")), value })
        })
        .take(FLOWS_MAX)
        .collect();
    let number = |value: f64| format::number(value as i64, context.lang);
    sankey(&flows, &whole_numbers(context, &number), ids)
}

/// The months of a cohort as columns of states, with a table of a row a month.
fn states(context: &Context<'_>, section: &mut Section, cohort: &str) {
    let lang = context.lang;
    let rows = context.rows_where("monthly_states", &[("cohort", cohort)]);
    let months = distinct(&rows, "month");
    if months.is_empty() {
        return;
    }
    let known = ["none", "social", "primary", "specialised", "other", "several"];
    let mut states: Vec<&str> =
        known.into_iter().filter(|state| rows.iter().any(|row| row.is("state", state))).collect();
    states.extend(distinct(&rows, "state").into_iter().filter(|state| !known.contains(state)));
    let find =
        |month: &str, state: &str| rows.iter().copied().find(|row| row.is("month", month) && row.is("state", state));
    let chart = Stack {
        columns: months.iter().map(|month| format::month(month)).collect(),
        series: states.iter().map(|state| labels::code(state, lang)).collect(),
        marks: months
            .iter()
            .map(|month| {
                states.iter().map(|state| find(month, state).map_or(Mark::None, |row| mark(row, "clients"))).collect()
            })
            .collect(),
    };
    let mut table = Grid::default();
    table.headers.push(Header { text: labels::column("month", lang), is_number: false });
    table.headers.extend(chart.series.iter().map(|name| Header { text: name.clone(), is_number: true }));
    for month in &months {
        let cells = states.iter().map(|state| {
            find(month, state).map_or_else(|| Shown::text("–"), |row| crate::grid::shown(context, row, "clients"))
        });
        table.rows.push(std::iter::once(Shown::head(format::month(month))).chain(cells).collect());
    }
    let title = texts::STATES_FIGURE.fill(lang, &[("cohort", &context.cohort(cohort))]);
    let number = |value: f64| format::number(value as i64, lang);
    section.add(title, texts::STATES_TEXT.of(lang).to_owned(), table, |ids| {
        stack(&chart, &whole_numbers(context, &number), ids)
    });
}
