//! Work that takes longer than a page may: studies, ingests and releases on their way, and how far they have come.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use virta_model::Lang;

use crate::going::{Closed, Going};
use crate::house::ReleaseEnd;
use crate::trouble::Trouble;

/// Work that was begun from pages, by number.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    next: AtomicU64,
    jobs: Arc<Mutex<BTreeMap<u64, Arc<Job>>>>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// What the cohort builder needs is being read.
    Opening,
    Study,
    Ingest,
    /// An ingest that commits nothing.
    Trial,
    Enrolment,
    Release,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) enum Done {
    /// The address that can be shown now.
    Opened(String),
    /// The study's name.
    Study(String),
    /// As `virta ingest --json` tells it.
    Ingested(serde_json::Value),
    /// The pilot, and how many clients the list has.
    Enrolled(String, usize),
    /// The study, the languages of its reports, and what became of its release.
    Released(String, Vec<Lang>, ReleaseEnd),
}

/// Work on its way.
#[derive(Debug)]
pub(crate) struct Job {
    /// The session that began it, and alone sees it.
    pub owner: String,
    pub work: Work,
    done: AtomicU64,
    all: AtomicU64,
    has_begun: AtomicBool,
    closed: Closed,
    end: Mutex<Option<Result<Done, Vec<Trouble>>>>,
}

/// Finished jobs that are remembered at most.
const JOBS_MAX: usize = 100;
/// How often a job that waits for earlier ones looks whether they have ended.
const PATIENCE: Duration = Duration::from_millis(20);

impl Jobs {
    /// Begins some work; gives its number. What changes the store is done one after another, in the order in which it was
    /// asked for.
    pub(crate) fn begin(
        &self,
        owner: &str,
        work: Work,
        run: impl FnOnce(Going<'_>) -> Result<Done, Vec<Trouble>> + Send + 'static,
    ) -> u64 {
        let job = Arc::new(Job {
            owner: owner.to_owned(),
            work,
            done: AtomicU64::new(0),
            all: AtomicU64::new(0),
            has_begun: AtomicBool::new(false),
            closed: Closed::default(),
            end: Mutex::new(None),
        });
        let number = {
            let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            // Under the lock, so that no later job takes an earlier number's place.
            let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
            jobs.insert(number, Arc::clone(&job));
            forget(&mut jobs);
            number
        };
        let jobs = Arc::clone(&self.jobs);
        std::thread::spawn(move || {
            while work != Work::Opening && is_before(&jobs, number) && !job.is_stopped() {
                std::thread::sleep(PATIENCE);
            }
            let unfinished = Unfinished(Arc::clone(&job));
            let tell = |done: u64, all: u64| {
                job.done.store(done, Ordering::Relaxed);
                job.all.store(all, Ordering::Relaxed);
            };
            if !job.is_stopped() {
                job.has_begun.store(true, Ordering::Relaxed);
                let end = run(Going::new(&tell, &job.closed));
                job.finish(end);
            }
            drop(unfinished);
        });
        number
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(&number).map(Arc::clone)
    }
}

/// Forgets the oldest finished jobs beyond those that are remembered.
fn forget(jobs: &mut BTreeMap<u64, Arc<Job>>) {
    while jobs.len() > JOBS_MAX {
        let Some(oldest) = jobs.iter().find(|(_, job)| job.end().is_some()).map(|(number, _)| *number) else { return };
        jobs.remove(&oldest);
    }
}

/// Whether a job that was asked for earlier has not ended.
fn is_before(jobs: &Mutex<BTreeMap<u64, Arc<Job>>>, number: u64) -> bool {
    let jobs = jobs.lock().unwrap_or_else(PoisonError::into_inner);
    jobs.range(..number).any(|(_, job)| job.work != Work::Opening && job.end().is_none())
}

/// A job whose work ends without a word has failed: nobody waits for it for ever.
struct Unfinished(Arc<Job>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.0.end().is_none() {
            self.0.finish(Err(vec![Trouble::new("the work stopped before its end; the store is as it was")]));
        }
    }
}

impl Job {
    fn finish(&self, end: Result<Done, Vec<Trouble>>) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    /// Whole per cent of what there is to do.
    pub(crate) fn percent(&self) -> u64 {
        let all = self.all.load(Ordering::Relaxed).max(1);
        (self.done.load(Ordering::Relaxed).saturating_mul(100) / all).min(100)
    }

    /// Whether it has its turn, or had.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Relaxed)
    }

    /// Asks the work to stop at its next safe point. What is done by then stays done.
    pub(crate) fn stop(&self) {
        self.closed.close();
    }

    /// Whether it was asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.closed.is_closed()
    }

    /// What came of it, or why nothing did; nothing while it goes on.
    pub(crate) fn end(&self) -> Option<Result<Done, Vec<Trouble>>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(job: &Job) -> Result<Done, Vec<Trouble>> {
        for _ in 0..500 {
            if let Some(end) = job.end() {
                return end;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the job does not end");
    }

    fn until_closed(going: Going<'_>) -> Result<Done, Vec<Trouble>> {
        while !going.closed().is_closed() {
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(vec![Trouble::new("stopped")])
    }

    #[test]
    fn work_that_panics_has_failed_and_the_next_goes_on() {
        let jobs = Jobs::default();
        let first = jobs.begin("a", Work::Study, |_| panic!("broken"));
        let second = jobs.begin("a", Work::Study, |going| {
            going.tell(1, 2);
            Ok(Done::Study("x".to_owned()))
        });
        assert!(ended(&jobs.get(first).unwrap()).is_err());
        let second = jobs.get(second).unwrap();
        assert!(matches!(ended(&second), Ok(Done::Study(name)) if name == "x"));
        assert_eq!(second.percent(), 50);
    }

    #[test]
    fn work_that_is_stopped_ends_and_what_waits_for_it_is_stopped_before_it_begins() {
        let jobs = Jobs::default();
        let [first, second, opening] = [
            jobs.begin("a", Work::Ingest, until_closed),
            jobs.begin("a", Work::Study, |_| Ok(Done::Study("x".to_owned()))),
            jobs.begin("a", Work::Opening, |_| Ok(Done::Opened("/cohort".to_owned()))),
        ]
        .map(|number| jobs.get(number).unwrap());
        assert!(ended(&opening).is_ok(), "what only reads waits for nobody");
        assert!(second.end().is_none() && !second.has_begun(), "the second waits for the first");
        second.stop();
        assert!(ended(&second).is_err() && !second.has_begun());
        assert!(first.end().is_none() && first.has_begun());
        first.stop();
        assert!(ended(&first).is_err());
    }
}
