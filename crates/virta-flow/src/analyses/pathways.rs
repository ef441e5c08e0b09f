//! `pathways`: the order in which services come.
//!
//! Unit: clients of a cohort in a period, by the services of their contacts in rule 8's order, repeats collapsed, cut
//! after the first `flow.max_steps`. Rows by the codes of the steps in order, a shorter path before its longer ones.

use virta_model::schema::PATHWAYS;
use virta_model::{ColumnData, Table, TextColumn};

use super::records::Records;
use super::{Analysis, End, Slots, join};
use crate::groups::Remap;
use crate::plan::{Plan, SERVICE_LEVEL};
use crate::visit::Visit;

pub(super) struct Pathways {
    max_steps: usize,
    clients: Paths,
    /// The path of the client at hand.
    path: Vec<u16>,
}

enum Paths {
    /// Up to [`SHORT`] steps, see [`pack`].
    Short(Records<u128, i64>),
    Long(Records<Box<[u16]>, i64>),
}

/// Steps that fit into a number: 16 bits each, the service's number and one, the first step highest. So numbers are in
/// the order of the paths.
const SHORT: usize = 8;

impl Analysis for Pathways {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let max_steps = plan.study.flow?.max_steps as usize;
        let clients = if max_steps <= SHORT { Paths::Short(Records::new()) } else { Paths::Long(Records::new()) };
        Some(Pathways { max_steps, clients, path: Vec::new() })
    }

    fn user(&mut self, visit: &Visit<'_>) {
        self.path.clear();
        for &service in visit.rows.service {
            if self.path.last() != Some(&service) {
                if self.path.len() == self.max_steps {
                    break;
                }
                self.path.push(service);
            }
        }
        if self.path.is_empty() {
            return;
        }
        match &mut self.clients {
            Paths::Short(clients) => clients.add(pack(&self.path), visit.slot, 1),
            Paths::Long(clients) => clients.add(self.path.as_slice().into(), visit.slot, 1),
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        match (&mut self.clients, other.clients) {
            (Paths::Short(here), Paths::Short(there)) => here.merge(there, remap),
            (Paths::Long(here), Paths::Long(there)) => here.merge(there, remap),
            // Both are made from the same plan.
            _ => {}
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.levels[SERVICE_LEVEL].codes;
        let (mut texts, mut steps) = (Vec::new(), Vec::new());
        let mut describe = |path: &[u16]| {
            texts.push(join(path, codes, "-"));
            steps.push(path.len() as i64);
        };
        let (mut cohort, mut period) = (TextColumn::default(), TextColumn::default());
        let (mut paths, mut counts) = (Vec::new(), Vec::new());
        let row = |slots: &Slots<'_>, path: u32, clients: i64| {
            slots.push(&mut cohort, &mut period);
            paths.push(path);
            counts.push(Some(clients));
        };
        match self.clients {
            Paths::Short(clients) => clients.finish(end, |&path| describe(&unpack(path)), row),
            Paths::Long(clients) => clients.finish(end, |path| describe(path), row),
        }
        let steps = paths.iter().map(|&path: &u32| steps.get(path as usize).copied()).collect();
        vec![Table {
            schema: &PATHWAYS,
            columns: vec![
                ColumnData::Text(cohort),
                ColumnData::Text(period),
                ColumnData::Text(TextColumn::from_distinct(texts, paths)),
                ColumnData::Int(steps),
                ColumnData::Int(counts),
            ],
        }]
    }
}

fn pack(path: &[u16]) -> u128 {
    // Services are numbered below 65,535, so adding one leaves 0 for no step.
    let packed = path.iter().fold(0, |packed, &service| packed << 16 | (u128::from(service) + 1));
    packed << (16 * (SHORT - path.len()))
}

fn unpack(packed: u128) -> Vec<u16> {
    let steps = (0..SHORT).map(|step| (packed >> (16 * (SHORT - 1 - step))) as u16);
    steps.take_while(|&step| step > 0).map(|step| step - 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_paths_keep_their_steps_and_their_order() {
        let paths: [&[u16]; 5] = [&[0], &[0, 1], &[0, 1, 0], &[1], &[65_534, 0, 7, 7, 7, 7, 7, 7]];
        for path in paths {
            assert_eq!(unpack(pack(path)), path);
        }
        assert!(paths.windows(2).all(|pair| pack(pair[0]) < pack(pair[1])));
    }
}
