//! `unknown_order`: for how many clients the order of contacts is not known.
//!
//! Unit: clients of a cohort in a period, once for each table that puts contacts in order. Rows of a table, cohort and period
//! in which nobody is are not there. Each analysis that makes such a table says of each client whether the order that it
//! took from rule 8 was a choice among contacts of different services that nothing tells apart.

use serde::{Deserialize, Serialize};
use virta_model::schema::{TableSchema, UNKNOWN_ORDER};
use virta_model::{Table, Value};

use super::{End, Slots};
use crate::pass::sums::add_up;

/// Clients, and those of them whose order is not known.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Unordered {
    all: i64,
    unknown: i64,
}

add_up!(Unordered { all, unknown });

impl Unordered {
    /// Takes in a client who is in the table.
    #[inline]
    pub(super) fn client(&mut self, is_unknown: bool) {
        self.all += 1;
        self.unknown += i64::from(is_unknown);
    }
}

/// The rows of a table, from its clients in each cohort and period.
pub(super) fn rows(end: &End<'_>, of: &TableSchema, clients: impl Fn(&Slots<'_>) -> Unordered) -> Table {
    let mut table = Table::new(&UNKNOWN_ORDER);
    for slots in end.slots() {
        let Unordered { all, unknown } = clients(&slots);
        if all > 0 {
            table.push(&[
                Value::Text(of.name),
                Value::Text(slots.cohort),
                Value::Text(slots.label),
                Value::Int(unknown),
                Value::Int(all),
                Value::Ratio(unknown as f64 / all as f64),
            ]);
        }
    }
    table
}

/// Makes one table of the rows of several analyses, in the order of the tables' names.
pub(super) fn join(tables: &mut Vec<Table>) {
    let (mut pieces, others): (Vec<Table>, Vec<Table>) =
        std::mem::take(tables).into_iter().partition(|table| table.schema == &UNKNOWN_ORDER);
    *tables = others;
    if pieces.is_empty() {
        return;
    }
    pieces.retain(|piece| piece.rows() > 0);
    pieces.sort_by_key(|piece| if let Value::Text(name) = piece.value(0, 0) { name.to_owned() } else { String::new() });
    let mut whole = Table::new(&UNKNOWN_ORDER);
    pieces.iter().for_each(|piece| whole.append(piece));
    tables.push(whole);
}
