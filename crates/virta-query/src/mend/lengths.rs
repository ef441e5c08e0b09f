//! Parts of the time between two points in time. The engine gives all of it in each unit, in numbers that wrap round;
//! PostgreSQL and DuckDB give the days, and of what is left the hours, and so on. And the length of a list, of which the
//! engine takes its text.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::functions::datetime::expr_fn::date_part;
use datafusion::functions::math::expr_fn::trunc;
use datafusion::functions_nested::expr_fn::array_length;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, cast, lit};

/// The part of a length of time, or the number of a list's values, in place of what the engine takes for it.
pub(super) fn told(function: &ScalarFunction, schema: &DFSchema) -> Option<Expr> {
    match (function.name(), function.args.as_slice()) {
        ("date_part", [Expr::Literal(part, _), length]) => part_of(&part.try_as_str()??.to_lowercase(), length, schema),
        ("character_length", [Expr::Cast(text)]) => {
            let is_list = matches!(text.expr.get_type(schema), Ok(DataType::List(_) | DataType::LargeList(_)));
            is_list.then(|| cast(array_length(text.expr.as_ref().clone()), DataType::Int32))
        }
        _ => None,
    }
}

fn part_of(part: &str, length: &Expr, schema: &DFSchema) -> Option<Expr> {
    if !matches!(length.get_type(schema), Ok(DataType::Duration(_))) {
        return None;
    }
    // Seconds of the part itself, and of the part above it.
    let (own, above, times) = match part.strip_suffix('s').unwrap_or(part) {
        "day" => (86_400.0, None, 1.0),
        "hour" => (3600.0, Some(86_400.0), 1.0),
        "minute" => (60.0, Some(3600.0), 1.0),
        "second" => (1.0, Some(60.0), 1.0),
        "millisecond" => (1.0, Some(60.0), 1e3),
        "microsecond" => (1.0, Some(60.0), 1e6),
        _ => return None,
    };
    let by = |left: Expr, op, right: f64| Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(lit(right))));
    let seconds = date_part(lit(ScalarValue::from("epoch")), length.clone());
    let left = match above {
        Some(above) => by(seconds, Operator::Modulo, above),
        None => seconds,
    };
    let whole = trunc(vec![by(by(left, Operator::Multiply, times), Operator::Divide, own)]);
    Some(cast(whole, DataType::Int32))
}
