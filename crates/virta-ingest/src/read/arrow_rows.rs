//! Rows of Parquet files, as texts.

use std::fs::File;
use std::path::Path;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, StringArray};
use arrow::datatypes::{DataType, Float64Type};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::error::{At, Error, Result};
use crate::read::cells::OwnedCells;
use crate::read::form::{Aside, Form, Tail};
use crate::read::header::check_header;
use crate::read::typed::{EXACT_DOUBLES_BELOW, EXACT_HALVES_BELOW, EXACT_SINGLES_BELOW, Texts};

/// Reads a Parquet file row by row. Dates and timestamps become ISO text, fractions get the profile's decimal
/// character, whole numbers have none, nulls become the profile's first text for missing, or an empty one. So do lists and
/// records, whose column is called `name (nested)`.
pub(crate) fn for_each(
    path: &Path,
    form: &Form<'_>,
    head: &mut dyn FnMut(&[String]) -> Result<()>,
    row: &mut dyn FnMut(u64, &OwnedCells) -> Result<()>,
) -> Result<Aside> {
    let refuse = |message: String| {
        Error::refused(
            path.display(),
            "parquet",
            message,
            "check that the file is a whole Parquet file; ask the sender for it again",
        )
    };
    let file = File::open(path).at("open", path)?;
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|_| refuse("not a readable Parquet file".to_owned()))?;
    let fields = builder.schema().fields().iter();
    // A column of lists or records has no cells that could be read. It hides under this name, and hides nothing else.
    let names: Vec<String> = fields
        .map(|field| match (field.name().trim(), field.data_type().is_nested()) {
            (name, true) => format!("{name} (nested)"),
            (name, false) => name.to_owned(),
        })
        .collect();
    check_header(&names, &path.display().to_string())?;
    head(&names)?;
    let reader = builder.with_batch_size(8192).build().map_err(|_| refuse("not a readable Parquet file".to_owned()))?;
    let texts = Texts::new(form.source);
    let mut cells = OwnedCells::default();
    let mut tail: Tail<OwnedCells> = Tail::default();
    let mut line = 0;
    for batch in reader {
        let batch = batch.map_err(|_| refuse(format!("the rows after row {line} cannot be read")))?;
        let mut columns = Vec::with_capacity(names.len());
        for (column, name) in batch.columns().iter().zip(&names) {
            columns.push(Column::of(column, form.source.decimal).ok_or_else(|| {
                refuse(format!("column {name} has the type {}, which has no text form", column.data_type()))
            })?);
        }
        for at in 0..batch.num_rows() {
            line += 1;
            cells.clear();
            for column in &columns {
                column.push(at, form, &texts, &mut cells);
            }
            tail.take(form, line, &cells, row)?;
        }
    }
    Ok(Aside { skipped: tail.settle().1, ..Aside::default() })
}

/// A column as what its texts are made of.
enum Column {
    Text(StringArray),
    Date(StringArray),
    /// With the number that whole ones are exact below.
    Double(Float64Array, f64),
    Nested,
}

impl Column {
    fn of(column: &ArrayRef, decimal: u8) -> Option<Self> {
        let cast = |wanted| arrow::compute::cast(column, wanted).ok();
        match column.data_type() {
            nested if nested.is_nested() => Some(Column::Nested),
            // Single and half precision have a shortest text of their own, which a double made of them has not.
            single @ (DataType::Float32 | DataType::Float16) => {
                let text = cast(&DataType::Utf8)?;
                let doubles = text.as_string_opt::<i32>()?.iter().map(|text| text.and_then(|text| text.parse().ok()));
                let exact = if *single == DataType::Float32 { EXACT_SINGLES_BELOW } else { EXACT_HALVES_BELOW };
                Some(Column::Double(doubles.collect(), exact))
            }
            DataType::Float64 => {
                Some(Column::Double(column.as_primitive_opt::<Float64Type>()?.clone(), EXACT_DOUBLES_BELOW))
            }
            DataType::Date64 => Column::of(&cast(&DataType::Date32)?, decimal),
            DataType::Date32 | DataType::Timestamp(..) => {
                Some(Column::Date(cast(&DataType::Utf8)?.as_string_opt::<i32>()?.clone()))
            }
            DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => {
                let text = cast(&DataType::Utf8)?;
                let plain =
                    text.as_string_opt::<i32>()?.iter().map(|value| value.map(|value| decimal_text(value, decimal)));
                Some(Column::Text(plain.collect()))
            }
            _ => Some(Column::Text(cast(&DataType::Utf8)?.as_string_opt::<i32>()?.clone())),
        }
    }

    fn push(&self, at: usize, form: &Form<'_>, texts: &Texts<'_>, cells: &mut OwnedCells) {
        match self {
            Column::Text(column) if !column.is_null(at) => cells.push(column.value(at)),
            Column::Date(column) if !column.is_null(at) => texts.push_date(column.value(at), cells),
            Column::Double(column, exact) if !column.is_null(at) => texts.push_double(column.value(at), *exact, cells),
            _ => cells.push(form.missing()),
        }
    }
}

/// A decimal number without a fraction of zeros, with the profile's decimal character.
fn decimal_text(text: &str, decimal: u8) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}{}{fraction}", char::from(decimal)),
        None => text.to_owned(),
    }
}
