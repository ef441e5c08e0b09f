//! Horizontal bars, one or two series.

use super::svg::{Svg, fit, text_width};
use super::{Mark, Style, WIDTH};

/// One label with a bar for each series.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) marks: Vec<Mark>,
}

/// Bars under each other, with a legend when there is more than one series.
pub(crate) fn bars(bars: &[Bar], series: &[String], style: &Style<'_>, labelled_by: &str) -> String {
    const BAR: f64 = 16.0;
    const GAP: f64 = 10.0;
    let mut svg = Svg::new(WIDTH);
    let label_width = bars.iter().map(|bar| text_width(&bar.label)).fold(60.0, f64::max).min(340.0);
    let left = label_width + 14.0;
    let room = WIDTH - left - 110.0;
    let largest = bars.iter().flat_map(|bar| &bar.marks).filter_map(|mark| mark.value()).fold(0.0, f64::max);
    let scale = if largest > 0.0 { room / largest } else { 0.0 };
    let mut y = if series.len() > 1 { svg.legend(series, 2.0) + 6.0 } else { 4.0 };
    let top = y;
    for bar in bars {
        let height = BAR * bar.marks.len() as f64;
        svg.text(left - 8.0, y + height / 2.0 + 4.5, "end", "t", &fit(&bar.label, label_width));
        for (at, mark) in bar.marks.iter().enumerate() {
            let y = y + BAR * at as f64;
            match mark {
                Mark::Value(value) => {
                    let width = value * scale;
                    svg.filled(left, y, width.max(0.5), BAR - 2.0, at);
                    svg.text(left + width + 6.0, y + BAR - 4.5, "start", "t n", &(style.number)(*value));
                }
                Mark::Withheld => {
                    svg.withheld(left, y, 26.0, BAR - 2.0);
                    svg.text(left + 32.0, y + BAR - 4.5, "start", "t q", style.withheld);
                }
                Mark::None => svg.text(left + 4.0, y + BAR - 4.5, "start", "t q", "–"),
            }
        }
        y += height + GAP;
    }
    svg.line((left, top - 2.0), (left, y - GAP + 2.0), "a");
    svg.finish(y, labelled_by)
}
