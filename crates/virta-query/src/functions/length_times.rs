use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, IntervalMonthDayNanoArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit};
use arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::wrong_arguments;

/// A name that nobody writes by chance, as it stands in a statement.
pub(crate) const LENGTH_TIMES: &str = "\"length times\"";

/// A length of time so many times: each of its months, days and nanoseconds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct LengthTimes(Signature);

impl LengthTimes {
    pub(super) fn new() -> Self {
        LengthTimes(Signature::user_defined(Volatility::Immutable))
    }
}

const LENGTH: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

impl ScalarUDFImpl for LengthTimes {
    fn name(&self) -> &str {
        LENGTH_TIMES.trim_matches('"')
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [DataType::Interval(_), times] if times.is_integer() || times.is_null() => {
                Ok(vec![LENGTH, DataType::Int64])
            }
            _ => Err(DataFusionError::Plan("a length of time can be multiplied by a whole number only".to_owned())),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(LENGTH)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [lengths, times] = arrays.as_slice() else { return wrong_arguments() };
        let (lengths, times) = (cast(lengths, &LENGTH)?, cast(times, &DataType::Int64)?);
        let pairs = lengths.as_primitive::<IntervalMonthDayNanoType>().iter().zip(times.as_primitive::<Int64Type>());
        let made = pairs.map(|(length, times)| match (length, times) {
            (Some(length), Some(times)) => multiplied(length, times).map(Some),
            _ => Ok(None),
        });
        let made = made.collect::<Result<IntervalMonthDayNanoArray, ArrowError>>()?;
        Ok(ColumnarValue::Array(Arc::new(made) as ArrayRef))
    }
}

fn multiplied(length: IntervalMonthDayNano, times: i64) -> Result<IntervalMonthDayNano, ArrowError> {
    let part = |part: i32| i32::try_from(i64::from(part).checked_mul(times)?).ok();
    let made = || {
        let nanoseconds = length.nanoseconds.checked_mul(times)?;
        Some(IntervalMonthDayNano::new(part(length.months)?, part(length.days)?, nanoseconds))
    };
    made().ok_or_else(|| ArrowError::ArithmeticOverflow("a length of time".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_multiplied() {
        let length = IntervalMonthDayNano::new(1, -2, 3);
        assert_eq!(multiplied(length, -3).unwrap(), IntervalMonthDayNano::new(-3, 6, -9));
        assert!(multiplied(length, i64::MAX).is_err());
    }
}
