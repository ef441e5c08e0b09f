//! How long and how often the coordinator waits for workers.

use std::time::Duration;

/// What a coordinator puts up with.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Ranges that the buckets are cut into, per worker. Each costs its start, its sums and their merging.
    pub ranges_per_worker: u32,
    /// Hundredths of the buckets that the first range of each worker takes. The later ones are smaller, so that who is fast
    /// does more of them and nobody waits long for the last. 0 makes all the same.
    pub first_percent: u32,
    /// Ranges per worker that may be whole or begun before the first is given away, so that memory stays bounded.
    pub ahead: usize,
    /// Bytes of one range's answer.
    pub range_bytes: u64,
    /// Time to reach a worker and hear its version.
    pub connect: Duration,
    /// Time without a word, after which a worker is given up. Workers say that they are there every second.
    pub silence: Duration,
    /// Time in which a range does not advance, after which it is stuck.
    pub stall: Duration,
    /// Time, and at least twice the usual, after which a range is given to an idle worker too.
    pub slow: Duration,
    /// Workers' failures at one range, after which the coordinator runs it itself.
    pub attempts: u32,
    /// Failures of a worker in a row, after which it gets nothing more.
    pub faults: u32,
    /// Rest of a worker after a failure, times its failures in a row.
    pub rest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            ranges_per_worker: 2,
            first_percent: 75,
            ahead: 4,
            range_bytes: 8 << 30,
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(10),
            stall: Duration::from_secs(120),
            slow: Duration::from_secs(5),
            attempts: 3,
            faults: 3,
            rest: Duration::from_millis(250),
        }
    }
}
