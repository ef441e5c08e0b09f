//! Sums over clients, with what protection must know of the clients who add most to them.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use virta_model::schema::{CONTRIBUTORS, Pool, TableSchema};
use virta_model::{ColumnData, Table, TextColumn, Texts, Value, row_key};

use crate::hash::FastMap;
use crate::pass::sums::{AddUp, add_up};

/// A sum of costs, one of each client. It does not depend on the order.
///
/// What has no price adds nothing to what has one; where nothing has a price, the sum is not measured, which is not 0.
/// The sum of nobody is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CarriedCosts", into = "CarriedCosts")]
pub(crate) struct Costs {
    /// [`NOBODY`] or [`UNPRICED`] while no client has a price.
    cents: i64,
    /// What costs below 0 take away.
    taken_away: i64,
    /// The two largest without sign.
    largest: i64,
    second: i64,
    /// Clients whose cost is not 0.
    givers: i64,
}

/// Nobody has been added yet.
const NOBODY: i64 = i64::MIN;
/// None of those who have been added has a price.
const UNPRICED: i64 = i64::MIN + 1;

impl Default for Costs {
    fn default() -> Self {
        Costs { cents: NOBODY, taken_away: 0, largest: 0, second: 0, givers: 0 }
    }
}

impl Costs {
    /// The cost of one client.
    #[inline]
    pub(crate) fn of(cents: i64) -> Self {
        Costs {
            cents,
            taken_away: (-cents).max(0),
            largest: cents.saturating_abs(),
            second: 0,
            givers: i64::from(cents != 0),
        }
    }

    /// The cost of one client none of whose contacts has a price.
    #[inline]
    pub(crate) fn unpriced() -> Self {
        Costs { cents: UNPRICED, ..Costs::default() }
    }

    /// `None` where it is not measured.
    pub(crate) fn cents(&self) -> Option<i64> {
        match self.cents {
            NOBODY => Some(0),
            UNPRICED => None,
            cents => Some(cents),
        }
    }

    /// The same as a value of a row.
    pub(crate) fn value(&self) -> Value<'static> {
        self.cents().map_or(Value::Null, Value::Int)
    }

    #[inline]
    pub(crate) fn add(&mut self, other: Costs) {
        self.cents = match (self.cents, other.cents) {
            (NOBODY, cents) | (cents, NOBODY) => cents,
            (UNPRICED, cents) | (cents, UNPRICED) => cents,
            (here, there) => here + there,
        };
        self.taken_away += other.taken_away;
        (self.largest, self.second) = two_largest((self.largest, self.second), (other.largest, other.second));
        self.givers += other.givers;
    }

    pub(crate) fn behind(&self) -> Behind {
        Behind {
            clients: self.givers,
            total: self.cents().unwrap_or_default() + 2 * self.taken_away,
            largest: self.largest,
            second: self.second,
        }
    }
}

/// Costs as they travel: nobody takes one byte. The cents and what they take away, the two largest, the givers.
type CarriedCosts = Option<(Option<i64>, i64, i64, i64, i64)>;

impl From<Costs> for CarriedCosts {
    fn from(costs: Costs) -> Self {
        let cents = (costs.cents != UNPRICED).then_some(costs.cents);
        (costs.cents != NOBODY).then_some((cents, costs.taken_away, costs.largest, costs.second, costs.givers))
    }
}

impl From<CarriedCosts> for Costs {
    fn from(carried: CarriedCosts) -> Self {
        let Some((cents, taken_away, largest, second, givers)) = carried else { return Costs::default() };
        Costs { cents: cents.unwrap_or(UNPRICED), taken_away, largest, second, givers }
    }
}

impl FromIterator<i64> for Costs {
    fn from_iter<I: IntoIterator<Item = i64>>(costs: I) -> Self {
        let mut sum = Costs::default();
        costs.into_iter().for_each(|cents| sum.add(Costs::of(cents)));
        sum
    }
}

/// A sum of what each client has some of: contacts, days, visits. In less room than costs, since none is below 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "CarriedCounts", into = "CarriedCounts")]
pub(crate) struct Counts {
    sum: u64,
    largest: u32,
    second: u32,
    /// Clients who have any.
    givers: u32,
}

