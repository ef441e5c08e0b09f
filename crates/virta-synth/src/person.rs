//! The people of the region.

use virta_model::{Day, days_in_month};

use crate::random::{Purpose, Rng, mix};
use crate::region::{RegionOptions, new_year};

/// Municipalities of Central Ostrobothnia and one of each of two counties beside it, with shares of the population in per
/// mille. The people are invented.
pub(crate) const MUNICIPALITIES: &[(&str, u32)] =
    &[("272", 700), ("217", 80), ("236", 63), ("074", 17), ("421", 11), ("584", 40), ("599", 43), ("005", 46)];

/// What decides how a person uses services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment {
    None,
    Light,
    Chronic,
    Elderly,
    Psychiatric,
    Substance,
    ChildWelfare,
    Disability,
    /// Many needs at once: the planted heavy users.
    Complex,
}

const SEGMENTS: [Segment; 9] = [
    Segment::None,
    Segment::Light,
    Segment::Chronic,
    Segment::Elderly,
    Segment::Psychiatric,
    Segment::Substance,
    Segment::ChildWelfare,
    Segment::Disability,
    Segment::Complex,
];

#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// 0-based number in the region.
    pub(crate) index: u64,
    pub(crate) pseudonym: String,
    pub(crate) birth: Day,
    pub(crate) is_female: bool,
    pub(crate) language: &'static str,
    /// Municipality before and after a move inside the region, by position.
    pub(crate) homes: [usize; 2],
    pub(crate) moved_on: Option<Day>,
    pub(crate) observed_from: Day,
    /// Last day in the region of someone who moved away.
    pub(crate) left_on: Option<Day>,
    pub(crate) died_on: Option<Day>,
    /// Visitors use services and are on no client list.
    pub(crate) is_listed: bool,
    pub(crate) segment: Segment,
}

impl Person {
    pub(crate) fn new(options: &RegionOptions, index: u64) -> Self {
        let mut rng = Rng::new(options.seed, Purpose::Life, index);
        let age = age_at_start(&mut rng);
        // Some are born during the years.
        let years = options.last_year - options.first_year + 1;
        let is_newborn = rng.per_mille(10 * years.unsigned_abs().min(20));
        let birth_year =
            if is_newborn { rng.between(options.first_year, options.last_year) } else { options.first_year - 1 - age };
        let birth = some_day(&mut rng, birth_year);
        let age = if is_newborn { 0 } else { age };
        let (first, last) = (options.first_day(), options.last_day());

        let mut observed_from = birth;
        if !is_newborn && rng.per_mille(15 * years.unsigned_abs().min(20)) {
            observed_from = Day(rng.between(first.0, last.0)).max(birth);
        } else if rng.per_mille(300) {
            observed_from = Day(rng.between(birth.0, first.0)).max(birth);
        }
        let after = |rng: &mut Rng| Day(rng.between(observed_from.0.max(first.0), last.0));
        let left_on = rng.per_mille(14 * years.unsigned_abs().min(20)).then(|| after(&mut rng));
        let deaths_per_mille = match age {
            0..=39 => 0,
            40..=64 => 3,
            65..=79 => 18,
            _ => 95,
        };
        let dies = rng.per_mille((deaths_per_mille * years.unsigned_abs()).min(950));
        let died_on = dies.then(|| after(&mut rng)).filter(|_| left_on.is_none());
        let home = rng.pick(&MUNICIPALITIES.map_weights());
        let moves = rng.per_mille(40);
        let other_home = rng.pick(&MUNICIPALITIES.map_weights());
        let person = Person {
            index,
            pseudonym: pseudonym(options.seed, index),
            birth,
            is_female: rng.per_mille(505),
            language: ["fi", "sv", "99"][rng.pick(&[865, 100, 35])],
            homes: [home, if moves { other_home } else { home }],
            moved_on: moves.then(|| after(&mut rng)),
            observed_from,
            left_on,
            died_on,
            is_listed: !rng.per_mille(8),
            segment: SEGMENTS[rng.pick(segment_weights(age))],
        };
        if index == 0 { person.the_last_visitor(options) } else { person }
    }

