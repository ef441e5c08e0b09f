//! The same table of several regions, row by row.

use std::collections::BTreeMap;

use virta_model::Day;
use virta_model::schema::{COHORT, Column, Kind, Role, TableSchema, Values};
use virta_model::settings::Title;
use virta_protection::{Policy, ProtectedStudy, ProtectionError, Secret, StudyTables, protect};

use super::{Figure, Region, RegionRow};
use crate::context::Context;
use crate::format;
use crate::grid::{self, Shown};
use crate::lang::Lang;
use crate::report::Report;
use crate::texts;

/// A row of a table with what each region says of it.
#[derive(Debug, Clone)]
pub(super) struct Joined<'a> {
    /// The keys, as one of the regions has them.
    pub row: RegionRow<'a>,
    /// By region; none where it does not have the row.
    pub of: Vec<Option<RegionRow<'a>>>,
}

/// The tables that any region has released, in the order of the dictionary; each with the columns of the first that has it.
pub(super) fn schemas(regions: &[Region]) -> Vec<&'static TableSchema> {
    let tables = || regions.iter().flat_map(|region| &region.tables).map(|table| table.schema);
    COHORT.iter().filter_map(|schema| tables().find(|released| released.name == schema.name)).collect()
}

/// Joins rows of the regions by all their keys but those of `but`, in the order of the first region that has them.
pub(super) fn join<'a>(rows: Vec<Vec<RegionRow<'a>>>, but: &[&str]) -> Vec<Joined<'a>> {
    let mut joined: Vec<Joined<'a>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let regions = rows.len();
    for (region, row) in
        rows.into_iter().enumerate().flat_map(|(region, rows)| rows.into_iter().map(move |row| (region, row)))
    {
        let at = *places.entry(key(row, but)).or_insert_with(|| {
            joined.push(Joined { row, of: vec![None; regions] });
            joined.len() - 1
        });
        if let Some(of) = joined.get_mut(at).and_then(|joined| joined.of.get_mut(region)) {
            *of = Some(row);
        }
    }
    joined
}

fn key(row: RegionRow<'_>, but: &[&str]) -> String {
    let keys = keys(row.schema, but).map(|column| match row.figure(column.name) {
        Figure::Int(number) => number.to_string(),
        Figure::Text(text) => text.clone(),
        Figure::Range(first, last) => format!("{first}..{last:?}"),
        _ => String::new(),
    });
    keys.collect::<Vec<_>>().join("\u{1f}")
}

/// The columns that say what a row is about, without some.
pub(super) fn keys<'a>(schema: &'static TableSchema, but: &'a [&str]) -> impl Iterator<Item = &'static Column> + 'a {
    schema.columns.iter().take(schema.keys()).filter(move |column| !but.contains(&column.name))
}

