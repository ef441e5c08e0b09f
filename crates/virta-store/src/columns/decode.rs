//! From the pages of one column chunk to one vector.

use std::collections::HashMap;

use arrow::buffer::BooleanBuffer;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::Page;

use super::encodings::{Sink, delta, hybrid, levels};
use virta_model::{NULL_CODE, NULL_DAY, NULL_INT};

use super::{Codes, ColumnValues, Runs};

/// Collects the pages of one column chunk.
pub(super) struct Decoder {
    nullable: bool,
    values: ColumnValues,
    dictionary: Dictionary,
}

#[derive(Default)]
struct Dictionary {
    int64: Vec<i64>,
    int32: Vec<i32>,
    /// Number of each text, made when the writer gave its dictionary up and texts stand in the pages.
    texts: Option<HashMap<String, u32>>,
}

impl Decoder {
    /// `values` are empty and of the kind that comes.
    pub(super) fn new(values: ColumnValues, nullable: bool) -> Self {
        Decoder { nullable, values, dictionary: Dictionary::default() }
    }

    /// `None` when the page makes no sense.
    pub(super) fn page(&mut self, page: &Page) -> Option<()> {
        match page {
            Page::DictionaryPage { buf, num_values, .. } => self.dictionary_page(buf, *num_values as usize),
            Page::DataPage { buf, num_values, encoding, .. } => {
                let count = *num_values as usize;
                if !self.nullable {
                    return self.values_page(buf, *encoding, count, None);
                }
                let (length, rest) = buf.split_first_chunk::<4>()?;
                let (levels, body) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
                self.nullable_page(levels, body, *encoding, count)
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. } => {
                let (_, rest) = buf.split_at_checked(*rep_levels_byte_len as usize)?;
                let (levels, body) = rest.split_at_checked(*def_levels_byte_len as usize)?;
                match self.nullable {
                    true => self.nullable_page(levels, body, *encoding, *num_values as usize),
                    false => self.values_page(body, *encoding, *num_values as usize, None),
                }
            }
        }
    }

    /// The column, when it has so many rows.
    pub(super) fn finish(self, rows: usize) -> Option<ColumnValues> {
        (self.rows() == rows).then_some(self.values)
    }

    /// Keeps of the rows that came after the first `before` only some: `rows` count them from `begin`, which the first of
    /// them is.
    pub(super) fn keep(&mut self, before: usize, begin: usize, rows: &[u32]) {
        match &mut self.values {
            ColumnValues::Int64(values) => keep(values, before, begin, rows),
            ColumnValues::Int32(values) => keep(values, before, begin, rows),
            ColumnValues::Codes(values) => keep(&mut values.codes, before, begin, rows),
            ColumnValues::Flags(values) => keep(values, before, begin, rows),
            ColumnValues::Ratio(values) => keep(values, before, begin, rows),
            // Not asked for together.
            ColumnValues::Runs(_) => {}
        }
    }

    /// How many rows there are so far.
    pub(super) fn rows(&self) -> usize {
        match &self.values {
            ColumnValues::Int64(values) => values.len(),
            ColumnValues::Int32(values) => values.len(),
            ColumnValues::Codes(values) => values.codes.len(),
            ColumnValues::Flags(values) => values.len(),
            ColumnValues::Ratio(values) => values.len(),
            ColumnValues::Runs(runs) => runs.rows(),
        }
    }

    fn dictionary_page(&mut self, bytes: &Bytes, count: usize) -> Option<()> {
        match &mut self.values {
            ColumnValues::Int64(_) | ColumnValues::Runs(_) => {
                self.dictionary.int64 = plain::<8, _>(bytes, count, i64::from_le_bytes)?.collect()
            }
            ColumnValues::Int32(_) => {
                self.dictionary.int32 = plain::<4, _>(bytes, count, i32::from_le_bytes)?.collect()
            }
            ColumnValues::Codes(codes) => {
                let mut rest = bytes.as_ref();
                for _ in 0..count {
                    codes.dictionary.push(text(&mut rest)?.to_owned());
                }
            }
            ColumnValues::Flags(_) | ColumnValues::Ratio(_) => return None,
        }
        Some(())
    }

