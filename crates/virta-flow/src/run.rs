//! Running a study.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use virta_model::settings::Study;
use virta_model::{PartSink, Table};

use crate::analyses::{Analyses, End};
use crate::beside::Beside;
use crate::error::Error;
use crate::groups::Remap;
use crate::outlet::{self, Kept, Outlet};
use crate::percentiles::PercentileVisitor;
use crate::pilots::{self, Frozen, PilotClient};
use crate::plan::Plan;
use crate::reading::{Reader, Visitor, read_bucket};
use crate::source::{Columns, Source};
use crate::visit::StudyVisitor;

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
    pub buckets_done: u32,
    /// All buckets of all passes.
    pub buckets: u32,
    pub contacts_done: u64,
}

/// Runs a study with every table in memory; see [`run_into`].
///
/// # Errors
/// Those of [`run_into`].
pub fn run<S: Source>(study: &Study, source: &S, options: &RunOptions<'_>) -> Result<Vec<Table>, Error> {
    let kept = Kept::default();
    let mut tables = run_into(study, source, options, &kept)?;
    kept.join(&mut tables);
    Ok(tables)
}

/// Runs a study: one pass over the clients of `source`, and a cheap one before it where a cohort has a percentile
/// threshold.
///
/// Tables with about a row for each client (members, near members, combinations, pathways) go to `sink` part by part,
/// which never sees more than a few parts at once. Returns the other tables that the study asks for, in the order of
/// `virta_model::schema::COHORT`. Rows are in a fixed order: the same rows give the same tables and parts whatever the
/// threads, buckets and batches. An empty source gives tables of zeros or without rows, not an error.
///
/// # Errors
/// Sections that cannot be run yet, a catalogue or columns that break their contract, and what the source and the sink
/// report.
pub fn run_into<S: Source>(
    study: &Study,
    source: &S,
    options: &RunOptions<'_>,
    sink: &dyn PartSink,
) -> Result<Vec<Table>, Error> {
    let catalogue = source.catalogue();
    catalogue.check()?;
    let mut plan = Plan::new(study, catalogue)?;
    let pool = pool(options)?;
    let needs_percentiles = plan.cohorts.iter().any(|cohort| cohort.percentile > 0);
    let wanted = plan.columns().or(Analyses::columns(&plan));
    let passes = Passes::new(source, &pool, options, 1 + u32::from(needs_percentiles));
    if needs_percentiles {
        let columns = PercentileVisitor::columns(wanted);
        let mut visitors = passes.run(columns, || PercentileVisitor::new(&plan))?.into_iter();
        let thresholds = visitors.next().map(|mut first| {
            visitors.for_each(|other| first.merge(other));
            first.thresholds()
        });
        plan.set_thresholds(thresholds.unwrap_or_default());
    }
    let plan = plan;
    let outlet = Outlet::new(&plan, sink);
    let visitors = passes.run(wanted, || StudyVisitor::new(&plan, &outlet));
    outlet.check()?;
    let mut visitors = visitors?.into_iter();
    let mut whole = visitors.next().unwrap_or_else(|| StudyVisitor::new(&plan, &outlet));
    for other in visitors {
        let remap = Remap { groups: whole.groups.merge(&other.groups), periods: plan.periods.len() };
        pool.install(|| whole.analyses.merge(other.analyses, &remap));
        whole.totals.merge(other.totals);
        whole.pool_members.merge(other.pool_members);
    }
    let StudyVisitor { analyses, groups, mut totals, pool_members, .. } = whole;
    totals.finish();
    let beside = pool.install(|| Beside::read(source, &plan))?;
    let mut tables = pool.install(|| analyses.finish(&End::new(&plan, &groups, &totals, &beside, options, &outlet)));
    outlet.check()?;
    if !study.pilots.is_empty() {
        tables.extend(pilots::run(&plan, &passes, pool_members)?);
        outlet::sort(&mut tables);
    }
    Ok(tables)
}

/// The threads of a run.
pub(crate) fn pool(options: &RunOptions<'_>) -> Result<rayon::ThreadPool, Error> {
    let built = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
    built.map_err(|error| Error::Threads(error.to_string()))
}

/// What the passes over the buckets share.
pub(crate) struct Passes<'a, S> {
    pub source: &'a S,
    pool: &'a rayon::ThreadPool,
    pub options: &'a RunOptions<'a>,
    buckets: u32,
    /// Buckets and contacts.
    done: Mutex<(u32, u64)>,
}

impl<'a, S: Source> Passes<'a, S> {
    /// So many passes over a source.
    pub fn new(source: &'a S, pool: &'a rayon::ThreadPool, options: &'a RunOptions<'a>, passes: u32) -> Self {
        Passes { source, pool, options, buckets: source.bucket_count() * passes, done: Mutex::new((0, 0)) }
    }

    /// The same over another source.
    pub fn over<'b, T>(&self, source: &'b T) -> Passes<'b, T>
    where
        'a: 'b,
    {
        Passes { source, pool: self.pool, options: self.options, buckets: self.buckets, done: Mutex::new((0, 0)) }
    }

    /// One pass: every thread takes the next bucket that nobody has, until there is none. Which thread takes which
    /// bucket differs from run to run, so what the visitors hold must not depend on it once merged.
    pub fn run<V: Visitor + Send>(&self, wanted: Columns, make: impl Fn() -> V + Sync) -> Result<Vec<V>, Error> {
        let next = AtomicU32::new(0);
        let worked = self.pool.broadcast(|_| -> Result<V, (u32, Error)> {
            let mut visitor = make();
            let mut reader = Reader::default();
            loop {
                let bucket = next.fetch_add(1, Ordering::Relaxed);
                if bucket >= self.source.bucket_count() || visitor.is_in_vain() {
                    return Ok(visitor);
                }
                let read = read_bucket(self.source, bucket, wanted, &mut reader, &mut visitor);
                let contacts = read.map_err(|error| {
                    // Nobody need begin another bucket.
                    next.fetch_max(self.source.bucket_count(), Ordering::Relaxed);
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
