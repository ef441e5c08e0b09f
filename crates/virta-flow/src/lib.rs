//! The analysis core: every cohort and every table of a study in one pass over clients.
//!
//! It reads plain columns from a [`Source`], does no input or output of its own, and knows only `virta-model`.
//! [`run`] is the whole of it; [`MemorySource`] is a source for tests and measurements.

mod analyses;
mod catalogue;
mod client;
mod error;
mod groups;
mod hash;
mod memory;
mod percentiles;
mod plan;
mod qualify;
mod reading;
mod rows;
mod run;
mod source;
mod standing;
mod tally;
#[cfg(test)]
mod tests;
mod totals;
mod visit;

pub use catalogue::{Catalogue, Municipality, Service};
pub use error::Error;
pub use memory::{Client, Contact, ContactRows, MemorySource};
pub use run::{Progress, RunOptions, run};
pub use source::{ClientColumns, ClientRun, Columns, ContactColumns, NO_CODE, NO_COST, NO_DAY, NO_TIME, Source};
