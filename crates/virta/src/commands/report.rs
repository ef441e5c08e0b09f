//! `virta report`: the report of a study, from protected tables only.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use virta_ingest::{CodeNames, ProjectKey, code_names};
use virta_model::schema::{self, SERVICES};
use virta_model::settings::Study;
use virta_model::{Lang, Table};
use virta_protection::{
    Policy, ProtectedStudy, ProtectionError, Secret, StudyTables, is_read, leaves_rare_rows_out, protect,
};
use virta_report::{Names, Report, html, xlsx};
use virta_store::{Snapshot, Store, StudyResults, rows_from, to_table};

use super::study::STUDY_TEXT;
use crate::args::ReportArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::known;
use crate::output::Output;
use crate::progress;
use crate::render;
use crate::stream;
use crate::view::View;

pub(crate) fn run(args: &ReportArgs, out: &mut Output) -> Result<(), Failure> {
    let form = Form::of(&args.output)?;
    let store = Store::open(&args.store)?;
    let numbers = match args.internal {
        true => Numbers::Exact,
        false => Numbers::Protected(super::key_path(&args.store, args.key.as_deref())),
    };
    let written = write(&store, &study_name(&args.study)?, args.lang, form, &numbers, &args.output)?;
    out.document(&written)?;
    out.text(written.text())
}

/// Which numbers a report shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// What may leave: the project's key decides how it is rounded.
    Protected(PathBuf),
    /// All of them exactly, for the data unit itself.
    Exact,
}

/// The form of a report, by the ending of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Html,
    Xlsx,
}

impl Form {
    pub(crate) fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("html" | "htm") => Ok(Form::Html),
            Some("xlsx") => Ok(Form::Xlsx),
            _ => Err(Failure::Usage("what is written ends with .html or .xlsx: name it with -o".to_owned())),
        }
    }
}

/// What was written, and from what.
#[derive(Debug, Serialize)]
pub(crate) struct Written {
    pub file: String,
    pub bytes: usize,
    pub study: String,
    pub snapshot: String,
    /// Smallest cell that is shown, and what counts of people are rounded to.
    pub k: u32,
    pub round_to: u32,
    /// Whether the numbers are exact: then the report is not for release.
    pub internal: bool,
    /// For the data unit: how many figures each table has, and how many of them are withheld.
    pub tables: Vec<TableFullness>,
    /// How many cells of each column are withheld, and why.
    pub withheld: Vec<WithheldCells>,
    /// Rows of too few clients that are not shown.
    pub left_out: Vec<RowsLeftOut>,
    /// Rows that were put together.
    pub pooled: Vec<PooledRows>,
}

/// How full a table is.
#[derive(Debug, Serialize)]
pub(crate) struct TableFullness {
    pub table: &'static str,
    pub cells: usize,
    pub withheld: usize,
}

/// Cells of a column that are withheld for one reason.
#[derive(Debug, Serialize)]
pub(crate) struct WithheldCells {
    pub table: &'static str,
    pub column: &'static str,
    pub reason: &'static str,
    pub cells: usize,
}

/// Rows of a table that are not shown for one reason.
#[derive(Debug, Serialize)]
pub(crate) struct RowsLeftOut {
    pub table: &'static str,
    pub reason: &'static str,
    pub rows: usize,
}

/// Rows of a table that became fewer.
#[derive(Debug, Serialize)]
pub(crate) struct PooledRows {
    pub table: &'static str,
    /// The keys that the rows have in common.
    pub group: String,
    pub rows: usize,
    pub into: usize,
}

impl Written {
    pub(crate) fn text(&self) -> String {
        let numbers = match self.internal {
            true => "exact numbers of all groups, NOT FOR RELEASE".to_owned(),
            false => format!("groups below {} clients withheld, counts rounded to {}", self.k, self.round_to),
        };
        format!(
            "{}: {}, {numbers}, of snapshot {}",
            self.file,
            render::bytes(self.bytes as u64),
            super::short(&self.snapshot)
        )
    }
}

/// A study's newest results as they may be shown: everything that a report is made from.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub results: StudyResults,
    pub snapshot: Snapshot,
    /// The study as it was when the results were made.
    pub settings: Study,
    pub protected: ProtectedStudy,
    pub names: Names,
}

