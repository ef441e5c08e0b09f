//! Windows over a client's rows, walked client by client.
//!
//! Rows come sorted by client from the store. Then each client's rows are together, a frame is two pointers that only
//! move forwards, and an order that is the stored one turned round needs no sort: the rows are walked backwards.

mod frame;
mod function;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{SortOptions, concat_batches, partition};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::Statistics;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::window::WindowExpr;
use datafusion::physical_expr::{
    Distribution, EquivalenceProperties, LexOrdering, OrderingRequirements, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::execution_plan::{Boundedness, ChildrenPropertiesMode, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet, RecordOutput};
use datafusion::physical_plan::statistics::StatisticsArgs;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, InputDistributionRequirements,
    PlanProperties, ReplaceChildrenOptions,
};
use futures::{Stream, StreamExt, stream};

use self::frame::{Frame, Peers, Values};
use self::function::Function;

/// Adds window columns to rows that come sorted by the windows' partition.
#[derive(Debug, Clone)]
pub(crate) struct ClientWindows {
    input: Arc<dyn ExecutionPlan>,
    exprs: Vec<Arc<dyn WindowExpr>>,
    functions: Vec<Function>,
    /// The rows lie the other way round than the windows order them.
    is_reversed: bool,
    ordering: LexOrdering,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl ClientWindows {
    /// `None` when the windows are not over rows that come sorted by their partition, or have a function or frame that
    /// is left to DataFusion.
    pub(crate) fn over(exprs: &[Arc<dyn WindowExpr>], input: &Arc<dyn ExecutionPlan>) -> Result<Option<Self>> {
        let Some(first) = exprs.first() else { return Ok(None) };
        let (keys, order) = (first.partition_by(), first.order_by());
        let is_alike = |expr: &Arc<dyn WindowExpr>| {
            expr.partition_by() == keys && expr.order_by() == order && !expr.partition_by().is_empty()
        };
        if !exprs.iter().all(is_alike) {
            return Ok(None);
        }
        let schema = input.schema();
        let functions: Option<Vec<Function>> = exprs.iter().map(|expr| Function::of(expr, &schema)).collect();
        let Some(functions) = functions else { return Ok(None) };
        if functions.iter().filter_map(Function::frame).any(Frame::needs_values) {
            let [only] = order else { return Ok(None) };
            let empty = only.expr.evaluate(&RecordBatch::new_empty(Arc::clone(&schema)))?.into_array(0)?;
            if !Values::measures(&empty) {
                return Ok(None);
            }
        }
        let ascending =
            |key: &Arc<dyn PhysicalExpr>| PhysicalSortExpr::new(Arc::clone(key), SortOptions::new(false, false));
        let sorted = |order: Vec<PhysicalSortExpr>| LexOrdering::new(keys.iter().map(ascending).chain(order));
        let turned = order.iter().map(|by| PhysicalSortExpr::new(Arc::clone(&by.expr), !by.options)).collect();
        let (Some(by_key), Some(as_is), Some(turned)) = (sorted(Vec::new()), sorted(order.to_vec()), sorted(turned))
        else {
            return Ok(None);
        };
        let known = input.equivalence_properties();
        if !known.ordering_satisfy(by_key)? {
            return Ok(None);
        }
        let is_reversed = !known.ordering_satisfy(as_is.clone())? && known.ordering_satisfy(turned.clone())?;
        let ordering = if is_reversed { turned } else { as_is };
        Self::try_new(exprs.to_vec(), functions, is_reversed, ordering, Arc::clone(input)).map(Some)
    }

    fn try_new(
        exprs: Vec<Arc<dyn WindowExpr>>,
        functions: Vec<Function>,
        is_reversed: bool,
        ordering: LexOrdering,
        input: Arc<dyn ExecutionPlan>,
    ) -> Result<Self> {
        let mut fields = input.schema().fields().to_vec();
        for expr in &exprs {
            fields.push(expr.field()?);
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, input.schema().metadata().clone()));
        // The input's columns keep their places, so what it says of them holds here.
        let orderings: Vec<LexOrdering> = input.equivalence_properties().oeq_class().iter().cloned().collect();
        let properties = PlanProperties::new(
            EquivalenceProperties::new_with_orderings(schema, orderings),
            input.output_partitioning().clone(),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        let metrics = ExecutionPlanMetricsSet::new();
        Ok(ClientWindows { input, exprs, functions, is_reversed, ordering, properties: Arc::new(properties), metrics })
    }

    pub(crate) fn exprs(&self) -> &[Arc<dyn WindowExpr>] {
        &self.exprs
    }

    fn keys(&self) -> Vec<Arc<dyn PhysicalExpr>> {
        self.exprs.first().map(|expr| expr.partition_by().to_vec()).unwrap_or_default()
    }
}

impl DisplayAs for ClientWindows {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.exprs.iter().map(|expr| expr.name()).collect();
        write!(f, "ClientWindows: [{}]", names.join(", "))?;
        if self.is_reversed { write!(f, ", walked backwards") } else { Ok(()) }
    }
}

