//! Groups compared: a row a value, a marker a group, and the numbers beside them.

use crate::svg::{LINE, Svg, text_width, wrap};
use crate::{Mark, Style, axis};

/// One label with a mark for each series.
#[derive(Debug, Clone)]
pub struct Dots {
    pub label: String,
    pub marks: Vec<Mark>,
}

/// A group that is compared. A reference, such as everybody, is hollow.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub name: String,
    pub is_reference: bool,
}

/// Share of the width up to which labels stand beside their dots however narrow the chart is, when enough is left to draw.
const SHORT: f64 = 0.27;
const PLOT_MIN: f64 = 110.0;

/// Markers over one axis from zero, a row a label; each row's numbers stand in columns at the right under the marker of
/// their series, so that they can be read down as well as across.
pub fn dots(rows: &[Dots], series: &[Series], style: &Style<'_>, labelled_by: &str) -> String {
    let mut svg = Svg::new(style.width);
    let names: Vec<String> = series.iter().map(|series| series.name.clone()).collect();
    let mark = |svg: &mut Svg, at: usize, x: f64, y: f64| {
        svg.marker((x, y), at, series.get(at).is_some_and(|series| series.is_reference));
    };
    let mut y = svg.legend(&names, 2.0, mark) + 2.0;
    let number = |mark: &Mark| match mark {
        Mark::Value(value) => (style.number)(*value),
        Mark::Withheld | Mark::None => "–".to_owned(),
    };
    let all = || rows.iter().flat_map(|row| &row.marks);
    let column = all().map(|mark| text_width(&number(mark))).fold(26.0, f64::max) + 10.0;
    let numbers = style.width - column * series.len() as f64;
    let longest = rows.iter().map(|row| text_width(&row.label)).fold(0.0, f64::max);
    let is_beside = style.is_wide() || (longest < style.width * SHORT && numbers - longest > PLOT_MIN);
    let label = match (style.is_wide(), is_beside) {
        (true, _) => longest.min(style.width * 0.3),
        (false, true) => longest,
        (false, false) => numbers - 10.0,
    };
    let (left, right) = if is_beside { (label + 16.0, numbers - 10.0) } else { (6.0, style.width - 6.0) };
    let (end, step) = axis(all().filter_map(|mark| mark.value()).fold(0.0, f64::max));
    let x = |value: f64| left + (right - left) * (value / end).clamp(0.0, 1.0);
    for at in 0..series.len() {
        mark(&mut svg, at, numbers + column * (at as f64 + 1.0) - 8.0, y + 6.0);
    }
    y += 16.0;
    let top = y;
    let mut drawn: Vec<(f64, &Dots)> = Vec::new();
    for row in rows {
        let lines = wrap(&row.label, label);
        let height = svg.lines(0.0, y + 12.5, "start", "t", &lines);
        for (at, mark) in row.marks.iter().enumerate() {
            let at = numbers + column * (at as f64 + 1.0);
            svg.text(at, y + 12.5, "end", "t n", &number(mark));
        }
        let dot = if is_beside { y + height / 2.0 } else { y + height + 7.0 };
        drawn.push((dot, row));
        y += if is_beside { height + 7.0 } else { height + 20.0 };
    }
    let marks = (end / step).round() as usize;
    for mark in 0..=marks {
        let at = x(step * mark as f64);
        if is_beside {
            svg.line((at, top - 2.0), (at, y), "g");
        }
        let anchor = if mark == 0 {
            "start"
        } else if mark == marks {
            "end"
        } else {
            "middle"
        };
        let wide = text_width(&(style.number)(end)) * 1.4 < (right - left) / marks as f64;
        if wide || mark == 0 || mark == marks {
            svg.text(at, y + 13.0, anchor, "t s n", &(style.number)(step * mark as f64));
        }
    }
    for (dot, row) in drawn {
        svg.line((left, dot), (right, dot), "g");
        let values: Vec<f64> = row.marks.iter().filter_map(|mark| mark.value()).collect();
        let (low, high) = values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
        if values.len() > 1 {
            svg.line((x(low), dot), (x(high), dot), "sp");
        }
        for (at, value) in row.marks.iter().enumerate().rev() {
            if let Some(value) = value.value() {
                mark(&mut svg, at, x(value), dot);
            }
        }
    }
    svg.finish(y + 13.0 + LINE / 2.0, labelled_by)
}
