//! Those who are at the door and not yet in: when there are too many, the one who has stood there longest has to go, so
//! that sockets that say nothing keep nobody out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

#[derive(Debug)]
pub(crate) struct Arrivals {
    most: usize,
    /// In the order in which they came.
    waiting: Mutex<VecDeque<Arc<Notify>>>,
}

/// Somebody's place at the door, until it is dropped.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    arrivals: &'a Arrivals,
    told: Arc<Notify>,
}

impl Arrivals {
    /// A door before which at most so many wait.
    pub(crate) fn new(most: usize) -> Self {
        Arrivals { most, waiting: Mutex::default() }
    }

    /// Takes a place; whoever came first goes when there is none.
    pub(crate) fn arrive(&self) -> Arrival<'_> {
        let told = Arc::new(Notify::new());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.len() >= self.most.max(1) {
            let Some(first) = waiting.pop_front() else { break };
            first.notify_one();
        }
        waiting.push_back(Arc::clone(&told));
        Arrival { arrivals: self, told }
    }
}

impl Arrival<'_> {
    /// Ends when the place is another's.
    pub(crate) async fn has_to_go(&self) {
        self.told.notified().await;
    }
}

impl Drop for Arrival<'_> {
    fn drop(&mut self) {
        let mut waiting = self.arrivals.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|other| !Arc::ptr_eq(other, &self.told));
    }
}
