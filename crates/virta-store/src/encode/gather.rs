//! The columns of one row group while its rows come together.

use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray};
use arrow::datatypes::{ArrowPrimitiveType, DataType, Date32Type, Int32Type, Int64Type, Schema, Time32MillisecondType};

use virta_model::{NULL_CODE, NULL_DAY, NULL_FLAG, NULL_INT};

/// Values of one column that are to be written. Null is a number of its own, as in
/// [`ColumnValues`](crate::ColumnValues).
#[derive(Debug, Clone, Copy)]
pub enum ColumnSlice<'a> {
    /// Ids, counts and cents; null is [`NULL_INT`].
    Int64(&'a [i64]),
    /// Dates and times (milliseconds since midnight); null is [`NULL_DAY`].
    Int32(&'a [i32]),
    /// Codes as numbers into `texts`, which may hold more than is used; null is [`NULL_CODE`].
    Codes { numbers: &'a [u32], texts: &'a [&'a str] },
    /// 0, 1, or [`NULL_FLAG`].
    Flags(&'a [u8]),
}

impl ColumnSlice<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            ColumnSlice::Int64(values) => values.len(),
            ColumnSlice::Int32(values) => values.len(),
            ColumnSlice::Codes { numbers, .. } => numbers.len(),
            ColumnSlice::Flags(values) => values.len(),
        }
    }
}

/// One column's values so far.
#[derive(Debug)]
pub(crate) enum Gathered {
    Int64(Vec<i64>),
    Int32(Vec<i32>),
    Codes(Numbered),
    Flags(Vec<u8>),
}

/// What the columns of finished files took, for the columns of the next: memory that is given back to the system and
/// asked for again is cleared each time.
#[derive(Debug, Default)]
pub(crate) struct Room {
    int64: Vec<Vec<i64>>,
    int32: Vec<Vec<i32>>,
    numbers: Vec<Vec<u32>>,
    bytes: Vec<Vec<u8>>,
}

impl Room {
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        self.bytes.pop().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: Room) {
        self.int64.extend(other.int64);
        self.int32.extend(other.int32);
        self.numbers.extend(other.numbers);
        self.bytes.extend(other.bytes);
    }

    pub(crate) fn keep_bytes(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        self.bytes.push(bytes);
    }

    pub(crate) fn keep(&mut self, mut gathered: Gathered) {
        gathered.clear();
        match gathered {
            Gathered::Int64(values) => self.int64.push(values),
            Gathered::Int32(values) => self.int32.push(values),
            Gathered::Codes(codes) => self.numbers.push(codes.numbers),
            Gathered::Flags(values) => self.bytes.push(values),
        }
    }
}

/// Codes by their order of appearance, which does not depend on how rows were cut into batches.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    pub numbers: Vec<u32>,
    pub texts: Vec<Box<str>>,
    known: HashMap<Box<str>, u32>,
}

impl Gathered {
    /// `None` for types that are left to the Arrow writer.
    pub(crate) fn of(kind: &DataType, room: &mut Room) -> Option<Self> {
        Some(match kind {
            DataType::Int64 => Gathered::Int64(room.int64.pop().unwrap_or_default()),
            DataType::Int32 | DataType::Date32 | DataType::Time32(_) => {
                Gathered::Int32(room.int32.pop().unwrap_or_default())
            }
            DataType::Boolean => Gathered::Flags(room.bytes()),
            DataType::Dictionary(key, value) if **key == DataType::Int32 && **value == DataType::Utf8 => {
                Gathered::Codes(Numbered { numbers: room.numbers.pop().unwrap_or_default(), ..Numbered::default() })
            }
            _ => return None,
        })
    }

    pub(crate) fn all_of(schema: &Schema, room: &mut Room) -> Option<Vec<Self>> {
        schema.fields().iter().map(|field| Gathered::of(field.data_type(), room)).collect()
    }

    pub(crate) fn clear(&mut self) {
        match self {
            Gathered::Int64(values) => values.clear(),
            Gathered::Int32(values) => values.clear(),
            Gathered::Flags(values) => values.clear(),
            Gathered::Codes(codes) => {
                codes.numbers.clear();
                codes.texts.clear();
                codes.known.clear();
            }
        }
    }

