//! What an ingest tells: outcome per delivery, and sums.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ledger::advice::JoinAdvice;
use crate::ledger::linkage::SourceLinkage;

/// What became of one delivered file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Read for the first time.
    Read,
    /// In the ledger already, by its hash; nothing was read.
    Known,
    /// In the ledger already, but read again: its profile or code lists changed, or its extract is newer than thought.
    ReadAgain,
}

/// One delivered file of an ingest.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryReport {
    pub delivery_id: i64,
    pub source: String,
    pub table: String,
    /// File name without its folder.
    pub file: String,
    pub outcome: Outcome,
    pub bytes: u64,
    /// Always `rows_accepted + rows_quarantined + rows_superseded + rows_not_selected`.
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    pub rows_superseded: u64,
    /// Rows that the profile's `where` leaves out.
    pub rows_not_selected: u64,
    /// Lines that are no rows: titles above the header, totals at the end.
    pub lines_skipped: u64,
    /// Quarantined rows by rule and field: `service missing`.
    pub quarantined_by: BTreeMap<String, u64>,
    /// What a user should know, such as a file that does not end with a line end.
    pub warnings: Vec<String>,
}

/// What an ingest did.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IngestReport {
    /// The store's snapshot after the ingest; before it in a dry run.
    pub snapshot: String,
    /// Whether there is a new snapshot.
    pub changed: bool,
    pub dry_run: bool,
    pub deliveries: Vec<DeliveryReport>,
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    pub rows_superseded: u64,
    /// By source: how its people are known elsewhere.
    pub linkage: Vec<SourceLinkage>,
    /// Ways to make pseudonyms good that would join people who are strangers now.
    pub advice: Vec<JoinAdvice>,
    pub rows_not_selected: u64,
    pub lines_skipped: u64,
    /// Persons about whom sources disagree, by field.
    pub disagreements: BTreeMap<String, u64>,
    /// Services that no code list names; they have the sector `other`.
    pub services_unnamed: Vec<String>,
    /// Services about which code lists disagree.
    pub services_disputed: Vec<String>,
}
