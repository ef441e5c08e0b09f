//! Rule 9: which of the rows with the same identity stands.
//!
//! The answer is a function of the set of rows ever delivered. So what a later row may meet again is remembered even
//! when no row stands: that a key was cancelled, and each of the different rows of a conflict. Rows of one key may lie
//! with several clients; the verdict on such a key says what the others have.

use std::hash::BuildHasherDefault;

use hashbrown::{HashMap, HashSet};

use crate::key::RowHasher;
use crate::ledger::deliveries::Deliveries;
use crate::merge::claims::{Rank, Verdict, read_verdicts};
use crate::rows::keys::KeyIsHash;
use crate::rows::layout::{
    CANCELLED, CLIENT_AT, COUNT_OCCURRENCE, DELIVERY_AT, FLAGS_AT, HASH_AT, KEY_AT, KEYED, LINE_AT, Layout, SlotKind,
    VERSION_AT, get_i64, get_u32, get_u128, put_i64,
};

/// A key without a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ghost {
    pub client: i64,
    pub key: i64,
    pub version: u128,
    pub delivery: u32,
    pub line: i64,
    pub row_hash: i64,
    /// Of the row's columns, for conflicts; 0 for a cancellation.
    pub content: i64,
    pub is_conflict: bool,
}

/// What stands after resolution.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// Places of the rows that stand.
    pub live: Vec<u32>,
    pub(crate) ghosts: Vec<Ghost>,
}

type KeyMap<V> = HashMap<i64, V, BuildHasherDefault<KeyIsHash>>;
type KeySet = HashSet<i64, BuildHasherDefault<KeyIsHash>>;

/// Packed rows of one bucket: `old_rows` that stood before come first.
pub(crate) struct Bucket<'a> {
    pub(crate) layout: &'a Layout,
    pub rows: &'a mut [u8],
    pub(crate) old_rows: usize,
    pub(crate) ghosts: Vec<Ghost>,
    /// The verdicts on keys that several clients claim, packed.
    pub(crate) verdicts: &'a [u8],
    pub deliveries: &'a Deliveries,
    pub(crate) occurrences: &'a RowHasher,
    /// Texts by number, for hashing contents.
    pub texts: &'a [std::sync::Arc<str>],
}

