//! Casts that may lose a value, and casts that mean something else than what they say.
//!
//! - Where such a cast is compared with something written out, the engine compares the number before the cast, so that
//!   `try_cast(300 as tinyint) <> 5` is true instead of unknown.
//! - A day that meets a number it counts from 1970, so that `birth_date > 2000` is true of nearly everybody.

use arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, ExprSchemable, ScalarUDF, cast, try_cast};

use super::refused;
use crate::functions::MayBeNull;

/// A cast that the engine does not see through, or the refusal of one that says nothing.
pub(super) fn kept(expr: Expr, schema: &DFSchema) -> Result<(Expr, bool)> {
    let (inner, to, is_tried) = match &expr {
        Expr::Cast(cast) => (cast.expr.as_ref(), cast.field.data_type(), false),
        Expr::TryCast(cast) => (cast.expr.as_ref(), cast.field.data_type(), true),
        _ => return Ok((expr, false)),
    };
    let Ok(from) = inner.get_type(schema) else { return Ok((expr, false)) };
    let is_day = |data_type: &DataType| matches!(data_type, DataType::Date32 | DataType::Date64);
    let is_moment = |data_type: &DataType| is_day(data_type) || matches!(data_type, DataType::Timestamp(..));
    if (is_day(&from) && to.is_numeric()) || (from.is_numeric() && is_moment(to)) {
        return Err(refused(
            "a date is no number",
            "year(day) and day - date '1970-01-01' are numbers; make_date(2013, 1, 31) and date '2013-01-31' are dates",
        ));
    }
    if let (DataType::Boolean, DataType::Decimal128(..)) = (&from, to) {
        let number = cast(inner.clone(), DataType::Int32);
        return Ok((if is_tried { try_cast(number, to.clone()) } else { cast(number, to.clone()) }, true));
    }
    match (digits(&from), digits(to)) {
        (Some(before), Some(after)) if after < before && !matches!(inner, Expr::Literal(..)) => {
            Ok((ScalarUDF::from(MayBeNull::new()).call(vec![expr]), true))
        }
        _ => Ok((expr, false)),
    }
}

/// Digits before the point that a number of a type may need.
fn digits(data_type: &DataType) -> Option<i16> {
    Some(match data_type {
        DataType::Int8 | DataType::UInt8 => 3,
        DataType::Int16 | DataType::UInt16 => 5,
        DataType::Int32 | DataType::UInt32 => 10,
        DataType::Int64 => 19,
        DataType::UInt64 => 20,
        DataType::Decimal128(precision, scale) => i16::from(*precision) - i16::from(*scale),
        _ => return None,
    })
}
