//! Who stays: in the group, and among the costliest.

use virta_chart::{Bar, Heat, Mark, bars, heat};

use super::{Section, Words, share_number, whole_number};
use crate::context::{Context, mark, share_mark};
use crate::derive;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn staying(context: &Context<'_>) -> Section {
    let mut section = Section::new("staying", texts::STAYING, context);
    moved_to(context, &mut section);
    deciles(context, &mut section);
    section
}

/// Pairs of periods of a table that joins them, in the order of its rows.
pub(crate) fn pairs<'a>(rows: &[Row<'a>]) -> Vec<(&'a str, &'a str)> {
    let mut pairs = Vec::new();
    for row in rows {
        let pair = (row.text("from_period"), row.text("to_period"));
        if !pairs.contains(&pair) {
            pairs.push(pair);
        }
    }
    pairs
}

/// Where the clients of the main cohort were in the period after: a bar a state, a series a pair of periods.
fn moved_to(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let Some(main) = context.main() else { return };
    let rows = context.rows_where("joiners", &[("cohort", main), ("from_state", "member")]);
    let pairs = pairs(&rows);
    let is_shown = |state: &&str| rows.iter().any(|row| row.is("to_state", state) && row.int("clients").is_some());
    let states: Vec<&str> = ["member", "near", "user", "no_use", "left"].into_iter().filter(is_shown).collect();
    if states.len() < 2 {
        return;
    }
    let cell = |state: &str, (from, to): (&str, &str)| {
        let found =
            |row: &&Row<'_>| row.is("to_state", state) && row.is("from_period", from) && row.is("to_period", to);
        let row = rows.iter().find(found).copied();
        let share = derive::share(row.and_then(|row| row.int("clients")), context.clients(main, from));
        share_mark(share, row)
    };
    let list: Vec<Bar> = states
        .iter()
        .map(|state| Bar {
            label: labels::code(state, lang),
            marks: pairs.iter().map(|pair| cell(state, *pair)).collect(),
        })
        .collect();
    let name = |(from, to): &(&str, &str)| format!("{} → {}", format::period(from, lang), format::period(to, lang));
    let series: Vec<String> = pairs.iter().map(name).collect();
    let words = Words::new(texts::MOVED_TO_FIGURE.of(lang), texts::MOVED_TO_UNIT.of(lang));
    let number = share_number(context);
    let table = grid(context, &rows, &["from_period", "to_period", "to_state", "clients", "cost_cents"]);
    section.add(words, table, |width, ids| bars(&list, &series, &context.draw(&number, width), ids));
}

/// From which tenth by cost to which, between the last two periods.
fn deciles(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let rows = context.rows("persistence");
    let Some(&(from, to)) = pairs(&rows).last() else { return };
    let rows = context.rows_where("persistence", &[("from_period", from), ("to_period", to)]);
    if rows.iter().all(|row| row.int("clients").is_none()) {
        return;
    }
    let sorted = |column: &str| {
        let mut names = distinct(&rows, column);
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
        names
    };
    let (before, after) = (sorted("from_decile"), sorted("to_decile"));
    let find = |a: &str, b: &str| rows.iter().copied().find(|row| row.is("from_decile", a) && row.is("to_decile", b));
    let words = |names: &[&str]| names.iter().map(|name| labels::code(name, lang)).collect::<Vec<_>>();
    let chart = Heat {
        rows: words(&before),
        columns: words(&after),
        marks: before
            .iter()
            .map(|a| after.iter().map(|b| find(a, b).map_or(Mark::None, |row| mark(Some(row), "clients"))).collect())
            .collect(),
        row_name: capital_period(from, context),
        column_name: capital_period(to, context),
    };
    let mut table = Grid { headers: vec![Header::text(labels::column("from_decile", lang))], ..Grid::default() };
    table.headers.extend(chart.columns.iter().map(|name| Header::number(name.clone())));
    for (a, name) in before.iter().zip(&chart.rows) {
        let cells = after.iter().map(|b| find(a, b).map_or_else(Shown::none, |row| shown(context, row, "clients")));
        table.rows.push(std::iter::once(Shown::head(name.clone())).chain(cells).collect());
    }
    let words = Words::new(texts::STAYING_FIGURE.of(lang), texts::STAYING_UNIT.of(lang))
        .saying(stayed_costliest(context, from, to).unwrap_or_default());
    let number = whole_number(context);
    section.add_wide(words, table, |width, ids| heat(&chart, &context.draw(&number, width), ids));
}

fn capital_period(period: &str, context: &Context<'_>) -> String {
    format::in_period(period, context.lang)
}

/// Of those in the costliest tenth, how many were in it again, as a sentence.
pub(crate) fn stayed_costliest(context: &Context<'_>, from: &str, to: &str) -> Option<String> {
    let lang = context.lang;
    let are = [("from_period", from), ("to_period", to), ("from_decile", "1")];
    let rows = context.rows_where("persistence", &are);
    let stayed = rows.iter().find(|row| row.is("to_decile", "1"))?.int("clients");
    // Those who are not shown are few: the number of the tenth is known from the users of the period.
    let tenth = derive::tenth(context.clients("all", from)?);
    let share = derive::share(stayed, Some(tenth))?;
    let values = [
        ("then", format::in_period(from, lang)),
        ("now", format::in_period(to, lang)),
        ("share", format::share(share, lang)),
    ];
    Some(texts::DECILE_STAYED.fill(lang, &values))
}
