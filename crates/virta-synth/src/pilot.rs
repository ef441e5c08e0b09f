//! A pilot with a planted effect.

use virta_model::Day;

use crate::person::{Person, Segment};
use crate::random::{Rng, mix};
use crate::region::{RegionOptions, day};

/// The pilot's name in extracts and truth.
pub(crate) const PILOT_NAME: &str = "multi-service plan";

/// Of the emergency visits after the index date, so many in a thousand do not happen.
pub(crate) const PREVENTED_PER_MILLE: u32 = 400;

/// A client's part in the pilot: every eighth person with many needs, from a day in the middle year.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pilot {
    pub(crate) index_date: Day,
}

impl Pilot {
    pub(crate) fn of(options: &RegionOptions, person: &Person) -> Option<Self> {
        let draw = mix(options.seed ^ mix(person.index ^ 0x70_11_07));
        let takes_part = person.segment == Segment::Complex && person.is_listed && draw.is_multiple_of(8);
        let middle = day(i32::midpoint(options.first_year, options.last_year), 3, 1);
        let index_date = Day(middle.0 + ((draw >> 32) % 120) as i32);
        let is_there = person.observed_from <= index_date && person.last_day().is_none_or(|last| last >= index_date);
        (takes_part && is_there).then_some(Pilot { index_date })
    }

    pub(crate) fn prevents(self, rng: &mut Rng, visit: Day) -> bool {
        visit > self.index_date && rng.per_mille(PREVENTED_PER_MILLE)
    }
}
