//! Who stands behind the amounts: read from the table `contributors`, which never leaves.

use std::collections::HashMap;

use virta_model::schema::CONTRIBUTORS;
use virta_model::{Table, Value};

/// Who stands behind one amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contributors {
    /// Clients who add anything.
    pub clients: i64,
    /// Their amounts in all, each without its sign, so that a correction cannot hide a large client.
    pub total: i64,
    /// The largest client's amount.
    pub largest: i64,
    /// The second largest client's.
    pub second: i64,
}

impl Contributors {
    /// From the amounts of the clients, one each.
    pub fn of(amounts: impl IntoIterator<Item = i64>) -> Self {
        let ones = amounts.into_iter().filter(|amount| *amount != 0).map(|amount| {
            let size = amount.saturating_abs();
            Contributors { clients: 1, total: size, largest: size, second: 0 }
        });
        ones.fold(Contributors::default(), Contributors::and)
    }

    /// Those of two groups without a common client.
    pub(crate) fn and(self, other: Self) -> Self {
        let smaller = self.largest.min(other.largest);
        Contributors {
            clients: self.clients + other.clients,
            total: self.total.saturating_add(other.total),
            largest: self.largest.max(other.largest),
            second: self.second.max(other.second).max(smaller),
        }
    }
}

/// The contributors of a study, by table, measure and key of the row.
#[derive(Debug, Default)]
pub(crate) struct Known<'a> {
    by_column: HashMap<(&'a str, &'a str), HashMap<&'a str, Contributors>>,
}

impl<'a> Known<'a> {
    pub(crate) fn new(tables: &'a [Table]) -> Self {
        let mut known = Known::default();
        for table in tables.iter().filter(|table| table.schema == &CONTRIBUTORS) {
            for row in 0..table.rows() {
                let text = |column| if let Value::Text(text) = table.value(row, column) { text } else { "" };
                // What is missing is taken for too few.
                let int = |column| if let Value::Int(number) = table.value(row, column) { number } else { 0 };
                let of = Contributors { clients: int(3), total: int(4), largest: int(5), second: int(6) };
                known.by_column.entry((text(0), text(2))).or_default().insert(text(1), of);
            }
        }
        known
    }

    pub(crate) fn of(&self, table: &str, measure: &str, key: &str) -> Option<Contributors> {
        self.by_column.get(&(table, measure))?.get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_put_together_keep_their_two_largest() {
        let amounts = [7, -30, 4, 0, 25, 6];
        for cut in 0..amounts.len() {
            let (one, other) = amounts.split_at(cut);
            let both = Contributors::of(one.iter().copied()).and(Contributors::of(other.iter().copied()));
            assert_eq!(both, Contributors { clients: 5, total: 72, largest: 30, second: 25 }, "cut at {cut}");
        }
    }
}
