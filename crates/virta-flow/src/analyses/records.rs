//! Sums by a key that has about as many values as there are clients: service sets, paths.
//!
//! Most keys come once, so records are appended and put together by sorting, which needs a fraction of the time and of
//! the memory of a hash table.

use rayon::prelude::*;
use virta_model::{Part, PartColumn, PartText, Texts};

use super::End;
use crate::groups::Remap;
use crate::outlet::PART_ROWS;

/// What is added up for a key.
pub(super) trait Sum: Copy + Send + Sync {
    /// What one client adds, which is kept until there are more of the same key.
    type One: Copy + Send + Sync;

    fn of(one: Self::One) -> Self;

    fn add(&mut self, other: Self);
}

/// Numbers of clients.
impl Sum for u32 {
    type One = ();

    fn of((): ()) -> Self {
        1
    }

    fn add(&mut self, other: Self) {
        *self += other;
    }
}

/// Sums by key and slot.
pub(super) struct Records<K, S: Sum> {
    /// Of one client each.
    ones: Vec<Record<K, S::One>>,
    /// Of keys that come often, in no order.
    sums: Vec<Record<K, S>>,
    /// At this many clients those of the same key and slot are put together, so that few distinct keys take little room.
    put_together_at: usize,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Record<K, S> {
    key: K,
    slot: u32,
    sum: S,
}

const FIRST_PUT_TOGETHER_AT: usize = 1 << 17;

impl<K: Ord + Send + Sync, S: Sum> Records<K, S> {
    pub fn new() -> Self {
        Records { ones: Vec::new(), sums: Vec::new(), put_together_at: FIRST_PUT_TOGETHER_AT }
    }

    #[inline]
    pub fn add(&mut self, key: K, slot: usize, one: S::One) {
        self.ones.push(Record { key, slot: slot as u32, sum: one });
        if self.ones.len() >= self.put_together_at {
            self.put_together();
        }
    }

    pub fn merge(&mut self, other: Self, remap: &Remap) {
        self.ones.extend(other.ones.into_iter().map(|record| record.renumbered(remap)));
        self.sums.extend(other.sums.into_iter().map(|record| record.renumbered(remap)));
    }

    /// Adds up the clients, if that leaves less: a sum takes more room than a client.
    fn put_together(&mut self) {
        self.ones.sort_unstable_by(Record::order);
        let distinct = self.ones.chunk_by(Record::is_same).count();
        if 4 * distinct > self.ones.len() {
            self.put_together_at *= 2;
            return;
        }
        self.sums.extend(std::mem::take(&mut self.ones).into_iter().map(Record::summed));
        self.sums.sort_unstable_by(Record::order);
        add_up(&mut self.sums);
        self.put_together_at = FIRST_PUT_TOGETHER_AT.max(2 * self.sums.len());
    }

    /// Every record, by key and then by slot.
    pub fn sorted(mut self) -> Sorted<K, S> {
        if self.sums.is_empty() {
            self.ones.par_sort_unstable_by(Record::order);
            return Sorted::Ones(self.ones);
        }
        self.sums.extend(self.ones.into_iter().map(Record::summed));
        self.sums.par_sort_unstable_by(Record::order);
        add_up(&mut self.sums);
        Sorted::Sums(self.sums)
    }
}

/// Puts neighbours of the same key and slot together.
fn add_up<K: PartialEq, S: Sum>(records: &mut Vec<Record<K, S>>) {
    records.dedup_by(|later, earlier| {
        let is_same = later.is_same(earlier);
        if is_same {
            earlier.sum.add(later.sum);
        }
        is_same
    });
}

/// Records in order.
pub(super) enum Sorted<K, S: Sum> {
    /// A record for each client.
    Ones(Vec<Record<K, S::One>>),
    /// A record for each key and slot.
    Sums(Vec<Record<K, S>>),
}

impl<K, S> Record<K, S> {
    fn renumbered(self, remap: &Remap) -> Self {
        Record { slot: remap.slot(self.slot as usize) as u32, ..self }
    }

    fn summed<T: Sum<One = S>>(self) -> Record<K, T> {
        Record { key: self.key, slot: self.slot, sum: T::of(self.sum) }
    }
}

impl<K: PartialEq, S> Record<K, S> {
    fn is_same(&self, other: &Self) -> bool {
        self.key == other.key && self.slot == other.slot
    }
}

impl<K: Ord, S> Record<K, S> {
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key).then(self.slot.cmp(&other.slot))
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
    pub fn part(self, end: &End<'_>, schema: &'static virta_model::schema::TableSchema, more: Vec<Vec<i64>>) -> Part {
        let cohorts = end.cohorts.iter().map(|(name, _)| *name).collect();
        let mut columns = vec![
            PartColumn::Text(PartText { codes: self.cohort, texts: cohorts }),
            PartColumn::Text(PartText { codes: self.period, texts: end.labels().collect() }),
            PartColumn::Text(PartText { codes: self.key, texts: self.keys }),
        ];
        columns.extend(more.into_iter().map(PartColumn::Int));
        Part { schema, rows: self.sums.len(), columns }
    }

