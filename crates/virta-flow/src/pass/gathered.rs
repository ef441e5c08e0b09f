//! What some of a study's buckets have come to.

use std::ops::Range;

use crate::analyses::Analyses;
use crate::error::Error;
use crate::pass::groups::{Groups, Remap};
use crate::pass::totals::Totals;
use crate::pilots::PoolSizes;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;
use crate::shares::pieces::{Received, Sender, write};

/// Everything that is added up while the clients pass; of one worker, or of several once they are merged.
pub(crate) struct Gathered {
    pub analyses: Analyses,
    pub groups: Groups,
    pub totals: Totals,
    pub pool_sizes: PoolSizes,
}

impl Gathered {
    pub(crate) fn new(plan: &Plan<'_>, analyses: Analyses) -> Self {
        Gathered { analyses, groups: Groups::default(), totals: Totals::default(), pool_sizes: PoolSizes::new(plan) }
    }

    /// Takes in what others have come to. The order does not matter.
    pub(crate) fn merge(&mut self, other: Gathered, plan: &Plan<'_>) {
        let remap = Remap { groups: self.groups.merge(&other.groups), periods: plan.periods.len() };
        self.analyses.merge(other.analyses, &remap);
        self.totals.merge(other.totals);
        self.pool_sizes.merge(&other.pool_sizes);
    }

    /// Sends it as pieces.
    pub(crate) fn send(mut self, pool: &rayon::ThreadPool, to: &mut Sender<'_>) -> Result<(), Error> {
        to.send(GROUPS, write(&self.groups.masks()))?;
        to.send(TOTALS, write(&self.totals))?;
        to.send(POOL_SIZES, write(&self.pool_sizes))?;
        let parts = pool.install(|| self.analyses.write());
        parts.into_iter().try_for_each(|(part, bytes)| to.send(part, bytes))
    }

    /// What another machine has sent of some buckets.
    pub(crate) fn receive(
        from: &mut Received,
        plan: &Plan<'_>,
        analyses: Analyses,
        buckets: Range<u32>,
    ) -> Result<Self, Error> {
        let masks: Vec<u64> = from.take(GROUPS)?;
        let cohorts = plan.cohorts.len() as u32;
        let groups =
            Groups::of(&masks).filter(|_| masks.iter().all(|mask| mask.checked_shr(cohorts).unwrap_or(0) == 0));
        let groups = groups.ok_or(Error::BrokenShare { part: GROUPS })?;
        let frame = Frame { plan, slots: masks.len() * plan.periods.len(), buckets };
        let totals: Totals = from.take(TOTALS)?;
        if !totals.fits(&frame) {
            return Err(Error::BrokenShare { part: TOTALS });
        }
        let pool_sizes: PoolSizes = from.take(POOL_SIZES)?;
        if !pool_sizes.fits(plan) {
            return Err(Error::BrokenShare { part: POOL_SIZES });
        }
        let mut gathered = Gathered { analyses, groups, totals, pool_sizes };
        gathered.analyses.receive(from, &frame)?;
        Ok(gathered)
    }
}

const GROUPS: &str = "groups";
const TOTALS: &str = "totals";
const POOL_SIZES: &str = "pool_sizes";
