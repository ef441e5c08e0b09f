//! Rows of a text without quotes: delimiters and line ends are found for a whole chunk at once, many bytes at a time.

use super::scan::{Fields, Scan};

/// Where the delimiters and line ends of a text stand, and how far it has been read.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    places: Vec<u32>,
    next: usize,
}

const BLOCK: usize = 64;

impl Marks {
    /// Finds the marks of a text. It must have no quote, which could hide one.
    pub(crate) fn find(&mut self, text: &[u8], delimiter: u8) {
        self.places.clear();
        self.next = 0;
        let (blocks, rest) = text.as_chunks::<BLOCK>();
        for (at, block) in blocks.iter().enumerate() {
            self.add(bits(block, delimiter), at * BLOCK);
        }
        let mut last = [0; BLOCK];
        last.iter_mut().zip(rest).for_each(|(into, byte)| *into = *byte);
        let read = if rest.is_empty() { 0 } else { u64::MAX >> (BLOCK - rest.len()) };
        self.add(bits(&last, delimiter) & read, blocks.len() * BLOCK);
    }

    #[inline]
    fn add(&mut self, mut bits: u64, at: usize) {
        while bits != 0 {
            self.places.push(at as u32 + bits.trailing_zeros());
            bits &= bits - 1;
        }
    }

    /// The fields of this column in the next rows, if each has `fields` fields: a guess at what will be read.
    pub(crate) fn ahead<'t>(
        &self,
        text: &'t [u8],
        column: usize,
        fields: usize,
        rows: usize,
    ) -> impl Iterator<Item = &'t [u8]> + use<'t, '_> {
        let ends = self.places.get(self.next..).unwrap_or_default();
        let place = move |at: usize| ends.get(at).map(|place| *place as usize);
        (0..rows).map_while(move |row| {
            let end = row * fields + column;
            let from =
                if end == 0 { self.places.get(self.next.wrapping_sub(1)).map(|p| *p as usize) } else { place(end - 1) };
            text.get(from.map_or(0, |from| from + 1)..place(end)?)
        })
    }

    /// Reads the row that begins at `at`, where the row before ended. The same rows as
    /// [`next_row`](super::next_row) gives when no text follows.
    #[inline]
    pub(crate) fn next_row(&mut self, text: &[u8], at: usize, fields: &mut Fields) -> Scan {
        fields.clear();
        let mut from = at;
        while let Some(place) = self.places.get(self.next) {
            let place = *place as usize;
            self.next += 1;
            if text.get(place) != Some(&b'\n') {
                fields.push(from, place);
                from = place + 1;
                continue;
            }
            let is_windows = place > from && text.get(place - 1) == Some(&b'\r');
            let end = if is_windows { place - 1 } else { place };
            if end == at {
                return Scan::Blank { end: place + 1 };
            }
            fields.push(from, end);
            return Scan::Row { end: place + 1 };
        }
        fields.push(from, text.len());
        fields.open_end = true;
        Scan::Row { end: text.len() }
    }
}

/// A bit for each byte that is a delimiter or a line end.
#[inline]
fn bits(block: &[u8; BLOCK], delimiter: u8) -> u64 {
    let mut hits = [0u8; BLOCK];
    for (hit, byte) in hits.iter_mut().zip(block) {
        *hit = u8::from(*byte == delimiter) | u8::from(*byte == b'\n');
    }
    let mut bits = 0;
    for (at, eight) in hits.as_chunks::<8>().0.iter().enumerate() {
        // Brings the lowest bit of each byte into the highest byte.
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= gathered << (8 * at);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::csv::{Syntax, next_row};
    use proptest::prelude::*;

    type Read = Vec<(String, Vec<Vec<u8>>, bool)>;

    fn read(text: &[u8], mut row: impl FnMut(usize, &mut Fields) -> Scan) -> Read {
        let mut fields = Fields::default();
        let (mut found, mut at) = (Vec::new(), 0);
        while at < text.len() {
            let scan = row(at, &mut fields);
            at = match scan {
                Scan::Row { end } | Scan::Blank { end } | Scan::Bad { end, .. } => end,
                Scan::Incomplete => panic!("incomplete at the end"),
            };
            let cells = match scan {
                Scan::Blank { .. } => Vec::new(),
                _ => (0..fields.len()).map(|n| fields.get(text, n).to_vec()).collect(),
            };
            found.push((format!("{scan:?}"), cells, fields.open_end));
        }
        found
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_scanner(text in "[a;\r\n\u{e4}]{0,200}") {
            let text = text.as_bytes();
            let syntax = Syntax { delimiter: b';', quote: b'"', fields: 3 };
            let mut marks = Marks::default();
            marks.find(text, b';');
            let quick = read(text, |at, fields| marks.next_row(text, at, fields));
            prop_assert_eq!(quick, read(text, |at, fields| next_row(text, at, syntax, true, fields)));
        }
    }

    #[test]
    fn the_next_rows_columns_can_be_seen_before_they_are_read() {
        let text = b"a;b;c\nd;e;f\ng;h;i\nj;k;l";
        let (mut marks, mut fields) = (Marks::default(), Fields::default());
        marks.find(text, b';');
        let ahead = |marks: &Marks, column, rows| -> Vec<&[u8]> { marks.ahead(text, column, 3, rows).collect() };
        assert_eq!(ahead(&marks, 0, 2), [b"a", b"d"]);
        marks.next_row(text, 0, &mut fields);
        assert_eq!(ahead(&marks, 0, 9), [b"d", b"g", b"j"]);
        assert_eq!(ahead(&marks, 2, 9), [b"f", b"i"]);
    }

    #[test]
    fn every_byte_of_a_block_has_its_bit() {
        for at in 0..BLOCK {
            let mut block = [0xffu8; BLOCK];
            block[at] = if at % 2 == 0 { b';' } else { b'\n' };
            assert_eq!(bits(&block, b';'), 1 << at);
        }
    }
}
