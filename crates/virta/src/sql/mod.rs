//! `virta sql`: one query, or a shell.

pub(crate) mod desk;
mod format;
mod lines;
mod list;
mod pager;
pub(crate) mod questions;
mod shell;
mod target;
mod words;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use virta_query::{Error, Options, Session};
use virta_store::{Snapshot, Store, StudyResults};

use crate::args::{Common, Format, SqlArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::machines::Reached;
use crate::output::Output;

use format::{About, WriteError};
use target::Target;

/// Runs `virta sql`.
pub(crate) fn run(args: &SqlArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    // A query ends by itself when it is told to, so that its temporary files go with it.
    interrupt::only_note();
    let store = Store::open(&args.store).map_err(refused)?;
    let workers = match args.workers.as_slice() {
        [] => None,
        addresses => Some(Reached::reach(addresses, args.secret.as_deref(), common.memory_limit_bytes())?),
    };
    let opened = open(&store, args.as_of.as_of.as_deref(), common, workers.as_ref())?;
    let format = format(args, out.is_json())?;
    let mode = shell::Mode { format, lang: args.lang, output: args.output.clone() };
    let mut shell = shell::Shell::new(&store, opened, mode, (common, workers));
    for path in &args.with {
        shell.add_list(path)?;
    }
    match (&args.command, &args.file) {
        (Some(text), _) => shell.text(text),
        (None, Some(path)) => {
            let text = fs::read_to_string(path).map_err(|error| Failure::io("read", path, &error))?;
            shell.text(text.trim_start_matches('\u{feff}'))
        }
        (None, None) => shell.run(),
    }
}

/// A session and what it looks at.
#[derive(Debug)]
pub(crate) struct Opened {
    pub session: Session,
    pub snapshot: Snapshot,
    pub store: String,
}

/// Opens a session on a snapshot (the newest when `None`) and the results that studies have on it, or else their
/// newest ones. Statements are shared with `workers`, if there are any.
fn open(
    store: &Store,
    as_of: Option<&str>,
    common: &Common,
    workers: Option<&Arc<Reached>>,
) -> Result<Opened, Failure> {
    let snapshot = match as_of {
        Some(id) => store.snapshot(id),
        None => store.current(),
    };
    let snapshot = snapshot.map_err(refused)?;
    let mut studies: Vec<StudyResults> = Vec::new();
    for study in store.studies().map_err(refused)? {
        match as_of {
            // Results on another snapshot would be another answer.
            Some(_) => studies.extend(store.results_on(&study, snapshot.id())),
            None => studies.push(store.results(&study).map_err(refused)?),
        }
    }
    let limit = Some(memory_limit(common));
    let mut options = Options::default();
    options.threads = common.threads().unwrap_or(options.threads);
    options.memory_limit_bytes = limit;
    options.spill_folder = Some(store.root().join("tmp"));
    options.is_interrupted = interrupt::happened;
    options.questions = questions::questions(&snapshot, options.threads);
    if let Some(workers) = workers {
        let here = (options.threads, limit);
        workers.serve_session(store.root(), (&snapshot, &studies), here, &mut options)?;
    }
    let session = match Session::open(&snapshot, &studies, options.clone()) {
        // A store that can only be read is asked without temporary files, unless the user counts on them.
        Err(Error::Spill(_)) if common.memory_limit.is_none() => {
            Session::open(&snapshot, &studies, Options { spill_folder: None, ..options })
        }
        session => session,
    };
    let session = session.map_err(|error| explained(error, ""))?;
    Ok(Opened { session, snapshot, store: store.root().display().to_string() })
}

/// What became of a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Done {
    pub rows: u64,
    pub took: Duration,
    pub planned_in: Duration,
}

impl Opened {
    /// Runs a query and writes its answer. A file appears whole or not at all.
    pub(crate) fn answer(&self, sql: &str, target: &Target) -> Result<Done, Failure> {
        let started = Instant::now();
        let mut answer = self.session.query(sql).map_err(|error| explained(error, sql))?;
        let planned_in = answer.planned_in();
        let about = About { sql: sql.to_owned(), store: self.store.clone(), snapshot: self.snapshot.id().to_owned() };
        let mut sink = target.open(answer.schema(), &about)?;
        let mut rows = 0;
        for batch in &mut answer {
            let batch = batch.map_err(|error| explained(error, sql))?;
            rows += batch.num_rows() as u64;
            sink.batch(&batch)?;
        }
        sink.finish()?;
        Ok(Done { rows, took: started.elapsed(), planned_in })
    }
}

/// The format that was asked for, else the one that the output's ending names, else a table.
fn format(args: &SqlArgs, json: bool) -> Result<Format, Failure> {
    let by_ending = args.output.as_deref().and_then(format_of);
    let format = match (args.format, json, by_ending) {
        (Some(format), _, _) => format,
        (None, true, _) => Format::Json,
        (None, false, Some(format)) => format,
        (None, false, None) => Format::Table,
    };
    let is_binary = matches!(format, Format::Parquet | Format::Xlsx);
    if is_binary && args.output.is_none() && args.command.is_some() && io::stdout().is_terminal() {
        return Err(Failure::Usage("this format is not for a terminal: name a file with -o FILE".to_owned()));
    }
    Ok(format)
}

/// The format that a file's ending names.
pub(crate) fn format_of(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(Format::Csv),
        "json" => Some(Format::Json),
        "parquet" => Some(Format::Parquet),
        "xlsx" => Some(Format::Xlsx),
        "txt" => Some(Format::Table),
        _ => None,
    }
}

fn refused(error: virta_store::Error) -> Failure {
    Failure::refused(error.to_string())
}

/// A query's error as the user reads it, with the line of the query that it means.
pub(crate) fn explained(error: Error, sql: &str) -> Failure {
    match error {
        Error::Interrupted => Failure::Interrupted,
        other => Failure::refused(other.explain(sql)),
    }
}

/// Bytes that statements may use together: half of the machine's, unless the user says otherwise.
pub(crate) fn memory_limit(common: &Common) -> usize {
    let limit = common.memory_limit_bytes().unwrap_or_else(half_of_memory);
    usize::try_from(limit).unwrap_or(usize::MAX)
}

fn half_of_memory() -> u64 {
    const UNKNOWN: u64 = 2_000_000_000;
    let Ok(text) = std::fs::read_to_string("/proc/meminfo") else { return UNKNOWN };
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kilobytes.map_or(UNKNOWN, |kilobytes| kilobytes * 1024 / 2)
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => Failure::Closed,
            WriteError::Io(error) => Failure::refused(format!("cannot write the answer: {error}")),
            WriteError::Unfit(message, fix) => Failure::refused(message).fix(fix),
        }
    }
}
