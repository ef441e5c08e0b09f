//! The deliveries that rows can carry: those of the ledger and those of this ingest.

use hashbrown::HashMap;
use virta_store::Delivery;

/// What the store remembers of a delivery beside its ledger entry.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Details {
    pub extracted_on: Option<i32>,
    /// How the file was read; see `LoadedProfile::digest`.
    pub(crate) digest: String,
    pub page: crate::ledger::quality_page::QualityPage,
}

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub ledger: Delivery,
    pub details: Details,
    /// The number of the source's text.
    pub source: u32,
    /// Read by this ingest: its rows in the store are replaced.
    pub is_new: bool,
}

/// Deliveries by number. Numbers are local to one ingest.
#[derive(Debug, Default)]
pub(crate) struct Deliveries {
    pub entries: Vec<Entry>,
    by_id: HashMap<i64, u32>,
}

impl Deliveries {
    pub(crate) fn add(&mut self, entry: Entry) -> u32 {
        let number = self.entries.len() as u32;
        self.by_id.insert(entry.ledger.delivery_id, number);
        self.entries.push(entry);
        number
    }

    /// Makes an entry known by its id, once it has one.
    pub(crate) fn reindex(&mut self, number: u32) {
        if let Some(entry) = self.entries.get(number as usize) {
            self.by_id.insert(entry.ledger.delivery_id, number);
        }
    }

    pub(crate) fn number(&self, id: i64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    pub(crate) fn id(&self, number: u32) -> i64 {
        self.entries.get(number as usize).map_or(0, |entry| entry.ledger.delivery_id)
    }

    /// Orders deliveries by the day of their extract; without one they come first.
    pub(crate) fn extracted_on(&self, number: u32) -> i32 {
        self.entries.get(number as usize).and_then(|entry| entry.details.extracted_on).unwrap_or(i32::MIN)
    }

    /// Source, table and day of extract of each.
    pub(crate) fn sources_and_days(&self) -> impl Iterator<Item = (&str, &str, Option<i32>)> {
        self.entries
            .iter()
            .map(|entry| (entry.ledger.source.as_str(), entry.ledger.table.as_str(), entry.details.extracted_on))
    }

    pub(crate) fn is_new(&self, number: u32) -> bool {
        self.entries.get(number as usize).is_some_and(|entry| entry.is_new)
    }
}

/// `delivery_id`: 63 bits of the BLAKE3 of source, table and the file's hash. Reading the same file in a second way is a
/// second delivery.
pub(crate) fn delivery_id(source: &str, table: &str, blake3: &str, ordinal: usize) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for part in [source, table, blake3] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    if ordinal > 0 {
        hasher.update(&(ordinal as u64).to_le_bytes());
    }
    crate::key::first_63_bits(&hasher.finalize())
}
