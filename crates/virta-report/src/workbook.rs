//! What every workbook of the program has in common.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

/// Rows that a sheet can hold.
pub const ROWS_MAX: u32 = 1_048_576;

/// A workbook without sheets. A fixed day stands where it says when it was made, so that the same sheets give the same
/// bytes.
///
/// Its sheets are made in memory, by `add_worksheet`: those that are not lie in temporary files, and a full disk would end
/// the program in a panic.
///
/// # Errors
///
/// None that is known: the day is one that Excel has.
pub fn workbook() -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&fixed));
    Ok(workbook)
}
