//! Estimates with their intervals over one axis, with a line at zero.

use crate::Style;
use crate::axis;
use crate::svg::{LINE, Svg, text_width, wrap};

/// One estimate: its label, what to say of it below the label, and beside it.
#[derive(Debug, Clone)]
pub struct Whisker {
    pub label: String,
    pub detail: String,
    pub value: String,
    pub point: Point,
}

/// What is known of an estimate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Point {
    /// A value, and the ends of its interval where it has one.
    Value(f64, Option<(f64, f64)>),
    Withheld,
    None,
}

/// How far the axis goes at most: intervals beyond end in an arrow, so that one wide one does not squeeze the others.
const END_MAX: f64 = 1.5;

/// Estimates under each other: a marker on a line from end to end. An interval that does not hold zero has a thick line
/// and a filled marker, so that it is told without colour.
pub fn whiskers(list: &[Whisker], axis_name: &str, style: &Style<'_>, labelled_by: &str) -> String {
    let mut svg = Svg::new(style.width);
    let values = list.iter().flat_map(|whisker| match whisker.point {
        Point::Value(value, Some((low, high))) => vec![low.abs(), high.abs(), value.abs()],
        Point::Value(value, None) => vec![value.abs()],
        _ => Vec::new(),
    });
    let (end, step) = axis(values.fold(0.0, f64::max).min(END_MAX));
    let beyond = text_width(&(style.number)(-end)) / 2.0;
    let label = if style.is_wide() { style.width * 0.42 } else { style.width };
    let left = if style.is_wide() { label + 16.0 } else { 0.0 } + beyond;
    let right = style.width - beyond - 2.0;
    let x = |value: f64| left + (right - left) * (value.clamp(-end, end) + end) / (2.0 * end);
    let mut y = 4.0;
    let mut drawn: Vec<(f64, &Whisker)> = Vec::new();
    for whisker in list {
        let mut height = svg.lines(0.0, y + 12.0, "start", "t b", &wrap(&whisker.label, label));
        height += svg.lines(0.0, y + height + 12.0, "start", "t s q", &wrap(&whisker.detail, label));
        if style.is_wide() {
            svg.text(x(0.0), y + 12.0, "middle", "t n halo", &whisker.value);
            drawn.push((y + 12.0 + LINE, whisker));
            y += height.max(LINE * 2.0 + 6.0) + 8.0;
        } else {
            height += svg.lines(0.0, y + height + 12.0, "start", "t n", &wrap(&whisker.value, label));
            drawn.push((y + height + 10.0, whisker));
            y += height + 26.0;
        }
    }
    let marks = (end / step).round() as i32;
    let room = (right - left) / f64::from(2 * marks.max(1));
    let every = if room < text_width(&(style.number)(-end)) + 8.0 { marks.max(1) } else { 1 };
    for mark in (-marks..=marks).filter(|mark| mark % every == 0) {
        let value = step * f64::from(mark);
        if style.is_wide() || mark == 0 {
            drawn.iter().for_each(|(at, _)| {
                svg.line((x(value), at - 7.0), (x(value), at + 7.0), if mark == 0 { "a" } else { "g" });
            });
        }
        svg.text(x(value), y + 12.0, "middle", "t s n", &(style.number)(value));
    }
    for (at, whisker) in drawn {
        one(&mut svg, whisker.point, at, end, x, style);
    }
    y += 18.0;
    y += svg.lines(style.width, y + 12.0, "end", "t s q", &wrap(axis_name, style.width));
    svg.finish(y + 4.0, labelled_by)
}

fn one(svg: &mut Svg, point: Point, y: f64, end: f64, x: impl Fn(f64) -> f64, style: &Style<'_>) {
    match point {
        Point::Value(value, interval) => {
            let excludes_zero = interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0);
            if let Some((low, high)) = interval {
                svg.line((x(low), y), (x(high), y), if excludes_zero { "dl" } else { "a" });
                for (limit, way) in [(low, -1.0), (high, 1.0)] {
                    let at = x(limit);
                    match limit.abs() > end {
                        true => svg.path(
                            &format!(
                                "M{:.1} {:.1}L{at:.1} {y:.1}L{:.1} {:.1}",
                                at - 6.0 * way,
                                y - 5.0,
                                at - 6.0 * way,
                                y + 5.0
                            ),
                            "ar",
                        ),
                        false => svg.line((at, y - 5.0), (at, y + 5.0), "a"),
                    }
                }
            }
            svg.marker((x(value), y), 0, !excludes_zero);
        }
        Point::Withheld => {
            svg.withheld(x(0.0) + 4.0, y - 7.0, 26.0, 14.0);
            svg.text(x(0.0) + 36.0, y + 4.5, "start", "t q", style.withheld);
        }
        Point::None => svg.text(x(0.0) + 6.0, y + 4.5, "start", "t q", "–"),
    }
}
