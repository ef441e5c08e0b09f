//! Packed rows on their way to their buckets, in memory up to a limit and in a spill file beyond it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use virta_store::{Commit, SpillFile};

use crate::error::{Error, Result};
use crate::rows::keys::{self, KeyFilter};
use crate::rows::layout::{CLIENT_AT, Layout, get_i64};
use crate::rows::shape::Shape;

/// Ranges of clients that a bucket is cut into, so that rows are resolved and sorted in the processor's caches.
pub(crate) const PARTS: u32 = 64;

/// Collects rows by table and bucket. Threads push at once.
pub(crate) struct Router<'a> {
    /// The tables that deliveries fill, then the claims of each by range of keys, then the verdicts of each by bucket.
    tables: Vec<Table>,
    delivered: usize,
    /// By table: which keys come, where some are known already.
    expected: Vec<Option<KeyFilter>>,
    people: Vec<Mutex<People>>,
    buckets: u32,
    held: AtomicUsize,
    limit: usize,
    commit: &'a Commit,
    spill: RwLock<Option<Spill>>,
    /// Room for the rows of buckets, as many times as buckets are arranged at once.
    spare: Mutex<Vec<Vec<u8>>>,
}

struct Table {
    row_bytes: usize,
    has_clients: bool,
    places: Vec<Mutex<Rows>>,
}

/// Where rows of one shape lie in the spill file, and how many bytes they take.
type Spilled = (Arc<Shape>, u64, usize);

#[derive(Default)]
struct Rows {
    chunks: Vec<(Arc<Shape>, Box<[u8]>)>,
    /// Of the chunks.
    bytes: usize,
    spilled: Vec<Spilled>,
    /// Rows by part.
    counts: Vec<u32>,
}

#[derive(Default)]
struct People {
    macs: Vec<u128>,
    /// How many were distinct when last looked at.
    distinct: usize,
}

struct Spill {
    file: SpillFile,
    joined: Vec<u8>,
}

/// All rows of a bucket, part by part, in no order inside a part.
#[derive(Debug, Default)]
pub(crate) struct Arranged {
    pub bytes: Vec<u8>,
    /// Rows of each part.
    pub counts: Vec<u32>,
}

/// A bucket's share is written out only when it is worth a write.
const SPILL_BYTES_MIN: usize = 1 << 16;
/// Spilled rows are read back by so many bytes.
const READ_BYTES: usize = 1 << 17;