impl Counts {
    /// What one client has.
    #[inline]
    pub(crate) fn of(count: u32) -> Self {
        Counts { sum: count.into(), largest: count, second: 0, givers: u32::from(count > 0) }
    }

    #[inline]
    pub(crate) fn add(&mut self, other: Counts) {
        self.sum += other.sum;
        (self.largest, self.second) = two_largest((self.largest, self.second), (other.largest, other.second));
        self.givers += other.givers;
    }

    pub(crate) fn sum(&self) -> i64 {
        self.sum as i64
    }

    pub(crate) fn behind(&self) -> Behind {
        Behind {
            clients: self.givers.into(),
            total: self.sum as i64,
            largest: self.largest.into(),
            second: self.second.into(),
        }
    }
}

/// Counts as they travel: nothing takes one byte. The sum, the two largest, the givers.
type CarriedCounts = Option<(u64, u32, u32, u32)>;

impl From<Counts> for CarriedCounts {
    fn from(counts: Counts) -> Self {
        (counts.givers > 0).then_some((counts.sum, counts.largest, counts.second, counts.givers))
    }
}

impl From<CarriedCounts> for Counts {
    fn from(carried: CarriedCounts) -> Self {
        let (sum, largest, second, givers) = carried.unwrap_or_default();
        Counts { sum, largest, second, givers }
    }
}

impl FromIterator<u32> for Counts {
    fn from_iter<I: IntoIterator<Item = u32>>(counts: I) -> Self {
        let mut sum = Counts::default();
        counts.into_iter().for_each(|count| sum.add(Counts::of(count)));
        sum
    }
}

impl AddUp for Costs {
    #[inline]
    fn add(&mut self, other: &Self) {
        Costs::add(self, *other);
    }
}

impl AddUp for Counts {
    #[inline]
    fn add(&mut self, other: &Self) {
        Counts::add(self, *other);
    }
}

/// Clients and what they cost.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Spending {
    pub(crate) clients: i64,
    pub(crate) cost: Costs,
}

add_up!(Spending { clients, cost });

/// Clients, what they used and what it cost.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Usage {
    pub(crate) clients: i64,
    pub(crate) contacts: Counts,
    pub(crate) cost: Costs,
}

add_up!(Usage { clients, contacts, cost });

/// The two largest of two pairs, each the larger first.
#[inline]
fn two_largest<T: Ord + Copy>(one: (T, T), other: (T, T)) -> (T, T) {
    let (larger, smaller) = if one.0 < other.0 { (other.0, one.0) } else { (one.0, other.0) };
    (larger, one.1.max(other.1).max(smaller))
}

/// Who stands behind an amount: a row of `contributors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Behind {
    /// Clients who add anything.
    pub clients: i64,
    /// What they add without sign, and the two largest of them.
    pub total: i64,
    pub largest: i64,
    pub second: i64,
}

/// The rows of `contributors`, as the tables that they are of are made.
///
/// Only rows that may leave need any: those of k clients or more, and those that may become part of one when a table is
/// made coarser. Rows are in the order of their tables' names, keys and measures.
#[derive(Debug)]
pub(crate) struct Contributors {
    k: i64,
    rows: Mutex<Vec<(&'static str, String, &'static str, Behind)>>,
}

impl Contributors {
    pub(crate) fn new(k: u32) -> Self {
        Contributors { k: k.into(), rows: Mutex::new(Vec::new()) }
    }