    /// The person who visits on the last day of the years: the day that open stays are known to reach is then the same
    /// in every region, however small.
    fn the_last_visitor(self, options: &RegionOptions) -> Self {
        let observed_from = self.observed_from.min(options.first_day()).max(self.birth);
        Person { observed_from, left_on: None, died_on: None, is_listed: true, ..self }
    }

    pub(crate) fn is_last_visitor(&self) -> bool {
        self.index == 0
    }

    /// The last day in the region, if it is known to end.
    pub(crate) fn last_day(&self) -> Option<Day> {
        self.died_on.or(self.left_on)
    }

    /// The last day of the years on which the person lives in the region.
    pub(crate) fn last_known(&self, options: &RegionOptions) -> Day {
        self.last_day().map_or(options.last_day(), |last| last.min(options.last_day()))
    }

    pub(crate) fn municipality_on(&self, day: Day) -> &'static str {
        let has_moved = self.moved_on.is_some_and(|moved_on| moved_on <= day);
        MUNICIPALITIES[self.homes[usize::from(has_moved)]].0
    }

    /// Where the person lives by the newest client list that has the person; `None` for somebody on none.
    pub(crate) fn known_municipality(&self, options: &RegionOptions) -> Option<&'static str> {
        let ends = options.years().map(|year| (new_year(year), Day(new_year(year + 1).0 - 1)));
        let newest = ends.rev().find(|(first, last)| self.is_listed && self.is_observed(*first, *last));
        newest.map(|(_, last)| self.municipality_on(last))
    }

    /// Whether the person lives in the region on some day of `first..=last`.
    pub(crate) fn is_observed(&self, first: Day, last: Day) -> bool {
        self.observed_from <= last && self.last_day().is_none_or(|day| day >= first)
    }
}

/// A nine-digit number behind a letter: unique, in no order, and never mistaken for an identity code.
pub(crate) fn pseudonym(seed: u64, index: u64) -> String {
    const RANGE: u64 = 1_000_000_000;
    // 3^18 and 10^9 have no common factor, so that the product runs through every number once.
    format!("R{:09}", (index % RANGE * 387_420_489 + mix(seed) % RANGE) % RANGE)
}

trait Weights {
    fn map_weights(&self) -> [u32; 8];
}

impl Weights for [(&str, u32)] {
    fn map_weights(&self) -> [u32; 8] {
        std::array::from_fn(|at| self.get(at).map_or(0, |row| row.1))
    }
}

fn age_at_start(rng: &mut Rng) -> i32 {
    let band = rng.pick(&[190, 250, 300, 175, 85]);
    let (first, last) = [(0, 17), (18, 39), (40, 64), (65, 79), (80, 98)][band];
    rng.between(first, last)
}

fn some_day(rng: &mut Rng, year: i32) -> Day {
    let month = 1 + rng.below(12);
    let day = 1 + rng.below(days_in_month(year, month));
    Day::from_ymd(year, month, day).unwrap_or(Day(0))
}

/// Weights of [`SEGMENTS`], in per mille.
fn segment_weights(age: i32) -> &'static [u32; 9] {
    match age {
        0..=17 => &[110, 755, 75, 0, 6, 0, 38, 14, 2],
        18..=64 => &[190, 614, 115, 0, 36, 15, 0, 12, 18],
        65..=79 => &[70, 545, 320, 42, 12, 4, 0, 2, 5],
        _ => &[25, 285, 340, 345, 3, 0, 0, 0, 2],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use virta_model::hetu;

    use super::*;

    #[test]
    fn pseudonyms_are_unique_and_no_identity_codes() {
        let all: HashSet<_> = (0..100_000).map(|index| pseudonym(7, index)).collect();
        assert_eq!(all.len(), 100_000);
        assert!(!all.iter().any(|text| hetu::occurs_in(text.as_bytes())));
    }

    #[test]
    fn observation_begins_no_earlier_than_birth_and_ends_no_earlier_than_it_began() {
        let options = RegionOptions { clients: 3000, ..RegionOptions::default() };
        for index in 0..options.clients {
            let person = Person::new(&options, index);
            assert!(person.observed_from >= person.birth);
            assert!(person.last_day().is_none_or(|last| last >= person.observed_from));
        }
    }
}
