//! Questions in SQL, which the program answers where it has an engine for them.

use serde::Serialize;

use crate::going::Closed;
use crate::trouble::Trouble;

/// Where questions in SQL over a store are answered, for those who may see rows.
pub trait Desk: Send + Sync {
    /// What may be asked for: tables, columns, functions.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn dictionary(&self) -> Result<Dictionary, Trouble>;

    /// Answers a question over the newest snapshot. It is in the log of use before it is answered, with what became of it.
    ///
    /// # Errors
    /// A question that cannot be understood, does more than read, or takes too long, in the engine's words; a log that
    /// cannot be written; and a question whose page was closed before.
    fn ask(&self, user: &str, role: &str, sql: &str, closed: &Closed) -> Result<Answered, Trouble>;

    /// The questions that somebody keeps, by name.
    ///
    /// # Errors
    /// When they cannot be read.
    fn saved(&self, user: &str) -> Result<Vec<SavedQuestion>, Trouble>;

    /// Keeps a question under its name, in place of one that has it. An empty question takes the name away.
    ///
    /// # Errors
    /// A question that holds an identity code, one too many, and a file that cannot be written.
    fn save(&self, user: &str, question: &SavedQuestion) -> Result<(), Trouble>;
}

/// The words of questions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Dictionary {
    /// Keywords, functions, schemas, tables and columns, sorted.
    pub words: Vec<String>,
    /// Tables with their columns, and schemas with their tables, the store's first.
    pub within: Vec<(String, Vec<String>)>,
}

/// The answer to a question.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    pub columns: Vec<AnsweredColumn>,
    /// In the order in which the question gives them; `None` is null.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there are more rows than these.
    pub is_cut: bool,
}

/// A column of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnsweredColumn {
    pub name: String,
    pub is_number: bool,
}

/// A question that is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SavedQuestion {
    pub name: String,
    pub sql: String,
}
