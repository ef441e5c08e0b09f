//! Stacked columns over time.

use super::svg::Svg;
use super::{Mark, Style, WIDTH, axis};

/// Columns from left to right, each with a mark for every series.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stack {
    pub(crate) columns: Vec<String>,
    pub(crate) series: Vec<String>,
    pub(crate) marks: Vec<Vec<Mark>>,
}

/// Stacked columns. A withheld part is a hatched piece of fixed height, so that its size says nothing.
pub(crate) fn stack(chart: &Stack, style: &Style<'_>, labelled_by: &str) -> String {
    const HEIGHT: f64 = 260.0;
    const HATCH: f64 = 10.0;
    let mut svg = Svg::new(WIDTH);
    let has_withheld = chart.marks.iter().flatten().any(|mark| *mark == Mark::Withheld);
    let legend = svg.legend(&chart.series, 2.0);
    if has_withheld {
        let x = WIDTH - 30.0 - super::svg::text_width(style.withheld);
        svg.withheld(x, legend, 14.0, 14.0);
        svg.text(x + 20.0, legend + 12.0, "start", "t", style.withheld);
    }
    let top = legend + if has_withheld { 26.0 } else { 8.0 };
    let sum = |marks: &Vec<Mark>| marks.iter().filter_map(|mark| mark.value()).sum::<f64>();
    let (end, step) = axis(chart.marks.iter().map(sum).fold(0.0, f64::max));
    let left = 20.0 + super::svg::text_width(&(style.number)(end));
    let width = (WIDTH - left - 8.0) / chart.columns.len().max(1) as f64;
    let scale = (HEIGHT - HATCH * 3.0) / end;
    for mark in 0..=(end / step).round() as usize {
        let y = top + HEIGHT - step * mark as f64 * scale;
        svg.line((left, y), (WIDTH - 4.0, y), if mark == 0 { "a" } else { "g" });
        svg.text(left - 8.0, y + 4.5, "end", "t n", &(style.number)(step * mark as f64));
    }
    let every = (chart.columns.len() / 12 + 1).max(1);
    for (column, marks) in chart.marks.iter().enumerate() {
        let x = left + width * column as f64;
        let mut y = top + HEIGHT;
        for (at, mark) in marks.iter().enumerate() {
            let (x, width) = (x + 2.0, width - 4.0);
            match mark {
                Mark::Value(value) => {
                    y -= value * scale;
                    svg.filled(x, y, width, value * scale, at);
                }
                Mark::Withheld => {
                    y -= HATCH;
                    svg.withheld(x, y, width, HATCH);
                }
                Mark::None => {}
            }
        }
        if let Some(name) = chart.columns.get(column).filter(|_| column % every == 0) {
            svg.text(x + width / 2.0, top + HEIGHT + 18.0, "middle", "t s", name);
        }
    }
    svg.finish(top + HEIGHT + 28.0, labelled_by)
}
