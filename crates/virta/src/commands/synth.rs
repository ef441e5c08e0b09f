//! `virta synth`: the extracts of a synthetic region.

use std::path::Path;

use serde::Serialize;
use virta_synth::{BenchOptions, RegionOptions, SynthError, Truth, write_bench, write_region};

use crate::args::{Common, SynthArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::progress::{self, Unit};
use crate::render::{self, count};

pub(crate) fn run(args: &SynthArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    super::use_threads(common)?;
    if let Some(rows) = args.bench_rows {
        return bench(&args.dir, rows, args.seed, out);
    }
    let options = RegionOptions::new(u64::from(args.clients), args.years.first..=args.years.last, args.seed);
    let truth = write(&args.dir, &options.with_dirt(args.dirt))?;
    let rows = truth.files.iter().map(|file| file.rows_read).sum();
    out.document(&Document {
        dir: args.dir.display().to_string(),
        files: truth.files.len(),
        rows,
        bytes: truth.bytes,
        dirty_rows: truth.dirty_rows,
    })?;
    let dir = args.dir.display();
    out.text(summary(&truth))?;
    out.text(format!("extracts in {dir}/extracts, profiles in {dir}/profiles, planted answers in {dir}/truth"))?;
    out.text(format!(
        "\nNext: virta init STORE && virta ingest STORE {dir}/profiles/*.toml && virta study STORE {dir}/study.toml"
    ))
}

fn bench(dir: &Path, rows: u64, seed: u64, out: &mut Output) -> Result<(), Failure> {
    let bar = progress::bar("writing contacts", rows, Unit::Things);
    let written = write_bench(dir, &BenchOptions::new(rows, seed), &|progress| bar.set_position(progress.clients_done));
    bar.finish_and_clear();
    written.map_err(|error| Failure::refused(error.to_string()))?;
    out.document(&serde_json::json!({ "dir": dir.display().to_string(), "rows": rows }))?;
    out.text(format!(
        "{} contacts in {}/contacts.csv, read by profile.toml and clients.toml",
        count(rows as i64),
        dir.display()
    ))
}

/// Writes a region with progress.
pub(crate) fn write(dir: &Path, options: &RegionOptions) -> Result<Truth, Failure> {
    let made = ["extracts", "profiles", "codes", "truth", "study.toml"].map(|name| dir.join(name));
    let is_new = made.iter().all(|path| !path.exists());
    let _temporary = interrupt::temporary(if is_new { made.to_vec() } else { Vec::new() });
    let bar = progress::bar("writing clients", options.clients, Unit::Things);
    let truth = write_region(dir, options, &|progress| bar.set_position(progress.clients_done));
    bar.finish_and_clear();
    truth.map_err(|error| match error {
        SynthError::Options(message) => Failure::Usage(message.to_owned()),
        other => Failure::refused(other.to_string()),
    })
}

/// One line on what was written.
pub(crate) fn summary(truth: &Truth) -> String {
    let rows: u64 = truth.files.iter().map(|file| file.rows_read).sum();
    format!("{} extracts with {} rows, {}", truth.files.len(), count(rows as i64), render::bytes(truth.bytes))
}

#[derive(Serialize)]
struct Document {
    dir: String,
    files: usize,
    rows: u64,
    bytes: u64,
    dirty_rows: u64,
}
