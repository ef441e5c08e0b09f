//! Aligned columns for people. Widths come from the first rows, so that long answers stream.

use std::fmt;
use std::io::Write;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use unicode_width::UnicodeWidthStr;

use super::{WriteError, Writer};
use crate::render::printable;

/// Rows that are looked at before the first is written.
const ROWS_AHEAD: usize = 1000;
/// Longer texts are cut, with a sign that they are; other formats hold them whole.
const WIDTH_MAX: usize = 80;

pub(super) struct Grid<'a> {
    out: Box<dyn Write + Send + 'a>,
    names: Vec<String>,
    numeric: Vec<bool>,
    waiting: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl<'a> Grid<'a> {
    pub(super) fn new(schema: &SchemaRef, out: Box<dyn Write + Send + 'a>) -> Self {
        let names = schema.fields().iter().map(|field| printable(field.name())).collect();
        let numeric = schema.fields().iter().map(|field| field.data_type().is_numeric()).collect();
        Grid { out, names, numeric, waiting: Vec::new(), widths: None }
    }

    fn begin(&mut self) -> Result<(), WriteError> {
        if self.widths.is_some() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let mut widths: Vec<usize> = self.names.iter().map(|name| name.width()).collect();
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let names = self.names.clone();
        self.line(&names, &widths)?;
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        self.line(&rules, &widths)?;
        for row in &rows {
            self.line(row, &widths)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    fn line(&mut self, cells: &[String], widths: &[usize]) -> Result<(), WriteError> {
        let mut line = String::new();
        for ((cell, width), numeric) in cells.iter().zip(widths).zip(&self.numeric) {
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            match numeric {
                true => line.extend([blanks.as_str(), cell.as_str()]),
                false => line.extend([cell.as_str(), blanks.as_str()]),
            }
            line.push_str("  ");
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        Ok(self.out.write_all(line.as_bytes())?)
    }
}

impl fmt::Debug for Grid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grid").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Writer for Grid<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let options = FormatOptions::new().with_display_error(false).with_null("null");
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref() as &dyn Array, &options))
            .collect::<Result<_, _>>()?;
        for row in 0..batch.num_rows() {
            let cells: Vec<String> =
                columns.iter().map(|column| cut(printable(&column.value(row).to_string()))).collect();
            match &self.widths {
                Some(widths) => {
                    let widths = widths.clone();
                    self.line(&cells, &widths)?;
                }
                None => {
                    self.waiting.push(cells);
                    if self.waiting.len() == ROWS_AHEAD {
                        self.begin()?;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.begin()?;
        Ok(self.out.flush()?)
    }
}

fn cut(text: String) -> String {
    if text.width() <= WIDTH_MAX {
        return text;
    }
    let mut short: String = text.chars().take(WIDTH_MAX - 1).collect();
    short.push('…');
    short
}
