//! The hidden table beside a table: who its rows are, and which keys have no row.

use std::sync::Arc;

use arrow::array::Array;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use virta_model::{NULL_DAY, NULL_INT};
use virta_store::{ColumnSlice, Commit, ENCODING_KEY, Snapshot, TableWriter};

use crate::error::{Error, Result};
use crate::ledger::deliveries::Deliveries;
use crate::merge::claims;
use crate::merge::resolve::Ghost;
use crate::rows::keys::{KeyFilter, PARTITIONS};
use crate::rows::layout::{
    CLIENT_AT, DELIVERY_AT, FLAGS_AT, HASH_AT, KEY_AT, KEYED, LINE_AT, Layout, VERSION_AT, get_i64, get_u32, get_u128,
    put_i64, put_u32, put_u128,
};
use crate::rows::stored;

const LIVE: i32 = 0;
const CANCELLED: i32 = 1;
const CONFLICT: i32 = 2;

/// The hidden table's name.
pub(crate) fn name_of(table: &str) -> String {
    format!("{table}.identity")
}

/// - `position`: the row's place among the bucket's rows of the table, null for a key without a row.
/// - `state`: 0 a row that stands, 1 a cancelled key, 2 a row of a conflict.
/// - `version_high`, `version_low`: the version's rank, null for rows without a `row_key`.
/// - `content`: hash of a conflicting row's columns.
fn schema() -> SchemaRef {
    let field = |name: &str, kind: DataType, nullable: bool, encoding: &str| {
        Field::new(name, kind, nullable).with_metadata([(ENCODING_KEY.to_owned(), encoding.to_owned())].into())
    };
    Arc::new(Schema::new(vec![
        field("client_id", DataType::Int64, false, "dictionary"),
        field("key", DataType::Int64, false, "plain"),
        field("position", DataType::Int32, true, "delta"),
        field("state", DataType::Int32, false, "dictionary"),
        field("version_high", DataType::Int64, true, "delta"),
        field("version_low", DataType::Int64, true, "delta"),
        field("delivery_id", DataType::Int64, false, "dictionary"),
        field("line", DataType::Int64, true, "delta"),
        field("row_hash", DataType::Int64, true, "plain"),
        field("content", DataType::Int64, true, "plain"),
    ]))
}

/// One line of the hidden table.
#[derive(Debug, Clone, Copy)]
struct Line {
    position: Option<i32>,
    state: i32,
    keyed: bool,
    ghost: Ghost,
}

/// Writes the hidden table of a bucket, a range of clients after the other. Contacts without a `row_key` need no line:
/// their key is their `contact_id`.
pub(crate) struct Sidecar<'a> {
    commit: &'a Commit,
    layout: &'a Layout,
    bucket: Option<u32>,
    deliveries: &'a Deliveries,
    writer: Option<TableWriter<'a>>,
    /// Rows of the table so far.
    rows: usize,
    columns: Columns,
}

impl<'a> Sidecar<'a> {
    pub(crate) fn new(commit: &'a Commit, layout: &'a Layout, bucket: Option<u32>, deliveries: &'a Deliveries) -> Self {
        Sidecar { commit, layout, bucket, deliveries, writer: None, rows: 0, columns: Columns::default() }
    }

