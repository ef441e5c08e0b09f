//! What the threshold changes, and how definitions differ.

use super::{Section, whole_numbers};
use crate::chart::{Line, Lines, lines};
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn sweep(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("sweep", texts::SWEEP, context);
    let period = context.last_period();
    for count_by in distinct(&context.rows("sweep"), "count_by") {
        let rows = context.rows_where("sweep", &[("period", period), ("count_by", count_by)]);
        if rows.is_empty() {
            continue;
        }
        let title = texts::SWEEP_FIGURE
            .fill(lang, &[("count_by", &labels::code(count_by, lang)), ("period", &format::period(period, lang))]);
        let services = numbers(&rows, "min_services");
        let contacts = numbers(&rows, "min_contacts");
        let find = |least: i64, each: i64| {
            let mut found = rows.iter().copied();
            found.find(|row| row.int("min_services") == Some(least) && row.int("min_contacts") == Some(each))
        };
        let name = |each: i64| texts::SWEEP_SERIES.fill(lang, &[("n", &format::number(each, lang))]);
        let chart = Lines {
            lines: contacts
                .iter()
                .map(|&each| Line {
                    name: name(each),
                    points: services
                        .iter()
                        .map(|&least| {
                            let value = find(least, each).and_then(|row| row.int("clients"));
                            (least as f64, value.map(|value| value as f64))
                        })
                        .collect(),
                })
                .collect(),
            x_name: labels::column("min_services", lang),
            x_number: &|value| format::number(value as i64, lang),
            x_marks: services.iter().map(|&mark| mark as f64).collect(),
            with_markers: true,
        };
        let mut table = Grid::default();
        table.headers.push(Header { text: labels::column("min_services", lang), is_number: false });
        table.headers.extend(contacts.iter().map(|&each| Header { text: name(each), is_number: true }));
        for &least in &services {
            let cells = contacts.iter().map(|&each| {
                find(least, each).map_or_else(|| Shown::text("–"), |row| crate::grid::shown(context, row, "clients"))
            });
            table.rows.push(std::iter::once(Shown::head(format::number(least, lang))).chain(cells).collect());
        }
        let number = |value: f64| format::number(value as i64, lang);
        section.add(title, texts::SWEEP_TEXT.of(lang).to_owned(), table, |ids| {
            lines(&chart, &whole_numbers(context, &number), ids)
        });
    }
    section
}

/// The different numbers of a column, ascending.
fn numbers(rows: &[Row<'_>], column: &str) -> Vec<i64> {
    let mut numbers: Vec<i64> = rows.iter().filter_map(|row| row.int(column)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

pub(super) fn overlap(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("overlap", texts::OVERLAP, context);
    for period in distinct(&context.rows("definition_overlap"), "period") {
        let rows = context.rows_where("definition_overlap", &[("period", period)]);
        let Some(&first) = rows.first() else { continue };
        let summary = texts::OVERLAP_TEXT.fill(
            lang,
            &[
                ("a", first.text("cohort_a")),
                ("b", first.text("cohort_b")),
                ("share", &context.share(Some(first), "jaccard")),
            ],
        );
        let columns = ["cohort_a", "cohort_b", "both", "only_a", "only_b", "jaccard"];
        let title = texts::OVERLAP_FIGURE.fill(lang, &[("period", &format::period(period, lang))]);
        section.add_table(title, summary, grid(context, &rows, &columns));
    }
    section
}
