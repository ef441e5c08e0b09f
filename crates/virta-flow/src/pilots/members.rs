//! The members of the cohorts that pilots are compared with, noted while the study's clients pass.

use serde::{Deserialize, Serialize};
use virta_model::settings::Pilot;

use crate::rules::eligibility::Eligibility;
use crate::rules::plan::Plan;

/// Members by cohort and period; nothing is kept of a cohort that no pilot asks for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PoolMembers {
    /// Places of the cohorts in the plan.
    cohorts: Vec<usize>,
    /// By cohort of `cohorts`, then by period.
    ids: Vec<Vec<Vec<i64>>>,
}

impl PoolMembers {
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let mut cohorts: Vec<usize> = plan.study.pilots.iter().filter_map(|pilot| cohort_of(pilot, plan)).collect();
        cohorts.sort_unstable();
        cohorts.dedup();
        let ids = vec![vec![Vec::new(); plan.periods.len()]; cohorts.len()];
        PoolMembers { cohorts, ids }
    }

    /// Notes a user of a period, who stands so in the cohorts of the plan.
    #[inline]
    pub(crate) fn note(&mut self, period: usize, client_id: i64, eligibility: &[Eligibility]) {
        for (ids, &cohort) in self.ids.iter_mut().zip(&self.cohorts) {
            if eligibility[cohort].is_member() {
                ids[period].push(client_id);
            }
        }
    }

    /// Whether they are noted by the cohorts and periods of a study.
    pub(crate) fn fits(&self, plan: &Plan<'_>) -> bool {
        let none = PoolMembers::new(plan);
        let periods = self.ids.iter().all(|ids| ids.len() == plan.periods.len());
        self.cohorts == none.cohorts && self.ids.len() == none.ids.len() && periods
    }

    pub(crate) fn merge(&mut self, other: PoolMembers) {
        for (here, there) in self.ids.iter_mut().flatten().zip(other.ids.into_iter().flatten()) {
            here.extend(there);
        }
    }

    /// To be done before anybody is looked up: workers met their clients in any order of buckets.
    pub(crate) fn sort(&mut self) {
        self.ids.iter_mut().flatten().for_each(|ids| ids.sort_unstable());
    }

    /// The members of a pilot's cohort by period, ascending; nothing where nobody is compared.
    pub(crate) fn of(&self, pilot: &Pilot, plan: &Plan<'_>) -> &[Vec<i64>] {
        let at = cohort_of(pilot, plan).and_then(|cohort| self.cohorts.binary_search(&cohort).ok());
        at.and_then(|at| self.ids.get(at)).map_or(&[], |ids| ids)
    }
}

fn cohort_of(pilot: &Pilot, plan: &Plan<'_>) -> Option<usize> {
    let name = &pilot.comparison.as_ref()?.cohort;
    plan.study.cohorts.iter().position(|cohort| cohort.name == *name)
}
