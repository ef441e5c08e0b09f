//! The person of a row.

use std::borrow::Cow;

use virta_model::settings::Normalise;
use virta_model::{ClientId, hetu};

use super::RowMaker;
use super::carried::LOOKUP_CONFLICT;
use super::values::{fold, text_of};
use crate::key::client_of;
use crate::parse::pseudonym::{NoPerson, normalised, trim};
use crate::parse::{date, number};
use crate::profile::plan::{ColumnPlan, Input, Target};
use crate::read::cells::Cells;
use crate::read::csv::short_key;

/// The person of a row, and where it is remembered.
#[derive(Clone, Copy)]
pub(super) struct Person {
    pub client: ClientId,
    mac: u128,
    place: Option<(usize, usize)>,
}

/// The key of a pseudonym (0: nobody) and its 128 bits. The highest bit of the key says that a good row of the person
/// was met since.
#[derive(Clone, Copy, Default)]
struct Known {
    key: u128,
    mac: u128,
}

const IS_COUNTED: u128 = 1 << 127;

/// Two persons of the same place, in one line of the processor's cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Pair([Known; 2]);

/// Persons that came up lately: a pseudonym is a hash of many steps. One that is forgotten is only hashed again.
pub(super) struct Persons {
    pairs: Vec<Pair>,
    bits: u32,
}

impl Persons {
    /// Takes about this many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let bits = (bytes / size_of::<Pair>()).max(64).ilog2();
        Persons { pairs: vec![Pair::default(); 1 << bits], bits }
    }

    #[inline]
    fn place(&self, key: u128) -> usize {
        (fold(key) >> (u64::BITS - self.bits)) as usize
    }

    #[inline]
    fn first_bits(&self, place: usize) -> u64 {
        self.pairs.get(place).map_or(0, |Pair([newer, _])| newer.key as u64)
    }

    #[inline]
    fn find(&self, key: u128) -> (usize, Option<(usize, u128)>) {
        let place = self.place(key);
        let Some(Pair(known)) = self.pairs.get(place) else { return (place, None) };
        let found = known.iter().position(|known| known.key & !IS_COUNTED == key);
        (place, found.and_then(|at| Some((at, known.get(at)?.mac))))
    }

    /// Remembers a person in place of the one that came first of two.
    fn put(&mut self, place: usize, key: u128, mac: u128) {
        if let Some(Pair([newer, older])) = self.pairs.get_mut(place) {
            *older = *newer;
            *newer = Known { key, mac };
        }
    }

    /// Whether the person is counted already; from now on it is.
    fn count(&mut self, (place, at): (usize, usize)) -> bool {
        let Some(known) = self.pairs.get_mut(place).and_then(|Pair(known)| known.get_mut(at)) else { return false };
        let is_counted = known.key & IS_COUNTED != 0;
        known.key |= IS_COUNTED;
        is_counted
    }
}

