//! `percentile_cont` to the last digit. The engine knows where between two values a percentile lies to six places only,
//! so that of large numbers the result is wrong in the seventh digit.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch, new_null_array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, FieldRef, Float64Type, Schema};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::functions_aggregate::percentile_cont::PercentileCont;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, ColumnarValue, EmitTo, GroupsAccumulator, Signature,
};

use super::ended::{End, Ended};
use super::wrong_arguments;

/// What stands in the place of the engine's `percentile_cont`.
pub(super) fn exact_percentile() -> AggregateUDF {
    AggregateUDF::from(ExactPercentile(PercentileCont::new()))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ExactPercentile(PercentileCont);

impl AggregateUDFImpl for ExactPercentile {
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

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        self.0.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        // The engine says what is wrong with a share.
        let told = Told::of(&args);
        Ok(Box::new(Ended { values: self.0.accumulator(args)?, end: told? }))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        let told = Told::of(&args);
        Ok(Box::new(Ended { values: self.0.create_groups_accumulator(args)?, end: told? }))
    }

    fn supports_within_group_clause(&self) -> bool {
        true
    }
}

/// What is told of the values.
#[derive(Debug)]
struct Told {
    /// The share of the values, in ascending order, below the result.
    share: f64,
    data_type: DataType,
}

impl Told {
    fn of(args: &AccumulatorArgs) -> Result<Self> {
        let Some(share) = args.exprs.get(1) else { return wrong_arguments() };
        let share = match share.evaluate(&RecordBatch::new_empty(Arc::new(Schema::empty())))? {
            ColumnarValue::Scalar(share) => share.cast_to(&DataType::Float64)?,
            ColumnarValue::Array(_) => return wrong_arguments(),
        };
        let ScalarValue::Float64(Some(share)) = share else { return wrong_arguments() };
        let is_descending = args.order_bys.first().is_some_and(|by| by.options.descending);
        let share = if is_descending { 1.0 - share } else { share };
        Ok(Told { share, data_type: args.return_field.data_type().clone() })
    }

    /// The percentile of each list of values; null of none.
    fn of_lists(&self, lists: &ArrayRef) -> Result<ArrayRef> {
        // Of nulls without a type there is no list.
        let Some(lists) = lists.as_list_opt::<i32>() else { return Ok(new_null_array(&self.data_type, lists.len())) };
        let of_list = |values: Option<ArrayRef>| -> Result<Option<f64>> {
            let Some(values) = values else { return Ok(None) };
            let values = cast(&values, &DataType::Float64)?;
            let values = values.as_primitive::<Float64Type>().iter().flatten().collect();
            Ok(percentile(values, self.share))
        };
        let found = lists.iter().map(of_list).collect::<Result<Float64Array>>()?;
        Ok(cast(&found, &self.data_type)?)
    }
}

/// Between the two values nearest to a share of the way from the least to the greatest; in the middle of two values, the
/// mean of both.
fn percentile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = place.floor();
    let (_, lower, above) = values.select_nth_unstable_by(below as usize, f64::total_cmp);
    let lower = *lower;
    match above.iter().copied().min_by(f64::total_cmp) {
        Some(upper) if place > below => Some(lower + (upper - lower) * (place - below)),
        _ => Some(lower),
    }
}

impl End for Told {
    fn of_one(&self, values: &mut dyn Accumulator) -> Result<ScalarValue> {
        let state = values.state()?;
        let lists = state.iter().map(ScalarValue::to_array).collect::<Result<Vec<_>>>()?;
        // A window goes on with the values.
        values.merge_batch(&lists)?;
        match lists.first() {
            Some(list) => ScalarValue::try_from_array(&self.of_lists(list)?, 0),
            None => wrong_arguments(),
        }
    }

    fn of_groups(&self, values: &mut dyn GroupsAccumulator, emit_to: EmitTo) -> Result<ArrayRef> {
        match values.state(emit_to)?.first() {
            Some(lists) => self.of_lists(lists),
            None => wrong_arguments(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_lies_between_its_neighbours() {
        let values = || vec![1e6, 3.0, 0.0, 2.0, 0.0, -2.0, 1.0, 0.0];
        assert_eq!(percentile(values(), 0.9), Some(3.0 + (1e6 - 3.0) * (0.9 * 7.0 - 6.0)));
        assert_eq!(percentile(values(), 0.5), Some(0.5));
        assert_eq!(percentile(values(), 0.0), Some(-2.0));
        assert_eq!(percentile(values(), 1.0), Some(1e6));
        assert_eq!(percentile(Vec::new(), 0.5), None);
    }
}
