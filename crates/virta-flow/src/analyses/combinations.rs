//! `combinations`: which services are used together.
//!
//! Unit: clients of a cohort in a period, by the set of all services they used in it, whatever the cohort counts. Rows
//! by number of services, then by the codes in order.

use std::cmp::Reverse;

use virta_model::schema::COMBINATIONS;
use virta_model::{ColumnData, Table, TextColumn};

use super::{Analysis, End, Slots, join};
use crate::groups::{Remap, at};
use crate::hash::FastMap;
use crate::plan::{Plan, SERVICE_LEVEL};
use crate::visit::Visit;

pub(super) enum Combinations {
    /// Up to 64 services: by slot, then by the services' bits.
    Narrow(Vec<FastMap<u64, Sum>>),
    /// More: by slot, then by the services' numbers.
    Wide(Vec<FastMap<Box<[u16]>, Sum>>),
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    clients: i64,
    contacts: i64,
    cost: i64,
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.clients += other.clients;
        self.contacts += other.contacts;
        self.cost += other.cost;
    }
}

impl Analysis for Combinations {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let is_narrow = plan.catalogue.services.len() <= 64;
        Some(if is_narrow { Combinations::Narrow(Vec::new()) } else { Combinations::Wide(Vec::new()) })
    }

    fn user(&mut self, visit: &Visit<'_>) {
        let add = Sum { clients: 1, contacts: visit.used.contacts.into(), cost: visit.used.cost };
        let services = visit.services();
        match self {
            Combinations::Narrow(sums) => at(sums, visit.slot).entry(services.mask()).or_default().add(add),
            Combinations::Wide(sums) => {
                let sums = at(sums, visit.slot);
                match sums.get_mut(services.values()) {
                    Some(sum) => sum.add(add),
                    None => {
                        sums.insert(services.values().into(), add);
                    }
                }
            }
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        match (self, other) {
            (Combinations::Narrow(here), Combinations::Narrow(there)) => merge(here, there, remap),
            (Combinations::Wide(here), Combinations::Wide(there)) => merge(here, there, remap),
            // Both are made from the same plan.
            _ => {}
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.levels[SERVICE_LEVEL].codes;
        let mut rows = Rows::default();
        match self {
            Combinations::Narrow(sums) => {
                let mut numbers = Vec::new();
                write(&sums, end, &mut rows, narrow_order, |set, text| {
                    numbers.clear();
                    numbers.extend((0..64u16).filter(|service| set >> service & 1 == 1));
                    join(text, &numbers, codes, '+');
                    numbers.len()
                });
            }
            Combinations::Wide(sums) => {
                let order = |set: &Box<[u16]>| (set.len(), set.clone());
                write(&sums, end, &mut rows, order, |set, text| {
                    join(text, set, codes, '+');
                    set.len()
                });
            }
        }
        vec![rows.table()]
    }
}

/// By size, then by the first services: of two sets of the same size, the one that has the first service in which they
/// differ comes first.
fn narrow_order(set: &u64) -> (u32, Reverse<u64>) {
    (set.count_ones(), Reverse(set.reverse_bits()))
}

fn merge<K: std::hash::Hash + Eq>(here: &mut Vec<FastMap<K, Sum>>, there: Vec<FastMap<K, Sum>>, remap: &Remap) {
    for (slot, sums) in there.into_iter().enumerate().filter(|(_, sums)| !sums.is_empty()) {
        let here = at(here, remap.slot(slot));
        if here.is_empty() {
            *here = sums;
            continue;
        }
        for (set, sum) in sums {
            here.entry(set).or_default().add(sum);
        }
    }
}

/// `describe` writes a set's text and returns its size.
fn write<K: std::hash::Hash + Eq + Ord + Clone, O: Ord>(
    sums: &[FastMap<K, Sum>],
    end: &End<'_>,
    rows: &mut Rows,
    order: impl Fn(&K) -> O,
    mut describe: impl FnMut(&K, &mut String) -> usize,
) {
    let mut known: FastMap<K, (u32, usize)> = FastMap::default();
    let mut text = String::new();
    for slots in end.slots() {
        let mut sets: Vec<(&K, Sum)> = slots.of(sums).flatten().map(|(set, sum)| (set, *sum)).collect();
        sets.sort_unstable_by(|a, b| order(a.0).cmp(&order(b.0)));
        sets.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                earlier.1.add(later.1);
            }
            is_same
        });
        for (set, sum) in sets {
            let (code, size) = match known.get(set) {
                Some(&known) => known,
                None => {
                    let size = describe(set, &mut text);
                    let code = rows.set.intern(&text);
                    known.insert(set.clone(), (code, size));
                    (code, size)
                }
            };
            rows.push(&slots, code, size, sum);
        }
    }
}

#[derive(Default)]
struct Rows {
    cohort: TextColumn,
    period: TextColumn,
    set: TextColumn,
    services: Vec<Option<i64>>,
    clients: Vec<Option<i64>>,
    contacts: Vec<Option<i64>>,
    cost: Vec<Option<i64>>,
}

impl Rows {
    fn push(&mut self, slots: &Slots<'_>, set: u32, services: usize, sum: Sum) {
        self.cohort.push(Some(slots.cohort));
        self.period.push(Some(slots.label));
        self.set.push_code(set);
        self.services.push(Some(services as i64));
        self.clients.push(Some(sum.clients));
        self.contacts.push(Some(sum.contacts));
        self.cost.push(Some(sum.cost));
    }

    fn table(self) -> Table {
        Table {
            schema: &COMBINATIONS,
            columns: vec![
                ColumnData::Text(self.cohort),
                ColumnData::Text(self.period),
                ColumnData::Text(self.set),
                ColumnData::Int(self.services),
                ColumnData::Int(self.clients),
                ColumnData::Int(self.contacts),
                ColumnData::Int(self.cost),
            ],
        }
    }
}
