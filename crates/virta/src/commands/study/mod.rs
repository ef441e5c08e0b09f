//! `virta study`: finds the cohorts, runs every analysis that the study asks for, writes the tables.

pub(crate) mod page;
mod pilots;
mod unknown;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde::Serialize;
use virta_flow::{RunOptions, Workers};
use virta_model::Table;
use virta_model::schema::COHORT;
use virta_model::settings::Study;
use virta_store::{ResultMeta, Snapshot, Store, StudyResults};

use self::unknown::Unknown;
use super::linkage;
use crate::args::{Common, StudyArgs};
use crate::failure::Failure;
use crate::interrupt::{self, Patience};
use crate::known::{self, EndsBefore};
use crate::machines::{Done, Machines, Question};
use crate::output::Output;
use crate::pilots::{self as pilot_clients, Earlier};
use crate::progress::{self, Unit};
use crate::render::{self, Rows};
use crate::source::StoreSource;
use crate::view::View;

/// Under this name the results keep the text of the study that made them.
pub(crate) const STUDY_TEXT: &str = "study_toml";

pub(crate) fn run(args: &StudyArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    let begun = Instant::now();
    super::use_threads(common)?;
    let text = fs::read_to_string(&args.study).map_err(|error| Failure::io("read the study", &args.study, &error))?;
    let study = Study::parse(&text).map_err(|error| Failure::settings(&args.study, error))?;
    let store = Store::open(&args.store)?;
    let snapshot = super::snapshot_of(&store, &args.as_of)?;
    let source = StudySource { study: &study, text: &text, path: &args.study, new_baselines: args.new_baselines };
    let (found, machines) = match args.workers.as_slice() {
        [] => (find(&store, &snapshot, &source, common)?, None),
        addresses => {
            let bar = progress::bar("reading contacts", snapshot.rows("contacts"), Unit::Things);
            let tell = |done| bar.set_position(done);
            let threads = common.threads();
            let question = Question {
                store: &args.store,
                snapshot: &snapshot,
                study: &text,
                study_hash: &hash_of(&text),
                threads: threads.unwrap_or(0),
            };
            let mut machines = Machines::reach(addresses, args.secret.as_deref(), &question, &tell)?;
            let found =
                find_through(&store, &snapshot, &source, threads, (&tell, Arc::default()), Some(&mut machines))?;
            bar.finish_and_clear();
            (found, Some(machines.done()))
        }
    };
    found.patience.keep();
    if out.is_json() {
        return out.document(&found.document(&study, snapshot.id(), machines));
    }
    out.text(found.page(&study))?;
    if let Some(machines) = machines {
        out.text(format!("\n{}", machines.page()))?;
    }
    out.text(format!(
        "\n{} tables, {} rows, of snapshot {} in {:.2} s: {}",
        found.table_count(),
        render::count(found.rows()),
        super::short(snapshot.id()),
        begun.elapsed().as_secs_f64(),
        found.results.folder().display()
    ))
}

/// What a study found, and where it was written.
#[derive(Debug)]
pub(crate) struct Found {
    /// All but those with about a row for each client, which are on disk only.
    pub tables: Vec<Table>,
    pub results: StudyResults,
    /// What the study names and the store does not know.
    unknown: Vec<Unknown>,
    /// The results are visible: an interrupt is too late while this lives.
    patience: Patience,
}

/// A study to run, as it was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StudySource<'a> {
    pub study: &'a Study,
    pub text: &'a str,
    pub path: &'a Path,
    /// Whether the baselines of pilots are made anew though an earlier run has some.
    pub new_baselines: bool,
}

/// Runs a study over a snapshot and writes its tables.
pub(crate) fn find(
    store: &Store,
    snapshot: &Snapshot,
    asked: &StudySource<'_>,
    common: &Common,
) -> Result<Found, Failure> {
    let bar = progress::bar("reading contacts", snapshot.rows("contacts"), Unit::Things);
    let tell = |done| bar.set_position(done);
    let found = find_telling(store, snapshot, asked, common.threads(), &tell, Arc::default())?;
    bar.finish_and_clear();
    Ok(found)
}

/// As [`find`], telling how many contacts have been read instead of showing it. Once `stop` is set, the run ends with an
/// error and the earlier results stay.
pub(crate) fn find_telling(
    store: &Store,
    snapshot: &Snapshot,
    asked: &StudySource<'_>,
    threads: Option<usize>,
    tell: &(dyn Fn(u64) + Sync),
    stop: Arc<AtomicBool>,
) -> Result<Found, Failure> {
    find_through(store, snapshot, asked, threads, (tell, stop), None)
}

