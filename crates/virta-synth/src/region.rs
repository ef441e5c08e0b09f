//! What a region is asked to be.

use virta_model::Day;

use crate::SynthError;

/// A synthetic region. The same options give the same bytes on every machine and with any number of threads.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RegionOptions {
    /// People, of whom some use nothing. At most 1,000,000,000.
    pub clients: u64,
    pub(crate) first_year: i32,
    pub(crate) last_year: i32,
    pub seed: u64,
    /// The share of delivered rows after which a dirty one follows: 0.02 is two in a hundred. At most 0.5.
    pub dirt: f64,
}

impl Default for RegionOptions {
    fn default() -> Self {
        RegionOptions { clients: 20_000, first_year: 2013, last_year: 2015, seed: 1, dirt: 0.0 }
    }
}

impl RegionOptions {
    pub fn new(clients: u64, years: std::ops::RangeInclusive<i32>, seed: u64) -> Self {
        RegionOptions { clients, first_year: *years.start(), last_year: *years.end(), seed, dirt: 0.0 }
    }

    /// The same with dirty rows.
    pub fn with_dirt(self, dirt: f64) -> Self {
        RegionOptions { dirt, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), SynthError> {
        if self.clients > 1_000_000_000 {
            return Err(SynthError::Options("a region has at most 1,000,000,000 clients"));
        }
        if !(1990..=2090).contains(&self.first_year) || !(self.first_year..=2090).contains(&self.last_year) {
            return Err(SynthError::Options("years lie in 1990..=2090, the earlier first"));
        }
        if self.last_year - self.first_year >= YEARS_MAX {
            return Err(SynthError::Options("a region has at most 30 years: every year opens files of its own"));
        }
        if !(0.0..=0.5).contains(&self.dirt) {
            return Err(SynthError::Options("dirt is a share of rows in 0..=0.5"));
        }
        Ok(())
    }

    pub(crate) fn years(&self) -> std::ops::RangeInclusive<i32> {
        self.first_year..=self.last_year
    }

    pub(crate) fn first_day(&self) -> Day {
        new_year(self.first_year)
    }

    pub(crate) fn last_day(&self) -> Day {
        Day(new_year(self.last_year + 1).0 - 1)
    }

    /// Dirty rows per 100,000 rows.
    pub(crate) fn dirt_per_100_000(&self) -> u32 {
        (self.dirt * 100_000.0).round() as u32
    }
}

const YEARS_MAX: i32 = 30;

pub(crate) fn new_year(year: i32) -> Day {
    day(year, 1, 1)
}

/// A day of the calendar that the program itself names.
pub(crate) fn day(year: i32, month: u32, day: u32) -> Day {
    Day::from_ymd(year, month, day).unwrap_or(Day(0))
}
