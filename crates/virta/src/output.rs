//! Standard output: text for people or one JSON document for programs, never both.

use std::io::{self, Write};

use serde::Serialize;

use crate::failure::Failure;

/// Where a command's answer goes.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        Output { json }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a text. With `--json` nothing: the document comes instead.
    pub(crate) fn text(&mut self, text: impl AsRef<str>) -> Result<(), Failure> {
        if self.json { Ok(()) } else { write_line(text.as_ref()) }
    }

    /// Prints the JSON document. Without `--json` nothing.
    pub(crate) fn document(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let text = serde_json::to_string_pretty(document)
            .map_err(|error| Failure::refused(format!("cannot write JSON: {error}")))?;
        write_line(&text)
    }

    /// Prints exactly these bytes, for what is a file of its own: a script, a draft.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(closed_or_failed)
    }
}

fn write_line(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush())
        .map_err(closed_or_failed)
}

fn closed_or_failed(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::refused(format!("cannot write to standard output: {error}")),
    }
}
