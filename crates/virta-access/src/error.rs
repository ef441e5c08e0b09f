//! Why somebody cannot be let in, or a use not be written down.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The result of what this crate does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why it was not done. No error holds a password or a part of one.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read or written.
    #[error("{}: cannot {doing}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    /// The file of users is no such file.
    #[error("{}: {message}", path.display())]
    Users { path: PathBuf, message: String },
    /// A name, role or password that cannot be taken.
    #[error("{0}")]
    Unfit(String),
    /// The log of use is not as it was written, so nothing can be added to it.
    #[error("{}: {broken}", path.display())]
    Log { path: PathBuf, broken: Broken },
}

/// The first place where a log is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Number of the entry, from 1.
    pub entry: u64,
    pub what: &'static str,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the log of use is not as it was written: entry {} {}", self.entry, self.what)
    }
}

/// Says at which file something failed.
pub(crate) trait At<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { doing, path: path.to_owned(), source })
    }
}
