//! The schema of the program that wrote a Parquet file, which lies in its footer as text.
//!
//! A footer has no checksum, and Arrow's reader of schemas ends the program over a type that it does not know. So one is
//! looked through before it is read.

use arrow::datatypes::Schema;
use arrow::error::ArrowError;
use arrow::ipc::{Field, Int, Type, root_as_message};
use base64::Engine;
use parquet::arrow::ARROW_SCHEMA_META_KEY;
use parquet::file::metadata::ParquetMetaData;

/// The schema, if the file has one.
///
/// # Errors
/// One that is damaged.
pub(crate) fn schema_of_writer(metadata: &ParquetMetaData) -> Result<Option<Schema>, ArrowError> {
    let pairs = metadata.file_metadata().key_value_metadata();
    let pair = pairs.into_iter().flatten().find(|pair| pair.key == ARROW_SCHEMA_META_KEY);
    let Some(encoded) = pair.and_then(|pair| pair.value.as_deref()) else { return Ok(None) };
    let damaged = || ArrowError::ParseError("the schema of the writer is damaged".to_owned());
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).map_err(|_| damaged())?;
    // One or two words come before the message: a mark that older programs do not write, and its length.
    let message = bytes.get(if bytes.starts_with(&[0xFF; 4]) { 8 } else { 4 }..).ok_or_else(damaged)?;
    let message = root_as_message(message).map_err(|_| damaged())?;
    let fields = message.header_as_schema().and_then(|schema| schema.fields()).ok_or_else(damaged)?;
    if !fields.iter().all(is_known) {
        return Err(damaged());
    }
    arrow::ipc::convert::try_schema_from_ipc_buffer(&bytes).map(Some)
}

/// Whether a field and those within it have types that Arrow's reader knows.
fn is_known(field: Field<'_>) -> bool {
    let is_whole = |int: Option<Int<'_>>| int.is_some_and(|int| matches!(int.bitWidth(), 8 | 16 | 32 | 64));
    let children = field.children();
    let count = children.map_or(0, |children| children.len());
    let is_type_known = match field.type_type() {
        Type::Int => is_whole(field.type_as_int()),
        Type::FloatingPoint => field.type_as_floating_point().is_some_and(|of| of.precision().variant_name().is_some()),
        Type::Date => field.type_as_date().is_some_and(|of| of.unit().variant_name().is_some()),
        // Seconds and their thousandths have 32 bits, finer ones 64.
        Type::Time => {
            field.type_as_time().is_some_and(|of| matches!((of.bitWidth(), of.unit().0), (32, 0 | 1) | (64, 2 | 3)))
        }
        Type::Timestamp => field.type_as_timestamp().is_some_and(|of| of.unit().variant_name().is_some()),
        Type::Duration => field.type_as_duration().is_some_and(|of| of.unit().variant_name().is_some()),
        Type::Interval => field.type_as_interval().is_some_and(|of| of.unit().variant_name().is_some()),
        Type::FixedSizeBinary => field.type_as_fixed_size_binary().is_some(),
        Type::Decimal => field.type_as_decimal().is_some_and(|of| {
            let is_sized = u8::try_from(of.precision()).is_ok() && i8::try_from(of.scale()).is_ok();
            is_sized && matches!(of.bitWidth(), 32 | 64 | 128 | 256)
        }),
        Type::List | Type::LargeList | Type::ListView | Type::LargeListView => count == 1,
        Type::FixedSizeList => count == 1 && field.type_as_fixed_size_list().is_some(),
        Type::Map => count == 1 && field.type_as_map().is_some(),
        Type::RunEndEncoded => count == 2,
        Type::Null | Type::Bool | Type::Struct_ => true,
        Type::Binary | Type::BinaryView | Type::LargeBinary | Type::Utf8 | Type::Utf8View | Type::LargeUtf8 => true,
        // Parquet has no unions.
        _ => false,
    };
    let is_index_known = field.dictionary().is_none_or(|dictionary| is_whole(dictionary.indexType()));
    is_type_known && is_index_known && children.is_none_or(|children| children.iter().all(is_known))
}
