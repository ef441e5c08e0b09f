//! `services_per_client`: how many services clients use.
//!
//! Unit: users of the population, by period and number of distinct services used in it; a row for each number that
//! somebody has.

use virta_model::Table;
use virta_model::schema::SERVICES_PER_CLIENT;

use super::{Analysis, End, row, sums_in};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Usage;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, at};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct ServicesPerClient {
    /// By period, then by number of services.
    sums: Vec<Vec<Usage>>,
}

impl Analysis for ServicesPerClient {
    type Sums = Vec<Vec<Usage>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        Some(ServicesPerClient { sums: vec![Vec::new(); plan.periods.len()] })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        at(&mut self.sums[seen.period], seen.services().values().len()).add(&seen.used.usage());
    }

    sums_in!(sums, |_, sums, frame| {
        let most = frame.plan.catalogue.services.len() + 1;
        sums.len() == frame.plan.periods.len() && sums.iter().all(|sums| sums.len() <= most)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SERVICES_PER_CLIENT);
        for (label, sums) in end.labels().zip(self.sums) {
            for (services, sum) in sums.into_iter().enumerate().filter(|(_, sum)| sum.clients > 0) {
                end.push(&mut table, sum.clients, &row![label, services, sum.clients, sum.contacts, sum.cost]);
            }
        }
        vec![table]
    }
}
