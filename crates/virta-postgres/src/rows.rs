//! Rows of a batch as messages.

use arrow::array::RecordBatch;

use crate::error::Result;
use crate::values::{Column, Field, Wire};
use crate::wire::Out;

/// How `COPY ... TO STDOUT` writes rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CopyForm {
    Binary,
    /// Between values, and for null.
    Text {
        delimiter: u8,
        null: String,
        has_header: bool,
    },
    Csv {
        delimiter: u8,
        null: String,
        has_header: bool,
        quote: u8,
    },
}

/// What begins and ends a copy in binary form.
const COPY_SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const COPY_END: &[u8] = b"\xff\xff";

impl CopyForm {
    pub(crate) fn is_binary(&self) -> bool {
        *self == CopyForm::Binary
    }

    /// What comes before the first row in a message of its own.
    pub(crate) fn begin(&self, fields: &[Field], out: &mut Out) {
        match self {
            CopyForm::Text { has_header: true, delimiter, .. } => out.message(b'd', |out| {
                separated(out, *delimiter, fields, |out, field| escaped(out, field.name.as_bytes(), *delimiter));
            }),
            CopyForm::Csv { has_header: true, delimiter, quote, null } => out.message(b'd', |out| {
                separated(out, *delimiter, fields, |out, field| {
                    quoted(out, field.name.as_bytes(), *delimiter, *quote, null.as_bytes());
                });
            }),
            CopyForm::Binary | CopyForm::Text { .. } | CopyForm::Csv { .. } => {}
        }
    }

    /// What comes after the last row. `has_rows` is whether there was one.
    pub(crate) fn end(&self, has_rows: bool, out: &mut Out) {
        if self.is_binary() {
            out.message(b'd', |out| {
                self.sign(!has_rows, out);
                out.extend_from_slice(COPY_END);
            });
        }
    }

    /// A copy in binary form begins with a signature in the message of its first row: clients look for a row behind it.
    fn sign(&self, is_first: bool, out: &mut Vec<u8>) {
        if is_first && self.is_binary() {
            out.extend_from_slice(COPY_SIGNATURE);
        }
    }

    fn row(&self, columns: &[Column], row: usize, out: &mut Vec<u8>) {
        let mut value = Vec::new();
        match self {
            CopyForm::Binary => {
                out.extend_from_slice(&(columns.len() as u16).to_be_bytes());
                columns.iter().for_each(|column| column.field(row, true, out));
            }
            CopyForm::Text { delimiter, null, .. } => separated(out, *delimiter, columns, |out, column| {
                if column.is_null(row) {
                    out.extend_from_slice(null.as_bytes());
                } else {
                    value.clear();
                    column.text(row, &mut value);
                    escaped(out, &value, *delimiter);
                }
            }),
            CopyForm::Csv { delimiter, null, quote, .. } => separated(out, *delimiter, columns, |out, column| {
                if column.is_null(row) {
                    out.extend_from_slice(null.as_bytes());
                } else {
                    value.clear();
                    column.text(row, &mut value);
                    quoted(out, &value, *delimiter, *quote, null.as_bytes());
                }
            }),
        }
    }
}

fn separated<T>(out: &mut Vec<u8>, delimiter: u8, items: &[T], mut write: impl FnMut(&mut Vec<u8>, &T)) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        write(out, item);
    }
    out.push(b'\n');
}

/// With backslashes before what would be misread.
fn escaped(out: &mut Vec<u8>, value: &[u8], delimiter: u8) {
    for byte in value {
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            byte if *byte == delimiter => out.extend_from_slice(&[b'\\', delimiter]),
            byte => out.push(*byte),
        }
    }
}

/// In quotes where it would be misread, and where it would look like null.
fn quoted(out: &mut Vec<u8>, value: &[u8], delimiter: u8, quote: u8, null: &[u8]) {
    let is_special = |byte: &u8| *byte == delimiter || *byte == quote || matches!(byte, b'\n' | b'\r');
    if value != null && value != b"\\." && !value.iter().any(is_special) {
        out.extend_from_slice(value);
        return;
    }
    out.push(quote);
    for byte in value {
        if *byte == quote {
            out.push(quote);
        }
        out.push(*byte);
    }
    out.push(quote);
}

