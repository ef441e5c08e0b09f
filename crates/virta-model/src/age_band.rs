//! The age bands of every table, report and SQL function: their one home.

use crate::settings::AgeRange;

/// First ages of the bands, and what they are called where no population cuts them.
const BANDS: [(u32, &str); 9] = [
    (0, "0-17"),
    (18, "18-24"),
    (25, "25-34"),
    (35, "35-44"),
    (45, "45-54"),
    (55, "55-64"),
    (65, "65-74"),
    (75, "75-84"),
    (85, "85+"),
];

/// First ages of the bands of a population of minors, who would all be in one otherwise: before school, primary school,
/// older.
const OF_MINORS: [u32; 3] = [0, 7, 13];

/// First ages of the bands that rates are standardised for, in all populations alike: few enough that small regions have
/// residents in each.
pub const STANDARD_AGES: [i32; 6] = [0, 18, 35, 50, 65, 80];

/// The band of an age in whole years: `0-17`, then ten years each from `18-24` and `25-34` to `75-84`, and `85+`; `None`
/// for a negative age.
///
/// ```
/// use virta_model::age_band;
/// assert_eq!(age_band(17), Some("0-17"));
/// assert_eq!(age_band(18), Some("18-24"));
/// assert_eq!(age_band(64), Some("55-64"));
/// assert_eq!(age_band(65), Some("65-74"));
/// assert_eq!(age_band(84), Some("75-84"));
/// assert_eq!(age_band(85), Some("85+"));
/// assert_eq!(age_band(-1), None);
/// ```
pub fn age_band(age: i32) -> Option<&'static str> {
    let age = u32::try_from(age).ok()?;
    BANDS.iter().rev().find(|(first, _)| *first <= age).map(|(_, name)| *name)
}

/// The part of life that an age in whole years belongs to, `0-17`, `18-64`, `65-79` or `80+`: who is compared with whom.
/// `None` for a negative age.
///
/// ```
/// use virta_model::life_stage;
/// assert_eq!([17, 18, 64, 65, 79, 80].map(life_stage), ["0-17", "18-64", "18-64", "65-79", "65-79", "80+"].map(Some));
/// assert_eq!(life_stage(-1), None);
/// ```
pub fn life_stage(age: i32) -> Option<&'static str> {
    match age {
        ..0 => None,
        0..=17 => Some("0-17"),
        18..=64 => Some("18-64"),
        65..=79 => Some("65-79"),
        80.. => Some("80+"),
    }
}

/// A stretch of ages in whole years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeBand {
    first: u32,
    /// `None` is without end.
    last: Option<u32>,
}

impl AgeBand {
    /// The bands of a population, ascending: those of [`age_band`] that have any of its ages, the outer ones cut to it.
    /// A population of minors alone has the bands `0-6`, `7-12` and `13-17`.
    ///
    /// ```
    /// use virta_model::{AgeBand, settings::AgeRange};
    /// let bands = |min, max| -> Vec<String> {
    ///     AgeBand::of(Some(AgeRange { min, max })).iter().map(AgeBand::label).collect()
    /// };
    /// assert_eq!(bands(18, 64), ["18-24", "25-34", "35-44", "45-54", "55-64"]);
    /// assert_eq!(bands(16, 25), ["16-17", "18-24", "25"]);
    /// assert_eq!(bands(0, 17), ["0-6", "7-12", "13-17"]);
    /// assert_eq!(bands(75, u32::MAX), ["75-84", "85+"]);
    /// assert_eq!(AgeBand::of(None).len(), 9);
    /// ```
    pub fn of(population: Option<AgeRange>) -> Vec<AgeBand> {
        let AgeRange { min, max } = population.unwrap_or(AgeRange { min: 0, max: u32::MAX });
        let firsts: Vec<u32> = match max {
            ..=17 => OF_MINORS.to_vec(),
            _ => BANDS.iter().map(|(first, _)| *first).collect(),
        };
        let ends = firsts.iter().skip(1).map(|next| next - 1).chain([u32::MAX]);
        let bands = firsts.iter().zip(ends).filter(|(first, last)| **first <= max && *last >= min);
        bands
            .map(|(&first, last)| AgeBand {
                first: first.max(min),
                last: Some(last.min(max)).filter(|last| *last < u32::MAX),
            })
            .collect()
    }

    /// Whether an age belongs to it; a negative age belongs to none.
    pub fn contains(&self, age: i32) -> bool {
        u32::try_from(age).is_ok_and(|age| self.first <= age && self.last.is_none_or(|last| age <= last))
    }

    /// `18-24`, `85+`, or a single age.
    pub fn label(&self) -> String {
        match self.last {
            None => format!("{}+", self.first),
            Some(last) if last == self.first => last.to_string(),
            Some(last) => format!("{}-{last}", self.first),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_population_the_bands_are_those_of_the_function() {
        let bands = AgeBand::of(None);
        for age in -2..120 {
            let found = bands.iter().find(|band| band.contains(age)).map(AgeBand::label);
            assert_eq!(found.as_deref(), age_band(age), "{age}");
        }
    }

    #[test]
    fn every_age_of_a_population_is_in_one_band_and_no_other_age_in_any() {
        for (min, max) in [(0, 0), (0, 17), (5, 18), (17, 17), (18, 64), (20, 90), (85, 200), (0, u32::MAX)] {
            let bands = AgeBand::of(Some(AgeRange { min, max }));
            for age in 0..210_i32 {
                let inside = (min..=max).contains(&(age as u32));
                let count = bands.iter().filter(|band| band.contains(age)).count();
                assert_eq!(count, usize::from(inside), "{age} in {min}..{max}");
            }
        }
    }
}
