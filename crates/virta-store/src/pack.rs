//! The encodings of Parquet's data pages that the store writes, rows of sources and results alike: the counterpart of
//! `columns::encodings`.
//!
//! Source: the Parquet format's "Encodings" page.

use parquet::file::statistics::Statistics;

/// A run this long is written as a run; a shorter one costs more as a run than as bits.
const RUN_MIN: usize = 16;
/// Bit-packed numbers under one header: as many groups of eight as a header of one byte can count.
const LITERALS_MAX: usize = 63 * 8;
const MINIBLOCKS: usize = 4;

/// Integers that are written as differences.
pub(crate) trait Number: Copy + Ord + std::hash::Hash {
    /// Numbers of a block, by the width of the type.
    const BLOCK: usize;
    fn widened(self) -> i64;
    /// The difference to the number before, wrapped to the type.
    fn since(self, before: Self) -> i64;
    /// How far a difference lies above the least of its block.
    fn above(difference: i64, least: i64) -> u64;
    fn put(self, out: &mut Vec<u8>);
    /// What a column chunk's footer tells.
    fn statistics(least: Option<Self>, largest: Option<Self>, nulls: u64) -> Statistics;
}

impl Number for i64 {
    const BLOCK: usize = 256;
    fn widened(self) -> i64 {
        self
    }
    fn since(self, before: Self) -> i64 {
        self.wrapping_sub(before)
    }
    fn above(difference: i64, least: i64) -> u64 {
        difference.wrapping_sub(least) as u64
    }
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    fn statistics(least: Option<Self>, largest: Option<Self>, nulls: u64) -> Statistics {
        Statistics::int64(least, largest, None, Some(nulls), false)
    }
}

impl Number for i32 {
    const BLOCK: usize = 128;
    fn widened(self) -> i64 {
        i64::from(self)
    }
    fn since(self, before: Self) -> i64 {
        i64::from(self.wrapping_sub(before))
    }
    fn above(difference: i64, least: i64) -> u64 {
        u64::from(difference.wrapping_sub(least) as u32)
    }
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
    fn statistics(least: Option<Self>, largest: Option<Self>, nulls: u64) -> Statistics {
        Statistics::int32(least, largest, None, Some(nulls), false)
    }
}

/// Bits that the numbers below `count` need, at least one.
pub(crate) fn width_of(count: usize) -> usize {
    (usize::BITS - count.saturating_sub(1).leading_zeros()).max(1) as usize
}

/// Appends numbers in the RLE / bit-packing hybrid.
pub(crate) fn hybrid(numbers: &[u32], width: usize, out: &mut Vec<u8>) {
    let (mut waiting, mut rest) = (numbers, numbers);
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|number| *number == first).count();
        let before = waiting.len() - rest.len();
        // Packed numbers stand in groups of eight, which a run may have to fill up.
        let fill = (8 - before % 8) % 8;
        rest = rest.get(run..).unwrap_or_default();
        if run >= fill + RUN_MIN {
            literals(waiting.get(..before + fill).unwrap_or_default(), width, out);
            varint(((run - fill) as u64) << 1, out);
            let bytes = first.to_le_bytes();
            out.extend_from_slice(bytes.get(..width.div_ceil(8)).unwrap_or_default());
            waiting = rest;
        }
    }
    literals(waiting, width, out);
}

/// As [`hybrid`] of one number so many times.
pub(crate) fn run(number: u32, times: usize, width: usize, out: &mut Vec<u8>) {
    if times < RUN_MIN {
        return hybrid([number; RUN_MIN].get(..times).unwrap_or_default(), width, out);
    }
    varint((times as u64) << 1, out);
    out.extend_from_slice(number.to_le_bytes().get(..width.div_ceil(8)).unwrap_or_default());
}

fn literals(numbers: &[u32], width: usize, out: &mut Vec<u8>) {
    for some in numbers.chunks(LITERALS_MAX) {
        let groups = some.len().div_ceil(8);
        varint((groups as u64) << 1 | 1, out);
        let end = out.len() + groups * width;
        pack(some.iter().map(|number| u64::from(*number)), width, out);
        out.resize(end, 0);
    }
}

