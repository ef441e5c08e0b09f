//! Between packed rows and Arrow.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, BooleanBuilder, Date32Array, DictionaryArray, Float64Array, Int32Array,
    Int64Array, RecordBatch, StringArray, Time32MillisecondArray,
};
use arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type, Time32MillisecondType};

use crate::rows::intern::{Interner, NO_TEXT};
use crate::rows::layout::{
    CLIENT_AT, DELIVERY_AT, KEY_AT, Layout, NO_CODE, NO_DAY, NO_INT, NO_TIME, Slot, SlotKind, get_i64, get_u32,
    put_i64, put_u32,
};

/// Packed rows in an order.
pub(crate) struct Rows<'a> {
    pub(crate) layout: &'a Layout,
    pub bytes: &'a [u8],
    pub order: &'a [u32],
}

impl<'a> Rows<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone + '_ {
        let length = self.layout.row_bytes;
        self.order.iter().map(move |at| &self.bytes[*at as usize * length..][..length])
    }

    pub(crate) fn clients(&self) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(self.iter().map(|row| get_i64(row, CLIENT_AT))))
    }

    pub(crate) fn keys(&self) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(self.iter().map(|row| get_i64(row, KEY_AT))))
    }

    pub(crate) fn delivery_ids(&self, ids: &[i64]) -> ArrayRef {
        let id = |row: &[u8]| ids.get(get_u32(row, DELIVERY_AT) as usize).copied().unwrap_or_default();
        Arc::new(Int64Array::from_iter_values(self.iter().map(id)))
    }

    /// The source of each row, by its delivery.
    pub(crate) fn sources(&self, sources: &[u32], texts: &[Arc<str>]) -> Option<ArrayRef> {
        dictionary(
            self.iter().map(|row| sources.get(get_u32(row, DELIVERY_AT) as usize).copied().unwrap_or(NO_TEXT)),
            texts,
        )
    }

    pub(crate) fn column(&self, slot: Slot, texts: &[Arc<str>]) -> Option<ArrayRef> {
        let at = slot.at;
        Some(match slot.kind {
            SlotKind::Int => {
                Arc::new(Int64Array::from_iter(self.iter().map(|row| Some(get_i64(row, at)).filter(|v| *v != NO_INT))))
            }
            SlotKind::Ratio => Arc::new(Float64Array::from_iter(
                self.iter().map(|row| Some(f64::from_bits(get_i64(row, at) as u64)).filter(|v| !v.is_nan())),
            )),
            SlotKind::Day => Arc::new(Date32Array::from_iter(
                self.iter().map(|row| Some(get_u32(row, at) as i32).filter(|v| *v != NO_DAY)),
            )),
            SlotKind::Time => Arc::new(Time32MillisecondArray::from_iter(
                self.iter().map(|row| Some(get_u32(row, at)).filter(|v| *v != NO_TIME).map(|v| v as i32 * 1000)),
            )),
            SlotKind::Flag => {
                let mut flags = BooleanBuilder::with_capacity(self.order.len());
                self.iter().for_each(|row| flags.append_option((row[at] != NO_CODE).then_some(row[at] == 1)));
                Arc::new(flags.finish())
            }
            SlotKind::Closed(list) => {
                let keys = self.iter().map(|row| (row[at] != NO_CODE).then_some(i32::from(row[at])));
                let values = StringArray::from_iter_values(list.iter());
                Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from_iter(keys), Arc::new(values)).ok()?)
            }
            SlotKind::Text => dictionary(self.iter().map(|row| get_u32(row, at)), texts)?,
        })
    }
}

/// Texts by number as a dictionary whose values are in order of bytes.
fn dictionary(numbers: impl Iterator<Item = u32> + Clone, texts: &[Arc<str>]) -> Option<ArrayRef> {
    let mut places = vec![-1i32; texts.len()];
    let mut distinct: Vec<u32> = Vec::new();
    for number in numbers.clone() {
        if let Some(place) = places.get_mut(number as usize)
            && *place < 0
        {
            *place = 0;
            distinct.push(number);
        }
    }
    distinct.sort_unstable_by_key(|number| texts.get(*number as usize));
    for (place, number) in distinct.iter().enumerate() {
        if let Some(entry) = places.get_mut(*number as usize) {
            *entry = place as i32;
        }
    }
    let values = StringArray::from_iter_values(distinct.iter().filter_map(|number| texts.get(*number as usize)));
    let keys = Int32Array::from_iter(numbers.map(|number| places.get(number as usize).copied()));
    Some(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values)).ok()?))
}

