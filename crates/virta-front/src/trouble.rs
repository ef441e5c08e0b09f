//! Why something cannot be done.

/// Why something cannot be done, for the reader of the page. Never a value from a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Trouble {
    pub message: String,
    pub fix: Option<String>,
    /// Where in a study's text, from 1.
    pub place: Option<(usize, usize)>,
}

impl Trouble {
    pub fn new(message: impl Into<String>) -> Self {
        Trouble { message: message.into(), ..Trouble::default() }
    }
}

impl From<virta_flow::Error> for Trouble {
    fn from(error: virta_flow::Error) -> Self {
        Trouble::new(error.to_string())
    }
}

impl From<virta_model::settings::SettingsError> for Trouble {
    fn from(error: virta_model::settings::SettingsError) -> Self {
        Trouble { message: error.message, fix: None, place: Some((error.line, error.column)) }
    }
}
