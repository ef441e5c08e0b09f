//! Flows: services as a map whose edges can be thinned, what comes before and after one of them, and pathways as a tree.

use std::collections::BTreeMap;

use minijinja::{Value, context};
use virta_protection::{ProtectedTable, Row};
use virta_report::Say;

use crate::app::App;
use crate::draft::encoded;
use crate::house::StudyEntry;
use crate::pages::start::{study_options, titled};
use crate::pages::studies::seen;
use crate::view::{Ask, Marked, Page, option, overview_for, page, words};

/// Edges that the map shows unless the reader wants more or fewer.
const EDGES: usize = 24;
/// Edges that it shows at most.
const EDGES_MAX: usize = 80;
/// Services that stand around the map at most.
const NODES_MAX: usize = 24;

/// A transition between two services.
struct Edge<'a> {
    from: &'a str,
    to: &'a str,
    transitions: i64,
    clients: Option<i64>,
    gap: Option<f64>,
}

pub(super) fn flows(app: &App, ask: &Ask) -> Page {
    let overview = overview_for(app, &ask.viewer)?;
    let with_flows: Vec<&StudyEntry> =
        overview.studies.iter().filter(|study| study.settings.as_ref().is_some_and(|s| s.flow.is_some())).collect();
    let name = ask.get("study").or(with_flows.first().map(|study| study.name.as_str()));
    let studies = study_options(ask, with_flows, name);
    let Some(name) = name else {
        return page(app, ask, "flows.html", "nav_flows", Marked::No, context! { studies, limit => (), map => () });
    };
    let (study, marked) = seen(app, ask, name)?;
    let names = app.names()?;
    let say = ask.say(&names);
    let settings = &study.settings;
    let cohort = ask.chosen("cohort").or(settings.cohorts.first().map(|cohort| cohort.name.as_str())).unwrap_or("all");
    let labels: Vec<&str> = settings.study.periods.iter().map(|period| period.label()).collect();
    let period = ask.chosen("period").filter(|one| labels.contains(one)).or(labels.last().copied()).unwrap_or_default();
    let all = ("all".to_owned(), words(ask, "all_users").to_owned());
    let cohorts = settings.cohorts.iter().map(|one| (one.name.clone(), titled(&one.title, &one.name, ask.lang)));
    let cohorts: Vec<Value> = cohorts.chain([all]).map(|(value, word)| option(&value, word, value == cohort)).collect();
    let periods: Vec<Value> = labels.iter().map(|label| option(label, say.period(label), *label == period)).collect();
    let mut edges = study.tables.table("flows").map_or_else(Vec::new, |table| edges(table, cohort, period));
    edges.sort_by(|a, b| b.transitions.cmp(&a.transitions).then_with(|| (a.from, a.to).cmp(&(b.from, b.to))));
    let most = edges.len().min(EDGES_MAX);
    let shown = ask.get("edges").and_then(|n| n.parse().ok()).unwrap_or(EDGES).clamp(1, most.max(1));
    let service = ask.get("service").unwrap_or_default();
    let address = |service: &str| {
        format!(
            "/flows?study={}&cohort={}&period={}&edges={shown}&service={}#chosen",
            encoded(name),
            encoded(cohort),
            encoded(period),
            encoded(service)
        )
    };
    let rows: Vec<Value> = edges.iter().take(shown).map(|edge| row(edge, say)).collect();
    let paths = study.tables.table("pathways").map_or_else(Vec::new, |table| paths(table, cohort, period));
    let can_limit = ask.may_see_rows() && settings.cohorts.iter().any(|one| one.name == cohort);
    let limit = can_limit.then(|| format!("/cohort?base=s:{}&c={}", encoded(name), encoded(cohort)));
    let own = context! {
        limit,
        studies, cohorts, periods, shown, most, rows, service,
        map => (!edges.is_empty()).then(|| map(&edges, shown, service, say, &address)),
        shown_words => ask.fill("flows_shown", &[("n", &shown.to_string()), ("all", &edges.len().to_string())]),
        before_title => ask.fill("flows_before", &[("service", &say.service(service))]),
        after_title => ask.fill("flows_after", &[("service", &say.service(service))]),
        before => edges.iter().filter(|edge| edge.to == service).map(|edge| row(edge, say)).collect::<Vec<_>>(),
        after => edges.iter().filter(|edge| edge.from == service).map(|edge| row(edge, say)).collect::<Vec<_>>(),
        tree => tree(&paths, 0, say),
    };
    page(app, ask, "flows.html", "nav_flows", marked, own)
}

