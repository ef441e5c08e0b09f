//! Charts as inline SVG: no script, no fonts or files from elsewhere, colours from the page's style so that they follow
//! light, dark and print. Series differ by pattern as well as by colour.

mod bars;
mod heat;
mod lines;
mod sankey;
mod stack;
mod svg;
mod upset;
mod whiskers;

pub(crate) use bars::{Bar, bars};
pub(crate) use heat::{Heat, heat};
pub(crate) use lines::{Line, Lines, lines};
pub(crate) use sankey::{Flow, sankey};
pub(crate) use stack::{Stack, stack};
pub(crate) use upset::{Set, upset};
pub(crate) use whiskers::{Point, Whisker, whiskers};

/// Width of every chart in its own units; the page scales it.
pub(crate) const WIDTH: f64 = 720.0;

/// What a chart shows at one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Mark {
    Value(f64),
    Withheld,
    /// Nothing there.
    None,
}

impl Mark {
    pub(crate) fn value(self) -> Option<f64> {
        match self {
            Mark::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// How the numbers of a chart are written, and what stands for a withheld one.
pub(crate) struct Style<'a> {
    pub(crate) number: &'a dyn Fn(f64) -> String,
    pub(crate) withheld: &'a str,
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
}