    /// Appends the rows `from..to`; false when the slice is of another kind. `places` is room that holds nulls only.
    pub(crate) fn push(&mut self, slice: &ColumnSlice<'_>, from: usize, to: usize, places: &mut Vec<u32>) -> bool {
        match (self, slice) {
            (Gathered::Int64(into), ColumnSlice::Int64(values)) => {
                into.extend_from_slice(values.get(from..to).unwrap_or_default());
            }
            (Gathered::Int32(into), ColumnSlice::Int32(values)) => {
                into.extend_from_slice(values.get(from..to).unwrap_or_default());
            }
            (Gathered::Flags(into), ColumnSlice::Flags(values)) => {
                into.extend_from_slice(values.get(from..to).unwrap_or_default());
            }
            (Gathered::Codes(into), ColumnSlice::Codes { numbers, texts }) => {
                into.push(numbers.get(from..to).unwrap_or_default(), texts, places);
            }
            _ => return false,
        }
        true
    }

    /// Appends the rows `from..to` of an array of the column's own type; false when it is of another.
    pub(crate) fn push_array(&mut self, array: &ArrayRef, from: usize, to: usize, places: &mut Vec<u32>) -> bool {
        let done = match self {
            Gathered::Int64(into) => {
                array.as_primitive_opt::<Int64Type>().map(|values| append(values, from, to, NULL_INT, into))
            }
            Gathered::Int32(into) => match array.data_type() {
                DataType::Int32 => {
                    array.as_primitive_opt::<Int32Type>().map(|values| append(values, from, to, NULL_DAY, into))
                }
                DataType::Date32 => {
                    array.as_primitive_opt::<Date32Type>().map(|values| append(values, from, to, NULL_DAY, into))
                }
                _ => array
                    .as_primitive_opt::<Time32MillisecondType>()
                    .map(|values| append(values, from, to, NULL_DAY, into)),
            },
            Gathered::Flags(into) => array.as_boolean_opt().map(|values| {
                into.extend(
                    (from..to).map(|at| if values.is_null(at) { NULL_FLAG } else { u8::from(values.value(at)) }),
                );
            }),
            Gathered::Codes(into) => array.as_dictionary_opt::<Int32Type>().and_then(|codes| {
                let values = codes.values().as_string_opt::<i32>()?;
                let texts: Vec<&str> = values.iter().map(Option::unwrap_or_default).collect();
                let keys = codes.keys();
                let number = |at| match keys.is_null(at) || values.is_null(keys.value(at) as usize) {
                    true => NULL_CODE,
                    false => keys.value(at) as u32,
                };
                into.push(&(from..to).map(number).collect::<Vec<u32>>(), &texts, places);
                Some(())
            }),
        };
        done.is_some()
    }
}

fn append<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    from: usize,
    to: usize,
    null: T::Native,
    into: &mut Vec<T::Native>,
) {
    let values = array.values().get(from..to).unwrap_or_default();
    if array.null_count() == 0 {
        into.extend_from_slice(values);
    } else {
        into.extend((from..).zip(values).map(|(at, value)| if array.is_null(at) { null } else { *value }));
    }
}

impl Numbered {
    /// `places` has each text's number of the row group while they are worked out.
    fn push(&mut self, numbers: &[u32], texts: &[&str], places: &mut Vec<u32>) {
        if places.len() < texts.len() {
            places.resize(texts.len(), NULL_CODE);
        }
        self.numbers.reserve(numbers.len());
        for number in numbers {
            let number = match (places.get_mut(*number as usize), texts.get(*number as usize)) {
                (Some(place), Some(text)) => {
                    if *place == NULL_CODE {
                        *place = number_of(text, &mut self.texts, &mut self.known);
                    }
                    *place
                }
                // Null, and a number that stands for no text.
                _ => NULL_CODE,
            };
            self.numbers.push(number);
        }
        for number in numbers {
            if let Some(place) = places.get_mut(*number as usize) {
                *place = NULL_CODE;
            }
        }
    }
}

fn number_of(text: &str, texts: &mut Vec<Box<str>>, known: &mut HashMap<Box<str>, u32>) -> u32 {
    if let Some(number) = known.get(text) {
        return *number;
    }
    let number = texts.len() as u32;
    texts.push(text.into());
    known.insert(text.into(), number);
    number
}
