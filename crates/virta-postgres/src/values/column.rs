//! A column of a batch, ready to be written value by value.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int16Array, Int32Array, Int64Array, IntervalMonthDayNanoArray, LargeListArray, StringArray,
    Time64MicrosecondArray, TimestampMicrosecondArray, UInt32Array,
};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Int32Type};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::wire::Wire;
use super::{DAYS_TO_2000, MICROSECONDS_A_DAY, text};
use crate::error::{Refusal, Result};

/// The values of one column of a batch.
#[derive(Debug)]
pub(crate) enum Column {
    Bool(BooleanArray),
    Int2(Int16Array),
    Int4(Int32Array),
    Int8(Int64Array),
    Oid(UInt32Array),
    Float4(Float32Array),
    Float8(Float64Array),
    Numeric(Decimal128Array, i8),
    Text(StringArray),
    /// Texts from a list: the place of each in the list, and the list.
    Code(DictionaryArray<Int32Type>, StringArray),
    Date(Date32Array),
    Time(Time64MicrosecondArray),
    Timestamp(TimestampMicrosecondArray, bool),
    Interval(IntervalMonthDayNanoArray),
    Bytea(BinaryArray),
    Array(LargeListArray, Box<Column>, u32),
}

impl Column {
    /// A column as the wire's type has it, whatever array it came as.
    ///
    /// # Errors
    /// A value that the type cannot hold.
    pub(crate) fn new(array: &ArrayRef, wire: &Wire) -> Result<Self> {
        if let (Wire::Text, DataType::Dictionary(key, value)) = (wire, array.data_type())
            && **key == DataType::Int32
        {
            let dictionary = match value.as_ref() {
                DataType::Utf8 => Arc::clone(array),
                _ => cast(array, &DataType::Dictionary(key.clone(), Box::new(DataType::Utf8)))?,
            };
            let dictionary = dictionary.as_dictionary::<Int32Type>();
            return Ok(Column::Code(dictionary.clone(), dictionary.values().as_string::<i32>().clone()));
        }
        if let Wire::Array(item) = wire {
            let inner = item.arrow().unwrap_or(DataType::Utf8);
            let list = cast(array, &DataType::LargeList(Arc::new(Field::new_list_field(inner, true))))?;
            let list = list.as_list::<i64>().clone();
            let values = Column::new(list.values(), item)?;
            return Ok(Column::Array(list, Box::new(values), item.oid()));
        }
        let array = match wire.arrow() {
            Some(data_type) if *array.data_type() == data_type => Arc::clone(array),
            Some(DataType::Utf8) if !is_text(array.data_type()) => displayed(array)?,
            Some(data_type) => cast(array, &data_type)?,
            None => displayed(array)?,
        };
        Ok(match wire {
            Wire::Bool => Column::Bool(array.as_boolean().clone()),
            Wire::Int2 => Column::Int2(array.as_primitive().clone()),
            Wire::Int4 => Column::Int4(array.as_primitive().clone()),
            Wire::Int8 => Column::Int8(array.as_primitive().clone()),
            Wire::Oid => Column::Oid(array.as_primitive().clone()),
            Wire::Float4 => Column::Float4(array.as_primitive().clone()),
            Wire::Float8 => Column::Float8(array.as_primitive().clone()),
            Wire::Numeric(_, scale) => Column::Numeric(array.as_primitive().clone(), *scale),
            Wire::Date => Column::Date(array.as_primitive().clone()),
            Wire::Time => Column::Time(array.as_primitive().clone()),
            Wire::Timestamp => Column::Timestamp(array.as_primitive().clone(), false),
            Wire::TimestampTz => Column::Timestamp(array.as_primitive().clone(), true),
            Wire::Interval => Column::Interval(array.as_primitive().clone()),
            Wire::Bytea => Column::Bytea(array.as_binary::<i32>().clone()),
            Wire::Text | Wire::Array(_) => Column::Text(array.as_string::<i32>().clone()),
        })
    }

    pub(crate) fn is_null(&self, row: usize) -> bool {
        match self {
            Column::Bool(array) => array.is_null(row),
            Column::Int2(array) => array.is_null(row),
            Column::Int4(array) => array.is_null(row),
            Column::Int8(array) => array.is_null(row),
            Column::Oid(array) => array.is_null(row),
            Column::Float4(array) => array.is_null(row),
            Column::Float8(array) => array.is_null(row),
            Column::Numeric(array, _) => array.is_null(row),
            Column::Text(array) => array.is_null(row),
            Column::Code(array, _) => array.is_null(row),
            Column::Date(array) => array.is_null(row),
            Column::Time(array) => array.is_null(row),
            Column::Timestamp(array, _) => array.is_null(row),
            Column::Interval(array) => array.is_null(row),
            Column::Bytea(array) => array.is_null(row),
            Column::Array(array, ..) => array.is_null(row),
        }
    }

