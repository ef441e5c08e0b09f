//! Why an ingest stopped. No message holds a value that came from a person.

use std::fmt;
use std::path::{Path, PathBuf};

/// A refused file or settings file: where, what, and how to mend it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The file, as the user named it.
    pub file: String,
    /// Line from 1, where one is to blame.
    pub line: Option<u64>,
    /// Place in the line from 1, of a settings file.
    pub place: Option<u64>,
    /// Column of the file: its header, or its number where the header itself cannot be shown.
    pub column: Option<String>,
    /// Column of the store's table, where one is to blame.
    pub field: Option<String>,
    /// The rule that is broken.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub fix: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for position in [self.line, self.place].into_iter().flatten() {
            write!(f, ":{position}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", field {field}")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.rule.is_empty() {
            write!(f, " (rule {})", self.rule)?;
        }
        if !self.fix.is_empty() {
            write!(f, "\n  fix: {}", self.fix)?;
        }
        Ok(())
    }
}

/// What can go wrong. Whatever it is, the store stands as before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A profile, code list or lookup table that cannot be used.
    #[error("{0}")]
    Settings(Box<Refusal>),

    /// Delivered files that are refused whole.
    #[error("{}", list(.0))]
    Refused(Vec<Refusal>),

    /// The key file is missing, malformed, open to others, or not the store's.
    #[error("key file {}: {message}\n  fix: {fix}", path.display())]
    Key { path: PathBuf, message: String, fix: String },

    #[error("cannot {action} {}: {source}", path.display())]
    Io { action: &'static str, path: PathBuf, source: std::io::Error },

    /// Two pseudonyms with the same 63-bit id.
    #[error(
        "two different pseudonyms have the same client_id, which happens once in billions of people; nothing was changed\n  \
         fix: ingest into a store with another key"
    )]
    Collision,

    #[error("interrupted; nothing was changed")]
    Interrupted,

    #[error(transparent)]
    Store(#[from] virta_store::Error),

    #[error("table {table}: {source}")]
    Arrow { table: String, source: arrow::error::ArrowError },

    /// The store's hidden state does not agree with its tables.
    #[error("the store's state for {table} is inconsistent: {message}\n  fix: run virta verify")]
    State { table: String, message: String },
}

/// The result of everything here.
pub type Result<T> = std::result::Result<T, Error>;

fn list(refusals: &[Refusal]) -> String {
    refusals.iter().map(Refusal::to_string).collect::<Vec<_>>().join("\n")
}

impl Error {
    pub(crate) fn settings(
        file: &Path,
        rule: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Error::Settings(Box::new(Refusal {
            file: file.display().to_string(),
            rule,
            message: message.into(),
            fix: fix.into(),
            ..Refusal::default()
        }))
    }

    /// A delivered file that is refused whole.
    pub(crate) fn refused(
        file: impl fmt::Display,
        rule: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let (message, fix) = (message.into(), fix.into());
        Error::Refused(vec![Refusal { file: file.to_string(), rule, message, fix, ..Refusal::default() }])
    }

    /// The same with the line that is to blame.
    pub(crate) fn refused_at(
        file: impl fmt::Display,
        line: u64,
        rule: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let (message, fix, line) = (message.into(), fix.into(), Some(line));
        Error::Refused(vec![Refusal { file: file.to_string(), line, rule, message, fix, ..Refusal::default() }])
    }

    pub(crate) fn state(table: &str, message: impl Into<String>) -> Self {
        Error::State { table: table.to_owned(), message: message.into() }
    }
}

/// Says where an operating system error happened.
pub(crate) trait At<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { action, path: path.to_owned(), source })
    }
}