    /// Cohort, period and key of each row, with its sums.
    pub fn keyed<'a>(&'a self, end: &'a End<'_>) -> impl Iterator<Item = ([&'a str; 3], &'a S)> {
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
    pub fn by_key(&self, numbers: &[i64]) -> Vec<i64> {
        self.key.iter().map(|&key| numbers.get(key as usize).copied().unwrap_or_default()).collect()
    }

    pub fn map(&self, of: impl Fn(&S) -> i64) -> Vec<i64> {
        self.sums.iter().map(of).collect()
    }
}

/// Cuts sorted records into stretches of about the same number, never within a key, and sends what `part` makes of the
/// rows of each. Rows are by key, then by cohort and period in the order of the tables. `describe` writes the text of
/// a key.
pub(super) fn send<K: Ord + Send + Sync, S: Sum>(
    records: &Sorted<K, S>,
    end: &End<'_>,
    describe: impl Fn(&K, &mut String) + Sync,
    part: impl Fn(&[&K], KeyRows<S>) -> Part + Sync,
) {
    match records {
        Sorted::Ones(records) => send_each(records, S::of, end, describe, part),
        Sorted::Sums(records) => send_each(records, |sum| sum, end, describe, part),
    }
}

fn send_each<K: Ord + Send + Sync, R: Copy + Send + Sync, S: Sum>(
    records: &[Record<K, R>],
    sum_of: impl Fn(R) -> S + Sync,
    end: &End<'_>,
    describe: impl Fn(&K, &mut String) + Sync,
    part: impl Fn(&[&K], KeyRows<S>) -> Part + Sync,
) {
    let stretches = stretches(records);
    end.outlet.send_each(stretches.len(), |number| {
        let (mut keys, mut rows) = (Vec::new(), KeyRows::new());
        let mut slots: Vec<(usize, S)> = Vec::new();
        for same in stretches.get(number).copied().unwrap_or_default().chunk_by(|a, b| a.key == b.key) {
            let Some(first) = same.first() else { continue };
            slots.clear();
            for record in same {
                let (slot, sum) = (record.slot as usize, sum_of(record.sum));
                match slots.last_mut() {
                    Some((last, sums)) if *last == slot => sums.add(sum),
                    _ => slots.push((slot, sum)),
                }
            }
            keys.push(&first.key);
            let text = rows.keys.push_with(|text| describe(&first.key, text));
            rows.add(end, text, &slots);
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

    /// Adds the rows of one key, from its sums by slot.
    fn add(&mut self, end: &End<'_>, key: u32, slots: &[(usize, S)]) {
        let periods = end.plan.periods.len().max(1);
        if let &[(slot, sum)] = slots {
            for cohort in end.cohorts_of(slot / periods) {
                self.push(cohort, slot % periods, key, sum);
            }
            return;
        }
        for cohort in 0..end.cohorts.len() {
            for period in 0..periods {
                let mut sums: Option<S> = None;
                for &(slot, sum) in slots.iter().filter(|(slot, _)| slot % periods == period) {
                    if end.is_in(cohort, slot / periods) {
                        match &mut sums {
                            Some(sums) => sums.add(sum),
                            None => sums = Some(sum),
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
    use super::*;

    #[test]
    fn few_keys_are_kept_as_sums_and_many_as_clients_with_the_same_numbers() {
        const CLIENTS: usize = 300_000;
        for keys in [7, CLIENTS] {
            let mut records: Records<usize, u32> = Records::new();
            (0..CLIENTS).for_each(|client| records.add(client % keys, client % 2, ()));
            assert!((records.ones.len() < CLIENTS) == (keys == 7));
            let numbers: Vec<(usize, u32, u32)> = match records.sorted() {
                Sorted::Sums(sums) => sums.iter().map(|record| (record.key, record.slot, record.sum)).collect(),
                Sorted::Ones(ones) => ones.iter().map(|record| (record.key, record.slot, 1)).collect(),
            };
            assert!(numbers.windows(2).all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1)));
            assert_eq!(numbers.iter().map(|(.., clients)| *clients as usize).sum::<usize>(), CLIENTS);
            // 14 pairs of a remainder by 7 and one by 2 come about as often.
            assert_eq!(numbers.len(), if keys == 7 { 14 } else { CLIENTS });
        }
    }
}
