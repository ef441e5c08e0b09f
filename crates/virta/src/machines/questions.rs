//! Statements in SQL on several machines: what is asked of workers, and what a worker does.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema};
use serde::{Deserialize, Serialize};
use virta_cluster::{Error, Failed, Job, Limits, Out, Part, Secret, Workload};
use virta_query::{Bound, Engine, Options, Session, Share, WrittenFor};
use virta_store::{Snapshot, Store, StudyResults};

use super::request::is_name;
use super::{VERSION, read_secret, refused};
use crate::failure::Failure;

/// What the request for a share of a statement begins with; that for a study begins with its JSON.
pub(super) const MARK: &[u8] = b"sql\n";
/// Sessions that a worker keeps between ranges.
const KEPT: usize = 8;
/// How long they are kept after their last range. While a session is kept, no expiry removes what it reads.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// Partitions of a plan, at most: more than any machine has threads.
const PARTITIONS_MAX: usize = 4096;
/// After so long, workers that were lost are tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);
/// By this word, in what the schema says beside its columns, a batch says that the statement itself fails.
const FAILS: &str = "virta.fails";

/// What a session looks at, and how it plans: both sides must have it in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Of {
    /// The folder of the store, without those above it.
    store: String,
    snapshot: String,
    /// The studies with the ids of their results, in order.
    results: Vec<(String, String)>,
    partitions: usize,
    is_for_postgres: bool,
    memory_limit_bytes: Option<u64>,
}

/// A share as it travels.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    of: Of,
    statement: String,
    /// Texts with their types.
    values: Vec<(Option<String>, String)>,
    began_ns: i64,
    is_plain: bool,
    number: usize,
    plan: String,
}

impl Asked {
    fn new(of: &Of, share: &Share) -> Result<Self, String> {
        let value = |bound: &Bound| {
            let data_type = bound.data_type.to_string();
            let is_read_back = data_type.parse::<DataType>().is_ok_and(|read| read == bound.data_type);
            is_read_back.then(|| (bound.text.clone(), data_type)).ok_or("a parameter's type cannot travel")
        };
        Ok(Asked {
            of: of.clone(),
            statement: share.statement.clone(),
            values: share.values.iter().map(value).collect::<Result<_, _>>()?,
            began_ns: share.began_ns,
            is_plain: share.is_plain,
            number: share.number,
            plan: share.plan.clone(),
        })
    }

    fn request(&self) -> Result<Vec<u8>, String> {
        let mut bytes = MARK.to_vec();
        serde_json::to_writer(&mut bytes, self).map_err(|error| error.to_string())?;
        Ok(bytes)
    }

    fn read(request: &[u8]) -> Result<(Of, Share), Failed> {
        let unreadable = || Failed::new("the request cannot be read");
        let asked: Asked = serde_json::from_slice(request).map_err(|_| unreadable())?;
        if !is_name(&asked.of.store) {
            return Err(Failed::new("the store is not named by its folder alone"));
        }
        if asked.of.partitions > PARTITIONS_MAX {
            return Err(Failed::new("the plan is to have too many partitions"));
        }
        let value = |(text, data_type): (Option<String>, String)| {
            Ok(Bound { text, data_type: data_type.parse().map_err(|_| unreadable())? })
        };
        let share = Share {
            statement: asked.statement,
            values: asked.values.into_iter().map(value).collect::<Result<_, Failed>>()?,
            began_ns: asked.began_ns,
            is_plain: asked.is_plain,
            number: asked.number,
            plan: asked.plan,
        };
        Ok((asked.of, share))
    }
}

/// Workers that sessions ask, as many as are there.
#[derive(Debug)]
pub(crate) struct Reached {
    addresses: Vec<String>,
    secret: Option<Secret>,
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    workers: Option<Arc<virta_cluster::Workers>>,
    tried: Instant,
    is_being_tried: bool,
    /// Whether one was lost since.
    is_worn: bool,
}

impl Reached {
    /// Reaches the workers. Those that do not answer are left out for a while. A range's rows may take as many bytes as
    /// this machine may use.
    pub(crate) fn reach(
        addresses: &[String],
        secret: Option<&Path>,
        memory_limit_bytes: Option<u64>,
    ) -> Result<Arc<Self>, Failure> {
        let (reached, connected) = Self::try_to_reach(addresses, secret, memory_limit_bytes)?;
        connected.map_err(|error| refused(&error))?;
        Ok(reached)
    }

