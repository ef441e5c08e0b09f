//! Aggregates that the engine adds up and that end otherwise here.

use std::fmt::Debug;

use arrow::array::{ArrayRef, BooleanArray};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{Accumulator, EmitTo, GroupsAccumulator};

/// What is told in the end of what the engine has kept.
pub(super) trait End: Debug + Send + Sync + 'static {
    /// Of one group. A window goes on with what is kept.
    fn of_one(&self, values: &mut dyn Accumulator) -> Result<ScalarValue>;

    fn of_groups(&self, values: &mut dyn GroupsAccumulator, emit_to: EmitTo) -> Result<ArrayRef>;
}

/// The engine's accumulator with an end of our own.
#[derive(Debug)]
pub(super) struct Ended<V, E> {
    pub values: V,
    pub end: E,
}

impl<E: End> Accumulator for Ended<Box<dyn Accumulator>, E> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.values.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.end.of_one(self.values.as_mut())
    }

    fn size(&self) -> usize {
        self.values.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.values.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.values.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.values.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.values.supports_retract_batch()
    }
}

impl<E: End> GroupsAccumulator for Ended<Box<dyn GroupsAccumulator>, E> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        self.values.update_batch(values, groups, filter, group_count)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.end.of_groups(self.values.as_mut(), emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.values.state(emit_to)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.values.merge_batch(states, groups, group_count)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.values.convert_to_state(values, filter)
    }

    fn size(&self) -> usize {
        self.values.size()
    }
}
