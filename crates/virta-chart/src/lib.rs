//! Charts as inline SVG: no script, no fonts or files from elsewhere.
//!
//! A chart knows numbers, labels and how numbers are written, nothing of where they come from. Its colours come from
//! [`STYLE`], which the page carries, so that they follow light, dark and print; series differ by shape, dash or
//! lightness as well as by colour. A chart is drawn at the width at which it is read ([`NARROW`] on a phone or in a
//! column, [`WIDE`] across a page), never scaled down until its text cannot be read. Withheld values leave a gap or say
//! that they are withheld; they are never drawn as nothing.
//!
//! ```
//! use virta_chart::{Bar, Mark, NARROW, Style, bars};
//!
//! let list = [Bar { label: "dentist".to_owned(), marks: vec![Mark::Value(40.0)] }];
//! let style = Style { number: &|value| format!("{value:.0}"), withheld: "withheld", width: NARROW };
//! let svg = bars(&list, &[], &style, "title-of-the-chart");
//! assert!(svg.contains("aria-labelledby=\"title-of-the-chart\"") && svg.contains(">40<"));
//! ```

mod bars;
mod dots;
mod heat;
mod lines;
mod sankey;
mod split;
mod svg;
mod turnover;
mod whiskers;

pub use bars::{Bar, bars};
pub use dots::{Dots, Series, dots};
pub use heat::{Heat, heat};
pub use lines::{Line, Lines, lines};
pub use sankey::{Node, Ribbon, Sankey, sankey};
pub use split::{Split, split};
pub use turnover::{Turnover, turnover};
pub use whiskers::{Point, Whisker, whiskers};

/// Width of a chart in a column or on a phone, in CSS pixels.
pub const NARROW: f64 = 340.0;
/// Width of a chart across a page.
pub const WIDE: f64 = 700.0;

/// What the charts look like: a page that shows them carries this in a `<style>`. The page defines `--bg`, `--fg`,
/// `--soft` and `--line`, its background, text, secondary text and rules.
pub const STYLE: &str = include_str!("chart.css");

/// What a chart shows at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mark {
    Value(f64),
    Withheld,
    /// Nothing there.
    None,
}

impl Mark {
    /// The value, when there is one to show.
    pub fn value(self) -> Option<f64> {
        match self {
            Mark::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// How wide a chart is, how its numbers are written, and what stands for a withheld one.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    pub number: &'a dyn Fn(f64) -> String,
    pub withheld: &'a str,
    pub width: f64,
}

impl std::fmt::Debug for Style<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Style").field("withheld", &self.withheld).field("width", &self.width).finish_non_exhaustive()
    }
}

impl Style<'_> {
    /// Whether labels have a column of their own beside what is drawn, instead of standing above it.
    fn is_wide(&self) -> bool {
        self.width > 500.0
    }
}

/// A round number at or above a value, for the end of an axis, and the step between its marks.
pub(crate) fn axis(largest: f64) -> (f64, f64) {
    if largest <= 0.0 || !largest.is_finite() {
        return (1.0, 1.0);
    }
    let size = 10_f64.powf((largest / 4.0).log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(|unit| unit * size).find(|step| step * 4.0 >= largest);
    let step = step.unwrap_or(10.0 * size);
    let step = if step < 1.0 && largest > 1.0 { 1.0 } else { step };
    (step * (largest / step).ceil().max(1.0), step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_on_a_round_number_above_the_largest() {
        assert_eq!(axis(97.0), (100.0, 25.0));
        assert_eq!(axis(1234.0), (1500.0, 500.0));
        assert_eq!(axis(0.0), (1.0, 1.0));
        assert_eq!(axis(3.0), (3.0, 1.0));
    }

    #[test]
    fn every_class_that_a_chart_uses_has_a_look() {
        let number = |value: f64| format!("{value:.0}");
        for width in [NARROW, WIDE] {
            let style = Style { number: &number, withheld: "withheld", width };
            let marks = vec![Mark::Value(3.0), Mark::Withheld, Mark::None];
            let names = ["a", "b", "c"].map(|name| Series { name: name.to_owned(), is_reference: name == "c" });
            let plain = ["a", "b", "c"].map(str::to_owned);
            let drawn = [
                bars(&[Bar { label: "x".to_owned(), marks: marks.clone() }], &plain, &style, "i"),
                dots(&[Dots { label: "x".to_owned(), marks: marks.clone() }], &names, &style, "i"),
                heat(
                    &Heat {
                        rows: vec!["x".to_owned()],
                        columns: plain.to_vec(),
                        marks: vec![marks.clone()],
                        ..Heat::default()
                    },
                    &style,
                    "i",
                ),
                turnover(
                    &[Turnover { label: "x".to_owned(), parts: marks, total: "9".to_owned(), note: String::new() }],
                    &plain,
                    &style,
                    "i",
                ),
            ];
            for svg in drawn {
                for class in svg.split("class=\"").skip(1).filter_map(|part| part.split('"').next()) {
                    for name in class.split(' ') {
                        let is_styled = STYLE.split(['.', '{', ',']).any(|part| part.trim() == name);
                        assert!(is_styled, "{name} in {class}");
                    }
                }
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            }
        }
    }
}
