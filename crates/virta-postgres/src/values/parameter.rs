//! Values that clients send for parameters.

use std::io::Write;

use arrow::datatypes::{DataType, Field, TimeUnit};
use virta_query::Bound;

use super::{DAYS_TO_2000, MICROSECONDS_A_DAY, text};
use crate::error::{Refusal, Result};

/// Decimals of a parameter have at most so many digits.
const DECIMAL_DIGITS_MAX: u8 = 38;

/// The type of a parameter that a client declares; `None` where it leaves that to the statement.
pub(crate) fn data_type_of(oid: u32) -> Option<DataType> {
    let list = |item: DataType| DataType::List(Field::new_list_field(item, true).into());
    Some(match oid {
        16 => DataType::Boolean,
        20 | 21 | 23 | 26 => DataType::Int64,
        700 | 701 => DataType::Float64,
        // Its digits come with the value.
        1700 => DataType::Decimal128(DECIMAL_DIGITS_MAX, 0),
        18 | 19 | 25 | 1042 | 1043 => DataType::Utf8,
        1082 => DataType::Date32,
        1083 => DataType::Time32(TimeUnit::Millisecond),
        1114 | 1184 => DataType::Timestamp(TimeUnit::Microsecond, None),
        1186 => DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano),
        1005 | 1007 | 1016 | 1028 => list(DataType::Int64),
        1002 | 1003 | 1009 | 1014 | 1015 => list(DataType::Utf8),
        1182 => list(DataType::Date32),
        _ => return None,
    })
}

/// A value of a type that came as text or in binary form.
///
/// # Errors
/// What is no value of the type. The value is not told.
pub(crate) fn parameter(value: Option<&[u8]>, is_binary: bool, data_type: &DataType) -> Result<Bound> {
    let Some(value) = value else { return Ok(Bound { text: None, data_type: data_type.clone() }) };
    let unfit = || {
        let name = super::Wire::of(data_type).name();
        Refusal::new("22P02", format!("the value of a parameter is no {name}"))
    };
    let text = match is_binary {
        true => from_binary(value, data_type),
        false => std::str::from_utf8(value).ok().and_then(|text| from_text(text, data_type)),
    };
    let text = text.filter(|text| !text.contains('\0')).ok_or_else(unfit)?;
    let data_type = match data_type {
        DataType::Decimal128(..) => decimal_type(&text).ok_or_else(unfit)?,
        other => other.clone(),
    };
    Ok(Bound { text: Some(text), data_type })
}

fn from_text(text: &str, data_type: &DataType) -> Option<String> {
    let trimmed = text.trim();
    match data_type {
        DataType::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "t" | "true" | "on" | "yes" | "y" | "1" => Some("true".to_owned()),
            "f" | "false" | "off" | "no" | "n" | "0" => Some("false".to_owned()),
            _ => None,
        },
        DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            trimmed.parse::<i64>().ok().map(|number| number.to_string())
        }
        DataType::Float32 | DataType::Float64 => trimmed.parse::<f64>().ok().map(|number| format!("{number:?}")),
        DataType::Decimal128(..) => {
            let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
            let is_number = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
                && digits.bytes().filter(|byte| *byte == b'.').count() <= 1
                && digits.bytes().any(|byte| byte.is_ascii_digit());
            is_number.then(|| trimmed.trim_start_matches('+').to_owned())
        }
        // A zone of a time stamp is that of the store, which keeps local times.
        DataType::Timestamp(..) => Some(without_zone(trimmed).to_owned()),
        // Drivers send a day with the zone that they think it is in.
        DataType::Date32 => trimmed.split([' ', 'T', '+', 'Z']).next().map(str::to_owned),
        DataType::Time32(_) | DataType::Time64(_) => trimmed.split(['+', '-', 'Z']).next().map(str::to_owned),
        DataType::Interval(_) => Some(trimmed.to_owned()),
        _ => Some(text.to_owned()),
    }
}

/// `2014-01-31 12:00:00+02` without its zone.
fn without_zone(text: &str) -> &str {
    let day_end = text.len().min(10);
    let (_, behind) = text.split_at_checked(day_end).unwrap_or((text, ""));
    let zone = behind.find(['+', 'Z']).or_else(|| behind.rfind('-'));
    zone.and_then(|at| text.get(..day_end + at)).unwrap_or(text)
}

