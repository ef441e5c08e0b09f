//! A table of the store or of a study as DataFusion sees it.

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use arrow::array::{ArrayRef, BooleanArray, Int64Array, UInt64Array};
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column as LogicalColumn, DFSchema, ScalarValue};
use datafusion::datasource::physical_plan::{FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;

use crate::files::{CheckedReaders, Origin, TableFile};
use crate::layout::{Cut, ordering, plain_groups, table_statistics};
use crate::scan::{Filter, StoreScan, fits};

/// A table: its columns, its files, and what is known of how rows lie in them.
#[derive(Debug)]
pub(crate) struct StoreTable {
    pub schema: SchemaRef,
    /// In order of bucket.
    pub files: Vec<Arc<TableFile>>,
    /// Columns that the rows of each file are sorted by.
    pub order: Vec<&'static str>,
    /// For tables that are cut by client.
    pub cut: Option<Cut>,
    /// Where the table comes from, when it is the store's.
    pub(crate) origin: Option<Origin>,
    /// Whether no contact has a sequence, once somebody has looked.
    pub(crate) has_no_sequence: OnceLock<bool>,
}

/// The column that orders contacts within the day, and that most stores leave empty.
const SEQUENCE: &str = "sequence";

impl StoreTable {
    /// Every order that the rows of each file are in. Where no contact has a sequence, rows are also in the order
    /// without it, so that questions that do not name it find rows sorted.
    fn orders(&self) -> Vec<Vec<&'static str>> {
        let mut orders = vec![self.order.clone()];
        if self.order.contains(&SEQUENCE) && self.has_no_sequence() {
            orders.push(self.order.iter().copied().filter(|name| *name != SEQUENCE).collect());
        }
        orders
    }

    fn has_no_sequence(&self) -> bool {
        // A file that cannot be read is told by the scan.
        let look = |origin: &Origin| origin.snapshot.is_all_null(origin.table, SEQUENCE).unwrap_or(false);
        *self.has_no_sequence.get_or_init(|| self.origin.as_ref().is_some_and(look))
    }

    /// What the store's own scan needs, for a table that it can read.
    fn own_scan(&self) -> Option<(Cut, &Origin)> {
        self.cut.zip(self.origin.as_ref()).filter(|_| fits(&self.schema))
    }

    /// How many rows there are, where those of a client lie one after another and may be many.
    pub(crate) fn rows_by_client(&self) -> Option<u64> {
        let (_, origin) = self.own_scan()?;
        let may_be_many = origin.table != "clients" && self.order.first() == Some(&"client_id");
        may_be_many.then(|| self.files.iter().map(|file| file.rows).sum())
    }

    /// The files that may hold rows that pass the filters on `client_id`.
    fn files_for(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<Arc<TableFile>>> {
        let on_client: Vec<Expr> = filters.iter().filter(|filter| is_on_client(filter)).cloned().collect();
        let Some(filter) = self.cut.and_then(|_| conjunction(on_client)) else { return Ok(self.files.clone()) };
        let schema = DFSchema::try_from(Arc::clone(&self.schema))?;
        let filter = state.create_physical_expr(filter, &schema)?;
        let keep = PruningPredicateBuilder::new()
            .with_file_schema(Arc::clone(&self.schema))
            .try_build(filter)?
            .prune(&ClientRanges(&self.files))?;
        Ok(self.files.iter().zip(keep).filter(|(_, keep)| *keep).map(|(file, _)| Arc::clone(file)).collect())
    }
}

/// Whether a scan can test it: it is about the table's columns and nothing else.
fn is_for_scan(filter: &Expr) -> bool {
    !filter.column_refs().is_empty() && !holds_query(filter)
}

/// Whether every row passes a filter that is about no column, or none: null is no yes.
fn constant(filter: &Expr) -> Option<bool> {
    match filter {
        Expr::Literal(ScalarValue::Boolean(value), _) => Some(*value == Some(true)),
        Expr::Literal(value, _) if value.is_null() => Some(false),
        Expr::Alias(alias) => constant(&alias.expr),
        _ => None,
    }
}

/// Whether an expression holds a query of its own, whose columns it does not tell.
pub(crate) fn holds_query(expr: &Expr) -> bool {
    let is_query = |expr: &Expr| {
        let query = matches!(
            expr,
            Expr::ScalarSubquery(_)
                | Expr::InSubquery(_)
                | Expr::SetComparison(_)
                | Expr::Exists(_)
                | Expr::OuterReferenceColumn(..)
        );
        Ok(query)
    };
    !expr.exists(is_query).is_ok_and(|found| !found)
}

fn is_on_client(filter: &Expr) -> bool {
    let columns = filter.column_refs();
    columns.len() == 1 && columns.iter().all(|column| column.name == "client_id")
}

#[async_trait]
impl TableProvider for StoreTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// The store's own scan tests rows itself; of others nothing is promised. A filter that the optimiser finds to be
    /// true or false for every row is about no column any more, but is the scan's all the same.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let of = |filter: &&Expr| match self.own_scan() {
            Some(_) if is_for_scan(filter) || constant(filter).is_some() => TableProviderFilterPushDown::Exact,
            None if is_for_scan(filter) => TableProviderFilterPushDown::Inexact,
            _ => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(of).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let files = self.files_for(state, filters)?;
        let passes_none = filters.iter().any(|filter| constant(filter) == Some(false));
        if files.is_empty() || passes_none {
            let schema = match projection {
                Some(projection) => Arc::new(self.schema.project(projection)?),
                None => Arc::clone(&self.schema),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        if let Some((cut, origin)) = self.own_scan() {
            let schema = match projection {
                Some(projection) => Arc::new(self.schema.project(projection)?),
                None => Arc::clone(&self.schema),
            };
            let columns = DFSchema::try_from(Arc::clone(&self.schema))?;
            let mut filter = Filter::none(&self.schema);
            for expr in filters.iter().filter(|filter| is_for_scan(filter)) {
                if !filter.add(state.create_physical_expr(expr.clone(), &columns)?, &self.schema)? {
                    return Err(DataFusionError::Internal("a filter names no column of its table".to_owned()));
                }
            }
            let scan = StoreScan::try_new(origin.clone(), schema, &files, &self.orders(), cut, filter, limit)?;
            return Ok(Arc::new(scan));
        }
        let source = ParquetSource::new(Arc::clone(&self.schema))
            .with_table_parquet_options(state.table_options().parquet.clone())
            .with_enable_page_index(true)
            .with_parquet_file_reader_factory(Arc::new(CheckedReaders));
        // The name is never resolved: the readers above open the files.
        let scan = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
            .with_statistics(table_statistics(&files, &self.schema))
            .with_limit(limit)
            .with_projection_indices(projection.cloned())?;
        let scan = match self.cut {
            // A single file needs no partitions, and what follows it no merging.
            Some(cut) if files.len() > 1 => {
                let client_id = Column::new_with_schema("client_id", &self.schema)?;
                scan.with_file_groups(cut.groups(&files, &self.schema))
                    .with_output_partitioning(cut.partitioning(client_id))
            }
            Some(_) => scan.with_file_groups(plain_groups(&files, &self.schema, 1)),
            None => scan.with_file_groups(plain_groups(&files, &self.schema, state.config().target_partitions())),
        };
        let orders = self.orders().iter().map(|order| ordering(order, &self.schema)).collect::<Result<Vec<_>>>()?;
        Ok(DataSourceExec::from_data_source(scan.with_output_ordering(orders.into_iter().flatten().collect()).build()))
    }
}

/// The clients of each file, as pruning asks for them.
struct ClientRanges<'a>(&'a [Arc<TableFile>]);

impl ClientRanges<'_> {
    fn bound(&self, column: &LogicalColumn, bound: impl Fn((i64, i64)) -> i64) -> Option<ArrayRef> {
        (column.name == "client_id")
            .then(|| Arc::new(self.0.iter().map(|file| file.clients.map(&bound)).collect::<Int64Array>()) as ArrayRef)
    }
}

impl PruningStatistics for ClientRanges<'_> {
    fn min_values(&self, column: &LogicalColumn) -> Option<ArrayRef> {
        self.bound(column, |(first, _)| first)
    }

    fn max_values(&self, column: &LogicalColumn) -> Option<ArrayRef> {
        self.bound(column, |(_, last)| last)
    }

    fn num_containers(&self) -> usize {
        self.0.len()
    }

    fn null_counts(&self, column: &LogicalColumn) -> Option<ArrayRef> {
        (column.name == "client_id").then(|| Arc::new(UInt64Array::from(vec![0; self.0.len()])) as ArrayRef)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(self.0.iter().map(|file| file.rows).collect::<UInt64Array>()))
    }

    fn contained(&self, _column: &LogicalColumn, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
