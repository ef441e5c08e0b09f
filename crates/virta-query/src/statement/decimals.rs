//! Fractions that are written out and become texts: `cast(2.50 as text)` keeps its places, as a decimal's text does.
//! Elsewhere they are floating point numbers, of which nobody knows how they were written.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, FunctionArg, FunctionArgExpr, FunctionArguments,
    UnaryOperator, Value,
};

use super::names::text;

/// Digits that a decimal may have.
const DIGITS_MAX: usize = 38;

/// Makes decimals of the fractions in what becomes a text.
pub(super) fn kept_in_texts(expr: &mut Expr) {
    match expr {
        Expr::Cast { kind: CastKind::Cast | CastKind::TryCast | CastKind::DoubleColon, expr, data_type, .. }
            if is_text(data_type) =>
        {
            as_decimals(expr);
        }
        Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } => {
            as_decimals(left);
            as_decimals(right);
        }
        Expr::Function(function) if matches!(function.name.to_string().as_str(), "concat" | "concat_ws") => {
            let FunctionArguments::List(list) = &mut function.args else { return };
            for arg in &mut list.args {
                if let FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) = arg {
                    as_decimals(arg);
                }
            }
        }
        _ => {}
    }
}

fn is_text(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Text | DataType::Varchar(_) | DataType::String(_) | DataType::CharacterVarying(_))
}

/// Sums and products of decimals have the places that they should; a quotient is a floating point number anyway.
fn as_decimals(expr: &mut Expr) {
    match expr {
        Expr::Value(value) => {
            if let Value::Number(digits, _) = &value.value
                && let Some(decimal) = decimal(digits)
            {
                *expr = decimal;
            }
        }
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => as_decimals(inner),
        Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply, right } => {
            as_decimals(left);
            as_decimals(right);
        }
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter_mut().for_each(|when| as_decimals(&mut when.result));
            if let Some(otherwise) = else_result {
                as_decimals(otherwise);
            }
        }
        _ => {}
    }
}

/// A decimal with the digits and places of a written number that has a point and no exponent.
fn decimal(digits: &str) -> Option<Expr> {
    let (whole, fraction) = digits.split_once('.')?;
    let is_plain = whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit());
    let (places, all) = (fraction.len(), whole.len().max(1) + fraction.len());
    if !is_plain || places == 0 || all > DIGITS_MAX {
        return None;
    }
    let size = ExactNumberInfo::PrecisionAndScale(u64::try_from(all).ok()?, i64::try_from(places).ok()?);
    Some(Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(text(digits)),
        data_type: DataType::Decimal(size),
        array: false,
        format: None,
    })
}
