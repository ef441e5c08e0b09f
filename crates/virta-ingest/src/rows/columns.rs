//! Packed rows as the columns of their table, ready to be written.

use std::sync::Arc;

use arrow::array::RecordBatch;
use virta_model::schema::Kind;
use virta_model::{NULL_CODE, NULL_DAY};
use virta_store::{ColumnSlice, TableWriter, arrow_schema};

use crate::error::{Error, Result};
use crate::rows::intern::NO_TEXT;
use crate::rows::layout::{CLIENT_AT, DELIVERY_AT, KEY_AT, Layout, NO_CODE, NO_TIME, Slot, SlotKind, get_i64, get_u32};
use crate::rows::pack::Rows;

/// Rows that are handed over at a time: as many as the processor's caches hold.
const ROWS_MAX: usize = 1 << 14;

/// What the numbers in packed rows stand for.
pub(crate) struct Meaning<'a> {
    /// By number of the delivery: its id, and the text of its source.
    pub ids: &'a [i64],
    pub sources: &'a [u32],
    pub texts: &'a [Arc<str>],
}

/// Writes packed rows of one table, in the order in which they are added.
pub(crate) struct RowWriter<'a> {
    layout: &'a Layout,
    meaning: &'a Meaning<'a>,
    texts: Vec<&'a str>,
    /// `None` for a table with texts that are no codes.
    columns: Option<Vec<(Origin, Values)>>,
    writer: TableWriter<'a>,
    rows: Vec<u8>,
}

/// Where a column's values come from.
enum Origin {
    Client,
    Key,
    Delivery,
    Source,
    Slot(Slot),
}

enum Values {
    Int64(Vec<i64>),
    Int32(Vec<i32>),
    /// Numbers into a closed list, or else into the ingest's texts.
    Codes(Vec<u32>, Option<&'static [&'static str]>),
    Flags(Vec<u8>),
}

impl<'a> RowWriter<'a> {
    pub(crate) fn new(layout: &'a Layout, meaning: &'a Meaning<'a>, writer: TableWriter<'a>) -> Self {
        let columns = layout.schema.columns.iter().map(|column| {
            let from = match column.name {
                "client_id" => Origin::Client,
                "contact_id" => Origin::Key,
                "delivery_id" => Origin::Delivery,
                "source" => Origin::Source,
                name => Origin::Slot(layout.slot(name)?),
            };
            let values = match (&from, column.kind) {
                (_, Kind::Text | Kind::Ratio) => return None,
                (Origin::Slot(slot), _) => match slot.kind {
                    SlotKind::Int => Values::Int64(Vec::new()),
                    SlotKind::Day | SlotKind::Time => Values::Int32(Vec::new()),
                    SlotKind::Flag => Values::Flags(Vec::new()),
                    SlotKind::Closed(list) => Values::Codes(Vec::new(), Some(list)),
                    SlotKind::Text => Values::Codes(Vec::new(), None),
                    SlotKind::Ratio => return None,
                },
                (Origin::Source, _) => Values::Codes(Vec::new(), None),
                _ => Values::Int64(Vec::new()),
            };
            Some((from, values))
        });
        RowWriter {
            layout,
            meaning,
            texts: meaning.texts.iter().map(|text| &**text).collect(),
            columns: columns.collect(),
            writer,
            rows: Vec::new(),
        }
    }

