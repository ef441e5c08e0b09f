//! Lines over a number.

use crate::svg::{SERIES, Svg, text_width, wrap};
use crate::{Style, axis};

/// A line's name and its points, left to right. A withheld point leaves a gap.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    pub points: Vec<(f64, Option<f64>)>,
}

/// Lines with what their axes say.
pub struct Lines<'a> {
    pub lines: Vec<Line>,
    /// What the horizontal axis counts; nothing where its marks say it.
    pub x_name: String,
    pub x_number: &'a dyn Fn(f64) -> String,
    /// Where the horizontal axis has marks.
    pub x_marks: Vec<f64>,
    /// Markers on the points: for a few points, not for a curve.
    pub with_markers: bool,
}

impl std::fmt::Debug for Lines<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("lines", &self.lines).field("x_name", &self.x_name).finish_non_exhaustive()
    }
}

/// Lines told apart by dashes and markers as well as by colour. A point alone between gaps is a marker.
pub fn lines(chart: &Lines<'_>, style: &Style<'_>, labelled_by: &str) -> String {
    const HEIGHT: f64 = 200.0;
    let mut svg = Svg::new(style.width);
    let names: Vec<String> = chart.lines.iter().map(|line| line.name.clone()).collect();
    let legend = |svg: &mut Svg, at: usize, x: f64, y: f64| {
        svg.line((x - 9.0, y), (x + 9.0, y), &format!("l{}", at % SERIES + 1));
        if chart.with_markers {
            svg.marker((x, y), at, false);
        }
    };
    let top = svg.legend(&names, 2.0, legend) + 6.0;
    let points = || chart.lines.iter().flat_map(|line| &line.points);
    let (end, step) = axis(points().filter_map(|point| point.1).fold(0.0, f64::max));
    let left = 12.0 + text_width(&(style.number)(end)).max(text_width(&(style.number)(end - step)));
    let first = points().map(|point| point.0).fold(f64::INFINITY, f64::min);
    let last = points().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max);
    let span = if last > first { last - first } else { 1.0 };
    let right = style.width - 14.0;
    let x = |value: f64| left + 8.0 + (value - first) / span * (right - left - 8.0);
    let y = |value: f64| top + HEIGHT * (1.0 - value / end);
    for mark in 0..=(end / step).round() as usize {
        let value = step * mark as f64;
        svg.line((left, y(value)), (style.width - 1.0, y(value)), if mark == 0 { "a" } else { "g" });
        svg.text(left - 6.0, y(value) + 4.5, "end", "t s n", &(style.number)(value));
    }
    // As many marks as have room for their numbers.
    let widest = chart.x_marks.iter().map(|&mark| text_width(&(chart.x_number)(mark))).fold(10.0, f64::max) + 8.0;
    let every = (widest * chart.x_marks.len() as f64 / (right - left)).ceil().max(1.0) as usize;
    for &mark in chart.x_marks.iter().step_by(every) {
        svg.line((x(mark), top + HEIGHT), (x(mark), top + HEIGHT + 5.0), "a");
        let wide = text_width(&(chart.x_number)(mark)) / 2.0;
        let at = x(mark).min(style.width - wide - 1.0);
        svg.text(at, top + HEIGHT + 18.0, "middle", "t s n", &(chart.x_number)(mark));
    }
    let mut bottom = top + HEIGHT + 24.0;
    if !chart.x_name.is_empty() {
        bottom += svg.lines(style.width, bottom + 12.0, "end", "t q", &wrap(&chart.x_name, style.width)) + 2.0;
    }
    for (at, line) in chart.lines.iter().enumerate() {
        let class = format!("l{}", at % SERIES + 1);
        for run in line.points.split(|point| point.1.is_none()) {
            let run: Vec<(f64, f64)> = run.iter().filter_map(|&(at, value)| Some((x(at), y(value?)))).collect();
            if run.len() > 1 {
                svg.points(&run, &class);
            }
            if chart.with_markers || run.len() == 1 {
                run.iter().for_each(|&point| svg.marker(point, at, false));
            }
        }
    }
    svg.finish(bottom, labelled_by)
}
