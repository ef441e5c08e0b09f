//! Points in time without seconds, `timestamp '2014-01-01 10:30'`, which the engine cannot read; and times of day
//! without a colon, `time '12'`, which it takes for milliseconds.

use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::functions::unicode::expr_fn::strpos;
use datafusion::logical_expr::{Expr, ExprSchemable, Operator, binary_expr, cast, lit, when};

/// The text as the engine can read it, where it is cast to a point in time, a day or a time of day.
pub(super) fn readable(mut expr: Expr, schema: &DFSchema) -> Result<(Expr, bool)> {
    let (inner, to) = match &mut expr {
        Expr::Cast(cast) => (&mut cast.expr, cast.field.data_type()),
        Expr::TryCast(cast) => (&mut cast.expr, cast.field.data_type()),
        _ => return Ok((expr, false)),
    };
    let is_text = |of: &DataType| matches!(of, DataType::LargeUtf8 | DataType::Utf8View);
    let is_moment = matches!(to, DataType::Timestamp(..) | DataType::Date32);
    let is_time = matches!(to, DataType::Time32(_) | DataType::Time64(_));
    if let Expr::Literal(value, _) = inner.as_mut() {
        let (ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text))) =
            value
        else {
            return Ok((expr, false));
        };
        let (is_short, is_number) = (is_moment && is_without_seconds(text), is_time && !text.contains(':'));
        if is_short {
            text.push_str(":00");
        } else if is_number {
            // Which is none, and is said to be none.
            text.clear();
        }
        return Ok((expr, is_short || is_number));
    }
    // What stands beside it is a plain text, too.
    let text = match inner.get_type(schema) {
        Ok(DataType::Utf8) => inner.as_ref().clone(),
        Ok(from) if is_text(&from) => cast(inner.as_ref().clone(), DataType::Utf8),
        _ => return Ok((expr, false)),
    };
    let shape = |shape: &str| text.clone().like(lit(shape));
    let known = if is_moment {
        let short = shape("____-__-__ __:__").or(shape("____-__-__T__:__"));
        when(short, binary_expr(text.clone(), Operator::StringConcat, lit(":00"))).otherwise(text)?
    } else if is_time {
        when(strpos(text.clone(), lit(":")).eq(lit(0_i32)), lit("")).otherwise(text)?
    } else {
        return Ok((expr, false));
    };
    **inner = known;
    Ok((expr, true))
}

fn is_without_seconds(text: &str) -> bool {
    let shape = b"0000-00-00 00:00";
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            b' ' => byte == b' ' || byte == b'T',
            form => byte == *form,
        })
}

#[cfg(test)]
mod tests {
    use super::is_without_seconds;

    #[test]
    fn a_time_ends_after_its_minutes() {
        for (text, is_short) in [
            ("2014-01-01 10:30", true),
            ("2014-01-01T10:30", true),
            ("2014-01-01 10:30:15", false),
            ("2014-01-01", false),
            ("2014-01-01 10.30", false),
            ("14-01-0001 10:30", false),
        ] {
            assert_eq!(is_without_seconds(text), is_short, "{text}");
        }
    }
}
