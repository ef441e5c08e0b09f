//! Work that takes longer than a page may: studies, ingests and releases on their way, and how far they have come.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use virta_model::Lang;

use crate::house::ReleaseEnd;
use crate::intake::Telling;
use crate::trouble::Trouble;

/// Work that was begun from pages, by number.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    next: AtomicU64,
    jobs: Mutex<BTreeMap<u64, Arc<Job>>>,
    /// One job runs at a time; the others wait.
    running: Arc<Mutex<()>>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
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
    end: Mutex<Option<Result<Done, Vec<Trouble>>>>,
}

/// Finished jobs that are remembered at most.
const JOBS_MAX: usize = 100;

impl Jobs {
    /// Begins some work; gives its number.
    pub(crate) fn begin(
        &self,
        owner: &str,
        work: Work,
        run: impl FnOnce(Telling<'_>) -> Result<Done, Vec<Trouble>> + Send + 'static,
    ) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let job = Arc::new(Job {
            owner: owner.to_owned(),
            work,
            done: AtomicU64::new(0),
            all: AtomicU64::new(0),
            end: Mutex::new(None),
        });
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.insert(number, Arc::clone(&job));
        while jobs.len() > JOBS_MAX {
            jobs.pop_first();
        }
        let running = Arc::clone(&self.running);
        std::thread::spawn(move || {
            let _one_at_a_time = running.lock().unwrap_or_else(PoisonError::into_inner);
            let unfinished = Unfinished(Arc::clone(&job));
            let tell = |done: u64, all: u64| {
                job.done.store(done, Ordering::Relaxed);
                job.all.store(all, Ordering::Relaxed);
            };
            let end = run(&tell);
            job.finish(end);
            drop(unfinished);
        });
        number
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(&number).map(Arc::clone)
    }
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
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the job does not end");
    }

    #[test]
    fn work_that_panics_has_failed_and_the_next_goes_on() {
        let jobs = Jobs::default();
        let first = jobs.begin("a", Work::Study, |_| panic!("broken"));
        let second = jobs.begin("a", Work::Study, |tell| {
            tell(1, 2);
            Ok(Done::Study("x".to_owned()))
        });
        assert!(ended(&jobs.get(first).unwrap()).is_err());
        let second = jobs.get(second).unwrap();
        assert!(matches!(ended(&second), Ok(Done::Study(name)) if name == "x"));
        assert_eq!(second.percent(), 50);
    }
}
