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
use crate::pack::{Body, Few, Number, body, delta, flags, indices, range};

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
    let nullable = named.nullable.then_some(Few::Run);
    match (column, named.kind) {
        (ColumnData::Int(values), Kind::Id | Kind::Count | Kind::Cents) => {
            let mut of_page = None;
            let body = body(
                values,
                nullable,
                |value| *value == NULL_INT,
                |values, into| {
                    of_page = range(values);
                    delta(values, into);
                },
            );
            page.numbers(body, values.len(), of_page)
        }
        (ColumnData::Day(values), Kind::Date | Kind::Time) => {
            // Times are stored in milliseconds.
            let unit = if named.kind == Kind::Time { 1000 } else { 1 };
            let mut of_page = None;
            let body = body(
                values,
                nullable,
                |value| *value == NULL_DAY,
                |values, into| {
                    let numbers: Vec<i32> = values.iter().map(|value| value.wrapping_mul(unit)).collect();
                    of_page = range(&numbers);
                    delta(&numbers, into);
                },
            );
            page.numbers(body, values.len(), of_page)
        }
        (ColumnData::Flag(values), Kind::Flag) => {
            let body = body(values, nullable, Option::is_none, |values, into| {
                flags(&values.iter().map(|flag| u8::from(*flag == Some(true))).collect::<Vec<_>>(), into);
            });
            page.data(body, values.len(), PLAIN, None)
        }
        (ColumnData::Ratio(values), Kind::Ratio) => {
            let body = body(values, nullable, Option::is_none, |values, into| {
                values.iter().flatten().for_each(|value| into.extend_from_slice(&value.to_le_bytes()));
            });
            page.data(body, values.len(), PLAIN, None)
        }
        (ColumnData::Text(text), Kind::Text | Kind::Code) => {
            let highest = text.codes.iter().copied().filter(|&code| code != NULL_CODE).max();
            if highest.is_some_and(|highest| highest as usize >= text.texts.len()) {
                return Err("a code stands for no text");
            }
            page.dictionary(text);
            let count = highest.map_or(0, |highest| highest as usize + 1);
            let is_null = |code: &u32| *code == NULL_CODE;
            let body = body(&text.codes, nullable, is_null, |codes, into| indices(codes, count, into));
            page.data(body, text.codes.len(), RLE_DICTIONARY, None)
        }
        _ => Err("a column of a part is of another kind than its table's"),
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

    fn numbers<T: Number>(self, body: Body, rows: usize, range: Option<(T, T)>) -> Result<Chunk, &'static str> {
        let statistics = T::statistics(range.map(|r| r.0), range.map(|r| r.1), body.nulls as u64);
        self.data(body, rows, DELTA_BINARY_PACKED, Some(statistics))
    }

    /// # Errors
    /// A null in a column that has none.
    fn data(
        self,
        body: Body,
        rows: usize,
        encoding: i32,
        statistics: Option<Statistics>,
    ) -> Result<Chunk, &'static str> {
        if body.nulls > 0 && !self.nullable {
            return Err("a null in a column that has none");
        }
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
        Ok(Chunk { range: self.begin..self.bytes.len(), data_at, encodings, statistics })
    }
}
