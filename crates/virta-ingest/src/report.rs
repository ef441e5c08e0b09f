//! What an ingest tells: outcome per delivery, sums, and the quality page.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::advice::JoinAdvice;
use crate::linkage::SourceLinkage;

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

/// What one delivery's rows look like, before any other delivery is taken into account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityPage {
    pub rows_read: u64,
    pub rows_good: u64,
    pub rows_cancelling: u64,
    /// Refused rows by rule.
    pub refused_by_rule: BTreeMap<String, u64>,
    /// Good rows without this field, by field.
    pub missing: BTreeMap<String, u64>,
    /// Good rows of which a field was made null, since what it said cannot be, by field and rule: `birth_date after_extract`.
    /// A planned end after the extract is an open end.
    #[serde(default)]
    pub emptied: BTreeMap<String, u64>,
    /// Good rows by month of their first date: `2014-01`.
    pub months: BTreeMap<String, u64>,
    /// Good rows whose code the code list lacks, by field.
    pub unknown_codes: BTreeMap<String, u64>,
    /// Of those and of refused rows: codes that the list lacks and rows of at least five people carry, by field.
    #[serde(default)]
    pub unknown_named: BTreeMap<String, BTreeMap<String, u64>>,
    /// How keys met side tables, and codes their lists, by field.
    #[serde(default)]
    pub side_tables: BTreeMap<String, SideTableUse>,
    /// Good rows priced by a unit cost.
    pub priced_by_unit_cost: u64,
}

/// How the keys of a file's rows met a side table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideTableUse {
    /// Its file, as the profile names it.
    pub file: String,
    /// Rows whose key it lacks.
    pub rows_unmatched: u64,
    /// Rows whose key has different values in it, so that the field has none.
    pub rows_contested: u64,
    /// Its keys, and those that no row of this file has.
    pub keys: u64,
    pub keys_unused: u64,
}
