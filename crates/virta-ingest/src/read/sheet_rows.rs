//! Rows of spreadsheets, as texts.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{Data, Dimensions, Reader, SheetType, SheetVisible, Sheets, StyleRange};
use virta_model::hetu;
use virta_model::settings;

use crate::error::{Error, Result};
use crate::parse::number::trim;
use crate::profile::names::joined;
use crate::read::cells::OwnedCells;
use crate::read::form::{Aside, Form, Tail};
use crate::read::header::{Header, Written, check_header};
use crate::read::typed::Texts;
use crate::read::workbook::SheetCells;

/// Reads the sheet of a workbook that the form names row by row. Dates become ISO text, numbers get the profile's
/// decimal character, empty cells become the profile's first text for missing, or an empty one. Wholly empty rows are no
/// rows.
pub(crate) fn for_each(
    path: &Path,
    form: &Form<'_>,
    head: &mut dyn FnMut(Header<'_>) -> Result<()>,
    row: &mut dyn FnMut(u64, &OwnedCells) -> Result<()>,
) -> Result<Aside> {
    let mut sheet = Sheet::open(path, form)?;
    let (names, first) = sheet.header(form)?;
    check_header(&names, &path.display().to_string())?;
    head(Header { names: &names, written: Written::Typed { from_1904: sheet.counts_from_1904() } })?;
    let mut aside = Aside { skipped: form.header_row.first().map_or(0, |row| u64::from(*row) - 1), ..Aside::default() };
    sheet.find_times(first);
    let mut cells = OwnedCells::default();
    let mut tail: Tail<OwnedCells> = Tail::default();
    for at in first..sheet.filled.height() {
        if sheet.is_empty(at) {
            continue;
        }
        let line = sheet.line_of(at);
        cells.clear();
        for column in 0..names.len() {
            sheet.push(at, column, form, &mut cells);
        }
        tail.take(form, line, &cells, row)?;
    }
    aside.skipped += tail.settle().1;
    Ok(aside)
}

/// Which of the first rows of the sheet has cells that `fits` knows.
pub(crate) fn line_that(path: &Path, form: &Form<'_>, fits: &dyn Fn(&[String]) -> bool) -> Option<u64> {
    const ROWS: usize = 30;
    let sheet = Sheet::open(path, form).ok()?;
    let first = (0..sheet.filled.height().min(ROWS)).find(|at| fits(&sheet.names(*at, &form.with_header_row(&[]))));
    first.map(|at| sheet.line_of(at))
}

/// One sheet of a workbook, in memory.
struct Sheet {
    file: String,
    filled: SheetCells,
    /// Merged cells, where the kind of workbook tells them.
    merged: Vec<Dimensions>,
    /// How cells are shown, where the kind of workbook tells it.
    styles: Option<StyleRange>,
    book: Sheets<BufReader<File>>,
    name: String,
    /// By column: whether some cell has a time of day beside its date.
    timed: Vec<bool>,
}

impl Sheet {
    fn open(path: &Path, form: &Form<'_>) -> Result<Self> {
        let file = path.display().to_string();
        let mut book = calamine::open_workbook_auto(path).map_err(|_| unreadable(&file, "not a readable workbook"))?;
        let (name, filled) = choose(&mut book, form, &file)?;
        let merged = match &mut book {
            Sheets::Xlsx(book) => book.merge_cells_by_sheet_name(&name).unwrap_or_default(),
            _ => Vec::new(),
        };
        Ok(Sheet { file, filled, merged, styles: None, book, name, timed: Vec::new() })
    }

    /// The names of the columns, and the place of the first row after them.
    fn header(&self, form: &Form<'_>) -> Result<(Vec<String>, usize)> {
        let start = self.filled.start.0 as usize;
        let (mut names, first) = match (form.header, form.header_row) {
            ([], []) => {
                let at = (0..self.filled.height()).find(|at| !self.is_empty(*at)).unwrap_or(0);
                (self.names(at, form), at + 1)
            }
            ([], rows) => {
                let mut lines = Vec::new();
                let mut after = 0;
                for row in rows {
                    let at = (*row as usize - 1).checked_sub(start).filter(|at| *at < self.filled.height());
                    let Some(at) = at.filter(|at| !self.is_empty(*at)) else {
                        return Err(self.refuse(*row, "this row is empty, and should name the columns"));
                    };
                    lines.push(self.names(at, form));
                    after = at + 1;
                }
                (if lines.len() == 1 { lines.pop().unwrap_or_default() } else { joined(lines) }, after)
            }
            (given, _) => (given.to_vec(), 0),
        };
        if names.len() < self.filled.width {
            names.resize(self.filled.width, String::new());
        }
        Ok((names, first))
    }

    /// Whether day 0 of the workbook is the first of 1904, as spreadsheet programs of Apple's computers had it.
    fn counts_from_1904(&self) -> bool {
        match &self.book {
            Sheets::Xlsx(book) => book.has_1904_epoch(),
            Sheets::Xls(book) => book.has_1904_epoch(),
            _ => false,
        }
    }

    fn refuse(&self, row: u32, message: &str) -> Error {
        Error::refused_at(
            &self.file,
            u64::from(row),
            "empty",
            message,
            "check header_row: rows count as the spreadsheet program counts them",
        )
    }

    /// The cells of a row as names. A cell that is merged with one above the header has its name from there.
    fn names(&self, at: usize, form: &Form<'_>) -> Vec<String> {
        let texts = Texts::new(form.source);
        let (row, start) = (self.line_of(at) as u32 - 1, self.filled.start.1);
        let first = form.header_row.first().map_or(row, |first| first - 1);
        let name = |column: usize| {
            let place = (row, start + column as u32);
            let own = self.filled.get((at, column)).map(|cell| texts.of(cell, false)).unwrap_or_default();
            if !own.trim().is_empty() || row != first {
                return own.trim().to_owned();
            }
            let above = self.merged.iter().find(|cells| cells.start.0 < row && cells.contains(place.0, place.1));
            let above = above.filter(|cells| cells.start.1 == place.1).and_then(|cells| self.filled.at(cells.start));
            above.map(|cell| texts.of(cell, false).trim().to_owned()).unwrap_or_default()
        };
        (0..self.filled.width).map(name).collect()
    }

    /// The row's number as the spreadsheet program counts.
    fn line_of(&self, at: usize) -> u64 {
        u64::from(self.filled.start.0) + at as u64 + 1
    }

    fn is_empty(&self, at: usize) -> bool {
        self.filled.row(at).iter().all(|(_, cell)| is_blank(cell))
    }

    /// Learns how to tell midnight from a date without a time: by how the cell is shown, else by whether other cells of
    /// its column have a time.
    fn find_times(&mut self, first: usize) {
        let (mut has_midnights, mut timed) = (false, vec![false; self.filled.width]);
        for (column, cell) in (first..self.filled.height()).flat_map(|at| self.filled.row(at)) {
            let Some(timed) = timed.get_mut((column - self.filled.start.1) as usize) else { continue };
            if let Data::DateTime(stamp) = cell {
                let has_time = stamp.as_f64().fract() != 0.0;
                has_midnights |= !has_time;
                *timed |= has_time;
            }
        }
        self.timed = timed;
        if let (true, Sheets::Xlsx(book)) = (has_midnights, &mut self.book) {
            self.styles = book.worksheet_style(&self.name).ok();
        }
    }

    /// Whether a date at midnight is shown with its time.
    fn shows_time(&self, at: usize, column: usize) -> bool {
        let Some(styles) = &self.styles else { return self.timed.get(column).copied().unwrap_or(false) };
        let (row, start) = self.filled.start;
        let style = styles.get((row + at as u32, start + column as u32));
        style.and_then(|style| style.number_format.as_ref()).is_some_and(|format| has_hours(&format.format_code))
    }

    fn push(&self, at: usize, column: usize, form: &Form<'_>, cells: &mut OwnedCells) {
        let texts = Texts::new(form.source);
        match (self.filled.get((at, column)), self.filled.error_at((at, column))) {
            (None | Some(Data::Empty), _) => cells.push(form.missing()),
            (Some(_), Some(error)) => texts.push_error(error, cells),
            (Some(cell), None) => {
                let is_midnight = matches!(cell, Data::DateTime(stamp) if stamp.as_f64().fract() == 0.0);
                texts.push(cell, is_midnight && self.shows_time(at, column), cells);
            }
        }
    }
}

/// The sheet that the form names, or the only filled one.
fn choose(book: &mut Sheets<BufReader<File>>, form: &Form<'_>, file: &str) -> Result<(String, SheetCells)> {
    let tabs: Vec<(String, bool, bool)> = book
        .sheets_metadata()
        .iter()
        .map(|sheet| (sheet.name.clone(), sheet.typ == SheetType::WorkSheet, sheet.visible == SheetVisible::Visible))
        .collect();
    let refuse = |message: String, fix: &str| Err(Error::refused(file, "sheet", message, fix));
    let listed = |places: &[usize]| {
        let name = |at: &usize| match tabs.get(*at) {
            Some((name, _, is_visible)) if !hetu::in_any_word(name) => {
                format!("{name:?}{}", if *is_visible { "" } else { " (hidden)" })
            }
            _ => format!("number {}", at + 1),
        };
        places.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let sheets: Vec<usize> = (0..tabs.len()).filter(|at| tabs.get(*at).is_some_and(|tab| tab.1)).collect();
    let mut load = |at: usize| {
        let name = tabs.get(at).map(|tab| tab.0.clone()).unwrap_or_default();
        let cells = SheetCells::read(book, &name);
        let cells = cells.ok_or_else(|| unreadable(file, "a sheet of the workbook is not readable"))?;
        Ok::<_, Error>((name, cells))
    };
    let wanted = match form.sheet {
        None => None,
        Some(settings::Sheet::Number(number)) => {
            Some((*number as usize).checked_sub(1).filter(|at| sheets.contains(at)))
        }
        Some(settings::Sheet::Name(wanted)) => {
            let named = |fits: &dyn Fn(&str) -> bool| {
                sheets.iter().copied().find(|at| tabs.get(*at).is_some_and(|tab| fits(&tab.0)))
            };
            let folded = wanted.trim().to_lowercase();
            Some(named(&|name| name == wanted).or_else(|| named(&|name| name.trim().to_lowercase() == folded)))
        }
    };
    match wanted {
        Some(None) => {
            return refuse(
                format!("the workbook has no such sheet; it has {}", listed(&sheets)),
                "mend sheet in the profile",
            );
        }
        Some(Some(at)) => {
            let (name, cells) = load(at)?;
            if is_filled(&cells) {
                return Ok((name, cells));
            }
            return refuse(
                "the sheet is empty".to_owned(),
                "mend sheet in the profile, or ask the sender for the file again",
            );
        }
        None => {}
    }
    let mut filled = Vec::new();
    let mut only = None;
    for at in sheets {
        let (name, cells) = load(at)?;
        if is_filled(&cells) {
            filled.push(at);
            only = Some((name, cells));
        }
    }
    match (only, filled.len()) {
        (Some(sheet), 1) => Ok(sheet),
        (Some(_), _) => refuse(
            format!("the workbook has several filled sheets: {}", listed(&filled)),
            "say in [[file]] which one it is, such as sheet = \"name\"",
        ),
        (None, _) => Err(unreadable(file, "no sheet of the workbook has anything in it")),
    }
}

/// A workbook that cannot be read.
pub(crate) fn unreadable(file: &str, message: &str) -> Error {
    Error::refused(
        file,
        "workbook",
        message,
        "open it in a spreadsheet program and save it as .xlsx, without a password",
    )
}

fn is_blank(cell: &Data) -> bool {
    match cell {
        Data::Empty => true,
        Data::String(text) => trim(text.as_bytes()).is_empty(),
        _ => false,
    }
}

fn is_filled(cells: &SheetCells) -> bool {
    cells.cells().any(|cell| !is_blank(cell))
}

/// Whether a number format shows the time of day.
fn has_hours(format: &str) -> bool {
    let mut in_quotes = false;
    let mut in_brackets = false;
    let mut is_literal = false;
    for c in format.chars() {
        match c {
            _ if is_literal => is_literal = false,
            '\\' | '_' | '*' if !in_quotes => is_literal = true,
            '"' => in_quotes = !in_quotes,
            _ if in_quotes => {}
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            // Colours and languages stand in brackets, lengths of time too.
            'h' | 'H' | 's' | 'S' if !in_brackets => return true,
            // Only the first section is for dates.
            ';' => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_shows_a_time_when_it_has_hours_or_seconds_of_its_own() {
        for format in ["hh:mm", "dd.mm.yyyy hh:mm", "m/d/yy h:mm", "mm:ss.0", "[$-409]h:mm AM/PM;@"] {
            assert!(has_hours(format), "{format}");
        }
        for format in ["dd.mm.yyyy", "mm-dd-yy", "[$-sh]dd.mm.yyyy", "yyyy\\h", "d \"hours\"", "General", "d;h"] {
            assert!(!has_hours(format), "{format}");
        }
    }
}
