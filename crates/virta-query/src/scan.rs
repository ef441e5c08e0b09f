//! Scans of tables that are cut by client: whole row groups, decoded straight into Arrow's vectors.
//!
//! DataFusion's Parquet scan decodes page by page into small batches and can skip pages, which is right for a few
//! clients. A question about everybody reads every row: then the store's own decoders are several times faster, and
//! each column chunk is checked as it is read, so that the first question need not wait for whole files to be checked.

use std::fmt;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringArray, Time32MillisecondArray,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Int32Type, Schema, SchemaRef, TimeUnit};
use datafusion::common::Statistics;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet, RecordOutput};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions};
use virta_store::{Codes, ColumnBatch, ColumnReader, ColumnValues, NULL_CODE, NULL_DAY, NULL_INT, Snapshot};

use crate::files::TableFile;
use crate::layout::{Cut, ordering, table_statistics};

/// What a scan reads from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub snapshot: Snapshot,
    pub table: &'static str,
}

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
    limit: Option<usize>,
    statistics: Arc<Statistics>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl StoreScan {
    pub fn try_new(
        origin: Origin,
        schema: SchemaRef,
        files: &[Arc<TableFile>],
        order: &[&str],
        cut: Cut,
        limit: Option<usize>,
    ) -> Result<Self> {
        let single = files.len() == 1;
        let partitions = if single { vec![files.to_vec()] } else { cut.split(files) };
        let known: Vec<&str> = order.iter().copied().take_while(|name| schema.index_of(name).is_ok()).collect();
        let orderings: Vec<LexOrdering> = ordering(&known, &schema)?.into_iter().collect();
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
            statistics: Arc::new(table_statistics(files, &schema)),
            schema,
            files: partitions,
            limit,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }
}

impl DisplayAs for StoreScan {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<&str> = self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        let files: usize = self.files.iter().map(Vec::len).sum();
        write!(f, "StoreScan: table={}, files={files}, columns=[{}]", self.origin.table, columns.join(", "))?;
        match self.limit {
            Some(limit) => write!(f, ", limit={limit}"),
            None => Ok(()),
        }
    }
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
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
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
        let names = self.schema.fields().iter().map(|field| field.name().clone()).collect();
        let rows = Rows {
            origin: self.origin.clone(),
            schema: Arc::clone(&self.schema),
            names,
            files: files.into_iter(),
            reader: None,
            group: None,
            batch_rows: context.session_config().batch_size(),
            left: self.limit.unwrap_or(usize::MAX),
            room: MemoryConsumer::new("StoreScan").register(context.memory_pool()),
            metrics: BaselineMetrics::new(&self.metrics, partition),
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(rows))))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        match args.partition().and_then(|partition| self.files.get(partition)) {
            Some(files) => Ok(Arc::new(table_statistics(files, &self.schema))),
            None => Ok(Arc::clone(&self.statistics)),
        }
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

/// The batches of one partition.
struct Rows {
    origin: Origin,
    schema: SchemaRef,
    names: Vec<String>,
    files: std::vec::IntoIter<Arc<TableFile>>,
    reader: Option<ColumnReader>,
    /// The row group that is being handed out, and how many of its rows were.
    group: Option<(RecordBatch, usize)>,
    batch_rows: usize,
    left: usize,
    room: MemoryReservation,
    metrics: BaselineMetrics,
}

impl Iterator for Rows {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.batch().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.left = 0;
        }
        next
    }
}

impl Rows {
    fn batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if self.left == 0 {
                return Ok(None);
            }
            if let Some((group, at)) = &mut self.group {
                let rows = self.batch_rows.min(group.num_rows() - *at).min(self.left);
                if rows > 0 {
                    let batch = group.slice(*at, rows);
                    *at += rows;
                    self.left -= rows;
                    return Ok(Some(batch.record_output(&self.metrics)));
                }
            }
            if !self.next_group()? {
                return Ok(None);
            }
        }
    }

    fn next_group(&mut self) -> Result<bool> {
        let timer = self.metrics.elapsed_compute().clone();
        let _timer = timer.timer();
        self.group = None;
        loop {
            if let Some(reader) = &mut self.reader {
                self.room.free();
                self.room.try_grow(reader.next_rows() * bytes_of_a_row(&self.schema))?;
                let mut columns = ColumnBatch::default();
                if reader.next_into(&mut columns).map_err(external)? {
                    self.group = Some((batch(&self.schema, columns)?, 0));
                    return Ok(true);
                }
            }
            let Some(file) = self.files.next() else { return Ok(false) };
            let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let reader = self.origin.snapshot.read_columns(self.origin.table, file.bucket, &names);
            self.reader = Some(reader.map_err(external)?);
        }
    }
}

fn external(error: virta_store::Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

fn bytes_of_a_row(schema: &Schema) -> usize {
    schema.fields().iter().map(|field| field.data_type().primitive_width().unwrap_or(4)).sum()
}

/// A row group as a batch. The vectors move; only nulls and texts are made anew.
fn batch(schema: &SchemaRef, group: ColumnBatch) -> Result<RecordBatch> {
    let rows = group.rows;
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .zip(group.columns)
        .map(|(field, values)| array(field.data_type(), field.is_nullable(), values))
        .collect::<Result<_>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

fn array(data_type: &DataType, nullable: bool, values: ColumnValues) -> Result<ArrayRef> {
    Ok(match (data_type, values) {
        (DataType::Int64, ColumnValues::Int64(values)) => {
            let nulls = nulls(nullable, &values, NULL_INT);
            Arc::new(Int64Array::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Date32, ColumnValues::Int32(values)) => {
            let nulls = nulls(nullable, &values, NULL_DAY);
            Arc::new(Date32Array::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Time32(_), ColumnValues::Int32(values)) => {
            let nulls = nulls(nullable, &values, NULL_DAY);
            Arc::new(Time32MillisecondArray::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Boolean, ColumnValues::Flags(values)) => Arc::new(BooleanArray::from(values)),
        (DataType::Float64, ColumnValues::Ratio(values)) => {
            let missing = values.iter().any(|value| value.is_nan());
            let nulls = (nullable && missing)
                .then(|| NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |at| !values[at].is_nan())));
            Arc::new(Float64Array::try_new(ScalarBuffer::from(values), nulls)?)
        }
        (DataType::Dictionary(..), ColumnValues::Codes(codes)) => {
            let nulls = nulls(nullable, &codes.codes, NULL_CODE);
            let keys: Vec<i32> = codes.codes.iter().map(|code| code.cast_signed()).collect();
            let keys = Int32Array::try_new(ScalarBuffer::from(keys), nulls)?;
            let values = StringArray::from_iter_values(&codes.dictionary);
            Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values))?)
        }
        (DataType::Utf8, ColumnValues::Codes(Codes { codes, dictionary })) => {
            let text = |code: &u32| dictionary.get(*code as usize).map(String::as_str);
            Arc::new(StringArray::from_iter(codes.iter().map(text)))
        }
        _ => return Err(DataFusionError::Internal("a column is not of its type".to_owned())),
    })
}

/// Where the values are there; `None` when all are.
fn nulls<T: Copy + PartialEq>(nullable: bool, values: &[T], null: T) -> Option<NullBuffer> {
    if !nullable || !values.contains(&null) {
        return None;
    }
    Some(NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |at| values[at] != null)))
}
