//! Rows of spreadsheets, as texts.

use std::path::Path;

use calamine::{Data, Reader};
use virta_model::settings::Source;

use crate::cells::OwnedCells;
use crate::error::{Error, Refusal, Result};
use crate::input::check_header;

/// Reads the first sheet of a workbook row by row. Dates become ISO text, numbers get the profile's decimal character,
/// empty cells become the profile's first text for missing, or an empty one. Wholly empty rows are no rows.
pub(crate) fn for_each(
    path: &Path,
    source: &Source,
    head: &mut dyn FnMut(&[String]) -> Result<()>,
    row: &mut dyn FnMut(u64, &OwnedCells) -> Result<()>,
) -> Result<u64> {
    let refuse = |message: &str| {
        Error::Refused(vec![Refusal {
            file: path.display().to_string(),
            rule: "workbook",
            message: message.to_owned(),
            fix: "open it in a spreadsheet program and save it as .xlsx, without a password".to_owned(),
            ..Refusal::default()
        }])
    };
    let mut workbook = calamine::open_workbook_auto(path).map_err(|_| refuse("not a readable workbook"))?;
    let sheet = workbook
        .worksheet_range_at(0)
        .and_then(std::result::Result::ok)
        .ok_or_else(|| refuse("the workbook has no readable sheet"))?;
    let first = sheet.start().map_or(0, |(row, _)| u64::from(row));
    let mut rows = sheet.rows();
    let names: Vec<String> = rows
        .next()
        .ok_or_else(|| refuse("the first sheet is empty"))?
        .iter()
        .map(|cell| text(cell, source.decimal).trim().to_owned())
        .collect();
    check_header(&names, &path.display().to_string())?;
    head(&names)?;
    let missing = source.null.first().map_or("", String::as_str);
    let mut cells = OwnedCells::default();
    for (at, values) in rows.enumerate() {
        if values.iter().all(|value| matches!(value, Data::Empty)) {
            continue;
        }
        cells.clear();
        for value in values {
            match value {
                Data::Empty => cells.push(missing),
                value => cells.push(&text(value, source.decimal)),
            }
        }
        row(first + at as u64 + 2, &cells)?;
    }
    Ok(0)
}

fn text(cell: &Data, decimal: u8) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string().replace('.', &char::from(decimal).to_string()),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(stamp) => {
            let (year, month, day, hour, minute, second, _) = stamp.to_ymd_hms_milli();
            if (hour, minute, second) == (0, 0, 0) {
                format!("{year:04}-{month:02}-{day:02}")
            } else {
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
            }
        }
        Data::Error(_) => "#ERROR".to_owned(),
    }
}
