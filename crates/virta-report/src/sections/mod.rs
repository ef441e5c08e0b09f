//! The report's parts after its first page, in the order in which they are read.

mod access;
mod compare;
mod costs;
mod emergency;
mod flows;
mod made;
mod order;
mod people;
mod pilots;
mod place;
mod providers;
mod regions;
mod services;
mod staying;
mod thresholds;

use serde::Serialize;
use virta_chart::{Bar, NARROW, Style, WIDE, bars};

use crate::context::{Context, mark};
use crate::format;
use crate::grid::{Grid, shown};
use crate::view::Row;

pub(crate) use made::unpriced;
pub(crate) use pilots::answer as pilot_answer;
pub(crate) use place::{codes as place_codes, place};
pub(crate) use staying::stayed_costliest;

/// A part of the report. One without figures and words is left out.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Section {
    pub(crate) id: String,
    pub(crate) title: String,
    /// What the part says first, in larger letters.
    pub(crate) lead: String,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    /// What to know when reading it: a heading and sentences.
    pub(crate) notes_title: String,
    pub(crate) notes: Vec<String>,
}

/// A chart with its title, its unit, a sentence, and the table that folds out under it; or a table without a chart, which
/// is read as it is.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Figure {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) summary: String,
    /// The chart at the width of a column, or of a phone.
    pub(crate) narrow: String,
    /// The chart across the page, for those that need it.
    pub(crate) wide: String,
    pub(crate) grid: Grid,
    /// Whether the figure goes across the page.
    pub(crate) is_wide: bool,
    /// Whether the table is for the screen alone: it stays folded and is not printed.
    pub(crate) is_folded: bool,
}

/// How a figure is called: its title, what its numbers are, what it shows in a sentence.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) summary: String,
}

impl Words {
    pub(crate) fn new(title: impl Into<String>, unit: impl Into<String>) -> Self {
        Words { title: title.into(), unit: unit.into(), summary: String::new() }
    }

    pub(crate) fn saying(self, summary: impl Into<String>) -> Self {
        Words { summary: summary.into(), ..self }
    }
}

/// A part of the report, and the tables that it shows.
type Part = (fn(&Context<'_>) -> Section, &'static [&'static str]);

/// The parts in the order in which they are read, after those of pilots. To add one, write its file and name it here.
const PARTS: &[Part] = &[
    (people::profile, &["profile"]),
    (services::services, &["service_use", "services_per_client"]),
    (services::together, &["combinations", "sector_overlap"]),
    (flows::flows, &["flows", "flow_starts", "flow_ends", "pathways", "unknown_order", "monthly_states"]),
    (costs::costs, &["concentration", "lorenz", "sector_concentration", "sector_top_overlap"]),
    (staying::staying, &["joiners", "persistence"]),
    (emergency::emergency, &["emergency_bands", "emergency_hours", "emergency_next"]),
    (order::order, &["follow_up", "episodes", "co_use", "continuity", "funnel", "adoption"]),
    (thresholds::sweep, &["sweep", "definition_overlap"]),
    (regions::regions, &["regions"]),
    (providers::packages, &["packages"]),
    (access::access, &["access"]),
    (made::further, &[]),
    (made::made, &["summary", "attrition", "sources"]),
];

/// The tables of the parts of pilots.
const OF_PILOTS: &[&str] = &["pilot_counts", "pilot_baseline", "pilot_balance"];

/// Whether a part shows a table: the others fold out among the further ones.
fn is_shown(table: &str) -> bool {
    OF_PILOTS.contains(&table) || PARTS.iter().any(|(_, tables)| tables.contains(&table))
}

/// Every section that has something to show.
pub(crate) fn all(context: &Context<'_>) -> Vec<Section> {
    let mut sections = of_pilots(context);
    sections.extend(PARTS.iter().map(|(part, _)| part(context)));
    sections.into_iter().filter(|section| !section.figures.is_empty()).collect()
}

/// A section for each pilot that has something to show.
pub(crate) fn of_pilots(context: &Context<'_>) -> Vec<Section> {
    pilots::pilots(context).into_iter().filter(|section| !section.figures.is_empty()).collect()
}

impl Section {
    fn new(id: &str, title: crate::lang::Text, context: &Context<'_>) -> Self {
        Section { id: id.to_owned(), title: title.of(context.lang).to_owned(), ..Section::default() }
    }

    /// Adds a figure in a column: half a page wide, or the width of a phone.
    fn add(&mut self, words: Words, grid: Grid, draw: impl Fn(f64, &str) -> String) {
        self.figure(words, grid, draw, false);
    }

    /// Adds a figure across the page, drawn anew for the phone.
    fn add_wide(&mut self, words: Words, grid: Grid, draw: impl Fn(f64, &str) -> String) {
        self.figure(words, grid, draw, true);
    }

    fn figure(&mut self, words: Words, grid: Grid, draw: impl Fn(f64, &str) -> String, is_wide: bool) {
        let id = self.next_id();
        self.figures.push(Figure::new(id, words, grid, draw, is_wide));
    }

    /// Adds a table without a picture: on the page, or folded for the screen.
    fn add_table(&mut self, words: Words, grid: Grid, is_folded: bool) {
        if grid.rows.is_empty() {
            return;
        }
        let id = self.next_id();
        let Words { title, unit, summary } = words;
        let figure = Figure { id, title, unit, summary, grid, is_wide: true, is_folded, ..Figure::default() };
        self.figures.push(figure);
    }

    fn next_id(&self) -> String {
        format!("{}-{}", self.id, self.figures.len() + 1)
    }
}

impl Figure {
    /// The picture gets the ids of the elements that name and describe it.
    pub(crate) fn new(id: String, words: Words, grid: Grid, draw: impl Fn(f64, &str) -> String, is_wide: bool) -> Self {
        let described = if words.summary.is_empty() { String::new() } else { format!(" {id}-summary") };
        let ids = format!("{id}-title{described}");
        let wide = if is_wide { draw(WIDE, &ids) } else { String::new() };
        let Words { title, unit, summary } = words;
        let narrow = draw(NARROW, &ids);
        Figure { id, title, unit, summary, narrow, wide, grid, is_wide, is_folded: true }
    }
}

/// Bars that a chart of one series shows at most.
const BARS_MAX: usize = 10;

/// Bars of one series of counts or amounts, named by a column.
fn plain_bars(
    context: &Context<'_>,
    rows: &[Row<'_>],
    label: &str,
    column: &str,
    style: &Style<'_>,
    ids: &str,
) -> String {
    let list: Vec<Bar> = rows
        .iter()
        .take(BARS_MAX)
        .map(|row| Bar { label: shown(context, *row, label).text, marks: vec![mark(Some(*row), column)] })
        .collect();
    bars(&list, &[], style, ids)
}

fn whole_number(context: &Context<'_>) -> impl Fn(f64) -> String {
    let lang = context.lang;
    move |value| format::number(value as i64, lang)
}

fn share_number(context: &Context<'_>) -> impl Fn(f64) -> String {
    let lang = context.lang;
    move |value| format::percent(value, lang)
}

/// A name as it stands within a sentence: small, but for abbreviations.
pub(crate) fn in_sentence(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next();
    match (first, letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => name.to_owned(),
    }
}

/// The first letter large, as a title begins.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
