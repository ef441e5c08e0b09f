//! One bucket of one table: the rows that stood and the rows that came become the rows that stand.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use hashbrown::HashMap;
use virta_store::{Commit, Snapshot, TableWriter};

use crate::error::{Error, Result};
use crate::key::RowHasher;
use crate::ledger::deliveries::Deliveries;
use crate::merge::identity;
use crate::merge::naming::Named;
use crate::merge::resolve::{Bucket, Ghost, Resolved};
use crate::rows::columns::{Meaning, RowWriter};
use crate::rows::intern::Interner;
use crate::rows::keys::BYTES;
use crate::rows::layout::{CLIENT_AT, DELIVERY_AT, KEY_AT, Layout, get_i64, get_u32, put_i64, put_u32};
use crate::rows::pack::unpack;
use crate::rows::route::{Arranged, PARTS, part_of};
use crate::rows::sorting::sort;

/// What all buckets share while they are merged.
pub(crate) struct Merge<'a> {
    pub commit: &'a Commit,
    pub texts: &'a Interner,
    pub deliveries: &'a Deliveries,
    pub(crate) occurrences: &'a RowHasher,
    /// False in a dry run: nothing is written.
    pub writes: bool,
    /// Rows of conflicts so far, and of how many there is room for what the quarantine needs.
    pub(crate) conflicts_kept: AtomicUsize,
    pub(crate) conflicts_max: usize,
}

/// A row of a conflict, for quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Conflict {
    pub delivery: u32,
    pub line: i64,
    pub row_hash: i64,
    pub key: i64,
}

/// How a bucket changed.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Rows that stood and that stand, by delivery.
    pub before: HashMap<u32, u64>,
    pub after: HashMap<u32, u64>,
    pub(crate) conflicts_before: Vec<Conflict>,
    pub(crate) conflicts_after: Vec<Conflict>,
    /// How many rows of each delivery are in conflict.
    pub(crate) conflicting: HashMap<u32, u64>,
    /// Clients whose sources disagree, by field.
    pub disagreements: HashMap<&'static str, u64>,
    /// Who is named by what stands.
    pub named: Named,
}

impl Change {
    pub(crate) fn add(&mut self, other: Change) {
        for (into, from) in [
            (&mut self.before, other.before),
            (&mut self.after, other.after),
            (&mut self.conflicting, other.conflicting),
        ] {
            for (delivery, rows) in from {
                *into.entry(delivery).or_default() += rows;
            }
        }
        self.named.add(other.named);
        self.conflicts_before.extend(other.conflicts_before);
        self.conflicts_after.extend(other.conflicts_after);
        for (field, clients) in other.disagreements {
            *self.disagreements.entry(field).or_default() += clients;
        }
    }
}

/// Rows and keys of a bucket after resolution, in no order.
pub(crate) struct Standing {
    pub bytes: Vec<u8>,
    pub live: Vec<u32>,
    pub(crate) ghosts: Vec<Ghost>,
    pub texts: Vec<Arc<str>>,
}

/// Parts are put together until they have this many rows.
const ROWS_MIN: usize = 1 << 13;

