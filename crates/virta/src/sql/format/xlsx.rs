//! An Excel workbook: the answer, and a sheet that says where it comes from.
//!
//! Numbers, dates and times are real ones; text stays text, also where it looks like a formula. The header is frozen
//! and filters are on. A whole number that Excel would round is written as text. The workbook is made in memory, so an
//! answer that would need too much of it is refused.

use std::fmt;
use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, SchemaRef, Time32MillisecondType, TimeUnit, TimestampMicrosecondType,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use virta_model::Lang;
use virta_report::{ROWS_MAX, workbook};

use super::{About, WriteError, Writer};

const SHEET_COLUMNS: usize = 16_384;
/// Cells of a workbook: a full sheet has up to 14 columns. A row costs as much memory as eight cells besides its own.
const CELLS_MAX: u64 = 24_000_000;
const CELLS_OF_ROW: u64 = 8;
/// Excel keeps numbers as doubles: whole ones up to 2^53.
const EXACT_MAX: i64 = 1 << 53;
/// 1970-01-01 as Excel counts days. Days before 1900-03-01 are counted otherwise, so those are written as text.
const UNIX_EPOCH: f64 = 25_569.0;
const FIRST_DAY: i32 = -25_508;

pub(super) struct Xlsx<'a> {
    out: Box<dyn Write + Send + 'a>,
    workbook: Workbook,
    schema: SchemaRef,
    about: About,
    formats: Formats,
    /// The next row of the current sheet.
    row: u32,
    rows: u64,
    sheets: usize,
}

struct Formats {
    header: Format,
    date: Format,
    time: Format,
    moment: Format,
}

impl<'a> Xlsx<'a> {
    pub(super) fn new(
        schema: &SchemaRef,
        lang: Lang,
        about: &About,
        out: Box<dyn Write + Send + 'a>,
    ) -> Result<Self, WriteError> {
        if schema.fields().len() > SHEET_COLUMNS {
            let message = format!("a sheet holds at most {SHEET_COLUMNS} columns");
            return Err(WriteError::Unfit(message, "select fewer columns"));
        }
        let (date, moment) = match lang {
            Lang::En => ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"),
            Lang::Fi => ("d.m.yyyy", "d.m.yyyy hh:mm:ss"),
            Lang::Sv => ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"),
        };
        let formats = Formats {
            header: Format::new().set_bold(),
            date: Format::new().set_num_format(date),
            time: Format::new().set_num_format("hh:mm:ss"),
            moment: Format::new().set_num_format(moment),
        };
        let (schema, about) = (schema.clone(), about.clone());
        let mut xlsx = Xlsx { out, workbook: workbook()?, schema, about, formats, row: 0, rows: 0, sheets: 0 };
        xlsx.begin_sheet()?;
        Ok(xlsx)
    }

    fn begin_sheet(&mut self) -> Result<(), WriteError> {
        self.sheets += 1;
        let name = if self.sheets == 1 { "data".to_owned() } else { format!("data {}", self.sheets) };
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for (at, field) in self.schema.fields().iter().enumerate() {
            let width = field.name().chars().count().clamp(10, 40) as f64 + 2.0;
            sheet.set_column_width(at as u16, width)?;
            sheet.write_string_with_format(0, at as u16, field.name().as_str(), &self.formats.header)?;
        }
        self.row = 1;
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), WriteError> {
        let last_column = self.schema.fields().len().saturating_sub(1) as u16;
        let last_row = self.row.saturating_sub(1);
        if let Ok(sheet) = self.workbook.worksheet_from_index(self.sheets - 1) {
            sheet.autofilter(0, 0, last_row, last_column)?;
        }
        Ok(())
    }

