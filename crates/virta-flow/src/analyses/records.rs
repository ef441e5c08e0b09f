//! Sums by a key that has too many values for a table: service sets, paths.

use std::collections::hash_map::Entry;
use std::hash::Hash;

use rayon::prelude::*;

use super::{End, Slots};
use crate::groups::Remap;
use crate::hash::FastMap;

/// What is added up for a key.
pub(super) trait Sum: Copy + Send {
    fn add(&mut self, other: Self);
}

impl Sum for i64 {
    fn add(&mut self, other: Self) {
        *self += other;
    }
}

/// Sums by key and slot.
pub(super) struct Records<K, S> {
    sums: FastMap<(K, u32), S>,
    /// What other workers have added up.
    merged: Vec<Record<K, S>>,
}

struct Record<K, S> {
    key: K,
    slot: u32,
    sum: S,
}

impl<K: Ord + Hash + Send, S: Sum> Records<K, S> {
    pub fn new() -> Self {
        Records { sums: FastMap::default(), merged: Vec::new() }
    }

    #[inline]
    pub fn add(&mut self, key: K, slot: usize, sum: S) {
        match self.sums.entry((key, slot as u32)) {
            Entry::Occupied(mut old) => old.get_mut().add(sum),
            Entry::Vacant(new) => {
                new.insert(sum);
            }
        }
    }

    pub fn merge(&mut self, other: Self, remap: &Remap) {
        let slot = |slot: u32| remap.slot(slot as usize) as u32;
        let sums = other.sums.into_iter().map(|((key, old), sum)| Record { key, slot: slot(old), sum });
        self.merged.extend(sums);
        self.merged.extend(other.merged.into_iter().map(|record| Record { slot: slot(record.slot), ..record }));
    }

    /// Every record once, by key and then by slot.
    fn sorted(self) -> Vec<Record<K, S>> {
        let mut records = self.merged;
        records.extend(self.sums.into_iter().map(|((key, slot), sum)| Record { key, slot, sum }));
        records.par_sort_unstable_by(Record::order);
        records.dedup_by(|later, earlier| {
            let is_same = later.key == earlier.key && later.slot == earlier.slot;
            if is_same {
                earlier.sum.add(later.sum);
            }
            is_same
        });
        records
    }

    /// Calls `describe` for each key in order, numbering them from 0, then `row` with a key's number and sum for each
    /// cohort and period in the order of the tables, and in it by key.
    pub fn finish(self, end: &End<'_>, mut describe: impl FnMut(&K), mut row: impl FnMut(&Slots<'_>, u32, S)) {
        let records = self.sorted();
        let periods = end.plan.periods.len().max(1);
        let mut by_period: Vec<Vec<(u32, usize, S)>> = (0..periods).map(|_| Vec::new()).collect();
        let mut keys = 0;
        for (at, record) in records.iter().enumerate() {
            if at == 0 || records[at - 1].key != record.key {
                describe(&record.key);
                keys += 1;
            }
            let slot = record.slot as usize;
            by_period[slot % periods].push((keys - 1, slot / periods, record.sum));
        }
        drop(records);
        for slots in end.slots() {
            let mut last: Option<(u32, S)> = None;
            for &(key, _, sum) in by_period[slots.period].iter().filter(|(_, group, _)| slots.has(*group)) {
                last = match last {
                    Some((same, mut sums)) if same == key => {
                        sums.add(sum);
                        Some((key, sums))
                    }
                    Some((other, sums)) => {
                        row(&slots, other, sums);
                        Some((key, sum))
                    }
                    None => Some((key, sum)),
                };
            }
            if let Some((key, sums)) = last {
                row(&slots, key, sums);
            }
        }
    }
}

impl<K: Ord, S> Record<K, S> {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key).then(self.slot.cmp(&other.slot))
    }
}
