//! What can go wrong in a store. Every error names the file or the table, never a value of a row.

use std::io;
use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// The result of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a store operation stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{}: cannot {action}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },

    #[error("{}: not a virta store (no virta.toml in it); make one with `virta init`", path.display())]
    NotAStore { path: PathBuf },

    #[error("{}: already a virta store", path.display())]
    AlreadyAStore { path: PathBuf },

    #[error("{}: not empty; a new store needs an empty or a new folder", path.display())]
    NotEmpty { path: PathBuf },

    #[error("{}: {message}", path.display())]
    Settings { path: PathBuf, message: String },

    #[error("the number of buckets must be a power of two from 1 to 65536, not {given}")]
    BucketCount { given: u32 },

    #[error("{}: another program is writing to this store: {holder}; wait for it or end it", path.display())]
    Locked { path: PathBuf, holder: String },

    #[error("{}: no snapshot begins with `{given}`; `virta snapshots` lists them", path.display())]
    NoSnapshot { path: PathBuf, given: String },

    #[error("`{given}` fits several snapshots: {}; give more characters", fitting.join(", "))]
    AmbiguousSnapshot { given: String, fitting: Vec<String> },

    /// A file of the store is not what was written: nothing of it was used.
    #[error("{}: damaged: {problem}; restore this file from a copy, or go back to an earlier snapshot", path.display())]
    Damaged { path: PathBuf, problem: String },

    #[error("{}: cannot be read as Parquet: {source}", path.display())]
    Parquet { path: PathBuf, source: ParquetError },

    #[error("table `{table}`: {source}")]
    Arrow { table: String, source: arrow::error::ArrowError },

    #[error("there is no table `{table}` in this snapshot")]
    NoTable { table: String },

    #[error("table `{table}` has no column `{column}`")]
    NoColumn { table: String, column: String },

    #[error("table `{table}`: column `{column}` has type {found}, not {wanted}")]
    ColumnType { table: String, column: String, found: String, wanted: String },

    #[error("table `{table}`: column `{column}` must have a value in every row, and a row has none")]
    NullColumn { table: String, column: String },

    #[error("table `{table}`, bucket {bucket}: {problem}")]
    Rows { table: String, bucket: String, problem: &'static str },

    #[error("`{name}` cannot be the name of a {what}: use letters, digits, spaces, `-`, `_` and `.`, not first")]
    BadName { what: &'static str, name: String },

    #[error("{}: no results of a study `{study}`; `virta study` makes them", path.display())]
    NoStudy { path: PathBuf, study: String },

    /// The ledger and the rows disagree.
    #[error("delivery {delivery_id}: {problem}")]
    Ledger { delivery_id: i64, problem: String },
}

impl Error {
    pub(crate) fn damaged(path: &Path, problem: impl Into<String>) -> Self {
        Error::Damaged { path: path.to_owned(), problem: problem.into() }
    }
}

/// Turns an I/O error into one that says what was done to which path.
pub(crate) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { action, path: path.to_owned(), source })
    }
}

impl<T> At<T> for std::result::Result<T, ParquetError> {
    fn at(self, _: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Parquet { path: path.to_owned(), source })
    }
}
