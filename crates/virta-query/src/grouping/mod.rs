//! Grouping by codes.
//!
//! A code is a number into a dictionary. DataFusion turns it into text and hashes that for every row; here each
//! dictionary entry is looked up once and rows are grouped by numbers. Where rows come client after client and are
//! grouped by client, too, no row is hashed at all. The aggregates themselves are DataFusion's.

mod by;
mod by_client;
mod numbers;

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::Statistics;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet, RecordOutput};
use datafusion::physical_plan::statistics::{ChildStats, StatisticsArgs};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, InputDistributionRequirements, PlanProperties,
    ReplaceChildrenOptions,
};
use futures::{StreamExt, stream};

use self::by::By;
use self::by_client::{ClientGroups, client_at};
use self::numbers::Combinations;

/// The first phase of an aggregation by codes, or the whole of one by client and codes, in the place of DataFusion's own.
#[derive(Debug, Clone)]
pub(crate) struct CodeGroups {
    /// What it stands for: the plan's word on columns, order and partitions.
    aggregate: Arc<AggregateExec>,
    /// The place of the client among what is grouped by, where rows come client after client.
    client_at: Option<usize>,
    metrics: ExecutionPlanMetricsSet,
}

/// Groups after which what there is goes on to the next phase, so that memory stays bounded.
const MOST_GROUPS: usize = 1 << 18;

impl CodeGroups {
    /// `None` where a key's values may be many, or where the aggregation asks for more than sums by group.
    pub(crate) fn instead_of(aggregate: &AggregateExec) -> Option<Self> {
        let by = aggregate.group_expr();
        let fits = by.is_single()
            && !by.is_empty()
            && aggregate.limit_options().is_none()
            && aggregate.dynamic_expressions_produced().is_empty()
            && aggregate
                .aggr_expr()
                .iter()
                .all(|expr| expr.groups_accumulator_supported() && expr.order_bys().is_empty());
        let client_at = match aggregate.mode() {
            _ if !fits => return None,
            AggregateMode::Partial => {
                Combinations::new(&types(aggregate).ok()?)?;
                None
            }
            AggregateMode::Single | AggregateMode::SinglePartitioned => Some(client_at(aggregate)?),
            _ => return None,
        };
        Some(CodeGroups { aggregate: Arc::new(aggregate.clone()), client_at, metrics: ExecutionPlanMetricsSet::new() })
    }

    /// What it stands for.
    pub(crate) fn aggregate(&self) -> &AggregateExec {
        &self.aggregate
    }