impl Bucket<'_> {
    pub(crate) fn resolve(mut self) -> Resolved {
        let repeated_inside = self.count_occurrences();
        let needs_search = repeated_inside || self.old_rows > 0 || !self.ghosts.is_empty();
        let mut keys: KeySet = self.ghosts.iter().map(|ghost| ghost.key).collect();
        keys.extend(read_verdicts(self.verdicts).map(|((_, key), _)| key));
        let count = self.count();
        if needs_search {
            let mut seen: KeySet = KeySet::with_capacity_and_hasher(count, BuildHasherDefault::default());
            for at in 0..count {
                let key = self.key(at);
                if !seen.insert(key) {
                    keys.insert(key);
                }
            }
        }
        let mut live = Vec::with_capacity(count);
        let mut groups: HashMap<(i64, i64), Group> = HashMap::new();
        for at in 0..count {
            let row = self.row(at);
            let key = get_i64(row, KEY_AT);
            if row[FLAGS_AT] & CANCELLED == 0 && (keys.is_empty() || !keys.contains(&key)) {
                live.push(at as u32);
            } else {
                groups.entry((get_i64(row, CLIENT_AT), key)).or_default().rows.push(at as u32);
            }
        }
        let mut ghosts = Vec::new();
        for ghost in std::mem::take(&mut self.ghosts) {
            groups.entry((ghost.client, ghost.key)).or_default().ghosts.push(ghost);
        }
        for (claim, verdict) in read_verdicts(self.verdicts) {
            groups.entry(claim).or_default().verdict = Some(verdict);
        }
        for group in groups.into_values() {
            self.settle(group, &mut live, &mut ghosts);
        }
        Resolved { live, ghosts }
    }

    fn count(&self) -> usize {
        self.rows.len() / self.layout.row_bytes
    }

    fn row(&self, at: usize) -> &[u8] {
        &self.rows[at * self.layout.row_bytes..][..self.layout.row_bytes]
    }

    fn key(&self, at: usize) -> i64 {
        get_i64(self.rows, at * self.layout.row_bytes + KEY_AT)
    }

    /// Gives the n-th equal row of a delivery a key of its own; tells whether any key comes twice.
    fn count_occurrences(&mut self) -> bool {
        let count = self.count();
        let mut first: KeyMap<u32> =
            KeyMap::with_capacity_and_hasher(count - self.old_rows, BuildHasherDefault::default());
        let mut again: KeyMap<Vec<u32>> = KeyMap::default();
        for at in self.old_rows..count {
            let key = self.key(at);
            match first.get(&key) {
                None => {
                    first.insert(key, at as u32);
                }
                Some(earliest) => again.entry(key).or_insert_with(|| vec![*earliest]).push(at as u32),
            }
        }
        let found = !again.is_empty();
        for (key, places) in again {
            // The rows are equal, so that it does not matter which of them is the n-th.
            let mut by_delivery: HashMap<u32, u64> = HashMap::new();
            for at in places {
                let at = at as usize * self.layout.row_bytes;
                if self.rows[at + FLAGS_AT] & COUNT_OCCURRENCE == 0 {
                    continue;
                }
                let n = by_delivery.entry(get_u32(self.rows, at + DELIVERY_AT)).or_default();
                if *n > 0 {
                    let mut bytes = [0; 16];
                    bytes[..8].copy_from_slice(&key.to_le_bytes());
                    bytes[8..].copy_from_slice(&n.to_le_bytes());
                    put_i64(self.rows, at + KEY_AT, self.occurrences.hash(&bytes));
                }
                *n += 1;
            }
        }
        found
    }

    fn settle(&self, group: Group, live: &mut Vec<u32>, ghosts: &mut Vec<Ghost>) {
        let is_keyed =
            !group.ghosts.is_empty() || group.rows.iter().any(|at| self.row(*at as usize)[FLAGS_AT] & KEYED != 0);
        if !is_keyed {
            // Equal rows: the newest delivery's stands. Rows that are cancelled by what they say leave nothing.
            let best = group.rows.iter().copied().min_by_key(|at| {
                let delivery = get_u32(self.row(*at as usize), DELIVERY_AT);
                (std::cmp::Reverse(self.deliveries.extracted_on(delivery)), self.deliveries.id(delivery), *at)
            });
            live.extend(best.filter(|at| self.row(*at as usize)[FLAGS_AT] & CANCELLED == 0));
            return;
        }
        let mut candidates: Vec<Candidate> = group
            .rows
            .iter()
            .map(|at| self.candidate(*at))
            .chain(group.ghosts.iter().map(|g| self.remembered(*g)))
            .collect();
        let Some(top) = candidates.iter().map(|candidate| candidate.rank).max() else { return };
        if group.verdict.is_some_and(|verdict| verdict.rank > top) {
            // The newest row of the key is another client's.
            return;
        }
        candidates.retain(|candidate| candidate.rank == top);
        // Of equal rows the one of the smallest delivery and line speaks for all.
        candidates.sort_by_key(|candidate| (self.deliveries.id(candidate.ghost.delivery), candidate.ghost.line));
        if let Some(cancelled) = candidates.iter().find(|candidate| candidate.is_cancelled) {
            ghosts.push(Ghost { content: 0, is_conflict: false, ..cancelled.ghost });
            return;
        }
        if group.verdict.is_some_and(|verdict| verdict.is_cancelled) {
            return;
        }
        let mut contents = HashSet::new();
        let distinct: Vec<&Candidate> =
            candidates.iter().filter(|candidate| contents.insert(candidate.ghost.content)).collect();
        let standing = candidates.iter().find_map(|candidate| candidate.row);
        // Rows of two clients are never equal.
        let is_alone = group.verdict.is_none_or(|verdict| !verdict.is_shared);
        match (distinct.len(), standing) {
            (1, Some(at)) if is_alone => live.push(at),
            _ => ghosts.extend(distinct.iter().map(|candidate| Ghost { is_conflict: true, ..candidate.ghost })),
        }
    }

    fn candidate(&self, at: u32) -> Candidate {
        let row = self.row(at as usize);
        let delivery = get_u32(row, DELIVERY_AT);
        let is_cancelled = row[FLAGS_AT] & CANCELLED != 0;
        let version = get_u128(row, VERSION_AT);
        Candidate {
            row: Some(at),
            rank: (version, self.deliveries.extracted_on(delivery)),
            is_cancelled,
            ghost: Ghost {
                client: get_i64(row, CLIENT_AT),
                key: get_i64(row, KEY_AT),
                version,
                delivery,
                line: get_i64(row, LINE_AT),
                row_hash: get_i64(row, HASH_AT),
                content: if is_cancelled { 0 } else { self.content_hash(row) },
                is_conflict: false,
            },
        }
    }

    fn remembered(&self, ghost: Ghost) -> Candidate {
        Candidate {
            row: None,
            rank: (ghost.version, self.deliveries.extracted_on(ghost.delivery)),
            is_cancelled: !ghost.is_conflict,
            ghost,
        }
    }

    /// A hash of a row's columns that does not depend on the numbers of texts.
    fn content_hash(&self, row: &[u8]) -> i64 {
        let mut bytes = Vec::with_capacity(128);
        for slot in &self.layout.slots {
            match slot.kind {
                SlotKind::Text => {
                    let text = self.texts.get(get_u32(row, slot.at) as usize);
                    bytes.push(u8::from(text.is_some()));
                    bytes.extend_from_slice(text.map_or(&[], |text| text.as_bytes()));
                    bytes.push(0x1f);
                }
                SlotKind::Int | SlotKind::Ratio => bytes.extend_from_slice(&row[slot.at..slot.at + 8]),
                SlotKind::Day | SlotKind::Time => bytes.extend_from_slice(&row[slot.at..slot.at + 4]),
                SlotKind::Flag | SlotKind::Closed(_) => bytes.push(row[slot.at]),
            }
        }
        self.occurrences.hash(&bytes)
    }
}

#[derive(Default)]
struct Group {
    rows: Vec<u32>,
    ghosts: Vec<Ghost>,
    verdict: Option<Verdict>,
}

struct Candidate {
    row: Option<u32>,
    rank: Rank,
    is_cancelled: bool,
    ghost: Ghost,
}
