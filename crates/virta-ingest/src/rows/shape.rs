//! What differs between the rows of one file: only that travels.

use std::ops::Range;

use crate::rows::layout::{CLIENT_AT, FLAGS_AT, HEAD_BYTES, KEY_AT, Slot, SlotKind, VERSION_AT};

/// A file's rows in short form: the bytes that can differ from row to row. The others stand in a template.
#[derive(Debug)]
pub(crate) struct Shape {
    template: Vec<u8>,
    /// Where the differing bytes stand, in order; the first are the client.
    words: Vec<usize>,
    halves: Vec<usize>,
    single: Vec<usize>,
    /// Length of a short row.
    pub bytes: usize,
}

/// What of a row's head differs from row to row, beside client and key.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Differing {
    /// Some rows cancel.
    pub flags: bool,
    /// Rows have a `row_key`, and with it line and hash.
    pub keyed: bool,
    /// Rows have a version.
    pub(crate) versions: bool,
}

impl Shape {
    /// `template` is a row of the file before anything is filled in; `filled` are the slots that a row may change.
    pub(crate) fn new(template: Vec<u8>, differing: Differing, filled: &[Slot]) -> Self {
        let mut ranges = vec![CLIENT_AT..CLIENT_AT + 8, KEY_AT..KEY_AT + 8];
        if differing.flags {
            ranges.push(FLAGS_AT..FLAGS_AT + 1);
        }
        if differing.keyed {
            ranges.push(HEAD_BYTES..VERSION_AT);
        }
        if differing.versions {
            ranges.push(VERSION_AT..VERSION_AT + 16);
        }
        ranges.extend(filled.iter().map(|slot| slot.at..slot.at + slot.kind.bytes()));
        Self::of(template, &ranges)
    }

    /// The shape of rows that differ from `template` in these places only.
    pub(crate) fn of(template: Vec<u8>, ranges: &[Range<usize>]) -> Self {
        let mut differs = vec![false; template.len()];
        for range in ranges {
            if let Some(bytes) = differs.get_mut(range.clone()) {
                bytes.fill(true);
            }
        }
        let mut shape = Shape { template, words: Vec::new(), halves: Vec::new(), single: Vec::new(), bytes: 0 };
        let mut at = 0;
        // Pieces of fixed lengths are moved without a call.
        while at < differs.len() {
            let all =
                |length: usize| differs.get(at..at + length).is_some_and(|bytes| bytes.iter().all(|differ| *differ));
            let (pieces, length) = match () {
                () if all(WORD) => (&mut shape.words, WORD),
                () if all(HALF) => (&mut shape.halves, HALF),
                () if all(1) => (&mut shape.single, 1),
                () => {
                    at += 1;
                    continue;
                }
            };
            pieces.push(at);
            shape.bytes += length;
            at += length;
        }
        shape
    }

    /// Appends the short form of a row: its words, then its halves, then its single bytes.
    #[inline]
    pub(crate) fn shorten(&self, row: &[u8], into: &mut Vec<u8>) {
        for at in &self.words {
            into.extend_from_slice(&piece::<WORD>(row, *at));
        }
        for at in &self.halves {
            into.extend_from_slice(&piece::<HALF>(row, *at));
        }
        for at in &self.single {
            into.extend_from_slice(&piece::<1>(row, *at));
        }
    }

    /// Writes the full form of a short row.
    #[inline]
    pub(crate) fn restore(&self, short: &[u8], into: &mut [u8]) {
        into.copy_from_slice(&self.template);
        let mut from = 0;
        for at in &self.words {
            place::<WORD>(into, *at, piece(short, from));
            from += WORD;
        }
        for at in &self.halves {
            place::<HALF>(into, *at, piece(short, from));
            from += HALF;
        }
        for at in &self.single {
            place::<1>(into, *at, piece(short, from));
            from += 1;
        }
    }

    /// Whether a row is its short form and the template: false when something was filled in that no column, rule or
    /// default names.
    pub(crate) fn holds(&self, row: &[u8]) -> bool {
        let mut short = Vec::with_capacity(self.bytes);
        self.shorten(row, &mut short);
        let mut restored = vec![0; row.len()];
        self.template.len() == row.len() && {
            self.restore(&short, &mut restored);
            restored == row
        }
    }
}

const WORD: usize = 8;
const HALF: usize = 4;

#[inline]
fn piece<const N: usize>(row: &[u8], at: usize) -> [u8; N] {
    row.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().unwrap_or([0; N])
}

#[inline]
fn place<const N: usize>(row: &mut [u8], at: usize, bytes: [u8; N]) {
    if let Some(into) = row.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<N>()) {
        *into = bytes;
    }
}

impl SlotKind {
    /// Bytes of a slot in a packed row.
    pub(crate) const fn bytes(self) -> usize {
        match self {
            SlotKind::Int | SlotKind::Ratio => 8,
            SlotKind::Day | SlotKind::Time | SlotKind::Text => 4,
            SlotKind::Flag | SlotKind::Closed(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::layout::{DELIVERY_AT, Layout, put_i64, put_u32};
    use virta_model::schema::CONTACTS;

    #[test]
    fn a_row_comes_back_from_its_short_form_and_the_template() {
        let layout = Layout::new(&CONTACTS, true);
        let (service, cost) = (layout.slot("service").unwrap(), layout.slot("cost_cents").unwrap());
        let mut template = layout.blank();
        put_u32(&mut template, DELIVERY_AT, 7);
        let shape = Shape::new(template.clone(), Differing::default(), &[service, cost]);
        assert_eq!(shape.bytes, 8 + 8 + 4 + 8);
        let mut row = template.clone();
        put_i64(&mut row, CLIENT_AT, 11);
        put_i64(&mut row, KEY_AT, 12);
        put_u32(&mut row, service.at, 3);
        put_i64(&mut row, cost.at, -5);
        assert!(shape.holds(&row));
        put_u32(&mut row, DELIVERY_AT, 8);
        assert!(!shape.holds(&row), "the delivery is the template's");
    }
}
