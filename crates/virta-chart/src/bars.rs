//! Horizontal bars.

use crate::svg::{LINE, Svg, text_width, wrap};
use crate::{Mark, Style};

/// One label with a bar for each series.
#[derive(Debug, Clone)]
pub struct Bar {
    pub label: String,
    pub marks: Vec<Mark>,
}

const BAR: f64 = 15.0;
/// Share of the width up to which labels stand beside their bars however narrow the chart is.
const SHORT: f64 = 0.37;

/// Bars under each other, with a legend when there is more than one series. Each bar has its number at its end; long labels
/// stand above their bars where the chart is narrow.
pub fn bars(bars: &[Bar], series: &[String], style: &Style<'_>, labelled_by: &str) -> String {
    let mut svg = Svg::new(style.width);
    let longest = bars.iter().map(|bar| text_width(&bar.label)).fold(0.0, f64::max);
    let is_beside = style.is_wide() || longest < style.width * SHORT;
    let beside = longest.min(style.width * 0.46);
    let left = if is_beside { beside + 9.0 } else { 1.0 };
    let marks = || bars.iter().flat_map(|bar| &bar.marks);
    let largest = marks().filter_map(|mark| mark.value()).map(f64::abs).fold(0.0, f64::max);
    let beyond = marks().filter_map(|mark| mark.value()).map(|value| text_width(&(style.number)(value)));
    let room = style.width - left - beyond.fold(30.0, f64::max) - 8.0;
    let scale = if largest > 0.0 { room / largest } else { 0.0 };
    let mut y = match series.len() {
        0 | 1 => 2.0,
        _ => svg.legend(series, 2.0, |svg, at, x, y| svg.filled(x - 7.0, y - 7.0, 14.0, 14.0, at)),
    };
    for bar in bars {
        let lines = wrap(&bar.label, if is_beside { beside } else { style.width });
        let (text, drawn) = (LINE * lines.len() as f64, BAR * bar.marks.len() as f64);
        let top = match is_beside {
            true => {
                svg.lines(left - 8.0, y + (drawn - text).max(0.0) / 2.0 + 12.0, "end", "t", &lines);
                y + (text - drawn).max(0.0) / 2.0
            }
            false => y + svg.lines(left, y + 12.0, "start", "t", &lines) + 2.0,
        };
        for (at, mark) in bar.marks.iter().enumerate() {
            one(&mut svg, *mark, at, (left, top + BAR * at as f64), scale, style);
        }
        y = (top + drawn).max(y + text) + 9.0;
    }
    svg.finish(y, labelled_by)
}

fn one(svg: &mut Svg, mark: Mark, series: usize, (left, y): (f64, f64), scale: f64, style: &Style<'_>) {
    match mark {
        Mark::Value(value) => {
            let width = (value.abs() * scale).max(0.5);
            svg.filled(left, y, width, BAR - 2.0, series);
            svg.text(left + width + 6.0, y + BAR - 4.0, "start", "t n", &(style.number)(value));
        }
        Mark::Withheld => {
            svg.withheld(left, y, 26.0, BAR - 2.0);
            svg.text(left + 32.0, y + BAR - 4.0, "start", "t q", style.withheld);
        }
        Mark::None => svg.text(left + 2.0, y + BAR - 4.0, "start", "t q", "–"),
    }
}
