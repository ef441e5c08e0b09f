//! CSV: comma and decimal point, or with a Finnish or Swedish language semicolon and decimal comma.
//!
//! Null is nothing, empty text is `""`. In an answer of one column null is `""` too: many readers skip an empty line.
//! Dates are ISO in every language. In Finnish and Swedish the file begins with a byte order mark, so that Excel knows
//! its letters, and ids are texts (`="123"`), since Excel rounds longer numbers. A text that Excel would take for a
//! formula is written in the same way there.

use std::fmt;
use std::io::Write;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use virta_model::Lang;

use super::{WriteError, Writer};

pub(super) struct Csv<'a> {
    out: Box<dyn Write + Send + 'a>,
    delimiter: char,
    decimal: char,
    line: String,
}

impl<'a> Csv<'a> {
    pub(super) fn new(schema: &SchemaRef, lang: Lang, out: Box<dyn Write + Send + 'a>) -> Result<Self, WriteError> {
        let (delimiter, decimal) = if lang == Lang::En { (',', '.') } else { (';', ',') };
        let mut csv = Csv { out, delimiter, decimal, line: String::new() };
        if lang != Lang::En {
            csv.line.push('\u{feff}');
        }
        for (at, field) in schema.fields().iter().enumerate() {
            csv.between(at);
            csv.text(field.name());
        }
        csv.end_line()?;
        Ok(csv)
    }

    fn between(&mut self, at: usize) {
        if at > 0 {
            self.line.push(self.delimiter);
        }
    }

    fn text(&mut self, text: &str) {
        let special = |c: char| c == self.delimiter || matches!(c, '"' | '\n' | '\r');
        if text.is_empty() || text.contains(special) || text.starts_with(' ') || text.ends_with(' ') {
            self.line.push('"');
            self.line.push_str(&text.replace('"', "\"\""));
            self.line.push('"');
        } else {
            self.line.push_str(text);
        }
    }

    fn number(&mut self, text: &str) {
        if self.decimal == '.' {
            self.line.push_str(text);
        } else {
            self.line.extend(text.chars().map(|c| if c == '.' { self.decimal } else { c }));
        }
    }

    fn end_line(&mut self) -> Result<(), WriteError> {
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }
}

impl fmt::Debug for Csv<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csv").field("delimiter", &self.delimiter).finish_non_exhaustive()
    }
}

impl Writer for Csv<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let options = FormatOptions::new().with_display_error(false);
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .zip(batch.schema_ref().fields())
            .map(|(column, field)| {
                let kind = match () {
                    () if is_decimal(column.data_type()) => Kind::Decimal,
                    () if self.decimal == ',' && super::is_id(field) => Kind::Id,
                    () if self.decimal == ',' && is_text(column.data_type()) => Kind::MaybeFormula,
                    () => Kind::Text,
                };
                Ok((column, ArrayFormatter::try_new(column, &options)?, kind))
            })
            .collect::<Result<_, WriteError>>()?;
        let mut text = String::new();
        for row in 0..batch.num_rows() {
            for (at, (column, formatter, kind)) in columns.iter().enumerate() {
                self.between(at);
                if column.is_null(row) || logically_null(column, row) {
                    if columns.len() == 1 {
                        self.line.push_str("\"\"");
                    }
                    continue;
                }
                text.clear();
                formatter.value(row).write(&mut text)?;
                match kind {
                    Kind::Decimal => self.number(&text),
                    Kind::Id => self.line.extend(["=\"", &text, "\""]),
                    Kind::MaybeFormula if text.starts_with(['=', '+', '-', '@', '\t']) => {
                        let quoted = format!("=\"{}\"", text.replace('"', "\"\""));
                        self.line.extend(["\"", &quoted.replace('"', "\"\""), "\""]);
                    }
                    Kind::MaybeFormula | Kind::Text => self.text(&text),
                }
            }
            self.end_line()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        Ok(self.out.flush()?)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Decimal,
    Id,
    /// A text that a spreadsheet program may run.
    MaybeFormula,
    Text,
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, values) => is_text(values),
        _ => matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

fn is_decimal(data_type: &DataType) -> bool {
    data_type.is_floating() || data_type.is_decimal()
}

/// A dictionary may hold null as one of its values, and a column that is null throughout has no mask.
fn logically_null(column: &dyn Array, row: usize) -> bool {
    matches!(column.data_type(), DataType::Dictionary(..) | DataType::Null)
        && column.logical_nulls().is_some_and(|nulls| nulls.is_null(row))
}
