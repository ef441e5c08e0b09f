//! One column of a part as a column chunk: a dictionary page where there are texts, and one data page.

use std::ops::Range;

use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;
use virta_model::schema::{Column, Kind};
use virta_model::{ColumnData, NULL_CODE, NULL_DAY, NULL_INT, TextColumn};

use super::thrift::{self, DELTA_BINARY_PACKED, PLAIN, RLE_DICTIONARY};
use crate::pack::{delta, hybrid, varint, width_of};

/// A column chunk among the bytes of its row group.
pub(super) struct Chunk {
    pub range: Range<usize>,
    /// Where the data page begins, in the same bytes; before it lies the dictionary.
    data_at: usize,
    encodings: Vec<Encoding>,
    statistics: Option<Statistics>,
}

impl Chunk {
    /// What the footer says of it, for a row group that begins at `begin`.
    pub(super) fn metadata(
        &self,
        begin: u64,
        rows: usize,
        column: ColumnDescPtr,
    ) -> Result<ColumnChunkMetaData, ParquetError> {
        let at = |place: usize| (begin + place as u64) as i64;
        let has_dictionary = self.data_at > self.range.start;
        let mut chunk = ColumnChunkMetaData::builder(column)
            .set_encodings(self.encodings.clone())
            .set_compression(Compression::UNCOMPRESSED)
            .set_num_values(rows as i64)
            .set_total_compressed_size(self.range.len() as i64)
            .set_total_uncompressed_size(self.range.len() as i64)
            .set_data_page_offset(at(self.data_at))
            .set_dictionary_page_offset(has_dictionary.then(|| at(self.range.start)));
        if let Some(statistics) = &self.statistics {
            chunk = chunk.set_statistics(statistics.clone());
        }
        chunk.build()
    }
}

/// Appends a column's pages to `bytes`. The error says what is wrong with the column.
pub(super) fn encode(column: &ColumnData, named: &Column, bytes: &mut Vec<u8>) -> Result<Chunk, &'static str> {
    let mut page = Page { begin: bytes.len(), nullable: named.nullable, bytes };
    match (column, named.kind) {
        (ColumnData::Int(values), Kind::Id | Kind::Count | Kind::Cents) => {
            let is_there = |value: &i64| *value != NULL_INT;
            let range = least_and_most(values.iter().copied().filter(is_there));
            let body = present(values, named.nullable, is_there, |values, into| {
                delta(values, into);
            })?;
            let statistics = Statistics::int64(range.map(|r| r.0), range.map(|r| r.1), None, Some(body.nulls), false);
            Ok(page.data(body, values.len(), DELTA_BINARY_PACKED, Some(statistics)))
        }
        (ColumnData::Day(values), Kind::Date | Kind::Time) => {
            // Times are stored in milliseconds.
            let unit = if named.kind == Kind::Time { 1000 } else { 1 };
            let is_there = |value: &i32| *value != NULL_DAY;
            let range = least_and_most(values.iter().copied().filter(is_there).map(|value| value.wrapping_mul(unit)));
            let body = present(values, named.nullable, is_there, |values, into| {
                let numbers: Vec<i32> = values.iter().map(|value| value.wrapping_mul(unit)).collect();
                delta(&numbers, into);
            })?;
            let statistics = Statistics::int32(range.map(|r| r.0), range.map(|r| r.1), None, Some(body.nulls), false);
            Ok(page.data(body, values.len(), DELTA_BINARY_PACKED, Some(statistics)))
        }
        (ColumnData::Flag(values), Kind::Flag) => {
            let body = present(values, named.nullable, Option::is_some, |values, into| {
                let bit = |(place, flag): (usize, &Option<bool>)| u8::from(*flag == Some(true)) << place;
                into.extend(values.chunks(8).map(|eight| eight.iter().enumerate().map(bit).sum::<u8>()));
            })?;
            Ok(page.data(body, values.len(), PLAIN, None))
        }
        (ColumnData::Ratio(values), Kind::Ratio) => {
            let body = present(values, named.nullable, Option::is_some, |values, into| {
                values.iter().flatten().for_each(|value| into.extend_from_slice(&value.to_le_bytes()));
            })?;
            Ok(page.data(body, values.len(), PLAIN, None))
        }
        (ColumnData::Text(text), Kind::Text | Kind::Code) => {
            let highest = text.codes.iter().copied().filter(|&code| code != NULL_CODE).max();
            if highest.is_some_and(|highest| highest as usize >= text.texts.len()) {
                return Err("a code stands for no text");
            }
            page.dictionary(text);
            let bits = width_of(highest.map_or(0, |highest| highest as usize + 1));
            let body = present(
                &text.codes,
                named.nullable,
                |code| *code != NULL_CODE,
                |codes, into| {
                    into.push(bits as u8);
                    hybrid(codes, bits, into);
                },
            )?;
            Ok(page.data(body, text.codes.len(), RLE_DICTIONARY, None))
        }
        _ => Err("a column of a part is of another kind than its table's"),
    }
}