impl<'a> Router<'a> {
    /// `limit` is how many bytes of rows may be held; beyond it they go to a spill file of the commit.
    pub(crate) fn new<'b>(
        layouts: impl Iterator<Item = &'b Layout>,
        buckets: u32,
        limit: usize,
        commit: &'a Commit,
    ) -> Self {
        let table = |row_bytes, has_clients, places| Table {
            row_bytes,
            has_clients,
            places: std::iter::repeat_with(Mutex::default).take(places).collect(),
        };
        let places = buckets as usize;
        let mut tables: Vec<Table> =
            layouts.map(|layout| table(layout.row_bytes, layout.schema.has_clients(), places)).collect();
        let delivered = tables.len();
        tables.extend((0..delivered).map(|_| table(keys::BYTES, false, keys::PARTITIONS)));
        tables.extend((0..delivered).map(|_| table(keys::BYTES, true, places)));
        Router {
            tables,
            delivered,
            expected: std::iter::repeat_with(|| None).take(delivered).collect(),
            people: (0..buckets).map(|_| Mutex::default()).collect(),
            buckets,
            held: AtomicUsize::new(0),
            limit,
            commit,
            spill: RwLock::new(None),
            spare: Mutex::default(),
        }
    }

    /// Takes the rows of a file that has this shape.
    pub(crate) fn push(&self, table: usize, bucket: usize, shape: &Arc<Shape>, rows: &[u8]) -> Result<()> {
        let Some((table, place)) = self.tables.get(table).and_then(|t| Some((t, t.places.get(bucket)?))) else {
            return Ok(());
        };
        if rows.get(..table.row_bytes).is_some_and(|first| !shape.holds(first)) {
            return Err(Error::state("spill", "a row is not of its file's shape"));
        }
        let mut short = Vec::with_capacity(rows.len() / table.row_bytes * shape.bytes);
        rows.chunks_exact(table.row_bytes).for_each(|row| shape.shorten(row, &mut short));
        self.hold(place, shape, short.into_boxed_slice(), |row| self.part(table, row));
        Ok(())
    }

    /// As [`Router::push`], of rows in short form that lie by bucket; they are taken out.
    pub(crate) fn push_short(&self, table: usize, shape: &Arc<Shape>, rows: &mut [Vec<u8>]) {
        let Some(table) = self.tables.get(table) else { return };
        for (place, rows) in table.places.iter().zip(rows).filter(|(_, rows)| !rows.is_empty()) {
            self.hold(place, shape, rows.as_slice().into(), |row| self.part(table, row));
            rows.clear();
        }
    }

    /// Keeps rows in short form. Their part is told by their client, with which that form begins.
    fn hold(&self, place: &Mutex<Rows>, shape: &Arc<Shape>, short: Box<[u8]>, part: impl Fn(&[u8]) -> usize) {
        let mut counts = [0u32; PARTS as usize];
        for row in short.chunks_exact(shape.bytes) {
            if let Some(count) = counts.get_mut(part(row)) {
                *count += 1;
            }
        }
        self.held.fetch_add(short.len(), Ordering::Relaxed);
        let mut place = lock(place);
        place.bytes += short.len();
        place.chunks.push((Arc::clone(shape), short));
        place.counts.resize(PARTS as usize, 0);
        place.counts.iter_mut().zip(counts).for_each(|(all, new)| *all += new);
    }

    /// As [`Router::push`], of rows that lie by bucket already; they are taken out.
    pub(crate) fn push_all(&self, table: usize, shape: &Arc<Shape>, rows: &mut [Vec<u8>]) -> Result<()> {
        for (bucket, rows) in rows.iter_mut().enumerate().filter(|(_, rows)| !rows.is_empty()) {
            self.push(table, bucket, shape, rows)?;
            rows.clear();
        }
        Ok(())
    }

    /// From now on remembers which keys come to a table.
    pub(crate) fn expect_keys(&mut self, table: usize, filter: KeyFilter) {
        if let Some(expected) = self.expected.get_mut(table) {
            *expected = Some(filter);
        }
    }

    /// Which keys came to a table; `None` where nobody asked.
    pub(crate) fn expected_keys(&self, table: usize) -> Option<&KeyFilter> {
        self.expected.get(table)?.as_ref()
    }

    /// Takes the claims of a table's rows out, which are in short form, by range of keys.
    pub(crate) fn push_claims(&self, table: usize, shape: &Arc<Shape>, claims: &mut [Vec<u8>]) {
        let Some(all) = self.tables.get(self.claims_of(table)) else { return };
        for (place, claims) in all.places.iter().zip(claims).filter(|(_, claims)| !claims.is_empty()) {
            if let Some(filter) = self.expected_keys(table) {
                filter.put_all(claims, shape.bytes);
            }
            // Ranges of keys have no parts.
            self.hold(place, shape, claims.as_slice().into(), |_| 0);
            claims.clear();
        }
    }

    /// The table of the claims of a table's rows, whose places are ranges of keys.
    pub(crate) fn claims_of(&self, table: usize) -> usize {
        self.delivered + table
    }

    /// The table of the verdicts on keys of a table.
    pub(crate) fn verdicts_of(&self, table: usize) -> usize {
        2 * self.delivered + table
    }

    fn part(&self, table: &Table, row: &[u8]) -> usize {
        if table.has_clients { part_of(get_i64(row, CLIENT_AT), self.buckets) } else { 0 }
    }

    pub(crate) fn push_people(&self, bucket: usize, macs: &mut Vec<u128>) {
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
                held.fetch_add((after - before) * size_of::<u128>(), Ordering::Relaxed);
            } else {
                held.fetch_sub((before - after) * size_of::<u128>(), Ordering::Relaxed);
            }
        }
    }

    /// Writes rows out when too many are held.
    pub(crate) fn relieve(&self) -> Result<()> {
        if self.held.load(Ordering::Relaxed) <= self.limit {
            return Ok(());
        }
        let mut spill = self.spill.write().unwrap_or_else(PoisonError::into_inner);
        if self.held.load(Ordering::Relaxed) <= self.limit {
            return Ok(());
        }
        let spill = match &mut *spill {
            Some(spill) => spill,
            empty => empty.insert(Spill { file: self.commit.spill_file()?, joined: Vec::new() }),
        };
        for place in self.tables.iter().flat_map(|table| &table.places) {
            let mut place = lock(place);
            if place.bytes < SPILL_BYTES_MIN {
                continue;
            }
            let chunks = std::mem::take(&mut place.chunks);
            let bytes = std::mem::take(&mut place.bytes);
            for of_one_file in chunks.chunk_by(|(a, _), (b, _)| Arc::ptr_eq(a, b)) {
                let Some((shape, _)) = of_one_file.first() else { continue };
                spill.joined.clear();
                of_one_file.iter().for_each(|(_, rows)| spill.joined.extend_from_slice(rows));
                let from = spill.file.append(&spill.joined)?;
                place.spilled.push((Arc::clone(shape), from, spill.joined.len()));
            }
            self.held.fetch_sub(bytes, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Rows of a bucket.
    pub(crate) fn rows(&self, table: usize, bucket: usize) -> usize {
        let place = self.tables.get(table).and_then(|table| table.places.get(bucket));
        place.map_or(0, |place| lock(place).counts.iter().map(|count| *count as usize).sum())
    }

    /// Takes all rows of a bucket, after every push is done.
    pub(crate) fn take(&self, table: usize, bucket: usize) -> Result<Arranged> {
        let Some((table, place)) = self.tables.get(table).and_then(|t| Some((t, t.places.get(bucket)?))) else {
            return Ok(Arranged::default());
        };
        let rows = std::mem::take(&mut *lock(place));
        let mut free = Vec::with_capacity(rows.counts.len());
        let mut total = 0;
        for count in &rows.counts {
            free.push(total);
            total += *count as usize * table.row_bytes;
        }
        // Every byte of it is written below.
        let mut bytes = lock(&self.spare).pop().unwrap_or_default();
        bytes.resize(total, 0);
        let mut arrange = |shape: &Shape, short: &[u8]| {
            for row in short.chunks_exact(shape.bytes) {
                let Some(at) = free.get_mut(self.part(table, row)) else { continue };
                if let Some(into) = bytes.get_mut(*at..*at + table.row_bytes) {
                    shape.restore(row, into);
                }
                *at += table.row_bytes;
            }
        };
        self.held.fetch_sub(rows.bytes, Ordering::Relaxed);
        for (shape, chunk) in rows.chunks {
            arrange(&shape, &chunk);
        }
        self.each_spilled(&rows.spilled, &mut arrange)?;
        Ok(Arranged { bytes, counts: rows.counts })
    }

    /// Takes the room of rows back that are no longer needed, for those of another bucket.
    pub(crate) fn give_back(&self, rows: Arranged) {
        lock(&self.spare).push(rows.bytes);
    }

    /// Reads spilled rows back, a piece that the processor's caches hold at a time.
    fn each_spilled(&self, spilled: &[Spilled], show: &mut dyn FnMut(&Shape, &[u8])) -> Result<()> {
        let mut buffer = Vec::new();
        for (shape, from, length) in spilled {
            let piece = (READ_BYTES / shape.bytes.max(1)).max(1) * shape.bytes;
            let (mut from, end) = (*from, *from + *length as u64);
            while from < end {
                buffer.resize(piece.min((end - from) as usize), 0);
                if let Some(spill) = &*self.spill.read().unwrap_or_else(PoisonError::into_inner) {
                    spill.file.read(from, &mut buffer)?;
                }
                show(shape, &buffer);
                from += buffer.len() as u64;
            }
        }
        Ok(())
    }

    /// Whether anybody of a bucket came up.
    pub(crate) fn has_people(&self, bucket: usize) -> bool {
        self.people.get(bucket).is_some_and(|place| !lock(place).macs.is_empty())
    }

    /// Shows each row of a place, after every push is done.
    pub(crate) fn each(&self, table: usize, place: usize, see: &mut dyn FnMut(&[u8])) -> Result<()> {
        let mut row = vec![0; self.tables.get(table).map_or(0, |table| table.row_bytes)];
        self.each_chunk(table, place, &mut |shape, short| {
            for short in short.chunks_exact(shape.bytes) {
                shape.restore(short, &mut row);
                see(&row);
            }
        })
    }

    /// As [`Router::each`], but in short form, which begins with client and key.
    pub(crate) fn each_short(&self, table: usize, place: usize, mut see: impl FnMut(&[u8])) -> Result<()> {
        self.each_chunk(table, place, &mut |shape, short| short.chunks_exact(shape.bytes).for_each(&mut see))
    }

    fn each_chunk(&self, table: usize, place: usize, show: &mut dyn FnMut(&Shape, &[u8])) -> Result<()> {
        let Some(place) = self.tables.get(table).and_then(|table| table.places.get(place)) else {
            return Ok(());
        };
        // Nobody waits for the spill file with the place in hand: who writes to it takes them the other way round.
        let rows = std::mem::take(&mut *lock(place));
        rows.chunks.iter().for_each(|(shape, chunk)| show(shape, chunk));
        self.each_spilled(&rows.spilled, show)?;
        *lock(place) = rows;
        Ok(())
    }

    /// Lets the rows of a place go.
    pub(crate) fn forget(&self, table: usize, place: usize) {
        if let Some(place) = self.tables.get(table).and_then(|table| table.places.get(place)) {
            let rows = std::mem::take(&mut *lock(place));
            self.held.fetch_sub(rows.bytes, Ordering::Relaxed);
        }
    }

    /// Takes the persons of a bucket, in order, each once.
    pub(crate) fn take_people(&self, bucket: usize) -> Vec<u128> {
        let mut macs = self.people.get(bucket).map(|place| std::mem::take(&mut lock(place).macs)).unwrap_or_default();
        macs.sort_unstable();
        macs.dedup();
        macs
    }
}

/// The part of its bucket that a client belongs to. Parts in order are clients in order.
pub(crate) fn part_of(client: i64, buckets: u32) -> usize {
    let bits = (buckets.trailing_zeros() + PARTS.trailing_zeros()).min(63);
    ((client as u64 >> (63 - bits)) % u64::from(PARTS)) as usize
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::layout::put_i64;
    use crate::rows::shape::Differing;
    use virta_model::schema::CONTACTS;
    use virta_store::{InitOptions, Store};

    fn rows(layout: &Layout, clients: &[i64]) -> Vec<u8> {
        let row = |client: &i64| {
            let mut row = layout.blank();
            put_i64(&mut row, CLIENT_AT, *client);
            row
        };
        clients.iter().flat_map(row).collect()
    }

    /// Clients of bucket 1 of 2, in the order in which a router with this limit gives them back.
    fn routed(limit: usize) -> Vec<i64> {
        let layout = Layout::new(&CONTACTS, false);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(&folder.path().join("store"), &InitOptions::new("key")).unwrap();
        let commit = store.begin().unwrap();
        let router = Router::new(std::iter::once(&layout), 2, limit, &commit);
        let base = 1i64 << 62;
        for file in 0..3 {
            let shape = Arc::new(Shape::new(layout.blank(), Differing::default(), &[]));
            let clients: Vec<i64> = (0..5_000).map(|n| base + (n * 3 + file) * ((base - 1) / 15_000)).rev().collect();
            router.push(0, 1, &shape, &rows(&layout, &clients)).unwrap();
            router.relieve().unwrap();
        }
        let arranged = router.take(0, 1).unwrap();
        assert_eq!(arranged.counts.iter().sum::<u32>(), 15_000);
        let clients: Vec<i64> =
            arranged.bytes.chunks_exact(layout.row_bytes).map(|row| get_i64(row, CLIENT_AT)).collect();
        let mut from = 0;
        for (part, count) in arranged.counts.iter().enumerate() {
            let to = from + *count as usize;
            assert!(clients[from..to].iter().all(|client| part_of(*client, 2) == part));
            from = to;
        }
        clients
    }

    #[test]
    fn claims_are_shown_again_and_again_whether_they_were_spilled_or_not() {
        let layout = Layout::new(&CONTACTS, true);
        let folder = tempfile::tempdir().unwrap();
        let store = Store::init(&folder.path().join("store"), &InitOptions::new("key")).unwrap();
        let commit = store.begin().unwrap();
        for limit in [usize::MAX, 0] {
            let router = Router::new(std::iter::once(&layout), 2, limit, &commit);
            let table = router.claims_of(0);
            for file in 0..3u8 {
                let shape = Arc::new(crate::merge::claims::full_shape());
                let mut rows = vec![Vec::new(); 8];
                rows[7] = vec![file; 5_000 * keys::BYTES];
                router.push_claims(0, &shape, &mut rows);
                assert!(rows[7].is_empty());
                router.relieve().unwrap();
            }
            for _ in 0..2 {
                let mut seen = [0; 3];
                router.each(table, 7, &mut |row| seen[usize::from(row[0])] += row.len()).unwrap();
                assert_eq!(seen, [5_000 * keys::BYTES; 3]);
            }
            assert_eq!(router.rows(table, 7), 15_000);
            router.forget(table, 7);
            assert_eq!((router.rows(table, 7), router.held.load(Ordering::Relaxed)), (0, 0));
        }
    }

    #[test]
    fn rows_come_back_by_parts_whether_they_were_spilled_or_not() {
        let (mut held, mut spilled) = (routed(usize::MAX), routed(0));
        held.sort_unstable();
        spilled.sort_unstable();
        assert_eq!(held, spilled);
        held.dedup();
        assert_eq!(held.len(), 15_000);
    }
}
