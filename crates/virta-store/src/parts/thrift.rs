//! Page headers in Thrift's compact protocol.
//!
//! Source: the Parquet format's `parquet.thrift` (structures PageHeader, DataPageHeader, DictionaryPageHeader).

use crate::pack::varint;

const I32: u8 = 5;
const STRUCT: u8 = 12;

/// Numbers of encodings.
pub(super) const PLAIN: i32 = 0;
pub(super) const RLE: i32 = 3;
pub(super) const DELTA_BINARY_PACKED: i32 = 5;
pub(super) const RLE_DICTIONARY: i32 = 8;

/// The header of a data page (version 1) without compression.
pub(super) fn data_page(values: usize, bytes: usize, encoding: i32, into: &mut Vec<u8>) {
    header(0, bytes, into);
    // Field 5 follows field 3.
    into.push(2 << 4 | STRUCT);
    number(1, values, into);
    number(1, encoding as usize, into);
    number(1, RLE as usize, into);
    number(1, RLE as usize, into);
    into.extend([0, 0]);
}

/// The header of a dictionary page without compression.
pub(super) fn dictionary_page(values: usize, bytes: usize, into: &mut Vec<u8>) {
    const DICTIONARY: usize = 2;
    header(DICTIONARY, bytes, into);
    // Field 7 follows field 3.
    into.push(4 << 4 | STRUCT);
    number(1, values, into);
    number(1, PLAIN as usize, into);
    into.extend([0, 0]);
}

/// Kind of page, bytes as they are, bytes as they are stored.
fn header(kind: usize, bytes: usize, into: &mut Vec<u8>) {
    number(1, kind, into);
    number(1, bytes, into);
    number(1, bytes, into);
}

/// A 32-bit field `step` after the one before, in zigzag.
fn number(step: u8, number: usize, into: &mut Vec<u8>) {
    into.push(step << 4 | I32);
    varint((number as u64) << 1, into);
}
