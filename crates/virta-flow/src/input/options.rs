//! How a study is run.

use super::pilots::{Frozen, PilotClient};

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
    /// The clients of the study's pilots, in any order; those of pilots that the study does not name still are nobody's
    /// comparison clients.
    pub pilots: &'a [PilotClient],
    /// Baselines of pilots that are kept as an earlier run made them.
    pub frozen: &'a [Frozen<'a>],
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
    pub(crate) buckets_done: u32,
    /// All buckets of all passes.
    pub buckets: u32,
    pub contacts_done: u64,
}
