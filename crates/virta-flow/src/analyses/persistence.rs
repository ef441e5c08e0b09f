//! `persistence`: whether the costly stay costly.
//!
//! Unit: clients of the population, by each period and the next in time. Deciles are of the period's users by rule 6,
//! 1 the costliest tenth. From: everybody observed in the earlier period, and those who are known from contacts alone
//! and use services in either; without use, `no_use`. To: the later period's decile; `left` for those who are known not
//! to be observed in it (moved away, died) or who have grown out of the population; else `no_use`. Somebody who is
//! known not to be observed in the earlier period is in no row. A period that begins after the end of observation is in no
//! pair: nobody has left, but nothing is known. A row for each pair that somebody has, in the order
//! 1 to 10, `no_use`, `left`.

use virta_model::schema::PERSISTENCE;
use virta_model::{Table, Value};

use super::rankings::Place;
use super::{Analysis, End, no_sums};
use crate::pass::groups::Remap;
use crate::pass::totals::State;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

/// Nothing is added up here: the totals of every client are kept anyway.
pub(super) struct Persistence;

const NAMES: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "no_use", "left"];
const NO_USE: usize = 10;
const LEFT: usize = 11;

impl Analysis for Persistence {
    type Sums = ();

    no_sums!();

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.persistence.map(|_| Persistence)
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&PERSISTENCE);
        let labels: Vec<&str> = end.labels().collect();
        for (earlier, later) in end.plan.pairs_in_time() {
            let clients = count(end, earlier, later);
            for (from, row) in clients.iter().enumerate() {
                for (to, &clients) in row.iter().enumerate().filter(|(_, clients)| **clients > 0) {
                    table.push(&[
                        Value::Text(labels[earlier]),
                        Value::Text(labels[later]),
                        Value::Text(NAMES[from]),
                        Value::Text(NAMES[to]),
                        Value::Int(clients),
                    ]);
                }
            }
        }
        vec![table]
    }
}

fn count(end: &End<'_>, from: usize, to: usize) -> [[i64; 12]; 11] {
    let (from_ends, to_ends) = (end.rankings[from].decile_ends(), end.rankings[to].decile_ends());
    let mut clients = [[0; 12]; 11];
    for (client, (earlier, later)) in end.totals.of_period(from).zip(end.totals.of_period(to)).enumerate() {
        let from = if earlier.2.is(State::USER) {
            decile(&from_ends, client, earlier)
        } else if earlier.2.is(State::RESIDENT) || (!earlier.2.is(State::ABSENT) && later.2.is(State::USER)) {
            NO_USE
        } else {
            continue;
        };
        let to = if later.2.is(State::USER) {
            decile(&to_ends, client, later)
        } else if later.2.is(State::ABSENT) {
            LEFT
        } else {
            NO_USE
        };
        clients[from][to] += 1;
    }
    clients
}

/// From 0.
fn decile(ends: &[Place], client: usize, (cost, contacts, state): (i64, u32, State)) -> usize {
    let place = Place::new(client, cost, contacts, state.is(State::RESIDENT));
    ends.partition_point(|end| *end < place)
}
