//! The data dictionary's texts in Finnish and Swedish.
//!
//! The English texts stand beside the columns in [`schema`](crate::schema); equal texts mean the same in every table, so
//! a translation belongs to a text. A test holds that every table and column has both, so that a text cannot change in
//! one language alone.

mod store;
mod study;

use crate::schema::{Column, TableSchema};
use store::STORE_TEXTS;
use study::STUDY_TEXTS;

/// A language of the dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    Finnish,
    Swedish,
    English,
}

/// What a row of a table is, in a language.
pub fn grain(table: &TableSchema, language: Language) -> &'static str {
    translated(table.grain, language)
}

/// What a column means, in a language.
///
/// ```
/// use virta_model::dictionary::{Language, meaning};
/// use virta_model::schema::CLIENTS;
/// let column = CLIENTS.column("died_on").unwrap();
/// assert_eq!(meaning(column, Language::Finnish), "Kuolinpäivä.");
/// ```
pub fn meaning(column: &Column, language: Language) -> &'static str {
    translated(column.doc, language)
}

/// A text of the dictionary in another language; itself where there is no translation.
fn translated(text: &'static str, language: Language) -> &'static str {
    let found = texts().find(|(english, _, _)| *english == text);
    match (language, found) {
        (Language::Finnish, Some((_, finnish, _))) => finnish,
        (Language::Swedish, Some((_, _, swedish))) => swedish,
        _ => text,
    }
}

/// English, Finnish, Swedish.
type Text = (&'static str, &'static str, &'static str);

fn texts() -> impl Iterator<Item = &'static Text> {
    STORE_TEXTS.iter().chain(STUDY_TEXTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{COHORT, STORE};

    #[test]
    fn every_table_and_column_is_told_in_every_language() {
        let mut missing = Vec::new();
        for table in STORE.iter().chain(COHORT) {
            let has = |text: &str| texts().any(|(english, _, _)| *english == text);
            if !has(table.grain) {
                missing.push(format!("{}: {}", table.name, table.grain));
            }
            for column in table.columns.iter().filter(|column| !has(column.doc)) {
                missing.push(format!("{}.{}: {}", table.name, column.name, column.doc));
            }
        }
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn no_text_is_translated_twice_or_to_nothing() {
        for (at, (english, finnish, swedish)) in texts().enumerate() {
            assert!(!finnish.is_empty() && !swedish.is_empty(), "{english}");
            assert!(texts().skip(at + 1).all(|(other, _, _)| other != english), "{english}");
        }
    }
}
