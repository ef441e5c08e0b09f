//! Fractions that are written out in a query. To PostgreSQL and DuckDB `0.1` is a decimal, so that `0.1 + 0.2 = 0.3` and
//! `floor(4.35 * 100)` is 435; to the engine it is a floating point number, and neither holds. A sum, difference, product or
//! remainder of such fractions, whole numbers and decimals has a known number of places after the point. Here it becomes
//! the floating point number next to the decimal that it stands for, and is rounded as that decimal is.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array};
use arrow::compute::binary;
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
    Volatility, cast, lit,
};

/// Places after the point up to which a number stays exact beside a few digits before it.
const PLACES_MAX: u8 = 12;

/// Numbers whose last place is smaller than this stand for one decimal only.
const EXACT_BELOW: f64 = (1_u64 << 50) as f64;

/// Written numbers from this one on do not fit into a decimal with 15 places.
const LARGE: f64 = 1e15;

/// Arithmetic of written fractions as that of decimals; rounding of them, too.
pub(super) fn as_decimals(expr: Expr, schema: &DFSchema) -> (Expr, bool) {
    let replaced = match &expr {
        Expr::BinaryExpr(binary) => arithmetic(binary, schema),
        Expr::ScalarFunction(function) if function.name() == "round" => rounding(&function.args, schema),
        _ => None,
    };
    match replaced {
        Some(replaced) => (replaced, true),
        None => (expr, false),
    }
}

/// A decimal compared with a floating point number as two of the latter. The engine makes decimals with 15 places of
/// both, which large numbers do not fit into and small ones are lost in.
pub(super) fn compared(binary: &BinaryExpr, schema: &DFSchema) -> Option<Expr> {
    let floating = |side: &Expr| match side {
        Expr::Cast(cast)
            if is_double(&cast.expr, schema) && matches!(cast.field.data_type(), DataType::Decimal128(30, 15)) =>
        {
            let is_known = match cast.expr.as_ref() {
                Expr::Literal(ScalarValue::Float64(Some(value)), _) => value.abs() < LARGE,
                other => places(other, schema).is_some(),
            };
            (!is_known).then(|| cast.expr.as_ref().clone())
        }
        _ => None,
    };
    let number = |side: &Expr| match side {
        Expr::Cast(inner) if inner.expr.get_type(schema).is_ok_and(|of| of.is_integer() || of.is_decimal()) => {
            cast(inner.expr.as_ref().clone(), DataType::Float64)
        }
        other => cast(other.clone(), DataType::Float64),
    };
    let (left, right) = match (floating(&binary.left), floating(&binary.right)) {
        (None, None) => return None,
        (Some(left), Some(right)) => (left, right),
        (Some(left), None) => (left, number(&binary.right)),
        (None, Some(right)) => (number(&binary.left), right),
    };
    let is_comparison =
        binary.op.supports_propagation() || matches!(binary.op, Operator::IsDistinctFrom | Operator::IsNotDistinctFrom);
    is_comparison.then(|| Expr::BinaryExpr(BinaryExpr::new(Box::new(left), binary.op, Box::new(right))))
}

/// A written fraction rounded to so many places, half away from zero; `None` where the expression is another, or has no
/// more places.
pub(super) fn rounded_to(expr: &Expr, to: u8, schema: &DFSchema) -> Option<Expr> {
    // What is written out alone is rounded where casts are.
    let places = fraction_places(expr, schema).filter(|_| !matches!(expr, Expr::Literal(..)) || to > 0)?;
    (places > to || to == 0).then(|| Decimal::call(Step::Rounded, vec![expr.clone(), lit(i64::from(to))], places))
}

fn arithmetic(binary: &BinaryExpr, schema: &DFSchema) -> Option<Expr> {
    let (left, right) = (places(&binary.left, schema)?, places(&binary.right, schema)?);
    let of_result = match binary.op {
        Operator::Plus | Operator::Minus | Operator::Modulo => left.max(right),
        Operator::Multiply => left.checked_add(right)?,
        _ => return None,
    };
    if of_result > PLACES_MAX || !is_double(&binary.left, schema) {
        return None;
    }
    let sides = vec![binary.left.as_ref().clone(), binary.right.as_ref().clone()];
    Some(match binary.op {
        Operator::Modulo => Decimal::call(Step::Remainder, sides, of_result),
        _ => Decimal::call(Step::Nearest, vec![Expr::BinaryExpr(binary.clone())], of_result),
    })
}

