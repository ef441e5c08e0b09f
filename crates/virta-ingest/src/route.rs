//! Packed rows on their way to their buckets, in memory up to a limit and in a spill file beyond it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::{At, Result};

/// Collects rows by table and bucket. Threads push at once.
pub(crate) struct Router {
    tables: Vec<Vec<Mutex<Rows>>>,
    people: Vec<Mutex<People>>,
    held: AtomicUsize,
    limit: usize,
    folder: PathBuf,
    spill: Mutex<Option<Spill>>,
}

#[derive(Default)]
struct Rows {
    chunks: Vec<Box<[u8]>>,
    bytes: usize,
    spilled: Vec<(u64, usize)>,
}

#[derive(Default)]
struct People {
    macs: Vec<u128>,
    /// How many were distinct when last looked at.
    distinct: usize,
}

struct Spill {
    file: File,
    end: u64,
}

/// A bucket's share is written out only when it is worth a write.
const SPILL_BYTES_MIN: usize = 1 << 16;

impl Router {
    /// `limit` is how many bytes of rows may be held; `folder` is where the spill file goes.
    pub fn new(tables: usize, buckets: u32, limit: usize, folder: &Path) -> Self {
        Router {
            tables: (0..tables).map(|_| (0..buckets).map(|_| Mutex::default()).collect()).collect(),
            people: (0..buckets).map(|_| Mutex::default()).collect(),
            held: AtomicUsize::new(0),
            limit,
            folder: folder.to_owned(),
            spill: Mutex::new(None),
        }
    }

    pub fn push(&self, table: usize, bucket: usize, rows: &[u8]) {
        if let Some(place) = self.tables.get(table).and_then(|buckets| buckets.get(bucket)) {
            let mut place = lock(place);
            place.chunks.push(rows.into());
            place.bytes += rows.len();
            self.held.fetch_add(rows.len(), Ordering::Relaxed);
        }
    }

    pub fn push_people(&self, bucket: usize, macs: &mut Vec<u128>) {
        macs.sort_unstable();
        macs.dedup();
        if let Some(place) = self.people.get(bucket) {
            let mut place = lock(place);
            let before = place.macs.len();
            place.macs.append(macs);
            if place.macs.len() > 2 * place.distinct + 1024 {
                place.macs.sort_unstable();
                place.macs.dedup();
                place.distinct = place.macs.len();
            }
            let after = place.macs.len();
            let held = &self.held;
            if after >= before {
                held.fetch_add((after - before) * 16, Ordering::Relaxed);
            } else {
                held.fetch_sub((before - after) * 16, Ordering::Relaxed);
            }
        }
    }

    /// Writes rows out when too many are held.
    pub fn relieve(&self) -> Result<()> {
        if self.held.load(Ordering::Relaxed) <= self.limit {
            return Ok(());
        }
        let mut spill = lock(&self.spill);
        if self.held.load(Ordering::Relaxed) <= self.limit {
            return Ok(());
        }
        let spill = match &mut *spill {
            Some(spill) => spill,
            empty => {
                // Without a name it is gone when the process is.
                let file = tempfile::tempfile_in(&self.folder).at("make a spill file in", &self.folder)?;
                empty.insert(Spill { file, end: 0 })
            }
        };
        for place in self.tables.iter().flatten() {
            let mut place = lock(place);
            if place.bytes < SPILL_BYTES_MIN {
                continue;
            }
            let chunks = std::mem::take(&mut place.chunks);
            let bytes = std::mem::take(&mut place.bytes);
            let joined = chunks.concat();
            spill.file.write_all(&joined).at("write a spill file in", &self.folder)?;
            place.spilled.push((spill.end, bytes));
            spill.end += bytes as u64;
            self.held.fetch_sub(bytes, Ordering::Relaxed);
        }
        Ok(())
    }

    pub fn has_rows(&self, table: usize, bucket: usize) -> bool {
        self.bytes(table, bucket) > 0
    }

    pub fn bytes(&self, table: usize, bucket: usize) -> usize {
        self.tables.get(table).and_then(|buckets| buckets.get(bucket)).map_or(0, |place| {
            let place = lock(place);
            place.bytes + place.spilled.iter().map(|(_, bytes)| bytes).sum::<usize>()
        })
    }

    /// Takes all rows of a bucket, after every push is done.
    pub fn take(&self, table: usize, bucket: usize) -> Result<Vec<u8>> {
        let Some(place) = self.tables.get(table).and_then(|buckets| buckets.get(bucket)) else {
            return Ok(Vec::new());
        };
        let rows = std::mem::take(&mut *lock(place));
        let total = rows.bytes + rows.spilled.iter().map(|(_, bytes)| bytes).sum::<usize>();
        let mut all = Vec::with_capacity(total);
        for chunk in rows.chunks {
            all.extend_from_slice(&chunk);
        }
        if let Some(spill) = &mut *lock(&self.spill) {
            for (from, bytes) in rows.spilled {
                let length = all.len();
                all.resize(length + bytes, 0);
                spill
                    .file
                    .seek(SeekFrom::Start(from))
                    .and_then(|_| spill.file.read_exact(&mut all[length..]))
                    .at("read a spill file in", &self.folder)?;
            }
        }
        self.held.fetch_sub(rows.bytes, Ordering::Relaxed);
        Ok(all)
    }

    /// Takes the persons of a bucket, in order, each once.
    pub fn take_people(&self, bucket: usize) -> Vec<u128> {
        let mut macs = self.people.get(bucket).map(|place| std::mem::take(&mut lock(place).macs)).unwrap_or_default();
        macs.sort_unstable();
        macs.dedup();
        macs
    }
}

/// Lets as many tasks work at once as fit into a budget of memory; a task that is larger than the budget works alone.
pub(crate) struct Admission {
    budget: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// A task's share of the budget.
pub(crate) struct Share<'a> {
    admission: &'a Admission,
    bytes: usize,
}

impl Admission {
    pub fn new(budget: usize) -> Self {
        Admission { budget, taken: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits until the task fits.
    pub fn admit(&self, bytes: usize) -> Share<'_> {
        let mut taken = lock(&self.taken);
        while *taken > 0 && *taken + bytes > self.budget {
            taken = self.freed.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += bytes;
        Share { admission: self, bytes }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *lock(&self.admission.taken) -= self.bytes;
        self.admission.freed.notify_all();
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
