//! What it costs, and who stays costly.

use super::{Section, mark, ratio_mark, whole_numbers};
use crate::chart::{Bar, Heat, Line, Lines, Mark, bars, heat, lines};
use crate::context::Context;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn costs(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("costs", texts::COSTS, context);
    let period = context.last_period();
    let period_words = format::period(period, lang);
    for denominator in ["users", "residents"] {
        let words = labels::code(denominator, lang);
        let places = [("denominator", words.as_str()), ("period", period_words.as_str())];
        let are = [("period", period), ("denominator", denominator)];
        let rows = context.rows_where("concentration", &are);
        let ten = rows.iter().copied().find(|row| row.int("top_percent") == Some(10)).or(rows.first().copied());
        if let Some(ten) = ten {
            let summary = texts::TOP_TEXT.fill(
                lang,
                &[
                    ("percent", &context.count(Some(ten), "top_percent")),
                    ("clients", &context.count(Some(ten), "clients")),
                    ("share", &context.share(Some(ten), "cost_share")),
                ],
            );
            let columns = ["top_percent", "clients", "cost_cents", "cost_share", "threshold_cents"];
            section.add(texts::TOP_FIGURE.fill(lang, &places), summary, grid(context, &rows, &columns), |ids| {
                top_shares(context, &rows, ids)
            });
        }
        let rows = context.rows_where("lorenz", &are);
        if rows.len() > 1 {
            let half = rows.iter().copied().find(|row| row.int("percentile") == Some(50));
            let mut summary = texts::LORENZ_TEXT.fill(lang, &[("half", &context.share(half, "cumulative_cost_share"))]);
            let gini = context.rows_where("summary", &[("period", period)]).first().and_then(|row| row.ratio("gini"));
            if let Some(gini) = gini.filter(|_| denominator == "users") {
                summary.push(' ');
                summary.push_str(&texts::GINI_TEXT.fill(lang, &[("gini", &format::decimal(gini, 3, lang))]));
            }
            let tens: Vec<Row<'_>> =
                rows.iter().copied().filter(|row| row.int("percentile").is_some_and(|p| p % 10 == 0)).collect();
            let table = grid(context, &tens, &["percentile", "cumulative_cost_share"]);
            section.add(texts::LORENZ_FIGURE.fill(lang, &places), summary, table, |ids| lorenz(context, &rows, ids));
        }
    }
    section
}

fn top_shares(context: &Context<'_>, rows: &[Row<'_>], ids: &str) -> String {
    let list: Vec<Bar> = rows
        .iter()
        .map(|row| {
            let percent = context.count(Some(*row), "top_percent");
            Bar { label: format!("{percent}\u{a0}%"), marks: vec![ratio_mark(*row, "cost_share")] }
        })
        .collect();
    bars(&list, &[], &whole_numbers(context, &|value| format::percent(value, context.lang)), ids)
}

/// The curve joins the points that are shown; a straight line is the diagonal of equal shares.
fn lorenz(context: &Context<'_>, rows: &[Row<'_>], ids: &str) -> String {
    let lang = context.lang;
    let curve: Vec<(f64, Option<f64>)> = rows
        .iter()
        .filter_map(|row| Some((row.int("percentile")? as f64, Some(row.ratio("cumulative_cost_share")?))))
        .collect();
    let chart = Lines {
        lines: vec![
            Line { name: texts::LORENZ_CURVE.of(lang).to_owned(), points: curve },
            Line { name: texts::LORENZ_EQUAL.of(lang).to_owned(), points: vec![(0.0, Some(0.0)), (100.0, Some(1.0))] },
        ],
        x_name: labels::column("percentile", lang),
        x_number: &|value| format::number(value as i64, lang),
        x_marks: (0..=10).map(|mark| f64::from(mark) * 10.0).collect(),
        with_markers: false,
    };
    let number = |value: f64| format::decimal(value * 100.0, 0, lang) + "\u{a0}%";
    lines(&chart, &whole_numbers(context, &number), ids)
}

pub(super) fn staying(context: &Context<'_>) -> Section {
    let lang = context.lang;
    let mut section = Section::new("staying", texts::STAYING, context);
    let rows = context.rows("persistence");
    for from in distinct(&rows, "from_period") {
        for to in distinct(&rows, "to_period") {
            let rows = context.rows_where("persistence", &[("from_period", from), ("to_period", to)]);
            if rows.is_empty() {
                continue;
            }
            let stayed = rows.iter().copied().find(|row| row.is("from_decile", "1") && row.is("to_decile", "1"));
            let words = (format::period(from, lang), format::period(to, lang));
            let mut summary = texts::STAYING_TEXT.fill(lang, &[("stayed", &context.count(stayed, "clients"))]);
            summary.push(' ');
            summary.push_str(texts::STAYING_ROWS.of(lang));
            let (chart, table) = deciles(context, &rows);
            let number = |value: f64| format::number(value as i64, lang);
            section.add(
                texts::STAYING_FIGURE.fill(lang, &[("from", &words.0), ("to", &words.1)]),
                summary,
                table,
                |ids| heat(&chart, &whole_numbers(context, &number), ids),
            );
        }
    }
    section
}

fn deciles(context: &Context<'_>, rows: &[Row<'_>]) -> (Heat, Grid) {
    let lang = context.lang;
    let sorted = |column: &str| {
        let mut names = distinct(rows, column);
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
        names
    };
    let (from, to) = (sorted("from_decile"), sorted("to_decile"));
    let find = |a: &str, b: &str| rows.iter().copied().find(|row| row.is("from_decile", a) && row.is("to_decile", b));
    let words = |names: &[&str]| names.iter().map(|name| labels::code(name, lang)).collect::<Vec<_>>();
    let marks = from
        .iter()
        .map(|a| to.iter().map(|b| find(a, b).map_or(Mark::None, |row| mark(row, "clients"))).collect())
        .collect();
    let chart = Heat { rows: words(&from), columns: words(&to), marks };
    let mut table = Grid::default();
    table.headers.push(Header { text: labels::column("from_decile", lang), is_number: false });
    table.headers.extend(chart.columns.iter().map(|name| Header { text: name.clone(), is_number: true }));
    for (a, name) in from.iter().zip(&chart.rows) {
        let cells = to
            .iter()
            .map(|b| find(a, b).map_or_else(|| Shown::text("–"), |row| crate::grid::shown(context, row, "clients")));
        table.rows.push(std::iter::once(Shown::head(name.clone())).chain(cells).collect());
    }
    (chart, table)
}
