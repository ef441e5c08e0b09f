//! A study, or a statement in SQL, on several machines: this one asks, workers answer for ranges of buckets, and the core
//! or the SQL engine puts their shares together.

#[cfg(feature = "sql")]
mod questions;
mod request;
mod share;

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use virta_cluster::{Failed, Job, Limits, Listening, Out, Part, Record, Secret, Serving, Workload, serve_until};
use virta_flow::{Error, Piece, Step};
use virta_ingest::ProjectKey;

#[cfg(feature = "sql")]
pub(crate) use self::questions::Reached;
use self::request::{Asked, of_batch};
use self::share::{Shares, Stores};
use crate::args::Common;
use crate::failure::Failure;
use crate::interrupt;

/// What machines that work together must have in common: the number of the package and the mark of its sources, since sums
/// that travel are laid out as the sources say.
const VERSION: &str = concat!("virta ", env!("CARGO_PKG_VERSION"), " of ", env!("VIRTA_SOURCES"));
/// How long a Ctrl-C may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

/// A worker that listens.
#[derive(Debug)]
pub(crate) struct Worker {
    serving: Serving,
    work: Arc<Work>,
    listening: Listening,
}

/// What a worker does.
#[derive(Debug)]
struct Work {
    studies: Shares,
    #[cfg(feature = "sql")]
    questions: questions::Questions,
}

impl Workload for Work {
    fn run(&self, request: &[u8], buckets: Range<u32>, out: &Out) -> Result<(), Failed> {
        #[cfg(feature = "sql")]
        if let Some(question) = request.strip_prefix(questions::MARK) {
            return self.questions.run(question, buckets, out);
        }
        self.studies.run(request, buckets, out)
    }
}

impl Work {
    fn forget(&self) {
        self.studies.forget();
        #[cfg(feature = "sql")]
        self.questions.forget();
    }
}

impl Worker {
    /// Listens for studies and statements over the stores in a folder.
    pub(crate) fn listen(
        address: std::net::SocketAddr,
        stores: &Path,
        secret: Option<&Path>,
        common: &Common,
    ) -> Result<Self, Failure> {
        if !stores.is_dir() {
            return Err(Failure::refused("it is no folder").file(stores).fix("name the folder that the stores lie in"));
        }
        let threads = common.threads().unwrap_or(0);
        let work = Arc::new(Work {
            studies: Shares::new(Stores::In(stores.to_owned()), threads),
            #[cfg(feature = "sql")]
            questions: questions::Questions::new(stores.to_owned(), threads, crate::sql::memory_limit(common)),
        });
        let serving = Serving::new(Arc::clone(&work) as _, VERSION, read_secret(secret)?);
        let listening = serving.listen(address).map_err(|error| refused(&error))?;
        Ok(Worker { serving, work, listening })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> std::net::SocketAddr {
        self.listening.address()
    }

    /// Answers until an interrupt.
    pub(crate) fn serve(self) -> Result<(), Failure> {
        let is_over = || {
            self.work.forget();
            interrupt::happened()
        };
        serve_until(&self.serving, self.listening, PATIENCE, is_over).map_err(|error| refused(&error))
    }
}

/// The workers of a study, reached.
pub(crate) struct Machines<'a> {
    workers: virta_cluster::Workers,
    shares: Arc<Shares>,
    asked: Asked,
    buckets: u32,
    tell: &'a (dyn Fn(u64) + Sync),
    /// Units of the steps before.
    before: u64,
    record: Vec<Record>,
}

/// What is asked of the workers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The store as it is called here.
    pub store: &'a Path,
    pub snapshot: &'a virta_store::Snapshot,
    /// The text of the study.
    pub study: &'a str,
    /// By which results know it.
    pub study_hash: &'a str,
    /// Threads for what no worker can do; 0 is one for each processor.
    pub threads: usize,
}

impl<'a> Machines<'a> {
    /// Reaches the workers. Those that do not answer are left out.
    pub(crate) fn reach(
        addresses: &[String],
        secret: Option<&Path>,
        question: &Question<'_>,
        tell: &'a (dyn Fn(u64) + Sync),
    ) -> Result<Self, Failure> {
        let secret = read_secret(secret)?;
        let workers = virta_cluster::Workers::connect(addresses, VERSION, secret.as_ref(), Limits::default());
        let workers = workers.map_err(|error| refused(&error))?;
        let path = question.store.canonicalize().map_err(|error| Failure::io("read", question.store, &error))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let snapshot = question.snapshot.id().to_owned();
        Ok(Machines {
            workers,
            shares: Arc::new(Shares::new(Stores::Here(path), question.threads)),
            asked: Asked {
                store: name,
                snapshot,
                study: question.study.to_owned(),
                study_hash: question.study_hash.to_owned(),
            },
            buckets: question.snapshot.bucket_count(),
            tell,
            before: 0,
            record: Vec::new(),
        })
    }

    /// Who did what.
    pub(crate) fn done(self) -> Done {
        Done::of(&self.record)
    }
}

