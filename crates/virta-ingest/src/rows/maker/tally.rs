//! What reading a file found, beside its rows.

use std::collections::BTreeMap;

use super::carried::{LookedUp, UnknownTexts};
use crate::parse::alternates::Alternates;

/// A refused row. The field is a place in the plan's names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bad {
    pub line: u64,
    pub field: u16,
    pub rule: &'static str,
    pub hash: i64,
}

/// What a worker learned of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub rows_read: u64,
    /// Rows that the section is not about.
    pub(crate) not_selected: u64,
    /// Lines that are no rows: titles, headers that come again, totals.
    pub lines_skipped: u64,
    pub bad: Vec<Bad>,
    /// By column of the file: cells with a personal identity code, and cells with anything.
    pub(crate) hetu_hits: Vec<u64>,
    pub values: Vec<u64>,
    /// By slot of the layout: good rows where it is null.
    pub nulls: Vec<u64>,
    pub good: u64,
    pub cancelled: u64,
    /// Fields that were made null, since what they said cannot be, by field and rule.
    pub emptied: BTreeMap<(&'static str, &'static str), u64>,
    /// Good rows by the table's first date, from the first day that a date may be.
    pub days: Vec<u32>,
    /// By column plan: good cells whose code the list does not name.
    pub unknown: Vec<u64>,
    /// By column plan: how keys met the side table, and which texts the code list lacks.
    pub(crate) looked_up: Vec<LookedUp>,
    pub(crate) unknown_texts: Vec<UnknownTexts>,
    pub(crate) by_unit_cost: u64,
    /// Stays with a planned end after the extract and a cost of the extract that may be of the whole plan.
    pub(crate) planned_costs: u64,
    pub(crate) no_newline_at_end: bool,
    /// Services of good rows, by the number of their text.
    pub services: Vec<bool>,
    /// Who the rows' people would be if pseudonyms were made good in another way.
    pub(crate) alternates: Alternates,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Tally) {
        fn sum(into: &mut Vec<u64>, other: &[u64]) {
            into.resize(into.len().max(other.len()), 0);
            into.iter_mut().zip(other).for_each(|(a, b)| *a += b);
        }
        self.rows_read += other.rows_read;
        self.not_selected += other.not_selected;
        self.lines_skipped += other.lines_skipped;
        self.good += other.good;
        self.cancelled += other.cancelled;
        self.by_unit_cost += other.by_unit_cost;
        self.planned_costs += other.planned_costs;
        self.no_newline_at_end |= other.no_newline_at_end;
        self.bad.extend(other.bad);
        self.looked_up.resize(self.looked_up.len().max(other.looked_up.len()), LookedUp::default());
        self.looked_up.iter_mut().zip(other.looked_up).for_each(|(into, from)| into.add(from));
        self.unknown_texts.resize(self.unknown_texts.len().max(other.unknown_texts.len()), UnknownTexts::default());
        self.unknown_texts.iter_mut().zip(other.unknown_texts).for_each(|(into, from)| into.add(from));
        self.alternates.add(other.alternates);
        for (reason, rows) in other.emptied {
            *self.emptied.entry(reason).or_default() += rows;
        }
        sum(&mut self.hetu_hits, &other.hetu_hits);
        sum(&mut self.values, &other.values);
        sum(&mut self.nulls, &other.nulls);
        sum(&mut self.unknown, &other.unknown);
        self.services.resize(self.services.len().max(other.services.len()), false);
        self.services.iter_mut().zip(&other.services).for_each(|(a, b)| *a |= b);
        self.days.resize(self.days.len().max(other.days.len()), 0);
        self.days.iter_mut().zip(&other.days).for_each(|(a, b)| *a += b);
    }
}
