//! `avg` of decimals, rounded. The engine cuts off what does not fit, so that the last digit may be one too low.

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::functions_aggregate::average::Avg;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature,
};

use super::ended::{End, Ended};

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
        let end = Rounded(args.return_field.data_type().clone());
        let values = self.0.accumulator(AccumulatorArgs { return_field: longer, ..args })?;
        Ok(Box::new(Ended { values, end }))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.0.state_fields(args)
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let Some(longer) = one_digit_more(&args.return_field) else { return self.0.create_groups_accumulator(args) };
        let end = Rounded(args.return_field.data_type().clone());
        let values = self.0.create_groups_accumulator(AccumulatorArgs { return_field: longer, ..args })?;
        Ok(Box::new(Ended { values, end }))
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

/// A mean with one digit more than is told.
#[derive(Debug)]
struct Rounded(DataType);

impl End for Rounded {
    fn of_one(&self, mean: &mut dyn Accumulator) -> Result<ScalarValue> {
        mean.evaluate()?.cast_to(&self.0)
    }

    fn of_groups(&self, means: &mut dyn GroupsAccumulator, emit_to: EmitTo) -> Result<ArrayRef> {
        Ok(cast(&means.evaluate(emit_to)?, &self.0)?)
    }
}
