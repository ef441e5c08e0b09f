//! What a client is told when something is not done.

use virta_query::{Error, Position};

/// Why a statement, a login or a door was refused. It holds no value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// SQLSTATE.
    pub code: &'static str,
    pub message: String,
    pub hint: Option<String>,
    /// Character of the statement, from 1.
    pub position: Option<usize>,
    /// Whether the connection ends with it.
    pub(crate) is_fatal: bool,
}

pub(crate) type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), hint: None, position: None, is_fatal: false }
    }

    pub(crate) fn fatal(code: &'static str, message: impl Into<String>) -> Self {
        Refusal { is_fatal: true, ..Refusal::new(code, message) }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Refusal { hint: Some(hint.into()), ..self }
    }

    /// A statement that cannot be read.
    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Refusal::new("42601", message)
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Refusal::new("0A000", message)
    }

    pub(crate) fn cancelled() -> Self {
        Refusal::new("57014", "the statement was cancelled")
    }

    /// Nobody uses what cannot be written down.
    pub(crate) fn unlogged() -> Self {
        Refusal::fatal("58030", "the log of use cannot be written, so nothing is answered")
            .hint("the data unit finds the reason with virta verify")
    }

    pub(crate) fn protocol() -> Self {
        Refusal::fatal("08P01", "a message is not as the protocol says")
    }

    /// Of a query, whose text is where the position is counted.
    pub(crate) fn of(error: &Error, sql: &str) -> Self {
        let code = match error {
            Error::Query(complaint) => {
                let starts = |words: &str| complaint.message.starts_with(words);
                if starts("there is no table") {
                    "42P01"
                } else if starts("there is no column") {
                    "42703"
                } else if starts("there is no function") {
                    "42883"
                } else {
                    "42601"
                }
            }
            Error::Refused(_) => "42501",
            Error::Data(_) => "22000",
            Error::Memory { .. } => "53200",
            Error::Spill(_) => "53100",
            Error::Interrupted => "57014",
            Error::Store(_) => "XX001",
            _ => "XX000",
        };
        let message = match error {
            Error::Query(complaint) | Error::Refused(complaint) | Error::Data(complaint) => complaint.message.clone(),
            // The name of a file would tell where the store lies.
            Error::Store(_) => "a file of the store is missing or damaged: virta verify tells which".to_owned(),
            other => other.to_string(),
        };
        let position = error.position().and_then(|position| offset(sql, position));
        Refusal { code, message, hint: error.hint().map(str::to_owned), position, is_fatal: false }
    }
}

fn offset(sql: &str, position: Position) -> Option<usize> {
    let before: usize =
        sql.split_inclusive('\n').take(position.line.checked_sub(1)?).map(|line| line.chars().count()).sum();
    Some(before + position.column)
}
