//! The order of rows: sorting small batches, and checking that files are sorted.

use arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{SortColumn, SortOptions, cast, lexsort_to_indices, take_record_batch};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::row::{OwnedRow, RowConverter, SortField};

/// The rows of a batch sorted by columns, ascending, text by bytes, nulls last; columns that it lacks are left out.
///
/// # Errors
/// A column of a type that has no order.
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

/// Checks that batches that come one after the other are sorted.
#[derive(Debug)]
pub(crate) struct OrderCheck {
    order: Vec<&'static str>,
    converter: Option<RowConverter>,
    last: Option<OwnedRow>,
}

impl OrderCheck {
    pub(crate) fn new(order: Vec<&'static str>) -> Self {
        OrderCheck { order, converter: None, last: None }
    }

    /// Whether this batch is sorted and does not begin before the end of the one before.
    pub(crate) fn next(&mut self, batch: &RecordBatch) -> Result<bool, ArrowError> {
        let columns = self
            .order
            .iter()
            .filter_map(|name| batch.column_by_name(name))
            .map(plain_text)
            .collect::<Result<Vec<_>, _>>()?;
        let converter = match &mut self.converter {
            Some(converter) => converter,
            none => {
                let options = SortOptions { descending: false, nulls_first: false };
                let fields =
                    columns.iter().map(|c| SortField::new_with_options(c.data_type().clone(), options)).collect();
                none.insert(RowConverter::new(fields)?)
            }
        };
        let rows = converter.convert_columns(&columns)?;
        let mut sorted = true;
        let mut before = self.last.as_ref().map(OwnedRow::row);
        for row in rows.iter() {
            sorted &= before.is_none_or(|before| before <= row);
            before = Some(row);
        }
        self.last = before.map(|row| row.owned());
        Ok(sorted)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{DictionaryArray, Int64Array};
    use arrow::datatypes::Int32Type;

    use super::*;

    fn batch(numbers: &[Option<i64>], texts: &[&str]) -> RecordBatch {
        let texts: DictionaryArray<Int32Type> = texts.iter().copied().collect();
        let numbers: ArrayRef = Arc::new(Int64Array::from(numbers.to_vec()));
        RecordBatch::try_from_iter_with_nullable([("n", numbers, true), ("t", Arc::new(texts), false)]).unwrap()
    }

    #[test]
    fn rows_are_sorted_by_bytes_of_text_with_nulls_last() {
        let mixed = batch(&[None, Some(2), Some(1), Some(1)], &["a", "a", "b", "B"]);
        let expected = batch(&[Some(1), Some(1), Some(2), None], &["B", "b", "a", "a"]);
        let found = sorted(&mixed, &["n", "t", "missing"]).unwrap();
        assert_eq!(plain_text(found.column(1)).unwrap().as_ref(), plain_text(expected.column(1)).unwrap().as_ref());
        assert_eq!(found.column(0), expected.column(0));
    }

    #[test]
    fn a_check_sees_disorder_within_and_between_batches() {
        let mut check = OrderCheck::new(vec!["n", "t"]);
        assert!(check.next(&batch(&[Some(1), Some(1)], &["a", "b"])).unwrap());
        assert!(check.next(&batch(&[Some(1), None], &["b", "a"])).unwrap());
        assert!(!check.next(&batch(&[Some(9)], &["a"])).unwrap());
        assert!(!OrderCheck::new(vec!["n", "t"]).next(&batch(&[Some(1), Some(1)], &["b", "a"])).unwrap());
    }
}