/// As [`find_telling`], with the buckets read by `workers` if there are any.
fn find_through(
    store: &Store,
    snapshot: &Snapshot,
    asked: &StudySource<'_>,
    threads: Option<usize>,
    (tell, stop): (&(dyn Fn(u64) + Sync), Arc<AtomicBool>),
    workers: Option<&mut dyn Workers>,
) -> Result<Found, Failure> {
    let StudySource { study, text, path, new_baselines } = *asked;
    let source = StoreSource::open(snapshot, study)?.until(Arc::clone(&stop));
    let on_progress = |progress: virta_flow::Progress| tell(progress.contacts_done);
    let pilots = if study.pilots.is_empty() { Vec::new() } else { pilot_clients::clients(snapshot)? };
    let earlier = if new_baselines { None } else { Earlier::read(store, study, text)? };
    let frozen = earlier.as_ref().map(Earlier::frozen).unwrap_or_default();
    let options = RunOptions {
        pilots: &pilots,
        frozen: &frozen,
        threads: threads.unwrap_or(0),
        study_hash: hash_of(text),
        snapshot: snapshot.id().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        progress: Some(&on_progress),
    };
    let meta = ResultMeta {
        study_hash: options.study_hash.clone(),
        snapshot: options.snapshot.clone(),
        version: options.version.clone(),
        settings: pilot_clients::definitions(study, text)
            .into_iter()
            .chain([(STUDY_TEXT.to_owned(), text.to_owned())])
            .chain([(known::KNOWN_TO.to_owned(), known::to_setting(&known::known_to(snapshot)?))])
            .collect(),
    };
    let writer = store.begin_results(&study.study.name, &meta)?;
    let half_made = interrupt::temporary(vec![writer.folder().to_owned()]);
    let tables = match workers {
        None => virta_flow::run_into(study, &source, &options, &writer),
        Some(workers) => virta_flow::run_shared(study, &source, &options, &writer, workers),
    };
    let mut tables = tables.map_err(|error| flow_failure(&error, text, path))?;
    if let Some(sources) = virta_ingest::linkage(snapshot)? {
        tables.push(linkage::table(&sources));
    }
    if stop.load(Ordering::Relaxed) {
        return Err(Failure::Interrupted);
    }
    let patience = interrupt::patience();
    drop(half_made);
    let results = writer.finish(&tables)?;
    Ok(Found { tables, results, unknown: unknown::names(study, &source), patience })
}

impl Found {
    pub(crate) fn table_count(&self) -> usize {
        self.results.tables().count()
    }

    /// What was found, for the terminal.
    pub(crate) fn page(&self, study: &Study) -> String {
        let sources = known::page(&known::of_results(&self.results, study));
        [Some(page::page(&self.tables)), sources, unknown::page(&self.unknown)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("\n\n")
    }

    fn rows(&self) -> i64 {
        self.entries().map(|entry| entry.rows as i64).sum()
    }

    /// Every table, in the order of the schemas.
    fn entries(&self) -> impl Iterator<Item = TableEntry> {
        COHORT
            .iter()
            .filter_map(|schema| Some(TableEntry { table: schema.name, rows: self.results.rows(schema.name)? }))
    }

    /// Reads a table that is on disk only, to print of it; nothing when the study did not ask for it.
    pub(crate) fn read(&self, table: &str) -> Result<Option<Table>, Failure> {
        let schema = COHORT.iter().find(|schema| schema.name == table && self.results.rows(table).is_some());
        Ok(schema.map(|schema| self.results.table(schema)).transpose()?)
    }

    pub(crate) fn document<'a>(&'a self, study: &'a Study, snapshot: &'a str, machines: Option<Done>) -> Document<'a> {
        let rows_of = |name| View::of(&self.tables, name).map(|view| Rows(view.table));
        Document {
            study: &study.study.name,
            snapshot,
            folder: self.results.folder().display().to_string(),
            sources_that_end_before: known::of_results(&self.results, study),
            unknown_names: &self.unknown,
            tables: self.entries().collect(),
            summary: rows_of("summary"),
            attrition: rows_of("attrition"),
            sources: rows_of("sources"),
            pilots: rows_of("pilot_baseline"),
            machines,
        }
    }
}

/// A study's answer for programs.
#[derive(Debug, Serialize)]
pub(crate) struct Document<'a> {
    study: &'a str,
    snapshot: &'a str,
    folder: String,
    /// Sources that know nothing of the last days of a period.
    sources_that_end_before: Vec<EndsBefore>,
    /// Services, packages and municipalities that the study names and nothing in the store has.
    unknown_names: &'a [Unknown],
    tables: Vec<TableEntry>,
    summary: Option<Rows<'a>>,
    attrition: Option<Rows<'a>>,
    sources: Option<Rows<'a>>,
    pilots: Option<Rows<'a>>,
    /// Who read which buckets, where several machines did.
    #[serde(skip_serializing_if = "Option::is_none")]
    machines: Option<Done>,
}

#[derive(Debug, Serialize)]
struct TableEntry {
    table: &'static str,
    rows: u64,
}

/// By this hash results know the study that made them.
fn hash_of(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// An error of the core, at the section of the study that it is about.
fn flow_failure(error: &virta_flow::Error, text: &str, path: &Path) -> Failure {
    match error {
        virta_flow::Error::NotYet { section } => {
            let is_section = |line: &str| line.trim_start().trim_start_matches('[').starts_with(section);
            let line = text.lines().position(is_section).unwrap_or(0) as u64 + 1;
            Failure::refused(error.to_string()).file(path).line(line).column(1)
        }
        virta_flow::Error::Source { source, .. } => Failure::refused(source.to_string()),
        _ => Failure::refused(error.to_string()),
    }
}
