//! Settings files as types: what a [`Profile`] and a [`Study`] may say, read from TOML text.
//!
//! Reading is strict: an unknown key, a value of the wrong kind or a value outside its range is an error with its line
//! and column, so that a misspelt threshold never means the default.

mod baseline;
pub mod cohort;
mod contacts;
mod definition;
mod order;
mod pilot;
mod place;
mod profile;
mod study;
mod title;

pub use cohort::{AgeAt, AgeRule, Cohort, CohortRule, CountBy, Heavy};
pub use contacts::{Contacts, SectorRule};
pub use order::{
    Adoption, Combine, Episodes, Follow, Funnel, FunnelStep, PathWindow, Pathways, Peak, Sequence, Steps, Switch, What,
    WindowFrom,
};
pub use pilot::{Bootstrap, Comparison, Pilot};
pub use profile::{
    Cancelled, CancelledWhen, ColumnSpec, Constant, Encoding, ExtractedOn, FileSpec, FromFileName, LetterCase, Lookup,
    NameLists, Normalise, Profile, Rule, Sheet, Source, Unit, Unknown, Unpivot, Version,
};
pub use study::{
    Access, AgeRange, Flow, Period, Population, Present, Protection, Segment, Study, StudyHead, Sweep, TopBy, TopUsers,
    UnknownOrder,
};
pub use title::Title;

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use self::place::Place;
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

/// Parses and checks settings, refusing any text that holds a personal identity code before a parser could quote it.
fn read<T: DeserializeOwned>(
    text: &str,
    check: impl FnOnce(&T, Place<'_>) -> Result<(), SettingsError>,
) -> Result<T, SettingsError> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if hetu::occurs_in(line.as_bytes()) || words(line).any(|word| hetu::occurs_in(word.as_bytes())) {
            return Err(SettingsError::at(text, offset, "a personal identity code stands on this line: remove it"));
        }
        offset += line.len();
    }
    let broken = |error: toml::de::Error| {
        let offset = error.span().map_or(0, |span| span.start);
        SettingsError::at(text, offset, error.message().trim())
    };
    let settings: T = toml::from_str(text).map_err(broken)?;
    let document = DeValue::Table(DeTable::parse(text).map_err(broken)?.into_inner());
    check(&settings, Place::root(text, &document))?;
    Ok(settings)
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(text: &str) -> (usize, usize) {
        let error = Study::parse(text).unwrap_err();
        (error.line, error.column)
    }

    #[test]
    fn a_refusal_points_at_the_value_that_is_wrong_and_not_at_another_of_its_name() {
        let head = "# k is small\n[study]\nname = \"k\"\nperiods = [\"2013\"]\n";
        assert_eq!(place_of(&format!("{head}  k = 1\n")), (5, 7));
        let first = "[[cohort]]\nname = \"a\"\nmin_services = 3\n";
        assert_eq!(place_of(&format!("{head}{first}[[cohort]]\nname = \"b\"\nmin_services = 0\n")), (10, 16));
        assert_eq!(place_of(&format!("{head}{first}[[cohort]]\nname = \"a\"\n")), (9, 8));
        let excluded = "[[cohort]]\nname = \"b\"\nexclude_cohorts = [\"a\", \"x\"]\n";
        assert_eq!(place_of(&format!("{head}{first}{excluded}")), (10, 25));
        let pilots = "[[pilot]]\nname = \"p\"\n[[pilot]]\nname = \"q\"\nbootstrap = { draws = 1 }\n";
        assert_eq!(place_of(&format!("{head}{first}{pilots}")), (12, 23));
    }
}
