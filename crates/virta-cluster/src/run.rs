//! The coordinator: ranges out to the workers, whole and checked answers back in order.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use datafusion_distributed::TaskKey;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use uuid::Uuid;

use crate::Workload;
use crate::client::{Client, Fault, Meter};
use crate::error::{Error, Failed};
use crate::limits::Limits;
use crate::out::Watch;
use crate::part::Part;
use crate::pass::Runner;
use crate::ranges::{Attempt, Ranges, Start, Who};
use crate::record::{Progress, Record, WorkerRecord};
use crate::secret::Secret;

/// How often the coordinator looks up when nothing comes.
const TICK: Duration = Duration::from_millis(50);

/// What is to be run on the workers.
pub struct Job<'a> {
    /// What the coordinator runs itself where no worker can.
    pub workload: Arc<dyn Workload>,
    /// What the workload is asked, as bytes that it understands.
    pub request: &'a [u8],
    pub buckets: u32,
    /// Is told how far the work is, some times a second.
    pub progress: &'a dyn Fn(Progress),
    /// Whether nobody wants the answer any more; it is asked some times a second.
    pub is_interrupted: &'a dyn Fn() -> bool,
}

impl fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job").field("buckets", &self.buckets).finish_non_exhaustive()
    }
}

/// Workers that were reached.
#[derive(Debug)]
pub struct Workers {
    clients: Vec<Client>,
    /// Why a worker could not be reached, where it could not.
    lost: Vec<Option<String>>,
    version: String,
    limits: Limits,
    /// Taken when it is dropped.
    threads: Option<Runtime>,
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl Workers {
    /// Reaches the workers at `host:port` and asks each for its version, before any work. Those that do not answer are
    /// left out, and [`Record`] says why.
    ///
    /// # Errors
    /// An address is none, is named twice, or leads to another machine though there is no secret; a worker is of another
    /// version or does not hold the secret; none can be reached.
    pub fn connect(
        addresses: &[String],
        version: &str,
        secret: Option<&Secret>,
        limits: Limits,
    ) -> Result<Self, Error> {
        for (at, address) in addresses.iter().enumerate() {
            if addresses.iter().take(at).any(|before| before == address) {
                return Err(Error::Twice(address.clone()));
            }
        }
        let threads = Builder::new_multi_thread().worker_threads(2).thread_name("virta-cluster").enable_all().build();
        let threads = threads.map_err(Error::System)?;
        let (clients, reached) = threads.block_on(async {
            let clients: Result<Vec<Client>, Error> =
                addresses.iter().map(|address| Client::new(address, version, secret, &limits)).collect();
            let clients = clients?;
            let reached = futures::future::join_all(clients.iter().map(Client::connect)).await;
            Ok((clients, reached))
        })?;
        let mut lost = Vec::with_capacity(clients.len());
        for reached in reached {
            lost.push(match reached {
                Ok(_) => None,
                Err(Fault::Now(reason)) => Some(reason),
                Err(Fault::Never(error)) => return Err(error),
            });
        }
        if lost.iter().all(Option::is_some) {
            let reasons = clients
                .iter()
                .zip(&lost)
                .map(|(client, reason)| format!("{}: {}", client.address, reason.as_deref().unwrap_or_default()));
            return Err(Error::Nobody(reasons.collect::<Vec<_>>().join("; ")));
        }
        Ok(Workers { clients, lost, version: version.to_owned(), limits, threads: Some(threads) })
    }

    /// The workers that were named but could not be reached, with the reason.
    pub fn lost(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.clients.iter().zip(&self.lost);
        pairs.filter_map(|(client, reason)| Some((client.address.as_str(), reason.as_deref()?)))
    }

    /// Runs a job: every range of buckets is given to `take` once, whole, in order, on the thread that calls. Only after
    /// the last is there a [`Record`].
    ///
    /// # Errors
    /// [`Error::Here`] when the coordinator cannot do what no worker could, [`Error::Taken`] when `take` fails,
    /// [`Error::Interrupted`]. What `take` was given before is then no answer.
    pub fn run(&self, job: &Job<'_>, take: &mut dyn FnMut(Part) -> Result<(), Failed>) -> Result<Record, Error> {
        let Some(threads) = &self.threads else { return Err(Error::Interrupted) };
        threads.block_on(async {
            let mut going = Going::new(self, job);
            while going.step(take)? {
                tokio::select! {
                    joined = going.tasks.join_next_with_id() => if let Some(joined) = joined {
                        going.joined(joined)?;
                    },
                    () = tokio::time::sleep(TICK) => {}
                }
            }
            Ok(std::mem::take(&mut going.record))
        })
    }
}

/// A run of a range that has begun.
struct Begun {
    attempt: Attempt,
    who: Who,
    buckets: Range<u32>,
    since: Instant,
    meter: Arc<Meter>,
    /// Stops it where it runs here.
    watch: Arc<Watch>,
    abort: AbortHandle,
}

/// A job that is being run.
struct Going<'a> {
    workers: &'a Workers,
    job: &'a Job<'a>,
    request: Arc<[u8]>,
    ranges: Ranges,
    tasks: JoinSet<Result<Part, Fault>>,
    begun: HashMap<Id, Begun>,
    /// The most units that were heard of for each range, by its first bucket.
    units: BTreeMap<u32, u64>,
    record: Record,
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        for begun in self.begun.values() {
            begun.watch.stop();
        }
    }
}

