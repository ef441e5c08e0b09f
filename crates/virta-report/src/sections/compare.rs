//! One table's rows of several groups side by side: what a chart of dots shows.

use virta_chart::{Dots, dots};

use super::{Section, Words, share_number};
use crate::context::{Context, share_mark};
use crate::derive::Share;
use crate::grid::{Grid, Header, Shown};
use crate::texts;
use crate::view::Row;

/// A label with the row of each group, where there is one.
pub(super) struct Compared<'a> {
    pub(super) label: String,
    pub(super) rows: Vec<Option<Row<'a>>>,
}

/// Clients of groups in the last period, by what a row is about.
pub(super) struct Comparison<'a> {
    pub(super) groups: Vec<&'a str>,
    pub(super) compared: Vec<Compared<'a>>,
}

/// Labels that a chart compares at most.
const LABELS_MAX: usize = 12;

impl<'a> Comparison<'a> {
    /// The rows of a table in the last period, matched by their label, in the order in which labels first come. Groups
    /// without any shown number are left out.
    pub(super) fn new(
        context: &Context<'a>,
        table: &str,
        are: &[(&str, &str)],
        label: impl Fn(Row<'a>) -> String,
    ) -> Self {
        let period = context.last_period();
        let of = |group: &str| {
            let all: Vec<(&str, &str)> = [("cohort", group), ("period", period)].iter().chain(are).copied().collect();
            context.rows_where(table, &all)
        };
        let is_shown = |group: &&str| of(group).iter().any(|row| row.int("clients").is_some());
        let groups: Vec<&str> = context.groups().into_iter().filter(is_shown).collect();
        let mut compared: Vec<Compared<'a>> = Vec::new();
        for (at, group) in groups.iter().enumerate() {
            for row in of(group) {
                let label = label(row);
                let place = match compared.iter().position(|other| other.label == label) {
                    Some(place) => place,
                    None => {
                        compared.push(Compared { label, rows: vec![None; groups.len()] });
                        compared.len() - 1
                    }
                };
                if let Some(cell) = compared.get_mut(place).and_then(|compared| compared.rows.get_mut(at)) {
                    *cell = Some(row);
                }
            }
        }
        Comparison { groups, compared }
    }

    /// The labels that most of the first group's clients have come first.
    pub(super) fn by_size(mut self) -> Self {
        let size = |compared: &Compared<'_>| {
            let first = compared.rows.iter().flatten().next();
            first.and_then(|row| row.int("clients")).unwrap_or(-1)
        };
        let of_first = |compared: &Compared<'_>| compared.rows.first().copied().flatten().is_some();
        self.compared.sort_by_key(|compared| std::cmp::Reverse((of_first(compared), size(compared))));
        self
    }

    pub(super) fn share(&self, context: &Context<'_>, compared: &Compared<'_>, at: usize) -> Option<Share> {
        let group = self.groups.get(at)?;
        context.share_of_group(*compared.rows.get(at)?, group, context.last_period())
    }

    /// Whether there is something to compare: a chart of one row says nothing.
    pub(super) fn is_worth_a_chart(&self) -> bool {
        let is_shown =
            |compared: &&Compared<'_>| compared.rows.iter().flatten().any(|row| row.int("clients").is_some());
        self.compared.iter().filter(is_shown).count() > 1
    }

    /// The label at which the first group differs most from everybody, with both shares.
    pub(super) fn most_different(&self, context: &Context<'_>) -> Option<(String, Share, Share)> {
        if self.groups.len() < 2 || self.groups.last() != Some(&"all") {
            return None;
        }
        let last = self.groups.len() - 1;
        let pairs = self.compared.iter().filter_map(|compared| {
            let (own, all) = (self.share(context, compared, 0)?, self.share(context, compared, last)?);
            Some((compared.label.clone(), own, all))
        });
        pairs.max_by(|a, b| (a.1.value - a.2.value).abs().total_cmp(&(b.1.value - b.2.value).abs()))
    }

    /// The difference in words, where it is worth a word.
    pub(super) fn difference_in_words(&self, context: &Context<'_>) -> String {
        let lang = context.lang;
        let found = self.most_different(context).filter(|(_, own, all)| (own.value - all.value).abs() >= 0.03);
        found.map_or_else(String::new, |(value, own, all)| {
            let (own, all) = (crate::format::share(own, lang), crate::format::share(all, lang));
            texts::MOST_DIFFERENT.fill(lang, &[("value", &super::in_sentence(&value)), ("share", &own), ("all", &all)])
        })
    }

    /// Clients and their share for each group.
    pub(super) fn grid(&self, context: &Context<'_>, head: String) -> Grid {
        let lang = context.lang;
        let mut grid = Grid { headers: vec![Header::text(head)], ..Grid::default() };
        for group in &self.groups {
            let name = super::capital(&context.cohort(group));
            grid.headers.push(Header::number(texts::CLIENTS_OF.fill(lang, &[("group", &name)])));
            grid.headers.push(Header::number(texts::SHARE_OF.fill(lang, &[("group", &name)])));
        }
        for compared in &self.compared {
            let mut cells = vec![Shown::head(compared.label.clone())];
            for (at, row) in compared.rows.iter().enumerate() {
                cells.push(row.map_or_else(Shown::none, |row| crate::grid::shown(context, row, "clients")));
                cells.push(Shown::share(self.share(context, compared, at), *row, lang));
            }
            grid.rows.push(cells);
        }
        grid.cut(context, self.compared.len());
        grid
    }

    pub(super) fn draw(&self, context: &Context<'_>, width: f64, ids: &str) -> String {
        let rows: Vec<Dots> = self
            .compared
            .iter()
            .take(LABELS_MAX)
            .map(|compared| {
                let rows = compared.rows.iter().enumerate();
                let marks = rows.map(|(at, row)| share_mark(self.share(context, compared, at), *row)).collect();
                Dots { label: compared.label.clone(), marks }
            })
            .collect();
        let number = share_number(context);
        dots(&rows, &context.series(&self.groups), &context.draw(&number, width), ids)
    }

    /// Adds the chart to a section where it says something.
    pub(super) fn add_to(
        &self,
        context: &Context<'_>,
        section: &mut Section,
        words: Words,
        head: String,
        is_wide: bool,
    ) {
        if self.is_worth_a_chart() {
            let grid = self.grid(context, head);
            section.figure(words, grid, |width, ids| self.draw(context, width, ids), is_wide);
        }
    }
}
