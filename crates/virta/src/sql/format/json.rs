//! A JSON array of one object a row, nulls included.

use std::fmt;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::json::WriterBuilder;
use arrow::json::writer::JsonArray;

use super::{WriteError, Writer};

pub struct Json<'a>(arrow::json::Writer<Box<dyn Write + Send + 'a>, JsonArray>);

impl<'a> Json<'a> {
    pub fn new(out: Box<dyn Write + Send + 'a>) -> Self {
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
        Ok(self.0.write(batch)?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.0.finish()?;
        let mut out = self.0.into_inner();
        out.write_all(b"\n")?;
        Ok(out.flush()?)
    }
}
