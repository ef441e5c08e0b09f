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

use super::records::{KeyRows, Record, Records, Sum, send};
use super::unknown_order::Unordered;
use super::{Analysis, End, join_into};
use crate::input::columns::Columns;
use crate::input::rows::Rows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct Pathways {
    max_steps: usize,
    clients: Paths,
    unknown: Unordered,
    /// The path of the client at hand.
    path: Vec<u16>,
}

enum Paths {
    /// Steps that fit into a number, see [`Packing`].
    Short(Packing, Records<u64, Count>),
    Long(Records<Box<[u16]>, Count>),
}

/// The records of either.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Sums {
    Short(Vec<Record<u64, Count>>),
    Long(Vec<Record<Box<[u16]>, Count>>),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Count {
    pub clients: u32,
    pub order_unknown: u32,
}

impl Sum for Count {
    fn add(&mut self, other: Self) {
        self.clients += other.clients;
        self.order_unknown += other.order_unknown;
    }
}

/// Steps as a number: for each the service's number and one, the first step highest. So numbers are in the order of the
/// paths.
#[derive(Debug, Clone, Copy)]
struct Packing {
    /// Of a step.
    bits: u32,
    max_steps: u32,
}

impl Packing {
    /// `None` where paths do not fit into a number.
    fn new(services: usize, max_steps: usize) -> Option<Self> {
        let bits = (usize::BITS - services.leading_zeros()).max(1);
        let max_steps = u32::try_from(max_steps).ok()?;
        (bits.checked_mul(max_steps)? <= u64::BITS).then_some(Packing { bits, max_steps })
    }

    fn pack(self, path: &[u16]) -> u64 {
        let mut left = self.bits * self.max_steps;
        let mut packed = 0;
        for &service in path {
            left -= self.bits;
            packed |= (u64::from(service) + 1) << left;
        }
        packed
    }

    fn steps(self, packed: u64) -> impl Iterator<Item = u16> {
        let mask = u64::MAX >> (u64::BITS - self.bits);
        let steps = (0..self.max_steps).rev().map(move |step| packed >> (self.bits * step) & mask);
        steps.take_while(|&step| step > 0).map(|step| (step - 1) as u16)
    }
}

impl Analysis for Pathways {
    type Sums = (Sums, Unordered);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        // A study with `[pathways]` has its paths from eras.
        let flow = plan.study.flow.filter(|_| plan.study.pathways.is_none())?;
        let max_steps = flow.max_steps as usize;
        let clients = match Packing::new(plan.catalogue.services.len(), max_steps) {
            Some(packing) => Paths::Short(packing, Records::new()),
            None => Paths::Long(Records::new()),
        };
        Some(Pathways { max_steps, clients, unknown: Unordered::default(), path: Vec::new() })
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
        self.unknown.client(seen.slot, is_unknown);
        let count = Count { clients: 1, order_unknown: is_unknown.into() };
        match &mut self.clients {
            Paths::Short(packing, clients) => clients.add(packing.pack(&self.path), seen.slot, count),
            Paths::Long(clients) => clients.add(self.path.as_slice().into(), seen.slot, count),
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        self.unknown.merge(&other.unknown, remap);
        match (&mut self.clients, other.clients) {
            (Paths::Short(_, here), Paths::Short(_, there)) => here.merge(there, remap),
            (Paths::Long(here), Paths::Long(there)) => here.merge(there, remap),
            // Both are made from the same plan.
            _ => {}
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        let paths = match &mut self.clients {
            Paths::Short(_, records) => Sums::Short(records.take()),
            Paths::Long(records) => Sums::Long(records.take()),
        };
        (paths, std::mem::take(&mut self.unknown))
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let (paths, unknown) = sums;
        self.unknown = unknown;
        let fits = match (&mut self.clients, paths) {
            (Paths::Short(packing, here), Sums::Short(records)) => here.put(records, frame, |path| {
                let is_path = packing.pack(&packing.steps(*path).collect::<Vec<u16>>()) == *path;
                is_path && frame.has_services(packing.steps(*path))
            }),
            (Paths::Long(here), Sums::Long(records)) => {
                here.put(records, frame, |path| frame.has_services(path.iter().copied()))
            }
            _ => false,
        };
        fits && self.unknown.fits(frame)
    }

    // Keys are lent as they are kept, and long paths are kept in boxes.
    #[allow(clippy::borrowed_box)]
    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.count_units[BY_SERVICE].codes;
        match self.clients {
            Paths::Short(packing, clients) => {
                let describe = |path: &u64, text: &mut String| join_into(text, packing.steps(*path), codes, "-");
                let steps = |path: &u64| packing.steps(*path).count();
                send(&clients.sorted(), end, describe, |paths, rows| part(end, paths, steps, rows));
            }
            Paths::Long(clients) => {
                let describe = |path: &Box<[u16]>, text: &mut String| {
                    join_into(text, path.iter().copied(), codes, "-");
                };
                let steps = |path: &Box<[u16]>| path.len();
                send(&clients.sorted(), end, describe, |paths, rows| part(end, paths, steps, rows));
            }
        }
        vec![self.unknown.rows(end, PATHWAYS.name)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_paths_keep_their_steps_and_their_order() {
        let packing = Packing::new(65_535, 4).unwrap();
        let paths: [&[u16]; 5] = [&[0], &[0, 1], &[0, 1, 0], &[1], &[65_534, 0, 7, 7]];
        for path in paths {
            assert_eq!(packing.steps(packing.pack(path)).collect::<Vec<_>>(), path);
        }
        assert!(paths.windows(2).all(|pair| packing.pack(pair[0]) < packing.pack(pair[1])));
    }

    #[test]
    fn paths_that_do_not_fit_are_not_packed() {
        assert!(Packing::new(65_535, 5).is_none());
        assert_eq!(Packing::new(31, 12).map(|packing| packing.bits), Some(5));
        assert!(Packing::new(31, 13).is_none());
        assert_eq!(Packing::new(32, 5).map(|packing| packing.bits), Some(6));
        assert_eq!(Packing::new(0, 5).map(|packing| packing.bits), Some(1));
        assert_eq!(Packing::new(1, 64).unwrap().steps(Packing::new(1, 64).unwrap().pack(&[0; 64])).count(), 64);
    }
}
