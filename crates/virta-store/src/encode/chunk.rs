//! One column of a row group as the bytes of its column chunk.

use std::collections::HashMap;

use bytes::Bytes;
use parquet::basic::{BoundaryOrder, Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::Result;
use parquet::file::metadata::{ColumnChunkMetaData, ColumnIndexBuilder, OffsetIndexBuilder};
use parquet::file::properties::EnabledStatistics;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::gather::{Gathered, Numbered};
use crate::layout::ColumnEncoding;
use crate::pack::{Body, Few, Number, body, delta, flags, indices, range};
use virta_model::{NULL_CODE, NULL_DAY, NULL_FLAG, NULL_INT};

/// Rows of a page: what a reader can skip at the least.
const PAGE_ROWS: usize = 1 << 14;
/// A larger dictionary is given up: the values then stand in the pages.
const DICTIONARY_BYTES_MAX: usize = 4 << 20;

/// How a column is written.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub column: ColumnDescPtr,
    pub encoding: ColumnEncoding,
    pub statistics: EnabledStatistics,
}

/// A column that must have values lacks one.
#[derive(Debug)]
pub(super) struct Missing;

/// Encodes a column; its bytes depend on its values only.
pub(super) fn encode(gathered: &Gathered, form: &Form) -> Encoded {
    let bytes = match gathered {
        Gathered::Int64(values) => size_of_val(values.as_slice()),
        Gathered::Int32(values) => size_of_val(values.as_slice()),
        Gathered::Codes(codes) => 2 * codes.numbers.len(),
        Gathered::Flags(values) => values.len() / 4,
    };
    let chunk = Chunk::new(form.clone(), bytes);
    match gathered {
        Gathered::Int64(values) => chunk.numbers(values, NULL_INT),
        Gathered::Int32(values) => chunk.numbers(values, NULL_DAY),
        Gathered::Codes(codes) => chunk.codes(codes),
        Gathered::Flags(values) => chunk.flags(values),
    }
}

type Encoded = Result<std::result::Result<(Bytes, ColumnCloseResult), Missing>>;

struct Chunk {
    form: Form,
    nullable: bool,
    sink: TrackedWrite<Vec<u8>>,
    rows: usize,
    nulls: usize,
    uncompressed: usize,
    dictionary_at: Option<u64>,
    data_at: Option<u64>,
    pages: OffsetIndexBuilder,
    ranges: Option<ColumnIndexBuilder>,
}

impl Chunk {
    /// `bytes` is about how many the chunk may have.
    fn new(form: Form, bytes: usize) -> Self {
        let ranges =
            (form.statistics == EnabledStatistics::Page).then(|| ColumnIndexBuilder::new(form.column.physical_type()));
        Chunk {
            nullable: form.column.max_def_level() > 0,
            form,
            sink: TrackedWrite::new(Vec::with_capacity(bytes + bytes / 16 + 1024)),
            rows: 0,
            nulls: 0,
            uncompressed: 0,
            dictionary_at: None,
            data_at: None,
            pages: OffsetIndexBuilder::new(),
            ranges,
        }
    }

    fn numbers<T: Number>(mut self, values: &[T], null: T) -> Encoded {
        let numbered = match self.form.encoding {
            ColumnEncoding::Dictionary => numbered(values, null),
            _ => None,
        };
        if let Some((_, dictionary)) = &numbered {
            let mut bytes = Vec::with_capacity(dictionary.len() * size_of::<T>());
            dictionary.iter().for_each(|value| value.put(&mut bytes));
            self.dictionary_page(bytes, dictionary.len())?;
        }
        let mut whole: Option<(T, T)> = None;
        let mut ranges: Vec<(T, T)> = Vec::new();
        for (page, from) in values.chunks(PAGE_ROWS).zip((0..).step_by(PAGE_ROWS)) {
            let (mut of_page, mut encoding) = (None, Encoding::PLAIN);
            let body = body(
                page,
                self.levels(),
                |value| *value == null,
                |present, bytes| {
                    of_page = range(present);
                    encoding = match (&numbered, self.form.encoding) {
                        (Some((numbers, dictionary)), _) => {
                            let numbers = numbers.get(from..from + page.len()).unwrap_or_default();
                            match present.len() == page.len() {
                                true => indices(numbers, dictionary.len(), bytes),
                                false => {
                                    let there = numbers.iter().copied().filter(|number| *number != NULL_CODE);
                                    indices(&there.collect::<Vec<u32>>(), dictionary.len(), bytes);
                                }
                            }
                            Encoding::RLE_DICTIONARY
                        }
                        (None, ColumnEncoding::Delta) => {
                            delta(present, bytes);
                            Encoding::DELTA_BINARY_PACKED
                        }
                        _ => {
                            bytes.reserve(std::mem::size_of_val(present));
                            present.iter().for_each(|value| value.put(bytes));
                            Encoding::PLAIN
                        }
                    };
                },
            );
            if let Some(index) = &mut self.ranges {
                let bytes = |value: Option<T>| {
                    let mut bytes = Vec::new();
                    value.inspect(|value| value.put(&mut bytes));
                    bytes
                };
                let (least, largest) = (bytes(of_page.map(|r| r.0)), bytes(of_page.map(|r| r.1)));
                index.append(of_page.is_none(), least, largest, body.nulls as i64);
            }
            if let Some((least, largest)) = of_page {
                ranges.push((least, largest));
                whole = Some(whole.map_or((least, largest), |(a, b)| (a.min(least), b.max(largest))));
            }
            self.data_page(body, page.len(), encoding)?;
        }
        if let Some(index) = &mut self.ranges
            && ranges.iter().zip(ranges.iter().skip(1)).all(|(a, b)| a.0 <= b.0 && a.1 <= b.1)
        {
            index.set_boundary_order(BoundaryOrder::ASCENDING);
        }
        let statistics = T::statistics(whole.map(|r| r.0), whole.map(|r| r.1), self.nulls as u64);
        self.close(Some(statistics))
    }