/// The body of a data page.
struct Body {
    bytes: Vec<u8>,
    nulls: u64,
}

/// Levels where the column may have nulls, then the values that are there.
fn present<T: Copy>(
    values: &[T],
    is_nullable: bool,
    is_there: impl Fn(&T) -> bool + Copy,
    encode: impl FnOnce(&[T], &mut Vec<u8>),
) -> Result<Body, &'static str> {
    let count = values.iter().filter(|value| is_there(value)).count();
    let nulls = (values.len() - count) as u64;
    if nulls > 0 && !is_nullable {
        return Err("a null in a column that has none");
    }
    let mut bytes = Vec::with_capacity(values.len());
    if is_nullable {
        levels(values.len(), nulls > 0, values.iter().map(is_there), &mut bytes);
    }
    if nulls == 0 {
        encode(values, &mut bytes);
    } else {
        let there: Vec<T> = values.iter().copied().filter(is_there).collect();
        encode(&there, &mut bytes);
    }
    Ok(Body { bytes, nulls })
}

/// Definition levels: their length in four bytes, then a bit for each row.
fn levels(rows: usize, has_nulls: bool, is_there: impl Iterator<Item = bool>, into: &mut Vec<u8>) {
    let begin = into.len();
    into.extend([0; 4]);
    if has_nulls {
        let levels: Vec<u32> = is_there.map(u32::from).collect();
        hybrid(&levels, 1, into);
    } else {
        varint((rows as u64) << 1, into);
        into.push(1);
    }
    let length = ((into.len() - begin - 4) as u32).to_le_bytes();
    if let Some(place) = into.get_mut(begin..begin + 4) {
        place.copy_from_slice(&length);
    }
}

/// Where the pages of a column go.
struct Page<'a> {
    begin: usize,
    nullable: bool,
    bytes: &'a mut Vec<u8>,
}

impl Page<'_> {
    fn dictionary(&mut self, text: &TextColumn) {
        thrift::dictionary_page(text.texts.len(), text.texts.bytes() + 4 * text.texts.len(), self.bytes);
        self.bytes.reserve(text.texts.bytes() + 4 * text.texts.len());
        for text in text.texts.iter() {
            self.bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.bytes.extend_from_slice(text.as_bytes());
        }
    }

    fn data(self, body: Body, rows: usize, encoding: i32, statistics: Option<Statistics>) -> Chunk {
        let data_at = self.bytes.len();
        thrift::data_page(rows, body.bytes.len(), encoding, self.bytes);
        self.bytes.extend_from_slice(&body.bytes);
        let mut encodings = match encoding {
            DELTA_BINARY_PACKED => vec![Encoding::DELTA_BINARY_PACKED],
            RLE_DICTIONARY => vec![Encoding::PLAIN, Encoding::RLE_DICTIONARY],
            _ => vec![Encoding::PLAIN],
        };
        if self.nullable {
            encodings.push(Encoding::RLE);
        }
        Chunk { range: self.begin..self.bytes.len(), data_at, encodings, statistics }
    }
}

fn least_and_most<T: Copy + Ord>(mut values: impl Iterator<Item = T>) -> Option<(T, T)> {
    let first = values.next()?;
    Some(values.fold((first, first), |(least, most), value| (least.min(value), most.max(value))))
}
