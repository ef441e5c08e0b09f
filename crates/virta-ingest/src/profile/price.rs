//! What a whole stay costs, from the price of a day or of a month.

use virta_model::Day;

/// The time that a price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Day,
    Month,
}

/// Prices have two digits more than cents: a day may cost 45.125 EUR, and thirty of them 1,353.75.
pub(crate) const DIGITS_OF_A_CENT: u32 = 2;

const PARTS_OF_A_CENT: i128 = 10i128.pow(DIGITS_OF_A_CENT);

/// The cost in cents of the days from `first` to `last`, both included, from a price in hundredths of a cent: a day's
/// price times the days; or a month's price times the days of each month over that month's length, summed up. Half a
/// cent is rounded up, once. `None` for no days, and for more than fits.
pub(crate) fn whole(price: i64, per: Per, first: Day, last: Day) -> Option<i64> {
    let days = i64::from(last.0) - i64::from(first.0) + 1;
    let (times, parts) = match per {
        _ if days <= 0 => return None,
        Per::Day => (i128::from(days), 1),
        Per::Month => (months(first, last)?, PARTS_OF_A_MONTH),
    };
    let (cost, parts) = (i128::from(price) * times, parts * PARTS_OF_A_CENT);
    let cents = i64::try_from((2 * cost + parts).div_euclid(2 * parts)).ok()?;
    // The smallest number stands for null in packed rows.
    (cents != i64::MIN).then_some(cents)
}

/// Divisible by every length of a month, so that the sum has no remainder.
const PARTS_OF_A_MONTH: i128 = 28 / 4 * 29 * 31 * 60;

/// Parts of months from one day to another.
fn months(first: Day, last: Day) -> Option<i128> {
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
    Some(parts)
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
        ] {
            assert_eq!(whole(100 * cents, per, day(first), day(last)), cost, "{cents} {per:?} {first} {last}");
        }
    }

    #[test]
    fn a_price_finer_than_cents_is_rounded_once() {
        for (price, per, last, cost) in [
            (451_250, Per::Day, "2024-04-30", Some(135_375)),
            (3_350, Per::Day, "2024-04-03", Some(101)),
            (-3_350, Per::Day, "2024-04-03", Some(-100)),
            (3_350, Per::Day, "2024-04-01", Some(34)),
            (100_050, Per::Month, "2024-05-31", Some(2_001)),
            (i64::MAX, Per::Day, "2024-04-02", Some(184_467_440_737_095_516)),
            (i64::MAX, Per::Day, "2024-12-31", None),
            (i64::MAX, Per::Month, "2033-12-31", None),
        ] {
            assert_eq!(whole(price, per, day("2024-04-01"), day(last)), cost, "{price} {per:?} {last}");
        }
    }
}
