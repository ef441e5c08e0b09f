//! Files of any kind: which it is, their hash, and small tables read row by row.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{At, Error, Result};
use crate::read::arrow_rows;
use crate::read::cells::{Cells, OwnedCells, TextCells};
use crate::read::csv::{Fields, Scan, Splitter, Syntax, decode, next_row};
use crate::read::form::{Aside, Form, Tail};
use crate::read::head::{self, read_head};
use crate::read::header::{Header, Written};
use crate::read::sheet_rows;
use crate::read::text::{open_text, unreadable_text};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// Delimited text, packed or not.
    Text,
    Parquet,
    Sheet,
}

impl FileKind {
    pub(crate) fn of(path: &Path) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        match () {
            () if name.ends_with(".parquet") => FileKind::Parquet,
            () if name.ends_with(".xlsx") || name.ends_with(".xls") || name.ends_with(".ods") => FileKind::Sheet,
            () => FileKind::Text,
        }
    }
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

/// Reads a table of any kind row by row: `head` sees the column names, `row` each row with its line.
/// Rows that break the format are left out and counted.
pub(crate) fn for_each_row(
    path: &Path,
    form: &Form<'_>,
    head: &mut dyn FnMut(Header<'_>) -> Result<()>,
    row: &mut dyn FnMut(u64, &dyn Cells) -> Result<()>,
) -> Result<Aside> {
    match FileKind::of(path) {
        FileKind::Parquet => arrow_rows::for_each(path, form, head, &mut |line, cells: &OwnedCells| row(line, cells)),
        FileKind::Sheet => sheet_rows::for_each(path, form, head, &mut |line, cells: &OwnedCells| row(line, cells)),
        FileKind::Text => text_rows(path, form, head, row),
    }
}

/// Refuses what a profile says of lines or sheets where the file has none.
pub(crate) fn check_form(path: &Path, form: &Form<'_>) -> Result<()> {
    let kind = FileKind::of(path);
    let refuse = |rule: &'static str, message: &str, fix: &str| Err(Error::refused(path.display(), rule, message, fix));
    if form.sheet.is_some() && kind != FileKind::Sheet {
        return refuse("sheet", "this is no workbook, so it has no sheet", "take sheet out of the profile");
    }
    if kind == FileKind::Parquet && !(form.header.is_empty() && form.header_row.is_empty()) {
        let fix = "take header and header_row out of the profile";
        return refuse("header_row", "a Parquet file has no header: its columns have names of their own", fix);
    }
    Ok(())
}

/// Which of the first lines of a file has cells that `fits` knows. `None` also where the file cannot be read.
pub(crate) fn line_that(path: &Path, form: &Form<'_>, fits: &dyn Fn(&[String]) -> bool) -> Option<u64> {
    match FileKind::of(path) {
        FileKind::Parquet => None,
        FileKind::Sheet => sheet_rows::line_that(path, form, fits),
        FileKind::Text => head::line_that(&mut open_text(path).ok()?.0, path, form, fits),
    }
}

fn text_rows(
    path: &Path,
    form: &Form<'_>,
    head: &mut dyn FnMut(Header<'_>) -> Result<()>,
    row: &mut dyn FnMut(u64, &dyn Cells) -> Result<()>,
) -> Result<Aside> {
    let source = form.source;
    let (mut reader, _) = open_text(path)?;
    let header = read_head(&mut reader, path, &path.display().to_string(), form)?;
    head(Header { names: &header.names, written: Written::Text })?;
    let syntax = Syntax { delimiter: header.delimiter, quote: source.quote, fields: header.names.len() };
    let mut splitter = Splitter::new(reader, syntax, 1 << 18, header.carry, header.line);
    let mut fields = Fields::default();
    let mut aside = Aside { skipped: header.lines_skipped, ..Aside::default() };
    let mut tail: Tail<Option<OwnedCells>> = Tail::default();
    // A row that begins as totals do is `None` when it breaks the format.
    let mut give = |line: u64, cells: Option<&dyn Cells>, aside: &mut Aside| match cells {
        Some(cells) => row(line, cells),
        None => {
            aside.broke(line);
            Ok(())
        }
    };
    while let Some(chunk) = splitter.next(Vec::new()).map_err(|error| unreadable_text(path, error))? {
        let decoded = decode(&chunk.bytes, source.encoding);
        chunk.too_long.iter().for_each(|line| aside.broke(*line));
        let (mut at, mut line) = (0, chunk.first_line);
        while at < decoded.bytes.len() {
            match next_row(&decoded.bytes, at, syntax, true, &mut fields) {
                Scan::Row { end } => {
                    let whole = decoded.bytes.get(at..end).unwrap_or_default();
                    let sound = decoded.is_sound(whole);
                    let cells = TextCells { text: &decoded.bytes, fields: &fields };
                    let is_sound = fields.len() == syntax.fields && sound;
                    if form.may_be_totals(&cells) {
                        let held = is_sound.then(|| OwnedCells::of(&cells));
                        if let Some((line, cells)) = tail.hold(line, held) {
                            give(line, cells.as_ref().map(|cells| cells as &dyn Cells), &mut aside)?;
                        }
                    } else {
                        if !tail.is_empty() {
                            for (line, cells) in tail.pass(line) {
                                give(line, cells.as_ref().map(|cells| cells as &dyn Cells), &mut aside)?;
                            }
                        }
                        give(line, is_sound.then_some(&cells as &dyn Cells), &mut aside)?;
                    }
                    line += 1 + fields.inner_lines;
                    at = end;
                }
                Scan::Blank { end } => {
                    line += 1;
                    at = end;
                }
                Scan::Bad { end, .. } => {
                    for (line, cells) in tail.pass(line) {
                        give(line, cells.as_ref().map(|cells| cells as &dyn Cells), &mut aside)?;
                    }
                    aside.broke(line);
                    line += 1;
                    at = end;
                }
                Scan::Incomplete => break,
            }
        }
    }
    aside.skipped += tail.settle().1;
    Ok(aside)
}
