//! Scans of tables that are cut by client: whole row groups, decoded straight into Arrow's vectors.
//!
//! DataFusion's Parquet scan decodes page by page into small batches; the store's own decoders are several times faster,
//! and each column chunk is checked as it is read, so that the first question need not wait for whole files to be
//! checked. Filters are part of the scan: the columns that they name are read first, and the others only where a row is
//! left, so that no more is made of them than the rows that pass.

mod arrays;
mod filter;
mod looked;
mod rows;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::common::Statistics;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::{Column, DynamicFilterPhysicalExpr};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter_pushdown::{
    ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation, PushedDown,
};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};

pub(crate) use self::filter::Filter;
use self::rows::{Rows, Wanted};
use crate::files::{Origin, TableFile};
use crate::layout::{Cut, Slice, ordering, table_statistics};

/// Whether every column can be told from the store's plain vectors: they know no missing flag.
pub(crate) fn fits(schema: &Schema) -> bool {
    schema.fields().iter().all(|field| match field.data_type() {
        DataType::Boolean => !field.is_nullable(),
        DataType::Int64 | DataType::Date32 | DataType::Float64 | DataType::Utf8 => true,
        DataType::Time32(TimeUnit::Millisecond) => true,
        DataType::Dictionary(key, value) => **key == DataType::Int32 && **value == DataType::Utf8,
        _ => false,
    })
}

