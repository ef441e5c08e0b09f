//! What a test needs of the machine: programs, wheels, data that lie beside the checkout.
//!
//! Where it is missing the test says so and ends. With `VIRTA_TESTS_NEED_ALL` set, as `.ci/run` sets it, a missing program
//! or wheel fails the test; data beside the checkout are never the project's own, and a checkout without them is complete.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Says that a test was not run, or fails it where everything must be there.
///
/// # Panics
/// When `VIRTA_TESTS_NEED_ALL` is set.
#[track_caller]
pub fn missing(what: &str) {
    assert!(std::env::var_os("VIRTA_TESTS_NEED_ALL").is_none(), "{what} is missing, and every test must be run here");
    say(what);
}

/// A folder of the data that lie beside some checkouts; without it says so.
#[must_use]
pub fn data_beside(checkout: &Path, folder: &str) -> Option<PathBuf> {
    let path = checkout.join("../shared/data").join(folder);
    if path.exists() {
        return Some(path);
    }
    say(&format!("the data {folder} beside the checkout"));
    None
}

/// Whether a command can be run and succeeds; where not, says what is missing.
///
/// # Panics
/// When it fails and `VIRTA_TESTS_NEED_ALL` is set.
#[track_caller]
#[must_use]
pub fn works(what: &str, program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let works = command.status().is_ok_and(|status| status.success());
    if !works {
        missing(what);
    }
    works
}

fn say(what: &str) {
    // Not by a macro, whose words the test harness keeps to itself when a test passes.
    let _ = writeln!(std::io::stderr(), "not run: {what} is missing");
}
