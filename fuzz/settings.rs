//! What is fuzzed of settings files, through public interfaces alone. Each function must return, whatever the bytes are: it
//! panics when a promise is broken.

use virta_model::settings::{Profile, SettingsError, Study};

/// A profile's text: read, or refused at a place that the text has.
pub(super) fn profile(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Err(error) = Profile::parse(text)
    {
        has_place(text, &error);
    }
}

/// A study's text, in the same way.
pub(super) fn study(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Err(error) = Study::parse(text)
    {
        has_place(text, &error);
    }
}

fn has_place(text: &str, error: &SettingsError) {
    let line = text.split('\n').nth(error.line - 1).expect("the line of an error is a line of the text");
    assert!(error.column <= line.chars().count() + 1, "the column of an error is one of its line: {error}");
    assert!(!error.message.is_empty());
}
