//! `summary`: the denominators, and where the answer comes from.
//!
//! Unit: a period. Clients are the users of the population, residents the residents of the population; person-years are
//! the residents' days of residence in the period divided by 365.25. Residents and person-years are null without a
//! client list. Gini is of the users' costs, null like their sum when no contact of the period has a price.

use serde::{Deserialize, Serialize};
use virta_model::schema::SUMMARY;
use virta_model::{Table, Value};

use super::rankings::gini;
use super::{Analysis, End, int_or_null, ratio_or_null};
use crate::input::columns::NO_COST;
use crate::pass::client_period::{ClientPeriod, Idle};
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
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

    fn merge(&mut self, other: Self, _: &Remap) {
        for (here, there) in self.periods.iter_mut().zip(other.periods) {
            here.clients += there.clients;
            here.residents += there.residents;
            here.observed_days += there.observed_days;
            here.contacts.add(there.contacts);
            here.cost.add(there.cost);
            here.unpriced.add(there.unpriced);
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.periods)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        self.periods = sums;
        self.periods.len() == frame.plan.periods.len()
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SUMMARY);
        let is_listed = end.totals.has_client_list;
        for ((label, sum), ranking) in end.labels().zip(self.periods).zip(&end.rankings) {
            let amounts = [
                ("contacts", sum.contacts.behind()),
                ("cost_cents", sum.cost.behind()),
                ("unpriced_contacts", sum.unpriced.behind()),
            ];
            end.contributors.note(&SUMMARY, &[Value::Text(label)], sum.clients, &amounts);
            table.push(&[
                Value::Text(label),
                Value::Int(sum.clients),
                int_or_null(is_listed.then_some(sum.residents)),
                ratio_or_null(is_listed.then_some(sum.observed_days as f64 / 365.25)),
                Value::Int(sum.contacts.sum()),
                sum.cost.value(),
                Value::Int(sum.unpriced.sum()),
                ratio_or_null(sum.cost.cents().map(|_| gini(ranking.user_costs()))),
                Value::Text(&end.options.study_hash),
                Value::Text(&end.options.snapshot),
                Value::Text(&end.options.version),
            ]);
        }
        vec![table]
    }
}
