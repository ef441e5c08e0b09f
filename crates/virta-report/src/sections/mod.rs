//! The report's parts, in the order in which it is read.

mod access;
mod costs;
mod emergency;
mod flows;
mod made;
mod people;
mod pilots;
mod providers;
mod regions;
mod services;
mod thresholds;

use serde::Serialize;

use crate::chart::{Bar, Mark, Style, bars};
use crate::context::Context;
use crate::grid::Grid;
use crate::texts;
use crate::view::Row;

/// A part of the report. One without figures is left out.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Section {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) figures: Vec<Figure>,
}

/// A chart with its title, its text and its table; a table alone has no picture.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Figure {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) svg: String,
    pub(crate) grid: Grid,
}

/// Every section that has something to show.
pub(crate) fn all(context: &Context<'_>) -> Vec<Section> {
    let sections = [
        people::summary(context),
        people::attrition(context),
        people::profile(context),
        services::services(context),
        services::together(context),
        flows::flows(context),
        costs::costs(context),
        costs::staying(context),
        emergency::emergency(context),
        thresholds::sweep(context),
        thresholds::overlap(context),
        pilots::pilots(context),
        regions::regions(context),
        providers::packages(context),
        access::access(context),
        made::further(context),
        made::made(context),
    ];
    sections.into_iter().filter(|section| !section.figures.is_empty()).collect()
}

impl Section {
    fn new(id: &'static str, title: crate::lang::Text, context: &Context<'_>) -> Self {
        Section { id, title: title.of(context.lang).to_owned(), ..Section::default() }
    }

    /// Adds a figure; the picture gets the ids of the elements that name and describe it.
    fn add(&mut self, title: String, summary: String, grid: Grid, draw: impl FnOnce(&str) -> String) {
        let id = format!("{}-{}", self.id, self.figures.len() + 1);
        let described = if summary.is_empty() { String::new() } else { format!(" {id}-summary") };
        let svg = draw(&format!("{id}-title{described}"));
        self.figures.push(Figure { id, title, summary, svg, grid });
    }

    /// Adds a table without a picture.
    fn add_table(&mut self, title: String, summary: String, grid: Grid) {
        let id = format!("{}-{}", self.id, self.figures.len() + 1);
        self.figures.push(Figure { id, title, summary, svg: String::new(), grid });
    }
}

/// What a chart shows of a count.
fn mark(row: Row<'_>, column: &str) -> Mark {
    match row.int(column) {
        Some(value) => Mark::Value(value as f64),
        None if row.is_withheld(column) => Mark::Withheld,
        None => Mark::None,
    }
}

fn ratio_mark(row: Row<'_>, column: &str) -> Mark {
    match row.ratio(column) {
        Some(value) => Mark::Value(value),
        None if row.is_withheld(column) => Mark::Withheld,
        None => Mark::None,
    }
}

/// Rows by a count, the largest first; those that are withheld come last. Equal ones keep their order.
fn by_count<'a>(rows: &[Row<'a>], column: &str) -> Vec<Row<'a>> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| std::cmp::Reverse(row.int(column).unwrap_or(-1)));
    rows
}

/// Bars of counts of one series, named by a column.
fn count_bars(context: &Context<'_>, rows: &[Row<'_>], label: &str, count: &str, labelled_by: &str) -> String {
    const BARS_MAX: usize = 20;
    let list: Vec<Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| Bar { label: crate::grid::shown(context, *row, label).text, marks: vec![mark(*row, count)] })
        .collect();
    bars(&list, &[], &whole_numbers(context, &|value| crate::format::number(value as i64, context.lang)), labelled_by)
}

fn whole_numbers<'a>(context: &Context<'_>, number: &'a dyn Fn(f64) -> String) -> Style<'a> {
    Style { number, withheld: texts::WITHHELD.of(context.lang) }
}
