//! Ages, days and costs, counted one day at a time.

use virta_model::{BirthPrecision, Day};

/// Both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: Day,
    pub to: Day,
}

impl Window {
    pub fn days(self) -> impl Iterator<Item = Day> {
        (self.from.0..=self.to.0).map(Day)
    }

    pub fn has(self, day: Day) -> bool {
        self.from <= day && day <= self.to
    }
}

/// Rule 2, by living through the days: how many birthdays have come by `at`. Negative before birth.
///
/// With month precision the birthday is the first of the month, with year precision the first of January. A birthday
/// on 29 February is kept on 1 March in common years.
pub fn age(birth: Day, precision: BirthPrecision, at: Day) -> i32 {
    let (birth_year, month, day) = birth.ymd();
    let (month, day) = match precision {
        BirthPrecision::Day => (month, day),
        BirthPrecision::Month => (month, 1),
        BirthPrecision::Year => (1, 1),
    };
    let mut age = -200;
    for year in birth_year - 199..=at.year() {
        let birthday = Day::from_ymd(year, month, day).or(Day::from_ymd(year, 3, 1));
        if birthday.is_some_and(|birthday| birthday <= at) {
            age = year - birth_year;
        }
    }
    age
}

/// Rule 1: what one day of a stay costs, when the cost up to day d of n is `cost * d / n` rounded down.
pub fn cost_of_day(cost: i64, stay_days: i64, day: i64) -> i64 {
    let up_to = |d: i64| (i128::from(cost) * i128::from(d)).div_euclid(i128::from(stay_days)) as i64;
    up_to(day) - up_to(day - 1)
}

/// The months that a window touches, each cut to the window, with their `yyyy-mm`.
pub fn months(window: Window) -> Vec<(String, Window)> {
    let mut months: Vec<(String, Window)> = Vec::new();
    for day in window.days() {
        let (year, month, _) = day.ymd();
        let label = format!("{year:04}-{month:02}");
        match months.last_mut() {
            Some((last, window)) if *last == label => window.to = day,
            _ => months.push((label, Window { from: day, to: day })),
        }
    }
    months
}

/// What a municipality was called in a year: mergers by the decisions that the government published, one after another.
pub fn municipality_in(code: &str, year: i32) -> &str {
    let known = match code {
        "476" if year >= 2015 => "297",
        "413" if year >= 2015 => "609",
        "319" if year >= 2016 => "783",
        "532" if year >= 2016 => "398",
        "174" if year >= 2017 => "297",
        "442" if year >= 2017 => "051",
        _ => return code,
    };
    municipality_in(known, year)
}
