//! Clients by the cohorts they are in, so that a client's use is added up once and not once for each cohort.

use crate::hash::FastMap;

/// The sets of cohorts that have been met, numbered as they come.
///
/// What an analysis adds up is kept by slot: a group in a period. A cohort's figure is the sum over the groups that it
/// is in, and everybody's is the sum over all.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    masks: Vec<u64>,
    numbers: FastMap<u64, u32>,
    last: Option<(u64, usize)>,
}

impl Groups {
    /// Groups with these masks; `None` where one stands there twice.
    pub(crate) fn of(masks: &[u64]) -> Option<Self> {
        let mut groups = Groups::default();
        masks.iter().enumerate().all(|(at, &mask)| groups.number(mask) == at).then_some(groups)
    }

    /// The number of the group of those who are in exactly these cohorts, a bit for each.
    #[inline]
    pub(crate) fn number(&mut self, mask: u64) -> usize {
        if let Some((_, number)) = self.last.filter(|(last, _)| *last == mask) {
            return number;
        }
        let next = self.masks.len() as u32;
        let number = *self.numbers.entry(mask).or_insert(next) as usize;
        if number == self.masks.len() {
            self.masks.push(mask);
        }
        self.last = Some((mask, number));
        number
    }

    /// Takes in the groups of another and returns the number here of each group there.
    pub(crate) fn merge(&mut self, other: &Groups) -> Vec<usize> {
        other.masks.iter().map(|&mask| self.number(mask)).collect()
    }

    pub(crate) fn masks(&self) -> &[u64] {
        &self.masks
    }
}

/// Numbers of groups from one worker to another.
pub(crate) struct Remap {
    pub groups: Vec<usize>,
    pub periods: usize,
}

impl Remap {
    /// The slot here of a slot there.
    pub(crate) fn slot(&self, slot: usize) -> usize {
        let (group, period) = (slot / self.periods.max(1), slot % self.periods.max(1));
        self.groups.get(group).copied().unwrap_or_default() * self.periods + period
    }
}