fn from_binary(value: &[u8], data_type: &DataType) -> Option<String> {
    let shown = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).ok()
    };
    match data_type {
        DataType::Boolean => match value {
            [0] => Some("false".to_owned()),
            [1] => Some("true".to_owned()),
            _ => None,
        },
        DataType::Int16 | DataType::Int32 | DataType::Int64 => whole(value).map(|number| number.to_string()),
        DataType::Float32 | DataType::Float64 => {
            let wide = value.try_into().map(f64::from_be_bytes);
            let narrow = || value.try_into().map(f32::from_be_bytes).map(f64::from);
            wide.or_else(|_| narrow()).ok().map(|number: f64| format!("{number:?}"))
        }
        DataType::Decimal128(..) => numeric(value),
        DataType::Date32 => {
            let day = i32::from_be_bytes(value.try_into().ok()?).checked_add(DAYS_TO_2000)?;
            shown(&|out| text::day(out, day))
        }
        DataType::Time32(_) | DataType::Time64(_) => {
            let time = i64::from_be_bytes(value.try_into().ok()?);
            (0..=MICROSECONDS_A_DAY).contains(&time).then(|| shown(&|out| text::time(out, time))).flatten()
        }
        DataType::Timestamp(..) => {
            let from_2000 = i64::from_be_bytes(value.try_into().ok()?);
            let time = from_2000.checked_add(i64::from(DAYS_TO_2000) * MICROSECONDS_A_DAY)?;
            shown(&|out| text::timestamp(out, time))
        }
        DataType::Interval(_) => {
            let (time, rest) = value.split_first_chunk::<8>()?;
            let (days, months) = rest.split_first_chunk::<4>()?;
            let nanoseconds = i64::from_be_bytes(*time).checked_mul(1000)?;
            let (days, months) = (i32::from_be_bytes(*days), i32::from_be_bytes(months.try_into().ok()?));
            shown(&|out| text::interval(out, months, days, nanoseconds))
        }
        DataType::List(item) => list(value, item.data_type()),
        DataType::Utf8 => String::from_utf8(value.to_vec()).ok(),
        _ => None,
    }
}

fn whole(value: &[u8]) -> Option<i64> {
    match value.len() {
        2 => value.try_into().ok().map(i16::from_be_bytes).map(i64::from),
        4 => value.try_into().ok().map(i32::from_be_bytes).map(i64::from),
        8 => value.try_into().ok().map(i64::from_be_bytes),
        _ => None,
    }
}

/// Digits to the base 10,000 with the place of the point, as text.
fn numeric(value: &[u8]) -> Option<String> {
    let mut numbers = value.chunks(2).map(|pair| pair.try_into().ok().map(u16::from_be_bytes));
    let mut next = || numbers.next().flatten();
    let (count, weight, sign, scale) = (next()?, next()? as i16, next()?, usize::from(next()?));
    let groups: Vec<u16> = (0..count).map(|_| next()).collect::<Option<_>>()?;
    if !matches!(sign, 0 | 0x4000) || groups.iter().any(|group| *group > 9999) || scale > 1000 || weight.abs() > 250 {
        return None;
    }
    let group = |at: i32| usize::try_from(at).ok().and_then(|at| groups.get(at)).copied().unwrap_or(0);
    let weight = i32::from(weight);
    let mut text = Vec::new();
    if sign == 0x4000 {
        text.push(b'-');
    }
    for at in 0..=weight.max(0) {
        let number = if weight < 0 { 0 } else { group(at) };
        // Writing into memory does not fail.
        let _ = if at == 0 { write!(text, "{number}") } else { write!(text, "{number:04}") };
    }
    if scale > 0 {
        let mut behind = Vec::new();
        for at in 0..scale.div_ceil(4) as i32 {
            let _ = write!(behind, "{:04}", group(weight + 1 + at));
        }
        behind.truncate(scale);
        text.push(b'.');
        text.extend_from_slice(&behind);
    }
    String::from_utf8(text).ok()
}

