//! How far the work is, and who did what.

use std::ops::Range;

/// How far the work of all machines is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Ranges that came back whole, of so many.
    pub ranges_done: usize,
    pub ranges: usize,
    /// Units that all machines have done together, as the workload counts them. It never goes back.
    pub units: u64,
    /// Workers that run something now.
    pub busy: usize,
}

/// Who did what.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    pub workers: Vec<WorkerRecord>,
    /// The ranges that the coordinator ran itself, in order.
    pub here: Vec<Range<u32>>,
    /// Times that a range was begun again, because its worker failed or was slow.
    pub again: usize,
}

/// What one worker did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkerRecord {
    pub address: String,
    /// The ranges whose answer counted, in the order in which they came.
    pub ranges: Vec<Range<u32>>,
    /// Seconds that it worked, what was in vain too.
    pub seconds: f64,
    /// Bytes of record batches that counted, as written by Arrow.
    pub bytes: u64,
    /// Why it failed, each time.
    pub faults: Vec<String>,
    /// Whether it was given nothing more after its faults.
    pub is_left_out: bool,
}
