//! How many members the cohorts have that pilots are compared with, counted while the study's clients pass.

use serde::{Deserialize, Serialize};
use virta_model::settings::Pilot;

use crate::rules::eligibility::Eligibility;
use crate::rules::plan::Plan;

/// Members by cohort and period; nothing is counted of a cohort that no pilot asks for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct PoolSizes {
    /// Places of the cohorts in the plan.
    cohorts: Vec<usize>,
    /// By cohort of `cohorts`, then by period.
    members: Vec<Vec<u64>>,
}

impl PoolSizes {
    pub(crate) fn new(plan: &Plan<'_>) -> Self {
        let mut cohorts: Vec<usize> = plan.study.pilots.iter().filter_map(|pilot| cohort_of(pilot, plan)).collect();
        cohorts.sort_unstable();
        cohorts.dedup();
        let members = vec![vec![0; plan.periods.len()]; cohorts.len()];
        PoolSizes { cohorts, members }
    }

    /// Notes a user of a period, who stands so in the cohorts of the plan.
    #[inline]
    pub(crate) fn note(&mut self, period: usize, eligibility: &[Eligibility]) {
        for (members, &cohort) in self.members.iter_mut().zip(&self.cohorts) {
            members[period] += u64::from(eligibility[cohort].is_member());
        }
    }

    /// Whether they are counted by the cohorts and periods of a study.
    pub(crate) fn fits(&self, plan: &Plan<'_>) -> bool {
        let none = PoolSizes::new(plan);
        let periods = self.members.iter().all(|members| members.len() == plan.periods.len());
        self.cohorts == none.cohorts && self.members.len() == none.members.len() && periods
    }

    pub(crate) fn merge(&mut self, other: &PoolSizes) {
        for (here, there) in self.members.iter_mut().flatten().zip(other.members.iter().flatten()) {
            *here = here.saturating_add(*there);
        }
    }

    /// The most members that a pilot's cohort has in any period; 0 where nobody is compared.
    pub(crate) fn most(&self, pilot: &Pilot, plan: &Plan<'_>) -> u64 {
        let at = cohort_of(pilot, plan).and_then(|cohort| self.cohorts.binary_search(&cohort).ok());
        let members = at.and_then(|at| self.members.get(at));
        members.into_iter().flatten().copied().max().unwrap_or(0)
    }
}

/// The place in the plan of the cohort that a pilot is compared with.
pub(super) fn cohort_of(pilot: &Pilot, plan: &Plan<'_>) -> Option<usize> {
    let name = &pilot.comparison.as_ref()?.cohort;
    plan.study.cohorts.iter().position(|cohort| cohort.name == *name)
}
