//! Rows on their way through memory and spill files: packed bytes of a fixed length per table.
//!
//! A row begins with its client, its identity, its delivery and flags. Rows with a `row_key` go on with what a conflict
//! or a later correction needs: line, hash, version. Then the columns of the table that deliveries fill, in the order of
//! the schema.

use virta_model::schema::{Kind, TableSchema};
use virta_model::{BirthPrecision, CostSource, Mode, NULL_DAY, NULL_FLAG, NULL_INT, PlanKind, Sex, Tier, Urgency};

use crate::rows::intern::NO_TEXT;

pub(crate) const CLIENT_AT: usize = 0;
pub(crate) const KEY_AT: usize = 8;
pub(crate) const DELIVERY_AT: usize = 16;
pub(crate) const FLAGS_AT: usize = 20;
pub(crate) const HEAD_BYTES: usize = 21;
pub(crate) const LINE_AT: usize = 21;
pub(crate) const HASH_AT: usize = 29;
pub(crate) const VERSION_AT: usize = 37;
const KEYED_HEAD_BYTES: usize = 53;

/// The row cancels its key.
pub(crate) const CANCELLED: u8 = 1;
/// The row has a `row_key`: it is superseded by rank and can conflict.
pub(crate) const KEYED: u8 = 2;
/// The row's key is not final: its occurrence inside the delivery is still to be counted.
pub(crate) const COUNT_OCCURRENCE: u8 = 4;

pub(crate) const NO_INT: i64 = NULL_INT;
pub(crate) const NO_DAY: i32 = NULL_DAY;
pub(crate) const NO_TIME: u32 = u32::MAX;
pub(crate) const NO_CODE: u8 = NULL_FLAG;

/// How a column lies in a packed row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotKind {
    Int,
    Day,
    Time,
    /// 0, 1 or null.
    Flag,
    /// A number into a closed list.
    Closed(&'static [&'static str]),
    /// A number into the ingest's texts.
    Text,
    Ratio,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    pub name: &'static str,
    pub kind: SlotKind,
    pub at: usize,
}

/// The packed form of one table's rows.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub schema: &'static TableSchema,
    pub(crate) slots: Vec<Slot>,
    pub(crate) row_bytes: usize,
    /// Whether rows have room for line, hash and version.
    pub keyed: bool,
}

impl Layout {
    pub(crate) fn new(schema: &'static TableSchema, keyed: bool) -> Self {
        let mut layout = Layout { schema, slots: Vec::new(), row_bytes: 0, keyed };
        let mut at = layout.head_bytes();
        for column in schema.columns {
            if ["client_id", "contact_id", "source", "delivery_id"].contains(&column.name) {
                continue;
            }
            let kind = match column.kind {
                Kind::Id | Kind::Count | Kind::Cents => SlotKind::Int,
                Kind::Date => SlotKind::Day,
                Kind::Time => SlotKind::Time,
                Kind::Flag => SlotKind::Flag,
                Kind::Ratio => SlotKind::Ratio,
                Kind::Text | Kind::Code => closed(column.name).map_or(SlotKind::Text, SlotKind::Closed),
            };
            layout.slots.push(Slot { name: column.name, kind, at });
            at += kind.bytes();
        }
        layout.row_bytes = at;
        layout
    }

    /// Bytes before the first column.
    pub(crate) fn head_bytes(&self) -> usize {
        if self.keyed { KEYED_HEAD_BYTES } else { HEAD_BYTES }
    }

    pub(crate) fn slot(&self, name: &str) -> Option<Slot> {
        self.slots.iter().find(|slot| slot.name == name).copied()
    }

    /// A row of nulls.
    pub(crate) fn blank(&self) -> Vec<u8> {
        let mut row = vec![0; self.row_bytes];
        for slot in &self.slots {
            clear(&mut row, *slot);
        }
        row
    }
}

/// Sets a slot to null.
pub(crate) fn clear(row: &mut [u8], slot: Slot) {
    match slot.kind {
        SlotKind::Int => put_i64(row, slot.at, NO_INT),
        SlotKind::Ratio => put_i64(row, slot.at, f64::NAN.to_bits() as i64),
        SlotKind::Day => put_u32(row, slot.at, NO_DAY as u32),
        SlotKind::Time => put_u32(row, slot.at, NO_TIME),
        SlotKind::Text => put_u32(row, slot.at, NO_TEXT),
        SlotKind::Flag | SlotKind::Closed(_) => row[slot.at] = NO_CODE,
    }
}

#[inline]
pub(crate) fn is_null(row: &[u8], slot: Slot) -> bool {
    match slot.kind {
        SlotKind::Int => get_i64(row, slot.at) == NO_INT,
        SlotKind::Ratio => f64::from_bits(get_i64(row, slot.at) as u64).is_nan(),
        SlotKind::Day => get_u32(row, slot.at) == NO_DAY as u32,
        SlotKind::Time => get_u32(row, slot.at) == NO_TIME,
        SlotKind::Text => get_u32(row, slot.at) == NO_TEXT,
        SlotKind::Flag | SlotKind::Closed(_) => row[slot.at] == NO_CODE,
    }
}

macro_rules! texts {
    ($kind:ident) => {{
        const TEXTS: [&str; $kind::ALL.len()] = {
            let mut texts = [""; $kind::ALL.len()];
            let mut at = 0;
            while at < texts.len() {
                texts[at] = $kind::ALL[at].as_str();
                at += 1;
            }
            texts
        };
        &TEXTS
    }};
}

/// The closed list of a column, by its name, which is the same in every table.
fn closed(column: &str) -> Option<&'static [&'static str]> {
    Some(match column {
        "mode" => texts!(Mode),
        "urgency" => texts!(Urgency),
        "cost_source" => texts!(CostSource),
        "sex" => texts!(Sex),
        "birth_precision" => texts!(BirthPrecision),
        "kind" => texts!(PlanKind),
        "tier" => texts!(Tier),
        "volume_unit" => &["contacts", "days", "clients"],
        _ => return None,
    })
}

#[inline]
pub(crate) fn get_i64(row: &[u8], at: usize) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&row[at..at + 8]);
    i64::from_le_bytes(bytes)
}

#[inline]
pub(crate) fn get_u32(row: &[u8], at: usize) -> u32 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&row[at..at + 4]);
    u32::from_le_bytes(bytes)
}

pub(crate) fn get_u128(row: &[u8], at: usize) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&row[at..at + 16]);
    u128::from_le_bytes(bytes)
}

#[inline]
pub(crate) fn put_i64(row: &mut [u8], at: usize, value: i64) {
    row[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

#[inline]
pub(crate) fn put_u32(row: &mut [u8], at: usize, value: u32) {
    row[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

pub(crate) fn put_u128(row: &mut [u8], at: usize, value: u128) {
    row[at..at + 16].copy_from_slice(&value.to_le_bytes());
}
