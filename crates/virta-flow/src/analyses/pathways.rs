//! `pathways`: the order in which services come.
//!
//! Unit: clients of a cohort in a period, by the services of their contacts in rule 8's order, repeats collapsed, cut
//! after the first `flow.max_steps`. Rows by the codes of the steps in order, a shorter path before its longer ones.

use virta_model::schema::PATHWAYS;
use virta_model::{ColumnData, Table, TextColumn};

use super::{Analysis, End, join};
use crate::groups::{Remap, at};
use crate::hash::FastMap;
use crate::plan::{Plan, SERVICE_LEVEL};
use crate::visit::Visit;

pub(super) struct Pathways {
    max_steps: usize,
    /// By slot: clients by path.
    short: Vec<FastMap<u128, i64>>,
    /// Paths of more than [`SHORT`] steps.
    long: Vec<FastMap<Box<[u16]>, i64>>,
    path: Vec<u16>,
}

/// Steps that fit into a number: 16 bits each, the service's number and one, the first step highest. So numbers are in
/// the order of the paths.
const SHORT: usize = 8;

impl Analysis for Pathways {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let flow = plan.study.flow?;
        Some(Pathways { max_steps: flow.max_steps as usize, short: Vec::new(), long: Vec::new(), path: Vec::new() })
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
        if self.path.len() <= SHORT {
            *at(&mut self.short, visit.slot).entry(pack(&self.path)).or_default() += 1;
        } else {
            let paths = at(&mut self.long, visit.slot);
            match paths.get_mut(self.path.as_slice()) {
                Some(clients) => *clients += 1,
                None => {
                    paths.insert(self.path.as_slice().into(), 1);
                }
            }
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        merge(&mut self.short, other.short, remap);
        merge(&mut self.long, other.long, remap);
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let codes = &end.plan.levels[SERVICE_LEVEL].codes;
        let (mut cohort, mut period, mut text_column) =
            (TextColumn::default(), TextColumn::default(), TextColumn::default());
        let (mut steps, mut counts) = (Vec::new(), Vec::new());
        let mut known: FastMap<Vec<u16>, u32> = FastMap::default();
        let mut text = String::new();
        for slots in end.slots() {
            let mut short: Vec<(u128, i64)> = slots.of(&self.short).flatten().map(|(&path, &n)| (path, n)).collect();
            short.sort_unstable();
            add_up(&mut short);
            let mut paths: Vec<(Vec<u16>, i64)> = short.into_iter().map(|(path, n)| (unpack(path), n)).collect();
            let long = slots.of(&self.long).flatten().map(|(path, &n)| (path.to_vec(), n));
            let shorter = paths.len();
            paths.extend(long);
            if paths.len() > shorter {
                paths.sort_unstable();
                add_up(&mut paths);
            }
            let (cohort_code, period_code) = (cohort.intern(slots.cohort), period.intern(slots.label));
            for (path, clients) in paths {
                cohort.push_code(cohort_code);
                period.push_code(period_code);
                steps.push(Some(path.len() as i64));
                counts.push(Some(clients));
                let code = match known.get(&path) {
                    Some(&code) => code,
                    None => {
                        join(&mut text, &path, codes, '-');
                        let code = text_column.intern(&text);
                        known.insert(path, code);
                        code
                    }
                };
                text_column.push_code(code);
            }
        }
        vec![Table {
            schema: &PATHWAYS,
            columns: vec![
                ColumnData::Text(cohort),
                ColumnData::Text(period),
                ColumnData::Text(text_column),
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

fn merge<K: std::hash::Hash + Eq>(here: &mut Vec<FastMap<K, i64>>, there: Vec<FastMap<K, i64>>, remap: &Remap) {
    for (slot, paths) in there.into_iter().enumerate().filter(|(_, paths)| !paths.is_empty()) {
        let here = at(here, remap.slot(slot));
        if here.is_empty() {
            *here = paths;
            continue;
        }
        for (path, clients) in paths {
            *here.entry(path).or_default() += clients;
        }
    }
}

/// Adds up neighbours with the same path.
fn add_up<K: PartialEq>(paths: &mut Vec<(K, i64)>) {
    paths.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            earlier.1 += later.1;
        }
        is_same
    });
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
