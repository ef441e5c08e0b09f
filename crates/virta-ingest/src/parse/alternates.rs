//! What a person would be called if the profile made its pseudonyms good in another way.
//!
//! Hashed, they tell, once everybody is known, whether such a way would join people that are now strangers. Hashing costs
//! more than all else that a row takes, so that texts are kept until the sample of people is, and only its texts are hashed.

use std::fmt;

use virta_model::settings::LetterCase;

use crate::key::{Pseudonymiser, client_of};
use crate::parse::pseudonym::{in_case, is_short_of, padded, trim};

/// What would be done to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Way {
    pub trim: bool,
    pub case: Option<LetterCase>,
    /// 0: nothing.
    pub pad: u8,
}

/// A person, and who it would be in another way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alternate {
    pub client: i64,
    pub other: i64,
    pub way: Way,
}

/// A person, and what it would be called in another way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Noted {
    /// As good as random, and the same whenever the person comes up.
    draw: u64,
    client: i64,
    other: Box<[u8]>,
    way: Way,
}

/// Numbers longer than this have lost no zeros that anybody would miss.
const PAD_MAX: usize = 12;
/// Entries held while a file is read, and entries kept in the end. The sample must be one of all people, whichever
/// threads met them, so what is kept is far less than what any thread may hold.
const HELD_MAX: usize = 1 << 16;
const KEPT_MAX: usize = HELD_MAX / 4;

/// Alternates of a file's or a source's people: of all, or of a sample when there are too many.
#[derive(Clone)]
pub(crate) struct Alternates {
    entries: Vec<Noted>,
    /// People whose draw lies from here on are not in the sample.
    limit: u64,
}

// Texts of persons stay out of whatever is printed.
impl fmt::Debug for Alternates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alternates({})", self.entries.len())
    }
}

impl Default for Alternates {
    fn default() -> Self {
        Alternates { entries: Vec::new(), limit: u64::MAX }
    }
}

impl Alternates {
    /// Notes what a pseudonym that became `mac` would become in other ways.
    pub(crate) fn note(&mut self, text: &[u8], meant: &[u8], mac: u128) {
        let draw = mac as u64;
        if draw >= self.limit {
            return;
        }
        let bare = trim(text);
        let is_trimmed = bare.len() < text.len();
        let mut add = |other: &[u8], case, pad| {
            if other != meant {
                let (client, other) = (client_of(mac).0, Box::from(other));
                self.entries.push(Noted { draw, client, other, way: Way { trim: is_trimmed, case, pad } });
            }
        };
        if is_trimmed {
            add(bare, None, 0);
        }
        if is_short_of(bare, PAD_MAX) {
            for length in bare.len() + 1..=PAD_MAX {
                add(&padded(bare, length), None, length as u8);
            }
        } else {
            for case in [LetterCase::Upper, LetterCase::Lower] {
                let other = in_case(bare, case);
                // Where the profile changes the case, the text as it came is another case too.
                if *other != *bare || *other != *trim(meant) {
                    add(&other, Some(case), 0);
                }
            }
        }
        if self.entries.len() > HELD_MAX {
            self.keep(HELD_MAX / 2);
        }
    }

    pub(crate) fn add(&mut self, other: Alternates) {
        self.limit = self.limit.min(other.limit);
        self.entries.extend(other.entries);
        if self.entries.len() > HELD_MAX {
            self.keep(HELD_MAX / 2);
        }
    }

    /// The entries, each once, and the share of people that they stand for.
    pub(crate) fn finish(mut self, pseudonyms: &Pseudonymiser) -> (Vec<Alternate>, f64) {
        self.keep(KEPT_MAX);
        let share = if self.limit == u64::MAX { 1.0 } else { self.limit as f64 / u64::MAX as f64 };
        let hashed = |noted: &Noted| {
            let other = client_of(pseudonyms.mac(&noted.other)).0;
            Alternate { client: noted.client, other, way: noted.way }
        };
        (self.entries.iter().map(hashed).collect(), share)
    }

    /// Keeps the people with the smallest draws, with about so many entries.
    fn keep(&mut self, entries: usize) {
        let limit = self.limit;
        self.entries.retain(|entry| entry.draw < limit);
        self.entries.sort_unstable();
        self.entries.dedup();
        if let Some(first_out) = self.entries.get(entries) {
            self.limit = first_out.draw;
            let kept = self.entries.partition_point(|entry| entry.draw < first_out.draw);
            self.entries.truncate(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::ProjectKey;

    fn ways(text: &str, meant: &str) -> Vec<(Way, i64)> {
        let pseudonyms = ProjectKey::from_bytes([7; 32]).pseudonymiser("region");
        let mut alternates = Alternates::default();
        alternates.note(text.as_bytes(), meant.as_bytes(), pseudonyms.mac(meant.as_bytes()));
        alternates.finish(&pseudonyms).0.into_iter().map(|entry| (entry.way, entry.other)).collect()
    }

    fn client(text: &str) -> i64 {
        client_of(ProjectKey::from_bytes([7; 32]).pseudonymiser("region").mac(text.as_bytes())).0
    }

    #[test]
    fn a_text_has_the_alternates_that_change_it() {
        let way = |trim, case, pad| Way { trim, case, pad };
        assert_eq!(ways("AB1", "AB1"), [(way(false, Some(LetterCase::Lower), 0), client("ab1"))]);
        let mut found = ways(" ab1", " ab1");
        found.sort_unstable();
        assert_eq!(
            found,
            [(way(true, None, 0), client("ab1")), (way(true, Some(LetterCase::Upper), 0), client("AB1"))]
        );
        let mut found = ways("1234567890", "1234567890");
        found.sort_unstable();
        assert_eq!(
            found,
            [(way(false, None, 11), client("01234567890")), (way(false, None, 12), client("001234567890"))]
        );
        // What the profile does already is no alternate, but the text as it came is.
        assert_eq!(ways("ab1", "AB1"), [(way(false, Some(LetterCase::Lower), 0), client("ab1"))]);
        assert_eq!(ways("AB1", "ab1"), [(way(false, Some(LetterCase::Upper), 0), client("AB1"))]);
        assert_eq!(ways("12-3", "12-3"), []);
    }

    #[test]
    fn the_sample_is_the_same_however_people_are_split_over_threads() {
        let pseudonyms = ProjectKey::from_bytes([7; 32]).pseudonymiser("region");
        let of = |numbers: &mut dyn Iterator<Item = u32>| {
            let mut alternates = Alternates::default();
            for number in numbers {
                let text = format!("A{number}");
                alternates.note(text.as_bytes(), text.as_bytes(), pseudonyms.mac(text.as_bytes()));
            }
            alternates
        };
        let people = 3 * HELD_MAX as u32;
        let (whole, share) = of(&mut (0..people)).finish(&pseudonyms);
        let mut parts = of(&mut (0..people).filter(|n| n % 7 == 0));
        parts.add(of(&mut (0..people).filter(|n| n % 7 != 0)));
        let (split, split_share) = parts.finish(&pseudonyms);
        assert_eq!((whole.len(), share.to_bits()), (split.len(), split_share.to_bits()));
        assert!(whole == split);
        let estimate = whole.len() as f64 / share;
        assert!((estimate - f64::from(people)).abs() < 0.05 * f64::from(people), "{estimate}");
    }
}
