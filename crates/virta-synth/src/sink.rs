//! What a part of the region adds to every file, kept apart so that parts can be made in any order and written in one.

use crate::calendar::Calendar;
use crate::row::Row;

/// What becomes of a row in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted,
    /// A newer version, a later delivery of the same row, or a cancellation replaces it.
    Superseded,
    Quarantined,
}

/// The bytes that one part of the region adds to one file, and what becomes of their rows.
#[derive(Debug, Default)]
pub(crate) struct FilePart {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lines: u64,
    pub(crate) rows: RowCounts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RowCounts {
    pub(crate) accepted: u64,
    pub(crate) superseded: u64,
    pub(crate) quarantined: u64,
}

impl RowCounts {
    pub(crate) fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::Superseded => self.superseded += 1,
            Outcome::Quarantined => self.quarantined += 1,
        }
    }

    pub(crate) fn add(&mut self, other: RowCounts) {
        self.accepted += other.accepted;
        self.superseded += other.superseded;
        self.quarantined += other.quarantined;
    }

    pub(crate) fn read(self) -> u64 {
        self.accepted + self.superseded + self.quarantined
    }
}

/// A planted bad row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DirtyRow {
    /// Position of the delivery.
    pub(crate) file: usize,
    /// Line within the part, from 0.
    pub(crate) line: u64,
    pub(crate) field: &'static str,
    pub(crate) rule: &'static str,
}

#[derive(Debug, Default)]
pub(crate) struct Sink {
    pub(crate) parts: Vec<FilePart>,
    pub(crate) dirty: Vec<DirtyRow>,
}

impl Sink {
    pub(crate) fn new(calendar: &Calendar) -> Self {
        Sink { parts: calendar.deliveries.iter().map(|_| FilePart::default()).collect(), dirty: Vec::new() }
    }

    /// Adds one row to a file.
    pub(crate) fn row(&mut self, file: usize, outcome: Outcome, write: impl FnOnce(&mut Row<'_>)) {
        let part = &mut self.parts[file];
        let mut row = Row::new(&mut part.bytes);
        write(&mut row);
        row.end();
        part.lines += 1;
        part.rows.count(outcome);
    }
}