impl ExecutionPlan for ClientWindows {
    fn name(&self) -> &str {
        "ClientWindows"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        InputDistributionRequirements::new(vec![Distribution::KeyPartitioned(self.keys())])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![Some(OrderingRequirements::from(self.ordering.clone()))]
    }

    /// The rows keep their order, as the properties say. But a plan that says so here has sorts for what comes after it
    /// moved below it, in the place of the order that it needs.
    fn maintains_input_order(&self) -> Vec<bool> {
        vec![false]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        for expr in &self.exprs {
            let all = expr.all_expressions();
            for expr in all.args.iter().chain(&all.partition_by_exprs).chain(&all.order_by_exprs) {
                if visit(expr)? == TreeNodeRecursion::Stop {
                    return Ok(TreeNodeRecursion::Stop);
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Ok([input]) = <[_; 1]>::try_from(children) else {
            return Err(DataFusionError::Internal("windows have one input".to_owned()));
        };
        let (exprs, functions) = (self.exprs.clone(), self.functions.clone());
        Ok(Arc::new(Self::try_new(exprs, functions, self.is_reversed, self.ordering.clone(), input)?))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        let metrics = BaselineMetrics::new(&self.metrics, partition);
        let chunks = whole_clients(input, self.keys());
        let plan = self.clone();
        let rows = chunks.map(move |chunk| {
            let timer = metrics.elapsed_compute().clone();
            let _timer = timer.timer();
            plan.add_columns(&chunk?).map(|batch| batch.record_output(&metrics))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), rows)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn statistics_from_inputs(&self, _: &[Arc<Statistics>], _: &StatisticsArgs) -> Result<Arc<Statistics>> {
        Ok(Arc::new(Statistics::new_unknown(&self.schema())))
    }
}

impl ClientWindows {
    fn add_columns(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let clients = groups(&self.keys(), batch)?;
        let order = self.exprs.first().map(|expr| expr.order_by()).unwrap_or_default();
        let frames: Vec<Frame> = self.functions.iter().filter_map(Function::frame).collect();
        let peers = match frames.iter().any(|frame| frame.needs_peers()) {
            true => {
                let by = order.iter().map(|by| Arc::clone(&by.expr));
                groups(&self.keys().into_iter().chain(by).collect::<Vec<_>>(), batch)?
            }
            false => Vec::new(),
        };
        let along = match order {
            [by] if frames.iter().any(|frame| frame.needs_values()) => {
                Some((by.expr.evaluate(batch)?.into_array(batch.num_rows())?, by.options.descending))
            }
            _ => None,
        };
        let walk =
            Walk { rows: batch.num_rows(), clients, is_reversed: self.is_reversed, peers, along: along.as_ref() };
        let mut columns = batch.columns().to_vec();
        for function in &self.functions {
            columns.push(function.evaluate(batch, &walk)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema(), columns, &options)?)
    }
}

/// The clients of a batch, and how to walk them.
struct Walk<'a> {
    rows: usize,
    clients: Vec<Range<usize>>,
    is_reversed: bool,
    /// Groups of rows of one client with the same place in the order, for frames that need them.
    peers: Vec<Range<usize>>,
    /// What a `RANGE` measures along and whether it falls.
    along: Option<&'a (ArrayRef, bool)>,
}

/// One client's rows in the window's order.
struct Client {
    rows: Range<usize>,
    is_reversed: bool,
}

impl Client {
    fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where the row at a place of the window's order lies in the batch.
    fn row(&self, at: usize) -> usize {
        if self.is_reversed { self.rows.end - 1 - at } else { self.rows.start + at }
    }

    /// Place of the client's first row among running sums.
    fn first(&self) -> usize {
        self.rows.start
    }
}

impl Walk<'_> {
    fn clients(&self, mut each: impl FnMut(&Client)) {
        for rows in &self.clients {
            each(&Client { rows: rows.clone(), is_reversed: self.is_reversed });
        }
    }

    /// The frame of every row, in places of the window's order within the client.
    fn frames(&self, frame: Frame, mut each: impl FnMut(&Client, usize, Range<usize>)) {
        let mut peers = Peers::default();
        let mut groups = self.peers.iter().peekable();
        let mut own = Vec::new();
        self.clients(|client| {
            let (start, end) = (client.rows.start, client.rows.end);
            own.clear();
            while let Some(group) = groups.next_if(|group| group.end <= end) {
                own.push(match client.is_reversed {
                    true => end - group.end..end - group.start,
                    false => group.start - start..group.end - start,
                });
            }
            if client.is_reversed {
                own.reverse();
            }
            peers.set(own.drain(..));
            let values = match self.along {
                Some((column, falls)) => Values::new(column, client.rows.clone(), client.is_reversed, *falls),
                None => Values::none(),
            };
            frame.ranges(client.len(), &peers, &values, |at, frame| each(client, at, frame));
        });
    }

    /// Running sums over each client's rows in the window's order: place `first + at` holds the sum of the rows before
    /// `at`, as if all rows before the client's first were one long past.
    fn running(&self, value: impl Fn(usize) -> i64) -> Vec<i64> {
        let mut sums = Vec::with_capacity(self.rows + 1);
        let mut sum = 0_i64;
        sums.push(0);
        self.clients(|client| {
            for at in 0..client.len() {
                sum = sum.wrapping_add(value(client.row(at)));
                sums.push(sum);
            }
        });
        sums
    }
}

/// Runs of rows that agree in all keys.
fn groups(keys: &[Arc<dyn PhysicalExpr>], batch: &RecordBatch) -> Result<Vec<Range<usize>>> {
    let keys: Vec<ArrayRef> =
        keys.iter().map(|key| key.evaluate(batch)?.into_array(batch.num_rows())).collect::<Result<_>>()?;
    Ok(if batch.num_rows() == 0 { Vec::new() } else { partition(&keys)?.ranges() })
}

/// The same rows, cut so that no client is in two batches.
fn whole_clients(
    input: SendableRecordBatchStream,
    keys: Vec<Arc<dyn PhysicalExpr>>,
) -> impl Stream<Item = Result<RecordBatch>> + Send {
    struct State {
        input: Option<SendableRecordBatchStream>,
        schema: SchemaRef,
        keys: Vec<Arc<dyn PhysicalExpr>>,
        /// The last client's rows so far.
        open: Vec<RecordBatch>,
    }
    impl State {
        /// Takes a batch in and gives out the clients that are whole.
        fn take(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>> {
            let Some(last) = groups(&self.keys, &batch)?.pop() else { return Ok(None) };
            let tail = batch.slice(last.start, last.end - last.start);
            if last.start > 0 {
                self.open.push(batch.slice(0, last.start));
            } else if self.open.last().is_none_or(|open| self.is_same_client(open, &batch).unwrap_or(false)) {
                self.open.push(tail);
                return Ok(None);
            }
            let whole = self.close()?;
            self.open.push(tail);
            Ok(whole)
        }

        fn is_same_client(&self, open: &RecordBatch, next: &RecordBatch) -> Result<bool> {
            let seam = [open.slice(open.num_rows().saturating_sub(1), 1), next.slice(0, 1)];
            Ok(groups(&self.keys, &concat_batches(&self.schema, &seam)?)?.len() == 1)
        }

        fn close(&mut self) -> Result<Option<RecordBatch>> {
            let open = std::mem::take(&mut self.open);
            Ok(match open.as_slice() {
                [] => None,
                [only] => Some(only.clone()),
                several => Some(concat_batches(&self.schema, several)?),
            })
        }
    }
    let schema = input.schema();
    let state = State { input: Some(input), schema, keys, open: Vec::new() };
    stream::try_unfold(state, |mut state| async move {
        loop {
            let Some(input) = &mut state.input else { return Ok(None) };
            let chunk = match input.next().await {
                Some(batch) => state.take(batch?)?,
                None => {
                    state.input = None;
                    state.close()?
                }
            };
            if let Some(chunk) = chunk {
                return Ok(Some((chunk, state)));
            }
        }
    })
}