    /// Adds the rows of `bytes` that stand at these places.
    pub(crate) fn add(&mut self, bytes: &[u8], order: &[u32]) -> Result<()> {
        let length = self.layout.row_bytes;
        for at in order {
            let from = *at as usize * length;
            // Rows lie apart; put in order first, the columns are read from memory that is close.
            self.rows.extend_from_slice(bytes.get(from..from + length).unwrap_or_default());
            if self.rows.len() == ROWS_MAX * length {
                self.write()?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        self.write()?;
        Ok(self.writer.finish()?)
    }

    fn write(&mut self) -> Result<()> {
        let count = self.rows.len() / self.layout.row_bytes;
        match &mut self.columns {
            Some(columns) => {
                for (from, values) in columns.iter_mut() {
                    fill(from, values, &self.rows, self.layout.row_bytes, self.meaning);
                }
                let slices: Vec<ColumnSlice<'_>> = columns
                    .iter()
                    .map(|(_, values)| match values {
                        Values::Int64(values) => ColumnSlice::Int64(values),
                        Values::Int32(values) => ColumnSlice::Int32(values),
                        Values::Flags(values) => ColumnSlice::Flags(values),
                        Values::Codes(numbers, Some(list)) => ColumnSlice::Codes { numbers, texts: list },
                        Values::Codes(numbers, None) => ColumnSlice::Codes { numbers, texts: &self.texts },
                    })
                    .collect();
                self.writer.write_columns(count, &slices)?;
            }
            None => {
                let order: Vec<u32> = (0..count as u32).collect();
                let rows = Rows { layout: self.layout, bytes: &self.rows, order: &order };
                self.writer.write(&batch(&rows, self.meaning)?)?;
            }
        }
        self.rows.clear();
        Ok(())
    }
}

fn fill(from: &Origin, values: &mut Values, rows: &[u8], length: usize, meaning: &Meaning<'_>) {
    let rows = rows.chunks_exact(length);
    match (from, values) {
        (Origin::Client, Values::Int64(into)) => replace(into, rows.map(|row| get_i64(row, CLIENT_AT))),
        (Origin::Key, Values::Int64(into)) => replace(into, rows.map(|row| get_i64(row, KEY_AT))),
        (Origin::Delivery, Values::Int64(into)) => {
            let id = |row: &[u8]| meaning.ids.get(get_u32(row, DELIVERY_AT) as usize).copied().unwrap_or_default();
            replace(into, rows.map(id));
        }
        (Origin::Source, Values::Codes(into, _)) => {
            let source = |row: &[u8]| meaning.sources.get(get_u32(row, DELIVERY_AT) as usize).copied();
            replace(into, rows.map(|row| source(row).unwrap_or(NO_TEXT)));
        }
        (Origin::Slot(slot), values) => {
            let at = slot.at;
            match (slot.kind, values) {
                (SlotKind::Int, Values::Int64(into)) => replace(into, rows.map(|row| get_i64(row, at))),
                (SlotKind::Day, Values::Int32(into)) => replace(into, rows.map(|row| get_u32(row, at) as i32)),
                (SlotKind::Time, Values::Int32(into)) => {
                    let millis = |second: u32| if second == NO_TIME { NULL_DAY } else { second as i32 * 1000 };
                    replace(into, rows.map(|row| millis(get_u32(row, at))));
                }
                (SlotKind::Flag, Values::Flags(into)) => {
                    replace(into, rows.map(|row| row.get(at).copied().unwrap_or(NO_CODE)));
                }
                (SlotKind::Closed(_), Values::Codes(into, _)) => {
                    let number = |code: u8| if code == NO_CODE { NULL_CODE } else { u32::from(code) };
                    replace(into, rows.map(|row| number(row.get(at).copied().unwrap_or(NO_CODE))));
                }
                (SlotKind::Text, Values::Codes(into, _)) => replace(into, rows.map(|row| get_u32(row, at))),
                _ => {}
            }
        }
        _ => {}
    }
}

fn replace<T>(into: &mut Vec<T>, values: impl Iterator<Item = T>) {
    into.clear();
    into.extend(values);
}

fn batch(rows: &Rows<'_>, meaning: &Meaning<'_>) -> Result<RecordBatch> {
    let schema = rows.layout.schema;
    let mut columns = Vec::with_capacity(schema.columns.len());
    for column in schema.columns {
        let array = match column.name {
            "client_id" => Some(rows.clients()),
            "contact_id" => Some(rows.keys()),
            "delivery_id" => Some(rows.delivery_ids(meaning.ids)),
            "source" => rows.sources(meaning.sources, meaning.texts),
            name => rows.layout.slot(name).and_then(|slot| rows.column(slot, meaning.texts)),
        };
        columns.push(array.ok_or_else(|| Error::state(schema.name, "a column cannot be built"))?);
    }
    RecordBatch::try_new(arrow_schema(schema), columns)
        .map_err(|source| Error::Arrow { table: schema.name.to_owned(), source })
}
