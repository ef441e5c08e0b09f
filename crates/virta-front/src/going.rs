//! Work that takes longer than a page may, as whoever does it sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether nobody waits for an answer any more: its page was closed, or the work was stopped. Cheap to share.
#[derive(Debug, Clone, Default)]
pub struct Closed(Arc<AtomicBool>);

impl Closed {
    /// Looked at while the work goes on.
    pub fn is_closed(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Says that nobody waits any more.
    pub fn close(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// For those who look at a flag.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// Closes when it is dropped: the server drops what answers a browser that has gone.
#[derive(Debug)]
pub(crate) struct ClosesWhenDropped(pub Closed);

impl Drop for ClosesWhenDropped {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Work on its way: whom to tell how far it has come, and whether it is to stop. Work that is stopped ends with an error and
/// leaves everything as it was.
#[derive(Clone, Copy)]
pub struct Going<'a> {
    tell: &'a (dyn Fn(u64, u64) + Sync),
    closed: &'a Closed,
}

impl<'a> Going<'a> {
    /// `tell` is told how much is done, and of how much.
    pub fn new(tell: &'a (dyn Fn(u64, u64) + Sync), closed: &'a Closed) -> Self {
        Going { tell, closed }
    }

    /// Work of which nobody is told.
    pub fn quiet(closed: &'a Closed) -> Self {
        Going { tell: &|_, _| {}, closed }
    }

    /// Tells how much is done, and of how much.
    pub fn tell(&self, done: u64, all: u64) {
        (self.tell)(done, all);
    }

    /// Whether it is to stop.
    pub fn closed(&self) -> &'a Closed {
        self.closed
    }
}

impl std::fmt::Debug for Going<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Going").field("closed", &self.closed).finish_non_exhaustive()
    }
}