    fn nullable_page(&mut self, present: &[u8], body: &[u8], encoding: Encoding, count: usize) -> Option<()> {
        let present = levels(present, count)?;
        let there = present.count_set_bits();
        let nulls = (there < count).then_some(&present);
        self.values_page(body, encoding, there, nulls)
    }

    /// Appends `count` values, and the nulls between them.
    fn values_page(
        &mut self,
        body: &[u8],
        encoding: Encoding,
        count: usize,
        nulls: Option<&BooleanBuffer>,
    ) -> Option<()> {
        let dictionary = &mut self.dictionary;
        match &mut self.values {
            ColumnValues::Int64(values) => {
                let before = values.len();
                match encoding {
                    Encoding::RLE_DICTIONARY => numbered(body, count, &dictionary.int64, values)?,
                    Encoding::DELTA_BINARY_PACKED => delta(body, count, |some, n| append(values, some, n))?,
                    Encoding::PLAIN => values.extend(plain::<8, _>(body, count, i64::from_le_bytes)?),
                    _ => return None,
                }
                spread(values, before, nulls, NULL_INT)
            }
            ColumnValues::Runs(runs) => {
                match encoding {
                    _ if nulls.is_some() => return None,
                    Encoding::RLE_DICTIONARY if count == 0 => {}
                    Encoding::RLE_DICTIONARY => {
                        let (width, body) = body.split_first()?;
                        let mut sink = RunSink { dictionary: &dictionary.int64, runs, fit: true };
                        hybrid(body, usize::from(*width), count, &mut sink)?;
                        sink.fit.then_some(())?;
                    }
                    Encoding::DELTA_BINARY_PACKED => {
                        delta(body, count, |some, n| some.iter().take(n).for_each(|id| runs.push(*id, 1)))?;
                    }
                    Encoding::PLAIN => plain::<8, _>(body, count, i64::from_le_bytes)?.for_each(|id| runs.push(id, 1)),
                    _ => return None,
                }
                Some(())
            }
            ColumnValues::Int32(values) => {
                let before = values.len();
                match encoding {
                    Encoding::RLE_DICTIONARY => numbered(body, count, &dictionary.int32, values)?,
                    Encoding::DELTA_BINARY_PACKED => {
                        delta(body, count, |some, n| {
                            append(values, &narrow(some), n);
                        })?;
                    }
                    Encoding::PLAIN => values.extend(plain::<4, _>(body, count, i32::from_le_bytes)?),
                    _ => return None,
                }
                spread(values, before, nulls, NULL_DAY)
            }
            ColumnValues::Codes(codes) => {
                let before = codes.codes.len();
                match encoding {
                    Encoding::RLE_DICTIONARY => {
                        let (width, body) = body.split_first()?;
                        hybrid(body, usize::from(*width), count, &mut Numbers(&mut codes.codes))?;
                        let largest = codes.codes.iter().skip(before).fold(0, |largest, code| largest.max(*code));
                        (count == 0 || (largest as usize) < codes.dictionary.len()).then_some(())?;
                    }
                    Encoding::PLAIN => plain_texts(body, count, codes, &mut dictionary.texts)?,
                    _ => return None,
                }
                spread(&mut codes.codes, before, nulls, NULL_CODE)
            }
            ColumnValues::Flags(values) => {
                let before = values.len();
                match encoding {
                    Encoding::PLAIN => {
                        for byte in body.get(..count.div_ceil(8))? {
                            append(values, FLAGS_OF.get(usize::from(*byte)).unwrap_or(&[false; 8]), 8);
                        }
                        values.truncate(before + count);
                    }
                    Encoding::RLE => {
                        let (length, rest) = body.split_first_chunk::<4>()?;
                        let body = rest.get(..u32::from_le_bytes(*length) as usize)?;
                        hybrid(body, 1, count, &mut FlagSink(values))?;
                    }
                    _ => return None,
                }
                spread(values, before, nulls, false)
            }
            ColumnValues::Ratio(values) => {
                let before = values.len();
                if encoding != Encoding::PLAIN {
                    return None;
                }
                values.extend(plain::<8, _>(body, count, f64::from_le_bytes)?);
                spread(values, before, nulls, f64::NAN)
            }
        }
    }
}

