//! A heat map with its numbers in the cells.

use super::svg::{Svg, fit};
use super::{Mark, Style, WIDTH};

/// Rows, columns and marks, row by row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heat {
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) marks: Vec<Vec<Mark>>,
}

const STEPS: f64 = 5.0;

/// A heat map: darker is more, and every cell says its number when there is room.
pub(crate) fn heat(heat: &Heat, style: &Style<'_>, labelled_by: &str) -> String {
    const CELL: f64 = 26.0;
    let mut svg = Svg::new(WIDTH);
    let left = heat.rows.iter().map(|row| super::svg::text_width(row)).fold(24.0, f64::max).min(150.0) + 10.0;
    let width = (WIDTH - left) / heat.columns.len().max(1) as f64;
    let largest = heat.marks.iter().flatten().filter_map(|mark| mark.value()).fold(0.0, f64::max);
    for (at, column) in heat.columns.iter().enumerate() {
        svg.text(left + width * (at as f64 + 0.5), 16.0, "middle", "t s", &fit(column, width.max(30.0) + 8.0));
    }
    for (at, row) in heat.rows.iter().enumerate() {
        let y = 24.0 + CELL * at as f64;
        svg.text(left - 8.0, y + CELL / 2.0 + 4.5, "end", "t", &fit(row, 150.0));
        for (column, mark) in heat.marks.get(at).into_iter().flatten().enumerate() {
            let x = left + width * column as f64;
            match mark {
                Mark::Value(value) => {
                    let step = if largest > 0.0 { (value / largest * STEPS).ceil().clamp(1.0, STEPS) } else { 1.0 };
                    svg.rect(x, y, width - 1.5, CELL - 1.5, &format!("h{step:.0}"));
                    let text = (style.number)(*value);
                    if super::svg::text_width(&text) < width + 6.0 {
                        svg.text(x + width / 2.0, y + CELL / 2.0 + 4.0, "middle", &format!("t s i{step:.0}"), &text);
                    }
                }
                Mark::Withheld => svg.withheld(x, y, width - 1.5, CELL - 1.5),
                Mark::None => svg.rect(x, y, width - 1.5, CELL - 1.5, "h0"),
            }
        }
    }
    let mut y = 24.0 + CELL * heat.rows.len() as f64 + 4.0;
    if heat.marks.iter().flatten().any(|mark| *mark == Mark::Withheld) {
        svg.withheld(left, y, 14.0, 14.0);
        svg.text(left + 20.0, y + 12.0, "start", "t", style.withheld);
        y += 20.0;
    }
    svg.finish(y, labelled_by)
}
