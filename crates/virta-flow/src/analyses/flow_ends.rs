//! `flow_starts` and `flow_ends`: where a period's use begins and ends.
//!
//! Unit: clients of a cohort in a period, by the service of their first and of their last contact of the period in rule
//! 8's order; a stay that began before the period is among its first.
//!
//! `order_unknown` are those of them whose first (or last) contact is tied with a contact of another service: one that
//! neither day, time nor sequence tells from it. Ties of one service leave no doubt.

use serde::{Deserialize, Serialize};
use virta_model::schema::{FLOW_ENDS, FLOW_STARTS};
use virta_model::{Table, Value};

use super::unknown_order::{self, Unordered};
use super::{Analysis, End, sums_in};
use crate::input::columns::Columns;
use crate::input::rows::Rows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot, add_up};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct FlowEnds {
    services: usize,
    /// By slot, then by service: who starts there, who ends there; and of starts and of ends whose order is not known.
    sums: (BySlot<Vec<[Count; 2]>>, BySlot<[Unordered; 2]>),
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Count {
    clients: i64,
    order_unknown: i64,
}

add_up!(Count { clients, order_unknown });

impl Analysis for FlowEnds {
    type Sums = (BySlot<Vec<[Count; 2]>>, BySlot<[Unordered; 2]>);

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.flow.map(|_| FlowEnds { services: plan.catalogue.services.len(), sums: Default::default() })
    }

    fn columns() -> Columns {
        Columns { start_time: true, sequence: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let (clients, unknown) = &mut self.sums;
        let clients = clients.at(seen.slot);
        clients.resize(self.services, [Count::default(); 2]);
        let rows = seen.rows;
        let (Some(first), Some(last)) = (rows.service.first(), rows.service.last()) else { return };
        let ends = [(first, is_start_unknown(rows)), (last, is_end_unknown(rows))];
        for (end, (&service, is_unknown)) in ends.into_iter().enumerate() {
            clients[usize::from(service)][end].add(&Count { clients: 1, order_unknown: is_unknown.into() });
            unknown.at(seen.slot)[end].client(is_unknown);
        }
    }

    sums_in!(sums, |own, (clients, unknown), frame| {
        frame.has_lists(clients, own.services) && frame.has_slots(unknown)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let (mut starts, mut ends) = (Table::new(&FLOW_STARTS), Table::new(&FLOW_ENDS));
        for slots in end.slots() {
            for (service, sums) in slots.sum(&self.sums.0).into_iter().enumerate() {
                let code = end.plan.service_code(service as u16);
                for (table, count) in [&mut starts, &mut ends].into_iter().zip(sums) {
                    if count.clients > 0 {
                        table.push(&[
                            Value::Text(slots.cohort),
                            Value::Text(slots.label),
                            Value::Text(code),
                            Value::Int(count.clients),
                            Value::Int(count.order_unknown),
                        ]);
                    }
                }
            }
        }
        let unknown = |of, at: usize| unknown_order::rows(end, of, |slots| slots.sum(&self.sums.1)[at]);
        vec![starts, ends, unknown(&FLOW_STARTS, 0), unknown(&FLOW_ENDS, 1)]
    }
}

/// Whether a row of another service is tied with the first.
fn is_start_unknown(rows: &Rows<'_>) -> bool {
    let tied = (0..rows.len()).take_while(|&row| rows.is_tied_with_next(row));
    tied.map(|row| row + 1).any(|row| rows.service[row] != rows.service[0])
}

/// Whether a row of another service is tied with the last.
fn is_end_unknown(rows: &Rows<'_>) -> bool {
    let last = rows.len().saturating_sub(1);
    let mut tied = (0..last).rev().take_while(|&row| rows.is_tied_with_next(row));
    tied.any(|row| rows.service[row] != rows.service[last])
}
