//! The same work on several machines.
//!
//! A [`Workload`] runs a request for some of the buckets and hands out record batches. [`serve_until`] lets a machine run
//! it for others; [`Workers`] cuts the buckets into ranges, has workers run them, and gives what comes back: every range
//! once, whole, checked and in order, or an error. It knows nothing of what is computed. What travels goes through the
//! worker service of `datafusion-distributed`: a range is a plan with one node.
//!
//! - A worker that dies, stalls, is slow, is cut off or answers what it was not asked loses its range to the others, and
//!   at last the coordinator runs it itself. A range that ran twice counts once.
//! - A worker of another version is refused before any work.
//! - Both sides prove that they hold the same [`Secret`] and encrypt all that they say; without one only this machine can
//!   be listened to and talked to.
//!
//! ```
//! use std::ops::Range;
//! use virta_cluster::{Failed, Out, Workload};
//!
//! /// Sums the numbers of each bucket.
//! struct Sums;
//! impl Workload for Sums {
//!     fn run(&self, request: &[u8], buckets: Range<u32>, out: &Out) -> Result<(), Failed> {
//!         for bucket in buckets {
//!             if out.is_stopped() {
//!                 return Err(Failed::stopped());
//!             }
//!             # let sum = |_: u32, _: &[u8]| arrow::array::RecordBatch::new_empty(std::sync::Arc::new(arrow::datatypes::Schema::empty()));
//!             out.batch(&sum(bucket, request))?;
//!             out.advance(1);
//!         }
//!         Ok(())
//!     }
//! }
//! ```

use std::ops::Range;

mod client;
mod error;
mod frame;
mod limited;
mod limits;
mod out;
mod part;
mod pass;
mod plan;
mod ranges;
mod record;
mod run;
mod secret;
#[cfg(test)]
mod tests;
mod worker;

pub use error::{Error, Failed};
pub use limits::Limits;
pub use out::Out;
pub use part::Part;
pub use record::{Progress, Record, WorkerRecord};
pub use run::{Job, Workers};
pub use secret::Secret;
pub use worker::{Listening, Serving, serve_until};

/// What is run on the machines.
pub trait Workload: Send + Sync + 'static {
    /// Runs `request` for the clients of `buckets` and hands out what comes of it.
    ///
    /// It is called on a thread of its own, on a worker for several ranges at once where several coordinators ask. The same
    /// request and buckets must give batches of the same meaning on every machine, since whichever is whole first is taken.
    /// It returns soon, with
    /// whatever error, once [`Out::is_stopped`] says so.
    ///
    /// # Errors
    /// Why it could not be done, without anything that came from a person. The range is then run elsewhere; where
    /// nobody can do it, this error is the coordinator's.
    fn run(&self, request: &[u8], buckets: Range<u32>, out: &Out) -> Result<(), Failed>;
}
