//! Side tables: a value by a key.
//!
//! A side table is a delivery like any other: its rows are counted, its bad rows are quarantined, and too many of them
//! refuse it. A key with different values has none: which of them is meant cannot be told, least of all by the order of
//! the rows. Only a newer extract tells: its value takes the place of an older one's.

use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};
use virta_model::Day;
use virta_model::settings::Source;

use crate::error::{Error, Result};
use crate::parse::number::trim;
use crate::profile::names::places_of;
use crate::profile::side_file::{KEY_CONFLICT, SideBad, SideFile, text_of};
use crate::read::cells::Cells;

/// The values of a side table by key. Rows with a missing value say nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct LookupTable {
    entries: HashMap<Box<[u8]>, Entry>,
    values: Vec<Box<[u8]>>,
    /// Of several values of a key the first by bytes counts.
    takes_first: bool,
    /// About the memory that it takes.
    pub bytes: usize,
    /// What became of the rows of each file.
    pub files: Vec<SideFile>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    value: u32,
    /// The key's place among all keys.
    place: u32,
    /// Day of extract of the file that said so.
    day: Option<Day>,
    contested: bool,
}

/// What a key means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meant<'a> {
    Value(&'a [u8]),
    /// The side table has different values for it.
    Contested,
}

/// What an entry of a hash table takes beside its text: a pointer, a length, a number, a tag, the room for growth, and
/// what the allocator adds.
const ENTRY_BYTES: usize = 80;

/// A file of a side table and the day of its extract, where its name tells one.
pub(crate) type DatedFile = (PathBuf, Option<Day>);

impl LookupTable {
    /// Reads a side table from its files. `takes_first` says that only texts and codes are looked up in it that may be
    /// empty, such as one of several diagnoses: of several values of a key the first by bytes counts then. `check` is told the memory taken so far and may refuse more.
    ///
    /// # Errors
    /// A file without these columns, with too many identity codes, or with more bad rows than the source allows.
    pub(crate) fn read(
        files: &[DatedFile],
        key: &str,
        value: &str,
        source: &Source,
        takes_first: bool,
        check: &dyn Fn(usize, &Path) -> Result<()>,
    ) -> Result<Self> {
        // The newest first, so that what an older extract says otherwise is known to be old.
        let mut files: Vec<&DatedFile> = files.iter().collect();
        files.sort_by(|(a_path, a), (b_path, b)| b.cmp(a).then_with(|| a_path.cmp(b_path)));
        let mut table = LookupTable { takes_first, ..LookupTable::default() };
        let mut distinct: HashMap<Box<[u8]>, u32> = HashMap::new();
        for (path, day) in &files {
            let mut superseded = Vec::new();
            let file = read_file(path, key, value, source, &mut |row| {
                if !table.add(row.key, row.value, *day, &mut distinct) {
                    superseded.push(row.line);
                    table.bytes += size_of::<u64>();
                }
                check(table.bytes, path)
            })?;
            table.files.push(SideFile { superseded, ..file });
        }
        drop(distinct);
        if table.entries.values().any(|entry| entry.contested) {
            table.quarantine_contested(&files, key, value, source)?;
        }
        for file in &mut table.files {
            file.bad.sort();
            file.check(source, WORDS)?;
        }
        Ok(table)
    }

    /// Whether the row tells something new. Files come with the newest extract first.
    fn add(&mut self, key: &[u8], value: &[u8], day: Option<Day>, distinct: &mut HashMap<Box<[u8]>, u32>) -> bool {
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
        match self.entries.get_mut(key) {
            Some(known) => {
                if known.day == day && known.value != number {
                    let text = self.values.get(known.value as usize);
                    match self.takes_first {
                        true if text.is_some_and(|text| **text > *value) => known.value = number,
                        true => {}
                        false => known.contested = true,
                    }
                }
                false
            }
            None => {
                self.bytes += key.len() + ENTRY_BYTES;
                let place = self.entries.len() as u32;
                self.entries.insert(key.into(), Entry { value: number, place, day, contested: false });
                true
            }
        }
    }

    /// Quarantines every row of the newest extract that has part in a conflict: none of them is the right one.
    fn quarantine_contested(&mut self, files: &[&DatedFile], key: &str, value: &str, source: &Source) -> Result<()> {
        for ((path, day), of_file) in files.iter().zip(&mut self.files) {
            let entries = &self.entries;
            let mut conflicts = Vec::new();
            read_file(path, key, value, source, &mut |row| {
                if entries.get(row.key).is_some_and(|entry| entry.contested && entry.day == *day) {
                    let text = text_of(row.cells);
                    conflicts.push(SideBad { line: row.line, field: key.to_owned(), rule: KEY_CONFLICT, row: text });
                }
                Ok(())
            })?;
            let lines: HashSet<u64> = conflicts.iter().map(|bad| bad.line).collect();
            of_file.superseded.retain(|line| !lines.contains(line));
            of_file.bad.extend(conflicts);
        }
        Ok(())
    }

    /// What a key means, and its place among all keys; `None` where the table does not have it.
    pub(crate) fn find(&self, key: &[u8]) -> Option<(u32, Meant<'_>)> {
        let entry = self.entries.get(trim(key))?;
        let value = self.values.get(entry.value as usize).map(|value| Meant::Value(value));
        Some((entry.place, if entry.contested { Meant::Contested } else { value? }))
    }

    pub(crate) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        match self.find(key)? {
            (_, Meant::Value(value)) => Some(value),
            (_, Meant::Contested) => None,
        }
    }

    /// Distinct keys.
    pub(crate) fn keys(&self) -> usize {
        self.entries.len()
    }
}

/// A row that gives a key a value.
struct SideRow<'a> {
    line: u64,
    key: &'a [u8],
    value: &'a [u8],
    cells: &'a dyn Cells,
}

/// Reads the rows of one file: `on_row` gets those that say something, the answer has those that are bad.
fn read_file(
    path: &Path,
    key: &str,
    value: &str,
    source: &Source,
    on_row: &mut dyn FnMut(&SideRow<'_>) -> Result<()>,
) -> Result<SideFile> {
    let is_missing = |text: &[u8]| source.null.iter().any(|null| trim(null.as_bytes()) == trim(text));
    let mut columns = |header: &[String]| {
        let place = |wanted: &str| {
            places_of(header, wanted).first().copied().ok_or_else(|| {
                let message = format!("the lookup file has no column {wanted}");
                let fix = "check key and value of the lookup, and delimiter and encoding in [source]";
                Error::settings(path, "missing_column", message, fix)
            })
        };
        Ok((place(key)?, place(value)?))
    };
    SideFile::read(path, key, source, &mut columns, &mut |&(key_at, value_at), line, cells| {
        // Blanks around a key come from fields of a fixed width and mean nothing.
        let (found, value) = (trim(cells.cell(key_at)), cells.cell(value_at));
        if is_missing(found) {
            return Ok(Err((key.to_owned(), "missing")));
        }
        if !is_missing(value) {
            on_row(&SideRow { line, key: found, value, cells })?;
        }
        Ok(Ok(()))
    })
}

/// What a side table is, and how it is mended.
const WORDS: [&str; 3] = [
    "side table",
    "mend the side table, or raise bad_rows_max_percent",
    "let each key have one value: which of several is meant cannot be told. Have the sender say, look up by a key that is \
     unique, or raise bad_rows_max_percent: then such keys have no value",
];
