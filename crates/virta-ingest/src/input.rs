//! Opening files: what kind they are, their bytes and hash, and small tables read row by row.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use virta_model::hetu;
use virta_model::settings::{Encoding, Source};

use crate::cells::{Cells, OwnedCells, TextCells};
use crate::csv::{Fields, Scan, Splitter, Syntax, decode, decode_line, next_row};
use crate::error::{At, Error, Refusal, Result};
use crate::{arrow_rows, sheet_rows};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    Text,
    GzipText,
    Parquet,
    Sheet,
}

impl FileKind {
    pub fn of(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        match () {
            () if name.ends_with(".parquet") => FileKind::Parquet,
            () if name.ends_with(".xlsx") || name.ends_with(".xls") || name.ends_with(".ods") => FileKind::Sheet,
            () if name.ends_with(".gz") => FileKind::GzipText,
            () => FileKind::Text,
        }
    }
}

/// Counts and hashes the bytes that pass.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<(blake3::Hasher, u64)>>);

impl Seen {
    fn add(&self, bytes: &[u8]) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.0.update(bytes);
        inner.1 += bytes.len() as u64;
    }
    pub fn bytes(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }
    pub fn hash(&self) -> blake3::Hash {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.finalize()
    }
}

struct Hashing<R> {
    reader: R,
    seen: Seen,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.seen.add(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Opens delimited text, unpacked where needed. Hash and size are of the file as delivered.
pub(crate) fn open_text(path: &Path, kind: FileKind) -> Result<(Box<dyn Read + Send>, Seen)> {
    let seen = Seen::default();
    let reader = Hashing { reader: File::open(path).at("open", path)?, seen: seen.clone() };
    let reader: Box<dyn Read + Send> = match kind {
        FileKind::GzipText => Box::new(flate2::read::MultiGzDecoder::new(BufReader::with_capacity(1 << 16, reader))),
        _ => Box::new(reader),
    };
    Ok((reader, seen))
}

/// Hash and size of a file.
pub(crate) fn hash_file(path: &Path) -> Result<(blake3::Hash, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut file = File::open(path).at("open", path)?;
    let mut buffer = vec![0; 1 << 18];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer).at("read", path)?;
        if read == 0 {
            return Ok((hasher.finalize(), bytes));
        }
        bytes += read as u64;
        hasher.update(buffer.get(..read).unwrap_or_default());
    }
}

/// The head of a text: its column names, and what follows.
pub(crate) struct Head {
    pub names: Vec<String>,
    /// Text read past the header.
    pub carry: Vec<u8>,
    /// Line where `carry` begins.
    pub line: u64,
}

/// Reads and checks the header of delimited text.
pub(crate) fn read_head(reader: &mut dyn Read, path: &Path, file: &str, source: &Source) -> Result<Head> {
    let refuse = |rule, message: &str, fix: &str| {
        Err(Error::Refused(vec![Refusal {
            file: file.to_owned(),
            line: Some(1),
            rule,
            message: message.to_owned(),
            fix: fix.to_owned(),
            ..Refusal::default()
        }]))
    };
    let mut start = Vec::new();
    Read::take(&mut *reader, 1 << 16).read_to_end(&mut start).at("read", path)?;
    if start.is_empty() {
        return refuse("empty", "the file is empty", "ask the sender for the file again, or take it away");
    }
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return refuse("encoding", "the file is UTF-16", "save it as UTF-8");
    }
    if start.starts_with(&[0xEF, 0xBB, 0xBF]) {
        if source.encoding != Encoding::Utf8 {
            let message =
                format!("the file begins with the mark of UTF-8, but the profile says {}", source.encoding.as_str());
            return refuse("encoding", &message, "set encoding = \"utf-8\" in [source]");
        }
        start.drain(..3);
    }
    let syntax = Syntax { delimiter: source.delimiter, quote: source.quote, fields: 0 };
    let mut fields = Fields::default();
    let mut at = 0;
    let mut line = 1;
    let end = loop {
        let whole = start.len() < (1 << 16) - 3;
        match if at < start.len() { next_row(&start, at, syntax, whole, &mut fields) } else { Scan::Incomplete } {
            Scan::Row { end } => break end,
            Scan::Blank { end } => {
                at = end;
                line += 1;
            }
            Scan::Bad { .. } => return refuse("quote", "the header has a quote that is not closed", "mend the header"),
            Scan::Incomplete if at >= start.len() => {
                return refuse("empty", "the file has no header", "the first line must name the columns");
            }
            Scan::Incomplete => {
                return refuse("too_long", "the first line is longer than 64 KiB", "check that this is delimited text");
            }
        }
    };
    let header = start.get(at..end).unwrap_or_default();
    if header.contains(&0) {
        return refuse("nul", "the header has NUL bytes: this is UTF-16 or no text", "save the file as UTF-8 text");
    }
    line += memchr::memchr_iter(b'\n', header).count() as u64;
    if source.encoding != Encoding::Utf8
        && is_surely_utf8(start.get(..start.len().saturating_sub(4)).unwrap_or_default())
    {
        let message = format!("the text is UTF-8, but the profile says {}", source.encoding.as_str());
        return refuse("encoding", &message, "set encoding = \"utf-8\" in [source]");
    }
    let mut names = Vec::with_capacity(fields.len());
    for n in 0..fields.len() {
        let Some(name) = decode_line(fields.get(&start, n), source.encoding) else {
            let fix = "set encoding in [source] to windows-1252, iso-8859-15 or iso-8859-1";
            return refuse("encoding", "the header is not valid UTF-8, which the profile says it is", fix);
        };
        names.push(name.trim().to_owned());
    }
    check_header(&names, file)?;
    Ok(Head { names, carry: start.split_off(end), line })
}

