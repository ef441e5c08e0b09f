//! The report as a workbook: a contents sheet and a sheet for every table, with real numbers.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Format, FormatAlign, Url, Workbook, Worksheet, XlsxError};
use virta_model::schema::Kind;
use virta_protection::{Cell, Datum, ProtectedTable};

use crate::context::Context;
use crate::grid::{is_cents, shown};
use crate::labels;
use crate::lang::Lang;
use crate::report::{Report, ReportError};
use crate::texts;
use crate::view::rows;

/// Rows that a sheet can hold below its headings.
const ROWS_MAX: usize = 1_048_575;

/// The tables of a study as a workbook in one language.
///
/// Every disclosed table has a sheet with all its rows: counts and shares as numbers, money in euros, codes in words.
/// A withheld cell says so; a text that looks like a formula stays a text.
///
/// # Errors
///
/// When the workbook cannot be written to memory.
pub fn xlsx(report: &Report<'_>, lang: Lang) -> Result<Vec<u8>, ReportError> {
    let context = Context { report, lang };
    let mut workbook = Workbook::new();
    let styles = Styles::new(lang);
    let tables: Vec<(&ProtectedTable, String)> = named_sheets(report, lang);
    contents(&mut workbook, &context, &styles, &tables)?;
    for (table, name) in &tables {
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(name)?;
        fill(sheet, &context, &styles, table)?;
    }
    Ok(workbook.save_to_buffer()?)
}

struct Styles {
    head: Format,
    withheld: Format,
    count: Format,
    euros: Format,
    share: Format,
    ratio: Format,
    title: Format,
    wrap: Format,
}

impl Styles {
    fn new(lang: Lang) -> Self {
        // Excel shows the reader's own separators for these, whatever the language of the texts.
        let euros = if lang == Lang::En { "[$€-x-euro1]#,##0.00" } else { "#,##0.00\\ [$€-x-euro2]" };
        Styles {
            head: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
            withheld: Format::new().set_italic().set_align(FormatAlign::Right).set_font_color(0x0055_595E),
            count: Format::new().set_num_format("#,##0"),
            euros: Format::new().set_num_format(euros),
            share: Format::new().set_num_format("0.0%"),
            ratio: Format::new().set_num_format("#,##0.000"),
            title: Format::new().set_bold().set_font_size(14),
            wrap: Format::new().set_text_wrap().set_align(FormatAlign::Top),
        }
    }
}

/// Sheet names in words: at most 31 characters, none of Excel's forbidden ones, each once.
fn named_sheets<'a>(report: &'a Report<'_>, lang: Lang) -> Vec<(&'a ProtectedTable, String)> {
    let mut used: BTreeSet<String> = BTreeSet::from([texts::WORKBOOK_CONTENTS.of(lang).to_lowercase()]);
    let mut named = Vec::new();
    for table in report.study.tables() {
        let words = labels::table(table.name(), lang);
        let mut name: String = words.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
        if !used.insert(name.to_lowercase()) {
            name = table.name().chars().take(31).collect();
            used.insert(name.to_lowercase());
        }
        named.push((table, name));
    }
    named
}

fn contents(
    workbook: &mut Workbook,
    context: &Context<'_>,
    styles: &Styles,
    tables: &[(&ProtectedTable, String)],
) -> Result<(), XlsxError> {
    let lang = context.lang;
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(texts::WORKBOOK_CONTENTS.of(lang))?;
    sheet.set_column_width(0, 40)?.set_column_width(1, 14)?.set_column_width(2, 18)?;
    sheet.write_string_with_format(0, 0, texts::TITLE.fill(lang, &[("name", context.report.name)]), &styles.title)?;
    let k = context.study().k().to_string();
    sheet.set_row_height(1, 62)?;
    sheet.write_string_with_format(1, 0, texts::WITHHELD_NOTE.fill(lang, &[("k", &k)]), &styles.wrap)?;
    let heads = [texts::SHEET, texts::ROWS, texts::LEFT_OUT];
    for (column, text) in (0..).zip(heads) {
        sheet.write_string_with_format(3, column, text.of(lang), &styles.head)?;
    }
    let mut row = 4;
    for (table, name) in tables {
        let link = Url::new(format!("internal:'{name}'!A1")).set_text(name);
        sheet.write_url(row, 0, link)?;
        sheet.write_number_with_format(row, 1, table.rows().len() as f64, &styles.count)?;
        sheet.write_number_with_format(row, 2, table.rows_left_out() as f64, &styles.count)?;
        row += 1;
    }
    row += 1;
    if let Some(summary) = context.rows("summary").last() {
        for column in ["snapshot", "study_hash", "version"] {
            sheet.write_string(row, 0, labels::column(column, lang))?;
            sheet.write_string(row, 1, summary.text(column))?;
            row += 1;
        }
    }
    Ok(())
}

fn fill(
    sheet: &mut Worksheet,
    context: &Context<'_>,
    styles: &Styles,
    table: &ProtectedTable,
) -> Result<(), XlsxError> {
    let lang = context.lang;
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0_u16..).zip(table.schema().columns) {
        let name = labels::column(column.name, lang);
        let name = if column.kind == Kind::Cents { texts::EURO_COLUMN.fill(lang, &[("name", &name)]) } else { name };
        let is_text = matches!(column.kind, Kind::Text | Kind::Code);
        sheet.set_column_width(at, if is_text { 26 } else { 15 })?;
        sheet.write_string_with_format(0, at, name, &styles.head)?;
    }
    let disclosed = rows(context.study(), table.name());
    for (line, row) in (1_u32..).zip(disclosed.iter().take(ROWS_MAX)) {
        for (at, column) in (0_u16..).zip(table.schema().columns) {
            match row.cell(column.name) {
                Cell::Withheld(_) => {
                    sheet.write_string_with_format(line, at, texts::WITHHELD.of(lang), &styles.withheld)?
                }
                Cell::Value(Datum::Int(cents)) if column.kind == Kind::Cents => {
                    sheet.write_number_with_format(line, at, *cents as f64 / 100.0, &styles.euros)?
                }
                Cell::Value(Datum::Int(number)) if column.name != "weekday" => {
                    sheet.write_number_with_format(line, at, *number as f64, &styles.count)?
                }
                Cell::Value(Datum::Ratio(cents)) if is_cents(*row, column.name) => {
                    sheet.write_number_with_format(line, at, *cents / 100.0, &styles.euros)?
                }
                Cell::Value(Datum::Ratio(ratio)) if ratio.is_finite() => {
                    let format = if column.name.contains("share") { &styles.share } else { &styles.ratio };
                    sheet.write_number_with_format(line, at, *ratio, format)?
                }
                // `write_string` never makes a formula of a text, whatever it begins with.
                _ => sheet.write_string(line, at, shown(context, *row, column.name).text)?,
            };
        }
    }
    Ok(())
}
