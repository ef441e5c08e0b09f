//! Grouping by codes.
//!
//! A code is a number into a dictionary. DataFusion turns it into text and hashes that for every row; here each
//! dictionary entry is looked up once and rows are grouped by numbers. The aggregates themselves are DataFusion's.

mod numbers;

use std::fmt;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
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

use self::numbers::{Key, Pairs};

/// The first phase of an aggregation by codes, in the place of DataFusion's own.
#[derive(Debug, Clone)]
pub(crate) struct CodeGroups {
    /// What it stands for: the plan's word on columns, order and partitions.
    aggregate: Arc<AggregateExec>,
    metrics: ExecutionPlanMetricsSet,
}

/// Groups after which what there is goes on to the next phase, so that memory stays bounded.
const MOST_GROUPS: usize = 1 << 18;

impl CodeGroups {
    /// `None` where a key's values may be many, or where the aggregation asks for more than sums by group.
    pub fn instead_of(aggregate: &AggregateExec) -> Option<Self> {
        let by = aggregate.group_expr();
        let schema = aggregate.input_schema();
        let are_few = |expr: &Arc<dyn PhysicalExpr>| expr.data_type(&schema).is_ok_and(|t| Key::new(&t).is_some());
        let fits = *aggregate.mode() == AggregateMode::Partial
            && by.is_single()
            && !by.is_empty()
            && by.expr().iter().all(|(expr, _)| are_few(expr))
            && aggregate.limit_options().is_none()
            && aggregate.dynamic_expressions_produced().is_empty()
            && aggregate
                .aggr_expr()
                .iter()
                .all(|expr| expr.groups_accumulator_supported() && expr.order_bys().is_empty());
        fits.then(|| CodeGroups { aggregate: Arc::new(aggregate.clone()), metrics: ExecutionPlanMetricsSet::new() })
    }
}

impl DisplayAs for CodeGroups {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeGroups in ")?;
        self.aggregate.fmt_as(t, f)
    }
}

impl ExecutionPlan for CodeGroups {
    fn name(&self) -> &str {
        "CodeGroups"
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
    by: Vec<Arc<dyn PhysicalExpr>>,
    keys: Vec<Key>,
    /// For each key after the first, the groups that it makes with those before it.
    pairs: Vec<Pairs>,
    accumulators: Vec<Box<dyn GroupsAccumulator>>,
    room: MemoryReservation,
}

impl Groups {
    fn new(aggregate: &Arc<AggregateExec>, room: MemoryReservation) -> Result<Self> {
        let by: Vec<_> = aggregate.group_expr().expr().iter().map(|(expr, _)| Arc::clone(expr)).collect();
        let mut groups = Groups {
            aggregate: Arc::clone(aggregate),
            schema: aggregate.schema(),
            keys: Vec::new(),
            pairs: Vec::new(),
            accumulators: Vec::new(),
            by,
            room,
        };
        groups.begin()?;
        Ok(groups)
    }

    fn begin(&mut self) -> Result<()> {
        let input = self.aggregate.input_schema();
        let key = |expr: &Arc<dyn PhysicalExpr>| {
            Key::new(&expr.data_type(&input)?)
                .ok_or_else(|| DataFusionError::Internal("a group key's values are not few".to_owned()))
        };
        self.keys = self.by.iter().map(key).collect::<Result<_>>()?;
        self.pairs = (1..self.by.len()).map(|_| Pairs::default()).collect();
        self.accumulators =
            self.aggregate.aggr_expr().iter().map(|expr| expr.create_groups_accumulator()).collect::<Result<_>>()?;
        Ok(())
    }

    fn count(&self) -> usize {
        self.pairs.last().map_or_else(|| self.keys.first().map_or(0, Key::len), Pairs::len)
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        let evaluate = |expr: &Arc<dyn PhysicalExpr>| expr.evaluate(batch)?.into_array(rows);
        let (mut group_of, mut numbers) = (Vec::with_capacity(rows), Vec::new());
        let mut so_far = 0;
        for (at, (key, by)) in self.keys.iter_mut().zip(&self.by).enumerate() {
            let column = evaluate(by)?;
            match at.checked_sub(1).and_then(|pair| self.pairs.get_mut(pair)) {
                None => {
                    key.number(&column, &mut group_of)?;
                    so_far = key.len();
                }
                Some(pairs) => {
                    key.number(&column, &mut numbers)?;
                    pairs.join(&mut group_of, &numbers, so_far, key.len());
                    so_far = pairs.len();
                }
            }
        }
        let group_of: Vec<usize> = group_of.into_iter().map(|group| group as usize).collect();
        let exprs = self.aggregate.aggr_expr().iter().zip(self.aggregate.filter_expr());
        for (accumulator, (expr, filter)) in self.accumulators.iter_mut().zip(exprs) {
            let values: Vec<ArrayRef> = expr.expressions().iter().map(evaluate).collect::<Result<_>>()?;
            let filter = filter.as_ref().map(evaluate).transpose()?;
            let filter: Option<&BooleanArray> = filter.as_ref().and_then(|filter| filter.as_boolean_opt());
            accumulator.update_batch(&values, &group_of, filter, so_far)?;
        }
        Ok(())
    }

    /// Whether what there is must go on before more comes in.
    fn is_full(&mut self) -> Result<bool> {
        const BYTES_A_GROUP: usize = 64;
        let bytes = self.accumulators.iter().map(|accumulator| accumulator.size()).sum::<usize>();
        Ok(self.count() > MOST_GROUPS || self.room.try_resize(bytes + self.count() * BYTES_A_GROUP).is_err())
    }

    /// The groups and the states of their aggregates; begins anew.
    fn give_out(&mut self) -> Result<RecordBatch> {
        let count = self.count();
        let mut groups: Vec<u32> = (0..count as u32).collect();
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for (at, key) in self.keys.iter().enumerate().rev() {
            match at.checked_sub(1).and_then(|pair| self.pairs.get(pair)) {
                None => columns.push(key.column(groups.iter().copied())?),
                Some(pairs) => {
                    columns.push(key.column(groups.iter().map(|group| pairs.pair(*group).1))?);
                    groups.iter_mut().for_each(|group| *group = pairs.pair(*group).0);
                }
            }
        }
        columns.reverse();
        for accumulator in &mut self.accumulators {
            columns.extend(accumulator.state(EmitTo::All)?);
        }
        self.begin()?;
        self.room.free();
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}
