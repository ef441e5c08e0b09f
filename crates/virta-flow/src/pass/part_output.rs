//! Where the rows of large tables go while the clients pass and when the sums are complete.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use virta_model::schema::COHORT;
use virta_model::{PartSink, Table};

use crate::error::Error;

/// Rows of a part: as many as are worth a row group of a file, few enough that some threads can hold one each.
pub(crate) const PART_ROWS: usize = 64 * 1024;

/// What the workers of a run share on the way out.
pub(crate) struct PartOutput<'a> {
    sink: &'a dyn PartSink,
    failed: AtomicBool,
    failure: Mutex<Option<Box<dyn StdError + Send + Sync>>>,
}

impl<'a> PartOutput<'a> {
    pub(crate) fn new(sink: &'a dyn PartSink) -> Self {
        PartOutput { sink, failed: AtomicBool::new(false), failure: Mutex::new(None) }
    }

    /// Hands a part over. The first failure is kept for the end of the run, and nothing is sent after it.
    pub(crate) fn send(&self, number: u32, part: Table) {
        if self.has_failed() {
            return;
        }
        if let Err(error) = self.sink.part(number, part) {
            self.failed.store(true, Ordering::Relaxed);
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    /// Makes and sends the parts 0 to `count`, by all threads but in turn, so that few wait for one before them. A table
    /// without parts is sent as the one part that `make` makes of number 0.
    pub(crate) fn send_each(&self, count: usize, make: impl Fn(usize) -> Table + Sync) {
        let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let next = AtomicU32::new(0);
        rayon::scope(|scope| {
            for _ in 0..rayon::current_num_threads() {
                scope.spawn(|_| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= count {
                            return;
                        }
                        self.send(number, make(number as usize));
                    }
                });
            }
        });
    }

    /// Whether a part could not be kept, so that all further work is in vain.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(Error::Sink(error)),
            None => Ok(()),
        }
    }
}

/// Puts rows that come bucket by bucket, from any thread, in the order of the buckets, and cuts them into parts. So the
/// parts depend neither on the threads nor on the number of buckets.
#[derive(Debug)]
pub(crate) struct InOrder<T>(Mutex<Waiting<T>>);

#[derive(Debug)]
struct Waiting<T> {
    next_bucket: u32,
    /// Buckets that came before their turn.
    early: BTreeMap<u32, Vec<T>>,
    rows: Vec<T>,
    next_part: u32,
    /// Room of parts that have been handed on, to be filled again.
    room: Vec<Vec<T>>,
}

impl<T: Copy> InOrder<T> {
    pub(crate) fn new() -> Self {
        let (early, rows, room) = (BTreeMap::new(), Vec::new(), Vec::new());
        InOrder(Mutex::new(Waiting { next_bucket: 0, early, rows, next_part: 0, room }))
    }

    /// Takes the rows of a bucket and returns the parts that are full now, with their numbers. Each bucket must come
    /// once.
    pub(crate) fn push(&self, bucket: u32, rows: Vec<T>) -> Vec<(u32, Vec<T>)> {
        let mut full = Vec::new();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = &mut *waiting;
        waiting.early.insert(bucket, rows);
        while let Some(rows) = waiting.early.remove(&waiting.next_bucket) {
            waiting.next_bucket += 1;
            let mut rest = rows.as_slice();
            while let Some((rows, behind)) = rest.split_at_checked(PART_ROWS - waiting.rows.len()) {
                waiting.rows.extend_from_slice(rows);
                let next = waiting.room.pop().unwrap_or_else(|| Vec::with_capacity(PART_ROWS));
                full.push((waiting.next_part, std::mem::replace(&mut waiting.rows, next)));
                waiting.next_part += 1;
                rest = behind;
            }
            waiting.rows.extend_from_slice(rest);
        }
        full
    }

    /// Takes back a part that is not needed any more. A new one would be new memory, which takes the system as long to
    /// clear as the rows take to be written.
    pub(crate) fn take_back(&self, mut part: Vec<T>) {
        part.clear();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).room.push(part);
    }

    /// The last part, which may be empty only when it is the first, too.
    pub(crate) fn finish(&self) -> Option<(u32, Vec<T>)> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = std::mem::take(&mut waiting.rows);
        (waiting.next_part == 0 || !rows.is_empty()).then_some((waiting.next_part, rows))
    }
}

/// Keeps all parts, to make tables of them.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<BTreeMap<(Option<usize>, u32), Table>>);

impl PartSink for Kept {
    fn part(&self, number: u32, part: Table) -> Result<(), Box<dyn StdError + Send + Sync>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((place(part.schema.name), number), part);
        Ok(())
    }
}

impl Kept {
    /// Adds the tables to others, in the order of the schemas.
    pub(crate) fn join(self, tables: &mut Vec<Table>) {
        for (_, part) in self.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
            match tables.last_mut().filter(|last| last.schema == part.schema) {
                Some(table) => table.append(&part),
                None => tables.push(part),
            }
        }
        sort(tables);
    }
}

/// Puts tables in the order of `virta_model::schema::COHORT`.
pub(crate) fn sort(tables: &mut [Table]) {
    tables.sort_by_key(|table| place(table.schema.name));
}

fn place(table: &str) -> Option<usize> {
    COHORT.iter().position(|schema| schema.name == table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_in_order_of_bucket_and_are_cut_whatever_the_buckets() {
        let rows = |from: usize, to: usize| (from..to).collect::<Vec<usize>>();
        let whole = InOrder::new();
        let mut parts = whole.push(0, rows(0, 2 * PART_ROWS + 5));
        parts.extend(whole.finish());
        let pieces = InOrder::new();
        let mut found = pieces.push(2, rows(PART_ROWS + 9, 2 * PART_ROWS + 5));
        found.extend(pieces.push(1, Vec::new()));
        assert!(found.is_empty());
        found.extend(pieces.push(0, rows(0, PART_ROWS + 9)));
        found.extend(pieces.finish());
        assert_eq!(found, parts);
        assert_eq!(
            parts.iter().map(|(number, rows)| (*number, rows.len())).collect::<Vec<_>>(),
            [(0, PART_ROWS), (1, PART_ROWS), (2, 5)]
        );
        assert_eq!(InOrder::<u8>::new().finish(), Some((0, Vec::new())));
    }
}