fn rounding(args: &[Expr], schema: &DFSchema) -> Option<Expr> {
    let (number, to) = match args {
        [number] => (number, 0),
        [number, Expr::Literal(to, _)] => (
            number,
            match to {
                ScalarValue::Int64(Some(to)) => i8::try_from(*to).ok()?,
                ScalarValue::Int32(Some(to)) => i8::try_from(*to).ok()?,
                _ => return None,
            },
        ),
        _ => return None,
    };
    let places = fraction_places(number, schema)?;
    let is_coarser = (0..i8::try_from(places).ok()?).contains(&to);
    is_coarser.then(|| Decimal::call(Step::Rounded, vec![number.clone(), lit(i64::from(to))], places))
}

/// As [`places`], of floating point numbers alone.
fn fraction_places(expr: &Expr, schema: &DFSchema) -> Option<u8> {
    if is_double(expr, schema) { places(expr, schema) } else { None }
}

fn is_double(expr: &Expr, schema: &DFSchema) -> bool {
    matches!(expr.get_type(schema), Ok(DataType::Float64))
}

/// How many places after the point a number has that is made of fractions of the query, whole numbers and decimals alone.
fn places(expr: &Expr, schema: &DFSchema) -> Option<u8> {
    let of_all = |exprs: &[Expr]| {
        let places = exprs.iter().map(|expr| places(expr, schema)).collect::<Option<Vec<u8>>>()?;
        places.into_iter().max()
    };
    match expr {
        Expr::Literal(ScalarValue::Float64(Some(value)), _) => written_places(*value),
        Expr::Literal(ScalarValue::Float64(None) | ScalarValue::Null, _) => Some(0),
        Expr::Alias(alias) => places(&alias.expr, schema),
        Expr::Negative(inner) => places(inner, schema),
        Expr::Cast(cast) if matches!(cast.field.data_type(), DataType::Float64) => places(&cast.expr, schema),
        Expr::Case(case) => {
            let then = case.when_then_expr.iter().map(|(_, then)| then.as_ref().clone());
            let otherwise = case.else_expr.iter().map(|otherwise| otherwise.as_ref().clone());
            of_all(&then.chain(otherwise).collect::<Vec<_>>())
        }
        Expr::ScalarFunction(function) => {
            if let Some(decimal) = function.func.inner().downcast_ref::<Decimal>() {
                return decimal.places_left(&function.args);
            }
            match (function.name(), function.args.as_slice()) {
                ("coalesce" | "greatest" | "least" | "abs", args) => of_all(args),
                ("nullif", [value, _]) => places(value, schema),
                ("floor" | "ceil", [_]) | ("round" | "trunc", [_]) => {
                    let is_made = fraction_places(function.args.first()?, schema).is_some();
                    is_made.then_some(0)
                }
                _ => places_of_type(expr, schema),
            }
        }
        _ => places_of_type(expr, schema),
    }
}

fn places_of_type(expr: &Expr, schema: &DFSchema) -> Option<u8> {
    match expr.get_type(schema).ok()? {
        whole if whole.is_integer() => Some(0),
        DataType::Decimal128(_, scale) => u8::try_from(scale).ok(),
        _ => None,
    }
}

/// The places of a fraction as it was written, which is the shortest text of its number.
fn written_places(value: f64) -> Option<u8> {
    let text = value.is_finite().then(|| value.to_string())?;
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    u8::try_from(places).ok().filter(|places| *places <= PLACES_MAX)
}

/// What is done with numbers of so many places, which the last argument says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    /// The number itself, without what arithmetic in floating point added to it.
    Nearest,
    /// Rounded to as many places as the argument before says, half away from zero.
    Rounded,
    /// What is left of the first when it is divided by the second.
    Remainder,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Decimal {
    step: Step,
    signature: Signature,
}

impl Decimal {
    fn call(step: Step, mut args: Vec<Expr>, places: u8) -> Expr {
        args.push(lit(i64::from(places)));
        ScalarUDF::from(Decimal { step, signature: Signature::any(args.len(), Volatility::Immutable) }).call(args)
    }

    /// The places of what a call gives.
    fn places_left(&self, args: &[Expr]) -> Option<u8> {
        let counts = match self.step {
            Step::Rounded => args.get(1),
            Step::Nearest | Step::Remainder => args.last(),
        };
        match counts {
            Some(Expr::Literal(ScalarValue::Int64(Some(places)), _)) => u8::try_from(*places).ok(),
            _ => None,
        }
    }
}

