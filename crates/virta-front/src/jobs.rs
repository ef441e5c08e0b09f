//! Studies that are being run, and how far they have come.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::house::House;
use crate::trouble::Trouble;

/// Studies that were begun from pages, by number.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    next: AtomicU64,
    jobs: Mutex<BTreeMap<u64, Arc<Job>>>,
    /// One study runs at a time; the others wait.
    running: Arc<Mutex<()>>,
}

/// A study on its way.
#[derive(Debug, Default)]
pub(crate) struct Job {
    pub owner: String,
    contacts_done: AtomicU64,
    contacts: AtomicU64,
    end: Mutex<Option<Result<String, Trouble>>>,
}

/// Finished jobs that are remembered at most.
const JOBS_MAX: usize = 100;

impl Jobs {
    /// Begins to run a study; gives its number.
    pub fn begin(&self, house: Arc<dyn House>, owner: &str, text: String) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let job = Arc::new(Job { owner: owner.to_owned(), ..Job::default() });
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.insert(number, Arc::clone(&job));
        while jobs.len() > JOBS_MAX {
            jobs.pop_first();
        }
        let running = Arc::clone(&self.running);
        std::thread::spawn(move || {
            let _one_at_a_time = running.lock().unwrap_or_else(PoisonError::into_inner);
            let progress = |done: u64, all: u64| {
                job.contacts_done.store(done, Ordering::Relaxed);
                job.contacts.store(all, Ordering::Relaxed);
            };
            let end = house.run_study(&text, &progress);
            *job.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
        });
        number
    }

    pub fn get(&self, number: u64) -> Option<Arc<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).get(&number).map(Arc::clone)
    }
}

impl Job {
    /// Whole per cent of the contacts that are read.
    pub fn percent(&self) -> u64 {
        let all = self.contacts.load(Ordering::Relaxed).max(1);
        (self.contacts_done.load(Ordering::Relaxed) * 100 / all).min(100)
    }

    /// The study's name, or why it was not run; nothing while it runs.
    pub fn end(&self) -> Option<Result<String, Trouble>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
