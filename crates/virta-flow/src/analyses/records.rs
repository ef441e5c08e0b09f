//! Sums by a key that has too many values for a table: service sets, paths.

use rayon::prelude::*;

use super::{End, Slots};
use crate::groups::Remap;

/// What is added up for a key.
pub(super) trait Sum: Copy + Send {
    fn add(&mut self, other: Self);
}

impl Sum for i64 {
    fn add(&mut self, other: Self) {
        *self += other;
    }
}

/// Sums by key and slot. New records are appended, and once they are as many as the old ones all are sorted and equal
/// keys added up: that is kinder to the memory than a hash table, and leaves them in the order of the rows.
pub(super) struct Records<K, S> {
    records: Vec<Record<K, S>>,
    /// Records that are known to be sorted and distinct.
    sorted: usize,
}

struct Record<K, S> {
    key: K,
    slot: u32,
    sum: S,
}

impl<K: Ord + Send, S: Sum> Records<K, S> {
    const LEAST_NEW: usize = 1 << 16;

    pub fn new() -> Self {
        Records { records: Vec::new(), sorted: 0 }
    }

    #[inline]
    pub fn add(&mut self, key: K, slot: usize, sum: S) {
        self.records.push(Record { key, slot: slot as u32, sum });
        if self.records.len() >= 2 * self.sorted + Self::LEAST_NEW {
            self.records.sort_unstable_by(Record::order);
            self.add_up();
        }
    }

    pub fn merge(&mut self, other: Self, remap: &Remap) {
        let remapped = |record: Record<K, S>| Record { slot: remap.slot(record.slot as usize) as u32, ..record };
        self.records.extend(other.records.into_iter().map(remapped));
    }

    fn add_up(&mut self) {
        self.records.dedup_by(|later, earlier| {
            let is_same = later.key == earlier.key && later.slot == earlier.slot;
            if is_same {
                earlier.sum.add(later.sum);
            }
            is_same
        });
        self.sorted = self.records.len();
    }

    /// Calls `describe` for each key in order, numbering them from 0, then `row` with a key's number and sum for each
    /// cohort and period in the order of the tables, and in it by key.
    pub fn finish(mut self, end: &End<'_>, mut describe: impl FnMut(&K), mut row: impl FnMut(&Slots<'_>, u32, S)) {
        self.records.par_sort_unstable_by(Record::order);
        self.add_up();
        let periods = end.plan.periods.len().max(1);
        let mut by_period: Vec<Vec<(u32, usize, S)>> = (0..periods).map(|_| Vec::new()).collect();
        let mut keys = 0;
        for (at, record) in self.records.iter().enumerate() {
            if at == 0 || self.records[at - 1].key != record.key {
                describe(&record.key);
                keys += 1;
            }
            let slot = record.slot as usize;
            by_period[slot % periods].push((keys - 1, slot / periods, record.sum));
        }
        drop(self);
        for slots in end.slots() {
            let mut last: Option<(u32, S)> = None;
            for &(key, group, sum) in by_period[slots.period].iter().filter(|(_, group, _)| slots.has(*group)) {
                debug_assert!(slots.has(group));
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
