//! How a table lies on disk: physical types, order of rows, encodings.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use virta_model::schema::{Column, Kind, TableSchema};

/// Rows of a row group: small enough that a column of it stays in the processor's cache while it is decoded, large
/// enough that dictionaries and headers weigh little.
pub const ROW_GROUP_ROWS: usize = 128 * 1024;

/// Key of the file's metadata that holds the first 128 bits of each column chunk's BLAKE3 as hex digits, row group by
/// row group, column by column.
pub(crate) const CHUNKS_KEY: &str = "virta.chunks";
/// Bytes kept of a chunk's checksum.
pub(crate) const CHUNK_HASH_BYTES: usize = 16;

/// The Arrow schema of a table. A field's `kind` metadata says what it holds.
///
/// | kind | Arrow type |
/// |---|---|
/// | id, count, cents | `Int64` |
/// | date | `Date32` |
/// | time | `Time32(Millisecond)` |
/// | code | `Dictionary(Int32, Utf8)` |
/// | text | `Utf8` |
/// | flag | `Boolean` |
/// | ratio | `Float64` |
pub fn arrow_schema(table: &TableSchema) -> SchemaRef {
    let fields: Vec<Field> = table.columns.iter().map(field).collect();
    Arc::new(Schema::new(fields))
}

fn field(column: &Column) -> Field {
    Field::new(column.name, data_type(column.kind), column.nullable)
}

/// The Arrow type of a kind, as [`arrow_schema`] lists them.
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Id | Kind::Count | Kind::Cents => DataType::Int64,
        Kind::Date => DataType::Date32,
        Kind::Time => DataType::Time32(TimeUnit::Millisecond),
        Kind::Code => DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        Kind::Text => DataType::Utf8,
        Kind::Flag => DataType::Boolean,
        Kind::Ratio => DataType::Float64,
    }
}

/// How a column's values are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnEncoding {
    /// Each distinct value once, rows as runs of numbers.
    Dictionary,
    /// Differences, bit-packed.
    Delta,
    /// As they are: for random bits.
    Plain,
}

/// Key of an Arrow field's metadata by which a sidecar table chooses `dictionary`, `delta` or `plain`.
pub const ENCODING_KEY: &str = "virta.encoding";

pub(crate) fn encoding_of(field: &Field) -> ColumnEncoding {
    match field.metadata().get(ENCODING_KEY).map(String::as_str) {
        Some("dictionary") => return ColumnEncoding::Dictionary,
        Some("delta") => return ColumnEncoding::Delta,
        Some("plain") => return ColumnEncoding::Plain,
        _ => {}
    }
    match field.data_type() {
        // A contact's id is a hash; a client's or a delivery's comes many times in a row.
        DataType::Int64 if field.name() == "client_id" || field.name() == "delivery_id" => ColumnEncoding::Dictionary,
        DataType::Int64 if field.name() == "contact_id" => ColumnEncoding::Plain,
        DataType::Int64 | DataType::Int32 | DataType::Date32 | DataType::Time32(_) => ColumnEncoding::Delta,
        DataType::Dictionary(..) => ColumnEncoding::Dictionary,
        _ => ColumnEncoding::Plain,
    }
}

fn compression_of(field: &Field) -> Compression {
    match field.data_type() {
        DataType::Utf8 => Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()),
        _ => Compression::UNCOMPRESSED,
    }
}

/// Pages can be skipped by client and by day, row groups by the other numbers. Smallest and largest code would cost much
/// to find and skip nothing: every row group of a table with clients has nearly all codes.
pub(crate) fn statistics_of(field: &Field) -> EnabledStatistics {
    match field.data_type() {
        _ if ["client_id", "start_date"].contains(&field.name().as_str()) => EnabledStatistics::Page,
        DataType::Dictionary(..) => EnabledStatistics::None,
        _ => EnabledStatistics::Chunk,
    }
}

/// Parquet's settings for a table. `order` are the sorting columns to declare.
pub(crate) fn writer_properties(schema: &Schema, order: &[&str]) -> WriterProperties {
    let sorting: Vec<SortingColumn> = order
        .iter()
        .filter_map(|name| schema.index_of(name).ok())
        .map(|at| SortingColumn { column_idx: at as i32, descending: false, nulls_first: false })
        .collect();
    let mut properties = WriterProperties::builder()
        // A fixed name: another version of the program must give the same bytes.
        .set_created_by("virta".to_owned())
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_data_page_row_count_limit(20_000)
        .set_write_batch_size(4096)
        .set_dictionary_page_size_limit(4 * 1024 * 1024)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_sorting_columns((!sorting.is_empty()).then_some(sorting));
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        properties = match encoding_of(field) {
            ColumnEncoding::Dictionary => properties.set_column_dictionary_enabled(path.clone(), true),
            ColumnEncoding::Delta => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED),
            ColumnEncoding::Plain => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::PLAIN),
        };
        properties = properties.set_column_statistics_enabled(path.clone(), statistics_of(field));
        properties = properties.set_column_compression(path, compression_of(field));
    }
    properties.build()
}
