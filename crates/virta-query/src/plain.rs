//! The same tables with code columns as plain text.
//!
//! Code columns are dictionaries, which some of the engine's functions cannot take. A query that fails on them is
//! planned once more over these tables.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::compute::cast as cast_array;
use arrow::datatypes::{DataType, FieldRef, Schema, TimeUnit};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::DFSchema;
use datafusion::datasource::{ViewTable, provider_as_source};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast};

use crate::table::StoreTable;

/// A view over a table that casts its codes to text.
pub(crate) fn view(name: &str, table: Arc<dyn TableProvider>) -> Result<Arc<dyn TableProvider>> {
    let schema = DFSchema::try_from(table.schema())?;
    if !schema.fields().iter().any(|field| matches!(field.data_type(), DataType::Dictionary(..))) {
        return Ok(table);
    }
    let scan = LogicalPlanBuilder::scan(name, provider_as_source(table), None)?;
    let columns = scan.schema().columns().into_iter().zip(schema.fields().iter()).map(|(column, field)| {
        let name = column.name.clone();
        match field.data_type() {
            DataType::Dictionary(_, text) => cast(Expr::Column(column), text.as_ref().clone()).alias(name),
            _ => Expr::Column(column),
        }
    });
    let plan = scan.project(columns.collect::<Vec<_>>())?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// The same for a table of the store.
pub(crate) fn store_view(name: &str, table: &Arc<StoreTable>) -> Result<Arc<dyn TableProvider>> {
    view(name, Arc::clone(table) as Arc<dyn TableProvider>)
}

/// Rows whose times of day have the type of the tables' times, where that loses nothing: other types of time do not
/// compare with them, nor with `time '12:00'`.
pub(crate) fn with_times(batches: Vec<RecordBatch>) -> Result<Vec<RecordBatch>> {
    let ours = DataType::Time32(TimeUnit::Millisecond);
    let is_other =
        |data_type: &DataType| matches!(data_type, DataType::Time32(_) | DataType::Time64(_)) && *data_type != ours;
    let is_kept = |at: usize| {
        batches.iter().all(|batch| {
            let column = batch.column(at);
            let there = cast_array(column, &ours);
            there
                .and_then(|there| cast_array(&there, column.data_type()))
                .is_ok_and(|back| back.as_ref() == column.as_ref())
        })
    };
    let Some(schema) = batches.first().map(RecordBatch::schema) else { return Ok(batches) };
    let changed: Vec<bool> =
        schema.fields().iter().enumerate().map(|(at, field)| is_other(field.data_type()) && is_kept(at)).collect();
    let field = |(field, is_changed): (&FieldRef, &bool)| match is_changed {
        true => Arc::new(field.as_ref().clone().with_data_type(ours.clone())),
        false => Arc::clone(field),
    };
    let fields: Vec<FieldRef> = schema.fields().iter().zip(&changed).map(field).collect();
    let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let with_times = |batch: &RecordBatch| {
        let columns =
            batch.columns().iter().zip(schema.fields()).map(|(column, field)| cast_array(column, field.data_type()));
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(&schema),
            columns.collect::<std::result::Result<_, _>>()?,
            &options,
        )?)
    };
    batches.iter().map(with_times).collect()
}

/// A table of rows in memory.
pub(crate) fn in_memory(batches: Vec<RecordBatch>) -> Result<Arc<dyn TableProvider>> {
    let schema = batches.first().map(RecordBatch::schema);
    let schema = schema.ok_or_else(|| DataFusionError::Plan("a list without columns cannot be joined".to_owned()))?;
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}

/// Whether a query may have failed because a code column is no plain text.
pub(crate) fn may_be_about_codes(error: &DataFusionError) -> bool {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => may_be_about_codes(inner),
        DataFusionError::Shared(inner) => may_be_about_codes(inner),
        DataFusionError::Collection(errors) => errors.first().is_some_and(may_be_about_codes),
        DataFusionError::NotImplemented(_) | DataFusionError::Internal(_) => true,
        DataFusionError::Plan(message) => !message.starts_with("table '") && !message.starts_with("Invalid function"),
        DataFusionError::Execution(message) => message.contains("ORDER BY expressions must appear"),
        _ => false,
    }
}