impl<'a> Going<'a> {
    fn new(workers: &'a Workers, job: &'a Job<'a>) -> Self {
        let mut ranges = Ranges::new(job.buckets, workers.clients.len(), &workers.limits);
        let mut record = Record::default();
        for (at, (client, lost)) in workers.clients.iter().zip(&workers.lost).enumerate() {
            if lost.is_some() {
                ranges.leave_out(at);
            }
            record.workers.push(WorkerRecord {
                address: client.address.clone(),
                faults: lost.iter().cloned().collect(),
                is_left_out: lost.is_some(),
                ..WorkerRecord::default()
            });
        }
        let (tasks, begun, units) = (JoinSet::new(), HashMap::new(), BTreeMap::new());
        Going { workers, job, request: job.request.into(), ranges, tasks, begun, units, record }
    }

    /// Begins what can be begun, gives away what is next, and says whether there is more to do.
    fn step(&mut self, take: &mut dyn FnMut(Part) -> Result<(), Failed>) -> Result<bool, Error> {
        if (self.job.is_interrupted)() {
            return Err(Error::Interrupted);
        }
        while let Some(start) = self.ranges.next(Instant::now()) {
            self.begin(start);
        }
        for part in self.ranges.take() {
            take(part).map_err(Error::Taken)?;
        }
        for begun in self.begun.values() {
            let heard = begun.meter.units.load(Ordering::Relaxed).max(begun.watch.units());
            let units = self.units.entry(begun.buckets.start).or_default();
            *units = heard.max(*units);
        }
        (self.job.progress)(Progress {
            ranges_done: self.ranges.done(),
            ranges: self.ranges.len(),
            units: self.units.values().sum(),
            busy: self.ranges.busy_workers(),
        });
        self.record.again = self.ranges.again();
        Ok(!self.ranges.is_finished())
    }

    fn begin(&mut self, start: Start) {
        let Start { attempt, who, buckets } = start;
        let (meter, watch) = (Arc::new(Meter::default()), Arc::new(Watch::default()));
        let request = Arc::clone(&self.request);
        let (range, heard, stop) = (buckets.clone(), Arc::clone(&meter), Arc::clone(&watch));
        let abort = match who {
            Who::Worker(worker) => {
                let Some(client) = self.workers.clients.get(worker).cloned() else { return };
                let key = TaskKey { query_id: Uuid::new_v4(), stage_id: 0, task_number: 0 };
                self.tasks.spawn(async move { client.run(&key, &request, range, &heard).await })
            }
            Who::Here => {
                let runner = Runner {
                    workload: Arc::clone(&self.job.workload),
                    version: self.workers.version.clone(),
                    places: Arc::new(Semaphore::new(1)),
                    alive_every: TICK,
                };
                self.tasks.spawn_blocking(move || {
                    runner.here(&request, range, stop).map_err(|failed| Fault::Never(Error::Here(failed)))
                })
            }
        };
        let since = Instant::now();
        self.begun.insert(abort.id(), Begun { attempt, who, buckets, since, meter, watch, abort });
    }

    /// A run has ended, well or not.
    fn joined(&mut self, joined: Result<(Id, Result<Part, Fault>), JoinError>) -> Result<(), Error> {
        let (id, ended) = match joined {
            Ok((id, ended)) => (id, Some(ended)),
            Err(error) if error.is_cancelled() => (error.id(), None),
            Err(error) => (error.id(), Some(Err(Fault::Now("it broke off".to_owned())))),
        };
        let Some(begun) = self.begun.remove(&id) else { return Ok(()) };
        if let Who::Worker(worker) = begun.who
            && let Some(record) = self.record.workers.get_mut(worker)
        {
            record.seconds += begun.since.elapsed().as_secs_f64();
        }
        match ended {
            None => self.ranges.stopped(begun.attempt),
            Some(Ok(part)) => self.whole(&begun, part),
            Some(Err(fault)) => self.fault(&begun, fault)?,
        }
        Ok(())
    }

    fn whole(&mut self, begun: &Begun, part: Part) {
        let units = begun.meter.units.load(Ordering::Relaxed).max(begun.watch.units());
        self.units.insert(begun.buckets.start, units);
        let done = self.ranges.done();
        let others = self.ranges.whole(begun.attempt, part, Instant::now());
        for other in self.begun.values().filter(|other| others.contains(&other.attempt)) {
            other.watch.stop();
            other.abort.abort();
        }
        if self.ranges.done() == done {
            return;
        }
        match begun.who {
            Who::Here => self.record.here.push(begun.buckets.clone()),
            Who::Worker(worker) => {
                if let Some(record) = self.record.workers.get_mut(worker) {
                    record.ranges.push(begun.buckets.clone());
                    record.bytes += begun.meter.bytes.load(Ordering::Relaxed);
                }
            }
        }
    }

    fn fault(&mut self, begun: &Begun, fault: Fault) -> Result<(), Error> {
        let Who::Worker(worker) = begun.who else {
            if begun.watch.is_stopped() {
                self.ranges.stopped(begun.attempt);
                return Ok(());
            }
            return Err(match fault {
                Fault::Never(error) => error,
                Fault::Now(reason) => Error::Here(Failed::new(reason)),
            });
        };
        let after = self.ranges.fault(begun.attempt, Instant::now());
        let (reason, is_for_ever) = match fault {
            Fault::Now(reason) => (reason, false),
            // It has proved that it holds the secret, so what else went wrong may go well again.
            Fault::Never(error) => (error.to_string(), matches!(error, Error::OtherVersion { .. })),
        };
        if is_for_ever {
            self.ranges.leave_out(worker);
        }
        if let Some(record) = self.record.workers.get_mut(worker) {
            record.faults.push(reason);
            record.is_left_out = after.is_left_out || is_for_ever;
        }
        Ok(())
    }
}