    /// As [`reach`](Self::reach), also where none answers now: the reason comes with it.
    pub(crate) fn reach_sometime(
        addresses: &[String],
        secret: Option<&Path>,
        memory_limit_bytes: Option<u64>,
    ) -> Result<(Arc<Self>, Option<String>), Failure> {
        let (reached, connected) = Self::try_to_reach(addresses, secret, memory_limit_bytes)?;
        match connected {
            Ok(()) => Ok((reached, None)),
            Err(error @ Error::Nobody(_)) => Ok((reached, Some(error.to_string()))),
            Err(error) => Err(refused(&error)),
        }
    }

    fn try_to_reach(
        addresses: &[String],
        secret: Option<&Path>,
        memory_limit_bytes: Option<u64>,
    ) -> Result<(Arc<Self>, Result<(), Error>), Failure> {
        let secret = read_secret(secret)?;
        let mut limits = Limits::default();
        // A range's rows are held until all of them are there.
        limits.range_bytes = memory_limit_bytes.unwrap_or(limits.range_bytes);
        let connected = virta_cluster::Workers::connect(addresses, VERSION, secret.as_ref(), limits.clone());
        let (workers, outcome) = match connected {
            Ok(workers) => (Some(Arc::new(workers)), Ok(())),
            Err(error) => (None, Err(error)),
        };
        let state = State { workers, tried: Instant::now(), is_being_tried: false, is_worn: false };
        let reached = Reached { addresses: addresses.to_vec(), secret, limits, state: Mutex::new(state) };
        Ok((Arc::new(reached), outcome))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The workers that are there. Where some are lost, they are tried again meanwhile.
    fn workers(self: &Arc<Self>) -> Option<Arc<virta_cluster::Workers>> {
        let mut state = self.state();
        let some_are_lost = state.workers.as_ref().is_none_or(|workers| workers.lost().next().is_some());
        let is_time = some_are_lost && state.tried.elapsed() > AGAIN_AFTER;
        if (state.is_worn || is_time) && !state.is_being_tried {
            state.is_being_tried = true;
            let own = Arc::clone(self);
            std::thread::spawn(move || own.try_again());
        }
        state.workers.clone()
    }

    fn try_again(&self) {
        let (secret, limits) = (self.secret.as_ref(), self.limits.clone());
        let connected = virta_cluster::Workers::connect(&self.addresses, VERSION, secret, limits);
        let mut state = self.state();
        state.workers = connected.ok().map(Arc::new);
        (state.tried, state.is_being_tried, state.is_worn) = (Instant::now(), false, false);
    }

    /// Has a session over a store ask these workers. Told are the threads and bytes that this machine may use.
    pub(crate) fn serve_session(
        self: &Arc<Self>,
        store: &Path,
        (snapshot, studies): (&Snapshot, &[StudyResults]),
        (threads, memory_limit_bytes): (usize, Option<usize>),
        options: &mut Options,
    ) -> Result<(), Failure> {
        let path = store.canonicalize().map_err(|error| Failure::io("read", store, &error))?;
        // With one partition nothing is summed up in two steps, of which workers could do the first.
        let partitions = threads.clamp(2, PARTITIONS_MAX);
        let of = Of {
            store: path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            snapshot: snapshot.id().to_owned(),
            results: studies.iter().map(|results| (results.study().to_owned(), results.id().to_owned())).collect(),
            partitions,
            is_for_postgres: options.written_for == WrittenFor::Postgres,
            memory_limit_bytes: memory_limit_bytes.map(|bytes| bytes as u64),
        };
        options.partitions = Some(partitions);
        options.workers = Some(Arc::new(Asking { reached: Arc::clone(self), of, buckets: snapshot.bucket_count() }));
        Ok(())
    }
}

/// A session that asks workers.
#[derive(Debug)]
struct Asking {
    reached: Arc<Reached>,
    of: Of,
    buckets: u32,
}

impl virta_query::Workers for Asking {
    fn run(
        &self,
        share: &Share,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(Range<u32>, Vec<RecordBatch>) -> bool,
    ) -> Result<(), String> {
        let request = Asked::new(&self.of, share)?.request()?;
        let workers = self.reached.workers().ok_or("no worker is there")?;
        let job = Job {
            workload: Arc::new(NotHere),
            request: &request,
            buckets: self.buckets,
            progress: &|_| {},
            is_interrupted: is_stopped,
        };
        let ran = workers.run(&job, &mut |part: Part| {
            let fails = part.batches.iter().any(|batch| batch.schema_ref().metadata().contains_key(FAILS));
            match !fails && take(part.buckets, part.batches) {
                true => Ok(()),
                false => Err(Failed::stopped()),
            }
        });
        let is_worn = match &ran {
            Ok(record) => record.workers.iter().any(|worker| worker.is_left_out),
            Err(error) => matches!(error, Error::Here(_)),
        };
        if is_worn {
            self.reached.state().is_worn = true;
        }
        ran.map(drop).map_err(|error| error.to_string())
    }
}

/// Nobody else can run it: then the session runs all that is left, as one plan.
#[derive(Debug)]
struct NotHere;

impl Workload for NotHere {
    fn run(&self, _: &[u8], _: Range<u32>, _: &Out) -> Result<(), Failed> {
        Err(Failed::new("no worker can run it"))
    }
}

/// Runs shares of statements over the stores that this machine sees.
#[derive(Debug)]
pub(super) struct Questions {
    stores: PathBuf,
    threads: usize,
    memory_limit_bytes: usize,
    /// By store and limit, while a session uses them.
    engines: Mutex<Vec<(PathBuf, usize, Weak<Engine>)>>,
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    of: Of,
    session: Arc<Session>,
    used: Instant,
}

impl Questions {
    /// Over the stores in a folder, with so many threads; 0 is one for each processor.
    pub(super) fn new(stores: PathBuf, threads: usize, memory_limit_bytes: usize) -> Self {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        Questions { stores, threads, memory_limit_bytes, engines: Mutex::default(), kept: Mutex::default() }
    }

