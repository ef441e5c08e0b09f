//! What every workbook of the program has in common.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};
use virta_model::schema::TableSchema;

use crate::lang::Lang;

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

/// Names of sheets in words: at most 31 characters, none of Excel's forbidden ones, each once.
pub(crate) struct SheetNames(BTreeSet<String>);

impl SheetNames {
    /// Beside a first sheet of this name.
    pub(crate) fn new(first: &str) -> Self {
        SheetNames(BTreeSet::from([first.to_lowercase()]))
    }

    /// The sheet of a table: its title, or its name where another has the title.
    pub(crate) fn of(&mut self, table: &TableSchema, lang: Lang) -> String {
        let words = table.title.of(lang).chars().filter(|c| !"[]:*?/\\'".contains(*c));
        let mut name: String = words.take(31).collect();
        if !self.0.insert(name.to_lowercase()) {
            name = table.name.chars().take(31).collect();
            self.0.insert(name.to_lowercase());
        }
        name
    }
}

/// How the cells of a report look.
pub(crate) struct Styles {
    pub head: Format,
    pub withheld: Format,
    pub count: Format,
    pub euros: Format,
    pub share: Format,
    pub ratio: Format,
    pub title: Format,
    pub heading: Format,
    pub(crate) wrap: Format,
    pub warning: Format,
}

impl Styles {
    pub(crate) fn new(lang: Lang) -> Self {
        // Excel shows the reader's own separators for these, whatever the language of the texts.
        let euros = if lang == Lang::En { "[$€-x-euro1]#,##0" } else { "#,##0\\ [$€-x-euro2]" };
        Styles {
            head: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
            withheld: Format::new().set_italic().set_align(FormatAlign::Right).set_font_color(0x0055_595E),
            count: Format::new().set_num_format("#,##0"),
            euros: Format::new().set_num_format(euros),
            share: Format::new().set_num_format("0.0%"),
            ratio: Format::new().set_num_format("#,##0.00"),
            title: Format::new().set_bold().set_font_size(14),
            heading: Format::new().set_bold().set_font_size(12),
            wrap: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            warning: Format::new().set_bold().set_font_color(0x008A_0F2E),
        }
    }
}
