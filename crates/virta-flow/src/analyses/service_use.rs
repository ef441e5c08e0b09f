//! `service_use`: which services a cohort uses.
//!
//! Unit: clients of a cohort who used a service in a period, whether or not it counts for them; a row for each service
//! that one of them used. `cohort_share` is their share of all users of the population who used the service. Of services whose
//! code list says that they have no stays, no days of stays are counted: they are 0 by definition.

use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::SERVICE_USE;

use super::{Analysis, End, Slots, row, share, sums_in};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot, add_up};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct ServiceUse {
    /// By service, whether its days of stays count.
    has_stays: Vec<bool>,
    /// By slot, then by service.
    uses: BySlot<Vec<Cell>>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Cell {
    clients: i64,
    contacts: Counts,
    stay_days: Counts,
    cost: Costs,
}

impl Analysis for ServiceUse {
    type Sums = BySlot<Vec<Cell>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let has_stays = plan.catalogue.services.iter().map(|service| service.has_stays).collect();
        Some(ServiceUse { has_stays, uses: BySlot::default() })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let cells = self.uses.at(seen.slot);
        cells.resize(self.has_stays.len(), Cell::default());
        let tally = seen.services();
        for &service in tally.values() {
            let used = tally.cell(service);
            let has_stays = self.has_stays[usize::from(service)];
            cells[usize::from(service)].add(&Cell {
                clients: 1,
                contacts: Counts::of(used.contacts),
                stay_days: Counts::of(if has_stays { used.stay_days } else { 0 }),
                cost: used.costs(),
            });
        }
    }

    sums_in!(uses, |own, uses, frame| frame.has_lists(uses, own.has_stays.len()));

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SERVICE_USE);
        let all: Vec<Slots<'_>> = end.slots().take(end.plan.periods.len()).collect();
        for slots in end.slots() {
            for service in 0..self.has_stays.len() {
                let used = self.sum(&slots, service);
                if used.clients == 0 {
                    continue;
                }
                let users = self.sum(&all[slots.period], service).clients;
                let code = end.plan.service_code(service as u16);
                let Cell { clients, contacts, stay_days, cost } = used;
                let share = share(clients, users);
                let row = row![slots.cohort, slots.label, code, clients, contacts, stay_days, cost, share];
                end.push(&mut table, clients, &row);
            }
        }
        vec![table]
    }
}

impl ServiceUse {
    fn sum(&self, slots: &Slots<'_>, service: usize) -> Cell {
        let mut sum = Cell::default();
        slots.of(&self.uses).filter_map(|cells| cells.get(service)).for_each(|cell| sum.add(cell));
        sum
    }
}

add_up!(Cell { clients, contacts, stay_days, cost });
