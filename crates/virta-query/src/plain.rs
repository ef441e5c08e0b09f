//! The same tables with code columns as plain text.
//!
//! Code columns are dictionaries, which some of the engine's functions cannot take. A query that fails on them is
//! planned once more over these tables.

use std::sync::Arc;

use arrow::datatypes::DataType;
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

/// A table of rows in memory.
pub(crate) fn in_memory(batches: Vec<arrow::array::RecordBatch>) -> Result<Arc<dyn TableProvider>> {
    let schema = batches.first().map(arrow::array::RecordBatch::schema);
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
