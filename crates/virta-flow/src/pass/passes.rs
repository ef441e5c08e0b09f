//! One pass over the buckets, by all threads.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::reading::{Reader, Visitor, read_bucket};
use crate::error::Error;
use crate::input::columns::Columns;
use crate::input::options::{Progress, RunOptions};
use crate::input::source::Source;

/// The threads of a run.
pub(crate) fn pool(options: &RunOptions<'_>) -> Result<rayon::ThreadPool, Error> {
    Threads::new(options.threads).map(|threads| threads.0)
}

/// Threads for many shares, one after another or at once. A thread keeps its memory from share to share, where a new one
/// would have the system clear new memory for it.
#[derive(Debug)]
pub struct Threads(pub(crate) rayon::ThreadPool);

impl Threads {
    /// So many threads; 0 is one for each processor.
    ///
    /// # Errors
    /// [`Error::Threads`] when the system gives none.
    pub fn new(count: usize) -> Result<Self, Error> {
        let built = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        built.map(Threads).map_err(|error| Error::Threads(error.to_string()))
    }
}

/// What the passes over the buckets share.
pub(crate) struct Passes<'a, S> {
    pub source: &'a S,
    pub pool: &'a rayon::ThreadPool,
    pub options: &'a RunOptions<'a>,
    buckets: u32,
    /// Buckets and contacts.
    done: Mutex<(u32, u64)>,
}

impl<'a, S: Source> Passes<'a, S> {
    /// They will read so many buckets in all, whoever asks how far they are.
    pub(crate) fn new(source: &'a S, pool: &'a rayon::ThreadPool, options: &'a RunOptions<'a>, buckets: u32) -> Self {
        Passes { source, pool, options, buckets, done: Mutex::new((0, 0)) }
    }

    /// The same over another source.
    pub(crate) fn over<'b, T>(&self, source: &'b T) -> Passes<'b, T>
    where
        'a: 'b,
    {
        Passes { source, pool: self.pool, options: self.options, buckets: self.buckets, done: Mutex::new((0, 0)) }
    }

    /// One pass over all buckets.
    pub(crate) fn run<V: Visitor + Send>(&self, wanted: Columns, make: impl Fn() -> V + Sync) -> Result<Vec<V>, Error> {
        self.over_buckets(0..self.source.bucket_count(), wanted, make)
    }

    /// One pass: every thread takes the next of the buckets that nobody has, until there is none. Which thread takes which
    /// bucket differs from run to run, so what the visitors hold must not depend on it once merged.
    pub(crate) fn over_buckets<V: Visitor + Send>(
        &self,
        buckets: Range<u32>,
        wanted: Columns,
        make: impl Fn() -> V + Sync,
    ) -> Result<Vec<V>, Error> {
        let next = AtomicU32::new(buckets.start);
        let worked = self.pool.broadcast(|_| -> Result<V, (u32, Error)> {
            let mut visitor = make();
            let mut reader = Reader::default();
            loop {
                let bucket = next.fetch_add(1, Ordering::Relaxed);
                if bucket >= buckets.end || visitor.is_in_vain() {
                    return Ok(visitor);
                }
                let read = read_bucket(self.source, bucket, wanted, &mut reader, &mut visitor);
                let contacts = read.map_err(|error| {
                    // Nobody need begin another bucket.
                    next.fetch_max(buckets.end, Ordering::Relaxed);
                    (bucket, error)
                })?;
                self.report(contacts);
            }
        });
        let (visitors, errors): (Vec<_>, Vec<_>) = worked.into_iter().partition(Result::is_ok);
        match errors.into_iter().filter_map(Result::err).min_by_key(|(bucket, _)| *bucket) {
            Some((_, error)) => Err(error),
            None => Ok(visitors.into_iter().filter_map(Result::ok).collect()),
        }
    }

    fn report(&self, contacts: u64) {
        let Some(report) = self.options.progress else { return };
        let Ok(mut done) = self.done.lock() else { return };
        *done = (done.0 + 1, done.1 + contacts);
        report(Progress { buckets_done: done.0, buckets: self.buckets, contacts_done: done.1 });
    }
}
