//! Two wholes cut into the same groups: how much of one belongs to how little of the other.

use crate::Style;
use crate::svg::{LINE, Svg, text_width, wrap};

/// What is cut: the names of both wholes, and the groups from the first on with their share of each. What is missing
/// from one is the rest.
#[derive(Debug, Clone)]
pub struct Split {
    pub wholes: [String; 2],
    /// Share of the first whole, share of the second, and what the legend says of the group.
    pub groups: Vec<(f64, f64, String)>,
}

/// Two bars of the same length over each other, joined where their groups end, with the groups in words below.
pub fn split(split: &Split, style: &Style<'_>, labelled_by: &str) -> String {
    const BAR: f64 = 26.0;
    const GAP: f64 = 42.0;
    let mut svg = Svg::new(style.width);
    let label = split.wholes.iter().map(|name| text_width(name)).fold(40.0, f64::max).min(style.width * 0.36);
    let left = label + 10.0;
    let width = style.width - left - 1.0;
    let tops = [2.0, 2.0 + BAR + GAP];
    for (name, top) in split.wholes.iter().zip(tops) {
        let lines = wrap(name, label);
        svg.lines(0.0, top + 17.0 - LINE * (lines.len() as f64 - 1.0) / 2.0, "start", "t", &lines);
        svg.rect(left, top, width, BAR, "rest");
    }
    let mut ends = [0.0, 0.0];
    for (at, (first, second, _)) in split.groups.iter().enumerate() {
        for ((end, share), top) in ends.iter_mut().zip([first, second]).zip(tops) {
            let share = share.clamp(0.0, 1.0 - *end);
            svg.rect(left + width * *end, top, width * share, BAR, &format!("s{}", at % 3 + 1));
            *end += share;
        }
        svg.line((left + width * ends[0], tops[0] + BAR), (left + width * ends[1], tops[1]), "g");
    }
    let mut y = tops[1] + BAR + 10.0;
    for (at, (_, _, words)) in split.groups.iter().enumerate() {
        svg.rect(1.0, y + 1.0, 12.0, 12.0, &format!("s{}", at % 3 + 1));
        y += svg.lines(20.0, y + 11.5, "start", "t", &wrap(words, style.width - 22.0)) + 3.0;
    }
    svg.finish(y + 2.0, labelled_by)
}
