//! An UpSet picture: how many clients have exactly a combination of services.

use super::svg::{Svg, fit};
use super::{Style, WIDTH, axis};

/// One combination: which of the services, and how many clients.
#[derive(Debug, Clone)]
pub(crate) struct Set {
    pub(crate) members: Vec<usize>,
    pub(crate) value: f64,
}

/// Columns of combinations over a matrix of the services in them.
pub(crate) fn upset(sets: &[Set], services: &[String], style: &Style<'_>, labelled_by: &str) -> String {
    const BARS: f64 = 190.0;
    const ROW: f64 = 22.0;
    let mut svg = Svg::new(WIDTH);
    let left = services.iter().map(|name| super::svg::text_width(name)).fold(80.0, f64::max).min(250.0) + 16.0;
    let width = ((WIDTH - left - 8.0) / sets.len().max(1) as f64).min(60.0);
    let (end, step) = axis(sets.iter().map(|set| set.value).fold(0.0, f64::max));
    let y = |value: f64| 14.0 + BARS * (1.0 - value / end);
    let right = left + width * sets.len() as f64;
    for mark in 0..=(end / step).round() as usize {
        let value = step * mark as f64;
        svg.line((left, y(value)), (right, y(value)), if mark == 0 { "a" } else { "g" });
        svg.text(left - 8.0, y(value) + 4.5, "end", "t n", &(style.number)(value));
    }
    let top = 14.0 + BARS + 14.0;
    for (at, name) in services.iter().enumerate() {
        let middle = top + ROW * (at as f64 + 0.5);
        if at % 2 == 0 {
            svg.rect(0.0, middle - ROW / 2.0, right, ROW, "z");
        }
        svg.text(left - 8.0, middle + 4.5, "end", "t", &fit(name, left - 12.0));
    }
    for (column, set) in sets.iter().enumerate() {
        let x = left + width * (column as f64 + 0.5);
        svg.filled(x - width * 0.32, y(set.value), width * 0.64, 14.0 + BARS - y(set.value), 0);
        let text = (style.number)(set.value);
        if super::svg::text_width(&text) < width + 4.0 {
            svg.text(x, y(set.value) - 4.0, "middle", "t s n", &text);
        }
        let dot = |service: usize| top + ROW * (service as f64 + 0.5);
        for service in 0..services.len() {
            let class = if set.members.contains(&service) { "dn" } else { "df" };
            svg.circle((x, dot(service)), 5.5, class);
        }
        if let (Some(&first), Some(&last)) = (set.members.iter().min(), set.members.iter().max()) {
            svg.line((x, dot(first)), (x, dot(last)), "dl");
        }
    }
    svg.finish(top + ROW * services.len() as f64 + 6.0, labelled_by)
}
