//! How a running statement is told to end: by a cancel request from another connection, or because the client has gone.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// What a connection's statements look at while they run.
#[derive(Debug, Default)]
pub(crate) struct Control {
    is_cancelled: AtomicBool,
    is_gone: AtomicBool,
    changed: Notify,
}

/// Why a statement ends before its last row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupt {
    Cancelled,
    Gone,
}

impl Control {
    /// Forgets a cancel that came before: it was for another statement.
    pub(crate) fn begin(&self) {
        self.is_cancelled.store(false, Ordering::SeqCst);
    }

    pub(crate) fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    pub(crate) fn leave(&self) {
        self.is_gone.store(true, Ordering::SeqCst);
        self.changed.notify_waiters();
    }

    /// Ends when the statement is to end.
    pub(crate) async fn interrupted(&self) -> Interrupt {
        loop {
            // Whoever changes something after this line wakes it.
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.is_gone.load(Ordering::SeqCst) {
                return Interrupt::Gone;
            }
            if self.is_cancelled.load(Ordering::SeqCst) {
                return Interrupt::Cancelled;
            }
            changed.await;
        }
    }
}

/// The connections that can be cancelled, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Cancels {
    known: Mutex<HashMap<i32, (i32, Arc<Control>)>>,
}

impl Cancels {
    /// Makes a connection known under a number of its own. `random` gives bytes that nobody can guess.
    pub(crate) fn enter(&self, control: &Arc<Control>, mut random: impl FnMut() -> i32) -> (i32, i32) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let process = loop {
            let process = random() & i32::MAX;
            if process > 0 && !known.contains_key(&process) {
                break process;
            }
        };
        let secret = random();
        known.insert(process, (secret, Arc::clone(control)));
        (process, secret)
    }

    pub(crate) fn leave(&self, process: i32) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&process);
    }

    /// Ends the statement of a connection, for who knows its secret. Whether there was one is told nobody.
    pub(crate) fn cancel(&self, process: i32, secret: i32) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((own, control)) = known.get(&process)
            && own ^ secret == 0
        {
            control.cancel();
        }
    }
}
