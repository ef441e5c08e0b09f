//! How many tasks may work at once.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::rows::route::lock;

/// Lets as many tasks work at once as fit into a budget of memory; a task that is larger than the budget works alone.
pub(crate) struct Admission {
    budget: usize,
    taken: Mutex<usize>,
    freed: Condvar,
}

/// A task's share of the budget.
pub(crate) struct Share<'a> {
    admission: &'a Admission,
    bytes: usize,
}

impl Admission {
    pub(crate) fn new(budget: usize) -> Self {
        Admission { budget, taken: Mutex::new(0), freed: Condvar::new() }
    }

    /// Waits until the task fits.
    pub(crate) fn admit(&self, bytes: usize) -> Share<'_> {
        let mut taken = lock(&self.taken);
        while *taken > 0 && *taken + bytes > self.budget {
            taken = self.freed.wait(taken).unwrap_or_else(PoisonError::into_inner);
        }
        *taken += bytes;
        Share { admission: self, bytes }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        *lock(&self.admission.taken) -= self.bytes;
        self.admission.freed.notify_all();
    }
}
