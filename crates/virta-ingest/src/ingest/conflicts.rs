//! Rows of conflicts count as bad rows: a file with too many of them has a key that does not identify its rows.

use std::collections::BTreeMap;

use super::Ingest;
use crate::error::{Error, Refusal, Result};
use crate::ledger::bad_rows::{are_too_many, in_words};
use crate::merge::bucket::Change;

/// A file of this ingest whose rows have a `row_key`, and how bad it may be.
pub(super) struct KeyedFile {
    pub delivery: u32,
    pub file: String,
    pub row_key: Vec<String>,
    pub bad_rows_max_percent: f64,
    pub rows_read: u64,
    /// Of those, the rows that the section is about.
    pub(crate) rows_selected: u64,
    /// Rows that were bad when they were read, by field and rule.
    pub bad: BTreeMap<String, u64>,
    /// How many of them are rows of the section for certain.
    pub(crate) bad_selected: u64,
}

impl Ingest<'_> {
    /// Refuses files of which too many rows are bad once those in conflict are counted with them.
    pub(super) fn check_conflicts(&self, change: &Change) -> Result<()> {
        let refusals: Vec<Refusal> = self.keyed_files.iter().filter_map(|file| file.refusal(change)).collect();
        if refusals.is_empty() { Ok(()) } else { Err(Error::Refused(refusals)) }
    }
}

impl KeyedFile {
    fn refusal(&self, change: &Change) -> Option<Refusal> {
        let rows = change.conflicting.get(&self.delivery).copied().filter(|rows| *rows > 0)?;
        let bad = rows + self.bad.values().sum::<u64>();
        let limit = self.bad_rows_max_percent;
        let bad_selected = rows + self.bad_selected;
        if !are_too_many(bad, self.rows_read, limit) && !are_too_many(bad_selected, self.rows_selected, limit) {
            return None;
        }
        let kept = || change.conflicts_after.iter().filter(|conflict| conflict.delivery == self.delivery);
        let mut keys: Vec<i64> = kept().map(|conflict| conflict.key).collect();
        let are_all_kept = keys.len() as u64 == rows;
        keys.sort_unstable();
        keys.dedup();
        let mut reasons = self.bad.clone();
        reasons.insert("conflict".to_owned(), rows);
        Some(Refusal {
            file: self.file.clone(),
            line: kept().map(|conflict| conflict.line as u64).min(),
            rule: "conflict",
            message: format!(
                "{bad} of {} rows are bad, more than the {limit} % that the profile allows: {}; {}",
                self.rows_selected,
                in_words(&reasons),
                not_identified(&self.row_key, keys.len() as u64, rows, are_all_kept)
            ),
            fix: KEY_FIX.to_owned(),
            ..Refusal::default()
        })
    }
}

/// What to do about a key that does not identify rows.
pub(crate) const KEY_FIX: &str = "name in row_key the columns that only one row has, name in version the column that tells which of two rows is the \
     newer, or leave row_key out so that the whole row counts; virta profile check counts such keys beforehand";

/// Says that a key does not identify rows.
pub(crate) fn not_identified(row_key: &[String], keys: u64, rows: u64, are_all: bool) -> String {
    let key = row_key.join(", ");
    let least = if are_all { "" } else { "at least " };
    let keys = if keys == 1 { "1 key has".to_owned() } else { format!("{keys} keys have") };
    let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    format!(
        "row_key ({key}) does not identify the rows: {least}{keys} different rows of which none is the newest, {rows} \
         of this file"
    )
}
