//! Estimates with their intervals over one axis, with a line at zero.

use super::svg::{Svg, fit, text_width};
use super::{Style, WIDTH, axis};

/// One estimate.
#[derive(Debug, Clone)]
pub(crate) struct Whisker {
    pub(crate) label: String,
    pub(crate) point: Point,
}

/// What is known of an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Point {
    /// A value, and the ends of its interval where it has one.
    Value(f64, Option<(f64, f64)>),
    Withheld,
    None,
}

/// Estimates under each other: a marker on a line from end to end. An interval that does not hold zero has a thick line
/// and a filled marker, so that it is told without colour.
pub(crate) fn whiskers(list: &[Whisker], axis_name: &str, style: &Style<'_>, labelled_by: &str) -> String {
    const ROW: f64 = 30.0;
    let mut svg = Svg::new(WIDTH);
    let label_width = list.iter().map(|whisker| text_width(&whisker.label)).fold(60.0, f64::max).min(300.0);
    let values = list.iter().flat_map(|whisker| match whisker.point {
        Point::Value(value, interval) => {
            let (low, high) = interval.unwrap_or((value, value));
            vec![low.abs(), high.abs(), value.abs()]
        }
        _ => Vec::new(),
    });
    let (end, step) = axis(values.fold(0.0, f64::max));
    // The numbers under the ends of the axis stand half beyond it.
    let beyond = text_width(&(style.number)(-end)) / 2.0;
    let left = label_width + 24.0 + beyond;
    let right = WIDTH - 4.0 - beyond;
    let x = |value: f64| left + (right - left) * (value + end) / (2.0 * end);
    let bottom = 8.0 + ROW * list.len() as f64;
    // Marks need room for their numbers.
    let marks = (end / step).round() as i32;
    let room = (right - left) / f64::from(2 * marks.max(1));
    let every = if room < text_width(&(style.number)(-end)) + 8.0 { 2 } else { 1 };
    for mark in (-marks..=marks).filter(|mark| mark % every == 0) {
        let value = step * f64::from(mark);
        svg.line((x(value), 4.0), (x(value), bottom), if mark == 0 { "a" } else { "g" });
        svg.text(x(value), bottom + 18.0, "middle", "t n", &(style.number)(value));
    }
    svg.text(left + (right - left) / 2.0, bottom + 38.0, "middle", "t", axis_name);
    for (at, whisker) in list.iter().enumerate() {
        let y = 8.0 + ROW * (at as f64 + 0.5);
        svg.text(label_width + 8.0, y + 4.5, "end", "t", &fit(&whisker.label, label_width));
        match whisker.point {
            Point::Value(value, interval) => {
                let excludes_zero = interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0);
                if let Some((low, high)) = interval {
                    svg.line((x(low), y), (x(high), y), if excludes_zero { "dl" } else { "a" });
                    for end in [low, high] {
                        svg.line((x(end), y - 5.0), (x(end), y + 5.0), "a");
                    }
                }
                if excludes_zero { svg.marker((x(value), y), 0) } else { svg.circle((x(value), y), 3.5, "w") }
            }
            Point::Withheld => {
                svg.withheld(x(0.0) + 4.0, y - 7.0, 26.0, 14.0);
                svg.text(x(0.0) + 36.0, y + 4.5, "start", "t q", style.withheld);
            }
            Point::None => svg.text(x(0.0) + 6.0, y + 4.5, "start", "t q", "–"),
        }
    }
    svg.finish(bottom + 46.0, labelled_by)
}
