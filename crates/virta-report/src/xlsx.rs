//! The report as a workbook: a sheet with what was found, then a sheet for every table, with real numbers.

use rust_xlsxwriter::{Url, Worksheet, XlsxError};
use virta_model::schema::{Kind, Values};

use crate::context::Context;
use crate::front::{self, KeyFigure, Value};
use crate::grid::{is_cents, shown};
use crate::labels;
use crate::lang::Lang;
use crate::report::{Report, ReportError};
use crate::sections;
use crate::texts;
use crate::view::{Cell, Datum, ProtectedTable, Row};
use crate::workbook::{ROWS_MAX, SheetNames, Styles, workbook};

/// The tables of a study as a workbook in one language.
///
/// The first sheet has the question, the key figures, the findings and links to the others. Every protected table has a
/// sheet with all its rows: counts and shares as numbers, money in euros, codes in words. A withheld cell says so; a text
/// that looks like a formula stays a text. An internal report says on every sheet that it is not for release.
///
/// # Errors
///
/// When the workbook cannot be written to memory.
pub fn xlsx(report: &Report<'_>, lang: Lang) -> Result<Vec<u8>, ReportError> {
    let context = Context { report, lang };
    let mut workbook = workbook()?;
    let styles = Styles::new(lang);
    let mut names = SheetNames::new(texts::WORKBOOK_FINDINGS.of(lang));
    let tables = report.study.tables().iter().map(|table| (table, names.of(table.schema(), lang)));
    let tables: Vec<(&ProtectedTable, String)> = tables.collect();
    let sheet = workbook.add_worksheet();
    found(sheet, &context, &styles, &tables)?;
    for (table, name) in &tables {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        fill(sheet, &context, &styles, table)?;
    }
    Ok(workbook.save_to_buffer()?)
}

/// Writes the line that marks an internal sheet, where there is one; gives the row that follows.
fn mark_internal(sheet: &mut Worksheet, context: &Context<'_>, styles: &Styles) -> Result<u32, XlsxError> {
    if !context.report.is_internal {
        return Ok(0);
    }
    let words = texts::INTERNAL.of(context.lang);
    sheet.set_header(format!("&C&B{words}"));
    sheet.write_string_with_format(0, 0, words, &styles.warning)?;
    Ok(1)
}

/// The first sheet: what the first page of the report says, and what the workbook holds.
fn found(
    sheet: &mut Worksheet,
    context: &Context<'_>,
    styles: &Styles,
    tables: &[(&ProtectedTable, String)],
) -> Result<(), XlsxError> {
    let lang = context.lang;
    let front = front::front(context);
    sheet.set_name(texts::WORKBOOK_FINDINGS.of(lang))?;
    sheet.set_column_width(0, 90)?.set_column_width(1, 18)?.set_column_width(2, 18)?;
    let mut row = mark_internal(sheet, context, styles)?;
    sheet.write_string(row, 0, &front.kicker)?;
    sheet.write_string_with_format(row + 1, 0, &front.title, &styles.title)?;
    sheet.write_string_with_format(row + 2, 0, &front.question, &styles.wrap)?;
    row += 4;
    sheet.write_string_with_format(row, 0, texts::KEY_FIGURES.of(lang), &styles.heading)?;
    for key in &front.key_figures {
        row += 1;
        write_key(sheet, row, key, styles)?;
    }
    row += 2;
    sheet.write_string_with_format(row, 0, texts::FINDINGS.of(lang), &styles.heading)?;
    let answers = front.pilots.iter().map(|pilot| format!("{} {}", pilot.title, pilot.answer));
    for finding in front.findings.iter().cloned().chain(answers) {
        row += 1;
        sheet.write_string_with_format(row, 0, &finding, &styles.wrap)?;
    }
    row += 2;
    for (column, text) in (0..).zip([texts::SHEETS, texts::ROWS, texts::RARE_ROWS]) {
        sheet.write_string_with_format(row, column, text.of(lang), &styles.head)?;
    }
    for (table, name) in tables {
        row += 1;
        sheet.write_url(row, 0, Url::new(format!("internal:'{name}'!A1")).set_text(name))?;
        sheet.write_number_with_format(row, 1, table.rows().len() as f64, &styles.count)?;
        if !table.rows().is_empty() && table.has_rows_left_out() {
            sheet.write_string(row, 2, texts::YES.of(lang))?;
        }
    }
    row += 2;
    let k = context.study().k().to_string();
    sheet.write_string_with_format(row, 0, texts::PROTECTION_TEXT.fill(lang, &[("k", &k)]), &styles.wrap)?;
    if let Some(share) = sections::unpriced(context) {
        row += 1;
        let when = context.in_last_period();
        let words = texts::UNPRICED.fill(lang, &[("share", &share), ("when", &when)]);
        sheet.write_string_with_format(row, 0, words, &styles.wrap)?;
    }
    row += 1;
    if let Some(summary) = context.rows("summary").last() {
        for column in ["snapshot", "study_hash", "version"] {
            row += 1;
            let words = format!("{}: {}", labels::column(column, lang), summary.text(column));
            sheet.write_string(row, 0, words)?;
        }
    }
    Ok(())
}

