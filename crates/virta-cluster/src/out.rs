//! Where a workload puts what it has.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::RecordBatch;

use crate::error::Failed;

/// How far a range is, and whether anybody waits for it.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    units: AtomicU64,
    is_stopped: AtomicBool,
}

impl Watch {
    pub(crate) fn units(&self) -> u64 {
        self.units.load(Ordering::Relaxed)
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }
}

type Take = Box<dyn FnMut(&RecordBatch) -> Result<(), Failed> + Send>;

/// Where a [`Workload`](crate::Workload) puts its batches, says how far it is, and hears that it is to stop.
pub struct Out {
    take: Mutex<Take>,
    watch: Arc<Watch>,
}

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Out").field("watch", &self.watch).finish_non_exhaustive()
    }
}

impl Out {
    pub(crate) fn new(
        watch: Arc<Watch>,
        take: impl FnMut(&RecordBatch) -> Result<(), Failed> + Send + 'static,
    ) -> Self {
        Out { take: Mutex::new(Box::new(take)), watch }
    }

    /// Hands out the next batch of the range, with whatever columns. It waits while the one who asked has enough to read.
    ///
    /// # Errors
    /// The batch is larger than can be sent (64 MiB), or nobody waits for it any more.
    pub fn batch(&self, batch: &RecordBatch) -> Result<(), Failed> {
        if self.is_stopped() {
            return Err(Failed::stopped());
        }
        let mut take = self.take.lock().unwrap_or_else(PoisonError::into_inner);
        take(batch)
    }

    /// Says that so many more units of the range are done, in whatever units. A range that does not advance for long is
    /// taken to be stuck.
    pub fn advance(&self, units: u64) {
        self.watch.units.fetch_add(units, Ordering::Relaxed);
    }

    /// Whether nobody waits for the answer any more.
    pub fn is_stopped(&self) -> bool {
        self.watch.is_stopped()
    }
}
