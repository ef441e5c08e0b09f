//! `combinations`: which services are used together.
//!
//! Unit: clients of a cohort in a period, by the set of all services they used in it, whatever the cohort counts. Rows
//! by number of services, then by the codes in order.

use virta_model::schema::COMBINATIONS;
use virta_model::{ColumnData, Table, TextColumn};

use super::records::{Records, Sum};
use super::{Analysis, End, Slots, bits_of, join};
use crate::groups::Remap;
use crate::plan::{Plan, SERVICE_LEVEL};
use crate::visit::Visit;

pub(super) enum Combinations {
    /// Up to 64 services.
    Narrow(Records<Mask, Use>),
    /// More: the size, then the services' numbers.
    Wide(Records<(usize, Box<[u16]>), Use>),
}

/// A set of up to 64 services in the order of the rows: the size, then the services' bits, the first service highest
/// and turned round, so that of two sets of the same size the one with the first service in which they differ is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mask {
    size: u32,
    bits: u64,
}

impl Mask {
    fn new(services: u64) -> Self {
        Mask { size: services.count_ones(), bits: !services.reverse_bits() }
    }

    fn services(self) -> u64 {
        (!self.bits).reverse_bits()
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    clients: i64,
    contacts: i64,
    cost: i64,
}

impl Sum for Use {
    fn add(&mut self, other: Self) {
        self.clients += other.clients;
        self.contacts += other.contacts;
        self.cost += other.cost;
    }
}

impl Analysis for Combinations {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let is_narrow = plan.catalogue.services.len() <= 64;
        Some(if is_narrow { Combinations::Narrow(Records::new()) } else { Combinations::Wide(Records::new()) })
    }

    fn user(&mut self, visit: &Visit<'_>) {
        let used = Use { clients: 1, contacts: visit.used.contacts.into(), cost: visit.used.cost };
        let services = visit.services();
        match self {
            Combinations::Narrow(records) => records.add(Mask::new(services.mask()), visit.slot, used),
            Combinations::Wide(records) => {
                records.add((services.values().len(), services.values().into()), visit.slot, used);
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

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.levels[SERVICE_LEVEL].codes;
        let (mut sets, mut rows) = (Sets::default(), Rows::default());
        match self {
            Combinations::Narrow(records) => {
                let mut numbers = Vec::new();
                let describe = |set: &Mask| {
                    numbers.clear();
                    numbers.extend(bits_of(set.services()));
                    sets.push(&numbers, codes);
                };
                records.finish(end, describe, |slots, set, used| rows.push(slots, set, used));
            }
            Combinations::Wide(records) => {
                let describe = |set: &(usize, Box<[u16]>)| sets.push(&set.1, codes);
                records.finish(end, describe, |slots, set, used| rows.push(slots, set, used));
            }
        }
        vec![rows.table(sets)]
    }
}

#[derive(Default)]
struct Sets {
    texts: Vec<String>,
    sizes: Vec<usize>,
}

impl Sets {
    fn push(&mut self, services: &[u16], codes: &[String]) {
        self.texts.push(join(services, codes, "+"));
        self.sizes.push(services.len());
    }
}

#[derive(Default)]
struct Rows {
    cohort: TextColumn,
    period: TextColumn,
    set: Vec<u32>,
    clients: Vec<Option<i64>>,
    contacts: Vec<Option<i64>>,
    cost: Vec<Option<i64>>,
}

impl Rows {
    fn push(&mut self, slots: &Slots<'_>, set: u32, used: Use) {
        slots.push(&mut self.cohort, &mut self.period);
        self.set.push(set);
        self.clients.push(Some(used.clients));
        self.contacts.push(Some(used.contacts));
        self.cost.push(Some(used.cost));
    }

    fn table(self, sets: Sets) -> Table {
        let services = self.set.iter().map(|&set| sets.sizes.get(set as usize).map(|&size| size as i64)).collect();
        Table {
            schema: &COMBINATIONS,
            columns: vec![
                ColumnData::Text(self.cohort),
                ColumnData::Text(self.period),
                ColumnData::Text(TextColumn::from_distinct(sets.texts, self.set)),
                ColumnData::Int(services),
                ColumnData::Int(self.clients),
                ColumnData::Int(self.contacts),
                ColumnData::Int(self.cost),
            ],
        }
    }
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
