//! What sums from another machine must fit, so that nothing later can point outside.

use std::ops::Range;

use crate::input::columns::NO_CODE;
use crate::pass::sums::BySlot;
use crate::rules::plan::Plan;

/// The study and the share that sums are of.
pub(crate) struct Frame<'a> {
    pub plan: &'a Plan<'a>,
    /// Groups of the share times periods of the study.
    pub slots: usize,
    pub buckets: Range<u32>,
}

impl Frame<'_> {
    /// Whether there is no more than one sum for each slot.
    pub(crate) fn has_slots<T>(&self, sums: &BySlot<T>) -> bool {
        sums.0.len() <= self.slots
    }

    /// Whether these are lists by slot, each of nothing yet or of `length`.
    pub(crate) fn has_lists<T>(&self, lists: &BySlot<Vec<T>>, length: usize) -> bool {
        self.has_slots(lists) && lists.0.iter().all(|list| list.is_empty() || list.len() == length)
    }

    /// Whether these are numbers of services.
    pub(crate) fn has_services(&self, services: impl IntoIterator<Item = u16>) -> bool {
        services.into_iter().all(|service| usize::from(service) < self.plan.catalogue.services.len())
    }
}

/// Whether there are as many lists, and each is as long.
pub(crate) fn is_alike<T, U>(found: &[Vec<T>], expected: &[Vec<U>]) -> bool {
    found.iter().map(Vec::len).eq(expected.iter().map(Vec::len))
}

/// Whether it is a number of a list of so many, or stands for none.
pub(crate) fn is_code(code: u16, count: usize) -> bool {
    code == NO_CODE || usize::from(code) < count
}
