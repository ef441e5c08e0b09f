//! What one delivery's rows look like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one delivery's rows look like, before any other delivery is taken into account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QualityPage {
    pub rows_read: u64,
    pub(crate) rows_good: u64,
    pub(crate) rows_cancelling: u64,
    /// Refused rows by rule.
    pub(crate) refused_by_rule: BTreeMap<String, u64>,
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
