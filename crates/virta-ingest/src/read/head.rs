//! The head of a delimited text: what stands before its rows.

use std::io::Read;
use std::path::Path;

use virta_model::settings::{Encoding, Source};

use crate::error::{Error, Result};
use crate::profile::names::joined;
use crate::read::csv::{Fields, Scan, Syntax, decode_line, next_row};
use crate::read::form::Form;
use crate::read::header::check_header;
use crate::read::text::unreadable_text;

/// The head of a text: its column names, and what follows.
pub(crate) struct Head {
    pub names: Vec<String>,
    /// What separates the fields: as a first line `sep=;` says, else the profile.
    pub delimiter: u8,
    /// Text read past the header.
    pub(crate) carry: Vec<u8>,
    /// Line where `carry` begins.
    pub line: u64,
    /// Lines before the header, a line `sep=;` included.
    pub lines_skipped: u64,
}

/// Bytes that the header must end within.
const HEAD_BYTES: u64 = 1 << 16;

/// Reads and checks the header of delimited text.
pub(crate) fn read_head(reader: &mut dyn Read, path: &Path, file: &str, form: &Form<'_>) -> Result<Head> {
    let source = form.source;
    let mut start = Start::read(reader, path, file, source)?;
    start.check_encoding()?;
    let delimiter = start.separator().unwrap_or(source.delimiter);
    let syntax = Syntax { delimiter, quote: source.quote, fields: 0 };
    let mut lines_skipped = start.line - 1;
    let mut names = match (form.header, form.header_row) {
        ([], []) => {
            start.skip_empty_lines();
            vec![start.names(syntax)?]
        }
        ([], rows) => {
            let first = rows.first().map_or(1, |row| u64::from(*row));
            start.skip_lines_before(first)?;
            lines_skipped = start.line - 1;
            rows.iter().map(|_| start.names(syntax)).collect::<Result<_>>()?
        }
        (given, _) => vec![given.to_vec()],
    };
    let mut names = if names.len() == 1 { names.pop().unwrap_or_default() } else { joined(names) };
    fit_last_delimiters(&mut names, start.rest(), start.is_whole, syntax);
    check_header(&names, file)?;
    let line = start.line;
    Ok(Head { names, delimiter, carry: start.text.split_off(start.at), line, lines_skipped })
}

/// Which of the first lines a text has with cells that `fits` knows.
pub(crate) fn line_that(
    reader: &mut dyn Read,
    path: &Path,
    form: &Form<'_>,
    fits: &dyn Fn(&[String]) -> bool,
) -> Option<u64> {
    const LINES: usize = 30;
    let mut start = Start::read(reader, path, "", form.source).ok()?;
    let delimiter = start.separator().unwrap_or(form.source.delimiter);
    let syntax = Syntax { delimiter, quote: form.source.quote, fields: 0 };
    for _ in 0..LINES {
        start.skip_empty_lines();
        let (at, line) = (start.at, start.line);
        if start.names(syntax).is_ok_and(|names| fits(&names)) {
            return Some(line);
        }
        (start.at, start.line) = (at, line);
        start.skip_lines_before(line + 1).ok()?;
    }
    None
}

/// The first bytes of a text, and how far they were read.
struct Start<'a> {
    text: Vec<u8>,
    at: usize,
    line: u64,
    /// Whether the whole text is here.
    is_whole: bool,
    file: &'a str,
    source: &'a Source,
}

impl<'a> Start<'a> {
    fn read(reader: &mut dyn Read, path: &Path, file: &'a str, source: &'a Source) -> Result<Self> {
        let mut text = Vec::new();
        Read::take(&mut *reader, HEAD_BYTES).read_to_end(&mut text).map_err(|error| unreadable_text(path, error))?;
        let is_whole = (text.len() as u64) < HEAD_BYTES;
        let start = Start { text, at: 0, line: 1, is_whole, file, source };
        if start.text.is_empty() {
            return start.refuse("empty", "the file is empty", "ask the sender for the file again, or take it away");
        }
        Ok(start)
    }

    fn refuse<T>(&self, rule: &'static str, message: &str, fix: &str) -> Result<T> {
        Err(Error::refused_at(self.file, self.line, rule, message, fix))
    }

