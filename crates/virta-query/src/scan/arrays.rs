//! The store's plain vectors as Arrow's arrays.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, BooleanBufferBuilder, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    StringArray, Time32MillisecondArray, UInt32Array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{DataType, Int32Type};
use arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use virta_model::{NULL_CODE, NULL_DAY, NULL_INT};
use virta_store::{Codes, ColumnValues, Runs};

/// A column of a row group as Arrow has it. Vectors move; only nulls, flags, texts and runs are made anew.
pub(super) fn array(data_type: &DataType, nullable: bool, values: ColumnValues) -> Result<ArrayRef> {
    Ok(match (data_type, values) {
        (DataType::Int64, ColumnValues::Runs(runs)) => Arc::new(Int64Array::from(spelled_out(&runs))),
        (DataType::Int64, ColumnValues::Int64(values)) => {
            let nulls = nulls(nullable, &values, NULL_INT);
            Arc::new(Int64Array::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Date32, ColumnValues::Int32(values)) => {
            let nulls = nulls(nullable, &values, NULL_DAY);
            Arc::new(Date32Array::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Time32(_), ColumnValues::Int32(values)) => {
            let nulls = nulls(nullable, &values, NULL_DAY);
            Arc::new(Time32MillisecondArray::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Boolean, ColumnValues::Flags(values)) => {
            Arc::new(BooleanArray::new(bits(&values, |flag| *flag), None))
        }
        (DataType::Float64, ColumnValues::Ratio(values)) => {
            let missing = values.iter().any(|value| value.is_nan());
            let nulls = (nullable && missing).then(|| NullBuffer::new(bits(&values, |value| !value.is_nan())));
            Arc::new(Float64Array::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Dictionary(..), ColumnValues::Codes(codes)) => {
            let nulls = nulls(nullable, &codes.codes, NULL_CODE);
            // The same bytes: a number below 2^31 is the same number with a sign.
            let keys = ScalarBuffer::from(Buffer::from_vec(codes.codes));
            let keys = Int32Array::try_new(keys, nulls)?;
            let values = StringArray::from_iter_values(&codes.dictionary);
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values))?)
        }
        (DataType::Utf8, ColumnValues::Codes(Codes { codes, dictionary })) => {
            let text = |code: &u32| dictionary.get(*code as usize).map(String::as_str);
            Arc::new(StringArray::from_iter(codes.iter().map(text)))
        }
        _ => return Err(DataFusionError::Internal("a column is not of its type".to_owned())),
    })
}

/// Where the values are there; `None` when all are.
fn nulls<T: Copy + PartialEq>(nullable: bool, values: &[T], null: T) -> Option<NullBuffer> {
    if !nullable || !values.contains(&null) {
        return None;
    }
    Some(NullBuffer::new(bits(values, |value| *value != null)))
}

/// A bit a value.
pub(super) fn bits<T>(values: &[T], is_set: impl Fn(&T) -> bool) -> BooleanBuffer {
    let mut bits = BooleanBufferBuilder::new(values.len());
    for some in values.chunks(64) {
        let word = some.iter().enumerate().fold(0, |word, (at, value)| word | u64::from(is_set(value)) << at);
        bits.append_word(word, some.len());
    }
    bits.build()
}

/// A copy of some rows of a column, in their order.
pub(super) fn pick(values: &ColumnValues, rows: &[u32]) -> ColumnValues {
    match values {
        ColumnValues::Int64(values) => ColumnValues::Int64(picked(values, rows)),
        ColumnValues::Int32(values) => ColumnValues::Int32(picked(values, rows)),
        ColumnValues::Ratio(values) => ColumnValues::Ratio(picked(values, rows)),
        ColumnValues::Flags(values) => ColumnValues::Flags(picked(values, rows)),
        ColumnValues::Codes(Codes { codes, dictionary }) => {
            ColumnValues::Codes(Codes { codes: picked(codes, rows), dictionary: dictionary.clone() })
        }
        ColumnValues::Runs(runs) => ColumnValues::Int64(picked_runs(runs, rows)),
    }
}

fn picked<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
    rows.iter().filter_map(|row| values.get(*row as usize)).copied().collect()
}

fn picked_runs(runs: &Runs, rows: &[u32]) -> Vec<i64> {
    let mut picked = Vec::with_capacity(rows.len());
    let mut each = runs.ids.iter().zip(&runs.ends);
    let mut run = each.next();
    for row in rows {
        while run.is_some_and(|(_, end)| *end <= *row) {
            run = each.next();
        }
        picked.extend(run.map(|(id, _)| *id));
    }
    picked
}

/// The id of every row.
fn spelled_out(runs: &Runs) -> Vec<i64> {
    let mut ids = Vec::with_capacity(runs.ends.last().map_or(0, |end| *end as usize));
    for (id, end) in runs.ids.iter().zip(&runs.ends) {
        ids.resize(*end as usize, *id);
    }
    ids
}

/// Some rows of an array, in their order.
pub(super) fn taken(values: &ArrayRef, rows: &[u32]) -> Result<ArrayRef, ArrowError> {
    take(values, &UInt32Array::from(rows.to_vec()), None)
}
