//! One command: every file of the given profiles, one commit.

mod accounts;
pub(crate) mod conflicts;
mod merging;
mod receive;
mod sharing;
mod side;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use hashbrown::HashMap;
use virta_model::schema::{self, MUNICIPALITIES, QUARANTINE};
use virta_model::settings::FileSpec;
use virta_model::{Day, Table, Value, municipality};
use virta_store::{Commit, Snapshot, Store};

use self::conflicts::KeyedFile;
use crate::error::{Error, Refusal, Result};
use crate::key::{ProjectKey, RowHasher};
use crate::ledger::advice::Strangers;
use crate::ledger::deliveries::Deliveries;
use crate::ledger::entries::{self, Quarantine, Refused};
use crate::ledger::report::{DeliveryReport, IngestReport};
use crate::merge::catalogue::Catalogue;
use crate::merge::identity;
use crate::merge::name_book::NameBook;
use crate::profile::sources::{DeliveredFile, LoadedProfile};
use crate::rows::intern::Interner;
use crate::rows::layout::Layout;
use crate::rows::memory::MemoryLimit;
use crate::rows::route::Router;
use merging::Merged;

/// How to ingest. The result does not depend on threads or memory.
#[derive(Debug, Clone)]
pub struct Options {
    /// Does everything but the commit.
    pub dry_run: bool,
    pub threads: usize,
    /// Bytes that may be held; beyond it rows are spilled to the store's disk. 64 MB at the least.
    pub memory_limit: usize,
    /// The day of every extract, instead of what the profiles say.
    pub extracted_on: Option<Day>,
    /// Set by another thread to stop: nothing is changed then.
    pub cancel: Arc<AtomicBool>,
}

impl Default for Options {
    /// All processors, 1 GB.
    fn default() -> Self {
        Options {
            dry_run: false,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            memory_limit: 1 << 30,
            extracted_on: None,
            cancel: Arc::default(),
        }
    }
}

/// What an ingest is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading delivered files: `done` of `total` bytes.
    Reading,
    /// Merging and writing: `done` of `total` buckets.
    Writing,
}

/// How far an ingest is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    pub phase: Phase,
    pub done: u64,
    pub total: u64,
    /// Rows read so far, about.
    pub rows: u64,
    /// Name of the file that is read.
    pub file: &'a str,
}

/// Called now and then, from several threads.
pub type OnProgress<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

/// Ingests every file that the profiles name, as one commit.
///
/// # Errors
/// A wrong key, an unusable profile, code list or file, a file with too many bad rows, an I/O error, an interruption:
/// whatever it is, the store is as before. All refused files are named at once.
pub fn ingest(
    store: &Store,
    key: &ProjectKey,
    profiles: &[impl AsRef<Path>],
    options: &Options,
    progress: OnProgress<'_>,
) -> Result<IngestReport> {
    key.check(store.key_id())?;
    let memory = MemoryLimit::new(options.memory_limit);
    let mut loaded: Vec<LoadedProfile> = Vec::new();
    for path in profiles {
        loaded.push(LoadedProfile::load(path.as_ref(), memory)?);
    }
    let mut files = Vec::new();
    for (at, profile) in loaded.iter().enumerate() {
        files.extend(profile.files(options.extracted_on)?.into_iter().map(|file| (at, file)));
    }
    let undated: Vec<Refusal> = files.iter().filter_map(|(_, file)| file.refuse_without_day()).collect();
    if !undated.is_empty() {
        return Err(Error::Refused(undated));
    }
    let commit = store.begin()?;
    Ingest::new(&commit, key, &loaded, options, progress)?.run(files)?.finish(commit)
}

/// A table that this ingest fills.
struct TableWork {
    layout: Layout,
    /// Some of its rows are read again, so that every bucket is looked at.
    all_buckets: bool,
}

struct Ingest<'a> {
    commit: &'a Commit,
    key: &'a ProjectKey,
    profiles: &'a [LoadedProfile],
    options: &'a Options,
    progress: OnProgress<'a>,
    texts: Interner,
    deliveries: Deliveries,
    catalogue: Catalogue,
    names: NameBook,
    tables: Vec<TableWork>,
    refused: Vec<Refused>,
    /// By source, whether by its client list, and domain of pseudonyms: who its people would be in other ways.
    alternates: HashMap<(u32, bool, String), Strangers>,
    keyed_files: Vec<KeyedFile>,
    reports: Vec<(u32, DeliveryReport)>,
}

/// An ingest whose commit is ready.
struct Ready {
    report: IngestReport,
}

impl Ready {
    fn finish(mut self, commit: Commit) -> Result<IngestReport> {
        if self.report.dry_run {
            self.report.snapshot = commit.base().id().to_owned();
            return Ok(self.report);
        }
        let committed = commit.finish()?;
        self.report.snapshot = committed.snapshot.id().to_owned();
        self.report.changed = committed.changed;
        Ok(self.report)
    }
}