/// Appends a batch's rows to packed rows. Columns that the batch lacks stay null. `None` when a type is not as written.
pub(crate) fn unpack(layout: &Layout, batch: &RecordBatch, texts: &Interner, into: &mut Vec<u8>) -> Option<()> {
    let start = into.len();
    let blank = layout.blank();
    for _ in 0..batch.num_rows() {
        into.extend_from_slice(&blank);
    }
    let rows = &mut into[start..];
    let each = |rows: &mut [u8], put: &mut dyn FnMut(usize, &mut [u8])| {
        rows.chunks_exact_mut(layout.row_bytes).enumerate().for_each(|(n, row)| put(n, row));
    };
    if let Some(clients) = batch.column_by_name("client_id") {
        let clients = clients.as_primitive_opt::<Int64Type>()?;
        each(rows, &mut |n, row| put_i64(row, CLIENT_AT, clients.value(n)));
    }
    for slot in &layout.slots {
        let Some(column) = batch.column_by_name(slot.name) else { continue };
        let at = slot.at;
        let present = |n: usize| !column.is_null(n);
        match slot.kind {
            SlotKind::Int => {
                let values = column.as_primitive_opt::<Int64Type>()?;
                each(rows, &mut |n, row| {
                    if present(n) {
                        put_i64(row, at, values.value(n))
                    }
                });
            }
            SlotKind::Ratio => {
                let values = column.as_primitive_opt::<Float64Type>()?;
                each(rows, &mut |n, row| {
                    if present(n) {
                        put_i64(row, at, values.value(n).to_bits() as i64)
                    }
                });
            }
            SlotKind::Day => {
                let values = column.as_primitive_opt::<Date32Type>()?;
                each(rows, &mut |n, row| {
                    if present(n) {
                        put_u32(row, at, values.value(n) as u32)
                    }
                });
            }
            SlotKind::Time => {
                let values = column.as_primitive_opt::<Time32MillisecondType>()?;
                each(rows, &mut |n, row| {
                    if present(n) {
                        put_u32(row, at, (values.value(n) / 1000) as u32)
                    }
                });
            }
            SlotKind::Flag => {
                let values: &BooleanArray = column.as_boolean_opt()?;
                each(rows, &mut |n, row| {
                    if present(n) {
                        row[at] = u8::from(values.value(n))
                    }
                });
            }
            SlotKind::Closed(list) => {
                let (keys, values) = text_keys(column)?;
                let numbers: Option<Vec<u8>> =
                    values.iter().map(|v| list.iter().position(|known| Some(*known) == v).map(|p| p as u8)).collect();
                let numbers = numbers?;
                each(rows, &mut |n, row| {
                    if let Some(number) = keys(n).and_then(|key| numbers.get(key)) {
                        row[at] = *number;
                    }
                });
            }
            SlotKind::Text => {
                let (keys, values) = text_keys(column)?;
                let numbers: Vec<u32> = values.iter().map(|v| v.map_or(NO_TEXT, |v| texts.number(v))).collect();
                each(rows, &mut |n, row| {
                    if let Some(number) = keys(n).and_then(|key| numbers.get(key)) {
                        put_u32(row, at, *number);
                    }
                });
            }
        }
    }
    Some(())
}

type Keys<'a> = Box<dyn Fn(usize) -> Option<usize> + 'a>;

/// A text column as places in a list of texts.
fn text_keys(column: &ArrayRef) -> Option<(Keys<'_>, StringArray)> {
    if let Some(dictionary) = column.as_dictionary_opt::<Int32Type>() {
        let values = dictionary.values().as_string_opt::<i32>()?.clone();
        let keys = dictionary.keys();
        return Some((Box::new(move |n| (!keys.is_null(n)).then(|| keys.value(n) as usize)), values));
    }
    let values = column.as_string_opt::<i32>()?.clone();
    Some((Box::new(move |n| (!column.is_null(n)).then_some(n)), values))
}