/// The rows of a batch that were not written yet.
#[derive(Debug)]
pub(crate) struct Rows {
    columns: Vec<Column>,
    next: usize,
    rows: usize,
}

/// Each row of an answer as a message of the protocol.
impl Rows {
    /// The rows of a batch, each column as the answer was said to have it.
    ///
    /// # Errors
    /// A value that its column's type cannot hold.
    pub(crate) fn new(batch: &RecordBatch, wires: &[Field]) -> Result<Self> {
        let column = |(array, field): (&_, &Field)| Column::new(array, &field.wire);
        let columns = batch.columns().iter().zip(wires).map(column).collect::<Result<_>>()?;
        Ok(Rows { columns, next: 0, rows: batch.num_rows() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.next >= self.rows
    }

    /// Writes rows until there are so many of them or `bytes_max` wait to be sent. Gives their number.
    pub(crate) fn write(&mut self, rows_max: usize, bytes_max: usize, is_binary: &[bool], out: &mut Out) -> usize {
        let begun = self.next;
        let end = self.rows.min(begun.saturating_add(rows_max));
        let count = (self.columns.len() as u16).to_be_bytes();
        while self.next < end && out.len() < bytes_max {
            out.message(b'D', |out| {
                out.extend_from_slice(&count);
                for (column, is_binary) in self.columns.iter().zip(is_binary) {
                    column.field(self.next, *is_binary, out);
                }
            });
            self.next += 1;
        }
        self.next - begun
    }

    /// The same for a copy; `is_first` is whether no row came before.
    pub(crate) fn copy(&mut self, form: &CopyForm, is_first: bool, bytes_max: usize, out: &mut Out) -> usize {
        let begun = self.next;
        while self.next < self.rows && out.len() < bytes_max {
            out.message(b'd', |out| {
                form.sign(is_first && self.next == begun, out);
                form.row(&self.columns, self.next, out);
            });
            self.next += 1;
        }
        self.next - begun
    }

    /// Passes rows over. Gives their number.
    pub(crate) fn skip(&mut self, rows_max: usize) -> usize {
        let skipped = rows_max.min(self.rows - self.next);
        self.next += skipped;
        skipped
    }
}

/// The columns of an answer on the wire.
pub(crate) fn fields(schema: &arrow::datatypes::Schema) -> Vec<Field> {
    let of = |field: &std::sync::Arc<arrow::datatypes::Field>| Field {
        name: field.name().clone(),
        wire: Wire::of(field.data_type()),
    };
    schema.fields().iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};

    use super::*;

    fn copied(form: &CopyForm) -> Vec<u8> {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a,b\t\"c\"\\"), Some("")]));
        let batch = RecordBatch::try_from_iter([("n", numbers), ("t", texts)]).unwrap();
        let fields = fields(&batch.schema());
        let mut out = Out::default();
        form.begin(&fields, &mut out);
        assert_eq!(Rows::new(&batch, &fields).unwrap().copy(form, true, usize::MAX, &mut out), 2);
        form.end(true, &mut out);
        // Without the heads of the messages.
        let (mut bytes, mut copied) = (out.0.as_slice(), Vec::new());
        while let [b'd', a, b, c, d, rest @ ..] = bytes {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize - 4;
            copied.extend_from_slice(&rest[..length]);
            bytes = &rest[length..];
        }
        copied
    }

    #[test]
    fn copies_are_as_postgresql_writes_them() {
        let csv = CopyForm::Csv { delimiter: b',', null: String::new(), has_header: true, quote: b'"' };
        assert_eq!(String::from_utf8(copied(&csv)).unwrap(), "n,t\n1,\"a,b\t\"\"c\"\"\\\"\n,\"\"\n");
        let text = CopyForm::Text { delimiter: b'\t', null: "\\N".into(), has_header: false };
        assert_eq!(String::from_utf8(copied(&text)).unwrap(), "1\ta,b\\t\"c\"\\\\\n\\N\t\n");
        let binary = copied(&CopyForm::Binary);
        assert!(binary.starts_with(b"PGCOPY\n\xff\r\n\0") && binary.ends_with(b"\xff\xff\xff\xff\0\0\0\0\xff\xff"));
        assert_eq!(&binary[19..35], b"\0\x02\0\0\0\x08\0\0\0\0\0\0\0\x01\0\0");
    }
}