impl Prepared {
    pub(crate) fn new(store: &Store, name: &str, numbers: &Numbers) -> Result<Self, Failure> {
        let results = store.results(name)?;
        let snapshot = store.snapshot(&results.meta().snapshot).map_err(|error| match error {
            virta_store::Error::NoSnapshot { .. } => {
                Failure::refused("the snapshot that this study was run on has expired")
                    .fix("run virta study again, or keep more snapshots with virta expire --keep")
            }
            other => other.into(),
        })?;
        let settings = settings(&results)?;
        let protected = protected(store, &results, &settings, numbers)?;
        let names = names(&snapshot)?;
        Ok(Prepared { results, snapshot, settings, protected, names })
    }

    pub(crate) fn report<'a>(&'a self, name: &'a str) -> Report<'a> {
        let mut report = Report::new(&self.protected, name);
        report.settings = Some(&self.settings);
        report.names = self.names.clone();
        report.source_ends = known::for_report(known::of_results(&self.results, &self.settings));
        report
    }
}

/// Writes the report of a study's newest results.
pub(crate) fn write(
    store: &Store,
    name: &str,
    lang: Lang,
    form: Form,
    numbers: &Numbers,
    path: &Path,
) -> Result<Written, Failure> {
    let spinner = progress::spinner("checking what may leave");
    let prepared = Prepared::new(store, name, numbers)?;
    let report = prepared.report(name);
    let bytes = match form {
        Form::Html => html(&report, lang).map(String::into_bytes),
        Form::Xlsx => xlsx(&report, lang),
    };
    let bytes = bytes.map_err(|error| Failure::refused(error.to_string()))?;
    spinner.finish_and_clear();
    let protected = &prepared.protected;
    let path = if protected.is_internal() { marked_internal(path) } else { path.to_owned() };
    put(&path, &bytes)?;
    Ok(written(protected, name, prepared.snapshot.id(), &path, bytes.len()))
}

/// What may leave of a study's results; `settings` are those of the study when they were made.
///
/// # Errors
/// A study that protects less than the store asks for, a key that is not the store's, damaged files.
pub(crate) fn protected(
    store: &Store,
    results: &StudyResults,
    settings: &Study,
    numbers: &Numbers,
) -> Result<ProtectedStudy, Failure> {
    let (policy, secret) = policy(store, settings, numbers)?;
    let (tables, rows_left_out) = tables(results, settings, policy.k())?;
    let mut study = StudyTables::new(&tables, policy, secret);
    let segments = settings.segments.iter().map(|segment| segment.name.clone());
    study.segments = segments.chain((!settings.segments.is_empty()).then(|| "other".to_owned())).collect();
    study.rows_left_out = rows_left_out;
    protect(&study).map_err(refused)
}

/// How many cells are withheld, and why.
pub(crate) fn withheld(protected: &ProtectedStudy) -> Vec<WithheldCells> {
    let counts = protected.log().counts().into_iter();
    counts
        .map(|((table, column, reason), cells)| WithheldCells { table, column, reason: reason.as_str(), cells })
        .collect()
}

fn written(protected: &ProtectedStudy, study: &str, snapshot: &str, path: &Path, bytes: usize) -> Written {
    let log = protected.log();
    let left_out = log.rows_left_out.iter();
    Written {
        file: path.display().to_string(),
        bytes,
        study: study.to_owned(),
        snapshot: snapshot.to_owned(),
        k: protected.k(),
        round_to: protected.round_to(),
        internal: protected.is_internal(),
        tables: protected
            .fullness()
            .into_iter()
            .map(|(table, full)| TableFullness { table, cells: full.cells, withheld: full.withheld })
            .collect(),
        withheld: withheld(protected),
        left_out: left_out
            .map(|(&(table, reason), &rows)| RowsLeftOut { table, reason: reason.as_str(), rows })
            .collect(),
        pooled: log
            .pooled
            .iter()
            .map(|pooled| PooledRows {
                table: pooled.table,
                group: pooled.group.clone(),
                rows: pooled.rows,
                into: pooled.into,
            })
            .collect(),
    }
}

