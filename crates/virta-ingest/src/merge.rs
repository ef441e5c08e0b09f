//! One bucket of one table: the rows that stood and the rows that came become the rows that stand.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use hashbrown::HashMap;
use virta_model::schema::TableSchema;
use virta_store::{Commit, Snapshot, arrow_schema, row_order};

use crate::deliveries::Deliveries;
use crate::error::{Error, Result};
use crate::identity;
use crate::intern::{Interner, NO_TEXT};
use crate::key::RowHasher;
use crate::layout::{CLIENT_AT, DELIVERY_AT, KEY_AT, Layout, NO_TIME, SlotKind, get_i64, get_u32, put_i64, put_u32};
use crate::pack::{Rows, unpack};
use crate::resolve::{Bucket, Ghost};

/// What all buckets share while they are merged.
pub(crate) struct Merge<'a> {
    pub commit: &'a Commit,
    pub texts: &'a Interner,
    pub deliveries: &'a Deliveries,
    pub occurrences: &'a RowHasher,
    /// False in a dry run: nothing is written.
    pub writes: bool,
}

/// Rows that are encoded at a time.
const BATCH_ROWS: usize = 1 << 14;

/// A row of a conflict, for quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Conflict {
    pub delivery: u32,
    pub line: i64,
    pub row_hash: i64,
}

/// How a bucket changed.
#[derive(Debug, Default)]
pub(crate) struct Change {
    /// Rows that stood and that stand, by delivery.
    pub before: HashMap<u32, u64>,
    pub after: HashMap<u32, u64>,
    pub conflicts_before: Vec<Conflict>,
    pub conflicts_after: Vec<Conflict>,
    /// Clients whose sources disagree, by field.
    pub disagreements: HashMap<&'static str, u64>,
}

impl Change {
    pub fn add(&mut self, other: Change) {
        for (into, from) in [(&mut self.before, other.before), (&mut self.after, other.after)] {
            for (delivery, rows) in from {
                *into.entry(delivery).or_default() += rows;
            }
        }
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
    pub ghosts: Vec<Ghost>,
    pub texts: Vec<Arc<str>>,
}

impl Merge<'_> {
    /// Merges one bucket (`None`: a table without clients) and writes it.
    pub fn bucket(&self, layout: &Layout, bucket: Option<u32>, new_rows: Vec<u8>) -> Result<Change> {
        let table = layout.schema.name;
        let (standing, change) = self.resolve(layout, bucket, table, new_rows)?;
        if self.writes {
            let Standing { bytes, mut live, ghosts, texts } = standing;
            sort(layout, &bytes, &mut live, &texts, &self.sources());
            self.write(layout, bucket, &bytes, &live, &texts)?;
            identity::write(self.commit, layout, bucket, &bytes, &live, &ghosts, self.deliveries)?;
        }
        Ok(change)
    }

