//! Why a release cannot be made or read.

use std::io;
use std::path::PathBuf;

/// What can go wrong. Every error names the file, never a value of a row.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    #[error("{}: cannot {action}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },

    #[error("{}: not empty; a release needs a new or an empty folder", path.display())]
    NotEmpty { path: PathBuf },

    #[error("{}: not a release (no manifest.json in it)", path.display())]
    NotARelease { path: PathBuf },

    /// A file of a bundle is not as it was released: nothing of the bundle was used.
    #[error("{}: not as it was released: {problem}; ask for the bundle again", path.display())]
    Damaged { path: PathBuf, problem: String },

    #[error("a table cannot be written: {0}")]
    Csv(#[from] csv::Error),

    #[error(transparent)]
    Report(#[from] virta_report::ReportError),

    #[error("the manifest cannot be written: {0}")]
    Manifest(#[from] serde_json::Error),

    /// Exact numbers never become a release.
    #[error("exact numbers are not for release")]
    Internal,
}
