//! A list of the user's own (`--with mine.csv`), read into memory for one session. Nothing of it is kept.
//!
//! CSV with comma, semicolon or tab, Excel and Parquet. Of CSV and Excel the first row names the columns, and a column
//! is a number, a date or a text by what all of its cells look like.

use std::collections::HashSet;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{Field, Schema};
use calamine::{Data, Reader, open_workbook_auto};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use virta_model::{Day, hetu};

use crate::failure::Failure;

/// Larger lists belong into the store.
const BYTES_MAX: u64 = 1 << 30;

/// The name of the table that a file becomes: its own, with `_` for what an unquoted name cannot hold.
pub(super) fn table_name(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() { format!("list_{name}") } else { name }
}

/// Reads a file whole.
pub(super) fn read(path: &Path) -> Result<Vec<RecordBatch>, Failure> {
    let size = fs::metadata(path).map_err(|error| Failure::io("read", path, &error))?.len();
    if size > BYTES_MAX {
        return Err(
            Failure::refused(format!("{} is too large for a list", path.display())).fix("ingest it into a store")
        );
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let batches = match ending.as_str() {
        "csv" | "tsv" | "txt" => vec![csv(path)?],
        "xlsx" | "xls" | "ods" => vec![sheet(path)?],
        "parquet" => parquet(path)?,
        _ => {
            let message = format!("{} has no ending that tells its form", path.display());
            return Err(Failure::refused(message).fix("name a .csv, .xlsx or .parquet file"));
        }
    };
    for batch in &batches {
        no_identity_codes(path, batch)?;
    }
    Ok(batches)
}

fn unreadable(path: &Path, form: &str) -> Failure {
    Failure::refused(format!("{} cannot be read as {form}", path.display()))
        .fix("look whether it opens elsewhere, and save it anew")
}

fn parquet(path: &Path) -> Result<Vec<RecordBatch>, Failure> {
    let file = File::open(path).map_err(|error| Failure::io("read", path, &error))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.build());
    let reader = reader.map_err(|_| unreadable(path, "Parquet"))?;
    let schema = arrow::record_batch::RecordBatchReader::schema(&reader);
    let mut batches = reader.collect::<Result<Vec<_>, _>>().map_err(|_| unreadable(path, "Parquet"))?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

fn csv(path: &Path) -> Result<RecordBatch, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    let text = String::from_utf8(bytes).unwrap_or_else(|error| {
        // What is not UTF-8 comes from older programs, whose letters are those of Latin-1.
        error.into_bytes().into_iter().map(char::from).collect()
    });
    let text = text.trim_start_matches('\u{feff}');
    let header = text.lines().next().unwrap_or_default();
    let delimiter = [';', '\t', ','].into_iter().max_by_key(|c| (header.matches(*c).count(), *c == ',')).unwrap_or(',');
    let mut reader = ::csv::ReaderBuilder::new().delimiter(delimiter as u8).flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> =
        reader.headers().map_err(|_| unreadable(path, "CSV"))?.iter().map(|name| name.trim().to_owned()).collect();
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for (line, row) in reader.records().enumerate() {
        let row = row.map_err(|_| unreadable(path, "CSV"))?;
        if row.len() > names.len() {
            let message = format!("{}: line {} has more fields than the first", path.display(), line + 2);
            return Err(Failure::refused(message).fix("put quotes around texts that hold the delimiter"));
        }
        for (at, column) in columns.iter_mut().enumerate() {
            column.push(row.get(at).map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned));
        }
    }
    batch(path, names, columns)
}

fn sheet(path: &Path) -> Result<RecordBatch, Failure> {
    let mut book = open_workbook_auto(path).map_err(|_| unreadable(path, "a workbook"))?;
    let sheet = book.worksheet_range_at(0).and_then(Result::ok).ok_or_else(|| unreadable(path, "a workbook"))?;
    let mut rows = sheet.rows();
    let names: Vec<String> =
        rows.next().unwrap_or_default().iter().map(|cell| cell.to_string().trim().to_owned()).collect();
    let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for row in rows {
        for (at, column) in columns.iter_mut().enumerate() {
            column.push(row.get(at).and_then(cell));
        }
    }
    batch(path, names, columns)
}