    /// Lets go of sessions that nobody has asked since long.
    pub(super) fn forget(&self) {
        let now = Instant::now();
        let is_old = |kept: &mut Kept| now.duration_since(kept.used) >= KEPT_FOR;
        let old: Vec<Kept> = self.kept().extract_if(.., is_old).collect();
        if !old.is_empty() {
            // Threads of a session end while others wait, which is not allowed where this is called.
            std::thread::spawn(move || drop(old));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The threads and memory for statements over a store, which those of all coordinators share.
    fn engine(&self, store: &Path, limit: usize) -> virta_query::Result<Arc<Engine>> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        engines.retain(|(_, _, engine)| engine.strong_count() > 0);
        let known = engines.iter().find(|(known, bytes, _)| known == store && *bytes == limit);
        if let Some(engine) = known.and_then(|(_, _, engine)| engine.upgrade()) {
            return Ok(engine);
        }
        // A store that cannot be written to has no place for what does not fit into memory.
        let engine = Engine::new(self.threads, Some(limit), Some(store.join("tmp")));
        let engine = Arc::new(engine.or_else(|_| Engine::new(self.threads, Some(limit), None))?);
        engines.push((store.to_owned(), limit, Arc::downgrade(&engine)));
        Ok(engine)
    }

    fn session(&self, of: Of) -> Result<Arc<Session>, Failed> {
        let now = Instant::now();
        if let Some(kept) = self.kept().iter_mut().find(|kept| kept.of == of) {
            kept.used = now;
            return Ok(Arc::clone(&kept.session));
        }
        let cannot = |error: &dyn std::fmt::Display| Failed::new(format!("store {}: {error}", of.store));
        let store = Store::open(&self.stores.join(&of.store)).map_err(|error| cannot(&error))?;
        let snapshot = store.snapshot(&of.snapshot).map_err(|error| cannot(&error))?;
        let results = |(study, id): &(String, String)| {
            let of_snapshot = store.results_on(study, snapshot.id()).into_iter();
            let mut all = store.results(study).into_iter().chain(of_snapshot);
            all.find(|results| results.id() == id).ok_or_else(|| cannot(&format!("other results of {study}")))
        };
        let studies: Vec<StudyResults> = of.results.iter().map(results).collect::<Result<_, _>>()?;
        let asked = of.memory_limit_bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(usize::MAX);
        let engine = self.engine(store.root(), self.memory_limit_bytes.min(asked)).map_err(|error| cannot(&error))?;
        let options = Options {
            engine: Some(engine),
            partitions: Some(of.partitions),
            written_for: if of.is_for_postgres { WrittenFor::Postgres } else { WrittenFor::Virta },
            ..Options::default()
        };
        let session = Session::open(&snapshot, &studies, options).map_err(|error| cannot(&error))?;
        let session = Arc::new(session);
        let mut kept = self.kept();
        kept.truncate(KEPT - 1);
        kept.insert(0, Kept { of, session: Arc::clone(&session), used: now });
        Ok(session)
    }

    /// Runs the rest of a request behind its mark.
    pub(super) fn run(&self, request: &[u8], buckets: Range<u32>, out: &Out) -> Result<(), Failed> {
        let (of, share) = Asked::read(request)?;
        let session = self.session(of)?;
        let told = std::cell::Cell::new(0);
        let look = |rows: u64| {
            out.advance(rows.saturating_sub(told.replace(rows.max(told.get()))));
            !out.is_stopped()
        };
        let mut unsent = None;
        let ran = session.run_share(&share, buckets, &look, &mut |batch| match out.batch(&batch) {
            Ok(()) => true,
            Err(failed) => {
                unsent = Some(failed);
                false
            }
        });
        match (ran, unsent) {
            (_, Some(failed)) => Err(failed),
            (Ok(()), None) => Ok(()),
            (Err(virta_query::Error::Interrupted), None) => Err(Failed::stopped()),
            (Err(error @ virta_query::Error::Store(_)), None) => Err(Failed::new(error)),
            // Whoever tries it again fails in the same way, so it is told at once to the one who can say it to the user.
            (Err(_), None) => out.batch(&fails()),
        }
    }
}

/// Says that the statement itself fails.
fn fails() -> RecordBatch {
    let metadata = [(FAILS.to_owned(), String::new())];
    RecordBatch::new_empty(Arc::new(Schema::empty().with_metadata(metadata.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(store: &str) -> Of {
        Of {
            store: store.to_owned(),
            snapshot: "3f".to_owned(),
            results: vec![("a".to_owned(), "5e".to_owned())],
            partitions: 2,
            is_for_postgres: false,
            memory_limit_bytes: None,
        }
    }

    fn share() -> Share {
        let data_type = DataType::List(Arc::new(arrow::datatypes::Field::new_list_field(DataType::Int64, true)));
        let listed = Bound { text: Some("{1}".to_owned()), data_type };
        let text = Bound { text: None, data_type: DataType::Utf8 };
        Share {
            statement: "select 1".to_owned(),
            values: vec![text, listed],
            began_ns: 7,
            is_plain: true,
            number: 1,
            plan: "StoreScan".to_owned(),
        }
    }

    #[test]
    fn a_share_arrives_as_it_was_sent() {
        let request = Asked::new(&of("region"), &share()).unwrap().request().unwrap();
        let (back, shared) = Asked::read(request.strip_prefix(MARK).unwrap()).unwrap();
        assert_eq!((back, shared), (of("region"), share()));
    }

    #[test]
    fn a_store_elsewhere_cannot_be_asked_for() {
        for store in ["", ".", "..", "../region", "/etc", "a/b", "region/"] {
            let mut share = share();
            share.values.clear();
            let request = Asked::new(&of(store), &share).unwrap().request().unwrap();
            assert!(Asked::read(request.strip_prefix(MARK).unwrap()).is_err(), "{store}");
        }
    }

    #[test]
    fn a_plan_of_more_partitions_than_any_machine_has_threads_is_refused() {
        for (partitions, is_read) in [(PARTITIONS_MAX, true), (PARTITIONS_MAX + 1, false)] {
            let asked = Asked::new(&Of { partitions, ..of("region") }, &share());
            let request = asked.unwrap().request().unwrap();
            assert_eq!(Asked::read(request.strip_prefix(MARK).unwrap()).is_ok(), is_read, "{partitions}");
        }
    }
}
