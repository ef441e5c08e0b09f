//! A small workload with an answer that is known, and ways of doing it badly.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, RecordBatch, UInt32Array, UInt64Array};

use crate::{Failed, Out, Part, Workload};

/// Gives numbers that follow from the request and the bucket.
#[derive(Debug, Default)]
pub(crate) struct Toy {
    /// Time that each bucket takes.
    pub each: Duration,
    /// Fails at this bucket.
    pub fails_at: Option<u32>,
    /// Panics at this bucket.
    pub panics_at: Option<u32>,
    /// Does nothing more from this bucket on, until it is stopped.
    pub hangs_at: Option<u32>,
    /// Runs that have begun and not ended.
    pub running: Arc<AtomicUsize>,
}

struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Workload for Toy {
    fn run(&self, request: &[u8], buckets: Range<u32>, out: &Out) -> Result<(), Failed> {
        self.running.fetch_add(1, Ordering::SeqCst);
        let _counted = Counted(&self.running);
        for bucket in buckets {
            if self.fails_at == Some(bucket) {
                return Err(Failed::new("this machine cannot do it"));
            }
            assert_ne!(self.panics_at, Some(bucket), "as it was told");
            let (begun, hangs) = (Instant::now(), self.hangs_at == Some(bucket));
            while hangs || begun.elapsed() < self.each {
                if out.is_stopped() {
                    return Err(Failed::stopped());
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            for batch in batches(request, bucket) {
                out.batch(&batch)?;
            }
            out.advance(1);
        }
        Ok(())
    }
}

/// A small batch for every bucket and now and then one that takes several pieces.
fn batches(request: &[u8], bucket: u32) -> Vec<RecordBatch> {
    let seed =
        request.iter().fold(u64::from(bucket), |seed, byte| (seed ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let numbers =
        |count: u64| -> ArrayRef { Arc::new(UInt64Array::from_iter_values((0..count).map(|at| seed ^ (at * at)))) };
    let small: [(&str, ArrayRef); 2] = [("bucket", Arc::new(UInt32Array::from(vec![bucket; 3]))), ("sum", numbers(3))];
    let mut batches = vec![RecordBatch::try_from_iter(small).unwrap()];
    if bucket % 7 == 3 {
        batches.push(RecordBatch::try_from_iter([("number", numbers(180_000))]).unwrap());
    }
    batches
}

/// What all buckets give together, in order.
pub(crate) fn expected(request: &[u8], buckets: u32) -> Vec<RecordBatch> {
    (0..buckets).flat_map(|bucket| batches(request, bucket)).collect()
}

/// Parts that were taken, which must be every bucket once and in order.
pub(crate) fn check(parts: Vec<Part>, request: &[u8], buckets: u32) {
    let mut next = 0;
    for part in &parts {
        assert_eq!(part.buckets.start, next);
        next = part.buckets.end;
    }
    assert_eq!(next, buckets);
    let batches: Vec<RecordBatch> = parts.into_iter().flat_map(|part| part.batches).collect();
    assert!(batches == expected(request, buckets), "the answer is another");
}
