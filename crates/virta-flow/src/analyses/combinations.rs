//! `combinations`: which services are used together.
//!
//! Unit: clients of a cohort in a period, by the set of all services they used in it, whatever the cohort counts. Rows
//! by number of services, then by the codes in order, then by cohort and period.

use serde::{Deserialize, Serialize};
use virta_model::schema::COMBINATIONS;
use virta_model::{NULL_INT, Table, Value};

use super::records::{KeyRows, Record, Records, Sum, send};
use super::{Analysis, End, bits_of, join_into};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::pass::sums::add_up;
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) enum Combinations {
    /// Up to 64 services.
    Narrow(Records<Mask, Use>),
    /// More.
    Wide(Records<WideSet, Use>),
}

/// The records of either.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Sums {
    Narrow(Vec<Record<Mask, Use>>),
    Wide(Vec<Record<WideSet, Use>>),
}

/// The size, then the services' numbers.
type WideSet = (usize, Box<[u16]>);

/// A set of up to 64 services as bits, the first service highest. Its order is that of the rows: by size, then the one
/// with the first service in which two differ is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mask(u64);

impl Mask {
    fn new(services: u64) -> Self {
        Mask(services.reverse_bits())
    }

    fn services(self) -> u64 {
        self.0.reverse_bits()
    }
}

impl Ord for Mask {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0.count_ones(), !self.0).cmp(&(other.0.count_ones(), !other.0))
    }
}

impl PartialOrd for Mask {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Use {
    cost: Costs,
    contacts: Counts,
    clients: u32,
}

/// What one client uses.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfClient {
    cost: i64,
    contacts: u32,
    is_priced: bool,
}

impl From<OfClient> for Use {
    fn from(used: OfClient) -> Self {
        let cost = if used.is_priced { Costs::of(used.cost) } else { Costs::unpriced() };
        Use { cost, contacts: Counts::of(used.contacts), clients: 1 }
    }
}

impl Sum for Use {
    type Client = OfClient;
}

add_up!(Use { clients, contacts, cost });

impl Analysis for Combinations {
    type Sums = Sums;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let is_narrow = plan.catalogue.services.len() <= 64;
        Some(if is_narrow { Combinations::Narrow(Records::new()) } else { Combinations::Wide(Records::new()) })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let used = &seen.used;
        let used = OfClient { cost: used.cost, contacts: used.contacts, is_priced: used.is_priced };
        let services = seen.services();
        match self {
            Combinations::Narrow(records) => records.add(Mask::new(services.mask()), seen.slot, used),
            Combinations::Wide(records) => {
                records.add((services.values().len(), services.values().into()), seen.slot, used);
            }
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        match (self, other) {
            (Combinations::Narrow(here), Combinations::Narrow(there)) => here.merge(there, remap),
            (Combinations::Wide(here), Combinations::Wide(there)) => here.merge(there, remap),
            // Both are made from the same plan.
            _ => {}
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        match self {
            Combinations::Narrow(records) => Sums::Narrow(records.take()),
            Combinations::Wide(records) => Sums::Wide(records.take()),
        }
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        match (self, sums) {
            (Combinations::Narrow(here), Sums::Narrow(records)) => {
                here.put(records, frame, |set| frame.has_services(bits_of(set.services())))
            }
            (Combinations::Wide(here), Sums::Wide(records)) => here.put(records, frame, |(size, services)| {
                *size == services.len() && frame.has_services(services.iter().copied())
            }),
            _ => false,
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.count_units[BY_SERVICE].codes;
        match self {
            Combinations::Narrow(records) => {
                let describe = |set: &Mask, text: &mut String| join_into(text, bits_of(set.services()), codes, "+");
                let size = |set: &Mask| set.services().count_ones().into();
                send(&records.sorted(), end, describe, |sets, rows| part(end, sets, size, rows));
            }
            Combinations::Wide(records) => {
                let describe = |set: &WideSet, text: &mut String| {
                    join_into(text, set.1.iter().copied(), codes, "+");
                };
                let size = |set: &WideSet| set.0 as i64;
                send(&records.sorted(), end, describe, |sets, rows| part(end, sets, size, rows));
            }
        }
        Vec::new()
    }
}

fn part<K>(end: &End<'_>, sets: &[&K], size: impl Fn(&K) -> i64, rows: KeyRows<Use>) -> Table {
    let sizes: Vec<i64> = sets.iter().map(|set| size(set)).collect();
    let sizes = rows.by_key(&sizes);
    for (([cohort, period, set], used), &size) in rows.keyed(end).zip(&sizes) {
        let keys = [Value::Text(cohort), Value::Text(period), Value::Text(set), Value::Int(size)];
        let amounts = [("contacts", used.contacts.behind()), ("cost_cents", used.cost.behind())];
        end.contributors.note(&COMBINATIONS, &keys, used.clients.into(), &amounts);
    }
    let columns = vec![
        sizes,
        rows.map(|used| used.clients.into()),
        rows.map(|used| used.contacts.sum()),
        rows.map(|used| used.cost.cents().unwrap_or(NULL_INT)),
    ];
    rows.part(end, &COMBINATIONS, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_ordered_by_size_then_by_their_first_services() {
        let sets = [0b1, 0b10, 1 << 63, 0b11, 0b101, 0b110, 1 | 1 << 63 | 0b10];
        let mut sorted: Vec<u64> = sets.to_vec();
        sorted.sort_by_key(|&set| Mask::new(set));
        assert_eq!(sorted, sets);
        assert!(sets.iter().all(|&set| Mask::new(set).services() == set));
    }
}
