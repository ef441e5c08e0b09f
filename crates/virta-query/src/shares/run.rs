//! What a worker does: the same statement planned again, and one step of it run for some buckets.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::context::SessionState;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::common::spawn_buffered;
use datafusion::sql::parser::Statement as Parsed;
use futures::StreamExt;
use tokio::time::timeout;

use super::from_workers::{FromWorkers, rows};
use super::{Share, Shared, begin_at, ranges};
use crate::error::{Error, Result};
use crate::planning::physical;
use crate::session::Session;
use crate::statement::Statement;
use crate::stop::{self, Stop};
use crate::{prepared, reword};

/// Rows after which batches are put together and sent on.
const ROWS_TOGETHER: usize = 16_384;

impl Session {
    /// Plans the statement of a share and runs its step for the clients of some buckets: every row is given to `take` once,
    /// which says whether it wants more. `look` is told several times a second how many rows its steps have given so far, and says
    /// whether to go on. The session must be of the same snapshot and results as the one that was asked, and planned for as
    /// many partitions.
    ///
    /// # Errors
    /// What the statement fails with, here too; [`Error::Engine`] where this machine plans it otherwise,
    /// [`Error::Interrupted`] when nobody wants the rows any more.
    pub fn run_share(
        &self,
        share: &Share,
        buckets: Range<u32>,
        look: &dyn Fn(u64) -> bool,
        take: &mut dyn FnMut(RecordBatch) -> bool,
    ) -> Result<()> {
        let handle = self.known.engine.handle();
        let failed =
            |error| reword::running(error, &share.statement, self.known.engine.memory_limit_bytes.unwrap_or_default());
        let mut state = match share.is_plain {
            true => self.known.plain().map_err(failed)?.state(),
            false => self.context.state(),
        };
        begin_at(&mut state, share.began_ns);
        let Statement::Ask(mut parsed, _) = self.read(&share.statement, &state)? else { return Err(OTHERWISE) };
        prepared::bind(&mut parsed, &share.values)?;
        let stop = Stop::default();
        let _stop = stop.when_dropped();
        let buckets = buckets.start..buckets.end.min(self.known.buckets);
        if buckets.is_empty() {
            return Ok(());
        }
        let rows = handle.block_on(stream(&state, *parsed, share, (&buckets, self.known.buckets), &stop));
        let (step, mut rows) = rows.map_err(failed)?.ok_or(OTHERWISE)?;
        let arrow = |error| failed(DataFusionError::from(error));
        let mut gathered = Gathered::default();
        loop {
            if !look(rows_given(&step)) {
                return Err(Error::Interrupted);
            }
            // What was begun goes on at the next look.
            let (ready, is_last) = match handle.block_on(async { timeout(PATIENCE, rows.next()).await }) {
                Err(_) => continue,
                Ok(Some(batch)) => (gathered.add(batch.map_err(failed)?).map_err(arrow)?, false),
                Ok(None) => (gathered.rest().map_err(arrow)?, true),
            };
            if ready.is_some_and(|batch| !take(batch)) {
                return Err(Error::Interrupted);
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// How long it may go unnoticed that nobody wants the rows any more.
const PATIENCE: Duration = Duration::from_millis(50);
/// Said where the two sides do not mean the same step.
const OTHERWISE: Error = Error::Engine("this machine plans the statement otherwise");

/// Rows that the steps of a plan have given so far, all together: while they grow, something is being done.
fn rows_given(plan: &Arc<dyn ExecutionPlan>) -> u64 {
    let own = plan.metrics().and_then(|metrics| metrics.output_rows()).unwrap_or_default();
    own as u64 + plan.children().into_iter().map(rows_given).sum::<u64>()
}

/// The step of a share and its rows; `None` where this machine plans the statement otherwise.
async fn stream(
    state: &SessionState,
    parsed: Parsed,
    share: &Share,
    (buckets, of): (&Range<u32>, u32),
    stop: &Stop,
) -> datafusion::error::Result<Option<(Arc<dyn ExecutionPlan>, SendableRecordBatchStream)>> {
    let shared = Shared {
        statement: share.statement.clone(),
        values: share.values.clone(),
        began_ns: share.began_ns,
        is_plain: share.is_plain,
        buckets: of,
        workers: None,
    };
    let plan = physical(state, parsed, &share.statement, stop, Some(shared)).await?;
    let Some(found) = find(&plan, share.number).filter(|found| found.plan == share.plan) else { return Ok(None) };
    let step = stop::watched(ranges::of_buckets(Arc::clone(&found.step), buckets)?, stop)?;
    let rows = rows(Arc::clone(&step), found.is_in_order, &state.task_ctx())?;
    // It goes on while nobody looks, and ends when it is dropped.
    Ok(Some((step, spawn_buffered(rows, 2))))
}

fn find(plan: &Arc<dyn ExecutionPlan>, number: usize) -> Option<&FromWorkers> {
    let own = plan.downcast_ref::<FromWorkers>().filter(|found| found.number == number);
    own.or_else(|| plan.children().into_iter().find_map(|child| find(child, number)))
}

/// Batches that are worth to be sent: small ones together.
#[derive(Debug, Default)]
struct Gathered {
    batches: Vec<RecordBatch>,
    rows: usize,
}

impl Gathered {
    /// Takes a batch in, and gives all out once there are enough.
    fn add(&mut self, batch: RecordBatch) -> Result<Option<RecordBatch>, ArrowError> {
        self.rows += batch.num_rows();
        if batch.num_rows() > 0 {
            self.batches.push(batch);
        }
        if self.rows < ROWS_TOGETHER { Ok(None) } else { self.rest() }
    }

    /// What there is.
    fn rest(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        self.rows = 0;
        let batches = std::mem::take(&mut self.batches);
        let Some(first) = batches.first() else { return Ok(None) };
        let whole = if batches.len() == 1 { first.clone() } else { concat_batches(&first.schema(), &batches)? };
        compact(&whole).map(Some)
    }
}

/// A batch without what its rows do not mention: a code's dictionary is that of its file.
fn compact(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(compacted).collect::<Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options)
}

fn compacted(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.data_type() {
        DataType::Dictionary(..) => {
            let dictionary = column.as_any_dictionary();
            if dictionary.values().len() <= column.len() {
                return Ok(Arc::clone(column));
            }
            // Only what the rows name is written down again.
            let text = cast(column, dictionary.values().data_type())?;
            cast(&text, column.data_type())
        }
        DataType::Utf8View => Ok(Arc::new(column.as_string_view().gc())),
        DataType::BinaryView => Ok(Arc::new(column.as_binary_view().gc())),
        _ => Ok(Arc::clone(column)),
    }
}
