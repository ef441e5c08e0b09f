//! Which sources name a person: what stands in the store, gathered bucket by bucket.

use arrow::array::{Array, Int64Array};
use virta_model::schema;
use virta_store::Snapshot;

use crate::error::Result;
use crate::ledger::deliveries::Deliveries;
use crate::merge::identity;
use crate::merge::resolve::Ghost;
use crate::rows::layout::{CLIENT_AT, DELIVERY_AT, Layout, get_i64, get_u32};
use crate::rows::stored;

/// A source that names a person, by a row of its client list or of any other table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Naming {
    pub client: i64,
    /// The number of the source's text.
    pub source: u32,
    pub(crate) in_list: bool,
}

/// Who is named in a bucket.
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// By rows that stand.
    pub(crate) namings: Vec<Naming>,
    /// People of cancelled keys and of conflicts.
    pub(crate) ghosts: Vec<i64>,
    /// Both of pilots, until [`Named::arrange`].
    by_pilots: Vec<Naming>,
    ghosts_of_pilots: Vec<i64>,
    /// Ascending.
    only_by_pilots: Vec<i64>,
}

impl Named {
    /// Adds the rows of one table that stand.
    pub(crate) fn add_rows(&mut self, layout: &Layout, rows: &[u8], live: &[u32], sources: &[u32]) {
        if !layout.schema.has_clients() {
            return;
        }
        let in_list = is_list(layout.schema.name);
        let namings = if is_pilots(layout.schema.name) { &mut self.by_pilots } else { &mut self.namings };
        let first = namings.len();
        let mut last = (i64::MIN, u32::MAX);
        // A person's rows come together, but its sources take turns.
        let mut seen: Vec<u32> = Vec::new();
        for at in live {
            let Some(row) = rows.get(*at as usize * layout.row_bytes..) else { continue };
            let (client, delivery) = (get_i64(row, CLIENT_AT), get_u32(row, DELIVERY_AT));
            if (client, delivery) == last {
                continue;
            }
            if client != last.0 {
                seen.clear();
            }
            last = (client, delivery);
            let Some(source) = sources.get(delivery as usize).copied() else { continue };
            if !seen.contains(&source) {
                seen.push(source);
                namings.push(Naming { client, source, in_list });
            }
        }
        if let Some(new) = namings.get_mut(first..) {
            new.sort_unstable();
        }
        namings.dedup();
    }

    /// Adds the cancelled keys and conflicts of one table.
    pub(crate) fn add_ghosts(&mut self, table: &str, ghosts: &[Ghost]) {
        let of_table = if is_pilots(table) { &mut self.ghosts_of_pilots } else { &mut self.ghosts };
        of_table.extend(ghosts.iter().map(|ghost| ghost.client));
    }

    pub(crate) fn add(&mut self, other: Named) {
        self.namings.extend(other.namings);
        self.ghosts.extend(other.ghosts);
        self.by_pilots.extend(other.by_pilots);
        self.ghosts_of_pilots.extend(other.ghosts_of_pilots);
    }

    /// Adds what stands in a bucket of a table that no delivery touches.
    pub(crate) fn add_untouched(
        &mut self,
        snapshot: &Snapshot,
        table: &str,
        bucket: u32,
        deliveries: &Deliveries,
        sources: &[u32],
    ) -> Result<()> {
        let in_list = is_list(table);
        let hidden = identity::name_of(table);
        let (namings, ghosts) = match is_pilots(table) {
            true => (&mut self.by_pilots, &mut self.ghosts_of_pilots),
            false => (&mut self.namings, &mut self.ghosts),
        };
        let mut add = |clients: &Int64Array, ids: &Int64Array, is_ghost: &dyn Fn(usize) -> bool| {
            let mut last = (i64::MIN, i64::MIN, None);
            for n in 0..clients.len() {
                let (client, id) = (clients.value(n), ids.value(n));
                if is_ghost(n) {
                    ghosts.push(client);
                    continue;
                }
                if (client, id) == (last.0, last.1) {
                    continue;
                }
                let source = match last.2 {
                    Some(source) if id == last.1 => Some(source),
                    _ => deliveries.number(id).and_then(|number| sources.get(number as usize)).copied(),
                };
                last = (client, id, source);
                if let Some(source) = source {
                    namings.push(Naming { client, source, in_list });
                }
            }
        };
        // Contacts carry their delivery, and those without a `row_key` are in no hidden table.
        if table == schema::CONTACTS.name {
            for batch in stored::read(snapshot, table, Some(bucket), Some(&["client_id", "delivery_id"]))? {
                let batch = batch?;
                add(batch.ints(0)?, batch.ints(1)?, &|_| false);
            }
        }
        for batch in stored::read(snapshot, &hidden, Some(bucket), Some(&["client_id", "delivery_id", "position"]))? {
            let batch = batch?;
            let positions = batch.small_ints(2)?;
            add(batch.ints(0)?, batch.ints(1)?, &|n| positions.is_null(n));
        }
        Ok(())
    }

    /// Brings the namings into order of client, each once.
    pub(crate) fn arrange(&mut self) {
        self.arrange_namings();
        let (namings, ghosts) = (std::mem::take(&mut self.by_pilots), std::mem::take(&mut self.ghosts_of_pilots));
        if namings.is_empty() && ghosts.is_empty() {
            return;
        }
        let mut people: Vec<i64> = namings.iter().map(|naming| naming.client).chain(ghosts.iter().copied()).collect();
        people.retain(|client| !self.names(*client));
        people.sort_unstable();
        people.dedup();
        self.only_by_pilots = people;
        self.namings.extend(namings);
        self.ghosts.extend(ghosts);
        self.arrange_namings();
    }

    fn arrange_namings(&mut self) {
        self.namings.sort_unstable();
        self.namings.dedup();
        self.ghosts.sort_unstable();
        self.ghosts.dedup();
    }

    /// Whether pilots name the person and nothing else does. After [`Named::arrange`].
    pub(crate) fn is_named_by_pilots_alone(&self, client: i64) -> bool {
        self.only_by_pilots.binary_search(&client).is_ok()
    }

    /// Whether anything names the person. After [`Named::arrange`].
    pub(crate) fn names(&self, client: i64) -> bool {
        !self.of(client).is_empty() || self.ghosts.binary_search(&client).is_ok()
    }

    /// Who names a person. After [`Named::arrange`].
    pub(crate) fn of(&self, client: i64) -> &[Naming] {
        let from = self.namings.partition_point(|naming| naming.client < client);
        let rest = self.namings.get(from..).unwrap_or_default();
        let count = rest.iter().take_while(|naming| naming.client == client).count();
        rest.get(..count).unwrap_or_default()
    }

    /// People in order, each with who names it. After [`Named::arrange`].
    pub(crate) fn people(&self) -> impl Iterator<Item = &[Naming]> {
        self.namings.chunk_by(|a, b| a.client == b.client)
    }
}

fn is_pilots(table: &str) -> bool {
    table == schema::PILOTS.name
}

fn is_list(table: &str) -> bool {
    table == schema::CLIENTS.name
}
