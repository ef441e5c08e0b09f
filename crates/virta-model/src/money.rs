//! Money in integer cents, and the one rule that spreads it over days.

/// An amount in cents. May be negative: corrections are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cents(pub i64);

/// Rule 1: the cost of the first `days` of a stay of `stay_days` days, rounded down.
///
/// The cost of days `a + 1 ..= b` is `cost_up_to(cost, n, b) - cost_up_to(cost, n, a)`, so that adjacent periods
/// add up to the whole cost to the cent. `days` outside `0..=stay_days` is clamped.
///
/// ```
/// use virta_model::cost_up_to;
/// assert_eq!(cost_up_to(100, 3, 1), 33);
/// assert_eq!(cost_up_to(100, 3, 2), 66);
/// assert_eq!(cost_up_to(100, 3, 3), 100);
/// assert_eq!(cost_up_to(-100, 3, 1), -34);
/// ```
#[inline]
pub fn cost_up_to(cost_cents: i64, stay_days: i64, days: i64) -> i64 {
    if days >= stay_days {
        return cost_cents;
    }
    if days <= 0 {
        return 0;
    }
    match cost_cents.checked_mul(days) {
        Some(product) => product.div_euclid(stay_days),
        None => (i128::from(cost_cents) * i128::from(days)).div_euclid(i128::from(stay_days)) as i64,
    }
}
