//! Sees to it that `cargo test` builds the binary before any test runs. What it does as a whole is tested in the
//! member package `tests`, which finds it beside its own executable.

use std::process::Command;

#[test]
fn the_binary_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_virta")).arg("--version").output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), concat!("virta ", env!("CARGO_PKG_VERSION")));
}
