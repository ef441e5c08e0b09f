//! The messages of PostgreSQL's protocol 3.0, as bytes.
//!
//! Written here rather than taken from a library: what comes from outside must be bounded before it is read, must never
//! end in a panic however it is malformed, and rows go from Arrow's arrays to bytes without a form in between.

mod read;
mod write;

pub(crate) use read::{Front, Startup, Target, front, startup};
pub(crate) use write::{Out, Status};
