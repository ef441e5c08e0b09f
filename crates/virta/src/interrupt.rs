//! Ctrl-C and termination: stop at the next safe point, leave nothing half-visible, exit with 130.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::failure::Failure;

static HAPPENED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);
/// While a shell runs, Ctrl-C ends a query and not the program.
static SHELL: AtomicBool = AtomicBool::new(false);
/// While a command looks at the flag itself, it ends at its next safe point; a second Ctrl-C ends it at once. Stretches of
/// such work may lie within each other.
static PATIENT: AtomicUsize = AtomicUsize::new(0);
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Makes Ctrl-C and termination end the program cleanly.
pub(crate) fn install() {
    // Without it the system ends the program at once, which the store survives too.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    std::thread::spawn(move || signals.forever().for_each(|_| note()));
}

fn note() {
    let again = HAPPENED.swap(true, Ordering::SeqCst);
    let patient = PATIENT.load(Ordering::SeqCst) > 0;
    if SHELL.load(Ordering::SeqCst) || (patient && !again) {
        return;
    }
    sweep();
    eprintln!("interrupted: nothing half-done is visible");
    std::process::exit(130);
}

/// Whether an interrupt came since the start, or since it was last [taken](take).
pub(crate) fn happened() -> bool {
    HAPPENED.load(Ordering::SeqCst)
}

/// Whether an interrupt came, forgetting it: a shell asks after each query.
#[cfg(feature = "sql")]
pub(crate) fn take() -> bool {
    HAPPENED.swap(false, Ordering::SeqCst)
}

/// From now on an interrupt only sets the flag.
#[cfg(feature = "sql")]
pub(crate) fn only_note() {
    SHELL.store(true, Ordering::SeqCst);
}

/// While it lives, the first interrupt only sets the flag: the work looks at it and stops at a safe point, or is
/// done in a moment. A second interrupt ends the program at once.
#[derive(Debug)]
pub(crate) struct Patience;

/// Begins a stretch of work that ends by itself when the flag is set.
pub(crate) fn patience() -> Patience {
    PATIENT.fetch_add(1, Ordering::SeqCst);
    Patience
}

impl Patience {
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&HAPPENED)
    }

    /// Ends the stretch; an error when an interrupt came. For work that nobody waits for the end of.
    pub(crate) fn end(self) -> Result<(), Failure> {
        if happened() { Err(Failure::Interrupted) } else { Ok(()) }
    }

    /// The work is done and visible: a first interrupt is too late for the rest of this program's life, so that exit
    /// code 130 always means that nothing has changed. A second one still ends the program at once.
    pub(crate) fn keep(&self) {
        PATIENT.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        PATIENT.fetch_sub(1, Ordering::SeqCst);
    }
}

/// While it lives, an interrupt removes these files and folders.
#[derive(Debug)]
pub(crate) struct Temporary(Vec<PathBuf>);

/// Files and folders that are of no use until they are whole.
pub(crate) fn temporary(paths: Vec<PathBuf>) -> Temporary {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).extend(paths.iter().cloned());
    Temporary(paths)
}

impl Drop for Temporary {
    fn drop(&mut self) {
        TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).retain(|path| !self.0.contains(path));
    }
}

fn sweep() {
    for path in TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        // What has gone already is fine, and what cannot go is swept by the next writer.
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
}
