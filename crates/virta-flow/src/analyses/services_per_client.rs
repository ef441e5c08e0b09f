//! `services_per_client`: how many services clients use.
//!
//! Unit: users of the population, by period and number of distinct services used in it; a row for each number that
//! somebody has.

use virta_model::schema::SERVICES_PER_CLIENT;
use virta_model::{Table, Value};

use super::{Analysis, End};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::{Remap, at};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct ServicesPerClient {
    /// By period, then by number of services: clients, contacts, cost.
    sums: Vec<Vec<(i64, Counts, Costs)>>,
}

impl Analysis for ServicesPerClient {
    type Sums = Vec<Vec<(i64, Counts, Costs)>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        Some(ServicesPerClient { sums: vec![Vec::new(); plan.periods.len()] })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let sum = at(&mut self.sums[seen.period], seen.services().values().len());
        add(sum, (1, Counts::of(seen.used.contacts), seen.used.costs()));
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        for (here, there) in self.sums.iter_mut().zip(other.sums) {
            for (services, more) in there.into_iter().enumerate() {
                add(at(here, services), more);
            }
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.sums)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let most = frame.plan.catalogue.services.len() + 1;
        let fits = sums.len() == frame.plan.periods.len() && sums.iter().all(|sums| sums.len() <= most);
        self.sums = sums;
        fits
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SERVICES_PER_CLIENT);
        for (label, sums) in end.labels().zip(self.sums) {
            for (services, (clients, contacts, cost)) in sums.into_iter().enumerate().filter(|(_, sum)| sum.0 > 0) {
                let row = [
                    Value::Text(label),
                    Value::Int(services as i64),
                    Value::Int(clients),
                    Value::Int(contacts.sum()),
                    cost.value(),
                ];
                let amounts = [("contacts", contacts.behind()), ("cost_cents", cost.behind())];
                end.contributors.note(&SERVICES_PER_CLIENT, &row, clients, &amounts);
                table.push(&row);
            }
        }
        vec![table]
    }
}

fn add(sum: &mut (i64, Counts, Costs), more: (i64, Counts, Costs)) {
    sum.0 += more.0;
    sum.1.add(more.1);
    sum.2.add(more.2);
}
