//! The answer for a range of buckets.

use std::ops::Range;

use arrow::array::RecordBatch;

/// The whole answer for a range of buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub buckets: Range<u32>,
    /// As the workload handed them out, in its order.
    pub batches: Vec<RecordBatch>,
}
