//! The encodings of Parquet's data pages, from plain vectors.
//!
//! Source: the Parquet format's "Encodings" page. `columns/encodings.rs` reads what is written here.

/// A little-endian base-128 number.
pub(super) fn varint(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Bits that the number takes.
pub(super) fn width(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()) as usize
}

/// Packs numbers of `width` bits, lowest bits first; the last byte is filled up with zeros.
fn bits(numbers: impl Iterator<Item = u64>, width: usize, into: &mut Vec<u8>) {
    if width == 0 {
        return;
    }
    let (mut word, mut filled) = (0u64, 0);
    for number in numbers {
        word |= number << filled;
        filled += width;
        if filled >= 64 {
            into.extend_from_slice(&word.to_le_bytes());
            filled -= 64;
            // The bits of the number that did not fit.
            word = if filled == 0 { 0 } else { number >> (width - filled) };
        }
    }
    into.extend(word.to_le_bytes().into_iter().take(filled.div_ceil(8)));
}

/// The RLE / bit-packing hybrid of numbers below 2^`width`: runs of at least 16 as runs, the rest packed in eights.
pub(super) fn hybrid(numbers: &[u32], width: usize, into: &mut Vec<u8>) {
    const SHORTEST_RUN: usize = 16;
    let (mut packed, mut rest) = (numbers, numbers);
    while let Some(&first) = rest.first() {
        // A run is looked for only where one could begin, since most columns have none.
        let run = match rest.get(SHORTEST_RUN - 1) {
            Some(&last) if last == first => rest.iter().take_while(|&&number| number == first).count(),
            _ => 0,
        };
        if run >= SHORTEST_RUN {
            literal(packed.get(..packed.len() - rest.len()).unwrap_or_default(), width, into);
            varint((run as u64) << 1, into);
            into.extend(first.to_le_bytes().into_iter().take(width.div_ceil(8)));
            rest = rest.get(run..).unwrap_or_default();
            packed = rest;
        } else {
            rest = rest.get(8..).unwrap_or_default();
        }
    }
    literal(packed, width, into);
}

fn literal(numbers: &[u32], width: usize, into: &mut Vec<u8>) {
    if numbers.is_empty() {
        return;
    }
    let eights = numbers.len().div_ceil(8);
    varint((eights as u64) << 1 | 1, into);
    let padding = std::iter::repeat_n(0, eights * 8 - numbers.len());
    bits(numbers.iter().map(|&number| u64::from(number)).chain(padding), width, into);
}

/// DELTA_BINARY_PACKED: blocks of 128 differences in four miniblocks.
pub(super) fn delta(mut numbers: impl Iterator<Item = i64>, count: usize, into: &mut Vec<u8>) {
    const BLOCK: usize = 128;
    const MINIBLOCKS: usize = 4;
    varint(BLOCK as u64, into);
    varint(MINIBLOCKS as u64, into);
    varint(count as u64, into);
    let Some(mut last) = numbers.next() else { return varint(0, into) };
    varint(zigzag(last), into);
    let mut block = [0i64; BLOCK];
    let mut left = count.saturating_sub(1);
    while left > 0 {
        let now = left.min(BLOCK);
        let mut least = i64::MAX;
        for (difference, number) in block.iter_mut().zip(numbers.by_ref().take(now)) {
            *difference = number.wrapping_sub(last);
            last = number;
            least = least.min(*difference);
        }
        let differences = block.get(..now).unwrap_or_default();
        varint(zigzag(least), into);
        let above = |difference: &i64| difference.wrapping_sub(least) as u64;
        let mut widths = [0u8; MINIBLOCKS];
        for (bits, some) in widths.iter_mut().zip(differences.chunks(BLOCK / MINIBLOCKS)) {
            *bits = width(some.iter().map(above).fold(0, |all, one| all | one)) as u8;
        }
        into.extend_from_slice(&widths);
        for (width, some) in widths.iter().zip(differences.chunks(BLOCK / MINIBLOCKS)) {
            // The last miniblock is filled up.
            let padding = std::iter::repeat_n(0, BLOCK / MINIBLOCKS - some.len());
            bits(some.iter().map(above).chain(padding), usize::from(*width), into);
        }
        left -= now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::encodings as read;
    use proptest::prelude::*;

    struct Kept(Vec<u32>);

    impl read::Sink for Kept {
        fn repeat(&mut self, number: u64, times: usize) {
            self.0.extend(std::iter::repeat_n(number as u32, times));
        }

        fn each(&mut self, numbers: &[u64; 8], count: usize) {
            self.0.extend(numbers.iter().take(count).map(|&number| number as u32));
        }
    }

    proptest! {
        #[test]
        fn differences_come_out_as_they_went_in(
            numbers in prop::collection::vec(prop_oneof![any::<i64>(), -3_i64..900, Just(5_i64)], 0..600)
        ) {
            let mut bytes = Vec::new();
            delta(numbers.iter().copied(), numbers.len(), &mut bytes);
            let mut found = Vec::new();
            read::delta(&bytes, numbers.len(), |some, count| found.extend_from_slice(&some[..count])).unwrap();
            prop_assert_eq!(found, numbers);
        }

        #[test]
        fn runs_and_packed_numbers_come_out_as_they_went_in(
            runs in prop::collection::vec((0_u32..300, prop_oneof![1_usize..4, 7_usize..40]), 0..60), wide in any::<bool>()
        ) {
            let numbers: Vec<u32> = runs.iter().flat_map(|&(number, times)| std::iter::repeat_n(number, times)).collect();
            let width = if wide { 32 } else { 9 };
            let mut bytes = Vec::new();
            hybrid(&numbers, width, &mut bytes);
            let mut found = Kept(Vec::new());
            read::hybrid(&bytes, width, numbers.len(), &mut found).unwrap();
            prop_assert_eq!(found.0, numbers);
        }
    }
}