/// A table's rows of a cohort in a period.
fn here<'a>(table: &'a ProtectedTable, cohort: &str, period: &str) -> impl Iterator<Item = Row<'a>> {
    table.named_rows().filter(move |row| row.is("cohort", cohort) && row.is("period", period))
}

/// The shown transitions of a cohort in a period.
fn edges<'a>(table: &'a ProtectedTable, cohort: &str, period: &str) -> Vec<Edge<'a>> {
    let edge = |row: Row<'a>| {
        Some(Edge {
            from: row.text("from_service"),
            to: row.text("to_service"),
            transitions: row.int("transitions")?,
            clients: row.int("clients"),
            gap: row.ratio("median_gap_days"),
        })
    };
    here(table, cohort, period).filter_map(edge).collect()
}

fn row(edge: &Edge<'_>, say: Say<'_>) -> Value {
    context! {
        from => say.service(edge.from),
        to => say.service(edge.to),
        transitions => say.number(edge.transitions),
        clients => edge.clients.map(|clients| say.number(clients)),
        gap => edge.gap.map(|gap| say.decimal(gap, usize::from(gap < 10.0))),
    }
}

/// Services around a circle, the strongest transitions as curved arrows between them.
fn map(edges: &[Edge<'_>], shown: usize, chosen: &str, say: Say<'_>, address: &dyn Fn(&str) -> String) -> Value {
    const MIDDLE: (f64, f64) = (450.0, 300.0);
    const RADIUS: (f64, f64) = (230.0, 240.0);
    let mut sizes: BTreeMap<&str, i64> = BTreeMap::new();
    for edge in edges.iter().take(shown) {
        *sizes.entry(edge.from).or_insert(0) += edge.transitions;
        *sizes.entry(edge.to).or_insert(0) += edge.transitions;
    }
    let mut nodes: Vec<(&str, i64)> = sizes.into_iter().collect();
    nodes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    nodes.truncate(NODES_MAX);
    let count = nodes.len().max(1) as f64;
    let largest_node = nodes.first().map_or(1, |node| node.1).max(1) as f64;
    let place = |at: usize| {
        let angle = std::f64::consts::TAU * at as f64 / count - std::f64::consts::FRAC_PI_2;
        (MIDDLE.0 + RADIUS.0 * angle.cos(), MIDDLE.1 + RADIUS.1 * angle.sin(), angle)
    };
    let number = |code: &str| nodes.iter().position(|(node, _)| *node == code);
    let largest = edges.first().map_or(1, |edge| edge.transitions).max(1) as f64;
    let arrows: Vec<Value> = edges
        .iter()
        .take(shown)
        .filter_map(|edge| {
            let ((x0, y0, _), (x1, y1, _)) = (place(number(edge.from)?), place(number(edge.to)?));
            // Towards the middle, a little to one side, so that there and back are two curves.
            let (across, down) = (x1 - x0, y1 - y0);
            let (cx, cy) = (
                (x0 + x1) / 2.0 * 0.55 + MIDDLE.0 * 0.45 - down * 0.12,
                (y0 + y1) / 2.0 * 0.55 + MIDDLE.1 * 0.45 + across * 0.12,
            );
            let share = (edge.transitions as f64 / largest).sqrt();
            let thick = 0.8 + 7.0 * share;
            // The head of the arrow ends where the service's mark begins.
            let length = ((x1 - cx).powi(2) + (y1 - cy).powi(2)).sqrt().max(1.0);
            let (ux, uy) = ((x1 - cx) / length, (y1 - cy) / length);
            let tip = (x1 - ux * 11.0, y1 - uy * 11.0);
            let (back, wide) = (8.0 + thick, 3.0 + thick * 0.7);
            let base = (tip.0 - ux * back, tip.1 - uy * back);
            let head = format!(
                "{:.1},{:.1} {:.1},{:.1} {:.1},{:.1}",
                tip.0,
                tip.1,
                base.0 - uy * wide,
                base.1 + ux * wide,
                base.0 + uy * wide,
                base.1 - ux * wide
            );
            let is_chosen = edge.from == chosen || edge.to == chosen;
            Some(context! {
                path => format!("M{x0:.1} {y0:.1}Q{cx:.1} {cy:.1} {:.1} {:.1}", base.0, base.1),
                head,
                thick => format!("{thick:.1}"),
                look => if chosen.is_empty() { "plain" } else if is_chosen { "chosen" } else { "faint" },
                words => format!("{} → {}: {}", say.service(edge.from), say.service(edge.to), say.number(edge.transitions)),
            })
        })
        .collect();
    let marks: Vec<Value> = nodes
        .iter()
        .enumerate()
        .map(|(at, (code, size))| {
            let (x, y, angle) = place(at);
            let is_right = angle.cos() >= -0.01;
            let radius = 4.0 + 6.0 * (*size as f64 / largest_node).sqrt();
            context! {
                x => format!("{x:.1}"),
                y => format!("{y:.1}"),
                radius => format!("{radius:.1}"),
                label_x => format!("{:.1}", if is_right { x + 16.0 } else { x - 16.0 }),
                label_y => format!("{:.1}", y + 4.0 + 10.0 * angle.sin()),
                anchor => if is_right { "start" } else { "end" },
                name => say.service(code),
                path => address(code),
                is_chosen => *code == chosen,
            }
        })
        .collect();
    context! { arrows, marks }
}

/// Shown paths with their clients, the most usual first.
fn paths<'a>(table: &'a ProtectedTable, cohort: &str, period: &str) -> Vec<Path<'a>> {
    let path = |row: Row<'a>| Some((row.text("path").split('-').collect(), row.int("clients")?));
    let mut paths: Vec<Path<'_>> = here(table, cohort, period).filter_map(path).collect();
    paths.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    paths
}

