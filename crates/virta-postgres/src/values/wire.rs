//! Types of PostgreSQL.

use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

/// The type of a column on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wire {
    Bool,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    /// Digits in all and behind the point.
    Numeric(u8, i8),
    Text,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Interval,
    Bytea,
    Array(Box<Wire>),
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    pub name: String,
    pub(crate) wire: Wire,
}

impl Wire {
    /// The type that a column of an answer has. What PostgreSQL has no type for is text.
    pub(crate) fn of(data_type: &DataType) -> Wire {
        match data_type {
            DataType::Boolean => Wire::Bool,
            DataType::Int8 | DataType::Int16 | DataType::UInt8 => Wire::Int2,
            DataType::Int32 | DataType::UInt16 => Wire::Int4,
            DataType::Int64 | DataType::UInt64 => Wire::Int8,
            DataType::UInt32 => Wire::Oid,
            DataType::Float16 | DataType::Float32 => Wire::Float4,
            DataType::Float64 => Wire::Float8,
            DataType::Decimal128(precision, scale) => Wire::Numeric(*precision, *scale),
            DataType::Date32 | DataType::Date64 => Wire::Date,
            DataType::Time32(_) | DataType::Time64(_) => Wire::Time,
            DataType::Timestamp(_, None) => Wire::Timestamp,
            DataType::Timestamp(_, Some(_)) => Wire::TimestampTz,
            DataType::Interval(_) | DataType::Duration(_) => Wire::Interval,
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => Wire::Bytea,
            DataType::Dictionary(_, value) => Wire::of(value),
            DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
                match Wire::of(item.data_type()) {
                    Wire::Array(_) => Wire::Text,
                    item => Wire::Array(Box::new(item)),
                }
            }
            _ => Wire::Text,
        }
    }

    /// The type of arrays that its values are taken from; `None` where they are shown as text.
    pub(crate) fn arrow(&self) -> Option<DataType> {
        Some(match self {
            Wire::Bool => DataType::Boolean,
            Wire::Int2 => DataType::Int16,
            Wire::Int4 => DataType::Int32,
            Wire::Int8 => DataType::Int64,
            Wire::Oid => DataType::UInt32,
            Wire::Float4 => DataType::Float32,
            Wire::Float8 => DataType::Float64,
            Wire::Numeric(precision, scale) => DataType::Decimal128(*precision, *scale),
            Wire::Text => DataType::Utf8,
            Wire::Date => DataType::Date32,
            Wire::Time => DataType::Time64(TimeUnit::Microsecond),
            Wire::Timestamp | Wire::TimestampTz => DataType::Timestamp(TimeUnit::Microsecond, None),
            Wire::Interval => DataType::Interval(IntervalUnit::MonthDayNano),
            Wire::Bytea => DataType::Binary,
            Wire::Array(_) => return None,
        })
    }

    /// Numbers of PostgreSQL's types never change.
    pub(crate) fn oid(&self) -> u32 {
        match self {
            Wire::Bool => 16,
            Wire::Bytea => 17,
            Wire::Int8 => 20,
            Wire::Int2 => 21,
            Wire::Int4 => 23,
            Wire::Text => 25,
            Wire::Oid => 26,
            Wire::Float4 => 700,
            Wire::Float8 => 701,
            Wire::Date => 1082,
            Wire::Time => 1083,
            Wire::Timestamp => 1114,
            Wire::TimestampTz => 1184,
            Wire::Interval => 1186,
            Wire::Numeric(..) => 1700,
            Wire::Array(item) => item.array_oid(),
        }
    }

    /// The number of the type of arrays of this type.
    pub(crate) fn array_oid(&self) -> u32 {
        match self {
            Wire::Bool => 1000,
            Wire::Bytea => 1001,
            Wire::Int2 => 1005,
            Wire::Int4 => 1007,
            Wire::Text | Wire::Array(_) => 1009,
            Wire::Int8 => 1016,
            Wire::Float4 => 1021,
            Wire::Float8 => 1022,
            Wire::Oid => 1028,
            Wire::Timestamp => 1115,
            Wire::Date => 1182,
            Wire::Time => 1183,
            Wire::TimestampTz => 1185,
            Wire::Interval => 1187,
            Wire::Numeric(..) => 1231,
        }
    }

    /// Bytes of a value, -1 where they vary.
    pub(crate) fn length(&self) -> i16 {
        match self {
            Wire::Bool => 1,
            Wire::Int2 => 2,
            Wire::Int4 | Wire::Oid | Wire::Float4 | Wire::Date => 4,
            Wire::Int8 | Wire::Float8 | Wire::Time | Wire::Timestamp | Wire::TimestampTz => 8,
            Wire::Interval => 16,
            Wire::Numeric(..) | Wire::Text | Wire::Bytea | Wire::Array(_) => -1,
        }
    }

    /// Digits of a numeric, else -1.
    pub(crate) fn modifier(&self) -> i32 {
        match self {
            Wire::Numeric(precision, scale) if *scale >= 0 => ((i32::from(*precision) << 16) | i32::from(*scale)) + 4,
            _ => -1,
        }
    }

    /// As SQL writes the type.
    pub(crate) fn name(&self) -> String {
        match self {
            Wire::Bool => "boolean".to_owned(),
            Wire::Int2 => "smallint".to_owned(),
            Wire::Int4 => "integer".to_owned(),
            Wire::Int8 => "bigint".to_owned(),
            Wire::Oid => "oid".to_owned(),
            Wire::Float4 => "real".to_owned(),
            Wire::Float8 => "double precision".to_owned(),
            Wire::Numeric(..) => "numeric".to_owned(),
            Wire::Text => "text".to_owned(),
            Wire::Date => "date".to_owned(),
            Wire::Time => "time without time zone".to_owned(),
            Wire::Timestamp => "timestamp without time zone".to_owned(),
            Wire::TimestampTz => "timestamp with time zone".to_owned(),
            Wire::Interval => "interval".to_owned(),
            Wire::Bytea => "bytea".to_owned(),
            Wire::Array(item) => format!("{}[]", item.name()),
        }
    }
}
