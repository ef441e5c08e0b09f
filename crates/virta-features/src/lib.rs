//! No code: the one set of features that every build of the workspace gives to shared crates.
//!
//! Cargo builds a crate once for each set of features that is asked of it. The program and the tests of every crate depend on
//! this one, so that building any of them asks for the same set and builds nothing twice.
