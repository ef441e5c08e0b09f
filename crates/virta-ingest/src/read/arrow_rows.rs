//! Rows of Parquet files, as texts.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, Float64Array, StringArray};
use arrow::datatypes::{DataType, Field, Float64Type, Int64Type, Schema};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::basic::LogicalType;
use virta_model::settings::Source;

use crate::error::{At, Error, Result};
use crate::read::arrow_schema::schema_of_writer;
use crate::read::cells::OwnedCells;
use crate::read::csv::decode_line;
use crate::read::form::{Aside, Form, Tail};
use crate::read::header::{Header, Written, check_header};
use crate::read::typed::{EXACT_DOUBLES_BELOW, EXACT_HALVES_BELOW, EXACT_SINGLES_BELOW, Texts};

/// Reads a Parquet file row by row. Dates and timestamps become ISO text, those with a zone in the time of that zone,
/// fractions get the profile's decimal character, whole numbers have none, UUIDs are written as such, other bytes are read
/// in the profile's encoding, nulls become the profile's first text for missing, or an empty one. So do lists and records,
/// whose column is called `name (nested)`.
pub(crate) fn for_each(
    path: &Path,
    form: &Form<'_>,
    head: &mut dyn FnMut(Header<'_>) -> Result<()>,
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
    let unreadable = || refuse("not a readable Parquet file".to_owned());
    // The writer's schema is looked through before the library reads it.
    let plain = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let metadata = ArrowReaderMetadata::load(&file, plain).map_err(|_| unreadable())?;
    // The Parquet reader forgets the zone of a time that was kept in another unit than it had in the program that wrote
    // it, as older programs of pandas do with all times.
    let writers = schema_of_writer(metadata.metadata()).map_err(|_| unreadable())?;
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), ArrowReaderOptions::new());
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.map_err(|_| unreadable())?);
    let kinds: Vec<Kind> =
        (0..builder.schema().fields().len()).map(|at| Kind::of(&builder, writers.as_ref(), at)).collect();
    let fields = builder.schema().fields().iter();
    // A column of lists or records has no cells that could be read. It hides under this name, and hides nothing else.
    let names: Vec<String> = fields
        .map(|field| match (field.name().trim(), field.data_type().is_nested()) {
            (name, true) => format!("{name} (nested)"),
            (name, false) => name.to_owned(),
        })
        .collect();
    check_header(&names, &path.display().to_string())?;
    head(Header { names: &names, written: Written::Typed { from_1904: false } })?;
    let reader = builder.with_batch_size(8192).build().map_err(|_| refuse("not a readable Parquet file".to_owned()))?;
    let texts = Texts::new(form.source);
    let mut cells = OwnedCells::default();
    let mut tail: Tail<OwnedCells> = Tail::default();
    let mut line = 0;
    for batch in reader {
        let batch = batch.map_err(|_| refuse(format!("the rows after row {line} cannot be read")))?;
        let mut columns = Vec::with_capacity(names.len());
        for ((column, name), kind) in batch.columns().iter().zip(&names).zip(&kinds) {
            columns.push(Column::of(column, kind, form.source).ok_or_else(|| {
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

/// What a file says of a column beside its Arrow type.
enum Kind {
    Uuid,
    /// Times are shown in this zone.
    Zoned(Arc<str>),
    Plain,
}

impl Kind {
    fn of(builder: &ParquetRecordBatchReaderBuilder<File>, writers: Option<&Schema>, at: usize) -> Self {
        let column = builder.parquet_schema().root_schema().get_fields().get(at);
        let field = builder.schema().fields().get(at).and_then(|field| writers?.field_with_name(field.name()).ok());
        let is_uuid = column
            .is_some_and(|column| column.get_basic_info().logical_type_ref() == Some(&LogicalType::Uuid))
            || field.is_some_and(|field| field.extension_type_name() == Some("arrow.uuid"));
        match field.map(Field::data_type) {
            _ if is_uuid => Kind::Uuid,
            Some(DataType::Timestamp(_, Some(zone))) => Kind::Zoned(Arc::clone(zone)),
            _ => Kind::Plain,
        }
    }
}

/// A column as what its texts are made of.
enum Column {
    Text(StringArray),
    Date(StringArray),
    /// With the number that whole ones are exact below.
    Double(Float64Array, f64),
    /// Text that the file calls bytes.
    Bytes(BinaryArray),
    Nested,
}

impl Column {
    fn of(column: &ArrayRef, kind: &Kind, source: &Source) -> Option<Self> {
        let cast = |wanted| arrow::compute::cast(column, wanted).ok();
        match (column.data_type(), kind) {
            (DataType::Dictionary(_, value), _) => Column::of(&cast(value)?, kind, source),
            (nested, _) if nested.is_nested() => Some(Column::Nested),
            // Single and half precision have a shortest text of their own, which a double made of them has not.
            (single @ (DataType::Float32 | DataType::Float16), _) => {
                let text = cast(&DataType::Utf8)?;
                let doubles = text.as_string_opt::<i32>()?.iter().map(|text| text.and_then(|text| text.parse().ok()));
                let exact = if *single == DataType::Float32 { EXACT_SINGLES_BELOW } else { EXACT_HALVES_BELOW };
                Some(Column::Double(doubles.collect(), exact))
            }
            (DataType::Float64, _) => {
                Some(Column::Double(column.as_primitive_opt::<Float64Type>()?.clone(), EXACT_DOUBLES_BELOW))
            }
            (DataType::Date64, _) => Column::of(&cast(&DataType::Date32)?, kind, source),
            (DataType::Timestamp(unit, Some(_)), Kind::Zoned(zone)) => {
                Some(Column::Date(days_as_texts(&cast(&DataType::Timestamp(*unit, Some(Arc::clone(zone))))?)?))
            }
            (DataType::Date32 | DataType::Timestamp(..), _) => Some(Column::Date(days_as_texts(column)?)),
            (
                DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..),
                _,
            ) => {
                let text = cast(&DataType::Utf8)?;
                let plain = text.as_string_opt::<i32>()?.iter();
                Some(Column::Text(plain.map(|value| Some(decimal_text(value?, source.decimal))).collect()))
            }
            (DataType::FixedSizeBinary(16), Kind::Uuid) => {
                let ids = column.as_fixed_size_binary_opt()?.iter();
                Some(Column::Text(ids.map(|id| id.map(uuid_text)).collect()))
            }
            (DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_), _) => {
                Some(Column::Bytes(cast(&DataType::Binary)?.as_binary_opt::<i32>()?.clone()))
            }
            _ => Some(Column::Text(cast(&DataType::Utf8)?.as_string_opt::<i32>()?.clone())),
        }
    }

    fn push(&self, at: usize, form: &Form<'_>, texts: &Texts<'_>, cells: &mut OwnedCells) {
        match self {
            Column::Text(column) if !column.is_null(at) => cells.push(column.value(at)),
            Column::Date(column) if !column.is_null(at) => texts.push_date(column.value(at), cells),
            Column::Double(column, exact) if !column.is_null(at) => texts.push_double(column.value(at), *exact, cells),
            Column::Bytes(column) if !column.is_null(at) => match decode_line(column.value(at), form.source.encoding) {
                Some(text) if !text.contains('\0') => cells.push(&text),
                _ => texts.push_error("bytes that are no text", cells),
            },
            _ => cells.push(form.missing()),
        }
    }
}

/// Dates or times as ISO text. Programs write the largest and the smallest number for a day that never comes or always
/// was: it is the last or the first day that can be written.
fn days_as_texts(column: &ArrayRef) -> Option<StringArray> {
    if let Ok(texts) = arrow::compute::cast(column, &DataType::Utf8) {
        return Some(texts.as_string_opt::<i32>()?.clone());
    }
    let numbers = arrow::compute::cast(column, &DataType::Int64).ok()?;
    let numbers = numbers.as_primitive_opt::<Int64Type>()?;
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(column.as_ref(), &options).ok()?;
    let text = |at: usize| match formatter.value(at).try_to_string() {
        _ if numbers.is_null(at) => None,
        Ok(text) => Some(text),
        Err(_) if numbers.value(at) < 0 => Some("0001-01-01".to_owned()),
        Err(_) => Some("9999-12-31".to_owned()),
    };
    Some((0..column.len()).map(text).collect())
}

/// `8-4-4-4-12`, in hexadecimal digits.
fn uuid_text(id: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in id.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 15].iter().filter_map(|digit| char::from_digit(u32::from(*digit), 16)));
    }
    text
}

/// A decimal number without a fraction of zeros, with the profile's decimal character.
fn decimal_text(text: &str, decimal: u8) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole.to_owned(),
        Some((whole, fraction)) => format!("{whole}{}{fraction}", char::from(decimal)),
        None => text.to_owned(),
    }
}
