//! Lengths of time so many times: `3 * interval '1 month'`, `interval (n) day`.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Interval, UnaryOperator, Value};

use super::names::{call, text};
use crate::functions::LENGTH_TIMES;

/// The call of a function in the place of a product that the engine does not know.
pub(super) fn multiplied(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => match (is_length(left), is_length(right)) {
            (true, false) => Some(call(LENGTH_TIMES, vec![left.as_ref().clone(), right.as_ref().clone()])),
            (false, true) => Some(call(LENGTH_TIMES, vec![right.as_ref().clone(), left.as_ref().clone()])),
            _ => None,
        },
        Expr::Interval(interval) => counted(interval),
        _ => None,
    }
}

/// `interval (n + 1) day` is so many times one day; `interval 1 month` is `interval '1' month`.
fn counted(interval: &Interval) -> Option<Expr> {
    let count = interval.value.as_ref();
    let of = |count: Expr| Expr::Interval(Interval { value: Box::new(count), ..interval.clone() });
    match count {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => Some(of(text(digits))),
            _ => None,
        },
        _ if interval.leading_field.is_none() => None,
        count => Some(call(LENGTH_TIMES, vec![of(text("1")), count.clone()])),
    }
}

fn is_length(expr: &Expr) -> bool {
    match expr {
        Expr::Interval(_) => true,
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => is_length(inner),
        Expr::Function(function) => function.name.to_string() == LENGTH_TIMES,
        Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
            is_length(left) && is_length(right)
        }
        _ => false,
    }
}