/// What the study asks for, which is at least what the store does, and the secret that rounds.
fn policy(store: &Store, study: &Study, numbers: &Numbers) -> Result<(Policy, Secret), Failure> {
    let Numbers::Protected(key) = numbers else {
        return Ok((Policy::internal(), Secret::new([0; 32])));
    };
    let own = study.study.protection();
    let policy = Policy::new(own.k, own.round_to).map_err(refused)?;
    if let Some(least) = store.protection() {
        let least = Policy::new(least.k, least.round_to).map_err(refused)?;
        if !policy.is_as_strict_as(least) {
            let message = format!(
                "the study protects less than the store asks for: k = {} and round_to = {}, at least {} and {}",
                own.k,
                own.round_to,
                least.k(),
                least.round_to()
            );
            return Err(Failure::refused(message)
                .fix("set [study.protection] as [protection] in the store's virta.toml, and run virta study again"));
        }
    }
    let key = ProjectKey::load(key)?;
    key.check(store.key_id())?;
    Ok((policy, Secret::new(key.rounding_secret())))
}

fn refused(error: ProtectionError) -> Failure {
    Failure::refused(error.to_string())
}

/// A report of exact numbers says so in its file's name too: `report.internal.html`.
fn marked_internal(path: &Path) -> PathBuf {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if ["internal", "sisainen", "sisäinen", "intern"].iter().any(|mark| name.to_lowercase().contains(mark)) {
        return path.to_owned();
    }
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!("{name}.internal.{ending}"))
}

/// A study may be named by its file, too.
pub(crate) fn study_name(given: &str) -> Result<String, Failure> {
    let path = Path::new(given);
    if path.extension().is_none_or(|ending| ending != "toml") {
        return Ok(given.to_owned());
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::io("read the study", path, &error))?;
    let study = Study::parse(&text).map_err(|error| Failure::settings(path, error))?;
    Ok(study.study.name)
}

/// The study as it was when the results were made.
pub(crate) fn settings(results: &StudyResults) -> Result<Study, Failure> {
    let text = results.meta().settings.get(STUDY_TEXT).ok_or_else(|| {
        Failure::refused("these results do not say which study made them").fix("run virta study again")
    })?;
    Ok(Study::parse(text)?)
}

/// The tables that protection reads, and those of which rare rows were not even read into memory: combinations of services of a
/// large region are millions, and most of them are one client's.
fn tables(results: &StudyResults, settings: &Study, k: u32) -> Result<(Vec<Table>, BTreeSet<&'static str>), Failure> {
    let mut tables = Vec::new();
    let mut left_out = BTreeSet::new();
    for schema in schema::COHORT {
        let Some(rows) = results.rows(schema.name).filter(|_| is_read(schema.name)) else { continue };
        let batches = match leaves_rare_rows_out(schema.name) {
            true => {
                let batches = results.read(schema.name, None)?;
                batches.map(|batch| rows_from(&batch?, "clients", i64::from(k))).collect::<Result<Vec<_>, _>>()?
            }
            false => results.batches(schema.name)?,
        };
        let table = to_table(settings.table(schema), &batches)?;
        if usize::try_from(rows).unwrap_or(usize::MAX) > table.rows() {
            left_out.insert(schema.name);
        }
        tables.push(table);
    }
    Ok((tables, left_out))
}

pub(crate) fn names(snapshot: &Snapshot) -> Result<Names, Failure> {
    let services = snapshot.table(&SERVICES)?;
    let rows = View { table: &services }.rows();
    let named = rows.map(|row| {
        let names = ["name_fi", "name_sv", "name_en"].map(|name| row.text(name).to_owned());
        (row.text("service").to_owned(), names)
    });
    let CodeNames { packages, providers } = code_names(snapshot)?;
    Ok(Names { services: named.collect(), packages, providers })
}

/// Puts a whole file in its place in one step, or writes into the device or the pipe that is there.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::io("write the report", path, &error);
    if let Some(mut stream) = stream::open(path).map_err(failed)? {
        return stream.write_all(bytes).map_err(failed);
    }
    let mut half_made = path.as_os_str().to_owned();
    half_made.push(".new");
    let half_made = Path::new(&half_made);
    let _temporary = interrupt::temporary(vec![half_made.to_owned()]);
    let written = fs::write(half_made, bytes).and_then(|()| fs::rename(half_made, path));
    written.map_err(|error| {
        // What was written of it is of no use.
        let _ = fs::remove_file(half_made);
        failed(error)
    })
}
