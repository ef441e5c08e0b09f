//! Tables of the store column by column: as they are read back, and hidden ones as they are written.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, Date32Array, Int32Array, Int64Array, PrimitiveArray,
    RecordBatch, StringArray,
};
use arrow::datatypes::{Date32Type, Field, Int32Type, Int64Type, Schema, SchemaRef};
use virta_store::{Commit, ENCODING_KEY, Snapshot, TableWriter};

use crate::error::{Error, Result};

/// A batch of a table. Its columns are asked for by place; one that is missing or of another type is an error.
pub(crate) struct Stored<'a> {
    table: &'a str,
    pub(crate) batch: RecordBatch,
}

/// Reads columns of a file (all where none are named) batch by batch; nothing where there is no such file.
pub(crate) fn read<'a>(
    snapshot: &Snapshot,
    table: &'a str,
    bucket: Option<u32>,
    columns: Option<&[&str]>,
) -> Result<impl Iterator<Item = Result<Stored<'a>>> + use<'a>> {
    Ok(snapshot.read(table, bucket, columns)?.map(move |batch| Ok(Stored { table, batch: batch? })))
}

impl Stored<'_> {
    pub(crate) fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    pub(crate) fn wrong(&self) -> Error {
        Error::state(self.table, "a column is not as it was written")
    }

    fn column<'b, T>(&'b self, at: usize, of: impl FnOnce(&'b ArrayRef) -> Option<T>) -> Result<T> {
        self.batch.columns().get(at).and_then(of).ok_or_else(|| self.wrong())
    }

    fn numbers<T: ArrowPrimitiveType>(&self, at: usize) -> Result<&PrimitiveArray<T>> {
        self.column(at, |column| column.as_primitive_opt::<T>())
    }

    pub(crate) fn ints(&self, at: usize) -> Result<&Int64Array> {
        self.numbers::<Int64Type>(at)
    }

    pub(crate) fn small_ints(&self, at: usize) -> Result<&Int32Array> {
        self.numbers::<Int32Type>(at)
    }

    pub(crate) fn days(&self, at: usize) -> Result<&Date32Array> {
        self.numbers::<Date32Type>(at)
    }

    pub(crate) fn flags(&self, at: usize) -> Result<&BooleanArray> {
        self.column(at, |column| column.as_boolean_opt())
    }

    pub(crate) fn texts(&self, at: usize) -> Result<&StringArray> {
        self.column(at, |column| column.as_string_opt::<i32>())
    }

    /// The texts of codes row by row; a missing one is empty.
    pub(crate) fn codes(&self, at: usize) -> Result<Vec<&str>> {
        let codes =
            self.column(at, |column| column.as_dictionary_opt::<Int32Type>()?.downcast_dict::<StringArray>())?;
        Ok(codes.into_iter().map(Option::unwrap_or_default).collect())
    }
}

/// What a column that may be missing has in a row.
pub(crate) fn text_or_none(column: &StringArray, row: usize) -> Option<String> {
    (!column.is_null(row)).then(|| column.value(row).to_owned())
}

/// What a column that may be missing has in a row.
pub(crate) fn number_or_none<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    (!column.is_null(row)).then(|| column.value(row))
}

/// A hidden table that is written whole.
#[derive(Default)]
pub(crate) struct Hidden {
    fields: Vec<Field>,
    columns: Vec<ArrayRef>,
}

impl Hidden {
    /// Adds a column that has a value in every row.
    pub(crate) fn with(self, name: &str, values: impl Array + 'static) -> Self {
        self.add(name, values, false)
    }

    /// Adds a column that may lack values.
    pub(crate) fn with_some(self, name: &str, values: impl Array + 'static) -> Self {
        self.add(name, values, true)
    }

    fn add(mut self, name: &str, values: impl Array + 'static, is_nullable: bool) -> Self {
        self.fields.push(Field::new(name, values.data_type().clone(), is_nullable));
        self.columns.push(Arc::new(values));
        self
    }

    /// Its columns are written as they are, without a dictionary.
    pub(crate) fn plain(mut self) -> Self {
        for field in &mut self.fields {
            field.set_metadata([(ENCODING_KEY.to_owned(), "plain".to_owned())].into());
        }
        self
    }

    /// Puts it in the place of the file before. With clients its first column is `client_id`, in order.
    pub(crate) fn write(self, commit: &Commit, table: &str, bucket: Option<u32>) -> Result<()> {
        let schema = Arc::new(Schema::new(self.fields));
        let order: &[&str] = if bucket.is_some() { &["client_id"] } else { &[] };
        write(commit.sidecar_writer(table, bucket, Arc::clone(&schema), order)?, table, schema, self.columns)
    }
}

/// Writes a table whole.
pub(crate) fn write(mut writer: TableWriter<'_>, table: &str, schema: SchemaRef, columns: Vec<ArrayRef>) -> Result<()> {
    let batch =
        RecordBatch::try_new(schema, columns).map_err(|source| Error::Arrow { table: table.to_owned(), source })?;
    writer.write(&batch)?;
    Ok(writer.finish()?)
}
