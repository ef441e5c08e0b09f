//! What a file looks like before anybody has said where its table begins: the first rows and the last ones, as texts.

use std::io::Read;
use std::path::Path;

use calamine::{Data, Reader as _};
use virta_model::settings::Source;

use crate::error::{Error, Result};
use crate::read::csv::{Fields, Scan, Syntax, decode, next_row};
use crate::read::input::FileKind;
use crate::read::sheet_rows::unreadable;
use crate::read::text::{open_text, unreadable_text};
use crate::read::workbook::SheetCells;

/// Bytes of a text that are looked at from its beginning.
const START_BYTES: u64 = 8 << 20;
/// Bytes of a text that are looked at from its end, for totals.
const TAIL_BYTES: usize = 1 << 15;
/// Rows that are kept.
const ROWS: usize = 20_000;

/// What a cell is in a file that has types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    #[default]
    Text,
    Number,
    /// A day, or a day with a time.
    Day,
    Time,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// Without white space at its ends; empty is no value.
    pub text: String,
    pub form: Form,
}

impl Cell {
    fn text(text: &str) -> Self {
        Cell { text: text.trim().to_owned(), form: Form::Text }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Row {
    /// Line of the file, or row of the sheet, from 1.
    pub line: u64,
    pub cells: Vec<Cell>,
}

impl Row {
    pub(super) fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_empty()).count()
    }

    pub(super) fn first(&self) -> Option<&Cell> {
        self.cells.iter().find(|cell| !cell.is_empty())
    }
}

/// One table of a file: a text, a Parquet file, or a sheet of a workbook.
#[derive(Debug, Default)]
pub(super) struct Grid {
    pub sheet: Option<String>,
    /// Names that the file itself gives, where it has a schema.
    pub schema: Option<Vec<String>>,
    pub rows: Vec<Row>,
    /// The last rows, where `rows` does not reach the end.
    pub(crate) tail: Vec<Row>,
}

impl Grid {
    /// The last row of the file that is not empty.
    pub(crate) fn last_rows(&self) -> impl Iterator<Item = &Row> {
        self.tail.iter().rev().chain(self.rows.iter().rev()).filter(|row| row.filled() > 0)
    }
}

/// Reads the tables of a file: one, or one for each sheet of a workbook.
///
/// # Errors
/// A file that cannot be opened or is no such file.
pub(super) fn read(file: &Path, source: &Source) -> Result<Vec<Grid>> {
    match FileKind::of(file) {
        FileKind::Text => Ok(vec![text(file, source)?]),
        FileKind::Parquet => Ok(vec![parquet(file, source)?]),
        FileKind::Sheet => sheets(file, source),
    }
}

/// The beginning and the end of a text, as bytes.
pub(super) fn ends_of(file: &Path) -> Result<(Vec<u8>, Vec<u8>)> {
    let (mut reader, _) = open_text(file)?;
    let mut start = Vec::new();
    Read::take(&mut reader, START_BYTES).read_to_end(&mut start).map_err(|error| unreadable_text(file, error))?;
    let mut tail = Vec::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = reader.read(&mut buffer).map_err(|error| unreadable_text(file, error))?;
        if read == 0 {
            break;
        }
        tail.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let surplus = tail.len().saturating_sub(TAIL_BYTES);
        tail.drain(..surplus);
    }
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    if !tail.is_empty() {
        let whole = start.iter().rposition(is_end).map_or(0, |at| at + 1);
        start.truncate(whole);
        let from = tail.iter().position(is_end).map_or(tail.len(), |at| at + 1);
        tail.drain(..from);
    }
    Ok((start, tail))
}

fn text(file: &Path, source: &Source) -> Result<Grid> {
    let (start, tail) = ends_of(file)?;
    let mut grid = Grid { rows: rows_of(&start, source), ..Grid::default() };
    grid.tail = if tail.is_empty() { grid.rows.split_off(grid.rows.len().min(ROWS)) } else { rows_of(&tail, source) };
    grid.rows.truncate(ROWS);
    keep_last(&mut grid.tail);
    Ok(grid)
}

fn keep_last(rows: &mut Vec<Row>) {
    let surplus = rows.len().saturating_sub(100);
    rows.drain(..surplus);
}

