//! Steps from left to right, with what flows between them.

use std::collections::BTreeMap;

use crate::Style;
use crate::svg::{LINE, SERIES, Svg, wrap};

/// One box: its step from 0, its name, how much it holds. The same name has the same colour in every step; a rest, which
/// joins several, has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub step: usize,
    pub name: String,
    pub value: f64,
    pub is_rest: bool,
}

/// A flow from a node of a step to one of the next, by their places in the list of nodes.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbon {
    pub from: usize,
    pub to: usize,
    pub value: f64,
}

/// Steps, their names, their nodes from the top, and the ribbons between them.
#[derive(Debug, Clone, Default)]
pub struct Sankey {
    pub steps: Vec<String>,
    pub nodes: Vec<Node>,
    pub ribbons: Vec<Ribbon>,
}

/// A Sankey picture. What does not flow on ends in its box.
pub fn sankey(chart: &Sankey, style: &Style<'_>, labelled_by: &str) -> String {
    const BOX: f64 = 10.0;
    const ROOM: f64 = 180.0;
    let mut svg = Svg::new(style.width);
    let steps = chart.steps.len().max(1);
    let column = style.width / steps as f64;
    let top = headings(&mut svg, chart, column);
    let of = |step: usize| chart.nodes.iter().filter(move |node| node.step == step);
    let whole = (0..steps).map(|step| of(step).map(|node| node.value).sum::<f64>()).fold(0.0, f64::max);
    let scale = if whole > 0.0 { ROOM / whole } else { 0.0 };
    let label = |node: &Node| wrap(&format!("{} {}", node.name, (style.number)(node.value)), column - BOX - 12.0);
    let looks = looks(chart);
    let mut places = Vec::new();
    let mut y = vec![top; steps];
    for node in &chart.nodes {
        let at = y.get(node.step).copied().unwrap_or(top);
        places.push((column * node.step as f64 + 1.0, at));
        if let Some(y) = y.get_mut(node.step) {
            // A thin box still needs room for its label.
            *y += (node.value * scale).max(LINE * label(node).len() as f64) + 7.0;
        }
    }
    let mut out: Vec<f64> = places.iter().map(|place| place.1).collect();
    let mut inward = out.clone();
    for ribbon in &chart.ribbons {
        let (Some(&(x0, _)), Some(&(x1, _))) = (places.get(ribbon.from), places.get(ribbon.to)) else { continue };
        let size = ribbon.value * scale;
        let (Some(y0), Some(y1)) = (out.get_mut(ribbon.from), inward.get_mut(ribbon.to)) else { continue };
        let (from, to) = (*y0, *y1);
        *y0 += size;
        *y1 += size;
        let (x0, middle) = (x0 + BOX, (x0 + BOX + x1) / 2.0);
        let path = format!(
            "M{x0:.1} {from:.1}C{middle:.1} {from:.1} {middle:.1} {to:.1} {x1:.1} {to:.1}L{x1:.1} {:.1}C{middle:.1} {:.1} {middle:.1} {:.1} {x0:.1} {:.1}Z",
            to + size,
            to + size,
            from + size,
            from + size
        );
        let from = chart.nodes.get(ribbon.from);
        svg.path(&path, &format!("r r{}", from.map_or(SERIES, |node| look(&looks, node))));
    }
    for (node, (x, y)) in chart.nodes.iter().zip(&places) {
        svg.rect(*x, *y, BOX, (node.value * scale).max(1.0), &format!("n{}", look(&looks, node)));
        svg.lines(x + BOX + 5.0, y + 12.0, "start", "t s halo", &label(node));
    }
    let bottom = y.iter().fold(top, |most, y| most.max(*y));
    svg.finish(bottom, labelled_by)
}

fn headings(svg: &mut Svg, chart: &Sankey, column: f64) -> f64 {
    let lines: Vec<Vec<String>> = chart.steps.iter().map(|name| wrap(name, column - 8.0)).collect();
    for (step, lines) in lines.iter().enumerate() {
        svg.lines(column * step as f64 + 1.0, 12.0, "start", "t q", lines);
    }
    LINE * lines.iter().map(Vec::len).max().unwrap_or(0) as f64 + 8.0
}

/// The look of a node: the last is grey, for rests.
fn look(looks: &BTreeMap<&str, usize>, node: &Node) -> usize {
    if node.is_rest { SERIES } else { looks.get(node.name.as_str()).copied().unwrap_or(0) % (SERIES - 1) + 1 }
}

/// Names in the order in which they first stand, so that neighbours differ.
fn looks(chart: &Sankey) -> BTreeMap<&str, usize> {
    let mut looks = BTreeMap::new();
    for node in chart.nodes.iter().filter(|node| !node.is_rest) {
        let next = looks.len();
        looks.entry(node.name.as_str()).or_insert(next);
    }
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ribbons_begin_and_end_in_their_boxes() {
        let node = |step, name: &str, value| Node { step, name: name.to_owned(), value, is_rest: false };
        let chart = Sankey {
            steps: vec!["1.".to_owned(), "2.".to_owned()],
            nodes: vec![node(0, "a", 60.0), node(0, "b", 40.0), node(1, "b", 70.0)],
            ribbons: vec![Ribbon { from: 0, to: 2, value: 50.0 }, Ribbon { from: 1, to: 2, value: 20.0 }],
        };
        let number = |value: f64| format!("{value:.0}");
        let svg = sankey(&chart, &Style { number: &number, withheld: "", width: crate::WIDE }, "i");
        assert_eq!(svg.matches("<path").count(), 2);
        assert_eq!(svg.matches("class=\"n2\"").count(), 2, "b looks the same in both steps");
    }
}