    /// Checks that the text is in the encoding that the profile says, as far as can be seen.
    fn check_encoding(&mut self) -> Result<()> {
        let declared = self.source.encoding;
        if is_utf16(&self.text) {
            return self.refuse("encoding", "the file is UTF-16", "save it as UTF-8");
        }
        if self.text.starts_with(&[0xEF, 0xBB, 0xBF]) {
            if declared != Encoding::Utf8 {
                let message =
                    format!("the file begins with the mark of UTF-8, but the profile says {}", declared.as_str());
                return self.refuse("encoding", &message, "set encoding = \"utf-8\" in [source]");
            }
            self.text.drain(..3);
        }
        let sample = self.text.get(..self.text.len().saturating_sub(4)).unwrap_or_default();
        if declared != Encoding::Utf8 && is_surely_utf8(sample) {
            let message = format!("the text is UTF-8, but the profile says {}", declared.as_str());
            return self.refuse("encoding", &message, "set encoding = \"utf-8\" in [source]");
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Reads a first line such as `sep=;`, by which spreadsheets are told the delimiter.
    fn separator(&mut self) -> Option<u8> {
        let length = memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
        let line = self.rest().get(..length)?.trim_ascii_end();
        let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
        let (word, delimiter) = line.split_at_checked(4)?;
        // A tab at the end of the line was trimmed away with it.
        let delimiter = match delimiter {
            [] if self.rest().get(4) == Some(&b'\t') => b'\t',
            [delimiter] if delimiter.is_ascii() && *delimiter != self.source.quote => *delimiter,
            _ => return None,
        };
        if !word.eq_ignore_ascii_case(b"sep=") {
            return None;
        }
        self.at += (length + 1).min(self.rest().len());
        self.line += 1;
        Some(delimiter)
    }

    fn skip_empty_lines(&mut self) {
        loop {
            self.at += match self.rest() {
                [b'\n', ..] => 1,
                [b'\r', b'\n', ..] => 2,
                _ => return,
            };
            self.line += 1;
        }
    }

    /// Goes to a line, without reading what stands before it.
    fn skip_lines_before(&mut self, line: u64) -> Result<()> {
        while self.line < line {
            match memchr::memchr(b'\n', self.rest()) {
                Some(length) => self.at += length + 1,
                None if self.is_whole => {
                    let fix = "check header_row";
                    return self.refuse("empty", "the file ends before the line of its header", fix);
                }
                None => {
                    let fix = "check header_row, and that this is delimited text";
                    return self.refuse("too_long", "the lines before the header are longer than 64 KiB", fix);
                }
            }
            self.line += 1;
        }
        Ok(())
    }

    /// The cells of the line that follows.
    fn names(&mut self, syntax: Syntax) -> Result<Vec<String>> {
        let mut fields = Fields::default();
        let is_over = self.at >= self.text.len();
        let end = match if is_over {
            Scan::Incomplete
        } else {
            next_row(&self.text, self.at, syntax, self.is_whole, &mut fields)
        } {
            Scan::Row { end } => end,
            Scan::Blank { .. } => {
                return self.refuse("empty", "this line is empty, and should name the columns", "check header_row");
            }
            Scan::Bad { .. } => {
                return self.refuse("quote", "the header has a quote that is not closed", "mend the header");
            }
            Scan::Incomplete if is_over => {
                return self.refuse(
                    "empty",
                    "the file has no header",
                    "the first line must name the columns; for a file without one, name them with header = [...] in \
                     [[file]]",
                );
            }
            Scan::Incomplete => {
                return self.refuse(
                    "too_long",
                    "the header is longer than 64 KiB",
                    "check that this is delimited text",
                );
            }
        };
        let line = self.text.get(self.at..end).unwrap_or_default();
        if line.contains(&0) {
            return self.refuse(
                "nul",
                "the header has NUL bytes: this is UTF-16 or no text",
                "save the file as UTF-8 text",
            );
        }
        let mut names = Vec::with_capacity(fields.len());
        for n in 0..fields.len() {
            let Some(name) = decode_line(fields.get(&self.text, n), self.source.encoding) else {
                let fix = "set encoding in [source] to windows-1252, iso-8859-15 or iso-8859-1";
                return self.refuse("encoding", "the header is not valid UTF-8, which the profile says it is", fix);
            };
            names.push(name.trim().to_owned());
        }
        self.line += memchr::memchr_iter(b'\n', line).count() as u64;
        self.at = end;
        Ok(names)
    }
}

/// Some systems end each row with a delimiter but not the header, or the header but not the rows. Where all of the first
/// rows do, the column without a name that this makes is added to the header or taken from it.
fn fit_last_delimiters(names: &mut Vec<String>, rows: &[u8], is_whole: bool, syntax: Syntax) {
    let width = names.len();
    let ends_empty = names.last().is_some_and(String::is_empty);
    let mut fields = Fields::default();
    let (mut at, mut longer, mut shorter) = (0, 0, 0);
    while at < rows.len() {
        at = match next_row(rows, at, syntax, is_whole, &mut fields) {
            Scan::Blank { end } | Scan::Bad { end, .. } => end,
            Scan::Incomplete => break,
            Scan::Row { end } => {
                match fields.len() {
                    length if length == width => return,
                    length if length == width + 1 && !fields.get(rows, width).is_empty() => return,
                    length if length == width + 1 => longer += 1,
                    length if length + 1 == width && ends_empty => shorter += 1,
                    // Totals, or a broken row.
                    _ => {}
                }
                end
            }
        };
    }
    if longer > 0 && shorter == 0 {
        names.push(String::new());
    } else if shorter > 0 && longer == 0 {
        names.pop();
    }
}

/// Whether a text begins with the mark of UTF-16, as Excel's "Unicode text" does.
pub(crate) fn is_utf16(text: &[u8]) -> bool {
    text.starts_with(&[0xFF, 0xFE]) || text.starts_with(&[0xFE, 0xFF])
}

/// Whether text with several multi-byte characters is sound UTF-8: single-byte text hardly ever is.
fn is_surely_utf8(text: &[u8]) -> bool {
    let checked = match std::str::from_utf8(text) {
        Ok(checked) => checked,
        // The text may be cut inside a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(text.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    checked.chars().filter(|c| !c.is_ascii()).take(3).count() == 3
}
