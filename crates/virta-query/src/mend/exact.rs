//! Whole numbers that grow past their range: the engine lets them wrap round to the other end. Quotients of decimals it
//! cuts off, and here they are rounded; and it knows two zeros, of which here is one. The minus before a number it takes for the turning round of bits.

use std::sync::{Arc, LazyLock};

use arrow::array::{Array, ArrayRef, AsArray, Datum, Int64Array};
use arrow::compute::kernels::numeric;
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::string::expr_fn::replace;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, cast, lit,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::physical_expr_common::datum::apply;

use super::{fractions, guarded, intervals, lengths, minutes, narrow, nulls, orders, sizes, subqueries, whole};
use crate::functions::MayBeNull;

/// Puts arithmetic that fails in the place of arithmetic that wraps. It comes after the rule that gives both sides one
/// type.
#[derive(Debug)]
pub(crate) struct ExactNumbers;

impl AnalyzerRule for ExactNumbers {
    fn name(&self) -> &str {
        "exact_numbers"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|plan| {
            let schema = merge_schema(&plan.inputs());
            let names = NamePreserver::new(&plan);
            plan.map_expressions(|expr| {
                let name = names.save(&expr);
                let expr = expr.transform_up(|expr| exact(expr, &schema))?;
                // What checks sizes is taken for random, so it comes after the look for what is.
                let expr = expr.transform_data(|expr| {
                    expr.transform_up(|expr| {
                        let (expr, is_other) = sizes::bounded(expr);
                        Ok(Transformed::new_transformed(expr, is_other))
                    })
                })?;
                expr.map_data(|expr| Ok(name.restore(expr)))
            })
        })
        .data()
    }
}

fn exact(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    drawn_once(&expr)?;
    let (expr, is_ordered) = orders::once(expr);
    let (expr, is_list) = nulls::apart(expr);
    if is_list {
        return Ok(Transformed::yes(expr));
    }
    let (expr, is_length) = intervals::compared(expr, schema);
    if is_length {
        return Ok(Transformed::yes(expr));
    }
    if let Some(matched) = nulls::anything_matched(&expr) {
        return Ok(Transformed::yes(matched));
    }
    let (expr, is_text) = minutes::readable(expr, schema)?;
    if let Expr::ScalarFunction(function) = &expr
        && let Some(told) = lengths::told(function, schema)
    {
        return Ok(Transformed::yes(told));
    }
    if let Expr::ScalarSubquery(subquery) = &expr
        && subqueries::may_have_no_row(&subquery.subquery)
    {
        return Ok(Transformed::yes(ScalarUDF::from(MayBeNull::new()).call(vec![expr])));
    }
    let (expr, is_fraction) = fractions::as_decimals(expr, schema);
    if is_fraction {
        return Ok(Transformed::yes(expr));
    }
    if makes_negative_zero(&expr, schema) {
        return Ok(Transformed::yes(with_one_zero(expr, schema)));
    }
    if let Expr::Negative(inner) = &expr
        && let Some(negated) = negated(inner, schema)
    {
        return Ok(Transformed::yes(negated));
    }
    if let Some(text) = text_of_stamp(&expr, schema) {
        return Ok(Transformed::yes(text));
    }
    let (expr, is_cast) = whole_numbers(expr, schema);
    let (expr, is_narrow) = narrow::kept(expr, schema)?;
    let is_cast = is_cast || is_text || is_narrow;
    let Expr::BinaryExpr(mut binary) = expr else {
        return Ok(Transformed::new_transformed(expr, is_ordered || is_cast));
    };
    let is_unlike = nulls::unlike(&mut binary, schema)?;
    if guarded::asked_second(&mut binary, schema)? || is_unlike {
        return Ok(Transformed::yes(Expr::BinaryExpr(binary)));
    }
    if let Some(compared) = fractions::compared(&binary, schema) {
        return Ok(Transformed::yes(compared));
    }
    intervals::day_keeps_no_hours(&binary, schema)?;
    let BinaryExpr { left, op, right } = binary;
    let unchanged = |left, right| Ok(Transformed::no(Expr::BinaryExpr(BinaryExpr { left, op, right })));
    if op == Operator::Divide {
        return match rounded_quotient(&left, &right, schema)? {
            Some(quotient) => Ok(Transformed::yes(quotient)),
            None => unchanged(left, right),
        };
    }
    let Some(exact) = Arithmetic::of(op) else { return unchanged(left, right) };
    let (Ok(one), Ok(other)) = (left.get_type(schema), right.get_type(schema)) else { return unchanged(left, right) };
    let is_shift = op == Operator::BitwiseShiftLeft;
    if !one.is_integer() || one != other || (is_shift && one != DataType::Int64) {
        return unchanged(left, right);
    }
    Ok(Transformed::yes(exact.call(vec![*left, *right])))
}

