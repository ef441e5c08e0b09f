//! A file beside the deliveries, whose rows are counted, judged and limited like theirs: a side table, a code list, a list of
//! names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hashbrown::HashSet;
use virta_model::hetu;
use virta_model::settings::Source;

use crate::error::{Error, Refusal, Result};
use crate::ledger::bad_rows::{are_too_many, first_lines, in_words};
use crate::read::cells::Cells;
use crate::read::form::{Aside, Form};
use crate::read::header::Header;
use crate::read::input::for_each_row;

/// What became of the rows of such a file.
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

/// What is wrong with a row: a column of the file, and the rule that it breaks.
pub(crate) type Wrong = (String, &'static str);

/// A row that is good, or what is wrong with it.
pub(crate) type Judged = std::result::Result<(), Wrong>;

/// A row as it is hashed.
pub(crate) fn text_of(cells: &dyn Cells) -> Vec<u8> {
    let mut text = Vec::new();
    cells.join(&mut text);
    text
}

/// The text of a column; nothing where the file does not have it, or the text is empty.
pub(crate) fn cell_text(cells: &dyn Cells, at: Option<usize>) -> Option<String> {
    at.map(|at| String::from_utf8_lossy(cells.cell(at)).trim().to_owned()).filter(|text| !text.is_empty())
}

/// A list whose header lacks a column.
pub(crate) fn missing_column(path: &Path, column: &str, message: &str, fix: String) -> Error {
    Error::Settings(Box::new(Refusal {
        file: path.display().to_string(),
        line: Some(1),
        column: Some(column.to_owned()),
        rule: "missing_column",
        message: message.to_owned(),
        fix,
        ..Refusal::default()
    }))
}

impl SideFile {
    /// Reads a file row by row. `columns` finds in the header what `row` then reads by. A row with an identity code is a
    /// bad row, and so is one with which `row` finds something wrong.
    ///
    /// # Errors
    /// What `columns` and `row` refuse, a file that cannot be read, and too many identity codes.
    pub(crate) fn read<P: Default>(
        path: &Path,
        key: &str,
        format: &Source,
        columns: &mut dyn FnMut(&[String]) -> Result<P>,
        row: &mut dyn FnMut(&P, u64, &dyn Cells) -> Result<Judged>,
    ) -> Result<Self> {
        let mut file = SideFile { path: path.to_owned(), key: key.to_owned(), ..SideFile::default() };
        let header: RefCell<(Vec<String>, P)> = RefCell::default();
        let mut hits = 0;
        let aside = for_each_row(
            path,
            &Form::plain(format),
            &mut |Header { names, .. }| {
                *header.borrow_mut() = (names.to_vec(), columns(names)?);
                Ok(())
            },
            &mut |line, cells| {
                file.rows_read += 1;
                let (names, places) = &*header.borrow();
                let wrong = match (0..cells.count()).find(|at| hetu::occurs_in(cells.cell(*at))) {
                    Some(at) => {
                        hits += 1;
                        Some((names.get(at).cloned().unwrap_or_default(), "hetu"))
                    }
                    None => row(places, line, cells)?.err(),
                };
                file.bad.extend(wrong.map(|(field, rule)| SideBad { line, field, rule, row: text_of(cells) }));
                Ok(())
            },
        )?;
        file.add_broken(&aside);
        file.check_identity_codes(hits)?;
        Ok(file)
    }

    /// Takes in what another column of the same key found.
    pub(crate) fn unite(&mut self, other: &SideFile) {
        let superseded: HashSet<u64> = other.superseded.iter().copied().collect();
        self.bad.extend(other.bad.iter().cloned());
        self.bad.sort();
        self.bad.dedup();
        let bad: HashSet<u64> = self.bad.iter().map(|bad| bad.line).collect();
        self.superseded.retain(|line| superseded.contains(line) && !bad.contains(line));
    }

    /// Bad rows by field and rule.
    pub(crate) fn reasons(&self) -> BTreeMap<String, u64> {
        let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
        for bad in &self.bad {
            *reasons.entry(format!("{} {}", bad.field, bad.rule).trim().to_owned()).or_default() += 1;
        }
        reasons
    }

    /// The first of them by line.
    pub(crate) fn first_bad(&self) -> String {
        first_lines(self.bad.iter().map(|bad| (bad.line, bad.field.as_str(), bad.rule)))
    }

    /// Adds the lines that break the format.
    fn add_broken(&mut self, aside: &Aside) {
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
    fn check_identity_codes(&self, hits: u64) -> Result<()> {
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
    pub(crate) fn check(&self, source: &Source, [what, fix, of_conflict]: [&str; 3]) -> Result<()> {
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
