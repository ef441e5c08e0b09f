//! `concentration` and `lorenz`: how unevenly cost falls.
//!
//! Unit: users of the population, and residents of the population, each by period. Ranks by rule 6. The top p % of n
//! clients are the ranks up to ceil(n p / 100), for p = 1, 2, 5, 10, 20, 30, 50; `threshold_cents` is the cost of the
//! last of them. Lorenz at q is the share of cost of the floor(n q / 100) cheapest. Residents without use cost 0, and
//! what users cost who are not residents is not in the residents' whole. A share is null when the whole is 0; costs are
//! null, too, when people of the denominator used services and none of their contacts has a price. Without a client list
//! there are no rows of residents.

use virta_model::schema::{CONCENTRATION, LORENZ};
use virta_model::{Table, Value};

use super::rankings::top_count;
use super::{Analysis, End, int_or_null, no_sums, ratio_or_null, row, share};
use crate::pass::costs::Costs;
use crate::pass::groups::Remap;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

const TOP_PERCENTS: [usize; 7] = [1, 2, 5, 10, 20, 30, 50];

/// Nothing is added up here: the totals of every client are kept anyway.
pub(super) struct Concentration;

impl Analysis for Concentration {
    type Sums = ();

    no_sums!();

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.concentration.map(|_| Concentration)
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut concentration = Table::new(&CONCENTRATION);
        let mut lorenz = Table::new(&LORENZ);
        for (label, ranking) in end.labels().zip(&end.rankings) {
            let mut write = |of, costs: Vec<i64>, is_measured| {
                write(end, &mut concentration, &mut lorenz, (label, of), &costs, is_measured);
            };
            write("users", ranking.user_costs().collect(), ranking.users_are_measured());
            if end.totals.has_client_list {
                write("residents", ranking.resident_costs(), ranking.residents_are_measured());
            }
        }
        vec![concentration, lorenz]
    }
}

/// `costs` are highest first.
fn write(
    end: &End<'_>,
    concentration: &mut Table,
    lorenz: &mut Table,
    (label, denominator): (&str, &str),
    costs: &[i64],
    is_measured: bool,
) {
    let whole: i64 = costs.iter().sum();
    let mut top = Costs::default();
    let mut counted = 0;
    for percent in TOP_PERCENTS {
        let clients = top_count(costs.len(), percent);
        top.add(costs[counted..clients].iter().copied().collect());
        counted = clients;
        let cost = top.cents().filter(|_| is_measured);
        let least = clients.checked_sub(1).and_then(|last| costs.get(last).copied()).filter(|_| is_measured);
        let share = cost.and_then(|cost| share(cost, whole));
        let cost = (int_or_null(cost), top.behind());
        end.push(concentration, clients as i64, &row![label, denominator, percent, clients, cost, share, least]);
    }
    let mut cheapest = 0;
    let mut counted = 0;
    for percentile in 0..=100 {
        let clients = costs.len() * percentile / 100;
        cheapest += costs[costs.len() - clients..costs.len() - counted].iter().sum::<i64>();
        counted = clients;
        lorenz.push(&[
            Value::Text(label),
            Value::Text(denominator),
            Value::Int(percentile as i64),
            ratio_or_null(share(cheapest, whole)),
        ]);
    }
}
