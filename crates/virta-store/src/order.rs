//! The order of rows: sorting small batches, and checking that files are sorted.

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, SortOptions, cast, lexsort_to_indices, take_record_batch};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;

/// The rows of a batch sorted by columns, ascending, text by bytes, nulls last; columns that it lacks are left out.
pub fn sorted(batch: &RecordBatch, order: &[&str]) -> Result<RecordBatch, ArrowError> {
    let columns = order
        .iter()
        .filter_map(|name| batch.column_by_name(name))
        .map(|column| {
            let options = SortOptions { descending: false, nulls_first: false };
            Ok(SortColumn { values: plain_text(column)?, options: Some(options) })
        })
        .collect::<Result<Vec<_>, ArrowError>>()?;
    if columns.is_empty() || batch.num_rows() < 2 {
        return Ok(batch.clone());
    }
    let rows: UInt32Array = lexsort_to_indices(&columns, None)?;
    take_record_batch(batch, &rows)
}

/// Dictionaries are numbered by appearance: their order is that of their texts.
fn plain_text(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(_, values) => cast(column, values),
        _ => Ok(column.clone()),
    }
}
