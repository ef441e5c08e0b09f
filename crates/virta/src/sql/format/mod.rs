//! The forms of an answer. Each takes the columns, then batches, then the end.

mod csv;
mod grid;
mod json;
mod parquet;
mod xlsx;

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow::error::ArrowError;
use virta_model::Lang;

use crate::args::Format;

/// Why an answer cannot be written. Never a value of it.
#[derive(Debug)]
pub(crate) enum WriteError {
    Io(io::Error),
    /// The form cannot hold the answer: what, and what to do.
    Unfit(String, &'static str),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        WriteError::Io(error)
    }
}

impl From<ArrowError> for WriteError {
    fn from(error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, error) => WriteError::Io(error),
            // Its text could hold a value.
            _ => WriteError::Unfit("a column has a type that this format cannot hold".to_owned(), "cast it to text"),
        }
    }
}

/// Whether a column holds ids: names, not quantities, and longer than a floating number can hold.
fn is_id(field: &Field) -> bool {
    field.data_type() == &DataType::Int64 && field.name().ends_with("_id")
}

/// Something that answers are written into.
pub(super) trait Writer {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError>;
    /// Writes what comes after the last row.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// What an answer tells of itself, in formats that can hold it.
#[derive(Debug, Clone)]
pub(crate) struct About {
    pub sql: String,
    pub store: String,
    pub snapshot: String,
}

/// A writer of a format into `out`.
pub(super) fn writer<'a>(
    format: Format,
    lang: Lang,
    schema: &SchemaRef,
    about: &About,
    out: Box<dyn Write + Send + 'a>,
) -> Result<Box<dyn Writer + 'a>, WriteError> {
    Ok(match format {
        Format::Table => Box::new(grid::Grid::new(schema, out)),
        Format::Csv => Box::new(csv::Csv::new(schema, lang, out)?),
        Format::Json => Box::new(json::Json::new(out)),
        Format::Parquet => Box::new(parquet::Parquet::new(schema, about, out)?),
        Format::Xlsx => Box::new(xlsx::Xlsx::new(schema, lang, about, out)?),
    })
}
