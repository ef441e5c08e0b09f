//! The specification of virta as tests: one binary, so that nothing is linked twice.
// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod architecture;
mod binary;
mod circles;
mod mark;
mod metadata;
mod properties;
mod spec;
