//! A range that runs: the workload on a thread, its frames as they come.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use futures::stream::Stream;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::MissedTickBehavior;

use crate::Workload;
use crate::error::Failed;
use crate::frame::{Frame, Kind, RequestHash, Sender, request_hash};
use crate::out::{Out, Watch};
use crate::part::Part;

/// Frames that wait to be sent; the workload waits when there are more.
const FRAMES_WAITING: usize = 4;

/// Runs ranges of a workload on this machine.
pub(crate) struct Runner {
    pub workload: Arc<dyn Workload>,
    pub version: String,
    /// Ranges that run at once; others wait.
    pub places: Arc<Semaphore>,
    /// How often a range that says nothing else says that it is there.
    pub alive_every: Duration,
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Tells the workload to stop when nobody waits any more.
struct StopOnDrop(Arc<Watch>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Runner {
    /// The frames of a range, the last of which is its end or why there is none. When the stream is dropped, the workload
    /// is told to stop. To be called where a runtime runs.
    pub(crate) fn frames(self: Arc<Self>, request: Arc<[u8]>, buckets: Range<u32>) -> impl Stream<Item = Frame> + Send {
        let hash = request_hash(&self.version, &request);
        let watch = Arc::new(Watch::default());
        let (to_stream, from_thread) = mpsc::channel(FRAMES_WAITING);
        let mut ticks = tokio::time::interval(self.alive_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stop = StopOnDrop(Arc::clone(&watch));
        let state = State { from_thread, stop, hash, buckets: buckets.clone(), ticks, is_over: false };
        let run = Run { workload: Arc::clone(&self.workload), request, hash, buckets, watch };
        tokio::spawn(run.start(Arc::clone(&self.places), to_stream));
        futures::stream::unfold(state, State::next)
    }

    /// Runs a range here and now, without sending anything, on the thread that calls.
    pub(crate) fn here(&self, request: &[u8], buckets: Range<u32>, watch: Arc<Watch>) -> Result<Part, Failed> {
        let batches = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&batches);
        let out = Out::new(watch, move |batch: &RecordBatch| {
            into.lock().unwrap_or_else(PoisonError::into_inner).push(batch.clone());
            Ok(())
        });
        self.workload.run(request, buckets.clone(), &out)?;
        let batches = std::mem::take(&mut *batches.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Part { buckets, batches })
    }
}

/// What the thread of a range needs.
struct Run {
    workload: Arc<dyn Workload>,
    request: Arc<[u8]>,
    hash: RequestHash,
    buckets: Range<u32>,
    watch: Arc<Watch>,
}

impl Run {
    /// Begins when there is a place, unless nobody waits any more by then.
    async fn start(self, places: Arc<Semaphore>, to_stream: mpsc::Sender<Frame>) {
        let place = tokio::select! {
            place = places.acquire_owned() => place,
            () = to_stream.closed() => return,
        };
        let Ok(place) = place else { return };
        // A thread that ran the range before is taken again, with its memory. Where the range breaks off, the stream ends
        // without its end.
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let last = self.run(&to_stream);
            // Where nobody waits any more, nobody needs the end.
            let _ = to_stream.blocking_send(last);
        });
    }

    /// The last frame; those before it are sent.
    fn run(&self, to_stream: &mpsc::Sender<Frame>) -> Frame {
        let sender = Arc::new(Mutex::new(Sender::new(self.hash, self.buckets.clone())));
        let (into, watch, to_stream) = (Arc::clone(&sender), Arc::clone(&self.watch), to_stream.clone());
        let out = Out::new(Arc::clone(&self.watch), move |batch: &RecordBatch| {
            let units = watch.units();
            let mut into = into.lock().unwrap_or_else(PoisonError::into_inner);
            into.batch(batch, units, |frame| to_stream.blocking_send(frame).map_err(|_| Failed::stopped()))
        });
        match self.workload.run(&self.request, self.buckets.clone(), &out) {
            Ok(()) => sender.lock().unwrap_or_else(PoisonError::into_inner).end(self.watch.units()),
            Err(failed) => Frame::failed(self.hash, self.buckets.clone(), &failed),
        }
    }
}

/// A stream of frames that has begun.
struct State {
    from_thread: mpsc::Receiver<Frame>,
    stop: StopOnDrop,
    hash: RequestHash,
    buckets: Range<u32>,
    ticks: tokio::time::Interval,
    is_over: bool,
}

impl State {
    async fn next(mut self) -> Option<(Frame, Self)> {
        if self.is_over {
            return None;
        }
        let frame = tokio::select! {
            biased;
            frame = self.from_thread.recv() => frame?,
            _ = self.ticks.tick() => Frame::alive(self.hash, self.buckets.clone(), self.stop.0.units()),
        };
        self.is_over = matches!(frame.kind, Kind::End | Kind::Failed);
        Some((frame, self))
    }
}