impl Merge<'_> {
    /// Merges one bucket (`None`: a table without clients) and writes it, a range of clients at a time.
    pub(crate) fn bucket(
        &self,
        layout: &Layout,
        bucket: Option<u32>,
        new: &mut Arranged,
        verdicts: &Arranged,
    ) -> Result<Change> {
        let mut change = Change::default();
        let (old, mut ghosts) = self.read_old(layout, bucket, layout.schema.name, &mut change)?;
        let (texts, ids, sources) = (self.texts.texts(), self.ids(), self.sources());
        let meaning = Meaning { ids: &ids, sources: &sources, texts: &texts };
        let mut out = match self.writes {
            true => Some((
                RowWriter::new(layout, &meaning, self.writer(layout, bucket)?),
                identity::Sidecar::new(self.commit, layout, bucket, self.deliveries),
            )),
            false => None,
        };
        let buckets = self.commit.base().bucket_count();
        let part = |client: i64| if bucket.is_some() { part_of(client, buckets) } else { 0 };
        let old_parts: Vec<u8> =
            old.chunks_exact(layout.row_bytes).map(|row| part(get_i64(row, CLIENT_AT)) as u8).collect();
        ghosts.sort_by_key(|ghost| part(ghost.client));
        let (mut old_from, mut ghosts_from, mut new_from) = (0, 0, 0);
        let mut rows = Vec::new();
        let (mut new_to, mut old_to) = (0, 0);
        let (mut verdicts_from, mut verdicts_to) = (0, 0);
        for at in 0..PARTS as usize {
            new_to += new.counts.get(at).map_or(0, |count| *count as usize);
            verdicts_to += verdicts.counts.get(at).map_or(0, |count| *count as usize);
            old_to +=
                old_parts.get(old_to..).unwrap_or_default().iter().take_while(|part| usize::from(**part) <= at).count();
            if old_to - old_from + new_to - new_from < ROWS_MIN && at + 1 < PARTS as usize {
                continue;
            }
            let of_old = layout.row_bytes * old_from..layout.row_bytes * old_to;
            let of_new = layout.row_bytes * new_from..layout.row_bytes * new_to;
            let rest = ghosts.get(ghosts_from..).unwrap_or_default();
            let ghosts_to = ghosts_from + rest.iter().take_while(|ghost| part(ghost.client) <= at).count();
            let some_ghosts = ghosts.get(ghosts_from..ghosts_to).unwrap_or_default().to_vec();
            let new_rows = new.bytes.get_mut(of_new).unwrap_or_default();
            let some_rows = if of_old.is_empty() {
                new_rows
            } else {
                rows.clear();
                rows.extend_from_slice(old.get(of_old).unwrap_or_default());
                rows.extend_from_slice(new_rows);
                &mut rows[..]
            };
            let some_verdicts = verdicts.bytes.get(BYTES * verdicts_from..BYTES * verdicts_to).unwrap_or_default();
            let mut resolved =
                self.resolve_rows(layout, some_rows, old_to - old_from, some_ghosts, some_verdicts, &texts);
            count(layout, some_rows, resolved.live.iter().copied(), &mut change.after);
            self.add_conflicts(&resolved.ghosts, &mut change);
            change.named.add_ghosts(layout.schema.name, &resolved.ghosts);
            if let Some((writer, sidecar)) = &mut out {
                sort(layout, some_rows, &mut resolved.live, &texts, &sources);
                writer.add(some_rows, &resolved.live)?;
                sidecar.add(some_rows, &resolved.live, &resolved.ghosts)?;
            }
            change.named.add_rows(layout, some_rows, &resolved.live, &sources);
            (old_from, ghosts_from, new_from) = (old_to, ghosts_to, new_to);
            verdicts_from = verdicts_to;
        }
        if let Some((writer, sidecar)) = out {
            drop(old);
            writer.finish()?;
            sidecar.finish()?;
        }
        Ok(change)
    }

    /// Reads the rows of `home` (the hidden table that keeps them) and resolves them with the new.
    pub(crate) fn resolve(
        &self,
        layout: &Layout,
        bucket: Option<u32>,
        home: &str,
        mut new_rows: Vec<u8>,
        verdicts: &[u8],
    ) -> Result<(Standing, Change)> {
        let mut change = Change::default();
        let (mut bytes, ghosts) = self.read_old(layout, bucket, home, &mut change)?;
        let old_rows = bytes.len() / layout.row_bytes;
        if bytes.is_empty() {
            bytes = std::mem::take(&mut new_rows);
        } else {
            bytes.append(&mut new_rows);
        }
        let texts = self.texts.texts();
        let resolved = self.resolve_rows(layout, &mut bytes, old_rows, ghosts, verdicts, &texts);
        count(layout, &bytes, resolved.live.iter().copied(), &mut change.after);
        self.add_conflicts(&resolved.ghosts, &mut change);
        Ok((Standing { bytes, live: resolved.live, ghosts: resolved.ghosts, texts }, change))
    }

    fn resolve_rows(
        &self,
        layout: &Layout,
        rows: &mut [u8],
        old_rows: usize,
        ghosts: Vec<Ghost>,
        verdicts: &[u8],
        texts: &[Arc<str>],
    ) -> Resolved {
        let (deliveries, occurrences) = (self.deliveries, self.occurrences);
        Bucket { layout, rows, old_rows, ghosts, verdicts, deliveries, occurrences, texts }.resolve()
    }

    /// Rows of conflicts, all counted and as many kept as an ingest may refuse: with more of them it ends in an error.
    fn add_conflicts(&self, ghosts: &[Ghost], change: &mut Change) {
        for conflict in conflicts(ghosts) {
            *change.conflicting.entry(conflict.delivery).or_default() += 1;
            if self.conflicts_kept.fetch_add(1, Ordering::Relaxed) < self.conflicts_max {
                change.conflicts_after.push(conflict);
            }
        }
    }

    fn read_old(
        &self,
        layout: &Layout,
        bucket: Option<u32>,
        home: &str,
        change: &mut Change,
    ) -> Result<(Vec<u8>, Vec<Ghost>)> {
        let snapshot = self.commit.base();
        let mut bytes = read_rows(snapshot, layout, bucket, home, self.texts, self.deliveries)?;
        let ghosts = identity::read(snapshot, layout, bucket, &mut bytes, self.deliveries)?;
        let rows = (bytes.len() / layout.row_bytes) as u32;
        count(layout, &bytes, 0..rows, &mut change.before);
        change.conflicts_before = conflicts(&ghosts).collect();
        // What a file that is read again said before does not count.
        let is_kept = |delivery: u32| !self.deliveries.is_new(delivery);
        if change.before.keys().any(|delivery| !is_kept(*delivery)) {
            bytes = bytes
                .chunks_exact(layout.row_bytes)
                .filter(|row| is_kept(get_u32(row, DELIVERY_AT)))
                .flatten()
                .copied()
                .collect();
        }
        Ok((bytes, ghosts.into_iter().filter(|ghost| is_kept(ghost.delivery)).collect()))
    }

    fn writer(&self, layout: &Layout, bucket: Option<u32>) -> Result<TableWriter<'_>> {
        Ok(match bucket {
            Some(bucket) => self.commit.bucket_writer(layout.schema, bucket)?,
            None => self.commit.whole_writer(layout.schema)?,
        })
    }

    pub(crate) fn ids(&self) -> Vec<i64> {
        self.deliveries.entries.iter().map(|entry| entry.ledger.delivery_id).collect()
    }

    pub(crate) fn sources(&self) -> Vec<u32> {
        self.deliveries.entries.iter().map(|entry| entry.source).collect()
    }
}

