//! `sector_overlap`: which sectors a cohort's clients use side by side.
//!
//! Unit: clients of a cohort in a period, by whether they used social services, primary care and specialised care; a
//! row for each pattern that somebody has. Use of the sector `other` alone is the row of three no.

use virta_model::schema::SECTOR_OVERLAP;
use virta_model::{Sector, Table, Value};

use super::{Analysis, End};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Costs;
use crate::pass::groups::{Remap, at};
use crate::rules::plan::Plan;
use crate::rules::sectors::sector_bit;
use crate::shares::frame::Frame;

#[derive(Default)]
pub(super) struct SectorOverlap {
    /// By slot, then by the sectors' bits: clients and cost.
    sums: Vec<[(i64, Costs); 16]>,
}

impl Analysis for SectorOverlap {
    type Sums = Vec<[(i64, Costs); 16]>;

    fn new(_: &Plan<'_>) -> Option<Self> {
        Some(SectorOverlap::default())
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let sum = &mut at(&mut self.sums, seen.slot)[usize::from(seen.used.sectors & 15)];
        sum.0 += 1;
        sum.1.add(seen.used.costs());
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        for (slot, sums) in other.sums.into_iter().enumerate() {
            if sums.iter().all(|sum| sum.0 == 0) {
                continue;
            }
            for (here, there) in at(&mut self.sums, remap.slot(slot)).iter_mut().zip(sums) {
                here.0 += there.0;
                here.1.add(there.1);
            }
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.sums)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        self.sums = sums;
        frame.has_slots(&self.sums)
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SECTOR_OVERLAP);
        for slots in end.slots() {
            for flags in 0..8u8 {
                let has = |sector: usize| flags >> (2 - sector) & 1 == 1;
                let [social, primary, specialised] = [has(0), has(1), has(2)];
                let bits = [Sector::Social, Sector::Primary, Sector::Specialised]
                    .into_iter()
                    .zip([social, primary, specialised])
                    .fold(0, |bits, (sector, is_used)| if is_used { bits | sector_bit(sector) } else { bits });
                let with_other = bits | sector_bit(Sector::Other);
                let (mut clients, mut cost) = (0, Costs::default());
                for sums in slots.of(&self.sums) {
                    for (more, costs) in [sums[usize::from(bits)], sums[usize::from(with_other)]] {
                        clients += more;
                        cost.add(costs);
                    }
                }
                if clients > 0 {
                    let row = [
                        Value::Text(slots.cohort),
                        Value::Text(slots.label),
                        Value::Flag(social),
                        Value::Flag(primary),
                        Value::Flag(specialised),
                        Value::Int(clients),
                        cost.value(),
                    ];
                    end.contributors.note(&SECTOR_OVERLAP, &row, clients, &[("cost_cents", cost.behind())]);
                    table.push(&row);
                }
            }
        }
        vec![table]
    }
}
