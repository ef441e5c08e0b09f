//! Lengths of time beside one another and beside days. The engine compares them unit by unit, so that 40 days are less
//! than a month, and 100,000 hours less than a day; here a month is 30 days and a day 24 hours, as in PostgreSQL and DuckDB.
//! And it drops the hours of a length that is added to a day.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray, Decimal128Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalUnit, TimeUnit};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{Between, InList};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility,
};

use super::refused;
use crate::functions::LENGTH_TIMES;

const NANOSECONDS_OF_DAY: i128 = 86_400_000_000_000;

/// Comparisons of lengths of time as comparisons of how long they are.
pub(super) fn compared(expr: Expr, schema: &DFSchema) -> (Expr, bool) {
    match expr {
        Expr::BinaryExpr(binary)
            if is_comparison(binary.op) && is_about_lengths(&binary.left, &binary.right, schema) =>
        {
            let (left, right) = (how_long(*binary.left), how_long(*binary.right));
            (Expr::BinaryExpr(BinaryExpr::new(Box::new(left), binary.op, Box::new(right))), true)
        }
        Expr::Between(Between { expr, negated, low, high }) if is_about_lengths(&expr, &low, schema) => {
            let [expr, low, high] = [expr, low, high].map(|side| Box::new(how_long(*side)));
            (Expr::Between(Between { expr, negated, low, high }), true)
        }
        Expr::InList(InList { expr, list, negated }) if list.iter().any(|one| is_about_lengths(&expr, one, schema)) => {
            let list = list.into_iter().map(how_long).collect();
            (Expr::InList(InList { expr: Box::new(how_long(*expr)), list, negated }), true)
        }
        other => (other, false),
    }
}

fn is_comparison(op: Operator) -> bool {
    use Operator as O;
    matches!(op, O::Eq | O::NotEq | O::Lt | O::LtEq | O::Gt | O::GtEq | O::IsDistinctFrom | O::IsNotDistinctFrom)
}

fn is_about_lengths(one: &Expr, other: &Expr, schema: &DFSchema) -> bool {
    let is_interval = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Interval(_)));
    is_interval(one) && is_interval(other)
}

fn how_long(expr: Expr) -> Expr {
    static HOW_LONG: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(ScalarUDF::from(HowLong::new())));
    HOW_LONG.call(vec![expr])
}

/// The nanoseconds of a length of time.
#[derive(Debug, PartialEq, Eq, Hash)]
struct HowLong(Signature);

impl HowLong {
    fn new() -> Self {
        HowLong(Signature::any(1, Volatility::Immutable))
    }
}

impl ScalarUDFImpl for HowLong {
    fn name(&self) -> &str {
        "how_long"
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Decimal128(38, 0))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(lengths) = arrays.first() else { return crate::functions::wrong_arguments() };
        let lengths = cast(lengths, &DataType::Interval(IntervalUnit::MonthDayNano))?;
        let nanoseconds = |length: IntervalMonthDayNano| {
            let days = i128::from(length.months) * 30 + i128::from(length.days);
            days * NANOSECONDS_OF_DAY + i128::from(length.nanoseconds)
        };
        let lengths = lengths.as_primitive::<IntervalMonthDayNanoType>().iter();
        let nanoseconds: Decimal128Array = lengths.map(|length| length.map(nanoseconds)).collect();
        Ok(ColumnarValue::Array(Arc::new(nanoseconds.with_precision_and_scale(38, 0)?) as ArrayRef))
    }
}

/// Refuses a day to which a length of time is added that may have hours.
pub(super) fn day_keeps_no_hours(binary: &BinaryExpr, schema: &DFSchema) -> Result<()> {
    let is_day = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Date32 | DataType::Date64));
    let is_length = |expr: &Expr| matches!(expr.get_type(schema), Ok(DataType::Interval(_)));
    let (left, right) = (binary.left.as_ref(), binary.right.as_ref());
    let length = match binary.op {
        Operator::Plus | Operator::Minus if is_day(left) && is_length(right) => right,
        Operator::Plus if is_length(left) && is_day(right) => left,
        _ => return Ok(()),
    };
    match may_have_hours(length) {
        true => Err(refused(
            "a date has no hours, minutes or seconds to add to",
            "make a point in time of it first: cast(day as timestamp) + interval '1 hour'",
        )),
        false => Ok(()),
    }
}

fn may_have_hours(length: &Expr) -> bool {
    match length {
        Expr::Literal(ScalarValue::IntervalMonthDayNano(Some(length)), _) => length.nanoseconds != 0,
        Expr::Literal(ScalarValue::IntervalDayTime(Some(length)), _) => length.milliseconds != 0,
        Expr::Literal(..) => false,
        Expr::Alias(alias) => may_have_hours(&alias.expr),
        Expr::Negative(inner) => may_have_hours(inner),
        Expr::BinaryExpr(binary) => may_have_hours(&binary.left) || may_have_hours(&binary.right),
        // The engine makes whole seconds of a number of days.
        Expr::Cast(days) => {
            !matches!(days.expr.as_ref(),
            Expr::Cast(seconds) if matches!(seconds.field.data_type(), DataType::Duration(TimeUnit::Second)))
                && !matches!(days.expr.as_ref(), Expr::Literal(value, _) if value.is_null())
        }
        Expr::Case(case) => {
            case.when_then_expr.iter().any(|(_, then)| may_have_hours(then))
                || case.else_expr.as_deref().is_some_and(may_have_hours)
        }
        Expr::ScalarFunction(function) if function.name() == LENGTH_TIMES.trim_matches('"') => {
            function.args.first().is_none_or(may_have_hours)
        }
        Expr::ScalarFunction(function) if function.name() == "coalesce" => function.args.iter().any(may_have_hours),
        _ => true,
    }
}