    /// Writes a value that is not null as text.
    pub(crate) fn text(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Column::Bool(array) => out.push(if array.value(row) { b't' } else { b'f' }),
            Column::Int2(array) => text::whole(out, i64::from(array.value(row))),
            Column::Int4(array) => text::whole(out, i64::from(array.value(row))),
            Column::Int8(array) => text::whole(out, array.value(row)),
            Column::Oid(array) => text::whole(out, i64::from(array.value(row))),
            Column::Float4(array) => text::short_float(out, array.value(row)),
            Column::Float8(array) => text::float(out, array.value(row)),
            Column::Numeric(array, scale) => text::decimal(out, array.value(row), *scale),
            Column::Text(_) | Column::Code(..) => out.extend_from_slice(self.bytes(row)),
            Column::Date(array) => text::day(out, array.value(row)),
            Column::Time(array) => text::time(out, array.value(row)),
            Column::Timestamp(array, has_zone) => {
                text::timestamp(out, array.value(row));
                if *has_zone {
                    out.extend_from_slice(b"+00");
                }
            }
            Column::Interval(array) => {
                let value = array.value(row);
                text::interval(out, value.months, value.days, value.nanoseconds);
            }
            Column::Bytea(array) => {
                out.extend_from_slice(b"\\x");
                out.extend(array.value(row).iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]));
            }
            Column::Array(list, values, _) => {
                out.push(b'{');
                for (at, item) in range(list, row).enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    match values.is_null(item) {
                        true => out.extend_from_slice(b"NULL"),
                        false => values.item(item, out),
                    }
                }
                out.push(b'}');
            }
        }
    }

    /// An item of an array, in quotes where it needs them.
    fn item(&self, row: usize, out: &mut Vec<u8>) {
        let mut value = Vec::new();
        self.text(row, &mut value);
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_');
        if !value.is_empty() && !value.eq_ignore_ascii_case(b"null") && value.iter().all(is_plain) {
            out.extend_from_slice(&value);
            return;
        }
        out.push(b'"');
        for byte in value {
            if matches!(byte, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'"');
    }

    /// Writes a value that is not null in binary form.
    pub(crate) fn binary(&self, row: usize, out: &mut Vec<u8>) {
        match self {
            Column::Bool(array) => out.push(u8::from(array.value(row))),
            Column::Int2(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Int4(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Int8(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Oid(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Float4(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Float8(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Numeric(array, scale) => numeric(out, array.value(row), *scale),
            Column::Text(_) | Column::Code(..) => out.extend_from_slice(self.bytes(row)),
            Column::Date(array) => {
                out.extend_from_slice(&array.value(row).saturating_sub(DAYS_TO_2000).to_be_bytes());
            }
            Column::Time(array) => out.extend_from_slice(&array.value(row).to_be_bytes()),
            Column::Timestamp(array, _) => {
                let from_2000 = array.value(row).saturating_sub(i64::from(DAYS_TO_2000) * MICROSECONDS_A_DAY);
                out.extend_from_slice(&from_2000.to_be_bytes());
            }
            Column::Interval(array) => {
                let value = array.value(row);
                out.extend_from_slice(&(value.nanoseconds / 1000).to_be_bytes());
                out.extend_from_slice(&value.days.to_be_bytes());
                out.extend_from_slice(&value.months.to_be_bytes());
            }
            Column::Bytea(array) => out.extend_from_slice(array.value(row)),
            Column::Array(list, values, oid) => {
                let items = range(list, row);
                let has_nulls = items.clone().any(|item| values.is_null(item));
                let dimensions = u32::from(!items.is_empty());
                for number in [dimensions, u32::from(has_nulls), *oid] {
                    out.extend_from_slice(&number.to_be_bytes());
                }
                if dimensions > 0 {
                    out.extend_from_slice(&(items.len() as u32).to_be_bytes());
                    out.extend_from_slice(&1u32.to_be_bytes());
                }
                items.for_each(|item| values.field(item, true, out));
            }
        }
    }

    /// Writes a value with its length before it, -1 for null.
    #[inline]
    pub(crate) fn field(&self, row: usize, is_binary: bool, out: &mut Vec<u8>) {
        if self.is_null(row) {
            out.extend_from_slice(&(-1i32).to_be_bytes());
            return;
        }
        if let Column::Text(_) | Column::Code(..) = self {
            let bytes = self.bytes(row);
            out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            out.extend_from_slice(bytes);
            return;
        }
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        if is_binary {
            self.binary(row, out)
        } else {
            self.text(row, out)
        }
        let length = (out.len() - start - 4) as u32;
        if let Some(place) = out.get_mut(start..start + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
    }

    /// The bytes of a text that is not null.
    #[inline]
    fn bytes(&self, row: usize) -> &[u8] {
        match self {
            Column::Text(array) => array.value(row).as_bytes(),
            Column::Code(array, list) => array.key(row).map_or(&[], |key| list.value(key).as_bytes()),
            _ => &[],
        }
    }
}

fn range(list: &LargeListArray, row: usize) -> std::ops::Range<usize> {
    let at = |row: usize| list.value_offsets().get(row).and_then(|offset| usize::try_from(*offset).ok()).unwrap_or(0);
    at(row)..at(row + 1)
}

fn hex(digit: u8) -> u8 {
    if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => true,
        DataType::Dictionary(_, value) => is_text(value),
        _ => false,
    }
}

fn cast(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    // What the cast says would hold a value.
    cast_with_options(array, data_type, &options)
        .map_err(|_| Refusal::new("22003", "a value of the answer does not fit the type of its column"))
}

/// What PostgreSQL has no type for, as text.
fn displayed(array: &ArrayRef) -> Result<ArrayRef> {
    let failed = |_| Refusal::new("22000", "a column of the answer cannot be shown");
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array.as_ref(), &options).map_err(failed)?;
    let texts = (0..array.len()).map(|row| (!array.is_null(row)).then(|| formatter.value(row).to_string()));
    Ok(Arc::new(texts.collect::<StringArray>()))
}

/// Digits to the base 10,000, of which the point lies between two.
fn numeric(out: &mut Vec<u8>, unscaled: i128, scale: i8) {
    let scale = u32::try_from(scale).unwrap_or(0);
    // So many decimal zeros behind make the digits behind the point whole groups of four.
    let missing = (4 - scale % 4) % 4;
    let mut groups: Vec<u16> = Vec::new();
    let mut rest = unscaled.unsigned_abs();
    let mut lowest = true;
    while rest > 0 {
        let taken = if lowest { 10u128.pow(4 - missing) } else { 10_000 };
        let group = rest % taken;
        let group = if lowest { group * 10u128.pow(missing) } else { group };
        groups.push(group as u16);
        rest /= taken;
        lowest = false;
    }
    let behind = scale.div_ceil(4) as i16;
    let weight = groups.len() as i16 - behind - 1;
    groups.reverse();
    while groups.last() == Some(&0) {
        groups.pop();
    }
    let sign: u16 = if unscaled < 0 { 0x4000 } else { 0 };
    let weight = if groups.is_empty() { 0 } else { weight };
    out.extend_from_slice(&(groups.len() as u16).to_be_bytes());
    out.extend_from_slice(&weight.to_be_bytes());
    out.extend_from_slice(&sign.to_be_bytes());
    out.extend_from_slice(&(scale as u16).to_be_bytes());
    groups.iter().for_each(|group| out.extend_from_slice(&group.to_be_bytes()));
}

#[cfg(test)]
mod tests {
    use arrow::array::ListArray;

    use super::*;

    fn numbers(unscaled: i128, scale: i8) -> Vec<i16> {
        let mut out = Vec::new();
        numeric(&mut out, unscaled, scale);
        out.chunks(2).map(|pair| i16::from_be_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn numerics_are_groups_of_four_digits() {
        // Digits, weight, sign, scale, then the digits, as PostgreSQL's numeric_send gives them.
        assert_eq!(numbers(1_234_567, 2), [3, 1, 0, 2, 1, 2345, 6700]);
        assert_eq!(numbers(-5, 2), [1, -1, 0x4000, 2, 500]);
        assert_eq!(numbers(0, 3), [0, 0, 0, 3]);
        assert_eq!(numbers(100_000_000, 0), [1, 2, 0, 0, 1]);
        assert_eq!(numbers(1, 6), [1, -2, 0, 6, 100]);
        assert_eq!(numbers(12_345, 4), [2, 0, 0, 4, 1, 2345]);
    }

    #[test]
    fn arrays_quote_what_could_be_misread() {
        let list: ListArray = {
            let mut builder = arrow::array::ListBuilder::new(arrow::array::StringBuilder::new());
            builder.append_value([Some("a"), None, Some("b \"c\""), Some(""), Some("NULL")]);
            builder.finish()
        };
        let array: ArrayRef = Arc::new(list);
        let column = Column::new(&array, &Wire::of(array.data_type())).unwrap();
        let mut out = Vec::new();
        column.text(0, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), r#"{a,NULL,"b \"c\"","","NULL"}"#);
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_without_being_told() {
        let array: ArrayRef = Arc::new(arrow::array::UInt64Array::from(vec![u64::MAX]));
        let error = Column::new(&array, &Wire::of(array.data_type())).unwrap_err();
        assert!(!error.message.contains("18446"), "{}", error.message);
    }
}