impl<'a> Ingest<'a> {
    fn new(
        commit: &'a Commit,
        key: &'a ProjectKey,
        profiles: &'a [LoadedProfile],
        options: &'a Options,
        progress: OnProgress<'a>,
    ) -> Result<Self> {
        let texts = Interner::default();
        let deliveries = entries::read(commit.base(), &texts)?;
        let catalogue = Catalogue::read(commit.base())?;
        let names = NameBook::read(commit.base())?;
        let tables = tables_of(profiles, commit.base());
        Ok(Ingest {
            commit,
            key,
            profiles,
            options,
            progress,
            texts,
            deliveries,
            catalogue,
            names,
            tables,
            refused: Vec::new(),
            alternates: HashMap::new(),
            keyed_files: Vec::new(),
            reports: Vec::new(),
        })
    }

    fn memory(&self) -> MemoryLimit {
        MemoryLimit::new(self.options.memory_limit)
    }

    /// Bytes of rows on their way; as many again may be merged at a time.
    fn rows_share(&self) -> usize {
        self.memory().rows(self.profiles.iter().map(LoadedProfile::side_bytes).sum())
    }

    fn run(mut self, files: Vec<(usize, DeliveredFile)>) -> Result<Ready> {
        let mut router = Router::new(
            self.tables.iter().map(|work| &work.layout),
            self.commit.base().bucket_count(),
            self.rows_share(),
            self.commit,
        );
        self.expect_keys(&files, &mut router);
        self.enter_side_files()?;
        self.read_all(&files, &router)?;
        for (at, file) in &files {
            self.add_code_lists(*at, file);
        }
        self.settle_keys(&router)?;
        let Merged { change, linkage, advice } = self.merge_all(&router)?;
        drop(router);
        self.check_conflicts(&change)?;
        let known = self.commit.base().rows(QUARANTINE.name) as usize;
        let refused = known + self.refused.len() + change.conflicting.values().sum::<u64>() as usize;
        if let Some(needed) = self.memory().for_refused_rows(refused) {
            let message = format!("the quarantine would have {refused} rows, more than the memory limit allows");
            let fix = format!("mend the profile or the deliveries, or raise --memory-limit to at least {needed}");
            return Err(Error::settings(Path::new("quarantine"), "memory", message, fix));
        }
        let mut quarantine = Quarantine::read(self.commit.base(), &self.deliveries, &self.texts)?;
        quarantine.rows.append(&mut self.refused);
        quarantine.replace_conflicts(&change.conflicts_before, &change.conflicts_after, &self.texts);
        self.account(&change, &quarantine)?;
        if !self.options.dry_run {
            quarantine.write(self.commit, &self.deliveries, &self.texts.texts())?;
            self.catalogue.write(self.commit)?;
            self.names.write(self.commit)?;
            write_municipalities(self.commit)?;
            entries::write(self.commit, &self.deliveries)?;
            linkage.write(self.commit, &self.texts.texts())?;
        }
        let linkage = linkage.by_source(self.deliveries.sources_and_days(), &self.texts.texts());
        let mut report = self.report(&change, &quarantine);
        report.linkage = linkage;
        report.advice = advice;
        Ok(Ready { report })
    }
}

fn tables_of(profiles: &[LoadedProfile], base: &Snapshot) -> Vec<TableWork> {
    let specs = || profiles.iter().flat_map(|profile| &profile.profile.files);
    schema::STORE
        .iter()
        .filter(|table| specs().any(|spec| spec.table == table.name))
        .map(|table| {
            let keyed = specs().any(|spec| spec.table == table.name && !spec.row_key.is_empty())
                || base.rows(&identity::name_of(table.name)) > 0;
            TableWork { layout: Layout::new(table, keyed), all_buckets: false }
        })
        .collect()
}

/// What the identities of a section's rows are made with: they are those of its source, its table and its `row_key`.
pub(crate) fn identity_purpose(key: &ProjectKey, source: &str, spec: &FileSpec, ordinal: usize) -> RowHasher {
    let ordinal = ordinal.to_string();
    let mut purpose = vec!["identity", source, spec.table.as_str(), ordinal.as_str()];
    purpose.extend(spec.row_key.iter().map(String::as_str));
    key.row_key(&purpose)
}

fn write_municipalities(commit: &Commit) -> Result<()> {
    let mut table = Table::new(&MUNICIPALITIES);
    for known in municipality::municipalities() {
        let successor = municipality::successor_of(known.code, i32::MAX);
        table.push(&[
            Value::Text(known.code),
            Value::Text(known.name_fi),
            Value::Text(known.name_sv),
            Value::Text(known.county),
            successor.map_or(Value::Null, Value::Text),
        ]);
    }
    Ok(commit.replace(&table)?)
}
