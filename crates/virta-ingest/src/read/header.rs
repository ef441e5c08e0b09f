//! The names of a file's columns, whatever kind of file it is.

use virta_model::hetu;

use crate::error::{Error, Result};

/// What a file tells before its first row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header<'a> {
    /// The names of its columns.
    pub names: &'a [String],
    pub written: Written,
}

/// How the cells of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// As texts, which the profile says how to read.
    Text,
    /// With types of their own. Workbooks may count their days from 1904.
    Typed { from_1904: bool },
}

/// Refuses column names with a personal identity code in them, of files of any kind.
pub(crate) fn check_header(names: &[String], file: &str) -> Result<()> {
    if !names.iter().any(|name| hetu::in_any_word(name)) {
        return Ok(());
    }
    Err(Error::refused_at(
        file,
        1,
        "hetu",
        "a personal identity code stands in the header",
        "the header must name the columns; for a file without one, name them with header = [...] in [[file]]",
    ))
}
