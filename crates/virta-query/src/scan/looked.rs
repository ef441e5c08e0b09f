//! The columns of a row group: read when they are needed, and at those rows only that are left by then.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use virta_store::{Codes, ColumnBatch, ColumnReader, ColumnValues, Runs};

use super::arrays::{array, pick, taken};

/// The filter's columns, in its order.
pub(super) struct Looked<'a> {
    reader: &'a mut ColumnReader,
    /// Of the filter's columns.
    schema: &'a SchemaRef,
    /// The places of the filter's columns among those that are read.
    places: &'a [usize],
    rows: usize,
    columns: Vec<Column>,
}

/// As the store gives it, and as Arrow's only where that is needed.
#[derive(Debug)]
enum Column {
    Unread,
    Values(ColumnValues),
    Array(ArrayRef),
}

impl<'a> Looked<'a> {
    pub(super) fn new(reader: &'a mut ColumnReader, schema: &'a SchemaRef, places: &'a [usize]) -> Self {
        let rows = reader.next_rows();
        Looked { reader, schema, places, rows, columns: places.iter().map(|_| Column::Unread).collect() }
    }

    pub(super) fn is_read(&self, at: usize) -> bool {
        !matches!(self.columns.get(at), None | Some(Column::Unread))
    }

    /// Reads a column at all rows.
    pub(super) fn read(&mut self, at: usize) -> Result<()> {
        if !self.is_read(at) {
            let place = *self.places.get(at).ok_or_else(missing)?;
            let values = peek(self.reader, place, None)?;
            *self.columns.get_mut(at).ok_or_else(missing)? = Column::Values(values);
        }
        Ok(())
    }

    /// A column by its place among those that are read, whether or not the filter names it, at some rows or at all.
    pub(super) fn column(&mut self, place: usize, field: &Field, rows: Option<&[u32]>) -> Result<ArrayRef> {
        match (self.places.iter().position(|looked| *looked == place), rows) {
            (Some(at), Some(rows)) => self.picked(at, rows),
            (Some(at), None) => self.whole(at),
            (None, _) => array(field.data_type(), field.is_nullable(), peek(self.reader, place, rows)?),
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers of a column of codes or texts.
    pub(super) fn codes(&self, at: usize) -> Option<&Codes> {
        match self.columns.get(at) {
            Some(Column::Values(ColumnValues::Codes(codes))) => Some(codes),
            _ => None,
        }
    }

    pub(super) fn runs(&self, at: usize) -> Option<&Runs> {
        match self.columns.get(at) {
            Some(Column::Values(ColumnValues::Runs(runs))) => Some(runs),
            _ => None,
        }
    }

    pub(super) fn field(&self, at: usize) -> Result<&Field> {
        self.schema.fields().get(at).map(AsRef::as_ref).ok_or_else(missing)
    }

    /// A column's values at some rows. Of a column that was not read before no others are read.
    pub(crate) fn picked(&mut self, at: usize, rows: &[u32]) -> Result<ArrayRef> {
        let field = Arc::clone(self.schema.fields().get(at).ok_or_else(missing)?);
        match self.columns.get(at).ok_or_else(missing)? {
            Column::Unread => {
                let place = *self.places.get(at).ok_or_else(missing)?;
                array(field.data_type(), field.is_nullable(), peek(self.reader, place, Some(rows))?)
            }
            Column::Values(values) => array(field.data_type(), field.is_nullable(), pick(values, rows)),
            Column::Array(array) => Ok(taken(array, rows)?),
        }
    }

    /// A column's values at all rows.
    pub(super) fn whole(&mut self, at: usize) -> Result<ArrayRef> {
        self.read(at)?;
        let field = Arc::clone(self.schema.fields().get(at).ok_or_else(missing)?);
        let column = self.columns.get_mut(at).ok_or_else(missing)?;
        if let Column::Values(values) = column {
            let values = std::mem::replace(values, ColumnValues::Flags(Vec::new()));
            *column = Column::Array(array(field.data_type(), field.is_nullable(), values)?);
        }
        match column {
            Column::Array(array) => Ok(Arc::clone(array)),
            Column::Values(_) | Column::Unread => Err(missing()),
        }
    }

    /// Some columns at some rows, or at all.
    pub(super) fn batch(&mut self, columns: &[usize], schema: &SchemaRef, rows: Option<&[u32]>) -> Result<RecordBatch> {
        let columns = columns.iter().map(|at| match rows {
            Some(rows) => self.picked(*at, rows),
            None => self.whole(*at),
        });
        let columns = columns.collect::<Result<_>>()?;
        Ok(batch(schema, columns, rows.map_or(self.rows, <[u32]>::len))?)
    }
}

/// One column of the next row group.
fn peek(reader: &mut ColumnReader, place: usize, rows: Option<&[u32]>) -> Result<ColumnValues> {
    let mut group = ColumnBatch::default();
    match rows {
        Some(rows) => reader.peek_rows_into(rows, &[place], &mut group),
        None => reader.peek_into(&[place], &mut group),
    }
    .map_err(external)?;
    group
        .columns
        .get_mut(place)
        .map(|values| std::mem::replace(values, ColumnValues::Flags(Vec::new())))
        .ok_or_else(missing)
}

pub(super) fn external(error: virta_store::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

pub(super) fn batch(
    schema: &Arc<Schema>,
    columns: Vec<ArrayRef>,
    rows: usize,
) -> std::result::Result<RecordBatch, ArrowError> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
}

fn missing() -> DataFusionError {
    DataFusionError::Internal("a column of a filter is missing".to_owned())
}
