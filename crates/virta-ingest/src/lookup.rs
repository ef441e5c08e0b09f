//! Side tables: a value by a key.

use std::path::{Path, PathBuf};

use hashbrown::HashMap;
use virta_model::hetu;
use virta_model::settings::Source;

use crate::error::{Error, Result};
use crate::form::Form;
use crate::input::for_each_row;
use crate::names::places_of;

/// The values of a side table by key. Where a key stands more than once its first row counts, the files in order of
/// name. Rows with a personal identity code, or with a missing key or value, are as if they were not there.
#[derive(Debug, Clone, Default)]
pub(crate) struct LookupTable {
    numbers: HashMap<Box<[u8]>, u32>,
    values: Vec<Box<[u8]>>,
    /// Rows whose key had another value before.
    pub contradictions: u64,
    /// About the memory that it takes.
    pub bytes: usize,
}

/// What an entry of a hash table takes beside its text: a pointer, a length, a number, a tag, the room for growth, and
/// what the allocator adds.
const ENTRY_BYTES: usize = 64;

impl LookupTable {
    /// `check` is told the memory taken so far and may refuse more.
    pub fn read(
        files: &[PathBuf],
        key: &str,
        value: &str,
        source: &Source,
        check: &dyn Fn(usize, &Path) -> Result<()>,
    ) -> Result<Self> {
        let mut table = LookupTable::default();
        let mut distinct: HashMap<Box<[u8]>, u32> = HashMap::new();
        for path in files {
            let places = std::cell::Cell::new((0, 0));
            let hits = std::cell::Cell::new((0u64, 0u64));
            let is_missing = |text: &[u8]| source.null.iter().any(|null| null.as_bytes() == text);
            for_each_row(
                path,
                &Form::plain(source),
                &mut |names| {
                    let place = |wanted: &str| {
                        places_of(names, wanted).first().copied().ok_or_else(|| {
                            let message = format!("the lookup file has no column {wanted}");
                            let fix = "check key and value of the lookup, and delimiter and encoding in [source]";
                            Error::settings(path, "missing_column", message, fix)
                        })
                    };
                    places.set((place(key)?, place(value)?));
                    Ok(())
                },
                &mut |_, cells| {
                    let (rows, found) = hits.get();
                    if (0..cells.count()).any(|at| hetu::occurs_in(cells.cell(at))) {
                        hits.set((rows + 1, found + 1));
                        return Ok(());
                    }
                    hits.set((rows + 1, found));
                    let (key, value) = (cells.cell(places.get().0), cells.cell(places.get().1));
                    if !is_missing(key) && !is_missing(value) {
                        table.add(key, value, &mut distinct);
                    }
                    check(table.bytes, path)
                },
            )?;
            let (rows, found) = hits.get();
            if found >= 3 && found * 100 >= rows {
                let message = format!("{found} of {rows} rows hold a personal identity code");
                return Err(Error::settings(
                    path,
                    "hetu",
                    message,
                    "have the sender replace identity codes by pseudonyms",
                ));
            }
        }
        Ok(table)
    }

    fn add(&mut self, key: &[u8], value: &[u8], distinct: &mut HashMap<Box<[u8]>, u32>) {
        let number = match distinct.get(value) {
            Some(number) => *number,
            None => {
                let number = self.values.len() as u32;
                self.values.push(value.into());
                self.bytes += 2 * (value.len() + ENTRY_BYTES);
                distinct.insert(value.into(), number);
                number
            }
        };
        match self.numbers.get(key) {
            Some(known) if *known != number => self.contradictions += 1,
            Some(_) => {}
            None => {
                self.bytes += key.len() + ENTRY_BYTES;
                self.numbers.insert(key.into(), number);
            }
        }
    }

    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.numbers.get(key).and_then(|number| self.values.get(*number as usize)).map(|value| &value[..])
    }
}
