//! Checking everything: each file's checksum, each table's order, each invariant of the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::available_parallelism;

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use virta_model::ClientId;
use virta_model::schema::{STORE, TableSchema};

use crate::checked;
use crate::current::Current;
use crate::error::{Error, Result};
use crate::files::entries;
use crate::manifest::TableFile;
use crate::order::OrderCheck;
use crate::read::Batches;
use crate::results::StudyResults;
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::verified;

/// How far a verification has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    pub(crate) files_done: u64,
    pub files: u64,
    pub bytes_done: u64,
    pub bytes: u64,
}

/// What a verification found. The store is sound when there are no problems.
#[derive(Debug, Default)]
pub struct VerifyReport {
    pub snapshots: u64,
    /// Distinct data and result files, and those of released groups.
    pub files: u64,
    pub bytes: u64,
    /// Rows of the distinct data files.
    pub rows: u64,
    /// Runs of studies.
    pub results: u64,
    /// Entries of the register of releases.
    pub releases: u64,
    /// Each names the file or the delivery.
    pub problems: Vec<Error>,
}

/// A data file and what was found in it.
struct DataFile {
    table: String,
    path: PathBuf,
    entry: TableFile,
    buckets: u32,
}

/// Live rows by delivery, of one file.
type RowsByDelivery = HashMap<i64, u64>;

impl Store {
    /// Reads every byte that a snapshot or a study's result names and checks: the manifests, every file's size and
    /// checksum, that rows lie in their table's order and in their bucket, that each delivery's rows read are accepted
    /// + quarantined + superseded + not selected, and that the rows accepted and quarantined are those in the tables.
    ///
    /// The register of releases, too, must be as it was entered.
    ///
    /// A problem does not stop it; an error means that the store could not be looked at.
    ///
    /// # Errors
    /// A list of snapshots that cannot be read, so that nothing can be looked at. Every other problem is one of the report's.
    pub fn verify(&self, progress: &(dyn Fn(VerifyProgress) + Sync)) -> Result<VerifyReport> {
        let mut report = VerifyReport::default();
        let mut snapshots = Vec::new();
        for id in Current::read(self.root())?.snapshots {
            match self.open_snapshot(&id) {
                Ok(snapshot) => snapshots.push(snapshot),
                // It expired while this looked.
                Err(Error::NoSnapshot { .. }) => {}
                Err(error) => report.problems.push(error),
            }
        }
        report.snapshots = snapshots.len() as u64;
        let files = distinct_files(&snapshots);
        let runs = self.runs(&mut report)?;
        let totals = VerifyProgress {
            files_done: 0,
            files: (files.len() + runs.iter().map(|run| run.tables().count()).sum::<usize>()) as u64,
            bytes_done: 0,
            bytes: files.values().map(|file| file.entry.bytes).sum::<u64>()
                + runs.iter().map(StudyResults::bytes).sum::<u64>(),
        };
        (report.files, report.bytes) = (totals.files, totals.bytes);
        report.rows = files.values().map(|file| file.entry.rows).sum();

        let files: Vec<&DataFile> = files.values().collect();
        let (found, bytes_done) = check_files(&files, totals, progress);
        let mut by_file = HashMap::new();
        for (file, found) in files.iter().zip(found) {
            match found {
                Ok(rows) => {
                    by_file.insert(file.path.clone(), rows);
                }
                Err(error) => report.problems.push(error),
            }
        }
        let mut done = VerifyProgress { files_done: files.len() as u64, bytes_done, ..totals };
        for run in &runs {
            report.results += 1;
            report.problems.extend(run.verify().err());
            done.files_done += run.tables().count() as u64;
            done.bytes_done += run.bytes();
            progress(done);
        }
        for snapshot in &snapshots {
            report.problems.extend(check_ledger(snapshot, &by_file));
        }
        let (releases, clients, problems) = self.verify_releases()?;
        report.releases = releases;
        report.files += clients;
        report.problems.extend(problems);
        Ok(report)
    }

    fn runs(&self, report: &mut VerifyReport) -> Result<Vec<StudyResults>> {
        let mut runs = Vec::new();
        for study in entries(&self.root().join("results"))? {
            if let Err(error) = self.pointer(&study) {
                report.problems.push(error);
            }
            for run in entries(&study)?.into_iter().filter(|path| path.is_dir()) {
                match StudyResults::open(&run) {
                    Ok(results) => runs.push(results),
                    Err(error) => report.problems.push(error),
                }
            }
        }
        Ok(runs)
    }

    /// Whether the document that names a study's current run is as it was written. A study without one has no results
    /// yet.
    fn pointer(&self, study: &Path) -> Result<()> {
        checked::read::<serde_json::Value>(&study.join("CURRENT")).map(|_| ())
    }
}

