//! `virta ingest`: reads deliveries and commits one snapshot.

use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use virta_ingest::{DeliveryReport, IngestReport, Options, Outcome, Phase, Progress, ProjectKey};
use virta_store::Store;

use super::{key_path, linkage, short};
use crate::args::{Common, IngestArgs};
use crate::failure::Failure;
use crate::interrupt::{self, Patience};
use crate::output::Output;
use crate::progress::{self, Unit};
use crate::render::{Grid, count, list, printable};

pub(crate) fn run(args: &IngestArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    let store = Store::open(&args.store)?;
    let key = ProjectKey::load(&key_path(&args.store, args.key.as_deref()))?;
    let how = Options { dry_run: args.dry_run, extracted_on: args.extracted_on, ..Options::default() };
    let (report, patience) = ingest(&store, &key, &args.profiles, how, common)?;
    patience.keep();
    out.document(&report)?;
    out.text(page(&report, &args.store))
}

/// Ingests with progress; Ctrl-C stops it and changes nothing. One that comes once the snapshot is committed is too
/// late; while the caller keeps the patience, it stays so.
pub(crate) fn ingest(
    store: &Store,
    key: &ProjectKey,
    profiles: &[PathBuf],
    how: Options,
    common: &Common,
) -> Result<(IngestReport, Patience), Failure> {
    let patience = interrupt::patience();
    let mut options = Options { cancel: patience.flag(), ..how };
    if let Some(threads) = common.threads() {
        options.threads = threads;
    }
    if let Some(bytes) = common.memory_limit_bytes() {
        options.memory_limit = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    let bars = [progress::bar("reading", 0, Unit::Bytes), progress::bar("writing", 0, Unit::Things)];
    let on_progress = |progress: Progress<'_>| show(&bars, progress);
    let report = virta_ingest::ingest(store, key, profiles, &options, &on_progress);
    bars.iter().for_each(ProgressBar::finish_and_clear);
    Ok((report?, patience))
}

fn show([reading, writing]: &[ProgressBar; 2], progress: Progress<'_>) {
    match progress.phase {
        Phase::Reading => {
            reading.set_length(progress.total);
            reading.set_position(progress.done);
            reading.set_message(format!("reading {} rows", count(progress.rows as i64)));
        }
        Phase::Writing => {
            reading.finish_and_clear();
            writing.set_length(progress.total);
            writing.set_position(progress.done);
        }
    }
}

/// What an ingest did, for the terminal.
pub(crate) fn page(report: &IngestReport, store: &Path) -> String {
    let mut parts = vec![deliveries(report)];
    parts.extend(quarantined(report));
    parts.extend(linkage::page(&report.linkage));
    parts.extend(warnings(report));
    parts.extend(linkage::advice(&report.advice));
    parts.extend(disagreements(report));
    parts.extend(services(report));
    parts.push(outcome(report, store));
    parts.join("\n\n")
}

fn deliveries(report: &IngestReport) -> String {
    let header =
        ["source", "table", "file", ">rows read", ">accepted", ">quarantined", ">superseded", ">not selected", "read"];
    let mut grid = Grid::new(&header);
    for delivery in &report.deliveries {
        let outcome = match delivery.outcome {
            Outcome::Read => "",
            Outcome::Known => "known already",
            Outcome::ReadAgain => "again",
        };
        grid.row([
            printable(&delivery.source),
            delivery.table.clone(),
            printable(&delivery.file),
            count(delivery.rows_read as i64),
            count(delivery.rows_accepted as i64),
            count(delivery.rows_quarantined as i64),
            count(delivery.rows_superseded as i64),
            count(delivery.rows_not_selected as i64),
            outcome.to_owned(),
        ]);
    }
    grid.text()
}

fn quarantined(report: &IngestReport) -> Option<String> {
    let rows = report
        .deliveries
        .iter()
        .flat_map(|delivery| delivery.quarantined_by.iter().map(move |(rule, rows)| (delivery, rule, rows)));
    let lines: Vec<String> = rows
        .map(|(delivery, rule, rows)| {
            format!("  {:>9}  {}  ({})", count(*rows as i64), printable(rule), printable(&delivery.file))
        })
        .collect();
    list("Quarantined rows, by rule and field", lines)
}

fn warnings(report: &IngestReport) -> Option<String> {
    let of = |delivery: &DeliveryReport| {
        let file = printable(&delivery.file);
        delivery.warnings.iter().map(|warning| format!("  {file}: {}", printable(warning))).collect::<Vec<_>>()
    };
    list("Warnings", report.deliveries.iter().flat_map(of).collect())
}

fn disagreements(report: &IngestReport) -> Option<String> {
    let lines = report.disagreements.iter();
    let lines = lines.map(|(field, people)| format!("  {:>9}  {field}", count(*people as i64))).collect();
    list("People about whom sources disagree, by field (the newest delivery wins)", lines)
}

fn services(report: &IngestReport) -> Option<String> {
    let unnamed = list(
        "Services that no code list names (sector: other)",
        report.services_unnamed.iter().map(|code| format!("  {}", printable(code))).collect(),
    );
    let disputed = list(
        "Services about which code lists disagree",
        report.services_disputed.iter().map(|code| format!("  {}", printable(code))).collect(),
    );
    let both: Vec<String> = unnamed.into_iter().chain(disputed).collect();
    (!both.is_empty()).then(|| both.join("\n\n"))
}

fn outcome(report: &IngestReport, store: &Path) -> String {
    let rows = format!(
        "{} rows read = {} accepted + {} quarantined + {} superseded + {} not selected",
        count(report.rows_read as i64),
        count(report.rows_accepted as i64),
        count(report.rows_quarantined as i64),
        count(report.rows_superseded as i64),
        count(report.rows_not_selected as i64)
    );
    let skipped = match report.lines_skipped {
        0 => String::new(),
        lines => format!("\n{} lines skipped: titles and totals, which are no rows", count(lines as i64)),
    };
    let snapshot = short(&report.snapshot);
    let end = match (report.dry_run, report.changed) {
        (true, _) => format!("Nothing was committed (--dry-run); the store stays at snapshot {snapshot}"),
        (false, true) => format!("snapshot {snapshot} in {}", store.display()),
        (false, false) => format!("nothing new; the store stays at snapshot {snapshot}"),
    };
    format!("{rows}{skipped}\n{end}")
}
