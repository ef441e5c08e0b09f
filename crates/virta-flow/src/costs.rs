//! Costs added up over clients, with what disclosure control must know of the costliest of them.

use std::sync::{Mutex, PoisonError};

use virta_model::schema::{CONTRIBUTORS, TableSchema};
use virta_model::{Table, Value, row_key};

/// A sum of costs, one of each client. It does not depend on the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Costs {
    pub cents: i64,
    /// What costs below 0 take away.
    taken_away: i64,
    /// The two largest without sign, and the smallest.
    largest: i64,
    second: i64,
    smallest: i64,
}

impl Default for Costs {
    fn default() -> Self {
        Costs { cents: 0, taken_away: 0, largest: 0, second: 0, smallest: i64::MAX }
    }
}

impl Costs {
    /// The cost of one client.
    #[inline]
    pub fn of(cents: i64) -> Self {
        let size = cents.saturating_abs();
        Costs { cents, taken_away: (-cents).max(0), largest: size, second: 0, smallest: size }
    }

    #[inline]
    pub fn add(&mut self, other: Costs) {
        self.cents += other.cents;
        self.taken_away += other.taken_away;
        let (smaller, larger) =
            if self.largest < other.largest { (self.largest, other.largest) } else { (other.largest, self.largest) };
        self.second = self.second.max(other.second).max(smaller);
        self.largest = larger;
        self.smallest = self.smallest.min(other.smallest);
    }
}

impl FromIterator<i64> for Costs {
    fn from_iter<I: IntoIterator<Item = i64>>(costs: I) -> Self {
        let mut sum = Costs::default();
        costs.into_iter().for_each(|cents| sum.add(Costs::of(cents)));
        sum
    }
}

/// The rows of `contributors`, as the tables that they are of are made.
///
/// Only rows that may leave need any: those of k clients or more. Rows are in the order of their tables' names and keys.
#[derive(Debug)]
pub(crate) struct Contributors {
    k: i64,
    rows: Mutex<Vec<(&'static str, String, Costs)>>,
}

impl Contributors {
    pub fn new(k: u32) -> Self {
        Contributors { k: k.into(), rows: Mutex::new(Vec::new()) }
    }

    /// Notes whose cost a row is. `keys` are its values before its first number of people.
    pub fn note(&self, schema: &'static TableSchema, keys: &[Value<'_>], clients: i64, costs: Costs) {
        if clients >= self.k {
            let row = (schema.name, row_key(schema, keys), costs);
            self.rows.lock().unwrap_or_else(PoisonError::into_inner).push(row);
        }
    }

    pub fn table(&self) -> Table {
        let mut rows = std::mem::take(&mut *self.rows.lock().unwrap_or_else(PoisonError::into_inner));
        rows.sort_unstable_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let mut table = Table::new(&CONTRIBUTORS);
        for (name, key, costs) in rows {
            table.push(&[
                Value::Text(name),
                Value::Text(&key),
                Value::Int(costs.cents + 2 * costs.taken_away),
                Value::Int(costs.largest),
                Value::Int(costs.second),
                Value::Flag(costs.largest == costs.smallest),
            ]);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_largest_are_kept_whatever_the_order_of_adding() {
        // 70, -500, 30, 200: 800 without sign, -200 with it.
        let amounts = [70, -500, 30, 200];
        for turn in 0..4 {
            let mut turned = amounts;
            turned.rotate_left(turn);
            let (front, back) = turned.split_at(turn);
            let mut sum: Costs = front.iter().copied().collect();
            sum.add(back.iter().copied().collect());
            assert_eq!(
                sum,
                Costs { cents: -200, taken_away: 500, largest: 500, second: 200, smallest: 30 },
                "turned {turn}"
            );
        }
        let twins: Costs = [40, 40].into_iter().collect();
        assert_eq!((twins.largest, twins.second, twins.smallest), (40, 40, 40));
    }

    #[test]
    fn only_rows_of_k_clients_are_noted_with_the_columns_before_the_first_number_of_people() {
        let contributors = Contributors::new(5);
        let keys = [Value::Text("all"), Value::Text("2014"), Value::Text("b")];
        contributors.note(&virta_model::schema::SERVICE_USE, &keys, 4, Costs::of(9));
        contributors.note(&virta_model::schema::SERVICE_USE, &keys, 5, [10, -10].into_iter().collect());
        let table = contributors.table();
        let row: Vec<Value<'_>> = (0..6).map(|column| table.value(0, column)).collect();
        assert_eq!(table.rows(), 1);
        assert_eq!(
            row,
            [
                Value::Text("service_use"),
                Value::Text("all|2014|b"),
                Value::Int(20),
                Value::Int(10),
                Value::Int(10),
                Value::Flag(true)
            ]
        );
    }
}
