//! Settings files as types: what a [`Profile`] and a [`Study`] may say, read from TOML text.
//!
//! Reading is strict: an unknown key, a value of the wrong kind or a value outside its range is an error with its line
//! and column, so that a misspelt threshold never means the default.

mod baseline;
pub mod cohort;
mod contacts;
mod definition;
mod one_or_more;
mod order;
mod pilot;
mod place;
mod profile;
mod protection;
mod range;
mod sections;
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
pub use protection::Protection;
pub use range::{AgeRange, Period};
pub use sections::{Access, Flow, Present, Segment, Sweep, TopBy, TopUsers, UnknownOrder};
pub use study::{Population, Study, StudyHead};
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
        SettingsError::at(text, offset, in_words(error.message().trim()))
    };
    let settings: T = toml::from_str(text).map_err(broken)?;
    let document = DeValue::Table(DeTable::parse(text).map_err(broken)?.into_inner());
    check(&settings, Place::root(text, &document))?;
    Ok(settings)
}

/// What a value has to be, without the names that the program has for it.
fn in_words(message: &str) -> String {
    let Some((told, expected)) = message.rsplit_once("expected ") else { return message.to_owned() };
    let words = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list: [\"...\", \"...\"]",
        "a map" => "keys with values: { key = \"...\" }",
        _ if expected.starts_with("struct ") => "keys with values: { key = \"...\" }",
        other => other,
    };
    format!("{}expected {words}", told.replace(" as i128", "").replace("floating point", "number"))
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_wrong_type_is_told_in_words() {
        let head = "[study]\nname = \"k\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"a\"\n";
        for (line, words) in [
            ("min_services = \"4\"", "invalid type: string \"4\", expected a whole number, 0 or more"),
            ("min_services = -1", "invalid value: integer `-1`, expected a whole number, 0 or more"),
            ("age = 18", "invalid type: integer `18`, expected keys with values: { key = \"...\" }"),
            ("municipalities = \"091\"", "invalid type: string \"091\", expected a list: [\"...\", \"...\"]"),
            ("age = { min = 64, max = 18 }", "no age lies in it: min is not above max, both included"),
        ] {
            assert_eq!(Study::parse(&format!("{head}{line}\n")).unwrap_err().message, words);
        }
    }

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
