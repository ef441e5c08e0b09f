//! Figures that the report makes from shown ones: their only home. Nothing here sees a withheld figure, so nothing made
//! here says more than what is already shown.

use crate::view::Row;

/// A part of a whole, with the whole that it is of: how many digits it supports depends on that.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share {
    pub(crate) value: f64,
    pub(crate) whole: i64,
}

/// A shown number as a share of a shown whole.
pub(crate) fn share(part: Option<i64>, whole: Option<i64>) -> Option<Share> {
    let (part, whole) = part.zip(whole).filter(|(part, whole)| *whole > 0 && *part >= 0)?;
    // Numbers that are rounded apart may exceed their whole.
    Some(Share { value: (part as f64 / whole as f64).min(1.0), whole })
}

/// A shown amount by a shown number: cost by clients.
pub(crate) fn per(amount: Option<i64>, number: Option<i64>) -> Option<f64> {
    let (amount, number) = amount.zip(number).filter(|(_, number)| *number > 0)?;
    Some(amount as f64 / number as f64)
}

/// What is left of a shown number without a shown part of it; none where rounding has made the part larger.
pub(crate) fn rest(whole: Option<i64>, part: Option<i64>) -> Option<i64> {
    let (whole, part) = whole.zip(part)?;
    Some((whole - part).max(0))
}

/// The sum of a column over rows, all of them shown.
pub(crate) fn sum(rows: &[Row<'_>], column: &str) -> Option<i64> {
    if rows.is_empty() {
        return None;
    }
    rows.iter().map(|row| row.int(column)).sum()
}

/// How many people a tenth of shown people is.
pub(crate) fn tenth(people: i64) -> i64 {
    (people + 5) / 10
}
