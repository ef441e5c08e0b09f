//! Days, ages and the calendar arithmetic that every other rule stands on.

use std::fmt;

use crate::codes::BirthPrecision;

/// A local calendar day, counted from 1970-01-01. Years 0 to 9999 can be written and parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day of a civil date, or `None` for an impossible one.
    ///
    /// ```
    /// use virta_model::Day;
    /// assert_eq!(Day::from_ymd(1970, 1, 1), Some(Day(0)));
    /// assert_eq!(Day::from_ymd(2013, 2, 29), None);
    /// ```
    pub const fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        if year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        // The days-from-civil algorithm: years begin in March, so that the leap day comes last.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y - era * 400;
        let month_from_march = (month as i32 + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Day(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month (1..=12) and day of the month (1..=31).
    pub const fn ymd(self) -> (i32, u32, u32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z - era * 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month as u32, day as u32)
    }

    pub const fn year(self) -> i32 {
        self.ymd().0
    }

    /// ISO weekday: 1 is Monday, 7 is Sunday.
    pub const fn weekday(self) -> u32 {
        ((self.0 + 3).rem_euclid(7) + 1) as u32
    }

    /// Reads `yyyy-mm-dd` and nothing else.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        Day::from_ymd(digits(&bytes[0..4])? as i32, digits(&bytes[5..7])?, digits(&bytes[8..10])?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days of a month of the Gregorian calendar.
pub const fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap_year(year) => 29,
        2 => 28,
        _ => 31,
    }
}

pub(crate) const fn is_leap_year(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Rule 2: whole years lived on `at`.
///
/// Who is born on 29 February turns a year older on 1 March in common years. With less than day precision the
/// age is exact to what is known: months are compared when the month is known, otherwise only years.
/// Before birth the age is negative.
pub fn age_on(birth: Day, precision: BirthPrecision, at: Day) -> i32 {
    let (birth_year, birth_month, birth_day) = birth.ymd();
    let (year, month, day) = at.ymd();
    let years = year - birth_year;
    let birthday_is_ahead = match precision {
        BirthPrecision::Day => (month, day) < (birth_month, birth_day),
        BirthPrecision::Month => month < birth_month,
        BirthPrecision::Year => false,
    };
    if birthday_is_ahead { years - 1 } else { years }
}

/// The first day on which somebody may have been born, as far as the birth date is known. Nobody is observed before it,
/// and from it on [`age_on`] is not below 0.
pub fn earliest_birth(birth: Day, precision: BirthPrecision) -> Day {
    let (year, month, day) = birth.ymd();
    let (month, day) = match precision {
        BirthPrecision::Day => (month, day),
        BirthPrecision::Month => (month, 1),
        BirthPrecision::Year => (1, 1),
    };
    Day::from_ymd(year, month, day).unwrap_or(birth)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse_iso(text).expect(text)
    }

    #[test]
    fn every_day_of_four_centuries_survives_the_round_trip() {
        for number in day("1800-01-01").0..=day("2199-12-31").0 {
            let (y, m, d) = Day(number).ymd();
            assert_eq!(Day::from_ymd(y, m, d), Some(Day(number)));
            assert_eq!(Day::parse_iso(&Day(number).to_string()), Some(Day(number)));
        }
    }

    #[test]
    fn weekdays_are_iso() {
        assert_eq!(day("1970-01-01").weekday(), 4);
        assert_eq!(day("2014-12-31").weekday(), 3);
        assert_eq!(day("1969-12-29").weekday(), 1);
    }

    #[test]
    fn a_leapling_turns_older_on_the_first_of_march_in_common_years() {
        let birth = day("1996-02-29");
        for (at, age) in [("2014-02-28", 17), ("2014-03-01", 18), ("2016-02-28", 19), ("2016-02-29", 20)] {
            assert_eq!(age_on(birth, BirthPrecision::Day, day(at)), age, "{at}");
        }
    }

    #[test]
    fn from_the_earliest_day_of_birth_on_nobody_has_an_age_below_zero() {
        use BirthPrecision::{Day as Exact, Month, Year};
        for (precision, first) in [(Exact, "2015-03-17"), (Month, "2015-03-01"), (Year, "2015-01-01")] {
            let first = day(first);
            assert_eq!(earliest_birth(day("2015-03-17"), precision), first);
            assert_eq!(age_on(day("2015-03-17"), precision, first), 0);
            assert_eq!(age_on(day("2015-03-17"), precision, Day(first.0 - 1)), -1);
        }
    }

    #[test]
    fn year_precision_compares_years_only() {
        assert_eq!(age_on(day("1996-12-31"), BirthPrecision::Year, day("2014-01-01")), 18);
        assert_eq!(age_on(day("1996-12-31"), BirthPrecision::Day, day("2014-12-30")), 17);
        assert_eq!(age_on(day("1996-12-31"), BirthPrecision::Day, day("2014-12-31")), 18);
    }
}