fn keep<T: Copy>(values: &mut Vec<T>, before: usize, begin: usize, rows: &[u32]) {
    for (to, row) in (before..).zip(rows) {
        let value = values.get(before + *row as usize - begin).copied();
        if let (Some(value), Some(to)) = (value, values.get_mut(to)) {
            *to = value;
        }
    }
    values.truncate(before + rows.len());
}

fn plain<const N: usize, T>(bytes: &[u8], count: usize, of: impl Fn([u8; N]) -> T) -> Option<impl Iterator<Item = T>> {
    let values = bytes.get(..count.checked_mul(N)?)?;
    Some(values.as_chunks::<N>().0.iter().map(move |bytes| of(*bytes)))
}

/// Appends the first `count` of eight values; nearly always all, and then the length is known to the compiler.
#[inline(always)]
fn append<T: Copy>(values: &mut Vec<T>, eight: &[T; 8], count: usize) {
    if count == 8 {
        values.extend_from_slice(eight);
    } else {
        values.extend_from_slice(eight.get(..count).unwrap_or_default());
    }
}

#[inline(always)]
fn narrow(values: &[i64; 8]) -> [i32; 8] {
    let mut narrow = [0; 8];
    for (to, from) in narrow.iter_mut().zip(values) {
        *to = *from as i32;
    }
    narrow
}

/// A body of RLE_DICTIONARY: a byte of width, then numbers into the dictionary.
fn numbered<T: Copy>(body: &[u8], count: usize, dictionary: &[T], values: &mut Vec<T>) -> Option<()> {
    if count == 0 {
        return Some(());
    }
    let (width, body) = body.split_first()?;
    let fallback = *dictionary.first()?;
    let mut sink = Looked { dictionary, values, fallback, fit: true };
    hybrid(body, usize::from(*width), count, &mut sink)?;
    sink.fit.then_some(())
}

/// Takes numbers and looks their values up.
struct Looked<'a, T> {
    dictionary: &'a [T],
    values: &'a mut Vec<T>,
    fallback: T,
    fit: bool,
}

impl<T: Copy> Looked<'_, T> {
    #[inline]
    fn of(&mut self, number: u64) -> T {
        match self.dictionary.get(number as usize) {
            Some(value) => *value,
            None => {
                self.fit = false;
                self.fallback
            }
        }
    }
}

impl<T: Copy> Sink for Looked<'_, T> {
    fn repeat(&mut self, number: u64, times: usize) {
        let value = self.of(number);
        self.values.extend(std::iter::repeat_n(value, times));
    }

    #[inline(always)]
    fn each(&mut self, numbers: &[u64; 8], count: usize) {
        // Of numbers that do not count some may lie beyond the dictionary.
        let mut values = [self.fallback; 8];
        let mut beyond = 0;
        for ((value, number), place) in values.iter_mut().zip(numbers).zip(0..) {
            match self.dictionary.get(*number as usize) {
                Some(found) => *value = *found,
                None if place < count => beyond += 1,
                None => {}
            }
        }
        self.fit &= beyond == 0;
        append(self.values, &values, count);
    }
}

/// Takes numbers as they are.
struct Numbers<'a>(&'a mut Vec<u32>);

impl Sink for Numbers<'_> {
    fn repeat(&mut self, number: u64, times: usize) {
        self.0.extend(std::iter::repeat_n(number as u32, times));
    }

    #[inline(always)]
    fn each(&mut self, numbers: &[u64; 8], count: usize) {
        let mut codes = [0; 8];
        for (code, number) in codes.iter_mut().zip(numbers) {
            *code = *number as u32;
        }
        append(self.0, &codes, count);
    }
}

