//! `avg` of decimals, rounded. The engine cuts off what does not fit, so that the last digit may be one too low.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::functions_aggregate::average::Avg;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature,
};

/// What stands in the place of the engine's `avg`.
pub(super) fn rounded_mean() -> AggregateUDF {
    AggregateUDF::from(RoundedMean(Avg::new()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RoundedMean(Avg);

impl AggregateUDFImpl for RoundedMean {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn aliases(&self) -> &[String] {
        self.0.aliases()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let Some(longer) = one_digit_more(&args.return_field) else { return self.0.accumulator(args) };
        let data_type = args.return_field.data_type().clone();
        let mean = self.0.accumulator(AccumulatorArgs { return_field: longer, ..args })?;
        Ok(Box::new(Rounded { mean, data_type }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.0.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let Some(longer) = one_digit_more(&args.return_field) else { return self.0.create_groups_accumulator(args) };
        let data_type = args.return_field.data_type().clone();
        let mean = self.0.create_groups_accumulator(AccumulatorArgs { return_field: longer, ..args })?;
        Ok(Box::new(Rounded { mean, data_type }))
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }
}

/// The field with one more digit behind the point, which says how the one before it is rounded.
fn one_digit_more(field: &FieldRef) -> Option<FieldRef> {
    let DataType::Decimal128(_, scale @ 0..38) = field.data_type() else { return None };
    Some(Arc::new(Field::new(field.name(), DataType::Decimal128(38, scale + 1), field.is_nullable())))
}

/// A mean that is rounded when it is told.
#[derive(Debug)]
struct Rounded<M> {
    mean: M,
    data_type: DataType,
}

impl Accumulator for Rounded<Box<dyn Accumulator>> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.mean.update_batch(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.mean.evaluate()?.cast_to(&self.data_type)
    }

    fn size(&self) -> usize {
        self.mean.size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.mean.state()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.mean.merge_batch(states)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.mean.retract_batch(values)
    }

    fn supports_retract_batch(&self) -> bool {
        self.mean.supports_retract_batch()
    }
}

impl GroupsAccumulator for Rounded<Box<dyn GroupsAccumulator>> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        self.mean.update_batch(values, groups, filter, group_count)
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(cast(&self.mean.evaluate(emit_to)?, &self.data_type)?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.mean.state(emit_to)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.mean.merge_batch(states, groups, group_count)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.mean.convert_to_state(values, filter)
    }

    fn size(&self) -> usize {
        self.mean.size()
    }
}