    /// Adds the rows that stand in `order`, which is by client, and the keys of the same clients that have no row.
    pub(crate) fn add(&mut self, bytes: &[u8], order: &[u32], ghosts: &[Ghost]) -> Result<()> {
        let (layout, deliveries) = (self.layout, self.deliveries);
        let is_contacts = layout.schema.name == "contacts";
        let first = self.rows;
        self.rows += order.len();
        if is_contacts && !layout.keyed && ghosts.is_empty() {
            return Ok(());
        }
        let rows = (first..).zip(order).filter_map(|(position, at)| {
            let row = &bytes[*at as usize * layout.row_bytes..][..layout.row_bytes];
            let keyed = layout.keyed && row[FLAGS_AT] & KEYED != 0;
            if is_contacts && !keyed {
                return None;
            }
            let ghost = Ghost {
                client: get_i64(row, CLIENT_AT),
                key: get_i64(row, KEY_AT),
                version: if keyed { get_u128(row, VERSION_AT) } else { 0 },
                delivery: get_u32(row, DELIVERY_AT),
                line: if keyed { get_i64(row, LINE_AT) } else { 0 },
                row_hash: if keyed { get_i64(row, HASH_AT) } else { 0 },
                content: 0,
                is_conflict: false,
            };
            Some(Line { position: Some(position as i32), state: LIVE, keyed, ghost })
        });
        let columns = &mut self.columns;
        columns.start(order.len() + ghosts.len());
        if ghosts.is_empty() {
            // Rows that stand come by client already.
            rows.for_each(|line| columns.push(&line, deliveries));
        } else {
            let mut lines: Vec<Line> = rows.collect();
            lines.extend(ghosts.iter().map(|ghost| Line {
                position: None,
                state: if ghost.is_conflict { CONFLICT } else { CANCELLED },
                keyed: true,
                ghost: *ghost,
            }));
            lines.sort_by_key(|line| {
                let ghost = &line.ghost;
                (ghost.client, line.position.unwrap_or(i32::MAX), ghost.key, deliveries.id(ghost.delivery), ghost.line)
            });
            lines.iter().for_each(|line| columns.push(line, deliveries));
        }
        if columns.clients.is_empty() {
            return Ok(());
        }
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let order: &[&str] = if self.bucket.is_some() { &["client_id"] } else { &[] };
                let name = name_of(layout.schema.name);
                none.insert(self.commit.sidecar_writer(&name, self.bucket, schema(), order)?)
            }
        };
        self.columns.write(writer)
    }

    pub(crate) fn finish(self) -> Result<()> {
        match self.writer {
            Some(writer) => Ok(writer.finish()?),
            None => {
                self.commit.remove(&name_of(self.layout.schema.name), self.bucket);
                Ok(())
            }
        }
    }
}

/// The hidden table's columns on their way to the writer, in the order of its schema. Missing values are the store's own
/// numbers for null.
#[derive(Default)]
struct Columns {
    clients: Vec<i64>,
    keys: Vec<i64>,
    positions: Vec<i32>,
    states: Vec<i32>,
    versions: [Vec<i64>; 2],
    deliveries: Vec<i64>,
    lines: Vec<i64>,
    hashes: Vec<i64>,
    contents: Vec<i64>,
}

impl Columns {
    /// Makes room for so many lines in the place of those before.
    fn start(&mut self, lines: usize) {
        let Columns {
            clients,
            keys,
            positions,
            states,
            versions: [high, low],
            deliveries,
            lines: places,
            hashes,
            contents,
        } = self;
        for column in [clients, keys, high, low, deliveries, places, hashes, contents] {
            column.clear();
            column.reserve(lines);
        }
        for column in [positions, states] {
            column.clear();
            column.reserve(lines);
        }
    }

    #[inline]
    fn push(&mut self, line: &Line, deliveries: &Deliveries) {
        let Line { position, state, keyed, ghost } = line;
        let keyed = |value: i64| if *keyed { value } else { NULL_INT };
        let [high, low] = &mut self.versions;
        self.clients.push(ghost.client);
        self.keys.push(ghost.key);
        self.positions.push(position.unwrap_or(NULL_DAY));
        self.states.push(*state);
        high.push(keyed((ghost.version >> 64) as i64));
        low.push(keyed(ghost.version as u64 as i64));
        self.deliveries.push(deliveries.id(ghost.delivery));
        self.lines.push(keyed(ghost.line));
        self.hashes.push(keyed(ghost.row_hash));
        self.contents.push(if *state == CONFLICT { ghost.content } else { NULL_INT });
    }

    fn write(&self, writer: &mut TableWriter<'_>) -> Result<()> {
        let [high, low] = &self.versions;
        let slices = [
            ColumnSlice::Int64(&self.clients),
            ColumnSlice::Int64(&self.keys),
            ColumnSlice::Int32(&self.positions),
            ColumnSlice::Int32(&self.states),
            ColumnSlice::Int64(high),
            ColumnSlice::Int64(low),
            ColumnSlice::Int64(&self.deliveries),
            ColumnSlice::Int64(&self.lines),
            ColumnSlice::Int64(&self.hashes),
            ColumnSlice::Int64(&self.contents),
        ];
        Ok(writer.write_columns(self.clients.len(), &slices)?)
    }
}