/// Takes numbers and puts equal ones together.
struct RunSink<'a> {
    dictionary: &'a [i64],
    runs: &'a mut Runs,
    fit: bool,
}

impl Sink for RunSink<'_> {
    fn repeat(&mut self, number: u64, times: usize) {
        match self.dictionary.get(number as usize) {
            // A page has no more rows than its header can say in 32 bits.
            Some(id) => self.runs.push(*id, times as u32),
            None => self.fit = false,
        }
    }

    #[inline]
    fn each(&mut self, numbers: &[u64; 8], count: usize) {
        for same in numbers.get(..count).unwrap_or_default().chunk_by(|a, b| a == b) {
            if let Some(number) = same.first() {
                self.repeat(*number, same.len());
            }
        }
    }
}

struct FlagSink<'a>(&'a mut Vec<bool>);

impl Sink for FlagSink<'_> {
    fn repeat(&mut self, number: u64, times: usize) {
        self.0.extend(std::iter::repeat_n(number == 1, times));
    }

    fn each(&mut self, numbers: &[u64; 8], count: usize) {
        self.0.extend(numbers.iter().take(count).map(|number| *number == 1));
    }
}

/// The flags that a byte packs, lowest bit first.
const FLAGS_OF: [[bool; 8]; 256] = {
    let mut flags = [[false; 8]; 256];
    let mut bit = 0;
    while bit < 256 * 8 {
        flags[bit / 8][bit % 8] = ((bit / 8) >> (bit % 8)) & 1 == 1;
        bit += 1;
    }
    flags
};

/// Moves the values from `begin` on to their rows and puts `null` into the rows without one, from the back.
fn spread<T: Copy>(values: &mut Vec<T>, begin: usize, present: Option<&BooleanBuffer>, null: T) -> Option<()> {
    let Some(present) = present else { return Some(()) };
    let there = values.len() - begin;
    if there != present.count_set_bits() {
        return None;
    }
    values.resize(begin + present.len(), null);
    let page = values.get_mut(begin..)?;
    let (mut from, mut to) = (there, present.len());
    let chunks = present.bit_chunks();
    let tail = (chunks.remainder_len() > 0).then(|| (chunks.remainder_bits(), chunks.remainder_len()));
    let words: Vec<u64> = chunks.iter().collect();
    for (word, rows) in tail.into_iter().chain(words.into_iter().rev().map(|word| (word, 64))) {
        let begin = to - rows;
        match word {
            0 => page.get_mut(begin..to)?.fill(null),
            u64::MAX => {
                from -= rows;
                page.copy_within(from..from + rows, begin);
            }
            _ => {
                for row in (0..rows).rev() {
                    let is_there = word >> row & 1 == 1;
                    from -= usize::from(is_there);
                    // At row 0 without values before it this is a value of no row; it is not used.
                    let value = *page.get(from)?;
                    *page.get_mut(begin + row)? = if is_there { value } else { null };
                }
            }
        }
        to = begin;
    }
    Some(())
}

/// Texts that stand in the page itself: they get numbers after those of the dictionary.
fn plain_texts(
    mut body: &[u8],
    count: usize,
    codes: &mut Codes,
    known: &mut Option<HashMap<String, u32>>,
) -> Option<()> {
    let known = known.get_or_insert_with(|| codes.dictionary.iter().cloned().zip(0..).collect());
    for _ in 0..count {
        let text = text(&mut body)?;
        let code = match known.get(text) {
            Some(code) => *code,
            None => {
                let code = u32::try_from(codes.dictionary.len()).ok()?;
                codes.dictionary.push(text.to_owned());
                known.insert(text.to_owned(), code);
                code
            }
        };
        codes.codes.push(code);
    }
    Some(())
}

/// Takes a text of PLAIN encoding off the front: four bytes of length, then UTF-8.
fn text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (text, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}
