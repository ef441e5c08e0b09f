//! How clients go from service to service, and month by month.

use std::collections::BTreeMap;

use virta_chart::{Line, Lines, Node, Ribbon, Sankey, lines, sankey};

use super::{BARS_MAX, Section, Words, whole_number};
use crate::context::{Context, by_count, mark};
use crate::derive;
use crate::format;
use crate::grid::{Grid, Header, Shown, grid, shown};
use crate::labels;
use crate::texts;
use crate::view::{Row, distinct};

pub(super) fn flows(context: &Context<'_>) -> Section {
    let mut section = Section::new("flows", texts::FLOWS, context);
    paths(context, &mut section);
    states(context, &mut section);
    transitions(context, &mut section);
    section
}

/// Share of a group's clients that shown paths must have before a picture of them says something of the group.
const PATHS_SHARE_MIN: f64 = 0.1;

/// The first steps of the paths that are shown, of the first group of whom they say something.
fn paths(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let period = context.last_period();
    let found = context.groups().into_iter().find_map(|group| {
        let rows = by_count(&context.rows_where("pathways", &[("cohort", group), ("period", period)]), "clients");
        let rows: Vec<Row<'_>> = rows.into_iter().filter(|row| row.int("clients").is_some()).collect();
        let share = derive::share(derive::sum(&rows, "clients"), context.clients(group, period))?;
        (share.value >= PATHS_SHARE_MIN && rows.len() > 2).then_some((group, rows, share))
    });
    let Some((group, rows, share)) = found else { return };
    let chart = steps(context, &rows);
    if chart.ribbons.is_empty() {
        return;
    }
    let values = [("group", context.cohort(group)), ("when", context.in_last_period())];
    let k = context.study().k().to_string();
    let words = Words::new(texts::STEPS_OF_PATH.of(lang), texts::PATHS_UNIT.fill(lang, &values)).saying(
        [
            texts::PATHS_SUMMARY.fill(lang, &[("k", &k), ("share", &format::share(share, lang))]),
            unknown_order(context, group),
        ]
        .join(" ")
        .trim_end(),
    );
    let number = whole_number(context);
    section.add_wide(words, grid(context, &rows, &["path", "clients"]), |width, ids| {
        sankey(&chart, &context.draw(&number, width), ids)
    });
}

/// For how many of a group the order of their first services is not known; nothing where they are too few to say.
fn unknown_order(context: &Context<'_>, group: &str) -> String {
    let are = [("table", "pathways"), ("cohort", group), ("period", context.last_period())];
    let rows = context.rows_where("unknown_order", &are);
    let share = rows.first().and_then(|row| derive::share(row.int("clients"), row.int("of_clients")));
    share.map_or_else(String::new, |share| {
        texts::UNKNOWN_ORDER.fill(context.lang, &[("share", &format::share(share, context.lang))])
    })
}

/// Steps that the picture shows, and services that each step names; the rest are one box.
const STEPS_MAX: usize = 3;
const NAMED_MAX: usize = 6;

/// Clients by the service of each step, and what flows between steps.
fn steps(context: &Context<'_>, rows: &[Row<'_>]) -> Sankey {
    let paths: Vec<(Vec<String>, i64)> = rows
        .iter()
        .filter_map(|row| Some((context.steps(row.text("path")), row.int("clients")?)))
        .filter(|(steps, _)| !steps.is_empty())
        .collect();
    let count = paths.iter().map(|(steps, _)| steps.len()).max().unwrap_or(0).min(STEPS_MAX);
    let other = texts::OTHER_SERVICES.of(context.lang).to_owned();
    let mut chart = Sankey::default();
    let mut place: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let mut named: Vec<Vec<String>> = Vec::new();
    for step in 0..count {
        let n = (step + 1).to_string();
        chart.steps.push(texts::NTH_SERVICE.fill(context.lang, &[("n", &n)]));
        let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
        for (steps, clients) in &paths {
            if let Some(service) = steps.get(step) {
                *sizes.entry(service).or_insert(0) += clients;
            }
        }
        let mut sizes: Vec<(&str, i64)> = sizes.into_iter().collect();
        sizes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let rest: i64 = sizes.iter().skip(NAMED_MAX).map(|(_, clients)| clients).sum();
        sizes.truncate(NAMED_MAX);
        named.push(sizes.iter().map(|(name, _)| (*name).to_owned()).collect());
        let rest = (rest > 0).then_some((other.as_str(), rest));
        for (name, clients) in sizes.into_iter().chain(rest) {
            place.insert((step, name.to_owned()), chart.nodes.len());
            let is_rest = name == other;
            chart.nodes.push(Node { step, name: name.to_owned(), value: clients as f64, is_rest });
        }
    }
    let node = |step: usize, name: &String| {
        let is_named = named.get(step).is_some_and(|named| named.contains(name));
        place.get(&(step, if is_named { name.clone() } else { other.clone() })).copied()
    };
    let mut ribbons: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for (steps, clients) in &paths {
        for (step, pair) in steps.windows(2).enumerate().take(count.saturating_sub(1)) {
            if let [from, to] = pair
                && let Some(ends) = node(step, from).zip(node(step + 1, to))
            {
                *ribbons.entry(ends).or_insert(0) += clients;
            }
        }
    }
    chart.ribbons = ribbons.into_iter().map(|((from, to), value)| Ribbon { from, to, value: value as f64 }).collect();
    chart
}