/// The columns that can be held against those of other regions. Rates that a study has standardised to its own people
/// cannot.
pub(super) fn measures(schema: &'static TableSchema) -> impl Iterator<Item = &'static Column> {
    let is_measure = |role: Role| {
        !matches!(role, Role::Key | Role::Fact | Role::With { .. } | Role::Standardised { .. } | Role::Undeclared)
    };
    schema.columns.iter().filter(move |column| is_measure(column.role))
}

/// How cells are put into words: by the names and titles of all regions together.
#[derive(Debug)]
pub(super) struct Words {
    pub lang: Lang,
    names: crate::labels::Names,
    titles: [BTreeMap<String, Title>; 3],
    /// No table at all: only the words are asked for.
    nothing: ProtectedStudy,
}

impl Words {
    pub(super) fn new(regions: &[Region], lang: Lang) -> Result<Self, ProtectionError> {
        let mut names = crate::labels::Names::default();
        let mut titles: [BTreeMap<String, Title>; 3] = Default::default();
        // Where regions call a thing differently, the first has the say.
        for region in regions.iter().rev() {
            names.services.extend(region.names.services.clone());
            names.packages.extend(region.names.packages.clone());
            names.providers.extend(region.names.providers.clone());
            for (into, of) in titles.iter_mut().zip([&region.cohorts, &region.segments, &region.pilots]) {
                into.extend(of.clone());
            }
        }
        let nothing = protect(&StudyTables::new(&[], Policy::default(), Secret::new([0; 32])))?;
        Ok(Words { lang, names, titles, nothing })
    }

    fn title(&self, kind: usize, name: &str) -> Option<String> {
        self.titles.get(kind)?.get(name)?.of(self.lang).map(str::to_owned)
    }

    pub(super) fn cohort(&self, name: &str) -> String {
        match name {
            "all" => texts::ALL_USERS.of(self.lang).to_owned(),
            _ => self.title(0, name).unwrap_or_else(|| name.to_owned()),
        }
    }

    /// A key in words.
    pub(super) fn key(&self, row: RegionRow<'_>, column: &Column) -> String {
        let dimension = if column.name == "region" { row.text("level") } else { row.text("dimension") };
        match row.figure(column.name) {
            Figure::Text(text) => match column.name {
                "cohort" | "cohort_a" | "cohort_b" => self.cohort(text),
                "pilot" => self.title(2, text).unwrap_or_else(|| text.clone()),
                "value" if dimension == "segment" && self.title(1, text).is_some() => {
                    self.title(1, text).unwrap_or_default()
                }
                _ if column.kind == Kind::Date => day(text, self.lang),
                _ => {
                    let mut report = Report::new(&self.nothing, "");
                    report.names = self.names.clone();
                    Context { report: &report, lang: self.lang }.words(column.values, dimension, text)
                }
            },
            Figure::Int(number) if column.values == Values::Weekday => crate::labels::weekday(*number, self.lang),
            Figure::Int(number) => format::number(*number, self.lang),
            Figure::Ratio(ratio) => format::mean(*ratio, self.lang),
            Figure::Range(first, last) => grid::range(column.values, *first, *last, self.lang),
            Figure::Withheld => texts::WITHHELD.of(self.lang).to_owned(),
            Figure::NotMeasured => crate::labels::dimension_value("", None, self.lang),
        }
    }

    /// A figure as a page shows it.
    pub(super) fn shown(&self, row: Option<RegionRow<'_>>, column: &Column) -> Shown {
        let Some(row) = row else { return Shown::none() };
        match row.figure(column.name) {
            Figure::Int(cents) if column.kind == Kind::Cents => Shown::number(format::money(*cents as f64, self.lang)),
            Figure::Int(number) => Shown::number(format::number(*number, self.lang)),
            Figure::Ratio(value) => Shown::number(ratio(row, column, *value, self.lang)),
            Figure::Text(text) if column.kind == Kind::Date => Shown::text(day(text, self.lang)),
            Figure::Text(text) => Shown::text(text.clone()),
            Figure::Range(first, last) => Shown::text(grid::range(column.values, *first, *last, self.lang)),
            Figure::Withheld => Shown::withheld(self.lang),
            Figure::NotMeasured => Shown::none(),
        }
    }
}

/// Whether a ratio is a mean of cents.
pub(super) fn is_cents(row: RegionRow<'_>, column: &str) -> bool {
    (row.is("measure", "cost_cents") || row.is("variable", "cost_cents")) && !column.starts_with("difference_")
}

fn ratio(row: RegionRow<'_>, column: &Column, value: f64, lang: Lang) -> String {
    match column.values {
        _ if is_cents(row, column.name) => format::money(value, lang),
        Values::Coefficient => format::decimal(value, 2, lang),
        Values::Whole => format::decimal(value, 0, lang),
        Values::Share => format::percent(value, lang),
        _ => format::mean(value, lang),
    }
}

pub(super) fn day(text: &str, lang: Lang) -> String {
    Day::parse_iso(text).map_or_else(|| text.to_owned(), |day| format::day(day, lang))
}
