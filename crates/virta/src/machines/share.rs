//! What one machine does of a study: some buckets of one step.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use virta_cluster::{Failed, Out, Workload};
use virta_flow::{
    Agreement, Answer, Assessment, Catalogue, ClientColumns, ClientPlan, Columns, ContactColumns, Error, PilotClient,
    RunOptions, Source, Step, Threads, run_share,
};
use virta_model::settings::Study;
use virta_store::Store;

use super::request::{Asked, to_batch};
use crate::pilots;
use crate::source::{SourceError, StoreSource};

/// Studies whose code lists are kept between ranges.
const KEPT: usize = 4;
/// How long they are kept after their last range. While a study is kept, no expiry removes what it reads.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// Where a machine finds a store.
#[derive(Debug)]
pub(crate) enum Stores {
    /// By its name in a folder.
    In(PathBuf),
    /// The one that the study is asked of, on the machine where it is asked.
    Here(PathBuf),
}

/// Runs ranges of studies over the stores that this machine sees.
#[derive(Debug)]
pub(crate) struct Shares {
    stores: Stores,
    count: usize,
    /// Begun with the first range.
    threads: Mutex<Option<Arc<Threads>>>,
    kept: Mutex<Vec<Kept>>,
}

#[derive(Debug)]
struct Kept {
    study: Arc<Opened>,
    used: Instant,
}

/// A study over a snapshot, ready to be run.
#[derive(Debug)]
struct Opened {
    asked: Asked,
    study: Study,
    source: StoreSource,
    pilots: Vec<PilotClient>,
}

impl Shares {
    /// With so many threads for all ranges; 0 is one for each processor.
    pub(crate) fn new(stores: Stores, count: usize) -> Self {
        Shares { stores, count, threads: Mutex::default(), kept: Mutex::default() }
    }

    fn threads(&self) -> Result<Arc<Threads>, Failed> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let threads = match &mut *threads {
            Some(threads) => threads,
            none => none.insert(Arc::new(Threads::new(self.count).map_err(Failed::new)?)),
        };
        Ok(Arc::clone(threads))
    }

    /// Lets go of studies that nobody has asked for since long.
    pub(crate) fn forget(&self) {
        let now = Instant::now();
        self.kept().retain(|kept| now.duration_since(kept.used) < KEPT_FOR);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open(&self, asked: Asked) -> Result<Arc<Opened>, Failed> {
        let now = Instant::now();
        if let Some(kept) = self.kept().iter_mut().find(|kept| kept.study.asked == asked) {
            kept.used = now;
            return Ok(Arc::clone(&kept.study));
        }
        let study = Study::parse(&asked.study).map_err(|_| Failed::new("the study cannot be read"))?;
        let path = match &self.stores {
            Stores::In(folder) => folder.join(&asked.store),
            Stores::Here(path) => path.clone(),
        };
        let cannot = |error: &dyn std::fmt::Display| Failed::new(format!("store {}: {error}", asked.store));
        let store = Store::open(&path).map_err(|error| cannot(&error))?;
        let snapshot = store.snapshot(&asked.snapshot).map_err(|error| cannot(&error))?;
        let source = StoreSource::open(&snapshot, &study).map_err(|error| cannot(&error))?;
        let pilots = if study.pilots.is_empty() { Ok(Vec::new()) } else { pilots::clients(&snapshot) };
        let pilots = pilots.map_err(|error| cannot(&error))?;
        let opened = Arc::new(Opened { asked, study, source, pilots });
        let mut kept = self.kept();
        kept.truncate(KEPT - 1);
        kept.insert(0, Kept { study: Arc::clone(&opened), used: now });
        Ok(opened)
    }
}

impl Workload for Shares {
    fn run(&self, request: &[u8], buckets: Range<u32>, out: &Out) -> Result<(), Failed> {
        let (asked, step) = Asked::read(request)?;
        let step = Step::from_bytes(step).map_err(Failed::new)?;
        let opened = self.open(asked)?;
        let told = AtomicU64::new(0);
        let tell = |progress: virta_flow::Progress| {
            let before = told.fetch_max(progress.contacts_done, Ordering::Relaxed);
            out.advance(progress.contacts_done.saturating_sub(before));
        };
        let options = RunOptions {
            pilots: &opened.pilots,
            study_hash: opened.asked.study_hash.clone(),
            snapshot: opened.asked.snapshot.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            progress: Some(&tell),
            ..RunOptions::default()
        };
        let threads = self.threads()?;
        let source = Stoppable { source: &opened.source, out };
        run_share(&opened.study, &source, &options, &threads, &step, buckets, &mut |piece| {
            let batch = to_batch(piece).and_then(|batch| out.batch(&batch));
            batch.map_err(|failed| Error::Workers(Box::new(failed)))
        })
        .map_err(|error| match error {
            Error::Source { bucket, source } => Failed::new(format!("bucket {bucket}: {source}")),
            error => Failed::new(error),
        })
    }
}

/// A store that ends with an error when nobody waits for the answer any more.
struct Stoppable<'a> {
    source: &'a StoreSource,
    out: &'a Out,
}

/// Why a bucket was not read to its end.
#[derive(Debug, thiserror::Error)]
enum NotRead {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("nobody waits for it any more")]
    Stopped,
}

impl Stoppable<'_> {
    fn unless_stopped(&self) -> Result<&StoreSource, NotRead> {
        if self.out.is_stopped() { Err(NotRead::Stopped) } else { Ok(self.source) }
    }
}

impl Source for Stoppable<'_> {
    type Error = NotRead;

    fn catalogue(&self) -> &Catalogue {
        self.source.catalogue()
    }

    fn bucket_count(&self) -> u32 {
        self.source.bucket_count()
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, NotRead> {
        Ok(self.unless_stopped()?.clients(bucket)?)
    }

    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), NotRead> {
        Ok(self.unless_stopped()?.contacts(bucket, wanted, visit)?)
    }

    fn agreements(&self) -> Result<Vec<Agreement>, NotRead> {
        Ok(self.unless_stopped()?.agreements()?)
    }

    fn feedback(&self, bucket: u32) -> Result<Vec<Answer>, NotRead> {
        Ok(self.unless_stopped()?.feedback(bucket)?)
    }

    fn assessments(&self, bucket: u32) -> Result<Vec<Assessment>, NotRead> {
        Ok(self.unless_stopped()?.assessments(bucket)?)
    }

    fn plans(&self, bucket: u32) -> Result<Vec<ClientPlan>, NotRead> {
        Ok(self.unless_stopped()?.plans(bucket)?)
    }
}
