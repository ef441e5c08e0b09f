//! Columns straight into Parquet's pages: the counterpart of `columns`, and the way of tables that hold numbers and
//! codes only.
//!
//! The Arrow writer hashes every code of every row and collects batches first; here a code comes as a number and leaves
//! as one. What is written is plain Parquet: data pages of version 1, without compression.

mod chunk;
mod gather;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::errors::Result;
use parquet::file::metadata::{KeyValue, RowGroupMetaData};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;

pub use gather::ColumnSlice;

use crate::layout::{ROW_GROUP_ROWS, encoding_of, statistics_of};
use chunk::{Form, encode};
use gather::Gathered;
pub(crate) use gather::Room;

/// Why rows cannot be written.
#[derive(Debug)]
pub(crate) enum Refused {
    /// A column (by its place) is of another kind than the table's.
    Kind(usize),
    /// A column that must have values lacks one.
    Missing(usize),
    Parquet(parquet::errors::ParquetError),
}

impl From<parquet::errors::ParquetError> for Refused {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Refused::Parquet(error)
    }
}

/// Encodes the rows of one file. Finished row groups wait in its buffer.
pub(crate) struct Encoder {
    gathered: Vec<Gathered>,
    rows: usize,
    forms: Vec<Form>,
    places: Vec<u32>,
    writer: SerializedFileWriter<Vec<u8>>,
}

impl Encoder {
    /// `None` when a column's type is one for the Arrow writer.
    pub(crate) fn new(schema: &Schema, properties: WriterProperties, room: &mut Room) -> Result<Option<Self>> {
        let Some(gathered) = Gathered::all_of(schema, room) else { return Ok(None) };
        let mut properties = properties;
        add_encoded_arrow_schema_to_metadata(schema, &mut properties);
        let descriptor = ArrowSchemaConverter::new().convert(schema)?;
        let writer = SerializedFileWriter::new(room.bytes(), descriptor.root_schema_ptr(), Arc::new(properties))?;
        let forms = schema
            .fields()
            .iter()
            .zip(writer.schema_descr().columns())
            .map(|(field, column)| Form {
                column: Arc::clone(column),
                encoding: encoding_of(field),
                statistics: statistics_of(field),
            })
            .collect();
        Ok(Some(Encoder { gathered, rows: 0, forms, places: Vec::new(), writer }))
    }

    /// Adds rows from the columns of the schema, in its order.
    pub(crate) fn write_columns(
        &mut self,
        rows: usize,
        columns: &[ColumnSlice<'_>],
    ) -> std::result::Result<(), Refused> {
        if let Some(odd) = columns.iter().position(|column| column.len() != rows) {
            return Err(Refused::Kind(odd));
        }
        if columns.len() != self.gathered.len() {
            return Err(Refused::Kind(columns.len().min(self.gathered.len())));
        }
        self.take(rows, |gathered, at, from, to, places| {
            columns.get(at).is_some_and(|slice| gathered.push(slice, from, to, places))
        })
    }

    /// Adds the rows of a batch of the schema.
    pub(crate) fn write_batch(&mut self, batch: &RecordBatch) -> std::result::Result<(), Refused> {
        let columns = batch.columns();
        self.take(batch.num_rows(), |gathered, at, from, to, places| {
            columns.get(at).is_some_and(|array| gathered.push_array(array, from, to, places))
        })
    }

    fn take(
        &mut self,
        rows: usize,
        mut push: impl FnMut(&mut Gathered, usize, usize, usize, &mut Vec<u32>) -> bool,
    ) -> std::result::Result<(), Refused> {
        let mut from = 0;
        while from < rows {
            let to = rows.min(from + ROW_GROUP_ROWS - self.rows);
            for (at, gathered) in self.gathered.iter_mut().enumerate() {
                if !push(gathered, at, from, to, &mut self.places) {
                    return Err(Refused::Kind(at));
                }
            }
            self.rows += to - from;
            from = to;
            if self.rows == ROW_GROUP_ROWS {
                self.end_row_group()?;
            }
        }
        Ok(())
    }

    fn end_row_group(&mut self) -> std::result::Result<(), Refused> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for (at, (gathered, form)) in self.gathered.iter_mut().zip(&self.forms).enumerate() {
            let (bytes, close) = encode(gathered, form)?.map_err(|_| Refused::Missing(at))?;
            group.append_column(&bytes, close)?;
            gathered.clear();
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    /// Ends the last row group.
    pub(crate) fn flush(&mut self) -> std::result::Result<(), Refused> {
        self.end_row_group()
    }

    /// Row groups that are encoded.
    pub(crate) fn row_groups(&self) -> &[RowGroupMetaData] {
        self.writer.flushed_row_groups()
    }

    pub(crate) fn append_metadata(&mut self, entry: KeyValue) {
        self.writer.append_key_value_metadata(entry);
    }

    /// Writes the footer.
    pub(crate) fn finish(&mut self) -> Result<()> {
        self.writer.finish().map(|_| ())
    }

    /// Takes the bytes that were written since the last time.
    pub(crate) fn take_bytes(&mut self) -> Result<Vec<u8>> {
        self.writer.flush()?;
        Ok(std::mem::take(self.writer.inner_mut()))
    }

    /// Gives the room of bytes back that were taken.
    pub(crate) fn give_back(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        *self.writer.inner_mut() = bytes;
    }

    /// Leaves what the columns took to those of another file.
    pub(crate) fn leave(mut self, room: &mut Room) {
        self.gathered.into_iter().for_each(|gathered| room.keep(gathered));
        room.keep_bytes(std::mem::take(self.writer.inner_mut()));
    }
}