/// Appends numbers in DELTA_BINARY_PACKED.
pub(crate) fn delta<T: Number>(numbers: &[T], out: &mut Vec<u8>) {
    let per_miniblock = T::BLOCK / MINIBLOCKS;
    varint(T::BLOCK as u64, out);
    varint(MINIBLOCKS as u64, out);
    varint(numbers.len() as u64, out);
    // Readers want the header also where every row is null.
    varint(zigzag(numbers.first().map_or(0, |first| first.widened())), out);
    let mut differences = Vec::with_capacity(T::BLOCK);
    let mut rest = numbers;
    while rest.len() > 1 {
        let block = rest.get(..rest.len().min(T::BLOCK + 1)).unwrap_or_default();
        differences.clear();
        differences.extend(block.iter().zip(block.iter().skip(1)).map(|(before, number)| number.since(*before)));
        rest = rest.get(differences.len()..).unwrap_or_default();
        let least = differences.iter().copied().min().unwrap_or_default();
        varint(zigzag(least), out);
        let widths_at = out.len();
        out.resize(widths_at + MINIBLOCKS, 0);
        for (at, miniblock) in differences.chunks(per_miniblock).enumerate() {
            let all = miniblock.iter().fold(0, |all, difference| all | T::above(*difference, least));
            let width = (u64::BITS - all.leading_zeros()) as usize;
            if let Some(place) = out.get_mut(widths_at + at) {
                *place = width as u8;
            }
            let end = out.len() + per_miniblock * width / 8;
            pack(miniblock.iter().map(|difference| T::above(*difference, least)), width, out);
            // A miniblock has its full length, even the last.
            out.resize(end, 0);
        }
    }
}

/// Appends numbers of `width` bits each, lowest bits first. The last byte is filled up with zeros.
fn pack(numbers: impl Iterator<Item = u64>, width: usize, out: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let (mut word, mut used) = (0u64, 0);
    for number in numbers {
        word |= number << used;
        used += width;
        if used >= 64 {
            out.extend_from_slice(&word.to_le_bytes());
            used -= 64;
            // What did not fit; nothing, where the number ended with the word.
            word = if used == 0 { 0 } else { number >> (width - used) };
        }
    }
    out.extend_from_slice(word.to_le_bytes().get(..used.div_ceil(8)).unwrap_or_default());
}

/// The body of a data page.
pub(crate) struct Body {
    pub bytes: Vec<u8>,
    pub nulls: usize,
}

/// How a column that may lack values says that a few rows, fewer than a run is worth, all have one. Both are as good; files
/// that were written keep their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Few {
    /// As bits: in files of the store.
    Bits,
    /// As a run: in results.
    Run,
}

/// Which rows have a value, where the column may lack one (`nullable`), and then the values that are there, by `encode`.
pub(crate) fn body<T: Copy>(
    values: &[T],
    nullable: Option<Few>,
    is_null: impl Fn(&T) -> bool,
    encode: impl FnOnce(&[T], &mut Vec<u8>),
) -> Body {
    let nulls = values.iter().filter(|value| is_null(value)).count();
    let mut bytes = Vec::new();
    if let Some(few) = nullable {
        bytes.extend_from_slice(&[0; 4]);
        if nulls == 0 && few == Few::Run {
            varint((values.len() as u64) << 1, &mut bytes);
            bytes.push(1);
        } else if nulls == 0 || nulls == values.len() {
            run(u32::from(nulls == 0), values.len(), 1, &mut bytes);
        } else {
            hybrid(&values.iter().map(|value| u32::from(!is_null(value))).collect::<Vec<_>>(), 1, &mut bytes);
        }
        let length = (bytes.len() - 4) as u32;
        if let Some(place) = bytes.first_chunk_mut::<4>() {
            *place = length.to_le_bytes();
        }
    }
    if nulls == 0 {
        encode(values, &mut bytes);
    } else {
        encode(&values.iter().copied().filter(|value| !is_null(value)).collect::<Vec<T>>(), &mut bytes);
    }
    Body { bytes, nulls }
}

/// The body of RLE_DICTIONARY: a byte of width, then numbers into a dictionary of so many values.
pub(crate) fn indices(numbers: &[u32], count: usize, out: &mut Vec<u8>) {
    let width = width_of(count);
    out.push(width as u8);
    hybrid(numbers, width, out);
}

/// The least and the most of some values.
pub(crate) fn range<T: Copy + Ord>(values: &[T]) -> Option<(T, T)> {
    values.iter().min().copied().zip(values.iter().max().copied())
}

/// Appends flags, eight to a byte.
pub(crate) fn flags(flags: &[u8], out: &mut Vec<u8>) {
    pack(flags.iter().map(|flag| u64::from(*flag & 1)), 1, out);
}

