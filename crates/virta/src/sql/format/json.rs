//! A JSON array of one object a row, nulls included. Ids are texts: readers that take numbers for floating would round
//! them.

use std::fmt;
use std::io::Write;
use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Schema};
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;

use super::{WriteError, Writer};

pub(super) struct Json<'a>(arrow::json::Writer<Box<dyn Write + Send + 'a>, JsonArray>);

impl<'a> Json<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>) -> Self {
        Json(WriterBuilder::new().with_explicit_nulls(true).build(out))
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Json")
    }
}

impl Writer for Json<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let mut fields = Vec::new();
        let mut columns = Vec::new();
        for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            let is_id = super::is_id(field);
            let data_type = if is_id { DataType::Utf8 } else { field.data_type().clone() };
            columns.push(if is_id { cast(column, &data_type)? } else { Arc::clone(column) });
            fields.push(field.as_ref().clone().with_data_type(data_type));
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(self.0.write(&RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)?)?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.0.finish()?;
        let mut out = self.0.into_inner();
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }
}