/// Reads files from end to end, a range of buckets a partition, rows in the table's order.
#[derive(Debug, Clone)]
pub(crate) struct StoreScan {
    origin: Origin,
    /// The columns read, in order.
    schema: SchemaRef,
    /// By partition.
    files: Vec<Vec<Arc<TableFile>>>,
    /// What rows must pass.
    filter: Filter,
    limit: Option<usize>,
    /// Whether a client whose rows follow one another comes once.
    is_once_per_client: bool,
    statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl StoreScan {
    pub(crate) fn try_new(
        origin: Origin,
        schema: SchemaRef,
        files: &[Arc<TableFile>],
        orders: &[Vec<&str>],
        cut: Cut,
        filter: Filter,
        limit: Option<usize>,
    ) -> Result<Self> {
        let single = files.len() == 1;
        let partitions = if single { vec![files.to_vec()] } else { cut.split(files) };
        let mut orderings: Vec<LexOrdering> = Vec::new();
        for order in orders {
            let known: Vec<&str> = order.iter().copied().take_while(|name| schema.index_of(name).is_ok()).collect();
            orderings.extend(ordering(&known, &schema)?);
        }
        let by_client = match Column::new_with_schema("client_id", &schema) {
            Ok(client_id) if !single => cut.partitioning(client_id),
            _ => None,
        };
        let properties = PlanProperties::new(
            EquivalenceProperties::new_with_orderings(Arc::clone(&schema), orderings),
            by_client.unwrap_or(Partitioning::UnknownPartitioning(partitions.len())),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Ok(StoreScan {
            origin,
            statistics: Arc::new(statistics(files, &schema, &filter)),
            schema,
            files: partitions,
            filter,
            limit,
            is_once_per_client: false,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    /// The same scan for whoever asks only which clients there are: most come once. `None` where it reads other columns,
    /// or a number of rows.
    pub(crate) fn once_per_client(&self) -> Option<Self> {
        let is_client = |field: &Arc<Field>| field.name() == "client_id" && *field.data_type() == DataType::Int64;
        let [field] = self.schema.fields().as_ref() else { return None };
        (is_client(field) && !field.is_nullable() && self.limit.is_none() && !self.is_once_per_client).then(|| {
            let statistics = Arc::new(self.statistics.as_ref().clone().to_inexact());
            StoreScan { is_once_per_client: true, statistics, ..self.clone() }
        })
    }

    /// The same scan of a range of buckets, which are spread over as many partitions.
    pub(crate) fn of_buckets(&self, buckets: &Range<u32>) -> Result<Self> {
        let partitions = self.files.len();
        let slice = Slice {
            buckets: buckets.clone(),
            bucket_count: self.origin.snapshot.bucket_count(),
            partitions: partitions as u32,
        };
        let mut files = vec![Vec::new(); partitions];
        for file in self.files.iter().flatten() {
            let Some(bucket) = file.bucket.filter(|bucket| buckets.contains(bucket)) else { continue };
            // Every scan of the range puts a bucket into the partition of the same number.
            if let Some(partition) = files.get_mut(slice.partition_of(bucket)) {
                partition.push(Arc::clone(file));
            }
        }
        let mut properties = self.properties.as_ref().clone();
        if let Partitioning::Range(range) = self.properties.output_partitioning() {
            properties = properties.with_partitioning(slice.partitioning(range)?);
        }
        let metrics = ExecutionPlanMetricsSet::new();
        Ok(StoreScan { files, properties: Arc::new(properties), metrics, ..self.clone() })
    }

    pub(crate) fn file_count(&self) -> usize {
        self.files.iter().map(Vec::len).sum()
    }

    /// Whether rows that the files hold do not come: by a filter of the statement, or for clients that come once.
    pub(crate) fn leaves_rows_out(&self) -> bool {
        let is_fixed = |expr: &Arc<dyn PhysicalExpr>| expr.downcast_ref::<DynamicFilterPhysicalExpr>().is_none();
        self.is_once_per_client || self.filter.exprs().any(is_fixed)
    }
}

impl DisplayAs for StoreScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let files = self.file_count();
        write!(f, "StoreScan: table={}, files={files}, columns=[{}]", self.origin.table, columns.join(", "))?;
        if !self.filter.is_empty() {
            write!(f, ", filter={}", self.filter)?;
        }
        if self.is_once_per_client {
            write!(f, ", once per client")?;
        }
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
}

/// As DataFusion guesses of filters: a fifth of the rows pass.
fn statistics(files: &[Arc<TableFile>], schema: &SchemaRef, filter: &Filter) -> Statistics {
    let all = table_statistics(files, schema);
    if filter.is_empty() {
        return all;
    }
    let mut some = all.to_inexact();
    some.num_rows = some.num_rows.with_estimated_selectivity(0.2);
    some.total_byte_size = some.total_byte_size.with_estimated_selectivity(0.2);
    some
}

impl ExecutionPlan for StoreScan {
    fn name(&self) -> &str {
        "StoreScan"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for expr in self.filter.exprs() {
            if visit(expr)? == TreeNodeRecursion::Stop {
                return Ok(TreeNodeRecursion::Stop);
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let files = self.files.get(partition).cloned().unwrap_or_default();
        let rows = Rows::new(
            self.origin.clone(),
            Arc::clone(&self.schema),
            self.filter.clone(),
            files,
            Wanted {
                batch_rows: context.session_config().batch_size(),
                rows: self.limit.unwrap_or(usize::MAX),
                is_once_per_client: self.is_once_per_client,
            },
            MemoryConsumer::new("StoreScan").register(context.memory_pool()),
            BaselineMetrics::new(&self.metrics, partition),
        );
        // Scans that wait for the build side of a join wake each other, and a woken task may only run on the thread that
        // woke it: that they give way while a row group is read lets the other threads have one, too.
        let batches =
            futures::stream::unfold(rows, |mut rows| async move { rows.next().await.map(|batch| (batch, rows)) });
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        match args.partition().and_then(|partition| self.files.get(partition)) {
            Some(files) => Ok(Arc::new(statistics(files, &self.schema, &self.filter))),
            None => Ok(Arc::clone(&self.statistics)),
        }
    }

    fn handle_child_pushdown_result(
        &self,
        _: FilterPushdownPhase,
        child_pushdown_result: ChildPushdownResult,
        _: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let filters = child_pushdown_result.parent_filters.into_iter().map(|filter| filter.filter);
        if self.limit.is_some() {
            // What stands above a limit sees only the rows within it.
            return Ok(FilterPushdownPropagation::with_parent_pushdown_result(vec![PushedDown::No; filters.count()]));
        }
        let mut scan = self.clone();
        let mut pushed = Vec::new();
        for filter in filters {
            pushed.push(if scan.filter.add(filter, &self.schema)? { PushedDown::Yes } else { PushedDown::No });
        }
        scan.statistics = Arc::new(statistics(&self.files.concat(), &self.schema, &scan.filter));
        let answer = FilterPushdownPropagation::with_parent_pushdown_result(pushed);
        Ok(answer.with_updated_node(Arc::new(scan) as Arc<dyn ExecutionPlan>))
    }

    fn supports_limit_pushdown(&self) -> bool {
        false
    }

    fn with_fetch(&self, limit: Option<usize>) -> Option<Arc<dyn ExecutionPlan>> {
        Some(Arc::new(StoreScan { limit, ..self.clone() }))
    }

    fn fetch(&self) -> Option<usize> {
        self.limit
    }
}
