//! The cells of one sheet of a workbook, as far as they are filled.
//!
//! Cells are kept row by row and not as a rectangle: a stray cell in the last row and column would make it one of
//! seventeen thousand million. A workbook's error values are read whatever their names are; calamine knows seven of them,
//! and spreadsheet programs have had more since, such as `#SPILL!` and `#CALC!`. A formula that no program has worked out
//! yet has no value, which is not to have none: its cell is an error, too.

use std::io::{Read, Seek};

use calamine::{CellErrorType, Data, DataRef, Reader, Sheets, Xlsx, XlsxError};
use hashbrown::HashMap;

/// Rows and columns that a sheet can have.
const ROWS_MAX: u32 = 1 << 20;
const COLUMNS_MAX: u32 = 1 << 14;

/// The filled cells of a sheet. Rows and columns count from 0 as the sheet does.
#[derive(Debug, Default)]
pub(crate) struct SheetCells {
    /// The first filled row and column.
    pub start: (u32, u32),
    /// From the first to the last filled column.
    pub width: usize,
    /// From the first to the last filled row, each in order of column.
    rows: Vec<Vec<(u32, Data)>>,
    /// The names of errors that calamine does not know.
    errors: HashMap<(u32, u32), String>,
}

impl SheetCells {
    /// Reads a sheet; `None` where it cannot be read.
    pub(crate) fn read<RS: Read + Seek>(book: &mut Sheets<RS>, name: &str) -> Option<Self> {
        let mut sheet = SheetCells::default();
        let cells = match book {
            Sheets::Xlsx(book) => xlsx_cells(book, name, &mut sheet.errors)?,
            other => {
                let range = other.worksheet_range(name).ok()?;
                let (row, column) = range.start().unwrap_or_default();
                let cells = range.used_cells();
                cells.map(|(r, c, data)| ((row + r as u32, column + c as u32), data.clone())).collect()
            }
        };
        sheet.place(cells)?;
        Some(sheet)
    }

    /// Takes cells with their places; `None` where a place is none of a spreadsheet program's.
    pub(crate) fn place(&mut self, cells: Vec<((u32, u32), Data)>) -> Option<()> {
        let (mut first, mut last) = ((u32::MAX, u32::MAX), (0, 0));
        for ((row, column), _) in &cells {
            if *row >= ROWS_MAX || *column >= COLUMNS_MAX {
                return None;
            }
            first = (first.0.min(*row), first.1.min(*column));
            last = (last.0.max(*row), last.1.max(*column));
        }
        if cells.is_empty() {
            return Some(());
        }
        self.start = first;
        self.width = (last.1 - first.1) as usize + 1;
        self.rows.resize_with((last.0 - first.0) as usize + 1, Vec::new);
        for ((row, column), data) in cells {
            if let Some(row) = self.rows.get_mut((row - first.0) as usize) {
                row.push((column, data));
            }
        }
        for row in self.rows.iter_mut().filter(|row| !row.is_sorted_by_key(|(column, _)| *column)) {
            row.sort_by_key(|(column, _)| *column);
        }
        Some(())
    }

    /// From the first to the last filled row.
    pub(crate) fn height(&self) -> usize {
        self.rows.len()
    }

    /// The filled cells of a row, counted from the first filled one.
    pub(crate) fn row(&self, at: usize) -> &[(u32, Data)] {
        self.rows.get(at).map_or(&[], Vec::as_slice)
    }

    /// A cell, counted from the first filled row and column.
    pub(crate) fn get(&self, (row, column): (usize, usize)) -> Option<&Data> {
        let (row, column) = (self.row(row), self.start.1 + column as u32);
        // Of a cell that stands there twice the last counts.
        let end = row.partition_point(|(at, _)| *at <= column);
        row.get(end.checked_sub(1)?).filter(|(at, _)| *at == column).map(|(_, data)| data)
    }

    /// A cell, counted as the sheet does.
    pub(crate) fn at(&self, (row, column): (u32, u32)) -> Option<&Data> {
        let row = row.checked_sub(self.start.0)?;
        self.get((row as usize, column.checked_sub(self.start.1)? as usize))
    }

    /// The name of the error that a cell holds, where its kind does not tell.
    pub(crate) fn error_at(&self, (row, column): (usize, usize)) -> Option<&str> {
        if self.errors.is_empty() {
            return None;
        }
        self.errors.get(&(self.start.0 + row as u32, self.start.1 + column as u32)).map(String::as_str)
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &Data> {
        self.rows.iter().flatten().map(|(_, data)| data)
    }
}

/// What stands for the value of a formula that was never worked out, as programs write them that only make workbooks.
const NOT_CALCULATED: &str = "not calculated";

/// Every filled cell of a sheet with its place.
fn xlsx_cells<RS: Read + Seek>(
    book: &mut Xlsx<RS>,
    name: &str,
    errors: &mut HashMap<(u32, u32), String>,
) -> Option<Vec<((u32, u32), Data)>> {
    let mut reader = book.worksheet_cells_reader(name).ok()?;
    let mut cells = Vec::new();
    loop {
        match reader.next_cell_with_formula_metadata() {
            Ok(None) => return Some(cells),
            Ok(Some(cell)) if matches!(cell.value, DataRef::Empty) => {
                if cell.formula.is_some() {
                    errors.insert(cell.pos, NOT_CALCULATED.to_owned());
                    cells.push((cell.pos, Data::Error(CellErrorType::Value)));
                }
            }
            Ok(Some(cell)) => cells.push((cell.pos, Data::from(cell.value.clone()))),
            Err(XlsxError::CellError(_)) => break,
            Err(_) => return None,
        }
    }
    drop(reader);
    xlsx_cells_with_errors(book, name, errors)
}

/// The same of a sheet with error values that calamine does not know. It goes on behind such a cell without saying where
/// it was, so that a first reading that looks at no value finds the place of each cell.
fn xlsx_cells_with_errors<RS: Read + Seek>(
    book: &mut Xlsx<RS>,
    name: &str,
    errors: &mut HashMap<(u32, u32), String>,
) -> Option<Vec<((u32, u32), Data)>> {
    let mut places = Vec::new();
    let mut reader = book.worksheet_cells_reader(name).ok()?;
    while let Some(cell) = reader.next_formula().ok()? {
        places.push((cell.get_position(), !cell.get_value().is_empty()));
    }
    drop(reader);
    let mut reader = book.worksheet_cells_reader(name).ok()?;
    let mut cells = Vec::new();
    for (place, has_formula) in places {
        match reader.next_cell() {
            Ok(Some(cell)) if matches!(cell.get_value(), DataRef::Empty) => {
                if has_formula {
                    errors.insert(place, NOT_CALCULATED.to_owned());
                    cells.push((place, Data::Error(CellErrorType::Value)));
                }
            }
            Ok(Some(cell)) => cells.push((place, Data::from(cell.get_value().clone()))),
            Err(XlsxError::CellError(text)) => {
                errors.insert(place, text);
                cells.push((place, Data::Error(CellErrorType::Value)));
            }
            // The two readings disagree about what a cell is.
            Ok(None) | Err(_) => return None,
        }
    }
    matches!(reader.next_cell(), Ok(None)).then_some(cells)
}
