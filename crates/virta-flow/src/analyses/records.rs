//! Sums by a key that has about as many values as there are clients: service sets, paths.
//!
//! Most keys come once, so records are appended and put together by sorting, which needs a fraction of the time and of
//! the memory of a hash table.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use virta_model::{ColumnData, Table, TextColumn, Texts};

use super::End;
use crate::pass::groups::Remap;
use crate::pass::part_output::PART_ROWS;
use crate::pass::sums::AddUp;
use crate::shares::frame::Frame;

/// What is added up for a key.
pub(super) trait Sum: AddUp + Copy + Send + Sync + From<Self::Client> {
    /// What one client adds, in less room.
    type Client: Copy + Send + Sync;
}

/// Sums by key and slot.
pub(super) struct Records<K, S: Sum> {
    /// Of one client each, as they came, until they are so many.
    clients: Vec<Record<K, S::Client>>,
    sums: Vec<Record<K, S>>,
    /// At this length sums of the same key and slot are put together, so that few distinct keys take little room.
    put_together_at: usize,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record<K, S> {
    key: K,
    slot: u32,
    /// One more than the number of the study's cohort that alone it counts for; 0 is every one of its group.
    only: u8,
    sum: S,
}

const PUT_TOGETHER_AT: usize = 1 << 17;

impl<K: Ord + Send + Sync, S: Sum> Records<K, S> {
    pub(super) fn new() -> Self {
        Records { clients: Vec::new(), sums: Vec::new(), put_together_at: PUT_TOGETHER_AT }
    }

    #[inline]
    pub(super) fn add(&mut self, key: K, slot: usize, client: S::Client) {
        self.push(Record { key, slot: slot as u32, only: 0, sum: client });
    }

    /// Adds to one cohort of the study alone, not to the others that the client is in, nor to everybody.
    pub(crate) fn add_to(&mut self, key: K, slot: usize, cohort: usize, client: S::Client) {
        // A study has at most 64 cohorts.
        self.push(Record { key, slot: slot as u32, only: cohort as u8 + 1, sum: client });
    }

    #[inline]
    fn push(&mut self, record: Record<K, S::Client>) {
        self.clients.push(record);
        if self.clients.len() >= PUT_TOGETHER_AT {
            self.clients.sort_unstable_by(Record::order);
            self.add_up();
            if self.sums.len() >= self.put_together_at {
                self.sums.sort_unstable_by(Record::order);
                self.put_together();
                self.put_together_at = PUT_TOGETHER_AT.max(2 * self.sums.len());
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self, remap: &Remap) {
        fn renumbered<K, S>(records: Vec<Record<K, S>>, remap: &Remap) -> impl ExactSizeIterator<Item = Record<K, S>> {
            records.into_iter().map(|record| Record { slot: remap.slot(record.slot as usize) as u32, ..record })
        }
        self.clients.extend(renumbered(other.clients, remap));
        self.sums.extend(renumbered(other.sums, remap));
    }

    /// Takes all records out, each key and slot once.
    pub(crate) fn take(&mut self) -> Vec<Record<K, S>> {
        std::mem::replace(self, Records::new()).sorted()
    }

    /// Puts in the records of another machine; `false` where a slot, a cohort or a key is none of the study's.
    pub(crate) fn put(&mut self, records: Vec<Record<K, S>>, frame: &Frame<'_>, is_key: impl Fn(&K) -> bool) -> bool {
        self.sums = records;
        self.sums.iter().all(|record| {
            (record.slot as usize) < frame.slots
                && usize::from(record.only) <= frame.plan.cohorts.len()
                && is_key(&record.key)
        })
    }

    /// Adds the clients, who are sorted, to the sums.
    fn add_up(&mut self) {
        for Record { key, slot, only, sum } in self.clients.drain(..) {
            let record = Record { key, slot, only, sum: S::from(sum) };
            match self.sums.last_mut().filter(|last| last.is_same(&record)) {
                Some(last) => last.sum.add(&record.sum),
                None => self.sums.push(record),
            }
        }
    }

    fn put_together(&mut self) {
        self.sums.dedup_by(|later, earlier| {
            let is_same = later.is_same(earlier);
            if is_same {
                earlier.sum.add(&later.sum);
            }
            is_same
        });
    }

    /// Every record once, by key and then by slot.
    pub(super) fn sorted(mut self) -> Vec<Record<K, S>> {
        self.clients.par_sort_unstable_by(Record::order);
        self.add_up();
        self.sums.par_sort_unstable_by(Record::order);
        self.put_together();
        self.sums
    }
}

impl<K, S> Record<K, S> {
    /// Whether it counts for a cohort, by its place among all with everybody first, that has its group.
    fn is_for(&self, cohort: usize) -> bool {
        self.only == 0 || usize::from(self.only) == cohort
    }
}

impl<K: Ord, S> Record<K, S> {
    fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && self.slot == other.slot && self.only == other.only
    }

    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key).then((self.slot, self.only).cmp(&(other.slot, other.only)))
    }
}

