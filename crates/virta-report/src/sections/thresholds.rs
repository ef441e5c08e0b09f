//! What the threshold changes, and how definitions differ.

use virta_chart::{Heat, Mark, heat};

use super::{Section, Words, whole_number};
use crate::context::{Context, mark};
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn sweep(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("sweep", texts::SWEEP, context);
    let period = context.last_period();
    for count_by in distinct(&context.rows("sweep"), "count_by") {
        let rows = context.rows_where("sweep", &[("period", period), ("count_by", count_by)]);
        let (services, contacts) = (numbers(&rows, "min_services"), numbers(&rows, "min_contacts"));
        if rows.iter().filter(|row| row.int("clients").is_some()).count() < 2 {
            continue;
        }
        let find = |least: i64, each: i64| {
            let mut found = rows.iter().copied();
            found.find(|row| row.int("min_services") == Some(least) && row.int("min_contacts") == Some(each))
        };
        let words = |numbers: &[i64]| numbers.iter().map(|&n| format::number(n, lang)).collect::<Vec<_>>();
        let chart = Heat {
            rows: words(&services),
            columns: words(&contacts),
            marks: services
                .iter()
                .map(|&least| {
                    let cell = |&each: &i64| find(least, each).map_or(Mark::None, |row| mark(Some(row), "clients"));
                    contacts.iter().map(cell).collect()
                })
                .collect(),
            row_name: texts::SWEEP_ROWS.of(lang).to_owned(),
            column_name: texts::SWEEP_COLUMNS.of(lang).to_owned(),
        };
        let mut table = Grid { headers: vec![Header::text(texts::SWEEP_ROWS.of(lang))], ..Grid::default() };
        table.headers.extend(chart.columns.iter().map(|name| Header::number(name.clone())));
        for &least in &services {
            let cells = contacts
                .iter()
                .map(|&each| find(least, each).map_or_else(Shown::none, |row| shown(context, row, "clients")));
            table.rows.push(std::iter::once(Shown::head(format::number(least, lang))).chain(cells).collect());
        }
        let words = Words::new(
            texts::SWEEP_FIGURE.fill(lang, &[("count_by", &labels::counted(count_by, lang))]),
            texts::SWEEP_UNIT.fill(lang, &[("when", &context.in_last_period())]),
        );
        let number = whole_number(context);
        section.add(words, table, |width, ids| heat(&chart, &context.draw(&number, width), ids));
    }
    if !section.figures.is_empty() {
        section.paragraphs.push(texts::SWEEP_LEAD.of(lang).to_owned());
    }
    overlap(context, &mut section);
    section
}

/// The different numbers of a column, ascending.
pub(crate) fn numbers(rows: &[Row<'_>], column: &str) -> Vec<i64> {
    let mut numbers: Vec<i64> = rows.iter().filter_map(|row| row.int(column)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// How many clients cohorts share in the last period: a sentence for a pair, a table for several.
fn overlap(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let rows = context.rows_where("definition_overlap", &[("period", context.last_period())]);
    match rows.as_slice() {
        [] => {}
        [row] => {
            let names = ["cohort_a", "cohort_b"].map(|column| context.cohort(row.text(column)));
            let count = |column: &str| row.int(column).map(|n| format::number(n, lang));
            let Some(both) = count("both") else { return };
            let values = [("a", names[0].as_str()), ("b", names[1].as_str()), ("both", both.as_str())];
            let inside = match (row.int("only_a"), row.int("only_b")) {
                (Some(0), _) => Some([1, 0]),
                (_, Some(0)) => Some([0, 1]),
                _ => None,
            };
            if let Some([a, b]) = inside {
                let values = [("a", names[a].as_str()), ("b", names[b].as_str())];
                section.paragraphs.push(texts::OVERLAP_WHOLE.fill(lang, &values));
                return;
            }
            section.paragraphs.push(match count("only_a").zip(count("only_b")) {
                Some((only_a, only_b)) => {
                    let more = [("only_a", only_a.as_str()), ("only_b", only_b.as_str())];
                    texts::OVERLAP_SUMMARY.fill(lang, &[&values[..], &more[..]].concat())
                }
                None => texts::OVERLAP_INSIDE.fill(lang, &values),
            });
        }
        several => {
            let words = Words::new(
                texts::OVERLAP_FIGURE.of(lang),
                texts::SWEEP_UNIT.fill(lang, &[("when", &context.in_last_period())]),
            );
            let columns = ["cohort_a", "cohort_b", "both", "only_a", "only_b", "jaccard"];
            section.add_table(words, grid(context, several, &columns), false);
        }
    }
}
