//! The comparison as a workbook: what is compared, where definitions differ, rates, and a sheet for every table.

use rust_xlsxwriter::{Worksheet, XlsxError};
use virta_model::schema::{Column, Kind, TableSchema};

use super::define::definition_differences;
use super::standard;
use super::tables::{Words, is_cents, join, keys, measures, schemas};
use super::{Figure, Region, RegionRow, common_cohorts, period_of};
use crate::labels;
use crate::lang::Lang;
use crate::report::ReportError;
use crate::texts;
use crate::workbook::{ROWS_MAX, SheetNames, Styles, workbook};

/// The releases of regions side by side in one language.
///
/// The first sheet says what is compared, where the studies differ in a rule, and the rates standardised by age. Every
/// table has a sheet: a line for each row and measure, a column for each region, real numbers, money in euros. What a
/// region does not show says so; what it has not released or measured is empty.
///
/// # Errors
/// When the workbook cannot be written to memory.
pub fn xlsx(regions: &[Region], lang: Lang) -> Result<Vec<u8>, ReportError> {
    let words = Words::new(regions, lang)?;
    let styles = Styles::new(lang);
    let mut workbook = workbook()?;
    let sheet = workbook.add_worksheet();
    first(sheet, regions, &words, &styles)?;
    let mut names = SheetNames::new(texts::COMPARED_WHAT.of(lang));
    for schema in schemas(regions) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(names.of(schema, lang))?;
        fill(sheet, schema, regions, &words, &styles)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn first(sheet: &mut Worksheet, regions: &[Region], words: &Words, styles: &Styles) -> Result<(), XlsxError> {
    let lang = words.lang;
    sheet.set_name(texts::COMPARED_WHAT.of(lang))?;
    sheet.set_column_width(0, 44)?;
    sheet.write_string_with_format(0, 0, texts::COMPARED_TITLE.of(lang), &styles.title)?;
    let mut row = 2;
    let mut line = |sheet: &mut Worksheet, name: &str, values: Vec<String>| -> Result<(), XlsxError> {
        sheet.write_string(row, 0, name)?;
        for (at, value) in (1_u16..).zip(values) {
            sheet.set_column_width(at, 22)?;
            sheet.write_string(row, at, value)?;
        }
        row += 1;
        Ok(())
    };
    let of = |text: &dyn Fn(&Region) -> String| regions.iter().map(text).collect::<Vec<String>>();
    line(sheet, texts::REGION.of(lang), of(&|region| region.name.clone()))?;
    line(sheet, texts::STUDY.of(lang), of(&|region| region.study.clone()))?;
    line(sheet, texts::PERIODS.of(lang), of(&|region| region.periods.join(", ")))?;
    line(sheet, texts::SMALLEST_CELL.of(lang), of(&|region| region.k.to_string()))?;
    line(sheet, texts::ROUNDED_TO.of(lang), of(&|region| region.round_to.to_string()))?;
    let ends = |region: &Region| {
        let ends = region.sources.iter().map(|(source, day)| format!("{source} {}", day.as_deref().unwrap_or("")));
        ends.map(|end| end.trim().to_owned()).collect::<Vec<_>>().join(", ")
    };
    line(sheet, texts::KNOWN_TO.of(lang), of(&ends))?;
    line(sheet, texts::VERSION.of(lang), of(&|region| region.version.clone()))?;
    line(sheet, "", Vec::new())?;
    let differences = definition_differences(regions);
    let heading = if differences.is_empty() { texts::RULES_AGREE } else { texts::COMPARED_RULES };
    line(sheet, heading.of(lang), Vec::new())?;
    for difference in differences {
        let values = difference.values.into_iter().map(|value| value.unwrap_or_else(|| "–".to_owned()));
        line(sheet, &difference.key, values.collect())?;
    }
    line(sheet, "", Vec::new())?;
    line(sheet, texts::RATE_FIGURE.of(lang), Vec::new())?;
    let periods: Vec<&str> = regions.iter().map(|region| period_of(region, regions)).collect();
    let mut rates = Vec::new();
    for cohort in common_cohorts(regions).into_iter().chain(["all"]) {
        let standardised = standard::by_age(regions, cohort, &periods);
        rates.push((words.cohort(cohort), standardised.per_1000));
    }
    for (name, per_1000) in rates {
        sheet.write_string(row, 0, name)?;
        for (at, rate) in (1_u16..).zip(per_1000) {
            if let Some(rate) = rate {
                sheet.write_number_with_format(row, at, (rate * 10.0).round() / 10.0, &styles.ratio)?;
            }
        }
        row += 1;
    }
    Ok(())
}

/// A table: its keys, the measure, then a column for each region.
fn fill(
    sheet: &mut Worksheet,
    schema: &'static TableSchema,
    regions: &[Region],
    words: &Words,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let lang = words.lang;
    sheet.set_freeze_panes(1, 0)?;
    let keys: Vec<&Column> = keys(schema, &[]).collect();
    let measures: Vec<&Column> = measures(schema).collect();
    let named = keys.iter().map(|column| labels::column(column.name, lang));
    let named = named.chain([texts::MEASURE.of(lang).to_owned()]);
    let heads = named.chain(regions.iter().map(|region| region.name.clone()));
    for (at, head) in (0_u16..).zip(heads) {
        sheet.set_column_width(at, if usize::from(at) <= keys.len() { 24 } else { 15 })?;
        sheet.write_string_with_format(0, at, head, &styles.head)?;
    }
    let joined = join(regions.iter().map(|region| region.rows(schema.name)).collect(), &[]);
    let lines = joined.iter().flat_map(|row| measures.iter().map(move |measure| (row, *measure)));
    for (line, (row, measure)) in (1..ROWS_MAX).zip(lines) {
        let mut at = 0_u16;
        for column in &keys {
            sheet.write_string(line, at, words.key(row.row, column))?;
            at += 1;
        }
        let name = labels::column(measure.name, lang);
        let is_money = measure.kind == Kind::Cents || is_cents(row.row, measure.name);
        let name = if is_money { texts::EURO_COLUMN.fill(lang, &[("name", &name)]) } else { name };
        sheet.write_string(line, at, name)?;
        for of in &row.of {
            at += 1;
            if let Some(of) = of {
                cell(sheet, (line, at), *of, measure, words, styles)?;
            }
        }
    }
    Ok(())
}

fn cell(
    sheet: &mut Worksheet,
    (line, at): (u32, u16),
    row: RegionRow<'_>,
    column: &Column,
    words: &Words,
    styles: &Styles,
) -> Result<(), XlsxError> {
    match row.figure(column.name) {
        Figure::Withheld => {
            sheet.write_string_with_format(line, at, texts::WITHHELD.of(words.lang), &styles.withheld)?
        }
        Figure::Int(cents) if column.kind == Kind::Cents => {
            sheet.write_number_with_format(line, at, *cents as f64 / 100.0, &styles.euros)?
        }
        Figure::Int(number) => sheet.write_number_with_format(line, at, *number as f64, &styles.count)?,
        Figure::Ratio(cents) if is_cents(row, column.name) => {
            sheet.write_number_with_format(line, at, cents / 100.0, &styles.euros)?
        }
        Figure::Ratio(ratio) => {
            let format = if column.name.contains("share") { &styles.share } else { &styles.ratio };
            sheet.write_number_with_format(line, at, *ratio, format)?
        }
        Figure::NotMeasured => sheet,
        Figure::Text(_) | Figure::Range(..) => sheet.write_string(line, at, words.shown(Some(row), column).text)?,
    };
    Ok(())
}