    fn metadata(&mut self) -> Result<(), WriteError> {
        let rows = self.rows.to_string();
        let lines = [
            ("query", self.about.sql.as_str()),
            ("store", &self.about.store),
            ("snapshot", &self.about.snapshot),
            ("program", concat!("virta ", env!("CARGO_PKG_VERSION"))),
            ("rows", &rows),
        ];
        let sheet = self.workbook.add_worksheet();
        sheet.set_name("metadata")?.set_column_width(0, 12)?.set_column_width(1, 100)?;
        for (row, (name, text)) in lines.into_iter().enumerate() {
            sheet.write_string_with_format(row as u32, 0, name, &self.formats.header)?;
            let text: String = text.chars().take(32_000).collect();
            sheet.write_string(row as u32, 1, text)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Xlsx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xlsx").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Writer for Xlsx<'_> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        if !fits(self.rows.saturating_add(batch.num_rows() as u64), batch.num_columns()) {
            let message = "the answer is too large for a workbook, which is made in memory".to_owned();
            return Err(WriteError::Unfit(message, "write it as parquet or csv, or select less"));
        }
        let columns: Vec<Column> = batch.columns().iter().map(Column::of).collect::<Result<_, _>>()?;
        for at in 0..batch.num_rows() {
            if self.row == ROWS_MAX {
                self.end_sheet()?;
                self.begin_sheet()?;
            }
            let sheet = self.workbook.worksheet_from_index(self.sheets - 1)?;
            for (place, column) in columns.iter().enumerate() {
                column.write(at, sheet, self.row, place as u16, &self.formats)?;
            }
            self.row += 1;
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.end_sheet()?;
        self.metadata()?;
        let bytes = self.workbook.save_to_buffer()?;
        self.out.write_all(&bytes)?;
        Ok(self.out.flush()?)
    }
}

/// Whether the memory of a workbook is enough for so many rows.
fn fits(rows: u64, columns: usize) -> bool {
    rows.saturating_mul(columns as u64 + CELLS_OF_ROW) <= CELLS_MAX
}

/// A column of a batch in one of the types that Excel knows.
enum Column {
    Whole(arrow::array::Int64Array),
    Real(arrow::array::Float64Array),
    Flag(arrow::array::BooleanArray),
    Date(arrow::array::Date32Array),
    Time(arrow::array::Time32MillisecondArray),
    Moment(arrow::array::TimestampMicrosecondArray),
    Text(arrow::array::StringArray),
    Other(arrow::array::ArrayRef),
}

impl Column {
    fn of(array: &arrow::array::ArrayRef) -> Result<Self, WriteError> {
        let to = |data_type: &DataType| cast(array, data_type);
        Ok(match array.data_type() {
            t if t.is_integer() && *t != DataType::UInt64 => {
                Column::Whole(to(&DataType::Int64)?.as_primitive::<Int64Type>().clone())
            }
            t if t.is_floating() || t.is_decimal() => {
                Column::Real(to(&DataType::Float64)?.as_primitive::<Float64Type>().clone())
            }
            DataType::Boolean => Column::Flag(array.as_boolean().clone()),
            DataType::Date32 | DataType::Date64 => {
                Column::Date(to(&DataType::Date32)?.as_primitive::<Date32Type>().clone())
            }
            DataType::Time32(_) => {
                let time = to(&DataType::Time32(TimeUnit::Millisecond))?;
                Column::Time(time.as_primitive::<Time32MillisecondType>().clone())
            }
            DataType::Timestamp(_, None) => {
                let moment = to(&DataType::Timestamp(TimeUnit::Microsecond, None))?;
                Column::Moment(moment.as_primitive::<TimestampMicrosecondType>().clone())
            }
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
                Column::Text(to(&DataType::Utf8)?.as_string::<i32>().clone())
            }
            _ => Column::Other(array.clone()),
        })
    }

    fn write(
        &self,
        at: usize,
        sheet: &mut Worksheet,
        row: u32,
        place: u16,
        formats: &Formats,
    ) -> Result<(), WriteError> {
        if self.array().is_null(at) {
            return Ok(());
        }
        match self {
            Column::Whole(array) if array.value(at).unsigned_abs() <= EXACT_MAX.unsigned_abs() => {
                sheet.write_number(row, place, array.value(at) as f64)?
            }
            Column::Whole(array) => sheet.write_string(row, place, array.value(at).to_string())?,
            Column::Real(array) if array.value(at).is_finite() => sheet.write_number(row, place, array.value(at))?,
            Column::Real(array) => sheet.write_string(row, place, array.value(at).to_string())?,
            Column::Flag(array) => sheet.write_boolean(row, place, array.value(at))?,
            Column::Date(array) if array.value(at) >= FIRST_DAY => {
                let serial = UNIX_EPOCH + f64::from(array.value(at));
                sheet.write_number_with_format(row, place, serial, &formats.date)?
            }
            Column::Time(array) => {
                let serial = f64::from(array.value(at)) / 86_400_000.0;
                sheet.write_number_with_format(row, place, serial, &formats.time)?
            }
            Column::Moment(array) if array.value(at) >= i64::from(FIRST_DAY) * 86_400_000_000 => {
                let serial = UNIX_EPOCH + array.value(at) as f64 / 86_400_000_000.0;
                sheet.write_number_with_format(row, place, serial, &formats.moment)?
            }
            Column::Text(array) => sheet.write_string(row, place, array.value(at))?,
            Column::Date(_) | Column::Moment(_) | Column::Other(_) => {
                let options = FormatOptions::new().with_display_error(false);
                let text = ArrayFormatter::try_new(self.array(), &options)?.value(at).to_string();
                sheet.write_string(row, place, text)?
            }
        };
        Ok(())
    }

    fn array(&self) -> &dyn Array {
        match self {
            Column::Whole(array) => array,
            Column::Real(array) => array,
            Column::Flag(array) => array,
            Column::Date(array) => array,
            Column::Time(array) => array,
            Column::Moment(array) => array,
            Column::Text(array) => array,
            Column::Other(array) => array.as_ref(),
        }
    }
}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => WriteError::Io(error),
            XlsxError::MaxStringLengthExceeded => WriteError::Unfit(
                "a text is longer than the 32,767 characters of a cell".to_owned(),
                "use left(x, 1000)",
            ),
            _ => WriteError::Unfit("the answer cannot be written as a workbook".to_owned(), "write it as csv instead"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_sheet_fits_and_what_would_fill_the_memory_does_not() {
        assert!(fits(u64::from(ROWS_MAX), 14) && !fits(u64::from(ROWS_MAX), 15));
        assert!(fits(2_600_000, 1) && !fits(2_700_000, 1));
        assert!(!fits(u64::MAX, 1));
    }

    #[test]
    fn the_first_day_that_excel_counts_right_is_the_first_of_march_1900() {
        let day = virta_model::Day::from_ymd(1900, 3, 1).unwrap();
        assert_eq!(day.0, FIRST_DAY);
        assert_eq!(UNIX_EPOCH + f64::from(FIRST_DAY), 61.0);
    }
}
