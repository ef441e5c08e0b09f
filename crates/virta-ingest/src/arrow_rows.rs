//! Rows of Parquet files, as texts.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use virta_model::settings::Source;

use crate::cells::OwnedCells;
use crate::error::{At, Error, Refusal, Result};
use crate::input::check_header;

/// Reads a Parquet file row by row. Dates and timestamps become ISO text, fractions get the profile's decimal
/// character, nulls become the profile's first text for missing, or an empty one.
pub(crate) fn for_each(
    path: &Path,
    source: &Source,
    head: &mut dyn FnMut(&[String]) -> Result<()>,
    row: &mut dyn FnMut(u64, &OwnedCells) -> Result<()>,
) -> Result<u64> {
    let refuse = |message: String| {
        Error::Refused(vec![Refusal {
            file: path.display().to_string(),
            rule: "parquet",
            message,
            fix: "check that the file is a whole Parquet file; ask the sender for it again".to_owned(),
            ..Refusal::default()
        }])
    };
    let file = File::open(path).at("open", path)?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| refuse("not a readable Parquet file".to_owned()))?;
    let names: Vec<String> = builder.schema().fields().iter().map(|field| field.name().trim().to_owned()).collect();
    check_header(&names, &path.display().to_string())?;
    head(&names)?;
    let reader = builder.with_batch_size(8192).build().map_err(|_| refuse("not a readable Parquet file".to_owned()))?;
    let missing = source.null.first().map_or("", String::as_str);
    let mut cells = OwnedCells::default();
    let mut line = 0;
    for batch in reader {
        let batch = batch.map_err(|_| refuse(format!("the rows after row {line} cannot be read")))?;
        let mut texts = Vec::with_capacity(names.len());
        for (column, name) in batch.columns().iter().zip(&names) {
            texts.push(to_text(column, source.decimal).ok_or_else(|| {
                refuse(format!("column {name} has the type {}, which has no text form", column.data_type()))
            })?);
        }
        for at in 0..batch.num_rows() {
            line += 1;
            cells.clear();
            for text in &texts {
                cells.push(if text.is_null(at) { missing } else { text.value(at) });
            }
            row(line, &cells)?;
        }
    }
    Ok(0)
}

fn to_text(column: &ArrayRef, decimal: u8) -> Option<StringArray> {
    let text = arrow::compute::cast(column, &DataType::Utf8).ok()?;
    let text = text.as_string_opt::<i32>()?;
    let fractional = matches!(
        column.data_type(),
        DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Decimal128(..) | DataType::Decimal256(..)
    );
    if !fractional || decimal == b'.' {
        return Some(text.clone());
    }
    let mark = char::from(decimal).to_string();
    Some(text.iter().map(|value| value.map(|value| value.replace('.', &mark))).collect())
}
