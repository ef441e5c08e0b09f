//! `virta verify`: every checksum, every invariant of the ledger, every entry of the log of use.

use serde::Serialize;
use virta_access::{Found, UseLog, log_path};
use virta_ingest::ProjectKey;
use virta_store::{Store, VerifyProgress};

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{self, Unit};
use crate::render;

pub(crate) fn run(args: &VerifyArgs, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let bar = progress::bar("checking", 0, Unit::Bytes);
    let report = store.verify(&|progress: VerifyProgress| {
        bar.set_length(progress.bytes);
        bar.set_position(progress.bytes_done);
    })?;
    bar.finish_and_clear();
    let mut problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    let log = log_of_use(&store, args)?;
    if let Found::Broken(broken) = &log {
        problems.push(format!("{}: {broken}", log_path(store.root()).display()));
    }
    let uses = match log {
        Found::Sound { entries } => Some(entries),
        _ => None,
    };
    out.document(&Document {
        sound: problems.is_empty(),
        snapshots: report.snapshots,
        studies: report.results,
        releases: report.releases,
        files: report.files,
        bytes: report.bytes,
        rows: report.rows,
        uses,
        problems: &problems,
    })?;
    out.text(format!(
        "{} snapshots, {} runs of studies, {} releases: {} files, {}, {} rows",
        report.snapshots,
        report.results,
        report.releases,
        render::count(report.files as i64),
        render::bytes(report.bytes),
        render::count(report.rows as i64)
    ))?;
    if let Some(entries) = uses {
        out.text(format!("log of use: {} entries, each as it was written", render::count(entries as i64)))?;
    }
    match problems.split_first() {
        None => out.text("Everything is as it was written."),
        Some((first, [])) => Err(Failure::refused(first.clone())),
        Some((_, _)) => {
            for problem in &problems {
                out.text(format!("  {problem}"))?;
            }
            Err(Failure::refused(format!("{} problems were found", problems.len())))
        }
    }
}

/// What became of the log of use. It is read with the store's key only where there is a log.
fn log_of_use(store: &Store, args: &VerifyArgs) -> Result<Found, Failure> {
    if UseLog::is_absent(store.root()) {
        return Ok(Found::Nothing);
    }
    let key = ProjectKey::load(&super::key_path(&args.store, args.key.as_deref()))?;
    key.check(store.key_id())?;
    Ok(UseLog::new(store.root(), key.log_key()).verify()?)
}

#[derive(Serialize)]
struct Document<'a> {
    sound: bool,
    snapshots: u64,
    studies: u64,
    releases: u64,
    files: u64,
    bytes: u64,
    rows: u64,
    /// Entries of the log of use; null where there is none, or it is not as it was written.
    uses: Option<u64>,
    problems: &'a [String],
}
