//! The columns of a row group that a filter looks at: as the store gives them, and as Arrow's only where that is needed.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use virta_store::{Codes, ColumnValues, Runs};

use super::arrays::{array, pick, taken};

/// The filter's columns, in its order.
#[derive(Debug)]
pub(super) struct Looked<'a> {
    schema: &'a SchemaRef,
    rows: usize,
    columns: Vec<Column>,
}

#[derive(Debug)]
enum Column {
    Values(ColumnValues),
    Array(ArrayRef),
}

impl<'a> Looked<'a> {
    pub fn new(schema: &'a SchemaRef, rows: usize, columns: impl Iterator<Item = ColumnValues>) -> Self {
        Looked { schema, rows, columns: columns.map(Column::Values).collect() }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers of a column of codes or texts.
    pub fn codes(&self, at: usize) -> Option<&Codes> {
        match self.columns.get(at) {
            Some(Column::Values(ColumnValues::Codes(codes))) => Some(codes),
            _ => None,
        }
    }

    pub fn runs(&self, at: usize) -> Option<&Runs> {
        match self.columns.get(at) {
            Some(Column::Values(ColumnValues::Runs(runs))) => Some(runs),
            _ => None,
        }
    }

    pub fn field(&self, at: usize) -> Result<&Field> {
        self.schema.fields().get(at).map(AsRef::as_ref).ok_or_else(missing)
    }

    /// A column's values at some rows.
    pub fn picked(&self, at: usize, rows: &[u32]) -> Result<ArrayRef> {
        let field = self.field(at)?;
        match self.columns.get(at).ok_or_else(missing)? {
            Column::Values(values) => array(field.data_type(), field.is_nullable(), pick(values, rows)),
            Column::Array(array) => Ok(taken(array, rows)?),
        }
    }

    /// A column's values at all rows.
    pub fn whole(&mut self, at: usize) -> Result<ArrayRef> {
        let field = Arc::clone(self.schema.fields().get(at).ok_or_else(missing)?);
        let column = self.columns.get_mut(at).ok_or_else(missing)?;
        if let Column::Values(values) = column {
            let values = std::mem::replace(values, ColumnValues::Flags(Vec::new()));
            *column = Column::Array(array(field.data_type(), field.is_nullable(), values)?);
        }
        match column {
            Column::Array(array) => Ok(Arc::clone(array)),
            Column::Values(_) => Err(missing()),
        }
    }

    /// All columns at some rows, or at all.
    pub fn batch(&mut self, rows: Option<&[u32]>) -> Result<RecordBatch> {
        let columns = (0..self.columns.len()).map(|at| match rows {
            Some(rows) => self.picked(at, rows),
            None => self.whole(at),
        });
        let columns = columns.collect::<Result<_>>()?;
        Ok(batch(self.schema, columns, rows.map_or(self.rows, <[u32]>::len))?)
    }
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
