//! `service_use`: which services a cohort uses.
//!
//! Unit: clients of a cohort who used a service in a period, whether or not it counts for them; a row for each service
//! that one of them used. `cohort_share` is their share of all users of the population who used the service. Of services whose
//! code list says that they have no stays, no days of stays are counted: they are 0 by definition.

use serde::{Deserialize, Serialize};
use virta_model::schema::SERVICE_USE;
use virta_model::{Table, Value};

use super::{Analysis, End, Slots, ratio_or_null, share};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::{Remap, at};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct ServiceUse {
    /// By service, whether its days of stays count.
    has_stays: Vec<bool>,
    /// By slot, then by service.
    uses: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Cell {
    clients: i64,
    contacts: Counts,
    stay_days: Counts,
    cost: Costs,
}

impl Analysis for ServiceUse {
    type Sums = Vec<Vec<Cell>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let has_stays = plan.catalogue.services.iter().map(|service| service.has_stays).collect();
        Some(ServiceUse { has_stays, uses: Vec::new() })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let cells = at(&mut self.uses, seen.slot);
        cells.resize(self.has_stays.len(), Cell::default());
        let tally = seen.services();
        for &service in tally.values() {
            let used = tally.cell(service);
            let has_stays = self.has_stays[usize::from(service)];
            cells[usize::from(service)].add(Cell {
                clients: 1,
                contacts: Counts::of(used.contacts),
                stay_days: Counts::of(if has_stays { used.stay_days } else { 0 }),
                cost: used.costs(),
            });
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        remap.add_lists(&mut self.uses, other.uses, Cell::add);
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.uses)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let fits = frame.has_lists(&sums, self.has_stays.len());
        self.uses = sums;
        fits
    }

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
                let row = [
                    Value::Text(slots.cohort),
                    Value::Text(slots.label),
                    Value::Text(end.plan.service_code(service as u16)),
                    Value::Int(used.clients),
                    Value::Int(used.contacts.sum()),
                    Value::Int(used.stay_days.sum()),
                    used.cost.value(),
                    ratio_or_null(share(used.clients, users)),
                ];
                let amounts = [
                    ("contacts", used.contacts.behind()),
                    ("stay_days", used.stay_days.behind()),
                    ("cost_cents", used.cost.behind()),
                ];
                end.contributors.note(&SERVICE_USE, &row, used.clients, &amounts);
                table.push(&row);
            }
        }
        vec![table]
    }
}

impl ServiceUse {
    fn sum(&self, slots: &Slots<'_>, service: usize) -> Cell {
        let mut sum = Cell::default();
        slots.of(&self.uses).filter_map(|cells| cells.get(service)).for_each(|&cell| sum.add(cell));
        sum
    }
}

impl Cell {
    fn add(&mut self, other: Cell) {
        self.clients += other.clients;
        self.contacts.add(other.contacts);
        self.stay_days.add(other.stay_days);
        self.cost.add(other.cost);
    }
}
