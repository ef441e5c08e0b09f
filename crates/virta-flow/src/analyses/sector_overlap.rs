//! `sector_overlap`: which sectors a cohort's clients use side by side.
//!
//! Unit: clients of a cohort in a period, by whether they used social services, primary care and specialised care; a
//! row for each pattern that somebody has. Use of the sector `other` alone is the row of three no.

use virta_model::schema::SECTOR_OVERLAP;
use virta_model::{Sector, Table};

use super::{Analysis, End, row, sums_in};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Spending;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot};
use crate::rules::plan::Plan;
use crate::rules::sectors::sector_bit;
use crate::shares::frame::Frame;

#[derive(Default)]
pub(super) struct SectorOverlap {
    /// By slot, then by the sectors' bits.
    sums: BySlot<[Spending; 16]>,
}

impl Analysis for SectorOverlap {
    type Sums = BySlot<[Spending; 16]>;

    fn new(_: &Plan<'_>) -> Option<Self> {
        Some(SectorOverlap::default())
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        self.sums.at(seen.slot)[usize::from(seen.used.sectors & 15)].add(&seen.used.spending());
    }

    sums_in!(sums, |_, sums, frame| frame.has_slots(sums));

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SECTOR_OVERLAP);
        for slots in end.slots() {
            let sums = slots.sum(&self.sums);
            for flags in 0..8u8 {
                let has = |sector: usize| flags >> (2 - sector) & 1 == 1;
                let [social, primary, specialised] = [has(0), has(1), has(2)];
                let bits = [Sector::Social, Sector::Primary, Sector::Specialised]
                    .into_iter()
                    .zip([social, primary, specialised])
                    .fold(0, |bits, (sector, is_used)| if is_used { bits | sector_bit(sector) } else { bits });
                let with_other = bits | sector_bit(Sector::Other);
                let mut sum = sums[usize::from(bits)];
                sum.add(&sums[usize::from(with_other)]);
                let Spending { clients, cost } = sum;
                if clients > 0 {
                    let row = row![slots.cohort, slots.label, social, primary, specialised, clients, cost];
                    end.push(&mut table, clients, &row);
                }
            }
        }
        vec![table]
    }
}