    fn by_client(
        &self,
        client_at: usize,
        partition: usize,
        context: &Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let room = MemoryConsumer::new("ClientGroups").register(context.memory_pool());
        let groups = ClientGroups::new(&self.aggregate, client_at, context.session_config().batch_size(), room)?;
        let input = self.aggregate.input().execute(partition, Arc::clone(context))?;
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let batches = stream::try_unfold((Some(input), groups, metrics), |(input, mut groups, metrics)| async move {
            let Some(mut input) = input else { return Ok(None) };
            let timer = metrics.elapsed_compute().clone();
            while let Some(batch) = input.next().await {
                let _timer = timer.timer();
                groups.add(&batch?)?;
                if groups.is_batch() {
                    let batch = groups.give_out_ended()?.record_output(&metrics);
                    return Ok(Some((batch, (Some(input), groups, metrics))));
                }
            }
            let batch = groups.give_out_all()?.record_output(&metrics);
            Ok::<_, DataFusionError>(Some((batch, (None, groups, metrics))))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

fn types(aggregate: &AggregateExec) -> Result<Vec<DataType>> {
    let input = aggregate.input_schema();
    aggregate.group_expr().expr().iter().map(|(expr, _)| expr.data_type(&input)).collect()
}

impl DisplayAs for CodeGroups {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in ", self.name())?;
        self.aggregate.fmt_as(t, f)
    }
}

impl ExecutionPlan for CodeGroups {
    fn name(&self) -> &str {
        if self.client_at.is_some() { "ClientGroups" } else { "CodeGroups" }
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.aggregate.properties()
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        self.aggregate.input_distribution_requirements()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.aggregate.children()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.aggregate.apply_expressions(visit)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let replaced = Arc::clone(&self.aggregate).replace_children(children, options)?;
        match replaced.downcast_ref::<AggregateExec>().and_then(CodeGroups::instead_of) {
            Some(groups) => Ok(Arc::new(groups)),
            None => Ok(replaced),
        }
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if let Some(client_at) = self.client_at {
            return self.by_client(client_at, partition, &context);
        }
        let room = MemoryConsumer::new("CodeGroups").register(context.memory_pool());
        let groups = Groups::new(&self.aggregate, room)?;
        let input = self.aggregate.input().execute(partition, context)?;
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let batches = stream::try_unfold((Some(input), groups, metrics), |(input, mut groups, metrics)| async move {
            let Some(mut input) = input else { return Ok(None) };
            let timer = metrics.elapsed_compute().clone();
            while let Some(batch) = input.next().await {
                let _timer = timer.timer();
                groups.add(&batch?)?;
                if groups.is_full()? {
                    let batch = groups.give_out()?.record_output(&metrics);
                    return Ok(Some((batch, (Some(input), groups, metrics))));
                }
            }
            let batch = groups.give_out()?.record_output(&metrics);
            Ok::<_, DataFusionError>(Some((batch, (None, groups, metrics))))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn child_stats_requests(&self, partition: Option<usize>) -> Vec<ChildStats> {
        self.aggregate.child_stats_requests(partition)
    }

    fn statistics_from_inputs(&self, inputs: &[Arc<Statistics>], args: &StatisticsArgs) -> Result<Arc<Statistics>> {
        self.aggregate.statistics_from_inputs(inputs, args)
    }
}

/// The groups so far and what was summed up for them.
struct Groups {
    aggregate: Arc<AggregateExec>,
    schema: SchemaRef,
    by: Vec<By>,
    combinations: Combinations,
    accumulators: Vec<Box<dyn GroupsAccumulator>>,
    room: MemoryReservation,
}

impl Groups {
    fn new(aggregate: &Arc<AggregateExec>, room: MemoryReservation) -> Result<Self> {
        let input = aggregate.input_schema();
        Ok(Groups {
            schema: aggregate.schema(),
            by: aggregate.group_expr().expr().iter().map(|(expr, _)| By::new(expr, &input)).collect(),
            combinations: combinations(aggregate)?,
            accumulators: accumulators(aggregate)?,
            aggregate: Arc::clone(aggregate),
            room,
        })
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        let columns: Vec<ArrayRef> = self.by.iter().map(|by| by.evaluate(batch)).collect::<Result<_>>()?;
        let mut group_of = Vec::with_capacity(rows);
        self.combinations.number(&columns, rows, &mut group_of)?;
        let group_of: Vec<usize> = group_of.into_iter().map(|group| group as usize).collect();
        update(&self.aggregate, &mut self.accumulators, batch, &group_of, self.combinations.len())
    }

    /// Whether what there is must go on before more comes in.
    fn is_full(&mut self) -> Result<bool> {
        const BYTES_A_GROUP: usize = 64;
        let (count, bytes) = (self.combinations.len(), size(&self.accumulators));
        Ok(count > MOST_GROUPS || self.room.try_resize(bytes + count * BYTES_A_GROUP).is_err())
    }

    /// The groups and the states of their aggregates; begins anew.
    fn give_out(&mut self) -> Result<RecordBatch> {
        let count = self.combinations.len();
        let mut columns = self.combinations.columns((0..count as u32).collect())?;
        for accumulator in &mut self.accumulators {
            columns.extend(accumulator.state(EmitTo::All)?);
        }
        self.combinations = combinations(&self.aggregate)?;
        self.accumulators = accumulators(&self.aggregate)?;
        self.room.free();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

fn combinations(aggregate: &AggregateExec) -> Result<Combinations> {
    Combinations::new(&types(aggregate)?)
        .ok_or_else(|| DataFusionError::Internal("a group key's values are not few".to_owned()))
}

fn accumulators(aggregate: &AggregateExec) -> Result<Vec<Box<dyn GroupsAccumulator>>> {
    aggregate.aggr_expr().iter().map(|expr| expr.create_groups_accumulator()).collect()
}

fn size(accumulators: &[Box<dyn GroupsAccumulator>]) -> usize {
    accumulators.iter().map(|accumulator| accumulator.size()).sum()
}

/// Adds the rows of a batch to their groups, of which there are so many by now.
fn update(
    aggregate: &AggregateExec,
    accumulators: &mut [Box<dyn GroupsAccumulator>],
    batch: &RecordBatch,
    group_of: &[usize],
    groups: usize,
) -> Result<()> {
    let evaluate = |expr: &Arc<dyn PhysicalExpr>| expr.evaluate(batch)?.into_array(batch.num_rows());
    let exprs = aggregate.aggr_expr().iter().zip(aggregate.filter_expr());
    for (accumulator, (expr, filter)) in accumulators.iter_mut().zip(exprs) {
        let values: Vec<ArrayRef> = expr.expressions().iter().map(evaluate).collect::<Result<_>>()?;
        let filter = filter.as_ref().map(evaluate).transpose()?;
        let filter: Option<&BooleanArray> = filter.as_ref().and_then(|filter| filter.as_boolean_opt());
        accumulator.update_batch(&values, group_of, filter, groups)?;
    }
    Ok(())
}
