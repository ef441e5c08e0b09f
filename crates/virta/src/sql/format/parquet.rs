//! A Parquet file that carries its query and snapshot.

use std::fmt;
use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::{About, WriteError, Writer};

pub(super) struct Parquet<'a>(ArrowWriter<Box<dyn Write + Send + 'a>>);

impl<'a> Parquet<'a> {
    pub(super) fn new(schema: &SchemaRef, about: &About, out: Box<dyn Write + Send + 'a>) -> Result<Self, WriteError> {
        let value = |key: &str, value: &str| KeyValue::new(format!("virta.{key}"), value.to_owned());
        let metadata = vec![
            value("query", &about.sql),
            value("snapshot", &about.snapshot),
            value("version", env!("CARGO_PKG_VERSION")),
        ];
        let properties = WriterProperties::builder()
            .set_created_by("virta".to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
            .set_key_value_metadata(Some(metadata))
            .build();
        ArrowWriter::try_new(out, schema.clone(), Some(properties)).map(Parquet).map_err(reworded)
    }
}

impl fmt::Debug for Parquet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parquet")
    }
}

impl Writer for Parquet<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        self.0.write(batch).map_err(reworded)
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        let mut out = self.0.into_inner().map_err(reworded)?;
        Ok(out.flush()?)
    }
}

fn reworded(error: ParquetError) -> WriteError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<std::io::Error>() {
            Ok(error) => WriteError::Io(*error),
            Err(_) => unfit(),
        },
        _ => unfit(),
    }
}

fn unfit() -> WriteError {
    WriteError::Unfit("the answer cannot be written as Parquet".to_owned(), "cast unusual types to text")
}