/// Rows of a part: a row for each key, and for each cohort and period that has it.
pub(super) struct KeyRows<S> {
    pub keys: Texts,
    cohort: Vec<u32>,
    period: Vec<u32>,
    key: Vec<u32>,
    pub sums: Vec<S>,
}

impl<S: Copy> KeyRows<S> {
    /// The columns cohort, period and key, then those of `more`.
    pub(super) fn part(
        self,
        end: &End<'_>,
        schema: &'static virta_model::schema::TableSchema,
        more: Vec<Vec<i64>>,
    ) -> Table {
        let cohorts = end.cohorts.iter().map(|(name, _)| *name).collect();
        let mut columns = vec![
            ColumnData::Text(TextColumn::of(self.cohort, cohorts)),
            ColumnData::Text(TextColumn::of(self.period, end.labels().collect())),
            ColumnData::Text(TextColumn::of(self.key, self.keys)),
        ];
        columns.extend(more.into_iter().map(ColumnData::Int));
        Table { schema, columns }
    }

    /// Cohort, period and key of each row, with its sums.
    pub(crate) fn keyed<'a>(&'a self, end: &'a End<'_>) -> impl Iterator<Item = ([&'a str; 3], &'a S)> {
        let keys: Vec<&str> = self.keys.iter().collect();
        let periods: Vec<&str> = end.labels().collect();
        let at = |texts: &[&'a str], number: u32| texts.get(number as usize).copied().unwrap_or_default();
        let numbers = self.cohort.iter().zip(&self.period).zip(&self.key);
        numbers.zip(&self.sums).map(move |(((&cohort, &period), &key), sums)| {
            let cohort = end.cohorts.get(cohort as usize).map_or("", |(name, _)| *name);
            ([cohort, at(&periods, period), at(&keys, key)], sums)
        })
    }

    /// A number of the key for each row.
    pub(super) fn by_key(&self, numbers: &[i64]) -> Vec<i64> {
        self.key.iter().map(|&key| numbers.get(key as usize).copied().unwrap_or_default()).collect()
    }

    pub(super) fn map(&self, of: impl Fn(&S) -> i64) -> Vec<i64> {
        self.sums.iter().map(of).collect()
    }
}

/// Cuts sorted records into stretches of about the same number, never within a key, and sends what `part` makes of the
/// rows of each. Rows are by key, then by cohort and period in the order of the tables. `describe` writes the text of
/// a key.
pub(super) fn send<K: Ord + Send + Sync, S: Sum>(
    records: &[Record<K, S>],
    end: &End<'_>,
    describe: impl Fn(&K, &mut String) + Sync,
    part: impl Fn(&[&K], KeyRows<S>) -> Table + Sync,
) {
    let stretches = stretches(records);
    end.output.send_each(stretches.len(), |number| {
        let (mut keys, mut rows) = (Vec::new(), KeyRows::new());
        for same in stretches.get(number).copied().unwrap_or_default().chunk_by(|a, b| a.key == b.key) {
            let Some(first) = same.first() else { continue };
            keys.push(&first.key);
            let text = rows.keys.push_with(|text| describe(&first.key, text));
            rows.add(end, text, same);
        }
        part(&keys, rows)
    });
}

fn stretches<K: Ord, S>(records: &[Record<K, S>]) -> Vec<&[Record<K, S>]> {
    // A key has some rows, one for each cohort that it is in.
    const RECORDS: usize = PART_ROWS / 2;
    let mut stretches = Vec::new();
    let mut rest = records;
    while let Some(last) = rest.get(..RECORDS).and_then(<[_]>::last) {
        let end = RECORDS + rest[RECORDS..].partition_point(|record| record.key == last.key);
        let (stretch, after) = rest.split_at(end);
        stretches.push(stretch);
        rest = after;
    }
    if !rest.is_empty() {
        stretches.push(rest);
    }
    stretches
}

impl<S: Sum> KeyRows<S> {
    fn new() -> Self {
        KeyRows { keys: Texts::default(), cohort: Vec::new(), period: Vec::new(), key: Vec::new(), sums: Vec::new() }
    }

    /// Adds the rows of one key.
    fn add<K>(&mut self, end: &End<'_>, key: u32, records: &[Record<K, S>]) {
        let periods = end.plan.periods.len().max(1);
        if let [record] = records {
            let slot = record.slot as usize;
            for cohort in end.cohorts_of(slot / periods).filter(|&cohort| record.is_for(cohort)) {
                self.push(cohort, slot % periods, key, record.sum);
            }
            return;
        }
        for cohort in 0..end.cohorts.len() {
            for period in 0..periods {
                let mut sums: Option<S> = None;
                for record in records.iter().filter(|record| record.slot as usize % periods == period) {
                    if record.is_for(cohort) && end.is_in(cohort, record.slot as usize / periods) {
                        match &mut sums {
                            Some(sums) => sums.add(&record.sum),
                            None => sums = Some(record.sum),
                        }
                    }
                }
                if let Some(sum) = sums {
                    self.push(cohort, period, key, sum);
                }
            }
        }
    }

    fn push(&mut self, cohort: usize, period: usize, key: u32, sum: S) {
        self.cohort.push(cohort as u32);
        self.period.push(period as u32);
        self.key.push(key);
        self.sums.push(sum);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[derive(Debug, Clone, Copy, PartialEq)]
    struct Added(u64);

    impl From<u32> for Added {
        fn from(number: u32) -> Self {
            Added(number.into())
        }
    }

    impl Sum for Added {
        type Client = u32;
    }

    impl AddUp for Added {
        fn add(&mut self, other: &Self) {
            self.0 += other.0;
        }
    }

    #[test]
    fn sums_are_the_same_however_often_they_are_put_together_and_merged() {
        let clients = || (0..5 * PUT_TOGETHER_AT as u64).map(|at| (at * at % 200_003, (at % 3) as usize, at as u32));
        let mut expected: BTreeMap<(u64, u32), u64> = BTreeMap::new();
        clients().for_each(|(key, slot, sum)| *expected.entry((key, slot as u32)).or_default() += u64::from(sum));
        let expected: Vec<_> = expected.into_iter().collect();
        let remap = Remap { groups: vec![0, 1, 2], periods: 1 };
        for parts in [1, 2, 7] {
            let mut all: Vec<Records<u64, Added>> = (0..parts).map(|_| Records::new()).collect();
            for (at, (key, slot, sum)) in clients().enumerate() {
                all[at % parts].add(key, slot, sum);
            }
            let mut whole = all.pop().unwrap();
            all.into_iter().for_each(|part| whole.merge(part, &remap));
            let found: Vec<_> = whole.take().iter().map(|record| ((record.key, record.slot), record.sum.0)).collect();
            assert!(found == expected, "{parts} parts");
            assert!(whole.take().is_empty());
        }
    }
}
