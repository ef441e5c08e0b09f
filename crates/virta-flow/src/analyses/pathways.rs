//! `pathways`: the order in which services come.
//!
//! Unit: clients of a cohort in a period, by the services of their contacts in rule 8's order, repeats collapsed, cut
//! after the first `flow.max_steps`. Rows by the codes of the steps in order, a shorter path before its longer ones, then
//! by cohort and period.
//!
//! `order_unknown` are those of them with two contacts of different services that neither day, time nor sequence tells
//! apart, among the contacts up to the one that gives the path its last step, those tied with that one included.
//! Whether another order would give another path is not asked.

use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::PATHWAYS;

use super::packed::{Packed, Packing};
use super::records::{KeyRows, Record, Records, Sum, send};
use super::unknown_order::{self, Unordered};
use super::{Analysis, End, join_into};
use crate::input::columns::Columns;
use crate::input::rows::Rows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::{BySlot, Merge, add_up};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct Pathways {
    max_steps: usize,
    packing: Packing,
    clients: Paths,
    unknown: BySlot<Unordered>,
    /// The path of the client at hand.
    path: Vec<u16>,
}

enum Paths {
    /// Steps that all fit into a number.
    Short(Records<u64, Count>),
    Long(Records<Packed, Count>),
}

/// The records of either.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Sums {
    Short(Vec<Record<u64, Count>>),
    Long(Vec<Record<Packed, Count>>),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Count {
    pub clients: u32,
    pub order_unknown: u32,
}

add_up!(Count { clients, order_unknown });

impl Sum for Count {
    type Client = Count;
}

impl Analysis for Pathways {
    type Sums = (Sums, BySlot<Unordered>);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        // A study with `[pathways]` has its paths from eras.
        let flow = plan.study.flow.filter(|_| plan.study.pathways.is_none())?;
        let max_steps = flow.max_steps as usize;
        let packing = Packing::new(plan.catalogue.services.len());
        let clients = match packing.fits(max_steps) {
            true => Paths::Short(Records::new()),
            false => Paths::Long(Records::new()),
        };
        Some(Pathways { max_steps, packing, clients, unknown: BySlot::default(), path: Vec::new() })
    }

    fn columns() -> Columns {
        Columns { start_time: true, sequence: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let rows = seen.rows;
        self.path.clear();
        let mut last_step = 0;
        for (row, &service) in rows.service.iter().enumerate() {
            if self.path.last() != Some(&service) {
                if self.path.len() == self.max_steps {
                    break;
                }
                self.path.push(service);
                last_step = row;
            }
        }
        if self.path.is_empty() {
            return;
        }
        let is_unknown = has_unknown_order(rows, last_step);
        self.unknown.at(seen.slot).client(is_unknown);
        let count = Count { clients: 1, order_unknown: is_unknown.into() };
        match &mut self.clients {
            Paths::Short(clients) => clients.add(self.packing.head(&self.path), seen.slot, count),
            Paths::Long(clients) => clients.add(self.packing.pack(&self.path), seen.slot, count),
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        self.unknown.merge(other.unknown, remap);
        match (&mut self.clients, other.clients) {
            (Paths::Short(here), Paths::Short(there)) => here.merge(there, remap),
            (Paths::Long(here), Paths::Long(there)) => here.merge(there, remap),
            // Both are made from the same plan.
            _ => {}
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        let paths = match &mut self.clients {
            Paths::Short(records) => Sums::Short(records.take()),
            Paths::Long(records) => Sums::Long(records.take()),
        };
        (paths, std::mem::take(&mut self.unknown))
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let (paths, unknown) = sums;
        self.unknown = unknown;
        let (packing, last) = (self.packing, frame.plan.catalogue.services.len().saturating_sub(1) as u16);
        let fits = match (&mut self.clients, paths) {
            (Paths::Short(here), Sums::Short(records)) => {
                here.put(records, frame, |path| packing.holds_head(*path, last))
            }
            (Paths::Long(here), Sums::Long(records)) => here.put(records, frame, |path| packing.holds(path, last)),
            _ => false,
        };
        fits && frame.has_slots(&self.unknown)
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let (codes, packing) = (&end.plan.count_units[BY_SERVICE].codes, self.packing);
        match self.clients {
            Paths::Short(clients) => {
                let describe = |path: &u64, text: &mut String| {
                    join_into(text, packing.numbers_of_head(*path), codes, "-");
                };
                let steps = |path: &u64| packing.numbers_of_head(*path).count();
                send(&clients.sorted(), end, describe, |paths, rows| part(end, paths, steps, rows));
            }
            Paths::Long(clients) => {
                let describe = |path: &Packed, text: &mut String| join_into(text, packing.numbers(path), codes, "-");
                let steps = |path: &Packed| packing.numbers(path).count();
                send(&clients.sorted(), end, describe, |paths, rows| part(end, paths, steps, rows));
            }
        }
        vec![unknown_order::rows(end, &PATHWAYS, |slots| slots.sum(&self.unknown))]
    }
}

/// Whether rows of different services are tied among those up to `last_step` and those tied with it.
fn has_unknown_order(rows: &Rows<'_>, last_step: usize) -> bool {
    let mut row = 0;
    while row < last_step || rows.is_tied_with_next(row) {
        // Rows that are tied are in order of service, so a change is one from a row to the next.
        if rows.service[row] != rows.service[row + 1] && rows.is_tied_with_next(row) {
            return true;
        }
        row += 1;
    }
    false
}

pub(super) fn part<K>(end: &End<'_>, paths: &[&K], steps: impl Fn(&K) -> usize, rows: KeyRows<Count>) -> Table {
    let steps: Vec<i64> = paths.iter().map(|path| steps(path) as i64).collect();
    let columns =
        vec![rows.by_key(&steps), rows.map(|count| count.clients.into()), rows.map(|count| count.order_unknown.into())];
    rows.part(end, &PATHWAYS, columns)
}