impl virta_flow::Workers for Machines<'_> {
    fn work(&mut self, step: &Step, take: &mut dyn FnMut(Vec<Piece>) -> Result<(), Error>) -> Result<(), Error> {
        let of_workers = |failed: Failed| Error::Workers(Box::new(failed));
        let request = self.asked.request(&step.to_bytes()).map_err(of_workers)?;
        let units = std::cell::Cell::new(0);
        let progress = |progress: virta_cluster::Progress| {
            units.set(progress.units);
            (self.tell)(self.before + progress.units);
        };
        let job = Job {
            workload: Arc::clone(&self.shares) as _,
            request: &request,
            buckets: self.buckets,
            progress: &progress,
            is_interrupted: &interrupt::happened,
        };
        let mut untaken = None;
        let ran = self.workers.run(&job, &mut |part: Part| {
            // Each batch is let go of before the next is copied.
            let pieces: Result<Vec<Vec<Piece>>, Failed> =
                part.batches.into_iter().map(|batch| of_batch(&batch)).collect();
            take(pieces?.into_iter().flatten().collect()).map_err(|error| {
                let failed = Failed::new(&error);
                untaken = Some(error);
                failed
            })
        });
        self.before += units.get();
        match (ran, untaken) {
            (Ok(record), _) => {
                self.record.push(record);
                Ok(())
            }
            (Err(_), Some(error)) => Err(error),
            (Err(error), None) => Err(Error::Workers(Box::new(error))),
        }
    }
}

/// Who did what for a study, for people and programs.
#[derive(Debug, Serialize)]
pub(crate) struct Done {
    pub workers: Vec<DoneBy>,
    /// Buckets that this machine read itself, since no worker could.
    pub buckets_here: u32,
    /// Times that a range of buckets was begun again.
    pub begun_again: usize,
}

/// What one worker did.
#[derive(Debug, Default, Serialize)]
pub(crate) struct DoneBy {
    pub address: String,
    /// Ranges of buckets that it answered for, from the first to before the last.
    pub buckets: Vec<(u32, u32)>,
    pub seconds: f64,
    pub bytes: u64,
    /// Why it failed, each time.
    pub faults: Vec<String>,
    pub is_left_out: bool,
}

impl Done {
    /// Of the steps of a study together.
    fn of(records: &[Record]) -> Self {
        let mut done = Done { workers: Vec::new(), buckets_here: 0, begun_again: 0 };
        for record in records {
            let here = record.here.iter().map(|range| range.end.saturating_sub(range.start));
            done.buckets_here += here.sum::<u32>();
            done.begun_again += record.again;
            for (at, worker) in record.workers.iter().enumerate() {
                if done.workers.len() == at {
                    done.workers.push(DoneBy { address: worker.address.clone(), ..DoneBy::default() });
                }
                let Some(by) = done.workers.get_mut(at) else { continue };
                by.buckets.extend(worker.ranges.iter().map(|Range { start, end }| (*start, *end)));
                by.seconds += worker.seconds;
                by.bytes += worker.bytes;
                by.is_left_out |= worker.is_left_out;
                // A worker that was never reached says so in every step.
                by.faults.extend(
                    worker.faults.iter().filter(|fault| !by.faults.contains(fault)).cloned().collect::<Vec<_>>(),
                );
            }
        }
        done
    }

    /// A line for each worker.
    pub(crate) fn page(&self) -> String {
        let mut lines = Vec::new();
        for worker in &self.workers {
            let buckets: u32 = worker.buckets.iter().map(|(from, to)| to.saturating_sub(*from)).sum();
            let mut line = format!("worker {}: {buckets} buckets in {:.2} s", worker.address, worker.seconds);
            if let Some(fault) = worker.faults.last() {
                line.push_str(&format!("; failed {} times, last: {fault}", worker.faults.len()));
            }
            if worker.is_left_out {
                line.push_str("; left out");
            }
            lines.push(line);
        }
        if self.buckets_here > 0 {
            lines.push(format!("here: {} buckets", self.buckets_here));
        }
        lines.join("\n")
    }
}

fn read_secret(path: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let bytes = ProjectKey::load_secret(path)?.secret_of_machines();
    Secret::new(&bytes).map(Some).map_err(|error| refused(&error))
}

fn refused(error: &virta_cluster::Error) -> Failure {
    let failure = Failure::refused(error.to_string());
    match error {
        virta_cluster::Error::NoSecret(_) => failure
            .fix("make a secret once with virta worker --new-secret FILE, and name it with --secret on every machine"),
        virta_cluster::Error::OtherVersion { .. } => failure.fix("install the same program on every machine"),
        virta_cluster::Error::Untrusted { .. } => {
            failure.fix("give every machine a copy of the same secret with --secret")
        }
        virta_cluster::Error::Nobody(_) => {
            failure.fix("start virta worker on the machines, or name others with --workers")
        }
        _ => failure,
    }
}
