use arrow::array::{Array, ArrayRef, AsArray, Int64Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use datafusion::scalar::ScalarValue;
use virta_model::Day;

use super::{Function, wrong_arguments};

pub(super) const DOC: Function = Function {
    name: "date_diff",
    usage: "date_diff(unit, from, to)",
    doc: "How many ends of a unit lie between two days or points in time: 'day', 'week' (Mondays), 'month', 'quarter', \
          'year', and of points in time 'hour', 'minute', 'second'. Negative when to is before from.",
    example: "select date_diff('month', date '2013-01-31', date '2013-02-01') as months",
};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateDiff(Signature);

impl DateDiff {
    pub(super) fn new() -> Self {
        DateDiff(Signature::user_defined(Volatility::Immutable))
    }
}

/// What is counted, by the number of units since some day.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Days(i64),
    Months(i64),
    Seconds(i64),
}

impl Unit {
    fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().trim_end_matches('s') {
            "day" | "d" => Unit::Days(1),
            "week" | "w" => Unit::Days(7),
            "month" => Unit::Months(1),
            "quarter" => Unit::Months(3),
            "year" | "y" => Unit::Months(12),
            "hour" | "h" => Unit::Seconds(3600),
            "minute" | "min" => Unit::Seconds(60),
            "second" | "sec" => Unit::Seconds(1),
            _ => return None,
        })
    }

    /// The number of the unit that a point in time, in seconds since 1970, lies in.
    fn number(self, seconds: i64) -> i64 {
        let day = seconds.div_euclid(86_400);
        match self {
            Unit::Seconds(length) => seconds.div_euclid(length),
            // 1970-01-01 was a Thursday.
            Unit::Days(7) => (day + 3).div_euclid(7),
            Unit::Days(length) => day.div_euclid(length),
            Unit::Months(length) => {
                let (year, month, _) = Day(i32::try_from(day).unwrap_or(i32::MAX)).ymd();
                (i64::from(year) * 12 + i64::from(month) - 1).div_euclid(length)
            }
        }
    }
}

impl ScalarUDFImpl for DateDiff {
    fn name(&self) -> &str {
        DOC.name
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [_, from, to] = types else { return wrong_arguments() };
        let is_time = |data_type: &DataType| matches!(data_type, DataType::Timestamp(..));
        let point = DataType::Timestamp(TimeUnit::Microsecond, None);
        let plain = if is_time(from) || is_time(to) { point } else { DataType::Date32 };
        Ok(vec![DataType::Utf8, plain.clone(), plain])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [unit, from, to] = args.args.as_slice() else { return wrong_arguments() };
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(unit))) = unit else { return wrong_arguments() };
        let unit = Unit::of(unit).ok_or_else(|| {
            DataFusionError::Plan("date_diff knows day, week, month, quarter, year, hour, minute and second".to_owned())
        })?;
        let is_scalar = matches!((from, to), (ColumnarValue::Scalar(_), ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let (from, to) = (seconds(&from.to_array(rows)?)?, seconds(&to.to_array(rows)?)?);
        let counted = from.iter().zip(to.iter()).map(|(from, to)| Some(unit.number(to?) - unit.number(from?)));
        let counted: Int64Array = counted.collect();
        Ok(match is_scalar {
            true => ColumnarValue::Scalar(ScalarValue::try_from_array(&counted, 0)?),
            false => ColumnarValue::Array(std::sync::Arc::new(counted)),
        })
    }
}

fn seconds(array: &ArrayRef) -> Result<Int64Array> {
    if array.data_type() == &DataType::Date32 {
        return Ok(array
            .as_primitive::<Date32Type>()
            .iter()
            .map(|day| day.map(|day| i64::from(day) * 86_400))
            .collect());
    }
    let points = cast(array, &DataType::Timestamp(TimeUnit::Microsecond, None))?;
    let points = points.as_primitive::<TimestampMicrosecondType>();
    Ok((0..points.len()).map(|at| points.is_valid(at).then(|| points.value(at).div_euclid(1_000_000))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_units_are_counted() {
        let day = |year, month, day| i64::from(Day::from_ymd(year, month, day).unwrap().0) * 86_400;
        for (unit, from, to, counted) in [
            ("day", day(2013, 1, 1), day(2013, 1, 31), 30),
            ("week", day(2023, 1, 1), day(2023, 1, 2), 1),
            ("week", day(2023, 1, 2), day(2023, 1, 8), 0),
            ("month", day(2013, 1, 31), day(2013, 2, 1), 1),
            ("months", day(2013, 2, 1), day(2013, 1, 31), -1),
            ("year", day(2012, 12, 31), day(2013, 1, 1), 1),
            ("quarter", day(2013, 3, 31), day(2013, 4, 1), 1),
        ] {
            let unit = Unit::of(unit).unwrap();
            assert_eq!(unit.number(to) - unit.number(from), counted);
        }
    }
}