    fn codes(mut self, codes: &Numbered) -> Encoded {
        let bytes: usize = codes.texts.iter().map(|text| 4 + text.len()).sum();
        let has_dictionary = bytes <= DICTIONARY_BYTES_MAX;
        let put = |text: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(&(text.len() as u32).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        };
        if has_dictionary {
            let mut page = Vec::with_capacity(bytes);
            codes.texts.iter().for_each(|text| put(text, &mut page));
            self.dictionary_page(page, codes.texts.len())?;
        }
        for page in codes.numbers.chunks(PAGE_ROWS) {
            let is_null = |number: &u32| *number == NULL_CODE;
            let body = body(page, self.levels(), is_null, |present, bytes| match has_dictionary {
                true => indices(present, codes.texts.len(), bytes),
                false => {
                    present.iter().filter_map(|number| codes.texts.get(*number as usize)).for_each(|t| put(t, bytes))
                }
            });
            let encoding = if has_dictionary { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
            self.data_page(body, page.len(), encoding)?;
        }
        self.close(None)
    }

    fn flags(mut self, values: &[u8]) -> Encoded {
        for page in values.chunks(PAGE_ROWS) {
            let body = body(page, self.levels(), |flag| *flag == NULL_FLAG, flags);
            self.data_page(body, page.len(), Encoding::PLAIN)?;
        }
        let range = values.iter().filter(|flag| **flag != NULL_FLAG);
        let (least, largest) = (range.clone().min().map(|flag| *flag == 1), range.max().map(|flag| *flag == 1));
        let nulls = Some(self.nulls as u64);
        self.close(Some(Statistics::boolean(least, largest, None, nulls, false)))
    }

    fn levels(&self) -> Option<Few> {
        self.nullable.then_some(Few::Bits)
    }

    fn dictionary_page(&mut self, bytes: Vec<u8>, count: usize) -> Result<()> {
        let size = bytes.len();
        let page = Page::DictionaryPage {
            buf: bytes.into(),
            num_values: count as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let written = SerializedPageWriter::new(&mut self.sink).write_page(CompressedPage::new(page, size))?;
        self.dictionary_at = Some(written.offset);
        self.uncompressed += written.uncompressed_size;
        Ok(())
    }

    fn data_page(&mut self, body: Body, rows: usize, encoding: Encoding) -> Result<()> {
        let size = body.bytes.len();
        let page = Page::DataPage {
            buf: body.bytes.into(),
            num_values: rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let written = SerializedPageWriter::new(&mut self.sink).write_page(CompressedPage::new(page, size))?;
        self.data_at.get_or_insert(written.offset);
        self.uncompressed += written.uncompressed_size;
        self.pages.append_row_count(rows as i64);
        self.pages.append_offset_and_size(written.offset as i64, written.compressed_size as i32);
        self.rows += rows;
        self.nulls += body.nulls;
        Ok(())
    }

    fn close(self, statistics: Option<Statistics>) -> Encoded {
        if self.nulls > 0 && !self.nullable {
            return Ok(Err(Missing));
        }
        let bytes = Bytes::from(self.sink.into_inner()?);
        let encoding = match self.form.encoding {
            ColumnEncoding::Delta if self.dictionary_at.is_none() => Encoding::DELTA_BINARY_PACKED,
            _ => Encoding::PLAIN,
        };
        let mut encodings = vec![Encoding::RLE, encoding];
        encodings.extend(self.dictionary_at.map(|_| Encoding::RLE_DICTIONARY));
        let mut metadata = ColumnChunkMetaData::builder(self.form.column)
            .set_encodings(encodings)
            .set_compression(Compression::UNCOMPRESSED)
            .set_num_values(self.rows as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_data_page_offset(self.data_at.unwrap_or_default() as i64)
            .set_dictionary_page_offset(self.dictionary_at.map(|at| at as i64));
        if let Some(statistics) = statistics {
            metadata = metadata.set_statistics(statistics);
        }
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: self.rows as u64,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: self.ranges.map(ColumnIndexBuilder::build).transpose()?,
            offset_index: Some(self.pages.build()),
        };
        Ok(Ok((bytes, close)))
    }
}

/// Values as numbers into the list of distinct ones, in order of appearance; `None` when that list is too large.
fn numbered<T: Number>(values: &[T], null: T) -> Option<(Vec<u32>, Vec<T>)> {
    let mut distinct: Vec<T> = Vec::new();
    let mut numbers = Vec::with_capacity(values.len());
    let mut known: HashMap<T, u32> = HashMap::new();
    let mut last = (null, NULL_CODE);
    // Sorted columns need no search: what is larger than all before is new.
    let mut largest: Option<T> = None;
    let mut is_ascending = true;
    for value in values {
        if *value != last.0 {
            let next = distinct.len() as u32;
            let number = if *value == null {
                NULL_CODE
            } else if is_ascending && largest.is_none_or(|largest| *value > largest) {
                next
            } else {
                if is_ascending {
                    known = distinct.iter().copied().zip(0..).collect();
                    is_ascending = false;
                }
                *known.entry(*value).or_insert(next)
            };
            if number == next {
                distinct.push(*value);
                largest = Some(*value);
            }
            last = (*value, number);
        }
        numbers.push(last.1);
    }
    (distinct.len() * size_of::<T>() <= DICTIONARY_BYTES_MAX).then_some((numbers, distinct))
}
