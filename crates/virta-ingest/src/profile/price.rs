//! What a whole stay costs, from the price of a day or of a month.

use virta_model::Day;

/// The time that a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Day,
    Month,
}

/// The cost of the days from `first` to `last`, both included: a day's price times the days; or a month's price times
/// the days of each month over that month's length, summed up, with half a cent rounded up. `None` for no days, and for
/// more than fits.
pub(crate) fn whole(cents: i64, per: Per, first: Day, last: Day) -> Option<i64> {
    let days = i64::from(last.0) - i64::from(first.0) + 1;
    let cost = match per {
        _ if days <= 0 => return None,
        Per::Day => cents.checked_mul(days)?,
        Per::Month => of_months(cents, first, last)?,
    };
    // The smallest number stands for null in packed rows.
    (cost != i64::MIN).then_some(cost)
}

/// Divisible by every length of a month, so that the sum has no remainder.
const PARTS_OF_A_MONTH: i128 = 28 / 4 * 29 * 31 * 60;

fn of_months(cents: i64, first: Day, last: Day) -> Option<i64> {
    let mut parts: i128 = 0;
    let mut from = first;
    while from <= last {
        let (year, month, day) = from.ymd();
        let next = if month == 12 { Day::from_ymd(year + 1, 1, 1)? } else { Day::from_ymd(year, month + 1, 1)? };
        let length = next.0 - from.0 + day as i32 - 1;
        let days = next.0.min(last.0 + 1) - from.0;
        parts += PARTS_OF_A_MONTH / i128::from(length) * i128::from(days);
        from = next;
    }
    let cost = i128::from(cents) * parts;
    i64::try_from((2 * cost + PARTS_OF_A_MONTH).div_euclid(2 * PARTS_OF_A_MONTH)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse_iso(text).unwrap()
    }

    #[test]
    fn a_month_can_be_cut_into_parts_of_each_length() {
        for length in 28..=31 {
            assert_eq!(PARTS_OF_A_MONTH % length, 0, "{length}");
        }
    }

    #[test]
    fn a_stay_costs_its_days_or_its_parts_of_months() {
        for (cents, per, first, last, cost) in [
            (5_000, Per::Day, "2024-01-10", "2024-01-10", Some(5_000)),
            (5_000, Per::Day, "2024-02-28", "2024-03-01", Some(15_000)),
            (5_000, Per::Day, "2024-01-10", "2024-01-09", None),
            // Whole months cost their price, whatever their length.
            (31_000, Per::Month, "2024-01-01", "2024-01-31", Some(31_000)),
            (31_000, Per::Month, "2023-02-01", "2023-02-28", Some(31_000)),
            (31_000, Per::Month, "2023-12-01", "2024-11-30", Some(372_000)),
            (31_000, Per::Month, "2024-01-31", "2024-01-31", Some(1_000)),
            // 22 of 31 days of January, 29 of 29 of February, 6 of 31 of March: 961.05 EUR x 1.903226.
            (96_105, Per::Month, "2024-01-10", "2024-03-06", Some(182_910)),
            // 10 of 31 and 10 of 30 days are 6,559.1397... cents; each rounded alone would be as much.
            (10_000, Per::Month, "2023-03-22", "2023-04-10", Some(6_559)),
            // Half a cent up: 15 of 30 days.
            (1, Per::Month, "2024-04-01", "2024-04-15", Some(1)),
            (1, Per::Month, "2024-04-01", "2024-04-14", Some(0)),
            (-1, Per::Month, "2024-04-01", "2024-04-15", Some(0)),
            (-3, Per::Month, "2024-04-01", "2024-04-16", Some(-2)),
            // 0.5 + 0.5 cents of two months make one cent, not two.
            (1, Per::Month, "2024-04-16", "2024-06-15", Some(2)),
            (i64::MAX, Per::Day, "2024-01-01", "2024-01-02", None),
            (i64::MAX, Per::Month, "2024-01-01", "2024-02-29", None),
            (i64::MAX, Per::Month, "2024-01-01", "2024-01-31", Some(i64::MAX)),
        ] {
            assert_eq!(whole(cents, per, day(first), day(last)), cost, "{cents} {per:?} {first} {last}");
        }
    }
}
