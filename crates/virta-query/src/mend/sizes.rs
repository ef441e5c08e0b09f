//! Functions whose one value can be as large as a number says: `repeat('x', 1000000000)`. The engine makes it whatever
//! the memory limit, a list for every row of a batch. Their number goes through a check of what the batch would take.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

use super::refused;

/// Bytes that such a function may make for one batch of rows.
const BYTES_MAX: u64 = 256 << 20;

/// Written-out numbers up to this one need no check: a batch of lists of so many numbers is half as large as it may be.
const SMALL: i64 = 1_000;

/// The same call with a checked number, if its function is of this kind.
pub(super) fn bounded(mut expr: Expr) -> (Expr, bool) {
    let Expr::ScalarFunction(ScalarFunction { func, args }) = &mut expr else { return (expr, false) };
    let (place, what, sizes) = match (func.name(), args.as_slice()) {
        ("repeat", [text, number]) => (1, copies(), vec![number.clone(), text.clone()]),
        ("lpad" | "rpad" | "array_repeat" | "array_resize", [_, number, ..]) => (1, copies(), vec![number.clone()]),
        ("generate_series" | "range", [stop]) => (0, copies(), vec![stop.clone()]),
        ("generate_series" | "range", [start, stop, step @ ..]) => {
            let sizes = [stop, start].into_iter().chain(step).cloned().collect();
            (1, series(), sizes)
        }
        _ => return (expr, false),
    };
    if sizes.iter().all(is_small) {
        return (expr, false);
    }
    if let Some(number) = args.get_mut(place) {
        *number = what.call(sizes);
    }
    (expr, true)
}

/// A number of things, and how long each is.
fn copies() -> &'static Arc<ScalarUDF> {
    static COPIES: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::of(Makes::Copies));
    &COPIES
}

/// The end, the beginning and the step of a series.
fn series() -> &'static Arc<ScalarUDF> {
    static SERIES: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Checked::of(Makes::Series));
    &SERIES
}

/// A short text or a small number that stands in the query.
fn is_small(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)), _) => text.len() <= 100,
        Expr::Literal(value, _) => {
            let whole = value.cast_to(&DataType::Int64);
            matches!(whole, Ok(ScalarValue::Int64(Some(number))) if (-SMALL..=SMALL).contains(&number))
        }
        Expr::Cast(cast) => is_small(&cast.expr),
        Expr::Negative(inner) => is_small(inner),
        _ => false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Makes {
    Copies,
    Series,
}

/// Its first argument, where what is made of all arguments is not too large.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    makes: Makes,
    signature: Signature,
}

impl Checked {
    fn of(makes: Makes) -> Arc<ScalarUDF> {
        // Volatile, so that it is not folded into a value before the rows of a batch are known.
        let signature = Signature::variadic_any(Volatility::Volatile);
        Arc::new(ScalarUDF::from(Checked { makes, signature }))
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        match self.makes {
            Makes::Copies => "checked_copies",
            Makes::Series => "checked_series",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Null))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some(first) = args.args.first() else { return crate::functions::wrong_arguments() };
        let columns = args
            .args
            .iter()
            .map(|value| match value {
                ColumnarValue::Array(array) => Ok((sizes(array)?, false)),
                ColumnarValue::Scalar(value) => Ok((sizes(&value.to_array()?)?, true)),
            })
            .collect::<Result<Vec<_>>>()?;
        let at = |column: usize, row: usize| {
            columns.get(column).and_then(|(sizes, is_one)| sizes.get(if *is_one { 0 } else { row }).copied())
        };
        let mut bytes: u64 = 0;
        for row in 0..args.number_rows {
            let number = at(0, row).unwrap_or_default();
            let own = match self.makes {
                Makes::Copies => {
                    number.max(0).unsigned_abs().saturating_mul(at(1, row).unwrap_or(8).max(1).unsigned_abs())
                }
                Makes::Series => {
                    let length = number.abs_diff(at(1, row).unwrap_or_default());
                    (length / at(2, row).unwrap_or(1).unsigned_abs().max(1)).saturating_add(1).saturating_mul(8)
                }
            };
            bytes = bytes.saturating_add(own);
        }
        if bytes > BYTES_MAX {
            return Err(refused(
                "a text or list of the answer would be too large",
                "make it shorter; from generate_series(1, n) in the from clause gives rows of any number",
            ));
        }
        Ok(first.clone())
    }
}

/// Numbers as they are, days, points in time and intervals in seconds, texts as their bytes; null is 0.
fn sizes(array: &ArrayRef) -> Result<Vec<i64>> {
    let seconds = |days: i64| days.saturating_mul(86_400);
    let whole = match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
            let texts = cast(array, &DataType::Utf8)?;
            return Ok(texts.as_string::<i32>().iter().map(|text| text.map_or(0, |text| text.len() as i64)).collect());
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let spans = array.as_primitive::<IntervalMonthDayNanoType>().iter();
            return Ok(spans
                .map(|span| {
                    span.map_or(0, |span| {
                        seconds(i64::from(span.months) * 28 + i64::from(span.days)) + span.nanoseconds / 1_000_000_000
                    })
                })
                .collect());
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().iter();
            return Ok(days.map(|day| day.map_or(0, |day| seconds(i64::from(day)))).collect());
        }
        DataType::Timestamp(..) => cast(&cast(array, &DataType::Timestamp(TimeUnit::Second, None))?, &DataType::Int64)?,
        DataType::Null => return Ok(vec![0; array.len()]),
        _ => cast(array, &DataType::Int64)?,
    };
    Ok(whole.as_primitive::<Int64Type>().iter().map(Option::unwrap_or_default).collect())
}
