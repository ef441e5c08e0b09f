//! Flows between two columns of nodes.

use std::collections::BTreeMap;

use super::svg::{SERIES, Svg, fit};
use super::{Style, WIDTH};

/// A flow from one node to another.
#[derive(Debug, Clone)]
pub(crate) struct Flow {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) value: f64,
}

/// A Sankey picture of two columns: where from on the left, where to on the right.
pub(crate) fn sankey(flows: &[Flow], style: &Style<'_>, labelled_by: &str) -> String {
    const LEFT: f64 = 210.0;
    const RIGHT: f64 = WIDTH - 210.0;
    const NODE: f64 = 12.0;
    const GAP: f64 = 12.0;
    let mut svg = Svg::new(WIDTH);
    let from = nodes(flows, |flow| &flow.from);
    let to = nodes(flows, |flow| &flow.to);
    let total: f64 = flows.iter().map(|flow| flow.value).sum();
    let most = from.len().max(to.len()) as f64;
    let room = (most * 30.0).max(220.0);
    let scale = if total > 0.0 { room / total } else { 0.0 };
    let height = room + GAP * most;
    let mut from_y = places(&from, scale, height);
    let mut to_y = places(&to, scale, height);
    for (at, (name, value)) in from.iter().enumerate() {
        let y = from_y.get(name).copied().unwrap_or(0.0);
        svg.filled(LEFT, y, NODE, value * scale, at);
        svg.text(LEFT - 8.0, y + value * scale / 2.0 + 4.5, "end", "t", &fit(name, LEFT - 12.0));
    }
    for (name, value) in &to {
        let y = to_y.get(name).copied().unwrap_or(0.0);
        svg.rect(RIGHT - NODE, y, NODE, value * scale, "nd");
        svg.text(RIGHT + 8.0, y + value * scale / 2.0 + 4.5, "start", "t", &fit(name, 200.0));
    }
    for flow in flows {
        let at = from.iter().position(|(name, _)| *name == flow.from).unwrap_or(0);
        let (Some(y0), Some(y1)) = (from_y.get_mut(&flow.from), to_y.get_mut(&flow.to)) else { continue };
        let size = flow.value * scale;
        let (x0, x1) = (LEFT + NODE, RIGHT - NODE);
        let middle = (x0 + x1) / 2.0;
        let path = format!(
            "M{x0:.1} {y0:.1}C{middle:.1} {y0:.1} {middle:.1} {y1:.1} {x1:.1} {y1:.1}L{x1:.1} {:.1}C{middle:.1} {:.1} {middle:.1} {:.1} {x0:.1} {:.1}Z",
            *y1 + size,
            *y1 + size,
            *y0 + size,
            *y0 + size
        );
        svg.path(&path, &format!("r r{}", at % SERIES + 1));
        if size > 15.0 {
            svg.text(x0 + 8.0, *y0 + size / 2.0 + 4.5, "start", "t s n", &(style.number)(flow.value));
        }
        *y0 += size;
        *y1 += size;
    }
    svg.finish(height + 4.0, labelled_by)
}

/// Nodes by their size, the largest first; equal ones by name.
fn nodes(flows: &[Flow], name: impl Fn(&Flow) -> &String) -> Vec<(String, f64)> {
    let mut sizes: BTreeMap<String, f64> = BTreeMap::new();
    for flow in flows {
        *sizes.entry(name(flow).clone()).or_insert(0.0) += flow.value;
    }
    let mut nodes: Vec<(String, f64)> = sizes.into_iter().collect();
    nodes.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    nodes
}

fn places(nodes: &[(String, f64)], scale: f64, height: f64) -> BTreeMap<String, f64> {
    let used: f64 = nodes.iter().map(|(_, value)| value * scale).sum();
    let gap = (height - used) / nodes.len().max(1) as f64;
    let mut y = gap / 2.0;
    let mut places = BTreeMap::new();
    for (name, value) in nodes {
        places.insert(name.clone(), y);
        y += value * scale + gap;
    }
    places
}
