//! `unknown_order`: for how many clients the order of contacts is not known.
//!
//! Unit: clients of a cohort in a period, once for each table that puts contacts in order. Rows of a table, cohort and period
//! in which nobody is are not there. Each analysis that makes such a table says of each client whether the order that it
//! took from rule 8 was a choice among contacts of different services that nothing tells apart.

use serde::{Deserialize, Serialize};
use virta_model::schema::UNKNOWN_ORDER;
use virta_model::{Table, Value};

use super::End;
use crate::pass::groups::{Remap, at};
use crate::shares::frame::Frame;

/// Clients of one table, and those of them whose order is not known.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Unordered {
    /// By slot.
    clients: Vec<Count>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Count {
    all: i64,
    unknown: i64,
}

impl Unordered {
    /// Takes in a client who is in the table.
    #[inline]
    pub(super) fn client(&mut self, slot: usize, is_unknown: bool) {
        let count = at(&mut self.clients, slot);
        count.all += 1;
        count.unknown += i64::from(is_unknown);
    }

    pub(super) fn merge(&mut self, other: &Self, remap: &Remap) {
        for (slot, there) in other.clients.iter().enumerate().filter(|(_, count)| count.all > 0) {
            at(&mut self.clients, remap.slot(slot)).add(*there);
        }
    }

    /// Whether there is no more than a study has slots for.
    pub(crate) fn fits(&self, frame: &Frame<'_>) -> bool {
        frame.has_slots(&self.clients)
    }

    /// The rows of the table of this name.
    pub(super) fn rows(&self, end: &End<'_>, name: &str) -> Table {
        let mut table = Table::new(&UNKNOWN_ORDER);
        for slots in end.slots() {
            let mut sum = Count::default();
            slots.of(&self.clients).for_each(|count| sum.add(*count));
            if sum.all > 0 {
                table.push(&[
                    Value::Text(name),
                    Value::Text(slots.cohort),
                    Value::Text(slots.label),
                    Value::Int(sum.unknown),
                    Value::Int(sum.all),
                    Value::Ratio(sum.unknown as f64 / sum.all as f64),
                ]);
            }
        }
        table
    }
}

impl Count {
    fn add(&mut self, other: Count) {
        self.all += other.all;
        self.unknown += other.unknown;
    }
}

/// Makes one table of the rows of several analyses, in the order of the tables' names.
pub(super) fn join(tables: &mut Vec<Table>) {
    let (mut pieces, others): (Vec<Table>, Vec<Table>) =
        std::mem::take(tables).into_iter().partition(|table| table.schema == &UNKNOWN_ORDER);
    *tables = others;
    if pieces.is_empty() {
        return;
    }
    let name = |table: &Table| match table.rows() {
        0 => String::new(),
        _ => {
            if let Value::Text(name) = table.value(0, 0) {
                name.to_owned()
            } else {
                String::new()
            }
        }
    };
    pieces.sort_by_key(name);
    let mut whole = Table::new(&UNKNOWN_ORDER);
    pieces.iter().for_each(|piece| whole.append(piece));
    tables.push(whole);
}