/// Gives the claims on keys that `filter` may hold, of rows that stand and of keys without a row, by range of keys and a
/// part of the file at a time. What a file that is read again said before claims nothing.
pub(crate) fn claims(
    snapshot: &Snapshot,
    name: &str,
    bucket: Option<u32>,
    deliveries: &Deliveries,
    filter: &KeyFilter,
    take: &mut dyn FnMut(&mut [Vec<u8>]) -> Result<()>,
) -> Result<()> {
    let mut found: Vec<Vec<u8>> = vec![Vec::new(); PARTITIONS];
    let columns = ["client_id", "key", "state", "version_high", "version_low", "delivery_id"];
    for batch in stored::read(snapshot, name, bucket, Some(&columns))? {
        let batch = batch?;
        let (clients, keys, states) = (batch.ints(0)?, batch.ints(1)?, batch.small_ints(2)?);
        let (high, low, ids) = (batch.ints(3)?, batch.ints(4)?, batch.ints(5)?);
        for n in 0..batch.rows() {
            let key = keys.value(n);
            if high.is_null(n) || !filter.may_hold(key) {
                continue;
            }
            let delivery = deliveries
                .number(ids.value(n))
                .ok_or_else(|| Error::state(name, "a row names a delivery that the ledger lacks"))?;
            let Some(into) = found.get_mut(claims::partition_of(key)).filter(|_| !deliveries.is_new(delivery)) else {
                continue;
            };
            let version = (u128::from(high.value(n) as u64) << 64) | u128::from(low.value(n) as u64);
            let is_cancelled = states.value(n) == CANCELLED;
            claims::add_remembered(clients.value(n), key, delivery, is_cancelled, version, into);
        }
        take(&mut found)?;
    }
    Ok(())
}

/// Reads the hidden table of a bucket: fills in who the rows are that were read from the table, and gives the keys
/// without a row. Rows without a line keep what they have.
pub(crate) fn read(
    snapshot: &Snapshot,
    layout: &Layout,
    bucket: Option<u32>,
    rows: &mut [u8],
    deliveries: &Deliveries,
) -> Result<Vec<Ghost>> {
    let name = name_of(layout.schema.name);
    let mut ghosts = Vec::new();
    for batch in stored::read(snapshot, &name, bucket, None)? {
        let batch = batch?;
        let (clients, keys, positions) = (batch.ints(0)?, batch.ints(1)?, batch.small_ints(2)?);
        let (states, high, low, ids) = (batch.small_ints(3)?, batch.ints(4)?, batch.ints(5)?, batch.ints(6)?);
        let (line, hash, content) = (batch.ints(7)?, batch.ints(8)?, batch.ints(9)?);
        for n in 0..batch.rows() {
            let delivery = deliveries
                .number(ids.value(n))
                .ok_or_else(|| Error::state(&name, "a row names a delivery that the ledger lacks"))?;
            let is_keyed = !high.is_null(n);
            let version =
                if is_keyed { (u128::from(high.value(n) as u64) << 64) | u128::from(low.value(n) as u64) } else { 0 };
            let ghost = Ghost {
                client: clients.value(n),
                key: keys.value(n),
                version,
                delivery,
                line: if is_keyed { line.value(n) } else { 0 },
                row_hash: if is_keyed { hash.value(n) } else { 0 },
                content: if content.is_null(n) { 0 } else { content.value(n) },
                is_conflict: states.value(n) == CONFLICT,
            };
            if positions.is_null(n) {
                ghosts.push(ghost);
                continue;
            }
            let from = positions.value(n) as usize * layout.row_bytes;
            let row = rows
                .get_mut(from..from + layout.row_bytes)
                .ok_or_else(|| Error::state(&name, "it names more rows than the table has"))?;
            put_i64(row, KEY_AT, ghost.key);
            put_u32(row, DELIVERY_AT, ghost.delivery);
            if is_keyed && layout.keyed {
                row[FLAGS_AT] |= KEYED;
                put_i64(row, LINE_AT, ghost.line);
                put_i64(row, HASH_AT, ghost.row_hash);
                put_u128(row, VERSION_AT, ghost.version);
            }
        }
    }
    Ok(ghosts)
}