/// Reads a bucket's rows into packed form. Key and delivery come from the table itself where it has them.
pub(crate) fn read_rows(
    snapshot: &Snapshot,
    layout: &Layout,
    bucket: Option<u32>,
    home: &str,
    texts: &Interner,
    deliveries: &Deliveries,
) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let wrong = || Error::state(home, "a column is not as it was written");
    for batch in snapshot.read(home, bucket, None)? {
        let batch = batch?;
        let start = bytes.len();
        unpack(layout, &batch, texts, &mut bytes).ok_or_else(wrong)?;
        let (Some(keys), Some(ids)) = (batch.column_by_name("contact_id"), batch.column_by_name("delivery_id")) else {
            continue;
        };
        let keys = keys.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?;
        let ids = ids.as_primitive_opt::<Int64Type>().ok_or_else(wrong)?;
        let mut last = (0, None);
        for (n, row) in bytes[start..].chunks_exact_mut(layout.row_bytes).enumerate() {
            let id = ids.value(n);
            if last.1.is_none() || last.0 != id {
                last = (id, deliveries.number(id));
            }
            let delivery = last.1.ok_or_else(|| Error::state(home, "a row names a delivery that the ledger lacks"))?;
            put_i64(row, KEY_AT, keys.value(n));
            put_u32(row, DELIVERY_AT, delivery);
        }
    }
    Ok(bytes)
}

fn count(layout: &Layout, bytes: &[u8], rows: impl Iterator<Item = u32>, into: &mut HashMap<u32, u64>) {
    let mut last = (u32::MAX, 0);
    for at in rows {
        let delivery = get_u32(bytes, at as usize * layout.row_bytes + DELIVERY_AT);
        if delivery == last.0 {
            last.1 += 1;
            continue;
        }
        if last.1 > 0 {
            *into.entry(last.0).or_default() += last.1;
        }
        last = (delivery, 1);
    }
    if last.1 > 0 {
        *into.entry(last.0).or_default() += last.1;
    }
}

fn conflicts(ghosts: &[Ghost]) -> impl Iterator<Item = Conflict> {
    let rows = ghosts.iter().filter(|ghost| ghost.is_conflict);
    rows.map(|g| Conflict { delivery: g.delivery, line: g.line, row_hash: g.row_hash, key: g.key })
}
