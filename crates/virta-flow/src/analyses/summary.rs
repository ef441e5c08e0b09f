//! `summary`: the denominators, and where the answer comes from.
//!
//! Unit: a period. Clients are the users of the population, residents the residents of the population; person-years are
//! the residents' days of residence in the period divided by 365.25. Residents and person-years are null without a
//! client list. Gini is of the users' costs, null like their sum when no contact of the period has a price.

use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::SUMMARY;

use super::rankings::gini;
use super::{Analysis, End, row, sums_in};
use crate::input::columns::NO_COST;
use crate::pass::client_period::{ClientPeriod, Idle};
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::pass::sums::add_up;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct Summary {
    periods: Vec<Sum>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    residents: i64,
    observed_days: i64,
    contacts: Counts,
    cost: Costs,
    unpriced: Counts,
}

add_up!(Sum { clients, residents, observed_days, contacts, cost, unpriced });

impl Analysis for Summary {
    type Sums = Vec<Sum>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        Some(Summary { periods: vec![Sum::default(); plan.periods.len()] })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let sum = &mut self.periods[seen.period];
        sum.clients += 1;
        sum.residents += i64::from(seen.observed_days > 0);
        sum.observed_days += seen.observed_days;
        sum.contacts.add(Counts::of(seen.used.contacts));
        sum.cost.add(seen.used.costs());
        let unpriced = seen.rows.cost.iter().filter(|&&cost| cost == NO_COST).count();
        sum.unpriced.add(Counts::of(unpriced as u32));
    }

    fn idle_resident(&mut self, idle: &Idle<'_>) {
        let sum = &mut self.periods[idle.period];
        sum.residents += 1;
        sum.observed_days += idle.observed_days;
    }

    sums_in!(periods, |_, periods, frame| periods.len() == frame.plan.periods.len());

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SUMMARY);
        let is_listed = end.totals.has_client_list;
        for ((label, sum), ranking) in end.labels().zip(self.periods).zip(&end.rankings) {
            let row = row![
                label,
                sum.clients,
                is_listed.then_some(sum.residents),
                is_listed.then_some(sum.observed_days as f64 / 365.25),
                sum.contacts,
                sum.cost,
                sum.unpriced,
                sum.cost.cents().map(|_| gini(ranking.user_costs())),
                end.options.study_hash.as_str(),
                end.options.snapshot.as_str(),
                end.options.version.as_str(),
            ];
            end.push(&mut table, sum.clients, &row);
        }
        vec![table]
    }
}
