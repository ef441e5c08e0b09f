//! Who of a group was there before, who is new, who left: a bar a period.

use crate::svg::{LINE, Svg, text_width, wrap};
use crate::{Mark, Style};

/// One period: its parts from the left, what the whole is, and what to say beside it.
#[derive(Debug, Clone)]
pub struct Turnover {
    pub label: String,
    pub parts: Vec<Mark>,
    pub total: String,
    pub note: String,
}

impl Turnover {
    fn is_alone(&self) -> bool {
        self.parts.iter().filter(|part| **part != Mark::None).count() < 2
    }
}

/// A bar a period of parts side by side, each with its number inside where there is room, the total at the end.
pub fn turnover(rows: &[Turnover], parts: &[String], style: &Style<'_>, labelled_by: &str) -> String {
    const BAR: f64 = 24.0;
    let mut svg = Svg::new(style.width);
    let legend = |svg: &mut Svg, at: usize, x: f64, y: f64| svg.rect(x - 6.0, y - 6.0, 12.0, 12.0, &class(at));
    let mut y = svg.legend(parts, 2.0, legend) + 4.0;
    let widest = |of: fn(&Turnover) -> &str| rows.iter().map(|row| text_width(of(row))).fold(0.0, f64::max);
    let label = widest(|row| &row.label).min(style.width * 0.3);
    let (total, note) = (widest(|row| &row.total) + 10.0, widest(|row| &row.note));
    let left = label + 10.0;
    let sum = |row: &Turnover| row.parts.iter().filter_map(|part| part.value()).sum::<f64>();
    let largest = rows.iter().map(sum).fold(0.0, f64::max);
    let notes_beside = style.width - left - total - note > 140.0;
    let room = style.width - left - total - if notes_beside { note + 4.0 } else { 0.0 };
    let scale = if largest > 0.0 { room / largest } else { 0.0 };
    for row in rows {
        let lines = wrap(&row.label, label);
        svg.lines(0.0, y + 16.5 - LINE * (lines.len() as f64 - 1.0) / 2.0, "start", "t", &lines);
        let mut x = left;
        for (at, part) in row.parts.iter().enumerate() {
            match part {
                Mark::Value(value) => {
                    let width = value * scale;
                    svg.rect(x, y, width, BAR, &class(at));
                    let text = (style.number)(*value);
                    // A part alone is the total, which stands beside it.
                    if !row.is_alone() && text_width(&text) + 6.0 < width {
                        svg.text(x + width / 2.0, y + 16.5, "middle", &format!("t n in{}", at % 3 + 1), &text);
                    }
                    x += width;
                }
                Mark::Withheld => {
                    svg.withheld(x, y, 20.0, BAR);
                    x += 20.0;
                }
                Mark::None => {}
            }
        }
        svg.text(x + 7.0, y + 16.5, "start", "t b n", &row.total);
        if !row.note.is_empty() {
            match notes_beside {
                true => svg.text(style.width, y + 16.5, "end", "t q", &row.note),
                false => {
                    svg.text(left, y + BAR + 14.0, "start", "t q", &row.note);
                    y += LINE;
                }
            }
        }
        y += BAR + 10.0;
    }
    svg.finish(y, labelled_by)
}

fn class(part: usize) -> String {
    format!("s{}", part % 3 + 1)
}