/// Appends a little-endian base-128 number.
pub(crate) fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::encodings::{self, Sink};
    use proptest::prelude::*;

    struct All(Vec<u32>);

    impl Sink for All {
        fn repeat(&mut self, number: u64, times: usize) {
            self.0.extend(std::iter::repeat_n(number as u32, times));
        }
        fn each(&mut self, numbers: &[u64; 8], count: usize) {
            self.0.extend(numbers.iter().take(count).map(|number| *number as u32));
        }
    }

    fn read_hybrid(bytes: &[u8], width: usize, count: usize) -> Vec<u32> {
        let mut all = All(Vec::new());
        encodings::hybrid(bytes, width, count, &mut all).unwrap();
        all.0
    }

    fn read_delta(bytes: &[u8], count: usize) -> Vec<i64> {
        let mut all = Vec::new();
        encodings::delta(bytes, count, |some, n| all.extend_from_slice(&some[..n])).unwrap();
        all
    }

    #[test]
    fn the_formats_own_examples_come_out_byte_for_byte() {
        // "Encodings", bit packing: the numbers 0 to 7 in three bits.
        let mut bytes = Vec::new();
        literals(&[0, 1, 2, 3, 4, 5, 6, 7], 3, &mut bytes);
        assert_eq!(bytes, [0b0000_0011, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        // Delta encoding, example 2: 7, 5, 3, 1, 2, 3, 4, 5 has the differences -2 -2 -2 1 1 1 1, the least -2, and
        // 0 0 0 3 3 3 3 above it in two bits.
        bytes.clear();
        delta(&[7i64, 5, 3, 1, 2, 3, 4, 5], &mut bytes);
        let head = [0x80, 0x02, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000, 0b0011_1111];
        assert_eq!(bytes[..12], head);
        assert_eq!(bytes.len(), 10 + 64 * 2 / 8);
        bytes.clear();
        delta::<i32>(&[], &mut bytes);
        assert_eq!(bytes, [0x80, 0x01, 4, 0, 0]);
    }

    #[test]
    fn long_runs_take_a_header_and_a_number() {
        let mut bytes = Vec::new();
        hybrid(&[5; 1000], 3, &mut bytes);
        assert_eq!(bytes, [0xd0, 0x0f, 5]);
    }

    #[test]
    fn a_run_is_as_the_numbers_one_by_one() {
        for (number, times) in (0..40).flat_map(|times| [(0, times), (1, times)]).chain([(1, 16_384)]) {
            let (mut at_once, mut one_by_one) = (Vec::new(), Vec::new());
            run(number, times, 1, &mut at_once);
            hybrid(&vec![number; times], 1, &mut one_by_one);
            assert_eq!(at_once, one_by_one, "{number} {times} times");
        }
    }

    #[test]
    fn levels_of_a_few_rows_are_bits_in_files_of_the_store_and_a_run_in_results() {
        let levels = |rows: &[u32], few: Few| {
            let body = body(rows, Some(few), |row| *row == 9, |_, _| {});
            let length = body.bytes.first_chunk::<4>().map(|length| u32::from_le_bytes(*length) as usize);
            assert_eq!(length, Some(body.bytes.len() - 4));
            (body.bytes[4..].to_vec(), body.nulls)
        };
        assert_eq!(levels(&[1, 1, 1], Few::Bits), (vec![0b11, 0b111], 0));
        assert_eq!(levels(&[1, 1, 1], Few::Run), (vec![6, 1], 0));
        for few in [Few::Bits, Few::Run] {
            assert_eq!(levels(&[9, 9, 9], few), (vec![0b11, 0], 3));
            assert_eq!(levels(&[1, 9, 1], few), (vec![0b11, 0b101], 1));
            assert_eq!(levels(&[1; 16], few), (vec![32, 1], 0));
        }
    }

    #[test]
    fn widths_hold_the_largest_number() {
        assert_eq!([0, 1, 2, 3, 4, 5, 256, 257].map(width_of), [1, 1, 1, 2, 2, 3, 8, 9]);
    }

    proptest! {
        #[test]
        fn what_is_packed_reads_back(
            runs in prop::collection::vec((0u32..300, 1usize..40), 0..60),
            width in 9usize..20,
        ) {
            let repeated = |(number, times): &(u32, usize)| std::iter::repeat_n(*number, *times);
            let numbers: Vec<u32> = runs.iter().flat_map(repeated).collect();
            let mut bytes = Vec::new();
            hybrid(&numbers, width, &mut bytes);
            prop_assert_eq!(read_hybrid(&bytes, width, numbers.len()), numbers);
        }

        #[test]
        fn differences_of_any_size_read_back(numbers in prop::collection::vec(any::<i64>(), 0..600)) {
            let mut bytes = Vec::new();
            delta(&numbers, &mut bytes);
            prop_assert_eq!(read_delta(&bytes, numbers.len()), numbers);
        }

        #[test]
        fn narrow_numbers_read_back(numbers in prop::collection::vec(any::<i32>(), 0..600), small in any::<bool>()) {
            let numbers: Vec<i32> = numbers.into_iter().map(|n| if small { n % 100 } else { n }).collect();
            let mut bytes = Vec::new();
            delta(&numbers, &mut bytes);
            let found: Vec<i32> = read_delta(&bytes, numbers.len()).into_iter().map(|number| number as i32).collect();
            prop_assert_eq!(found, numbers);
        }
    }
}