/// A point in time as a text has a space between the day and the time, as elsewhere; the engine writes a T there.
fn text_of_stamp(expr: &Expr, schema: &DFSchema) -> Option<Expr> {
    let (inner, to) = match expr {
        Expr::Cast(cast) => (&cast.expr, cast.field.data_type()),
        Expr::TryCast(cast) => (&cast.expr, cast.field.data_type()),
        _ => return None,
    };
    let is_stamp = matches!(inner.get_type(schema), Ok(DataType::Timestamp(_, None)));
    let is_text = matches!(to, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    (is_stamp && is_text).then(|| cast(replace(expr.clone(), lit("T"), lit(" ")), to.clone()))
}

/// A whole number with a minus before it, taken from 0: the engine makes `-(a & b)` into `-a | -b`, and `a & -a` into 0.
fn negated(inner: &Expr, schema: &DFSchema) -> Option<Expr> {
    let data_type = inner.get_type(schema).ok().filter(DataType::is_signed_integer)?;
    let zero = ScalarValue::new_zero(&data_type).ok()?;
    let is_literal = matches!(inner, Expr::Literal(..));
    Arithmetic::of(Operator::Minus).filter(|_| !is_literal).map(|minus| minus.call(vec![lit(zero), inner.clone()]))
}

/// The engine tells -0.0 and 0.0 apart wherever it compares, so that `round(x) = 0` is not true of -0.4.
fn makes_negative_zero(expr: &Expr, schema: &DFSchema) -> bool {
    let may_make = match expr {
        Expr::ScalarFunction(function) => ["round", "ceil", "trunc"].contains(&function.name()),
        Expr::BinaryExpr(binary) => {
            matches!(binary.op, Operator::Multiply | Operator::Divide | Operator::Modulo)
        }
        Expr::Negative(_) => true,
        _ => false,
    };
    may_make && expr.get_type(schema).is_ok_and(|data_type| data_type.is_floating())
}

/// -0.0 + 0.0 is 0.0, and every other number stays.
fn with_one_zero(expr: Expr, schema: &DFSchema) -> Expr {
    let zero = match expr.get_type(schema) {
        Ok(DataType::Float32) => ScalarValue::Float32(Some(0.0)),
        _ => ScalarValue::Float64(Some(0.0)),
    };
    Expr::BinaryExpr(BinaryExpr::new(Box::new(expr), Operator::Plus, Box::new(lit(zero))))
}

/// A decimal divided by another, rounded half away from zero. The engine cuts off what does not fit; one more digit says
/// how the one before it is rounded.
fn rounded_quotient(left: &Expr, right: &Expr, schema: &DFSchema) -> Result<Option<Expr>> {
    let (Ok(one), Ok(other)) = (left.get_type(schema), right.get_type(schema)) else { return Ok(None) };
    let (DataType::Decimal128(precision @ 0..38, scale @ 0..38), DataType::Decimal128(..)) = (one, other) else {
        return Ok(None);
    };
    let divided = |left: Expr| BinaryExpr::new(Box::new(left), Operator::Divide, Box::new(right.clone()));
    let data_type = Expr::BinaryExpr(divided(left.clone())).get_type(schema)?;
    let longer = cast(left.clone(), DataType::Decimal128(precision + 1, scale + 1));
    Ok(Some(cast(Expr::BinaryExpr(divided(longer)), data_type)))
}

/// Rounds what is cast to a whole number.
fn whole_numbers(mut expr: Expr, schema: &DFSchema) -> (Expr, bool) {
    let (inner, to) = match &mut expr {
        Expr::Cast(cast) => (&mut cast.expr, &cast.field),
        Expr::TryCast(cast) => (&mut cast.expr, &cast.field),
        _ => return (expr, false),
    };
    let places = match to.data_type() {
        whole if whole.is_integer() => Some(0),
        DataType::Decimal128(_, scale) => u8::try_from(*scale).ok(),
        _ => None,
    };
    let fraction = places.and_then(|places| fractions::rounded_to(inner, places, schema));
    let rounded = fraction.or_else(|| {
        inner.get_type(schema).ok().and_then(|from| whole::rounded(inner.as_ref().clone(), &from, to.data_type()))
    });
    let is_other = rounded.is_some();
    if let Some(rounded) = rounded {
        **inner = rounded;
    }
    (expr, is_other)
}

/// The engine draws anew for each mention of what it writes twice.
fn drawn_once(expr: &Expr) -> Result<()> {
    let is_twice = match expr {
        Expr::Between(between) => between.expr.is_volatile(),
        Expr::ScalarFunction(function) => {
            ["coalesce", "nvl", "nvl2", "nullif", "ifnull"].contains(&function.name())
                && function.args.iter().any(Expr::is_volatile)
        }
        _ => false,
    };
    match is_twice {
        true => Err(super::refused("random() would be drawn twice here", "compare it once: random() < 0.1")),
        false => Ok(()),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Arithmetic {
    op: Operator,
    name: &'static str,
    signature: Signature,
}

impl Arithmetic {
    fn of(op: Operator) -> Option<Arc<ScalarUDF>> {
        static ALL: LazyLock<[(Operator, Arc<ScalarUDF>); 4]> = LazyLock::new(|| {
            [
                (Operator::Plus, "plus"),
                (Operator::Minus, "minus"),
                (Operator::Multiply, "times"),
                (Operator::BitwiseShiftLeft, "shift_left"),
            ]
            .map(|(op, name)| {
                let signature = Signature::any(2, Volatility::Immutable);
                (op, Arc::new(ScalarUDF::from(Arithmetic { op, name, signature })))
            })
        });
        ALL.iter().find(|(known, _)| *known == op).map(|(_, function)| Arc::clone(function))
    }
}

impl ScalarUDFImpl for Arithmetic {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(types.first().cloned().unwrap_or(DataType::Int64))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else {
            return Err(DataFusionError::Internal("arithmetic needs two numbers".to_owned()));
        };
        apply(left, right, |left, right| match self.op {
            Operator::Plus => numeric::add(left, right),
            Operator::Minus => numeric::sub(left, right),
            Operator::Multiply => numeric::mul(left, right),
            _ => shift_left(left, right),
        })
    }
}

fn shift_left(left: &dyn Datum, right: &dyn Datum) -> Result<ArrayRef, ArrowError> {
    let ((left, left_is_one), (right, right_is_one)) = (left.get(), right.get());
    let (Some(values), Some(places)) = (left.as_primitive_opt::<Int64Type>(), right.as_primitive_opt::<Int64Type>())
    else {
        return Err(ArrowError::ComputeError("a shift needs whole numbers".to_owned()));
    };
    let rows = if left_is_one { values.len().max(places.len()) } else { values.len() };
    let at = |row: usize, is_one: bool| if is_one { 0 } else { row };
    let shifted = (0..rows).map(|row| {
        let (value, place) = (at(row, left_is_one), at(row, right_is_one));
        if !values.is_valid(value) || !places.is_valid(place) {
            return Ok(None);
        }
        let value = values.value(value);
        let shifted = u32::try_from(places.value(place))
            .ok()
            .and_then(|by| value.checked_shl(by).filter(|shifted| shifted >> by == value));
        shifted.map(Some).ok_or_else(|| ArrowError::ArithmeticOverflow("a shift".to_owned()))
    });
    Ok(Arc::new(shifted.collect::<Result<Int64Array, _>>()?))
}
