//! Groups of rows that come client after client.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Int64Type, SchemaRef};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::{EmitTo, GroupsAccumulator};
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

use super::by::By;
use super::numbers::Combinations;
use super::{accumulators, size, update};

/// The groups of the clients that are not given out yet, and what was summed up for them.
///
/// Within a client, the group of a combination of codes stands in a table that all clients share: an entry counts only
/// if the same client made it. So no row is hashed, and a client's groups go on as soon as the next client comes.
pub(super) struct ClientGroups {
    aggregate: Arc<AggregateExec>,
    schema: SchemaRef,
    by: Vec<By>,
    client_at: usize,
    combinations: Combinations,
    accumulators: Vec<Box<dyn GroupsAccumulator>>,
    /// By group.
    clients: Vec<i64>,
    /// By group.
    combination_of: Vec<u32>,
    /// By combination: the client that had it last, as a number, and its group then.
    group_of: Vec<(u64, u32)>,
    /// How many clients there were.
    seen: u64,
    /// The first group of the client that is not at its end.
    first_of_last: usize,
    batch_rows: usize,
    room: MemoryReservation,
}

/// Values of one key, and combinations of all, after which they are numbered anew.
const MOST_VALUES: usize = 1 << 12;
const MOST_COMBINATIONS: usize = 1 << 18;

impl ClientGroups {
    pub(super) fn new(
        aggregate: &Arc<AggregateExec>,
        client_at: usize,
        batch_rows: usize,
        room: MemoryReservation,
    ) -> Result<Self> {
        let input = aggregate.input_schema();
        let by = aggregate.group_expr().expr().iter().map(|(expr, _)| By::new(expr, &input)).collect();
        Ok(ClientGroups {
            schema: aggregate.schema(),
            by,
            client_at,
            combinations: combinations(aggregate, client_at)?,
            accumulators: accumulators(aggregate)?,
            aggregate: Arc::clone(aggregate),
            clients: Vec::new(),
            combination_of: Vec::new(),
            group_of: Vec::new(),
            seen: 0,
            first_of_last: 0,
            batch_rows,
            room,
        })
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        let mut codes: Vec<ArrayRef> = self.by.iter().map(|by| by.evaluate(batch)).collect::<Result<_>>()?;
        let clients = codes.remove(self.client_at);
        let clients = clients.as_primitive_opt::<Int64Type>().ok_or_else(mismatch)?;
        let mut combinations = Vec::with_capacity(rows);
        self.combinations.number(&codes, rows, &mut combinations)?;
        self.group_of.resize(self.combinations.len(), (0, 0));
        let mut groups: Vec<usize> = Vec::with_capacity(rows);
        let mut last = self.clients.last().copied();
        for (client, combination) in clients.values().iter().zip(&combinations) {
            if last != Some(*client) {
                last = Some(*client);
                self.seen += 1;
                self.first_of_last = self.clients.len();
            }
            let entry = self.group_of.get_mut(*combination as usize).ok_or_else(mismatch)?;
            if entry.0 != self.seen {
                *entry = (self.seen, self.clients.len() as u32);
                self.clients.push(*client);
                self.combination_of.push(*combination);
            }
            groups.push(entry.1 as usize);
        }
        update(&self.aggregate, &mut self.accumulators, batch, &groups, self.clients.len())?;
        self.room
            .try_resize(size(&self.accumulators) + 12 * self.clients.capacity() + (16 + 48) * self.combinations.len())
    }

    /// Whether enough clients are at their end to be given out.
    pub(crate) fn is_batch(&self) -> bool {
        self.first_of_last >= self.batch_rows
    }

    /// The groups of the clients that are at their end.
    pub(crate) fn give_out_ended(&mut self) -> Result<RecordBatch> {
        let count = self.first_of_last;
        let batch = self.give_out(count)?;
        self.first_of_last = 0;
        if self.combinations.most_values() > MOST_VALUES || self.combinations.len() > MOST_COMBINATIONS {
            let rows = self.combination_of.len();
            let left = self.combinations.columns(std::mem::take(&mut self.combination_of))?;
            self.combinations = combinations(&self.aggregate, self.client_at)?;
            self.combinations.number(&left, rows, &mut self.combination_of)?;
            self.group_of.clear();
            self.group_of.resize(self.combinations.len(), (0, 0));
        }
        for (group, combination) in self.combination_of.iter().enumerate() {
            if let Some(entry) = self.group_of.get_mut(*combination as usize) {
                *entry = (self.seen, group as u32);
            }
        }
        Ok(batch)
    }

    /// The groups that are left at the end.
    pub(crate) fn give_out_all(&mut self) -> Result<RecordBatch> {
        let batch = self.give_out(self.clients.len())?;
        self.room.free();
        Ok(batch)
    }

    fn give_out(&mut self, count: usize) -> Result<RecordBatch> {
        let left = self.clients.split_off(count);
        let clients = Int64Array::from(std::mem::replace(&mut self.clients, left));
        let left = self.combination_of.split_off(count);
        let mut columns = self.combinations.columns(std::mem::replace(&mut self.combination_of, left))?;
        columns.insert(self.client_at.min(columns.len()), Arc::new(clients));
        let emit = if self.clients.is_empty() { EmitTo::All } else { EmitTo::First(count) };
        for accumulator in &mut self.accumulators {
            columns.push(accumulator.evaluate(emit)?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

/// Numbers for what is grouped by beside the client.
fn combinations(aggregate: &AggregateExec, client_at: usize) -> Result<Combinations> {
    Combinations::new(&types_beside(aggregate, client_at)?).ok_or_else(mismatch)
}

fn types_beside(aggregate: &AggregateExec, client_at: usize) -> Result<Vec<DataType>> {
    let input = aggregate.input_schema();
    let by = aggregate.group_expr().expr().iter().enumerate();
    by.filter(|(at, _)| *at != client_at).map(|(_, (expr, _))| expr.data_type(&input)).collect()
}

/// The place of the client among what is grouped by, where rows come client after client and the rest is codes.
pub(super) fn client_at(aggregate: &AggregateExec) -> Option<usize> {
    let input = aggregate.input_schema();
    let order = aggregate.input().output_ordering()?;
    let by = aggregate.group_expr().expr();
    let at = by.iter().position(|(expr, _)| expr.eq(&order.first().expr))?;
    let (expr, _) = by.get(at)?;
    let is_id = expr.data_type(&input).is_ok_and(|t| t == DataType::Int64) && !expr.nullable(&input).unwrap_or(true);
    let are_few = types_beside(aggregate, at).is_ok_and(|types| Combinations::new(&types).is_some());
    (is_id && are_few).then_some(at)
}

fn mismatch() -> DataFusionError {
    DataFusionError::Internal("a group key is not of its type".to_owned())
}
