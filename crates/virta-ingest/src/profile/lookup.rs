//! Side tables: a value by a key.
//!
//! A side table is a delivery like any other: its rows are counted, its bad rows are quarantined, and too many of them
//! refuse it. A key with different values has none: which of them is meant cannot be told, least of all by the order of
//! the rows. Only a newer extract tells: its value takes the place of an older one's.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hashbrown::{HashMap, HashSet};
use virta_model::settings::Source;
use virta_model::{Day, hetu};

use crate::error::{Error, Refusal, Result};
use crate::ledger::bad_rows::{are_too_many, first_lines, in_words};
use crate::profile::names::places_of;
use crate::read::cells::Cells;
use crate::read::form::{Aside, Form};
use crate::read::input::for_each_row;

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

/// A file of a side table, or a code list, as a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SideFile {
    pub path: PathBuf,
    /// What its rows are found by, among several ways of reading the same file.
    pub key: String,
    pub rows_read: u64,
    /// Lines that say again what another row says, or what a newer extract says otherwise.
    pub superseded: Vec<u64>,
    pub bad: Vec<SideBad>,
}

/// A bad row, with its text until it is hashed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SideBad {
    pub line: u64,
    /// A column of the file; empty for the whole row.
    pub field: String,
    pub rule: &'static str,
    pub row: Vec<u8>,
}

/// The rule of rows whose key means several things.
pub(crate) const KEY_CONFLICT: &str = "key_conflict";

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
    pub fn read(
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
    pub fn find(&self, key: &[u8]) -> Option<(u32, Meant<'_>)> {
        let entry = self.entries.get(key)?;
        let value = self.values.get(entry.value as usize).map(|value| Meant::Value(value));
        Some((entry.place, if entry.contested { Meant::Contested } else { value? }))
    }

    pub fn get(&self, key: &[u8]) -> Option<&[u8]> {
        match self.find(key)? {
            (_, Meant::Value(value)) => Some(value),
            (_, Meant::Contested) => None,
        }
    }

    /// Distinct keys.
    pub fn keys(&self) -> usize {
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
    let mut file = SideFile { path: path.to_owned(), key: key.to_owned(), ..SideFile::default() };
    let places = Cell::new((0, 0));
    let is_missing = |text: &[u8]| source.null.iter().any(|null| null.as_bytes() == text);
    let mut hits = 0;
    let names: RefCell<Vec<String>> = RefCell::default();
    let aside = for_each_row(
        path,
        &Form::plain(source),
        &mut |header| {
            let place = |wanted: &str| {
                places_of(header, wanted).first().copied().ok_or_else(|| {
                    let message = format!("the lookup file has no column {wanted}");
                    let fix = "check key and value of the lookup, and delimiter and encoding in [source]";
                    Error::settings(path, "missing_column", message, fix)
                })
            };
            places.set((place(key)?, place(value)?));
            *names.borrow_mut() = header.to_vec();
            Ok(())
        },
        &mut |line, cells| {
            file.rows_read += 1;
            let (key_at, value_at) = places.get();
            let mut bad = |field: &str, rule| {
                file.bad.push(SideBad { line, field: field.to_owned(), rule, row: text_of(cells) });
            };
            if let Some(at) = (0..cells.count()).find(|at| hetu::occurs_in(cells.cell(*at))) {
                hits += 1;
                bad(names.borrow().get(at).map_or("", String::as_str), "hetu");
                return Ok(());
            }
            let (found, value) = (cells.cell(key_at), cells.cell(value_at));
            if is_missing(found) {
                bad(key, "missing");
                return Ok(());
            }
            if is_missing(value) {
                return Ok(());
            }
            on_row(&SideRow { line, key: found, value, cells })
        },
    )?;
    file.add_broken(&aside);
    file.check_identity_codes(hits)?;
    Ok(file)
}

/// What a side table is, and how it is mended.
const WORDS: [&str; 3] = [
    "side table",
    "mend the side table, or raise bad_rows_max_percent",
    "let each key have one value: which of several is meant cannot be told. Have the sender say, look up by a key that is \
     unique, or raise bad_rows_max_percent: then such keys have no value",
];

/// A row as it is hashed.
pub(crate) fn text_of(cells: &dyn Cells) -> Vec<u8> {
    let mut text = Vec::new();
    for at in 0..cells.count() {
        text.extend_from_slice(cells.cell(at));
        text.push(crate::read::cells::FIELD_END);
    }
    text
}

impl SideFile {
    /// Takes in what another column of the same key found.
    pub fn unite(&mut self, other: &SideFile) {
        let superseded: HashSet<u64> = other.superseded.iter().copied().collect();
        self.bad.extend(other.bad.iter().cloned());
        self.bad.sort();
        self.bad.dedup();
        let bad: HashSet<u64> = self.bad.iter().map(|bad| bad.line).collect();
        self.superseded.retain(|line| superseded.contains(line) && !bad.contains(line));
    }

    /// Bad rows by field and rule.
    pub fn reasons(&self) -> BTreeMap<String, u64> {
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for bad in &self.bad {
            *reasons.entry(format!("{} {}", bad.field, bad.rule).trim().to_owned()).or_default() += 1;
        }
        reasons
    }

    /// The first of them by line.
    pub fn first_bad(&self) -> String {
        first_lines(self.bad.iter().map(|bad| (bad.line, bad.field.as_str(), bad.rule)))
    }

    /// Adds the lines that break the format.
    pub fn add_broken(&mut self, aside: &Aside) {
        for at in 0..aside.bad {
            let line = aside.bad_lines.get(at as usize).copied().unwrap_or(0);
            let row = [line.to_le_bytes(), at.to_le_bytes()].concat();
            self.bad.push(SideBad { line, field: String::new(), rule: "fields", row });
        }
        self.rows_read += aside.bad;
    }

    /// Refuses a file with so many identity codes that they are no accident.
    ///
    /// # Errors
    /// `hits` rows hold one.
    pub fn check_identity_codes(&self, hits: u64) -> Result<()> {
        if hits < 3 || hits * 100 < self.rows_read {
            return Ok(());
        }
        let message = format!("{hits} of {} rows hold a personal identity code", self.rows_read);
        let fix = "have the sender replace identity codes by pseudonyms";
        Err(Error::settings(&self.path, "hetu", message, fix))
    }

    /// Refuses a file whose rows are too bad to believe any of them. `words` say what it is, how to mend it, and how to
    /// mend keys that mean several things.
    ///
    /// # Errors
    /// More rows are bad than the source allows.
    pub fn check(&self, source: &Source, [what, fix, of_conflict]: [&str; 3]) -> Result<()> {
        let limit = source.bad_rows_max_percent;
        if !are_too_many(self.bad.len() as u64, self.rows_read, limit) {
            return Ok(());
        }
        let first = self.bad.first();
        let is_conflict = self.bad.iter().any(|bad| bad.rule == KEY_CONFLICT);
        Err(Error::Refused(vec![Refusal {
            file: self.path.display().to_string(),
            line: first.map(|bad| bad.line),
            column: first.map(|bad| bad.field.clone()).filter(|field| !field.is_empty()),
            rule: first.map_or("", |bad| bad.rule),
            message: format!(
                "{} of {} rows of this {what} are bad, more than the {limit} % that the profile allows: {}; first {}",
                self.bad.len(),
                self.rows_read,
                in_words(&self.reasons()),
                self.first_bad()
            ),
            fix: if is_conflict { of_conflict } else { fix }.to_owned(),
            ..Refusal::default()
        }]))
    }
}