impl RowMaker<'_> {
    /// The column of the file whose text is the person's pseudonym as it stands.
    pub(crate) fn person_column(&self) -> Option<usize> {
        self.plan.columns.iter().find_map(|column| match (&column.target, &column.input) {
            (Target::Client, Input::One(at)) if column.map.is_empty() => Some(*at),
            _ => None,
        })
    }

    /// Looks persons up that will come, so that they are in the processor's cache by then. Looked up one after another,
    /// each row would wait for main memory; here many wait at once.
    pub(crate) fn call_up<'t>(&self, pseudonyms: impl Iterator<Item = &'t [u8]>) {
        let places = pseudonyms.filter_map(short_key).map(|key| self.persons.place(key));
        // Nothing is decided by what is read, so that no read waits for the one before.
        let read = places.fold(0, |read, place| read ^ self.persons.first_bits(place));
        std::hint::black_box(read);
    }

    /// The person that the row names.
    ///
    /// # Errors
    /// The rule by which it names nobody.
    pub(super) fn client<C: Cells>(
        &mut self,
        number: usize,
        column: &ColumnPlan,
        cells: &C,
    ) -> Result<Person, &'static str> {
        self.check_lookup(number, column, cells)?;
        let text = text_of(self.plan, column, cells, &mut self.joined).ok_or("missing")?;
        let (text, short) = match column.map.get(text) {
            Some(mapped) => (mapped.as_slice(), short_key(mapped)),
            None => match &column.input {
                Input::One(at) => (text, cells.short(*at)),
                _ => (text, short_key(text)),
            },
        };
        // The key of a short text has a length below 16 in its highest byte.
        let key = short.unwrap_or_else(|| self.secrets.row.wide_hash(text) & !IS_COUNTED | 1 << 126);
        let (place, known) = self.persons.find(key);
        if let Some((at, mac)) = known {
            return Ok(Person { client: client_of(mac), mac, place: Some((place, at)) });
        }
        let meant = match person_text(text, &column.input, self.plan.normalise) {
            Ok(meant) if self.plan.is_null(&meant) => return Err("missing"),
            Ok(meant) => meant,
            Err(nobody) => return Err(nobody.rule()),
        };
        // Zeros that came back may make an identity code of a number.
        if hetu::occurs_in(&meant) {
            if let Input::One(at) = column.input
                && let Some(hits) = self.tally.hetu_hits.get_mut(at)
            {
                *hits += 1;
            }
            return Err("hetu");
        }
        let mac = self.secrets.pseudonyms.mac(&meant);
        if self.secrets.notes_alternates {
            self.tally.alternates.note(text, &meant, mac);
        }
        self.persons.put(place, key, mac);
        Ok(Person { client: client_of(mac), mac, place: Some((place, 0)) })
    }

    /// A person whose pseudonym is not known here: only the first 63 bits are.
    ///
    /// # Errors
    /// The rule by which the row names nobody.
    pub(super) fn client_id<C: Cells>(
        &mut self,
        number: usize,
        column: &ColumnPlan,
        cells: &C,
    ) -> Result<Person, &'static str> {
        self.check_lookup(number, column, cells)?;
        let text = text_of(self.plan, column, cells, &mut self.joined).ok_or("missing")?;
        let id = number::whole(text, self.plan.decimal).ok().filter(|id| *id >= 0).ok_or("missing")?;
        Ok(Person { client: ClientId(id), mac: (id as u128) << 65, place: None })
    }

    /// Refuses a row whose person stands in a side table under a key that has several.
    fn check_lookup<C: Cells>(&mut self, number: usize, column: &ColumnPlan, cells: &C) -> Result<(), &'static str> {
        match &column.input {
            Input::Lookup { from, table } if self.meets_conflict(number, table, cells.cell(*from)) => {
                Err(LOOKUP_CONFLICT)
            }
            _ => Ok(()),
        }
    }

    /// The person of a row and the text that named it, as it was delivered. `None` where the row names nobody, or
    /// holds a personal identity code.
    pub(crate) fn person_of<C: Cells>(&mut self, cells: &C) -> Option<(ClientId, Vec<u8>)> {
        let plan = self.plan;
        let mut columns = plan.columns.iter().enumerate();
        let (number, column) = columns.find(|(_, column)| matches!(column.target, Target::Client))?;
        if (0..cells.count()).any(|at| hetu::occurs_in(cells.cell(at))) {
            return None;
        }
        let client = self.client(number, column, cells).ok()?.client;
        let text = text_of(plan, column, cells, &mut self.joined)?;
        Some((client, text.to_vec()))
    }

    /// A person exists once a good row names it.
    pub(super) fn count_person(&mut self, person: Person, bucket: usize) {
        if person.place.is_some_and(|place| self.persons.count(place)) {
            return;
        }
        self.people[bucket].push(person.mac);
    }
}

/// The text that a person is known by. Of a pseudonym in several columns each part may have been a spreadsheet's, and one
/// of them may well be a day, such as that of birth.
fn person_text<'t>(text: &'t [u8], input: &Input, normalise: Normalise) -> Result<Cow<'t, [u8]>, NoPerson> {
    if matches!(input, Input::Join(_)) {
        for part in text.split(|byte| *byte == b'|') {
            match normalised(part, Normalise::default()) {
                Ok(_) | Err(NoPerson::Missing) => {}
                Err(nobody) => return Err(nobody),
            }
        }
    } else if date::is_day_of_sheet(trim(text)) {
        return Err(NoPerson::SpreadsheetDate);
    }
    normalised(text, normalise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_known_until_two_others_take_its_place() {
        let mut persons = Persons::new(0);
        let of_place = |persons: &Persons, wanted: usize| {
            let keys = (1..100_000u128).filter(|key| persons.find(*key).0 == wanted);
            keys.take(3).collect::<Vec<_>>()
        };
        let keys = of_place(&persons, 5);
        assert_eq!(persons.find(keys[0]), (5, None));
        persons.put(5, keys[0], 10);
        assert!(!persons.count((5, 0)), "nobody counted it");
        assert!(persons.count((5, 0)), "it was counted");
        persons.put(5, keys[1], 11);
        assert_eq!(persons.find(keys[0]), (5, Some((1, 10))));
        assert_eq!(persons.find(keys[1]), (5, Some((0, 11))));
        assert!(persons.count((5, 1)), "it is still counted");
        persons.put(5, keys[2], 12);
        assert_eq!(persons.find(keys[0]), (5, None));
    }
}
