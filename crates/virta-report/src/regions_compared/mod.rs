//! Releases of several regions side by side, from their protected tables alone.
//!
//! Definitions come first: where two studies differ in a rule, their numbers say different things. Then key figures with
//! rates standardised by age, then the same tables side by side.

mod define;
mod page;
mod standard;
mod tables;
#[cfg(test)]
mod tests;
mod workbook;

use std::collections::BTreeMap;

use virta_model::schema::TableSchema;
use virta_model::settings::Title;

use crate::labels::Names;

pub use define::{DefinitionDifference, definition_differences};
pub use page::html as compared_html;
pub use workbook::xlsx as compared_xlsx;

/// A cell of a released table, as its reader sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    Int(i64),
    Ratio(f64),
    /// A text, a day, a time or a flag as the file has it.
    Text(String),
    /// Classes put together: from the first to the last, or as many and more.
    Range(i64, Option<i64>),
    /// Of too few clients, or of some that it would tell. It is not 0.
    Withheld,
    /// Not measured, which is not 0 either.
    NotMeasured,
}

/// A protected table as it was released.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleasedTable {
    pub schema: &'static TableSchema,
    /// A cell for every column of the schema.
    pub rows: Vec<Vec<Figure>>,
    /// Whether rows of too few clients are not there.
    pub has_rows_left_out: bool,
}

/// What a region has released of its study.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Region {
    /// What the comparison calls it.
    pub name: String,
    /// Name of its study.
    pub study: String,
    pub title: Title,
    /// Titles of its cohorts and segments, by name.
    pub cohorts: BTreeMap<String, Title>,
    pub segments: BTreeMap<String, Title>,
    pub pilots: BTreeMap<String, Title>,
    /// Version of the program that released it.
    pub version: String,
    pub k: u32,
    pub round_to: u32,
    /// The periods in the order of the study.
    pub periods: Vec<String>,
    /// Every rule of the study by its key.
    pub definition: BTreeMap<String, String>,
    /// Its sources, each with the last day that it knows of where it says so.
    pub sources: Vec<(String, Option<String>)>,
    pub tables: Vec<ReleasedTable>,
    pub names: Names,
}

impl Region {
    /// The rows of a table; none when the region has not released it.
    fn rows(&self, table: &str) -> Vec<RegionRow<'_>> {
        let found = self.tables.iter().find(|released| released.schema.name == table);
        found.map_or_else(Vec::new, |table| {
            table.rows.iter().map(|cells| RegionRow { schema: table.schema, cells }).collect()
        })
    }

    /// The row of a group's total in a period.
    fn whole(&self, cohort: &str, period: &str) -> Option<RegionRow<'_>> {
        let is =
            |row: &RegionRow<'_>| row.is("cohort", cohort) && row.is("period", period) && row.is("dimension", "all");
        self.rows("profile").into_iter().find(is)
    }
}

/// A row of a region's table.
#[derive(Debug, Clone, Copy)]
struct RegionRow<'a> {
    schema: &'static TableSchema,
    cells: &'a [Figure],
}

impl<'a> RegionRow<'a> {
    fn figure(self, column: &str) -> &'a Figure {
        let at = self.schema.index_of(column);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&Figure::NotMeasured)
    }

    fn text(self, column: &str) -> &'a str {
        match self.figure(column) {
            Figure::Text(text) => text,
            _ => "",
        }
    }

    fn int(self, column: &str) -> Option<i64> {
        match self.figure(column) {
            Figure::Int(number) => Some(*number),
            _ => None,
        }
    }

    fn is(self, column: &str, value: &str) -> bool {
        self.text(column) == value
    }
}

/// The newest period that all regions have; else none.
fn common_period(regions: &[Region]) -> Option<&str> {
    let (first, others) = regions.split_first()?;
    let is_common = |period: &&String| others.iter().all(|region| region.periods.contains(period));
    first.periods.iter().rev().find(is_common).map(String::as_str)
}

/// The period of a region that is compared: the newest that all have, else its own newest.
fn period_of<'a>(region: &'a Region, regions: &'a [Region]) -> &'a str {
    common_period(regions).unwrap_or_else(|| region.periods.last().map_or("", String::as_str))
}

/// The cohorts that every region has, in the order of the first.
fn common_cohorts(regions: &[Region]) -> Vec<&str> {
    let Some((first, others)) = regions.split_first() else { return Vec::new() };
    let of = |region: &Region, cohort: &str| region.cohorts.contains_key(cohort);
    let mut cohorts: Vec<&str> = Vec::new();
    for row in first.rows("attrition") {
        let cohort = row.text("cohort");
        if !cohorts.contains(&cohort) && others.iter().all(|region| of(region, cohort)) {
            cohorts.push(cohort);
        }
    }
    cohorts
}
