//! A row of any kind of file, as texts.

use crate::read::csv::{Fields, short_key};

/// The fields of one row, in order of the header.
pub(crate) trait Cells {
    fn count(&self) -> usize;
    /// A field's text; empty beyond the last.
    fn cell(&self, at: usize) -> &[u8];

    /// Whether fields can hold errors.
    fn has_errors(&self) -> bool {
        false
    }

    /// A field's text of up to 15 bytes as a number that no other text has.
    #[inline]
    fn short(&self, at: usize) -> Option<u128> {
        short_key(self.cell(at))
    }

    /// Appends the row as it is hashed: fields without quotes, each followed by a byte that no text has.
    fn join(&self, into: &mut Vec<u8>) {
        for at in 0..self.count() {
            into.extend_from_slice(self.cell(at));
            into.push(FIELD_END);
        }
    }
}

impl Cells for &dyn Cells {
    fn count(&self) -> usize {
        (**self).count()
    }
    fn cell(&self, at: usize) -> &[u8] {
        (**self).cell(at)
    }
    fn has_errors(&self) -> bool {
        (**self).has_errors()
    }
}

/// Begins a cell of a sheet that holds an error, such as a look-up that failed. No text of a file begins so: rows with
/// such a byte are refused.
pub(crate) const ERROR_MARK: u8 = 0;

/// Whether a cell holds an error instead of a value.
#[inline]
pub(crate) fn is_error(cell: &[u8]) -> bool {
    cell.first() == Some(&ERROR_MARK)
}

/// Ends a field where rows are hashed.
pub(crate) const FIELD_END: u8 = 0x1f;

/// A row of delimited text.
pub(crate) struct TextCells<'a> {
    pub text: &'a [u8],
    pub fields: &'a Fields,
}

impl Cells for TextCells<'_> {
    fn count(&self) -> usize {
        self.fields.len()
    }
    #[inline]
    fn cell(&self, at: usize) -> &[u8] {
        self.fields.get(self.text, at)
    }

    #[inline]
    fn short(&self, at: usize) -> Option<u128> {
        self.fields.short(self.text, at)
    }

    fn join(&self, into: &mut Vec<u8>) {
        if !self.fields.join_plain(self.text, FIELD_END, into) {
            for at in 0..self.count() {
                into.extend_from_slice(self.cell(at));
                into.push(FIELD_END);
            }
        }
    }
}

/// A row of a table that has no text of its own, as it would stand in one.
#[derive(Debug, Default, Clone)]
pub(crate) struct OwnedCells {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    has_errors: bool,
}

impl OwnedCells {
    /// A copy of a row.
    pub(crate) fn of(cells: &dyn Cells) -> Self {
        let mut own = OwnedCells::default();
        for at in 0..cells.count() {
            own.push_bytes(cells.cell(at));
        }
        own
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.has_errors = false;
    }
    pub(crate) fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes());
    }
    pub(crate) fn push_bytes(&mut self, text: &[u8]) {
        self.has_errors |= is_error(text);
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }
}

impl Cells for OwnedCells {
    fn count(&self) -> usize {
        self.ends.len()
    }
    fn cell(&self, at: usize) -> &[u8] {
        let from = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(self.bytes.len()) };
        let to = self.ends.get(at).copied().unwrap_or(from);
        self.bytes.get(from..to).unwrap_or_default()
    }
    fn has_errors(&self) -> bool {
        self.has_errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_behind_a_reference_still_tells_of_its_errors() {
        let mut row = OwnedCells::default();
        row.push("a");
        row.push_bytes(&[ERROR_MARK, b'#']);
        let cells: &dyn Cells = &row;
        fn told<C: Cells>(cells: &C) -> (usize, bool, usize) {
            (cells.count(), cells.has_errors(), cells.cell(0).len())
        }
        assert_eq!(told(&cells), (2, true, 1));
    }
}
