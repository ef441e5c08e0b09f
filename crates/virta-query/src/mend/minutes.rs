//! Points in time that are written without seconds, `timestamp '2014-01-01 10:30'`, which the engine cannot read.

use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;

/// The text with its seconds, where it is cast to a point in time.
pub(super) fn with_seconds(mut expr: Expr) -> (Expr, bool) {
    let (inner, to) = match &mut expr {
        Expr::Cast(cast) => (&mut cast.expr, cast.field.data_type()),
        Expr::TryCast(cast) => (&mut cast.expr, cast.field.data_type()),
        _ => return (expr, false),
    };
    if !matches!(to, DataType::Timestamp(..)) {
        return (expr, false);
    }
    let Expr::Literal(
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)),
        _,
    ) = inner.as_mut()
    else {
        return (expr, false);
    };
    let is_short = is_without_seconds(text);
    if is_short {
        text.push_str(":00");
    }
    (expr, is_short)
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
