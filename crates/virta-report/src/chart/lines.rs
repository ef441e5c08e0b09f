//! Lines over a number.

use super::svg::{SERIES, Svg};
use super::{Style, WIDTH, axis};

/// A line's name and its points, left to right. A withheld point leaves a gap.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, Option<f64>)>,
}

/// Lines with what their axes say.
pub(crate) struct Lines<'a> {
    pub(crate) lines: Vec<Line>,
    pub(crate) x_name: String,
    pub(crate) x_number: &'a dyn Fn(f64) -> String,
    /// Where the horizontal axis has marks.
    pub(crate) x_marks: Vec<f64>,
    /// Markers on the points: for a few points, not for a curve.
    pub(crate) with_markers: bool,
}

/// Lines told apart by dashes and markers as well as by colour.
pub(crate) fn lines(chart: &Lines<'_>, style: &Style<'_>, labelled_by: &str) -> String {
    const HEIGHT: f64 = 300.0;
    let mut svg = Svg::new(WIDTH);
    let names: Vec<String> = chart.lines.iter().map(|line| line.name.clone()).collect();
    let top = legend(&mut svg, &names, chart.with_markers) + 8.0;
    let points = || chart.lines.iter().flat_map(|line| &line.points);
    let largest = points().filter_map(|point| point.1).fold(0.0, f64::max);
    let (end, step) = axis(largest);
    let left = 26.0 + super::svg::text_width(&(style.number)(end));
    let (first, last) = (
        points().map(|point| point.0).fold(f64::INFINITY, f64::min),
        points().map(|point| point.0).fold(f64::NEG_INFINITY, f64::max),
    );
    let span = if last > first { last - first } else { 1.0 };
    let x = |value: f64| left + 8.0 + (value - first) / span * (WIDTH - left - 40.0);
    let y = |value: f64| top + HEIGHT * (1.0 - value / end);
    let marks = (end / step).round() as usize;
    for mark in 0..=marks {
        let value = step * mark as f64;
        svg.line((left, y(value)), (WIDTH - 8.0, y(value)), if mark == 0 { "a" } else { "g" });
        svg.text(left - 8.0, y(value) + 4.5, "end", "t n", &(style.number)(value));
    }
    for &mark in &chart.x_marks {
        svg.line((x(mark), top + HEIGHT), (x(mark), top + HEIGHT + 5.0), "a");
        svg.text(x(mark), top + HEIGHT + 20.0, "middle", "t n", &(chart.x_number)(mark));
    }
    svg.text(left + (WIDTH - left) / 2.0, top + HEIGHT + 40.0, "middle", "t", &chart.x_name);
    for (at, line) in chart.lines.iter().enumerate() {
        let class = format!("l{}", at % SERIES + 1);
        for run in line.points.split(|point| point.1.is_none()) {
            let run: Vec<(f64, f64)> = run.iter().filter_map(|&(at, value)| Some((x(at), y(value?)))).collect();
            if run.len() > 1 {
                svg.points(&run, &class);
            }
            if chart.with_markers {
                run.iter().for_each(|&point| svg.marker(point, at));
            }
        }
    }
    svg.finish(top + HEIGHT + 50.0, labelled_by)
}

fn legend(svg: &mut Svg, names: &[String], with_markers: bool) -> f64 {
    let mut x = 4.0;
    let mut y = 2.0;
    for (at, name) in names.iter().enumerate() {
        let width = 40.0 + super::svg::text_width(name) + 16.0;
        if x + width > WIDTH && x > 4.0 {
            x = 4.0;
            y += 20.0;
        }
        svg.line((x, y + 7.0), (x + 28.0, y + 7.0), &format!("l{}", at % SERIES + 1));
        if with_markers {
            svg.marker((x + 14.0, y + 7.0), at);
        }
        svg.text(x + 34.0, y + 12.0, "start", "t", name);
        x += width;
    }
    y + 22.0
}
