//! Between tables in memory and Arrow.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, Time32MillisecondArray,
};
use arrow::datatypes::Int32Type;
use virta_model::schema::{Kind, TableSchema};
use virta_model::{ColumnData, NULL_CODE, NULL_DAY, NULL_INT, Table, TextColumn};

use crate::error::{Error, Result};
use crate::layout::arrow_schema;

/// A table as one batch of the schema that [`arrow_schema`] gives. Rows keep their order.
///
/// # Errors
/// Columns of unequal length, a code that has no text, and a null where the table allows none.
pub fn to_record_batch(table: &Table) -> Result<RecordBatch> {
    let schema = arrow_schema(table.schema);
    let columns = table
        .columns
        .iter()
        .zip(table.schema.columns)
        .map(|(data, column)| to_array(data, column.kind))
        .collect::<std::result::Result<Vec<_>, _>>();
    columns
        .and_then(|columns| RecordBatch::try_new(schema, columns))
        .map_err(|source| Error::Arrow { table: table.schema.name.to_owned(), source })
}

fn to_array(data: &ColumnData, kind: Kind) -> std::result::Result<ArrayRef, arrow::error::ArrowError> {
    Ok(match data {
        ColumnData::Int(values) => {
            Arc::new(Int64Array::from_iter(values.iter().map(|&value| (value != NULL_INT).then_some(value))))
        }
        ColumnData::Day(values) => {
            let days = values.iter().map(|&day| (day != NULL_DAY).then_some(day));
            match kind {
                Kind::Time => {
                    Arc::new(Time32MillisecondArray::from_iter(days.map(|day| day.map(|seconds| seconds * 1000))))
                }
                _ => Arc::new(Date32Array::from_iter(days)),
            }
        }
        ColumnData::Flag(values) => Arc::new(BooleanArray::from_iter(values.iter().copied())),
        ColumnData::Ratio(values) => Arc::new(Float64Array::from_iter(values.iter().copied())),
        ColumnData::Text(text) if kind == Kind::Code => to_dictionary(text)?,
        ColumnData::Text(text) => Arc::new(StringArray::from_iter((0..text.codes.len()).map(|row| text.get(row)))),
    })
}

fn to_dictionary(text: &TextColumn) -> std::result::Result<ArrayRef, arrow::error::ArrowError> {
    let keys = text.codes.iter().map(|code| (*code != NULL_CODE).then_some(*code as i32));
    let values = StringArray::from_iter_values(text.texts.iter());
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from_iter(keys), Arc::new(values))?))
}

/// Batches of a table's full schema as a table in memory; for tables that are small.
///
/// # Errors
/// A column that is missing or has another type than the table says.
pub fn to_table(schema: &'static TableSchema, batches: &[RecordBatch]) -> Result<Table> {
    let mut table = Table::new(schema);
    for batch in batches {
        for (at, column) in schema.columns.iter().enumerate() {
            let array = batch
                .column_by_name(column.name)
                .ok_or_else(|| Error::NoColumn { table: schema.name.to_owned(), column: column.name.to_owned() })?;
            if let Some(data) = table.columns.get_mut(at) {
                append(data, array).ok_or_else(|| Error::ColumnType {
                    table: schema.name.to_owned(),
                    column: column.name.to_owned(),
                    found: array.data_type().to_string(),
                    wanted: crate::layout::data_type(column.kind).to_string(),
                })?;
            }
        }
    }
    Ok(table)
}

/// The rows of a batch whose number in a column is at least `least`; null is less than any.
///
/// # Errors
/// A column that is missing or is no number.
pub fn rows_from(batch: &RecordBatch, column: &str, least: i64) -> Result<RecordBatch> {
    let no_column = || Error::NoColumn { table: String::new(), column: column.to_owned() };
    let numbers = batch.column_by_name(column).ok_or_else(no_column)?;
    let numbers = numbers.as_any().downcast_ref::<Int64Array>().ok_or_else(no_column)?;
    let keep = BooleanArray::from_iter(numbers.iter().map(|number| Some(number.is_some_and(|number| number >= least))));
    arrow::compute::filter_record_batch(batch, &keep).map_err(|source| Error::Arrow { table: String::new(), source })
}

fn append(data: &mut ColumnData, array: &ArrayRef) -> Option<()> {
    match data {
        ColumnData::Int(values) => {
            let array = array.as_any().downcast_ref::<Int64Array>()?;
            values.extend(array.iter().map(|value| value.unwrap_or(NULL_INT)));
        }
        ColumnData::Day(values) => match array.as_any().downcast_ref::<Date32Array>() {
            Some(days) => values.extend(days.iter().map(|day| day.unwrap_or(NULL_DAY))),
            None => {
                let times = array.as_any().downcast_ref::<Time32MillisecondArray>()?;
                values.extend(times.iter().map(|time| time.map_or(NULL_DAY, |millis| millis / 1000)));
            }
        },
        ColumnData::Flag(values) => values.extend(array.as_any().downcast_ref::<BooleanArray>()?.iter()),
        ColumnData::Ratio(values) => values.extend(array.as_any().downcast_ref::<Float64Array>()?.iter()),
        ColumnData::Text(text) => match array.as_any().downcast_ref::<DictionaryArray<Int32Type>>() {
            Some(array) => array.downcast_dict::<StringArray>()?.into_iter().for_each(|value| text.push(value)),
            None => array.as_any().downcast_ref::<StringArray>()?.iter().for_each(|value| text.push(value)),
        },
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use virta_model::Value;
    use virta_model::schema::CONTACTS;

    #[test]
    fn a_table_survives_the_way_to_arrow_and_back_with_its_nulls() {
        let mut table = Table::new(&CONTACTS);
        let row = |id, time| {
            let n = Value::Null;
            let t = Value::Text;
            [
                Value::Int(id),
                Value::Int(7),
                t("gp"),
                n,
                n,
                Value::Date(15_000),
                time,
                n,
                n,
                Value::Flag(false),
                t("visit"),
                t("unknown"),
                n,
                Value::Int(1234),
                t("extract"),
                t("hilmo"),
                Value::Int(9),
            ]
        };
        table.push(&row(1, Value::Time(3600)));
        table.push(&row(2, Value::Null));
        let batch = to_record_batch(&table).unwrap();
        assert_eq!(batch.num_rows(), 2);
        assert_eq!(to_table(&CONTACTS, &[batch]).unwrap(), table);
    }
}
