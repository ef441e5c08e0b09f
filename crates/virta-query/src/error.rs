//! Why a query has no answer. No error carries a value of a row: what DataFusion says while it runs is reworded.

use std::fmt;

use crate::codes::holds_identity_code;

/// The result of a query.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a query has no answer.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The query cannot be understood: a typing error, an unknown name, types that do not fit.
    #[error("{0}")]
    Query(Complaint),
    /// The query asks for more than reading.
    #[error("{0}")]
    Refused(Complaint),
    /// The query failed on the data.
    #[error("{0}")]
    Data(Complaint),
    /// The query needs more memory than it was given, and could not go on by writing to disk.
    #[error("the query needs more memory than its limit of {limit_bytes} bytes")]
    Memory { limit_bytes: usize },
    /// The disk is full, or the folder for temporary files cannot be written.
    #[error("temporary files cannot be written: {0}")]
    Spill(String),
    /// The user ended the query.
    #[error("interrupted")]
    Interrupted,
    /// A file of the store is missing or damaged.
    #[error(transparent)]
    Store(#[from] virta_store::Error),
    /// Anything else; what the engine said is withheld, since it may hold values.
    #[error("the query engine failed: {0}")]
    Engine(&'static str),
}

impl Error {
    /// Where in the query, when that is known.
    pub fn position(&self) -> Option<Position> {
        self.complaint().and_then(|complaint| complaint.position)
    }

    /// What to do about it, when that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Memory { .. } => Some("give it more with --memory-limit, select fewer columns, or filter earlier"),
            Error::Spill(_) => Some("free some disk space, or see `virta doctor`"),
            _ => self.complaint().and_then(|complaint| complaint.hint.as_deref()),
        }
    }

    /// The error with the line of the query it means and a mark below it, for people. A query that holds an identity
    /// code is not quoted.
    pub fn explain(&self, sql: &str) -> String {
        let mut text = self.to_string();
        let may_quote = !holds_identity_code(sql);
        let place = self.position().filter(|_| may_quote).and_then(|p| Some((p, sql.lines().nth(p.line - 1)?)));
        if let Some((position, line)) = place {
            let number = position.line.to_string();
            let margin = " ".repeat(number.len());
            let before: String =
                line.chars().take(position.column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            text.push_str(&format!("\n {margin} |\n {number} | {line}\n {margin} | {before}^"));
        }
        if let Some(hint) = self.hint() {
            text.push_str(&format!("\n  hint: {hint}"));
        }
        text
    }

    fn complaint(&self) -> Option<&Complaint> {
        match self {
            Error::Query(complaint) | Error::Refused(complaint) | Error::Data(complaint) => Some(complaint),
            _ => None,
        }
    }

    pub(crate) fn query(message: impl Into<String>) -> Self {
        Error::Query(Complaint::new(message))
    }

    pub(crate) fn at(mut self, position: Option<Position>) -> Self {
        if let Error::Query(complaint) | Error::Refused(complaint) | Error::Data(complaint) = &mut self {
            complaint.position = complaint.position.or(position);
        }
        self
    }
}

/// What is wrong with a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub message: String,
    pub position: Option<Position>,
    pub hint: Option<String>,
}

impl Complaint {
    /// A complaint without a place and without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Complaint { message: message.into(), position: None, hint: None }
    }

    /// The same, at a place of the query.
    pub fn at(self, position: Option<Position>) -> Self {
        Complaint { position, ..self }
    }

    /// The same, with what to do about it.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Complaint { hint: Some(hint.into()), ..self }
    }
}

/// A query that is refused, and what to write instead.
pub(crate) fn refused(message: &str, instead: &str) -> Error {
    Error::Query(Complaint::new(message).hint(instead))
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some(Position { line, column }) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A place in the text of a query, both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Position {
    pub(crate) fn new(line: u64, column: u64) -> Option<Self> {
        (line > 0 && column > 0).then_some(Position { line: line as usize, column: column as usize })
    }

    /// Of a byte offset.
    pub(crate) fn of_offset(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}