    /// Notes whose the amounts of a row are, each with its column's name. `keys` begins with the row's keys.
    pub(crate) fn note(
        &self,
        schema: &'static TableSchema,
        keys: &[Value<'_>],
        clients: i64,
        amounts: &[(&'static str, Behind)],
    ) {
        if clients == 0 || (clients < self.k && schema.leaves.pool() == Pool::Nothing) {
            return;
        }
        let key = row_key(schema, keys);
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.extend(amounts.iter().map(|&(measure, behind)| (schema.name, key.clone(), measure, behind)));
    }

    pub(crate) fn table(&self) -> Table {
        let mut rows = std::mem::take(&mut *self.rows.lock().unwrap_or_else(PoisonError::into_inner));
        rows.par_sort_unstable_by(|a, b| (a.0, &a.1, a.2).cmp(&(b.0, &b.1, b.2)));
        let amounts = |of: fn(&Behind) -> i64| ColumnData::Int(rows.iter().map(|row| of(&row.3)).collect());
        let columns = vec![
            texts(rows.iter().map(|row| row.0)),
            texts(rows.iter().map(|row| row.1.as_str())),
            texts(rows.iter().map(|row| row.2)),
            amounts(|behind| behind.clients),
            amounts(|behind| behind.total),
            amounts(|behind| behind.largest),
            amounts(|behind| behind.second),
        ];
        Table { schema: &CONTRIBUTORS, columns }
    }
}

fn texts<'a>(of_rows: impl Iterator<Item = &'a str>) -> ColumnData {
    let (mut numbers, mut texts) = (FastMap::default(), Texts::default());
    let codes = of_rows.map(|text| *numbers.entry(text).or_insert_with(|| texts.push(text))).collect();
    ColumnData::Text(TextColumn::of(codes, texts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use virta_model::schema::{FLOW_STARTS, SERVICE_USE, SERVICES_PER_CLIENT};

    #[test]
    fn the_two_largest_are_kept_whatever_the_order_of_adding() {
        // 70, -500, 30, 0, 200: 800 without sign, -200 with it, of four.
        let amounts = [70, -500, 30, 0, 200];
        for turn in 0..5 {
            let mut turned = amounts;
            turned.rotate_left(turn);
            let (front, back) = turned.split_at(turn);
            let mut sum: Costs = front.iter().copied().collect();
            sum.add(back.iter().copied().collect());
            assert_eq!(sum.behind(), Behind { clients: 4, total: 800, largest: 500, second: 200 }, "turned {turn}");
            assert_eq!(sum.cents(), Some(-200));
        }
        let twins: Counts = [40, 0, 40].into_iter().collect();
        assert_eq!(twins.behind(), Behind { clients: 2, total: 80, largest: 40, second: 40 });
    }

    #[test]
    fn what_has_no_price_adds_nothing_to_what_has_one_and_is_nothing_alone() {
        let sum = |parts: &[Costs]| {
            let mut sum = Costs::default();
            parts.iter().for_each(|&part| sum.add(part));
            sum.cents()
        };
        assert_eq!(sum(&[]), Some(0));
        assert_eq!(sum(&[Costs::unpriced()]), None);
        assert_eq!(sum(&[Costs::unpriced(), Costs::unpriced()]), None);
        for turned in [[Costs::unpriced(), Costs::of(0)], [Costs::of(0), Costs::unpriced()]] {
            assert_eq!(sum(&turned), Some(0));
        }
        assert_eq!(sum(&[Costs::of(7), Costs::unpriced(), Costs::of(-2)]), Some(5));
    }

    #[test]
    fn rows_of_k_clients_are_noted_with_their_keys_and_smaller_ones_where_rows_are_put_together() {
        let contributors = Contributors::new(5);
        let keys = [Value::Text("all"), Value::Text("2014"), Value::Text("b")];
        let cost = |costs: &[i64]| [("cost_cents", costs.iter().copied().collect::<Costs>().behind())];
        contributors.note(&SERVICE_USE, &keys, 4, &cost(&[9]));
        contributors.note(&SERVICE_USE, &keys, 5, &cost(&[10, -10]));
        contributors.note(&FLOW_STARTS, &keys, 5, &[]);
        contributors.note(&SERVICES_PER_CLIENT, &[Value::Text("2014"), Value::Int(9)], 1, &cost(&[7]));
        let table = contributors.table();
        let row = |row: usize| -> Vec<Value<'_>> { (0..7).map(|column| table.value(row, column)).collect() };
        assert_eq!(table.rows(), 2);
        let (text, int) = (Value::Text, Value::Int);
        assert_eq!(
            row(0),
            [text("service_use"), text("all|2014|b"), text("cost_cents"), int(2), int(20), int(10), int(10)]
        );
        assert_eq!(row(1)[..4], [text("services_per_client"), text("2014|9"), text("cost_cents"), int(1)]);
    }
}