/// The services of a path, and its clients.
type Path<'a> = (Vec<&'a str>, i64);

/// Branches of a step that are shown.
const BRANCHES: usize = 8;

/// Paths as branches: each step with its clients, and those that go on from it.
fn tree(paths: &[Path<'_>], depth: usize, say: Say<'_>) -> Vec<Value> {
    const DEPTH_MAX: usize = 6;
    if depth >= DEPTH_MAX {
        return Vec::new();
    }
    let mut branches: BTreeMap<&str, Vec<Path<'_>>> = BTreeMap::new();
    for (steps, clients) in paths {
        if let Some(step) = steps.get(depth) {
            branches.entry(step).or_default().push((steps.clone(), *clients));
        }
    }
    let sum = |paths: &[Path<'_>]| -> i64 { paths.iter().map(|(_, clients)| clients).sum() };
    let mut branches: Vec<(&str, Vec<Path<'_>>)> = branches.into_iter().collect();
    branches.sort_by(|a, b| sum(&b.1).cmp(&sum(&a.1)).then_with(|| a.0.cmp(b.0)));
    let whole = sum(paths).max(1) as f64;
    branches
        .iter()
        .take(BRANCHES)
        .map(|(step, paths)| {
            let clients = sum(paths);
            let name: Vec<String> = step.split('+').map(|code| say.service(code)).collect();
            context! {
                name => name.join(" + "),
                clients => say.number(clients),
                width => format!("{:.1}", 100.0 * clients as f64 / whole),
                branches => tree(paths, depth + 1, say),
            }
        })
        .collect()
}
