//! The encodings of Parquet's data pages that the store writes, decoded straight into vectors.
//!
//! Source: the Parquet format's "Encodings" page. What is decoded here has passed its checksum, so a page that makes
//! no sense is a fault of the writer; it ends with `None`, never with a wrong row.

use arrow::array::BooleanBufferBuilder;
use arrow::buffer::BooleanBuffer;

use super::bits::{packed_bytes, unpack};

/// Takes numbers of the RLE / bit-packing hybrid.
pub(crate) trait Sink {
    fn repeat(&mut self, number: u64, times: usize);
    /// Takes the first `count` of eight numbers.
    fn each(&mut self, numbers: &[u64; 8], count: usize);
}

/// Reads `count` numbers of the RLE / bit-packing hybrid (encoding RLE and the body of RLE_DICTIONARY).
pub(crate) fn hybrid(mut bytes: &[u8], width: usize, count: usize, sink: &mut impl Sink) -> Option<()> {
    if width > 32 {
        return None;
    }
    let mut left = count;
    while left > 0 {
        let header = varint(&mut bytes)?;
        if header & 1 == 0 {
            let times = usize::try_from(header >> 1).ok()?.min(left);
            let (value, rest) = bytes.split_at_checked(width.div_ceil(8))?;
            let number = value.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
            bytes = rest;
            if times == 0 {
                return None;
            }
            sink.repeat(number, times);
            left -= times;
        } else {
            let numbers = usize::try_from(header >> 1).ok()?.checked_mul(8)?;
            let now = numbers.min(left);
            let (packed, rest) = bytes.split_at(packed_bytes(width, numbers).min(bytes.len()));
            if now == 0 || packed.len() < packed_bytes(width, now) {
                return None;
            }
            unpack(packed, width, now, &mut |numbers, count| sink.each(numbers, count));
            bytes = rest;
            left -= now;
        }
    }
    Some(())
}

/// Reads `count` levels of one bit: whether each row has a value, a bit a row.
pub(super) fn levels(mut bytes: &[u8], count: usize) -> Option<BooleanBuffer> {
    let mut present = BooleanBufferBuilder::new(count);
    let mut left = count;
    while left > 0 {
        let header = usize::try_from(varint(&mut bytes)?).ok()?;
        if header & 1 == 0 {
            let (value, rest) = bytes.split_first()?;
            let times = (header >> 1).min(left);
            if times == 0 {
                return None;
            }
            present.append_n(times, *value == 1);
            bytes = rest;
            left -= times;
            continue;
        }
        let (packed, rest) = bytes.split_at((header >> 1).min(bytes.len()));
        let now = left.min(packed.len().saturating_mul(8));
        if now == 0 || now < left.min((header >> 1).saturating_mul(8)) {
            return None;
        }
        present.append_packed_range(0..now, packed);
        left -= now;
        bytes = rest;
    }
    Some(present.build())
}

/// Reads a DELTA_BINARY_PACKED page of `count` numbers. Narrower integers are the low bits of what comes out.
pub(crate) fn delta(mut bytes: &[u8], count: usize, mut sink: impl FnMut(&[i64; 8], usize)) -> Option<()> {
    if count == 0 {
        return Some(());
    }
    let block = usize::try_from(varint(&mut bytes)?).ok()?;
    let miniblocks = usize::try_from(varint(&mut bytes)?).ok()?;
    let total = usize::try_from(varint(&mut bytes)?).ok()?;
    let mut value = zigzag(varint(&mut bytes)?);
    if total != count || miniblocks == 0 || block % miniblocks != 0 || block / miniblocks % 8 != 0 || block == 0 {
        return None;
    }
    let per_miniblock = block / miniblocks;
    sink(&[value; 8], 1);
    let mut left = count - 1;
    while left > 0 {
        let least = zigzag(varint(&mut bytes)?);
        let (widths, rest) = bytes.split_at_checked(miniblocks)?;
        bytes = rest;
        for width in widths {
            let width = usize::from(*width);
            let now = left.min(per_miniblock);
            if now == 0 {
                break;
            }
            if width > 64 {
                return None;
            }
            let (packed, rest) = bytes.split_at(packed_bytes(width, per_miniblock).min(bytes.len()));
            if packed.len() < packed_bytes(width, now) {
                return None;
            }
            unpack(packed, width, now, &mut |deltas, count| {
                let mut values = [0; 8];
                for (to, delta) in values.iter_mut().zip(deltas) {
                    *to = value.wrapping_add(least).wrapping_add(*delta as i64);
                    value = *to;
                }
                // Beyond the last number stand zeros, which would move on by the least difference.
                if count < 8
                    && let Some(last) = values.get(count.saturating_sub(1))
                {
                    value = *last;
                }
                sink(&values, count);
            });
            bytes = rest;
            left -= now;
        }
    }
    Some(())
}

/// Takes a little-endian base-128 number off the front.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn zigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
