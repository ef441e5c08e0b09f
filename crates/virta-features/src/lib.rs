//! No code: the one set of features that every build of the workspace gives to shared crates.
