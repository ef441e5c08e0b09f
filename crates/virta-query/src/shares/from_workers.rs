//! A step whose rows come from workers.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::SchemaRef;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, LexOrdering, Partitioning, PhysicalExpr};
use datafusion::physical_plan::common::spawn_buffered;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PlanProperties,
    ReplaceChildrenOptions, execute_stream,
};
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{SHARED, Share, Shared, ranges, text};

/// Gives the rows of a step that workers run by ranges of buckets. What nobody can run, it runs itself.
#[derive(Debug, Clone)]
pub(super) struct FromWorkers {
    /// What the workers run.
    pub(super) step: Arc<dyn ExecutionPlan>,
    pub(super) number: usize,
    /// The step as text, as it was when it was cut.
    pub(super) plan: String,
    /// Whether its rows come in the step's own order.
    pub(super) is_in_order: bool,
    shared: Arc<Shared>,
    properties: Arc<PlanProperties>,
}

impl FromWorkers {
    /// A step in the place of which rows come from workers, in these orders.
    pub(super) fn new(
        step: Arc<dyn ExecutionPlan>,
        number: usize,
        orders: Vec<LexOrdering>,
        shared: &Arc<Shared>,
    ) -> Result<Self> {
        let is_in_order = !orders.is_empty();
        let properties = PlanProperties::new(
            EquivalenceProperties::new_with_orderings(step.schema(), orders),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let plan = text::of(step.as_ref());
        Ok(FromWorkers {
            step,
            number,
            plan,
            is_in_order,
            shared: Arc::clone(shared),
            properties: Arc::new(properties),
        })
    }
}

impl DisplayAs for FromWorkers {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = if self.is_in_order { ", in order" } else { "" };
        write!(f, "{SHARED}{} buckets by the workers{order}", self.shared.buckets)
    }
}

impl ExecutionPlan for FromWorkers {
    fn name(&self) -> &str {
        "FromWorkers"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.step]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([step]) = <[_; 1]>::try_from(children) else {
            return Err(DataFusionError::Internal("workers run one step".to_owned()));
        };
        Ok(Arc::new(FromWorkers { step, ..self.as_ref().clone() }))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (sender, rows) = mpsc::channel(BATCHES_AHEAD);
        let (share, shared) = (self.shared.share(self.number, self.plan.clone()), Arc::clone(&self.shared));
        let schema = self.schema();
        let room = MemoryConsumer::new("FromWorkers").register(context.memory_pool());
        tokio::task::spawn_blocking(move || ask(&shared, &share, &schema, (&sender, &room)));
        let state = State { rows, here: None, plan: self.clone(), context };
        let batches = stream::try_unfold(state, State::next);
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), batches)))
    }
}

/// What comes from the thread that asks the workers.
enum Told {
    Rows(RecordBatch),
    /// The buckets that are left.
    Rest(Range<u32>),
}

/// Has the workers run the step and passes their rows on. At the end it says which buckets they left.
fn ask(shared: &Shared, share: &Share, schema: &SchemaRef, (to, room): (&mpsc::Sender<Told>, &MemoryReservation)) {
    let mut done = 0;
    if let Some(workers) = &shared.workers {
        let is_stopped = || to.is_closed();
        // Whatever it was, the rest is run here, and fails here if it must.
        let _ = workers.run(share, &is_stopped, &mut |buckets, batches| {
            // A range counts as a whole: rows of another form are noticed before the first is passed on.
            let batches: Option<Vec<RecordBatch>> = batches.iter().map(|batch| fit(schema, batch)).collect();
            let Some(batches) = batches.filter(|_| buckets.start == done) else { return false };
            // It is there already: the others are to take less.
            room.grow(batches.iter().map(RecordBatch::get_array_memory_size).sum());
            let are_told = batches.into_iter().all(|batch| tell(to, Told::Rows(batch)));
            room.free();
            done = if are_told { buckets.end } else { done };
            are_told
        });
    }
    // Nobody listens any more: fine.
    let _ = tell(to, Told::Rest(done..shared.buckets));
}

/// Waits until there is room; false where nobody listens any more. Whoever gives rows may stand in an engine of its own,
/// in which the channel itself must not be waited for.
fn tell(to: &mpsc::Sender<Told>, told: Told) -> bool {
    let mut told = told;
    loop {
        match to.try_send(told) {
            Ok(()) => return true,
            Err(TrySendError::Closed(_)) => return false,
            Err(TrySendError::Full(back)) => told = back,
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A worker's rows as the step's own, `None` where they have other columns.
fn fit(schema: &SchemaRef, batch: &RecordBatch) -> Option<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), batch.columns().to_vec(), &options).ok()
}

struct State {
    rows: mpsc::Receiver<Told>,
    /// The rest, once it runs here: partition after partition.
    here: Option<SendableRecordBatchStream>,
    plan: FromWorkers,
    context: Arc<TaskContext>,
}

impl State {
    async fn next(mut self) -> Result<Option<(RecordBatch, Self)>> {
        loop {
            if let Some(here) = &mut self.here {
                return Ok(here.next().await.transpose()?.map(|batch| (batch, self)));
            }
            match self.rows.recv().await {
                Some(Told::Rows(batch)) => return Ok(Some((batch, self))),
                Some(Told::Rest(buckets)) if buckets.is_empty() => return Ok(None),
                Some(Told::Rest(buckets)) => self.here = Some(self.plan.here(&buckets, &self.context)?),
                None => return Err(DataFusionError::Internal("who asks the workers broke off".to_owned())),
            }
        }
    }
}

impl FromWorkers {
    /// The rows of some buckets, worked out here.
    fn here(&self, buckets: &Range<u32>, context: &Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let plan = ranges::of_buckets(Arc::clone(&self.step), buckets)?;
        rows(plan, self.is_in_order, context)
    }
}

/// Batches that may be ready before it is their turn.
const BATCHES_AHEAD: usize = 16;

/// The rows of all partitions of a plan, if need be one partition after another.
pub(super) fn rows(
    plan: Arc<dyn ExecutionPlan>,
    is_in_order: bool,
    context: &Arc<TaskContext>,
) -> Result<SendableRecordBatchStream> {
    let partitions = plan.output_partitioning().partition_count();
    if partitions == 1 || !is_in_order {
        return execute_stream(plan, Arc::clone(context));
    }
    let mut all = Vec::with_capacity(partitions);
    for partition in 0..partitions {
        all.push(spawn_buffered(plan.execute(partition, Arc::clone(context))?, BATCHES_AHEAD));
    }
    let schema = plan.schema();
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::iter(all).flatten())))
}
