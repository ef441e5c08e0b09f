//! Working days by the Finnish calendar.

use crate::day::Day;

/// Easter Sunday of a year of the Gregorian calendar, by the computus of Meeus, Jones and Butcher.
///
/// ```
/// use virta_model::{Day, easter};
/// assert_eq!(easter(2014), Day::from_ymd(2014, 4, 20));
/// assert_eq!(easter(2008), Day::from_ymd(2008, 3, 23));
/// ```
pub fn easter(year: i32) -> Option<Day> {
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let moon = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let correction = (golden + 11 * epact + 22 * to_sunday) / 451;
    let from_march = epact + to_sunday - 7 * correction + 114;
    Day::from_ymd(year, (from_march / 31) as u32, (from_march % 31 + 1) as u32)
}

/// Working days after `from` up to and with `to`: 0 on the same day, 1 from a Monday to the Tuesday, and from a Friday to
/// the Monday. 0 when `to` is not after `from`.
///
/// ```
/// use virta_model::{Day, working_days_between};
/// let day = |month, day| Day::from_ymd(2014, month, day).unwrap();
/// // Thursday before Easter to Wednesday after it: Tuesday and Wednesday.
/// assert_eq!(working_days_between(day(4, 17), day(4, 23)), 2);
/// ```
pub fn working_days_between(from: Day, to: Day) -> i64 {
    if to <= from {
        return 0;
    }
    let weekdays = weekdays_up_to(to) - weekdays_up_to(from);
    let free = (from.year()..=to.year()).map(|year| {
        let mut days = holidays(year);
        days.sort_unstable();
        // Ascension Day can be May Day: a day counts once.
        let distinct = days.iter().enumerate().filter(|(at, day)| *at == 0 || days.get(at - 1) != Some(*day));
        distinct.filter(|(_, day)| day.is_some_and(|day| from < day && day <= to && day.weekday() <= 5)).count() as i64
    });
    weekdays - free.sum::<i64>()
}

/// Mondays to Fridays from a Monday long ago up to and with a day.
fn weekdays_up_to(day: Day) -> i64 {
    // Day -3 is a Monday.
    let days = i64::from(day.0) + 3;
    days.div_euclid(7) * 5 + (days.rem_euclid(7) + 1).min(5)
}

/// The holidays of a year that can fall on a Monday to Friday: the church holidays that can, Independence Day, May Day, and
/// the eves of Midsummer and Christmas, as the Act on the calculation of time limits (150/1930, section 5) has them.
fn holidays(year: i32) -> [Option<Day>; 11] {
    let fixed = |month, day| Day::from_ymd(year, month, day);
    let from_easter = |days: i32| easter(year).map(|easter| Day(easter.0 + days));
    // The Friday from 19 to 25 June.
    let midsummer_eve = fixed(6, 19).map(|first| Day(first.0 + (12 - first.weekday() as i32) % 7));
    [
        fixed(1, 1),
        fixed(1, 6),
        from_easter(-2),
        from_easter(1),
        fixed(5, 1),
        from_easter(39),
        midsummer_eve,
        fixed(12, 6),
        fixed(12, 24),
        fixed(12, 25),
        fixed(12, 26),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_working_day(day: Day) -> bool {
        day.weekday() <= 5 && !holidays(day.year()).contains(&Some(day))
    }

    fn day(text: &str) -> Day {
        Day::parse_iso(text).expect(text)
    }

    #[test]
    fn easter_falls_where_almanacs_say() {
        for text in ["1990-04-15", "2000-04-23", "2011-04-24", "2013-03-31", "2016-03-27", "2019-04-21", "2038-04-25"] {
            assert_eq!(easter(day(text).year()), Some(day(text)));
        }
    }

    #[test]
    fn holidays_of_two_years_are_those_of_the_almanac() {
        let free = |year: i32| -> Vec<String> {
            let days = day(&format!("{year}-01-01")).0..=day(&format!("{year}-12-31")).0;
            days.map(Day).filter(|day| day.weekday() <= 5 && !is_working_day(*day)).map(|day| day.to_string()).collect()
        };
        let of_2013 = [
            "2013-01-01",
            "2013-03-29",
            "2013-04-01",
            "2013-05-01",
            "2013-05-09",
            "2013-06-21",
            "2013-12-06",
            "2013-12-24",
            "2013-12-25",
            "2013-12-26",
        ];
        assert_eq!(free(2013), of_2013);
        // Epiphany on a Monday; Independence Day on a Saturday.
        let of_2014 = [
            "2014-01-01",
            "2014-01-06",
            "2014-04-18",
            "2014-04-21",
            "2014-05-01",
            "2014-05-29",
            "2014-06-20",
            "2014-12-24",
            "2014-12-25",
            "2014-12-26",
        ];
        assert_eq!(free(2014), of_2014);
    }

    #[test]
    fn midsummer_eve_is_the_friday_from_19_to_25_june() {
        for text in ["2015-06-19", "2016-06-24", "2020-06-19", "2010-06-25"] {
            assert!(!is_working_day(day(text)), "{text}");
        }
        assert!(is_working_day(day("2015-06-26")));
    }

    #[test]
    fn a_weekend_adds_nothing() {
        for (from, to, days) in [
            ("2013-02-04", "2013-02-04", 0),
            ("2013-02-04", "2013-02-05", 1),
            ("2013-02-08", "2013-02-09", 0),
            ("2013-02-08", "2013-02-10", 0),
            ("2013-02-08", "2013-02-11", 1),
            ("2013-02-09", "2013-02-11", 1),
            ("2013-02-04", "2013-02-13", 7),
            ("2013-02-13", "2013-02-04", 0),
        ] {
            assert_eq!(working_days_between(day(from), day(to)), days, "{from} to {to}");
        }
    }

    #[test]
    fn christmas_and_new_year_are_left_out() {
        // 27, 30, 31 December, 2 and 3 January.
        assert_eq!(working_days_between(day("2013-12-23"), day("2014-01-03")), 5);
        assert_eq!(working_days_between(day("2013-12-23"), day("2014-01-06")), 5);
    }

    #[test]
    fn ascension_day_on_may_day_is_one_day_off() {
        // 30 April and 2 May 2008 are working days, 1 May is both holidays.
        assert_eq!(working_days_between(day("2008-04-29"), day("2008-05-02")), 2);
    }

    #[test]
    fn counting_day_by_day_gives_the_same() {
        for start in (day("2007-12-20").0..day("2017-01-10").0).step_by(37) {
            let mut count = 0;
            for next in 1..800 {
                count += i64::from(is_working_day(Day(start + next)));
                assert_eq!(working_days_between(Day(start), Day(start + next)), count, "{} + {next}", Day(start));
            }
        }
    }
}
