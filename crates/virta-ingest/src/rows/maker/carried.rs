//! What a file's rows have to do with its side tables and code lists: keys and codes that the one has and the other
//! lacks.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use virta_model::ClientId;

use super::RowMaker;
use super::values::text_of;
use crate::parse::number;
use crate::profile::lookup::{LookupTable, Meant};
use crate::profile::plan::{ColumnPlan, Reading};
use crate::read::cells::Cells;
use crate::rows::layout::Slot;

/// How the keys of a column met its side table.
#[derive(Debug, Clone, Default)]
pub(crate) struct LookedUp {
    /// Rows whose key the side table lacks.
    pub rows_unmatched: u64,
    /// Rows whose key has different values in it, where that leaves the field without one.
    pub rows_contested: u64,
    /// A bit for each of its keys that a row has.
    used: Vec<u64>,
}

impl LookedUp {
    fn mark(&mut self, place: u32) {
        let (word, bit) = (place as usize / 64, place % 64);
        if word >= self.used.len() {
            self.used.resize(word + 1, 0);
        }
        if let Some(word) = self.used.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    /// Keys that some row has.
    pub(crate) fn keys_used(&self) -> u64 {
        self.used.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    pub(crate) fn add(&mut self, other: LookedUp) {
        self.rows_unmatched += other.rows_unmatched;
        self.rows_contested += other.rows_contested;
        self.used.resize(self.used.len().max(other.used.len()), 0);
        self.used.iter_mut().zip(other.used).for_each(|(into, from)| *into |= from);
    }
}

/// An unknown code is named once rows of this many people carry it: then it is no person's.
pub(crate) const PEOPLE_MIN: usize = 5;
/// A column with more distinct unknown texts than this holds no codes, and none of them is named.
const TEXTS_MAX: usize = 1 << 12;
/// A longer text is no code.
const TEXT_BYTES_MAX: usize = 40;

/// The texts of one column that its code list lacks.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnknownTexts {
    texts: HashMap<Vec<u8>, Carried>,
    too_many: bool,
}

#[derive(Debug, Clone, Default)]
struct Carried {
    rows: u64,
    /// Different people, as many as it takes.
    people: Vec<ClientId>,
}

impl Carried {
    fn by(&mut self, person: ClientId) {
        if self.people.len() < PEOPLE_MIN && !self.people.contains(&person) {
            self.people.push(person);
        }
    }
}

impl UnknownTexts {
    fn note(&mut self, text: &[u8], person: Option<ClientId>) {
        if self.too_many || text.len() > TEXT_BYTES_MAX {
            return;
        }
        if self.texts.len() >= TEXTS_MAX && !self.texts.contains_key(text) {
            *self = UnknownTexts { too_many: true, ..UnknownTexts::default() };
            return;
        }
        let carried = self.texts.entry_ref(text).or_default();
        carried.rows += 1;
        if let Some(person) = person {
            carried.by(person);
        }
    }

    pub(crate) fn add(&mut self, other: UnknownTexts) {
        self.too_many |= other.too_many;
        for (text, from) in other.texts {
            let into = self.texts.entry(text).or_default();
            into.rows += from.rows;
            from.people.into_iter().for_each(|person| into.by(person));
        }
        if self.too_many || self.texts.len() > TEXTS_MAX {
            *self = UnknownTexts { too_many: true, ..UnknownTexts::default() };
        }
    }

    /// The texts that enough people carry, with their rows.
    pub(crate) fn named(&self) -> BTreeMap<String, u64> {
        let enough = self.texts.iter().filter(|(_, carried)| carried.people.len() >= PEOPLE_MIN);
        enough.map(|(text, carried)| (String::from_utf8_lossy(text).into_owned(), carried.rows)).collect()
    }
}

/// The rule of rows whose key has different values in a side table.
pub(super) const LOOKUP_CONFLICT: &str = "lookup_conflict";

impl RowMaker<'_> {
    /// Notes how a row's key meets its side table. True when the key has different values there.
    pub(super) fn meets_conflict(&mut self, number: usize, table: &LookupTable, key: &[u8]) -> bool {
        if self.plan.is_null(key) {
            return false;
        }
        let Some(seen) = self.tally.looked_up.get_mut(number) else { return false };
        let Some((place, meant)) = table.find(key) else {
            seen.rows_unmatched += 1;
            return false;
        };
        seen.mark(place);
        meant == Meant::Contested
    }

    /// The same of a field of the table, which has no value then: where it may not be empty, or would say something else
    /// when it is, the row is refused.
    pub(super) fn is_contested(
        &mut self,
        number: usize,
        (slot, reading): (Slot, &Reading),
        (from, table): (usize, &LookupTable),
        key: &[u8],
    ) -> bool {
        if !self.meets_conflict(number, table, key) {
            return false;
        }
        // An end that is not known would be an open end, and a cost none.
        let may_be_empty = matches!(reading, Reading::Text | Reading::Closed(_) | Reading::Municipality);
        if may_be_empty && !self.plan.required.iter().any(|required| required.at == slot.at) {
            if let Some(seen) = self.tally.looked_up.get_mut(number) {
                seen.rows_contested += 1;
            }
        } else {
            self.wrong.push((Some(slot), from as u16 + 1, LOOKUP_CONFLICT));
        }
        true
    }

    /// Notes a code that the code list lacks.
    pub(super) fn note_unknown<C: Cells>(&mut self, number: usize, column: &ColumnPlan, cells: &C) {
        let Some(text) = text_of(self.plan, column, cells, &mut self.joined) else { return };
        if let Some(texts) = self.tally.unknown_texts.get_mut(number) {
            texts.note(number::trim(text), self.client_now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noted(people: &[(&str, i64)]) -> UnknownTexts {
        let mut texts = UnknownTexts::default();
        people.iter().for_each(|(text, person)| texts.note(text.as_bytes(), Some(ClientId(*person))));
        texts
    }

    #[test]
    fn a_code_is_named_once_five_people_carry_it_however_they_are_split() {
        let four = [("X", 1), ("X", 2), ("X", 3), ("X", 4), ("X", 4), ("X", 4)];
        assert!(noted(&four).named().is_empty());
        let mut split = noted(&four[..2]);
        split.add(noted(&[("X", 2), ("X", 3), ("X", 4), ("X", 5), ("Y", 6)]));
        assert_eq!(split.named(), BTreeMap::from([("X".to_owned(), 6)]));
    }

    #[test]
    fn a_column_of_very_many_texts_names_none() {
        let mut texts = noted(&[("X", 1), ("X", 2), ("X", 3), ("X", 4), ("X", 5)]);
        assert_eq!(texts.named().len(), 1);
        let mut many = UnknownTexts::default();
        (0..TEXTS_MAX).for_each(|n| many.note(format!("T{n}").as_bytes(), None));
        texts.add(many);
        assert!(texts.named().is_empty());
    }
}
