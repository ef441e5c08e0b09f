//! Which figures are unsafe in themselves, whatever stands beside them.

use std::collections::BTreeMap;

use virta_model::schema::CONTRIBUTORS;
use virta_model::{Table, Value, row_key};

use crate::disclose::role_of;
use crate::figures::{Figures, Place, as_int};
use crate::linear::{CellIndex, Need};
use crate::policy::Contributors;
use crate::protected::Reason;
use crate::structure::{Measure, Role, Structure};

/// The primary rules, with what the largest clients add to the costs of a study.
pub(crate) struct Primary<'a> {
    /// By table and key.
    contributors: BTreeMap<(&'a str, &'a str), Contributors>,
}

impl<'a> Primary<'a> {
    pub fn new(tables: &'a [Table]) -> Self {
        let mut known = BTreeMap::new();
        for table in tables.iter().filter(|table| table.schema == &CONTRIBUTORS) {
            let column = |name| CONTRIBUTORS.index_of(name).unwrap_or(usize::MAX);
            let [of, key, total, largest, second, same] =
                ["table", "key", "total_cents", "largest_cents", "second_cents", "all_the_same"].map(column);
            for row in 0..table.rows() {
                let cents = |column| as_int(table.value(row, column)).unwrap_or(i64::MAX);
                if let (Value::Text(of), Value::Text(key)) = (table.value(row, of), table.value(row, key)) {
                    let contributors = Contributors {
                        total: cents(total),
                        largest: cents(largest),
                        second: cents(second),
                        all_the_same: table.value(row, same) != Value::Flag(false),
                    };
                    known.insert((of, key), contributors);
                }
            }
        }
        Primary { contributors: known }
    }

    /// What is known of the clients behind the cost of a row.
    pub fn contributors(&self, table: &Table, row: usize) -> Option<Contributors> {
        let keys: Vec<Value<'_>> = (0..table.schema.keys()).map(|column| table.value(row, column)).collect();
        self.contributors.get(&(table.schema.name, row_key(table.schema, &keys).as_str())).copied()
    }

    /// How far a figure must stay open, and why: of fewer than k people, a sum over so few, or a cost that few make up.
    pub fn of(&self, figures: &Figures<'_>, place: Place, measure: Measure, cell: CellIndex) -> Option<(Need, Reason)> {
        let table = &figures.tables[place.0];
        let value = figures.systems[&measure].cells[cell].value;
        let zero_is_safe = Structure::of(table.schema.name).is_some_and(|structure| structure.zero_is_safe(measure));
        let too_few = |clients| figures.policy.too_few(clients, zero_is_safe).then_some(Reason::TooFewClients);
        if measure.is_people() {
            let high = i64::from(figures.policy.k);
            return too_few(value).map(|reason| (Need { low: value, high }, reason));
        }
        let Some(Role::Sum(_, people)) = role_of(table, place.2) else { return None };
        let clients = figures.value((place.0, place.1), people)?;
        let dominated = || {
            // The cost of nobody is safe where nobody is.
            let is_checked = measure == Measure::Cost && clients != 0;
            is_checked.then(|| figures.policy.unsafe_sum(clients, self.contributors(table, place.1).as_ref())).flatten()
        };
        too_few(clients).or_else(dominated).map(|reason| (figures.open_around(value), reason))
    }
}