    /// Reads the rows of `home` (the table itself, or the hidden table that keeps its rows) and resolves them with the new.
    pub fn resolve(
        &self,
        layout: &Layout,
        bucket: Option<u32>,
        home: &str,
        mut new_rows: Vec<u8>,
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
        let resolved = Bucket {
            layout,
            rows: &mut bytes,
            old_rows,
            ghosts,
            deliveries: self.deliveries,
            occurrences: self.occurrences,
            texts: &texts,
        }
        .resolve();
        count(layout, &bytes, resolved.live.iter().copied(), &mut change.after);
        change.conflicts_after = conflicts(&resolved.ghosts);
        Ok((Standing { bytes, live: resolved.live, ghosts: resolved.ghosts, texts }, change))
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
        change.conflicts_before = conflicts(&ghosts);
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

    fn write(
        &self,
        layout: &Layout,
        bucket: Option<u32>,
        bytes: &[u8],
        order: &[u32],
        texts: &[Arc<str>],
    ) -> Result<()> {
        let schema = layout.schema;
        let mut writer = match bucket {
            Some(bucket) => self.commit.bucket_writer(schema, bucket)?,
            None => self.commit.whole_writer(schema)?,
        };
        let (ids, sources) = (self.ids(), self.sources());
        // Rows lie apart; put in order first, the columns are read from memory that is close.
        let mut near = Vec::new();
        let in_order: Vec<u32> = (0..BATCH_ROWS as u32).collect();
        for part in order.chunks(BATCH_ROWS) {
            near.clear();
            for at in part {
                near.extend_from_slice(&bytes[*at as usize * layout.row_bytes..][..layout.row_bytes]);
            }
            let rows = Rows { layout, bytes: &near, order: &in_order[..part.len()] };
            writer.write(&batch(schema, &rows, &ids, &sources, texts)?)?;
        }
        Ok(writer.finish()?)
    }

    pub fn ids(&self) -> Vec<i64> {
        self.deliveries.entries.iter().map(|entry| entry.ledger.delivery_id).collect()
    }

    pub fn sources(&self) -> Vec<u32> {
        self.deliveries.entries.iter().map(|entry| entry.source).collect()
    }
}

fn batch(
    schema: &'static TableSchema,
    rows: &Rows<'_>,
    ids: &[i64],
    sources: &[u32],
    texts: &[Arc<str>],
) -> Result<RecordBatch> {
    let mut columns = Vec::with_capacity(schema.columns.len());
    for column in schema.columns {
        let array = match column.name {
            "client_id" => Some(rows.clients()),
            "contact_id" => Some(rows.keys()),
            "delivery_id" => Some(rows.delivery_ids(ids)),
            "source" => rows.sources(sources, texts),
            name => rows.layout.slot(name).and_then(|slot| rows.column(slot, texts)),
        };
        columns.push(array.ok_or_else(|| Error::state(schema.name, "a column cannot be built"))?);
    }
    RecordBatch::try_new(arrow_schema(schema), columns)
        .map_err(|source| Error::Arrow { table: schema.name.to_owned(), source })
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
    if snapshot.file(home, bucket).is_none() {
        return Ok(bytes);
    }
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

fn conflicts(ghosts: &[Ghost]) -> Vec<Conflict> {
    let rows = ghosts.iter().filter(|ghost| ghost.is_conflict);
    rows.map(|g| Conflict { delivery: g.delivery, line: g.line, row_hash: g.row_hash }).collect()
}

/// Puts rows into their table's order; rows that are equal in it go by key.
pub(crate) fn sort(layout: &Layout, bytes: &[u8], live: &mut Vec<u32>, texts: &[Arc<str>], sources: &[u32]) {
    let row = |at: u32| &bytes[at as usize * layout.row_bytes..][..layout.row_bytes];
    let contacts = (layout.slot("start_date"), layout.slot("start_time"), layout.slot("service"));
    if let ("contacts", (Some(date), Some(time), Some(service))) = (layout.schema.name, contacts) {
        let ranks = ranks(live.iter().map(|at| get_u32(row(*at), service.at)), texts);
        let mut keys: Vec<(i64, u64, u32, i64, u32)> = live
            .iter()
            .map(|at| {
                let row = row(*at);
                // Days before 1970 are negative; rows without a time come last.
                let day = (i64::from(get_u32(row, date.at) as i32) + (1 << 31)) as u64;
                let second = get_u32(row, time.at);
                let second = if second == NO_TIME { (1 << 20) - 1 } else { u64::from(second) };
                let rank = ranks.get(get_u32(row, service.at) as usize).copied().unwrap_or(u32::MAX);
                (get_i64(row, CLIENT_AT), (day << 20) | second, rank, get_i64(row, KEY_AT), *at)
            })
            .collect();
        keys.sort_unstable();
        live.clear();
        live.extend(keys.into_iter().map(|key| key.4));
        return;
    }
    let order = row_order(layout.schema);
    let source = |row: &[u8]| {
        let number = sources.get(get_u32(row, DELIVERY_AT) as usize).copied().unwrap_or(NO_TEXT);
        texts.get(number as usize)
    };
    let compare = |a: &u32, b: &u32| {
        let (a, b) = (row(*a), row(*b));
        let mut ordering = Ordering::Equal;
        for name in &order {
            if ordering != Ordering::Equal {
                return ordering;
            }
            ordering = match layout.slot(name) {
                Some(slot) => compare_slots(slot, a, b, texts),
                None if *name == "client_id" => get_i64(a, CLIENT_AT).cmp(&get_i64(b, CLIENT_AT)),
                None if *name == "source" => source(a).cmp(&source(b)),
                None => Ordering::Equal,
            };
        }
        ordering.then_with(|| get_i64(a, KEY_AT).cmp(&get_i64(b, KEY_AT)))
    };
    live.sort_by(compare);
}

fn compare_slots(slot: crate::layout::Slot, a: &[u8], b: &[u8], texts: &[Arc<str>]) -> Ordering {
    use crate::layout::is_null;
    match (is_null(a, slot), is_null(b, slot)) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    match slot.kind {
        SlotKind::Int => get_i64(a, slot.at).cmp(&get_i64(b, slot.at)),
        SlotKind::Day => (get_u32(a, slot.at) as i32).cmp(&(get_u32(b, slot.at) as i32)),
        SlotKind::Time => get_u32(a, slot.at).cmp(&get_u32(b, slot.at)),
        SlotKind::Flag => a[slot.at].cmp(&b[slot.at]),
        SlotKind::Closed(list) => list.get(usize::from(a[slot.at])).cmp(&list.get(usize::from(b[slot.at]))),
        SlotKind::Text => texts.get(get_u32(a, slot.at) as usize).cmp(&texts.get(get_u32(b, slot.at) as usize)),
        SlotKind::Ratio => {
            let value = |row: &[u8]| f64::from_bits(get_i64(row, slot.at) as u64);
            value(a).total_cmp(&value(b))
        }
    }
}

/// The place of each text among the bucket's texts in order of bytes, by its number.
fn ranks(numbers: impl Iterator<Item = u32>, texts: &[Arc<str>]) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; texts.len()];
    let mut distinct = Vec::new();
    for number in numbers {
        if let Some(rank) = ranks.get_mut(number as usize)
            && *rank == u32::MAX
        {
            *rank = 0;
            distinct.push(number);
        }
    }
    distinct.sort_unstable_by_key(|number| texts.get(*number as usize));
    for (place, number) in distinct.into_iter().enumerate() {
        if let Some(rank) = ranks.get_mut(number as usize) {
            *rank = place as u32;
        }
    }
    ranks
}
