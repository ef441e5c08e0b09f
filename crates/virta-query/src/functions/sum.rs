//! `sum` of whole numbers and decimals that fails where the engine's own wraps round.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Decimal128Type, Field, FieldRef, Int64Type, UInt64Type};
use arrow::error::ArrowError;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::sum::Sum;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, Expr, GroupsAccumulator, ReversedUDAF, SetMonotonicity,
    Signature,
};

/// The one instance, which stands in the place of the engine's `sum`.
pub(crate) fn exact_sum() -> Arc<AggregateUDF> {
    static INSTANCE: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| Arc::new(AggregateUDF::from(ExactSum(Sum::new()))));
    Arc::clone(&INSTANCE)
}

/// `sum(expr)`.
pub(crate) fn sum(expr: Expr) -> Expr {
    exact_sum().call(vec![expr])
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct ExactSum(Sum);

fn overflow() -> DataFusionError {
    ArrowError::ArithmeticOverflow("a sum".to_owned()).into()
}

impl AggregateUDFImpl for ExactSum {
    fn name(&self) -> &str {
        "sum"
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.return_type(types)
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        let distinct = args.is_distinct;
        match args.return_field.data_type() {
            DataType::Int64 => Ok(Box::new(Total::<Int64Type>::new(DataType::Int64, distinct))),
            DataType::UInt64 => Ok(Box::new(Total::<UInt64Type>::new(DataType::UInt64, distinct))),
            other @ DataType::Decimal128(..) => Ok(Box::new(Total::<Decimal128Type>::new(other.clone(), distinct))),
            _ => self.0.accumulator(args),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        match (args.is_distinct, args.return_field.data_type()) {
            (true, data_type @ (DataType::Int64 | DataType::UInt64 | DataType::Decimal128(..))) => {
                let item = Field::new_list_field(data_type.clone(), true);
                Ok(vec![Arc::new(Field::new_list(format!("{}[values]", args.name), item, true))])
            }
            _ => self.0.state_fields(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct && self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn GroupsAccumulator>> {
        match args.return_field.data_type() {
            DataType::Int64 => Ok(Box::new(Totals::<Int64Type>::new(DataType::Int64))),
            DataType::UInt64 => Ok(Box::new(Totals::<UInt64Type>::new(DataType::UInt64))),
            other @ DataType::Decimal128(..) => Ok(Box::new(Totals::<Decimal128Type>::new(other.clone()))),
            _ => self.0.create_groups_accumulator(args),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        match args.return_field.data_type() {
            DataType::Int64 | DataType::UInt64 | DataType::Decimal128(..) if !args.is_distinct => {
                self.accumulator(args)
            }
            _ => self.0.create_sliding_accumulator(args),
        }
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.0.set_monotonicity(data_type)
    }
}

/// A type whose sums are checked.
trait Exact: ArrowPrimitiveType + fmt::Debug + Send + Sync {
    /// Without loss.
    fn wide(value: Self::Native) -> i128;
    fn narrow(value: i128) -> Option<Self::Native>;
}

impl Exact for Int64Type {
    fn wide(value: i64) -> i128 {
        value.into()
    }

    fn narrow(value: i128) -> Option<i64> {
        value.try_into().ok()
    }
}

impl Exact for UInt64Type {
    fn wide(value: u64) -> i128 {
        value.into()
    }

    fn narrow(value: i128) -> Option<u64> {
        value.try_into().ok()
    }
}

impl Exact for Decimal128Type {
    fn wide(value: i128) -> i128 {
        value
    }

    fn narrow(value: i128) -> Option<i128> {
        Some(value)
    }
}

/// One sum, also over a frame that moves.
#[derive(Debug)]
struct Total<T: Exact> {
    data_type: DataType,
    sum: i128,
    rows: u64,
    /// The values so far, for `distinct`.
    seen: Option<HashSet<i128>>,
    of: std::marker::PhantomData<T>,
}

impl<T: Exact> Total<T> {
    fn new(data_type: DataType, distinct: bool) -> Self {
        Total { data_type, sum: 0, rows: 0, seen: distinct.then(HashSet::new), of: std::marker::PhantomData }
    }

    fn add(&mut self, values: &dyn Array) -> Result<()> {
        let values = values.as_primitive_opt::<T>().ok_or_else(mismatch)?;
        for value in values.iter().flatten().map(T::wide) {
            if self.seen.as_mut().is_some_and(|seen| !seen.insert(value)) {
                continue;
            }
            self.rows += 1;
            self.sum = self.sum.checked_add(value).ok_or_else(overflow)?;
        }
        Ok(())
    }

    fn total(&self) -> Result<ScalarValue> {
        let total = match self.rows {
            0 => None,
            _ => Some(T::narrow(self.sum).ok_or_else(overflow)?),
        };
        let array = PrimitiveArray::<T>::from_iter([total]).with_data_type(self.data_type.clone());
        ScalarValue::try_from_array(&array, 0)
    }
}

impl<T: Exact> Accumulator for Total<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        values.first().map_or(Ok(()), |values| self.add(values))
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.total()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.seen.as_ref().map_or(0, |seen| seen.capacity() * size_of::<i128>())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let Some(seen) = &self.seen else { return Ok(vec![self.total()?]) };
        let mut values: Vec<i128> = seen.iter().copied().collect();
        values.sort_unstable();
        let values = values.into_iter().map(|value| {
            let array = PrimitiveArray::<T>::from_iter([T::narrow(value)]).with_data_type(self.data_type.clone());
            ScalarValue::try_from_array(&array, 0)
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        Ok(vec![ScalarValue::List(ScalarValue::new_list_nullable(&values, &self.data_type))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let Some(states) = states.first() else { return Ok(()) };
        if self.seen.is_none() {
            return self.add(states);
        }
        let lists = states.as_list_opt::<i32>().ok_or_else(mismatch)?;
        lists.iter().flatten().try_for_each(|list| self.add(&list))
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let Some(values) = values.first() else { return Ok(()) };
        let values = values.as_primitive_opt::<T>().ok_or_else(mismatch)?;
        for value in values.iter().flatten().map(T::wide) {
            self.rows = self.rows.saturating_sub(1);
            self.sum = self.sum.checked_sub(value).ok_or_else(overflow)?;
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        self.seen.is_none()
    }
}

/// Sums by group.
#[derive(Debug)]
struct Totals<T: Exact> {
    data_type: DataType,
    sums: Vec<T::Native>,
    is_there: Vec<bool>,
}

impl<T: Exact> Totals<T> {
    fn new(data_type: DataType) -> Self {
        Totals { data_type, sums: Vec::new(), is_there: Vec::new() }
    }

    #[inline]
    fn add(&mut self, group: usize, value: T::Native) -> Result<()> {
        if let (Some(sum), Some(is_there)) = (self.sums.get_mut(group), self.is_there.get_mut(group)) {
            *sum = sum.add_checked(value).map_err(|_| overflow())?;
            *is_there = true;
        }
        Ok(())
    }
}

impl<T: Exact> GroupsAccumulator for Totals<T> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        group_count: usize,
    ) -> Result<()> {
        let values = values.first().and_then(|values| values.as_primitive_opt::<T>()).ok_or_else(mismatch)?;
        self.sums.resize(group_count.max(self.sums.len()), T::Native::default());
        self.is_there.resize(group_count.max(self.is_there.len()), false);
        match (values.nulls(), filter) {
            (None, None) => {
                let sums = self.sums.as_mut_slice();
                for (group, value) in groups.iter().zip(values.values()) {
                    if let Some(sum) = sums.get_mut(*group) {
                        *sum = sum.add_checked(*value).map_err(|_| overflow())?;
                    }
                }
                let is_there = self.is_there.as_mut_slice();
                for group in groups {
                    if let Some(is_there) = is_there.get_mut(*group) {
                        *is_there = true;
                    }
                }
            }
            (nulls, filter) => {
                for (row, (group, value)) in groups.iter().zip(values.values()).enumerate() {
                    let passes = filter.is_none_or(|filter| filter.is_valid(row) && filter.value(row));
                    if passes && nulls.is_none_or(|nulls| nulls.is_valid(row)) {
                        self.add(*group, *value)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = emit_to.take_needed(&mut self.sums);
        let is_there = BooleanBuffer::from(emit_to.take_needed(&mut self.is_there));
        let array = PrimitiveArray::<T>::try_new(sums.into(), Some(NullBuffer::new(is_there)))?;
        Ok(Arc::new(array.with_data_type(self.data_type.clone())))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.evaluate(emit_to)?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], group_count: usize) -> Result<()> {
        self.update_batch(states, groups, None, group_count)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let values = values.first().and_then(|values| values.as_primitive_opt::<T>()).ok_or_else(mismatch)?;
        let kept = filter.map(|filter| {
            let passes = (0..filter.len()).map(|row| filter.is_valid(row) && filter.value(row));
            NullBuffer::new(passes.collect::<BooleanBuffer>())
        });
        let nulls = NullBuffer::union(values.nulls(), kept.as_ref());
        let state = PrimitiveArray::<T>::try_new(values.values().clone(), nulls)?;
        Ok(vec![Arc::new(state.with_data_type(self.data_type.clone()))])
    }

    fn size(&self) -> usize {
        self.sums.capacity() * size_of::<T::Native>() + self.is_there.capacity()
    }
}

fn mismatch() -> DataFusionError {
    DataFusionError::Internal("a sum got values of another type".to_owned())
}
