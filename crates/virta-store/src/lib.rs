//! The store: snapshots of content-addressed, client-sorted Parquet files, read only after their checksums hold.
//!
//! - [`Store`] is a folder; [`Store::init`] makes it, [`Store::current`] gives its newest [`Snapshot`].
//! - A [`Snapshot`] never changes: [`Snapshot::read`] gives verified batches of one bucket.
//! - A [`Commit`] replaces files and the ledger and becomes visible by one rename.
//! - [`StudyResults`] are written by a [`ResultsWriter`], large tables part by part.
//! - A [`Release`] is an entry of the register of what has left the store; a [`ReleaseWriter`] adds one.
//!
//! ```
//! use virta_model::schema::SERVICES;
//! use virta_model::{Table, Value};
//! use virta_store::{InitOptions, Store};
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("store");
//! let store = Store::init(&path, &InitOptions::new("key-1"))?;
//!
//! let mut services = Table::new(&SERVICES);
//! let no_name = Value::Null;
//! services.push(&[
//!     Value::Text("gp"), Value::Null, Value::Text("primary"), Value::Flag(false), no_name, no_name, no_name,
//! ]);
//! let commit = store.begin()?;
//! commit.replace(&services)?;
//! let committed = commit.finish()?;
//! assert!(committed.changed);
//!
//! let batches: Vec<_> = store.current()?.read("services", None, Some(&["service"]))?.collect::<Result<_, _>>()?;
//! assert_eq!(batches[0].num_rows(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
extern crate self as virta_store;

mod batch;
mod checked;
mod columns;
mod commit;
mod current;
mod encode;
mod error;
#[cfg(test)]
#[path = "../tests/faults/mod.rs"]
mod faults;
mod files;
mod layout;
mod lock;
mod manifest;
mod order;
mod pack;
mod parts;
mod read;
mod releases;
mod results;
mod settings;
mod snapshot;
mod spill;
mod statistics;
mod store;
mod sweep;
mod syncing;
#[cfg(test)]
mod tests;
mod time;
mod verified;
mod verify;
mod write;

pub use batch::{rows_from, to_record_batch, to_table};
pub use checked::{sealed, unsealed};
pub use columns::{Codes, ColumnBatch, ColumnFile, ColumnReader, ColumnValues, Runs};
pub use commit::{Commit, Committed, TableWriter};
pub use encode::ColumnSlice;
pub use error::{Error, Result};
pub use files::{Files, NamelessFile, OsFiles, WritableFile};
pub use layout::{ColumnEncoding, ENCODING_KEY, ROW_GROUP_ROWS, arrow_schema, data_type};
pub use manifest::{Delivery, TableFile};
pub use order::sorted;
pub use read::Batches;
pub use releases::{AcceptedDifference, Release, ReleaseMeta, ReleaseWriter, ReleasedGroup};
pub use results::{ResultMeta, ResultsWriter, StudyResults};
pub use settings::InitOptions;
pub use snapshot::Snapshot;
pub use spill::SpillFile;
pub use store::Store;
pub use sweep::Expired;
pub use verify::{VerifyProgress, VerifyReport};
