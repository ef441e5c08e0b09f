//! The names of a file's columns, whatever kind of file it is.

use virta_model::hetu;

use crate::error::{Error, Result};

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
