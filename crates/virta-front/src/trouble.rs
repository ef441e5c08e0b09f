//! Why something cannot be done.

/// Why something cannot be done, for the reader of the page. Never a value from a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Trouble {
    pub message: String,
    pub fix: Option<String>,
    pub place: Option<Box<Place>>,
}

/// Where something is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file that is to blame, as the page names it.
    pub file: Option<String>,
    /// The line of the file, or of the text that was sent, from 1.
    pub line: Option<u64>,
    /// The place in the line, from 1.
    pub character: Option<u64>,
    /// The column of a table of data.
    pub column: Option<String>,
    pub rule: Option<String>,
}

impl Trouble {
    pub fn new(message: impl Into<String>) -> Self {
        Trouble { message: message.into(), ..Trouble::default() }
    }

    /// The same on a line of what was sent.
    #[must_use]
    pub(crate) fn on_line(self, line: Option<usize>) -> Self {
        let place = line.map(|line| Box::new(Place { line: Some(line as u64), ..Place::default() }));
        Trouble { place, ..self }
    }
}

impl From<virta_flow::Error> for Trouble {
    fn from(error: virta_flow::Error) -> Self {
        Trouble::new(error.to_string())
    }
}

impl From<virta_model::settings::SettingsError> for Trouble {
    fn from(error: virta_model::settings::SettingsError) -> Self {
        let (line, character) = (Some(error.line as u64), Some(error.column as u64));
        let place = Some(Box::new(Place { line, character, ..Place::default() }));
        Trouble { message: error.message, place, ..Trouble::default() }
    }
}