/// The number counted in its last place, which is whole but for what floating point added; `None` where that is too large
/// to be told.
fn in_last_places(value: f64, places: u8) -> Option<f64> {
    let whole = (value * 10_f64.powi(i32::from(places))).round();
    (whole.abs() < EXACT_BELOW).then_some(whole)
}

fn from_last_places(whole: f64, places: u8) -> f64 {
    // Minus zero is zero.
    whole / 10_f64.powi(i32::from(places)) + 0.0
}

fn nearest(value: f64, places: u8) -> f64 {
    in_last_places(value, places).map_or(value, |whole| from_last_places(whole, places))
}

fn rounded(value: f64, places: u8, to: u8) -> f64 {
    let step = 10_f64.powi(i32::from(places) - i32::from(to));
    match in_last_places(value, places) {
        // Both are whole, so that halves are exact.
        Some(whole) => from_last_places((whole / step).round(), to),
        // So large a number has no more places than it shows.
        None => {
            let whole = (value * 10_f64.powi(i32::from(to))).round();
            if whole.is_finite() { from_last_places(whole, to) } else { value }
        }
    }
}

fn remainder(left: f64, right: f64, places: u8) -> f64 {
    match (in_last_places(left, places), in_last_places(right, places)) {
        (Some(left), Some(right)) => from_last_places(left % right, places),
        _ => left % right,
    }
}

impl ScalarUDFImpl for Decimal {
    fn name(&self) -> &str {
        match self.step {
            Step::Nearest => "nearest_decimal",
            Step::Rounded => "rounded_decimal",
            Step::Remainder => "remainder_of_decimals",
        }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let count = |value: &ColumnarValue| match value {
            ColumnarValue::Scalar(ScalarValue::Int64(Some(count))) => u8::try_from(*count).ok(),
            _ => None,
        };
        let Some((places, args)) = args.args.split_last() else { return crate::functions::wrong_arguments() };
        let arrays = ColumnarValue::values_to_arrays(args)?;
        let doubles: Vec<&Float64Array> = arrays.iter().filter_map(|array| array.as_primitive_opt()).collect();
        let made: Float64Array = match (self.step, doubles.as_slice(), count(places), args.get(1).and_then(count)) {
            (Step::Nearest, [values], Some(places), _) => values.unary(|value| nearest(value, places)),
            (Step::Rounded, [values], Some(places), Some(to)) => values.unary(|value| rounded(value, places, to)),
            (Step::Remainder, [left, right], Some(places), _) => {
                binary::<_, _, _, Float64Type>(left, right, |left, right| remainder(left, right, places))?
            }
            _ => return crate::functions::wrong_arguments(),
        };
        Ok(ColumnarValue::Array(Arc::new(made) as ArrayRef))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_decimals_they_stand_for() {
        assert_eq!(nearest(0.1 + 0.2, 1), 0.3);
        assert_eq!(nearest(4.35 * 100.0, 2), 435.0);
        assert_eq!(nearest(1e300, 2), 1e300);
        assert!(nearest(f64::NAN, 2).is_nan());
        assert_eq!(rounded(1.005, 3, 2), 1.01);
        assert_eq!(rounded(-2.5, 1, 0), -3.0);
        assert_eq!(rounded(14.5, 3, 0), 15.0);
        assert_eq!(rounded(1.0049, 4, 2), 1.0);
        assert_eq!(rounded(2e12 + 0.126, 3, 2), 2e12 + 0.13);
        assert_eq!(rounded(2e15 + 0.5, 1, 0), 2e15 + 1.0);
        assert_eq!(rounded(1e300, 3, 0), 1e300);
        assert_eq!(rounded(f64::MAX, 12, 2), f64::MAX);
        assert_eq!(remainder(1.0, 0.1, 1), 0.0);
        assert_eq!(remainder(-7.5, 2.0, 1), -1.5);
    }

    #[test]
    fn places_are_those_that_were_written() {
        for (value, wanted) in
            [(0.145, Some(3)), (2.0, Some(0)), (1e3, Some(0)), (0.1 + 0.2, None), (f64::INFINITY, None)]
        {
            assert_eq!(written_places(value), wanted, "{value}");
        }
    }
}