fn rows_of(bytes: &[u8], source: &Source) -> Vec<Row> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let decoded = decode(bytes, source.encoding);
    let syntax = Syntax { delimiter: source.delimiter, quote: source.quote, fields: 0 };
    let (mut rows, mut fields, mut at, mut line) = (Vec::new(), Fields::default(), 0, 1);
    while at < decoded.bytes.len() {
        match next_row(&decoded.bytes, at, syntax, true, &mut fields) {
            Scan::Row { end } => {
                let cells = (0..fields.len())
                    .map(|n| Cell::text(&String::from_utf8_lossy(fields.get(&decoded.bytes, n))))
                    .collect();
                rows.push(Row { line, cells });
                line += 1 + fields.inner_lines;
                at = end;
            }
            Scan::Blank { end } | Scan::Bad { end, .. } => {
                line += 1;
                at = end;
            }
            Scan::Incomplete => break,
        }
    }
    // Excel's first line that names the delimiter is no row of the table.
    if rows.first().and_then(Row::first).is_some_and(|cell| cell.text.to_ascii_lowercase().starts_with("sep=")) {
        rows.remove(0);
    }
    rows
}

fn parquet(file: &Path, source: &Source) -> Result<Grid> {
    let mut names = Vec::new();
    let mut rows = Vec::new();
    let result = crate::read::input::for_each_row(
        file,
        &crate::read::form::Form::plain(source),
        &mut |header| {
            names = header.names.to_vec();
            Ok(())
        },
        &mut |line, cells| {
            let cell = |at| Cell::text(&String::from_utf8_lossy(cells.cell(at)));
            rows.push(Row { line, cells: (0..cells.count()).map(cell).collect() });
            if rows.len() >= ROWS { Err(Error::Interrupted) } else { Ok(()) }
        },
    );
    match result {
        Ok(_) | Err(Error::Interrupted) => Ok(Grid { schema: Some(names), rows, ..Grid::default() }),
        Err(error) => Err(error),
    }
}

fn sheets(file: &Path, source: &Source) -> Result<Vec<Grid>> {
    let mut workbook = calamine::open_workbook_auto(file)
        .map_err(|_| unreadable(&file.display().to_string(), "not a readable workbook"))?;
    let mut grids = Vec::new();
    for name in workbook.sheet_names() {
        let Some(sheet) = SheetCells::read(&mut workbook, &name) else { continue };
        let row = |at: usize| sheet_row(&sheet, at, source.decimal);
        let rows = (0..sheet.height().min(ROWS)).map(row).collect();
        let tail = (sheet.height().saturating_sub(100).max(ROWS)..sheet.height()).map(row).collect();
        grids.push(Grid { sheet: Some(name), rows, tail, ..Grid::default() });
    }
    Ok(grids)
}

/// A row to its last filled cell: one stray cell far to the right would else widen every row.
fn sheet_row(sheet: &SheetCells, at: usize, decimal: u8) -> Row {
    let filled = sheet.row(at).last().map_or(0, |(column, _)| (column - sheet.start.1) as usize + 1);
    let cells = (0..filled).map(|column| cell(sheet.get((at, column)), decimal)).collect();
    Row { line: u64::from(sheet.start.0) + at as u64 + 1, cells }
}

fn cell(cell: Option<&Data>, decimal: u8) -> Cell {
    let form = |form, text: String| Cell { text, form };
    match cell.unwrap_or(&Data::Empty) {
        Data::Empty => Cell::default(),
        Data::String(text) => Cell::text(text),
        Data::DateTimeIso(text) => form(Form::Day, text.clone()),
        Data::DurationIso(text) => form(Form::Time, text.clone()),
        Data::Bool(flag) => Cell::text(&flag.to_string()),
        Data::Error(_) => form(Form::Error, "#".to_owned()),
        Data::Int(number) => form(Form::Number, number.to_string()),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            form(Form::Number, format!("{number:.0}"))
        }
        Data::Float(number) => form(Form::Number, number.to_string().replace('.', &char::from(decimal).to_string())),
        Data::DateTime(stamp) => {
            let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            if stamp.as_f64() < 1.0 {
                form(Form::Time, time)
            } else if (hour, minute, second) == (0, 0, 0) {
                form(Form::Day, format!("{year:04}-{month:02}-{day:02}"))
            } else {
                form(Form::Day, format!("{year:04}-{month:02}-{day:02}T{time}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_cell_far_to_the_right_widens_no_other_row() {
        let text = |text: &str| Data::String(text.to_owned());
        let mut sheet = SheetCells::default();
        let cells =
            vec![((2, 1), text("id")), ((2, 3), text("day")), ((3, 1), text("p1")), ((1_048_575, 16_383), text("x"))];
        sheet.place(cells).unwrap();
        let widths: Vec<_> = [0, 1, 2].map(|at| sheet_row(&sheet, at, b',').cells.len()).to_vec();
        assert_eq!(widths, [3, 1, 0]);
        assert_eq!(sheet_row(&sheet, 1_048_573, b',').cells.len(), 16_383);
    }
}
