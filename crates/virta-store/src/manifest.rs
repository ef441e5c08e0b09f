//! A snapshot's manifest: which files it consists of, and the ledger of what was delivered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// One Parquet file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFile {
    /// The range of clients that it holds; `None` for a table that is one file.
    pub bucket: Option<u32>,
    pub rows: u64,
    pub bytes: u64,
    /// BLAKE3 of the whole file, 64 hex digits; also in its name.
    pub blake3: String,
    /// Where the footer (with the page index) begins, and its own BLAKE3.
    pub(crate) footer_at: u64,
    pub(crate) footer_blake3: String,
    /// Smallest and largest `client_id`, where the table has one.
    pub first_client: Option<i64>,
    pub last_client: Option<i64>,
}

impl TableFile {
    /// Where the file lies inside a store.
    pub(crate) fn path_in(&self, root: &Path, table: &str) -> PathBuf {
        let name = match self.bucket {
            Some(bucket) => format!("{bucket:05}-{}.parquet", self.blake3),
            None => format!("all-{}.parquet", self.blake3),
        };
        folder_of(root, table).join(name)
    }
}

pub(crate) fn folder_of(root: &Path, table: &str) -> PathBuf {
    root.join("data").join(table)
}

/// One delivered file in the ledger. It tells today's truth: `rows_accepted` are the rows that stand in the store now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub delivery_id: i64,
    /// The store table that it fills.
    pub table: String,
    pub source: String,
    /// File name without its folder.
    pub file: String,
    /// BLAKE3 of the delivered bytes.
    pub blake3: String,
    pub bytes: u64,
    /// Always `rows_accepted + rows_quarantined + rows_superseded + rows_not_selected`.
    pub rows_read: u64,
    pub rows_accepted: u64,
    pub rows_quarantined: u64,
    pub rows_superseded: u64,
    /// Rows that the profile's `where` leaves out. Manifests that were written before it was counted lack it, and a
    /// snapshot's id is the hash of what its manifest says.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rows_not_selected: u64,
    /// Lines that are no rows: titles above the header, totals at the end.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lines_skipped: u64,
    /// When it was first ingested, UTC. The store fills it in.
    pub ingested_at: String,
    /// The snapshot that first held it. The store fills it in.
    pub snapshot: String,
}

impl Delivery {
    /// Checks `rows_read = rows_accepted + rows_quarantined + rows_superseded + rows_not_selected`.
    ///
    /// # Errors
    /// The delivery's id and the five numbers, where the parts do not make the whole.
    pub fn check(&self) -> Result<()> {
        let parts = [self.rows_accepted, self.rows_quarantined, self.rows_superseded, self.rows_not_selected];
        let found = parts.into_iter().fold(0, u64::saturating_add);
        if found == self.rows_read {
            return Ok(());
        }
        Err(Error::Ledger {
            delivery_id: self.delivery_id,
            problem: format!(
                "{} rows were read, but {} accepted + {} quarantined + {} superseded + {} not selected make {found}",
                self.rows_read, self.rows_accepted, self.rows_quarantined, self.rows_superseded, self.rows_not_selected
            ),
        })
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The document `snapshots/<id>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub id: String,
    /// The snapshot that was current before; not part of the id.
    pub parent: Option<String>,
    /// Not part of the id.
    pub committed_at: String,
    pub key_id: String,
    pub buckets: u32,
    /// Files by table, in order of bucket.
    pub tables: BTreeMap<String, Vec<TableFile>>,
    /// By `delivery_id`.
    pub deliveries: Vec<Delivery>,
}

/// The table that is made from the ledger. It holds clock times, so it is no part of a snapshot's id.
pub(crate) const LEDGER_TABLE: &str = "deliveries";

impl Manifest {
    /// The id that this content has: the same rows and the same ledger give the same id, whenever and in however many
    /// steps they came.
    pub(crate) fn content_id(&self) -> Result<String> {
        #[derive(Serialize)]
        struct Content<'a> {
            format: u32,
            key_id: &'a str,
            buckets: u32,
            files: Vec<(&'a str, Option<u32>, &'a str)>,
            deliveries: Vec<Delivery>,
        }
        let files = self
            .tables
            .iter()
            .filter(|(table, _)| *table != LEDGER_TABLE)
            .flat_map(|(table, files)| files.iter().map(move |f| (table.as_str(), f.bucket, f.blake3.as_str())))
            .collect();
        let deliveries = self
            .deliveries
            .iter()
            .map(|delivery| Delivery { ingested_at: String::new(), snapshot: String::new(), ..delivery.clone() })
            .collect();
        let content = Content { format: 1, key_id: &self.key_id, buckets: self.buckets, files, deliveries };
        let bytes = serde_json::to_vec(&content)
            .map_err(|error| Error::Settings { path: PathBuf::from("snapshot"), message: error.to_string() })?;
        Ok(blake3::hash(&bytes).to_hex().as_str().chars().take(ID_CHARS).collect())
    }
}

/// 128 bits: enough that two contents never meet, short enough to read.
pub(crate) const ID_CHARS: usize = 32;