fn write_key(sheet: &mut Worksheet, row: u32, key: &KeyFigure, styles: &Styles) -> Result<(), XlsxError> {
    sheet.write_string_with_format(row, 0, &key.words, &styles.wrap)?;
    match key.value {
        Value::Count(value) => sheet.write_number_with_format(row, 1, value as f64, &styles.count)?,
        Value::Share(value) => sheet.write_number_with_format(row, 1, value, &styles.share)?,
        Value::Cents(value) => {
            let euros = crate::format::readable(value / 100.0);
            sheet.write_number_with_format(row, 1, euros, &styles.euros)?
        }
        Value::Mean(value) => sheet.write_number_with_format(row, 1, (value * 10.0).round() / 10.0, &styles.ratio)?,
    };
    Ok(())
}

fn fill(
    sheet: &mut Worksheet,
    context: &Context<'_>,
    styles: &Styles,
    table: &ProtectedTable,
) -> Result<(), XlsxError> {
    let lang = context.lang;
    let head = mark_internal(sheet, context, styles)?;
    sheet.set_freeze_panes(head + 1, 0)?;
    let columns = || (0_u16..).zip(table.columns().map(|(_, column)| column));
    for (at, column) in columns() {
        let name = column.heading.of(lang);
        let name =
            if column.kind == Kind::Cents { texts::EURO_COLUMN.fill(lang, &[("name", name)]) } else { name.to_owned() };
        let is_text = matches!(column.kind, Kind::Text | Kind::Code);
        sheet.set_column_width(at, if is_text { 26 } else { 15 })?;
        sheet.write_string_with_format(head, at, name, &styles.head)?;
    }
    for (line, row) in (head + 1..ROWS_MAX).zip(table.named_rows()) {
        for (at, column) in columns() {
            cell(sheet, (line, at), row, column.name, context, styles)?;
        }
    }
    Ok(())
}

fn cell(
    sheet: &mut Worksheet,
    (line, at): (u32, u16),
    row: Row<'_>,
    column: &str,
    context: &Context<'_>,
    styles: &Styles,
) -> Result<(), XlsxError> {
    match row.cell(column) {
        Cell::Withheld(_) => {
            sheet.write_string_with_format(line, at, texts::WITHHELD.of(context.lang), &styles.withheld)?
        }
        &Cell::Value(Datum::Int(cents)) if row.kind(column) == Kind::Cents => {
            sheet.write_number_with_format(line, at, cents as f64 / 100.0, &styles.euros)?
        }
        &Cell::Value(Datum::Int(number)) if row.values(column) != Values::Weekday => {
            sheet.write_number_with_format(line, at, number as f64, &styles.count)?
        }
        &Cell::Value(Datum::Ratio(cents)) if is_cents(row, column) => {
            sheet.write_number_with_format(line, at, cents / 100.0, &styles.euros)?
        }
        &Cell::Value(Datum::Ratio(ratio)) if ratio.is_finite() => {
            let format = if row.values(column) == Values::Share { &styles.share } else { &styles.ratio };
            sheet.write_number_with_format(line, at, ratio, format)?
        }
        // `write_string` never makes a formula of a text, whatever it begins with.
        _ => sheet.write_string(line, at, shown(context, row, column).text)?,
    };
    Ok(())
}
