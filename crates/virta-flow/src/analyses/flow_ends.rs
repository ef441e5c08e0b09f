//! `flow_starts` and `flow_ends`: where a period's use begins and ends.
//!
//! Unit: clients of a cohort in a period, by the service of their first and of their last contact of the period in rule
//! 8's order; a stay that began before the period is among its first.

use virta_model::schema::{FLOW_ENDS, FLOW_STARTS};
use virta_model::{Table, Value};

use super::{Analysis, End};
use crate::groups::{Remap, at};
use crate::plan::Plan;
use crate::visit::Visit;

pub(super) struct FlowEnds {
    services: usize,
    /// By slot, then by service: clients who start there, clients who end there.
    clients: Vec<Vec<(i64, i64)>>,
}

impl Analysis for FlowEnds {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.flow.map(|_| FlowEnds { services: plan.catalogue.services.len(), clients: Vec::new() })
    }

    fn user(&mut self, visit: &Visit<'_>) {
        let clients = at(&mut self.clients, visit.slot);
        clients.resize(self.services, (0, 0));
        if let [first, ..] = visit.rows.service {
            clients[usize::from(*first)].0 += 1;
        }
        if let [.., last] = visit.rows.service {
            clients[usize::from(*last)].1 += 1;
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        for (slot, there) in other.clients.into_iter().enumerate().filter(|(_, clients)| !clients.is_empty()) {
            let here = at(&mut self.clients, remap.slot(slot));
            here.resize(self.services, (0, 0));
            for (here, there) in here.iter_mut().zip(there) {
                *here = (here.0 + there.0, here.1 + there.1);
            }
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let (mut starts, mut ends) = (Table::new(&FLOW_STARTS), Table::new(&FLOW_ENDS));
        for slots in end.slots() {
            for service in 0..self.services {
                let of = |sum: (i64, i64), clients: &Vec<(i64, i64)>| {
                    clients.get(service).map_or(sum, |add| (sum.0 + add.0, sum.1 + add.1))
                };
                let (start, finish) = slots.of(&self.clients).fold((0, 0), of);
                let code = end.plan.service_code(service as u16);
                for (table, clients) in [(&mut starts, start), (&mut ends, finish)] {
                    if clients > 0 {
                        table.push(&[
                            Value::Text(slots.cohort),
                            Value::Text(slots.label),
                            Value::Text(code),
                            Value::Int(clients),
                        ]);
                    }
                }
            }
        }
        vec![starts, ends]
    }
}