/// Refuses column names with a personal identity code in them, of files of any kind.
pub(crate) fn check_header(names: &[String], file: &str) -> Result<()> {
    let words = |name: &str| name.split(|c: char| !c.is_alphanumeric()).any(|word| hetu::occurs_in(word.as_bytes()));
    if !names.iter().any(|name| hetu::occurs_in(name.as_bytes()) || words(name)) {
        return Ok(());
    }
    Err(Error::Refused(vec![Refusal {
        file: file.to_owned(),
        line: Some(1),
        rule: "hetu",
        message: "a personal identity code stands in the header".to_owned(),
        fix: "the first line must name the columns".to_owned(),
        ..Refusal::default()
    }]))
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

/// Reads a table of any kind row by row: `head` sees the column names, `row` each row with its line.
/// Rows that break the format are left out and counted.
pub(crate) fn for_each_row(
    path: &Path,
    source: &Source,
    head: &mut dyn FnMut(&[String]) -> Result<()>,
    row: &mut dyn FnMut(u64, &dyn Cells) -> Result<()>,
) -> Result<u64> {
    let kind = FileKind::of(path);
    match kind {
        FileKind::Parquet => arrow_rows::for_each(path, source, head, &mut |line, cells: &OwnedCells| row(line, cells)),
        FileKind::Sheet => sheet_rows::for_each(path, source, head, &mut |line, cells: &OwnedCells| row(line, cells)),
        FileKind::Text | FileKind::GzipText => text_rows(path, kind, source, head, row),
    }
}

fn text_rows(
    path: &Path,
    kind: FileKind,
    source: &Source,
    head: &mut dyn FnMut(&[String]) -> Result<()>,
    row: &mut dyn FnMut(u64, &dyn Cells) -> Result<()>,
) -> Result<u64> {
    let (mut reader, _) = open_text(path, kind)?;
    let header = read_head(&mut reader, path, &path.display().to_string(), source)?;
    head(&header.names)?;
    let syntax = Syntax { delimiter: source.delimiter, quote: source.quote, fields: header.names.len() };
    let mut splitter = Splitter::new(reader, syntax, 1 << 18, header.carry, header.line);
    let mut fields = Fields::default();
    let mut bad = 0;
    while let Some(chunk) = splitter.next(Vec::new()).at("read", path)? {
        let decoded = decode(&chunk.bytes, source.encoding);
        bad += chunk.too_long.len() as u64;
        let (mut at, mut line) = (0, chunk.first_line);
        while at < decoded.bytes.len() {
            match next_row(&decoded.bytes, at, syntax, true, &mut fields) {
                Scan::Row { end } => {
                    let whole = decoded.bytes.get(at..end).unwrap_or_default();
                    let sound = decoded.sound || std::str::from_utf8(whole).is_ok();
                    if fields.len() == syntax.fields && sound {
                        row(line, &TextCells { text: &decoded.bytes, fields: &fields })?;
                    } else {
                        bad += 1;
                    }
                    line += 1 + fields.inner_lines;
                    at = end;
                }
                Scan::Blank { end } => {
                    line += 1;
                    at = end;
                }
                Scan::Bad { end, .. } => {
                    bad += 1;
                    line += 1;
                    at = end;
                }
                Scan::Incomplete => break,
            }
        }
    }
    Ok(bad)
}
