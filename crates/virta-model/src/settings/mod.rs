//! Settings files as types: what a [`Profile`] and a [`Study`] may say, read from TOML text.
//!
//! Reading is strict: an unknown key, a value of the wrong kind or a value outside its range is an error with its line
//! and column, so that a misspelt threshold never means the default.

mod contacts;
mod definition;
mod order;
mod pilot;
mod profile;
mod study;
mod title;

pub use contacts::Contacts;
pub use order::{Combine, Follow, Peak, Sequence};
pub use pilot::{Bootstrap, Comparison, Pilot};
pub use profile::{
    Cancelled, CancelledWhen, ColumnSpec, Constant, Encoding, ExtractedOn, FileSpec, FromFileName, LetterCase, Lookup,
    Normalise, Profile, Rule, Sheet, Source, Unit, Unknown, Unpivot, Version,
};
pub use study::{
    Access, AgeAt, AgeRange, AgeRule, Cohort, CountBy, Flow, Heavy, Period, Population, Present, Protection,
    SectorRule, Segment, Study, StudyHead, Sweep, TopBy, TopUsers, UnknownOrder,
};
pub use title::Title;

use serde::de::DeserializeOwned;

use crate::hetu;

/// Why a settings text cannot be used. Lines and columns count from 1; a column counts characters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct SettingsError {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl SettingsError {
    pub(crate) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        SettingsError {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

/// Parses settings, refusing any text that holds a personal identity code before a parser could quote it.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, SettingsError> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if hetu::occurs_in(line.as_bytes()) || words(line).any(|word| hetu::occurs_in(word.as_bytes())) {
            return Err(SettingsError::at(text, offset, "a personal identity code stands on this line: remove it"));
        }
        offset += line.len();
    }
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        SettingsError::at(text, offset, error.message().trim())
    })
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric())
}

/// A check that can point at a place: where `needle` is given a value, else where it stands as a word, else the top.
fn refuse<T>(text: &str, needle: &str, message: impl Into<String>) -> Result<T, SettingsError> {
    Err(SettingsError::at(text, place_of(text, needle).unwrap_or(0), message))
}

fn place_of(text: &str, needle: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let is_word = |at: &usize| {
        let (before, after) = (text.get(..*at).unwrap_or_default(), text.get(at + needle.len()..).unwrap_or_default());
        let line = before.rsplit('\n').next().unwrap_or_default();
        !before.ends_with(is_part) && !after.starts_with(is_part) && !line.trim_start().starts_with('#')
    };
    let is_key = |at: &usize| {
        let after = text.get(at + needle.len()..).unwrap_or_default();
        after.trim_start_matches(['"', '\'', ' ', '\t']).starts_with('=')
    };
    let places = || text.match_indices(needle).map(|(at, _)| at).filter(is_word);
    places().find(is_key).or_else(|| places().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_points_at_the_key_and_not_at_a_comment_or_a_longer_word() {
        let text = "# k is small\n[study]\nname = \"k\"\nperiods = [\"2013\"]\n  k = 1\n";
        let error = Study::parse(text).unwrap_err();
        assert_eq!((error.line, error.column), (5, 3), "{error}");
        assert!(error.to_string().starts_with("5:3: k, the smallest cell"), "{error}");
        assert_eq!(place_of("names = 1\nname2 = 2\n", "name"), None);
        assert_eq!(place_of("a = { name = 2 }", "name"), Some(6));
    }
}