fn decimal_type(text: &str) -> Option<DataType> {
    let digits = text.trim_start_matches('-');
    let behind = digits.split_once('.').map_or(0, |(_, behind)| behind.len());
    let all = digits.bytes().filter(u8::is_ascii_digit).count();
    let (all, behind) = (u8::try_from(all.max(1)).ok()?, i8::try_from(behind).ok()?);
    (all <= DECIMAL_DIGITS_MAX).then_some(DataType::Decimal128(all, behind))
}

/// An array of one dimension as `{...}`.
fn list(value: &[u8], item: &DataType) -> Option<String> {
    let mut rest = value;
    let mut number = || {
        let (number, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        Some(i32::from_be_bytes(*number))
    };
    let dimensions = number()?;
    let (_, _) = (number()?, number()?);
    if dimensions == 0 {
        return Some("{}".to_owned());
    }
    let (count, _) = (usize::try_from(number()?).ok()?, number()?);
    if dimensions != 1 || count > value.len() / 4 {
        return None;
    }
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<4>()?;
        rest = after;
        match i32::from_be_bytes(*length) {
            -1 => items.push("NULL".to_owned()),
            length => {
                let (value, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
                rest = after;
                let text = from_binary(value, item)?;
                items.push(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
            }
        }
    }
    Some(format!("{{{}}}", items.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(value: &[u8], is_binary: bool, oid: u32) -> Option<String> {
        parameter(Some(value), is_binary, &data_type_of(oid).unwrap()).ok().and_then(|bound| bound.text)
    }

    #[test]
    fn values_in_binary_form_become_what_sql_writes() {
        assert_eq!(bound(&(-7i16).to_be_bytes(), true, 21).as_deref(), Some("-7"));
        assert_eq!(bound(&5144i32.to_be_bytes(), true, 1082).as_deref(), Some("2014-01-31"));
        assert_eq!(bound(&1.5f64.to_be_bytes(), true, 701).as_deref(), Some("1.5"));
        assert_eq!(bound(&[1], true, 16).as_deref(), Some("true"));
        let digits: Vec<u8> = [3u16, 1, 0, 2, 1, 2345, 6700].iter().flat_map(|number| number.to_be_bytes()).collect();
        assert_eq!(bound(&digits, true, 1700).as_deref(), Some("12345.67"));
        let small: Vec<u8> = [1u16, 0xFFFF, 0x4000, 2, 500].iter().flat_map(|number| number.to_be_bytes()).collect();
        assert_eq!(bound(&small, true, 1700).as_deref(), Some("-0.05"));
        let array: Vec<u8> = [1i32, 0, 25, 2, 1, 1]
            .iter()
            .flat_map(|n| n.to_be_bytes())
            .chain(*b"a")
            .chain((-1i32).to_be_bytes())
            .collect();
        assert_eq!(bound(&array, true, 1009).as_deref(), Some("{\"a\",NULL}"));
    }

    #[test]
    fn values_that_are_none_of_the_type_are_refused_and_not_told() {
        for (value, is_binary, oid) in [
            (&b"131052"[..], true, 20u32),
            (b"12a", false, 23),
            (b"maybe", false, 16),
            (b"1.2.3", false, 1700),
            (b"\xff", false, 25),
            (b"a\0b", false, 25),
            (b"", true, 1700),
            (b"\0\0\0\x01\0\0\0\0\0\0\0\x19\x7f\xff\xff\xff\0\0\0\x01", true, 1009),
        ] {
            let error = parameter(Some(value), is_binary, &data_type_of(oid).unwrap()).unwrap_err();
            assert!(!error.message.contains("12a") && error.code == "22P02", "{error:?}");
        }
    }

    #[test]
    fn a_time_stamp_loses_its_zone() {
        assert_eq!(without_zone("2014-01-31 12:00:00+02"), "2014-01-31 12:00:00");
        assert_eq!(without_zone("2014-01-31T12:00:00Z"), "2014-01-31T12:00:00");
        assert_eq!(without_zone("2014-01-31 12:00:00-05:00"), "2014-01-31 12:00:00");
        assert_eq!(without_zone("2014-01-31"), "2014-01-31");
    }
}