fn cell(cell: &Data) -> Option<String> {
    let text = match cell {
        Data::Empty | Data::Error(_) => return None,
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 9e15 => format!("{number:.0}"),
        // Spreadsheets count days from 1899-12-30.
        Data::DateTime(time) if time.as_f64().fract() == 0.0 => Day(time.as_f64() as i32 - 25_569).to_string(),
        other => other.to_string(),
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn batch(path: &Path, names: Vec<String>, columns: Vec<Vec<Option<String>>>) -> Result<RecordBatch, Failure> {
    let mut seen = HashSet::new();
    for name in &names {
        if name.is_empty() || !seen.insert(name.clone()) {
            let message = format!("{}: the first row must name every column, each once", path.display());
            return Err(Failure::refused(message).fix("give the columns names of their own"));
        }
    }
    let arrays: Vec<ArrayRef> = columns.into_iter().map(typed).collect();
    let fields: Vec<Field> =
        names.iter().zip(&arrays).map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(|_| unreadable(path, "a table"))
}

/// Whole numbers, dates, numbers, or else texts. A number with leading zeros is a code, and so a text.
fn typed(cells: Vec<Option<String>>) -> ArrayRef {
    fn all<T>(cells: &[Option<String>], read: impl Fn(&str) -> Option<T>) -> Option<Vec<Option<T>>> {
        let is_empty = cells.iter().all(Option::is_none);
        let read = cells.iter().map(|cell| cell.as_deref().map_or(Some(None), |cell| read(cell).map(Some)));
        if is_empty { None } else { read.collect() }
    }
    if let Some(values) = all(&cells, whole) {
        return Arc::new(Int64Array::from(values));
    }
    if let Some(values) = all(&cells, day) {
        return Arc::new(Date32Array::from(values));
    }
    if let Some(values) = all(&cells, number) {
        return Arc::new(Float64Array::from(values));
    }
    Arc::new(StringArray::from(cells))
}

fn is_code(text: &str) -> bool {
    let digits = text.trim_start_matches('-');
    digits.len() > 1 && digits.starts_with('0') && digits.chars().all(|c| c.is_ascii_digit())
}

fn whole(text: &str) -> Option<i64> {
    if is_code(text) { None } else { text.parse().ok() }
}

fn number(text: &str) -> Option<f64> {
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | ','));
    if !is_plain || is_code(text) { None } else { text.replace(',', ".").parse().ok() }
}

/// `2014-01-31` or `31.1.2014`.
fn day(text: &str) -> Option<i32> {
    let parts: Vec<&str> = if text.contains('-') { text.split('-').collect() } else { text.split('.').rev().collect() };
    let [year, month, day] = parts.as_slice() else { return None };
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    if year < 1000 { None } else { Day::from_ymd(year, month, day).map(|day| day.0) }
}

/// No personal identity code gets in, not even into a session.
fn no_identity_codes(path: &Path, batch: &RecordBatch) -> Result<(), Failure> {
    for (column, field) in batch.columns().iter().zip(batch.schema().fields()) {
        let texts = arrow::compute::cast(column, &arrow::datatypes::DataType::Utf8);
        let Ok(texts) = texts else { continue };
        let texts = arrow::array::AsArray::as_string::<i32>(&texts);
        let is_text =
            field.data_type().is_string() || matches!(field.data_type(), arrow::datatypes::DataType::Dictionary(..));
        if is_text && texts.iter().flatten().any(|text| hetu::occurs_in(text.as_bytes())) {
            let message = format!("{}: a column holds personal identity codes", path.display());
            return Err(Failure::refused(message).fix("leave the column out; client_id joins the list to the store"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_what_all_of_its_cells_look_like() {
        for (cells, data_type) in [
            (&["1", "-20"][..], "Int64"),
            (&["1", "007"], "Utf8"),
            (&["2014-01-31", "1.2.2014"], "Date32"),
            (&["1,5", "2"], "Float64"),
            (&["1", "x"], "Utf8"),
            (&["9223372036854775807"], "Int64"),
        ] {
            let array = typed(cells.iter().map(|cell| Some((*cell).to_owned())).collect());
            assert_eq!(array.data_type().to_string(), data_type, "{cells:?}");
        }
    }

    #[test]
    fn a_file_gives_its_name_to_the_table() {
        for (path, name) in [("x/Mine 2.csv", "mine_2"), ("2014.csv", "list_2014"), ("pilot-a.xlsx", "pilot_a")] {
            assert_eq!(table_name(Path::new(path)), name);
        }
    }
}