fn distinct_files(snapshots: &[Snapshot]) -> BTreeMap<PathBuf, DataFile> {
    let mut files = BTreeMap::new();
    for snapshot in snapshots {
        for table in snapshot.tables() {
            for entry in snapshot.files(table) {
                let path = snapshot.path(table, entry);
                files.entry(path.clone()).or_insert_with(|| DataFile {
                    table: table.to_owned(),
                    path,
                    entry: entry.clone(),
                    buckets: snapshot.bucket_count(),
                });
            }
        }
    }
    files
}

/// Checks files on all processors; the answers come in the order of the files.
fn check_files(
    files: &[&DataFile],
    totals: VerifyProgress,
    progress: &(dyn Fn(VerifyProgress) + Sync),
) -> (Vec<Result<RowsByDelivery>>, u64) {
    let next = AtomicUsize::new(0);
    let (files_done, bytes_done) = (AtomicU64::new(0), AtomicU64::new(0));
    let found: Mutex<BTreeMap<usize, Result<RowsByDelivery>>> = Mutex::default();
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(at) else { return };
            let rows = check_file(file);
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(at, rows);
            progress(VerifyProgress {
                files_done: files_done.fetch_add(1, Ordering::Relaxed) + 1,
                bytes_done: bytes_done.fetch_add(file.entry.bytes, Ordering::Relaxed) + file.entry.bytes,
                ..totals
            });
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..available_parallelism().map_or(1, usize::from).min(files.len()) {
            scope.spawn(work);
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    (found.into_values().collect(), bytes_done.into_inner())
}

fn check_file(file: &DataFile) -> Result<RowsByDelivery> {
    let DataFile { table, path, entry, buckets } = file;
    verified::whole_file(path, entry.bytes, &entry.blake3)?;
    let wrong = |problem: &str| Error::damaged(path, problem);
    let schema = STORE.iter().find(|schema| schema.name == table);
    let mut order = schema.map(|schema: &&TableSchema| OrderCheck::new(schema.row_order()));
    let (mut rows, mut first, mut last) = (0, None, None);
    let mut by_delivery = RowsByDelivery::new();
    for batch in Batches::open(path, table, entry, None)? {
        let batch = batch?;
        rows += batch.num_rows() as u64;
        if let Some(order) = &mut order {
            let sorted = order.next(&batch).map_err(|source| Error::Arrow { table: table.clone(), source })?;
            if !sorted {
                return Err(wrong("its rows are not in the table's order"));
            }
        }
        if let Some(clients) = numbers(&batch, "client_id") {
            first = first.or(clients.first().copied());
            last = clients.last().copied().or(last);
            let outside = |id: &i64| *id < 0 || Some(ClientId(*id).bucket(*buckets)) != entry.bucket;
            if entry.bucket.is_some() && clients.iter().any(outside) {
                return Err(wrong("it has a client of another bucket"));
            }
        }
        for delivery in numbers(&batch, "delivery_id").unwrap_or_default() {
            *by_delivery.entry(*delivery).or_default() += 1;
        }
    }
    if rows != entry.rows {
        return Err(wrong("it has another number of rows than the manifest says"));
    }
    if schema.is_some_and(|schema| schema.has_clients()) && (first, last) != (entry.first_client, entry.last_client) {
        return Err(wrong("its first or last client is not the one that the manifest says"));
    }
    Ok(by_delivery)
}

fn numbers<'a>(batch: &'a arrow::array::RecordBatch, column: &str) -> Option<&'a [i64]> {
    Some(batch.column_by_name(column)?.as_primitive_opt::<Int64Type>()?.values())
}

/// The ledger against the rows.
fn check_ledger(snapshot: &Snapshot, by_file: &HashMap<PathBuf, RowsByDelivery>) -> Vec<Error> {
    let mut problems: Vec<Error> = snapshot.deliveries().iter().filter_map(|d| d.check().err()).collect();
    let count = |table: &str| {
        let mut rows = RowsByDelivery::new();
        for file in snapshot.files(table) {
            // A file that could not be read has been reported; what it holds is unknown.
            for (delivery, n) in by_file.get(&snapshot.path(table, file))? {
                *rows.entry(*delivery).or_default() += n;
            }
        }
        Some(rows)
    };
    let mut compare = |table: &str, of: &dyn Fn(&crate::Delivery) -> Option<u64>, what: &str| {
        let Some(mut rows) = count(table) else { return };
        for delivery in snapshot.deliveries() {
            let there = rows.remove(&delivery.delivery_id).unwrap_or(0);
            let Some(said) = of(delivery) else { continue };
            if there != said {
                let problem = format!("the ledger says {said} rows {what}, table `{table}` has {there}");
                problems.push(Error::Ledger { delivery_id: delivery.delivery_id, problem });
            }
        }
        for delivery_id in rows.into_keys().collect::<BTreeSet<_>>() {
            let problem = format!("table `{table}` has rows of it, the ledger does not know it");
            problems.push(Error::Ledger { delivery_id, problem });
        }
    };
    compare("contacts", &|d| (d.table == "contacts").then_some(d.rows_accepted), "accepted");
    compare("quarantine", &|d| Some(d.rows_quarantined), "quarantined");
    problems
}
