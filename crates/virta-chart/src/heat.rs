//! A heat map with its numbers in the cells.

use crate::svg::{LINE, Svg, text_width, wrap};
use crate::{Mark, Style};

/// Rows, columns and marks, row by row; and what rows and columns are, where their names do not say it.
#[derive(Debug, Clone, Default)]
pub struct Heat {
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub marks: Vec<Vec<Mark>>,
    pub row_name: String,
    pub column_name: String,
}

const STEPS: f64 = 5.0;

/// A heat map: darker is more, by the square root, so that one large number does not pale the others; every cell says its
/// number when there is room. Nothing to show is empty.
pub fn heat(heat: &Heat, style: &Style<'_>, labelled_by: &str) -> String {
    const CELL: f64 = 25.0;
    let mut svg = Svg::new(style.width);
    let named = heat.rows.iter().map(|row| text_width(row)).fold(16.0, f64::max).min(style.width * 0.32);
    let left = named + 8.0;
    let width = (style.width - left) / heat.columns.len().max(1) as f64;
    let largest = heat.marks.iter().flatten().filter_map(|mark| mark.value()).fold(0.0, f64::max);
    let mut y = 4.0;
    for name in [&heat.column_name, &heat.row_name].into_iter().filter(|name| !name.is_empty()) {
        let (x, words) = match name == &heat.column_name {
            true => (0.0, format!("→ {name}")),
            false => (0.0, format!("↓ {name}")),
        };
        y += svg.lines(x, y + 10.0, "start", "t q", &wrap(&words, style.width));
    }
    y += headings(&mut svg, &heat.columns, (left, y), width);
    for (at, row) in heat.rows.iter().enumerate() {
        let lines = wrap(row, named);
        let height = CELL.max(LINE * lines.len() as f64 + 3.0);
        svg.lines(left - 6.0, y + (height - LINE * lines.len() as f64) / 2.0 + 12.0, "end", "t", &lines);
        for (column, mark) in heat.marks.get(at).into_iter().flatten().enumerate() {
            let x = left + width * column as f64;
            match mark {
                Mark::Value(value) => {
                    let step = if largest > 0.0 {
                        ((value / largest).max(0.0).sqrt() * STEPS).ceil().clamp(1.0, STEPS)
                    } else {
                        1.0
                    };
                    svg.rect(x, y, width - 1.5, height - 1.5, &format!("h{step:.0}"));
                    let text = (style.number)(*value);
                    if text_width(&text) * 0.86 < width - 1.0 {
                        let class = format!("t s n i{step:.0}");
                        svg.text(x + (width - 1.5) / 2.0, y + height / 2.0 + 3.5, "middle", &class, &text);
                    }
                }
                Mark::Withheld => svg.withheld(x, y, width - 1.5, height - 1.5),
                Mark::None => svg.rect(x, y, width - 1.5, height - 1.5, "h0"),
            }
        }
        y += height;
    }
    y += 4.0;
    if heat.marks.iter().flatten().any(|mark| *mark == Mark::Withheld) {
        svg.withheld(left, y, 14.0, 14.0);
        svg.text(left + 20.0, y + 12.0, "start", "t", style.withheld);
        y += 20.0;
    }
    svg.finish(y, labelled_by)
}

/// Headings over the columns: side by side, in lines, upright where words are wider than a column, and every third where
/// short ones are still too close. Gives the height they take.
fn headings(svg: &mut Svg, columns: &[String], (left, y): (f64, f64), width: f64) -> f64 {
    let middle = |at: usize| left + width * (at as f64 + 0.5) - 0.75;
    let words = || columns.iter().flat_map(|name| name.split(' '));
    let fits = words().all(|word| text_width(word) * 0.9 < width);
    let are_short = columns.iter().all(|name| name.chars().count() < 3);
    if fits {
        let lines: Vec<Vec<String>> = columns.iter().map(|name| wrap(name, width * 1.1)).collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(1) as f64;
        for (at, lines) in lines.iter().enumerate() {
            svg.lines(middle(at), y + 11.0 + LINE * (most - lines.len() as f64), "middle", "t s", lines);
        }
        return LINE * most;
    }
    if are_short {
        for (at, name) in columns.iter().enumerate().filter(|(at, _)| at % 3 == 0) {
            svg.text(middle(at), y + 11.0, "middle", "t s", name);
        }
        return LINE;
    }
    let height = columns.iter().map(|name| text_width(name)).fold(0.0, f64::max).min(120.0) + 4.0;
    for (at, name) in columns.iter().enumerate() {
        svg.upright(middle(at) + 4.0, y + height - 3.0, "t s", name);
    }
    height
}
