//! `virta verify`: every checksum, every invariant of the ledger.

use serde::Serialize;
use virta_store::{Store, VerifyProgress};

use crate::args::VerifyArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::progress::{self, Unit};
use crate::render;

pub fn run(args: &VerifyArgs, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let bar = progress::bar("checking", 0, Unit::Bytes);
    let report = store.verify(&|progress: VerifyProgress| {
        bar.set_length(progress.bytes);
        bar.set_position(progress.bytes_done);
    })?;
    bar.finish_and_clear();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    out.document(&Document {
        sound: problems.is_empty(),
        snapshots: report.snapshots,
        studies: report.results,
        releases: report.releases,
        files: report.files,
        bytes: report.bytes,
        rows: report.rows,
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

#[derive(Serialize)]
struct Document<'a> {
    sound: bool,
    snapshots: u64,
    studies: u64,
    releases: u64,
    files: u64,
    bytes: u64,
    rows: u64,
    problems: &'a [String],
}
