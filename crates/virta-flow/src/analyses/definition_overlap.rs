//! `definition_overlap`: how far two cohorts are the same people.
//!
//! Unit: members, by period and pair of cohorts in the study's order. Jaccard = both / (both + only a + only b); null
//! when neither has anybody.

use virta_model::schema::DEFINITION_OVERLAP;
use virta_model::{Table, Value};

use super::{Analysis, End, ratio_or_null, share, sums_in};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::BySlot;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

#[derive(Default)]
pub(super) struct DefinitionOverlap {
    /// By slot.
    clients: BySlot<i64>,
}

impl Analysis for DefinitionOverlap {
    type Sums = BySlot<i64>;

    fn new(_: &Plan<'_>) -> Option<Self> {
        Some(DefinitionOverlap::default())
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        *self.clients.at(seen.slot) += 1;
    }

    sums_in!(clients, |_, clients, frame| frame.has_slots(clients));

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&DEFINITION_OVERLAP);
        let cohorts = end.cohorts.get(1..).unwrap_or_default();
        for (period, label) in end.labels().enumerate() {
            let clients = |groups: &mut dyn Iterator<Item = &usize>| -> i64 {
                groups.filter_map(|group| self.clients.0.get(group * end.plan.periods.len() + period)).sum()
            };
            for (at, (name_a, a)) in cohorts.iter().enumerate() {
                for (name_b, b) in cohorts.iter().skip(at + 1) {
                    let both = clients(&mut a.iter().filter(|group| b.contains(group)));
                    let only_a = clients(&mut a.iter().filter(|group| !b.contains(group)));
                    let only_b = clients(&mut b.iter().filter(|group| !a.contains(group)));
                    table.push(&[
                        Value::Text(label),
                        Value::Text(name_a),
                        Value::Text(name_b),
                        Value::Int(both),
                        Value::Int(only_a),
                        Value::Int(only_b),
                        ratio_or_null(share(both, both + only_a + only_b)),
                    ]);
                }
            }
        }
        vec![table]
    }
}