fn transitions(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let main = context.main_or_all();
    let are = [("cohort", main), ("period", context.last_period())];
    let rows = by_count(&context.rows_where("flows", &are), "transitions");
    if rows.iter().filter(|row| row.int("transitions").is_some()).count() < 2 {
        return;
    }
    let values = [("group", context.cohort(main)), ("when", context.in_last_period())];
    let words = Words::new(texts::TRANSITIONS_FIGURE.of(lang), texts::TRANSITIONS_UNIT.fill(lang, &values));
    let list: Vec<virta_chart::Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| {
            let ends = ["from_service", "to_service"].map(|column| context.service(row.text(column)));
            virta_chart::Bar { label: ends.join(" → "), marks: vec![mark(Some(*row), "transitions")] }
        })
        .collect();
    let number = whole_number(context);
    let table = grid(context, &rows, &["from_service", "to_service", "transitions", "clients", "median_gap_days"]);
    section.add(words, table, |width, ids| virta_chart::bars(&list, &[], &context.draw(&number, width), ids));
}

/// The months of the main cohort as lines of states. A withheld month is a gap.
fn states(context: &Context<'_>, section: &mut Section) {
    let lang = context.lang;
    let main = context.main_or_all();
    let rows = context.rows_where("monthly_states", &[("cohort", main)]);
    let months = distinct(&rows, "month");
    if months.len() < 2 {
        return;
    }
    let known = ["several", "primary", "specialised", "social", "other", "none"];
    let is_shown = |state: &&str| rows.iter().any(|row| row.is("state", state) && row.int("clients").is_some());
    let states: Vec<&str> = known.into_iter().filter(is_shown).collect();
    let find =
        |month: &str, state: &str| rows.iter().copied().find(|row| row.is("month", month) && row.is("state", state));
    let line = |state: &&str| Line {
        name: labels::code(state, lang),
        points: months
            .iter()
            .enumerate()
            .map(|(at, month)| (at as f64, find(month, state).and_then(|row| row.int("clients")).map(|n| n as f64)))
            .collect(),
    };
    let month = |at: f64| months.get(at as usize).map_or_else(String::new, |month| format::month(month));
    let chart = Lines {
        lines: states.iter().map(line).collect(),
        x_name: String::new(),
        x_number: &month,
        x_marks: (0..months.len()).map(|at| at as f64).collect(),
        with_markers: months.len() <= 12,
    };
    let mut table = Grid { headers: vec![Header::text(labels::column("month", lang))], ..Grid::default() };
    table.headers.extend(states.iter().map(|state| Header::number(labels::code(state, lang))));
    let first = months.len().saturating_sub(crate::grid::ROWS_MAX);
    for month in months.iter().skip(first) {
        let cells = states
            .iter()
            .map(|state| find(month, state).map_or_else(Shown::none, |row| shown(context, row, "clients")));
        table.rows.push(std::iter::once(Shown::head(format::month(month))).chain(cells).collect());
    }
    table.cut(context, months.len());
    let words =
        Words::new(texts::STATES_FIGURE.of(lang), texts::STATES_UNIT.fill(lang, &[("group", &context.cohort(main))]));
    let number = whole_number(context);
    section.add(words, table, |width, ids| lines(&chart, &context.draw(&number, width), ids));
}
