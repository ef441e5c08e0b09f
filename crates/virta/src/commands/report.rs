//! `virta report`: the report of a study, from suppressed aggregates only.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Serialize;
use virta_model::schema::{self, MUNICIPALITIES, SERVICES, TableSchema};
use virta_model::settings::Study;
use virta_model::{Table, Value};
use virta_protection::{Known, ProtectedStudy, StudyTables, is_read, leaves_rare_rows_out, protect};
use virta_report::{Names, Report, html, xlsx};
use virta_store::{Snapshot, Store, StudyResults, rows_from, to_table};

use super::study::STUDY_TEXT;
use crate::args::{Lang, ReportArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::progress;
use crate::render;
use crate::view::View;

pub fn run(args: &ReportArgs, out: &mut Output) -> Result<(), Failure> {
    let form = Form::of(&args.output)?;
    let store = Store::open(&args.store)?;
    let written = write(&store, &study_name(&args.study)?, args.lang, form, &args.output)?;
    out.document(&written)?;
    out.text(written.text())
}

/// The form of a report, by the ending of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Html,
    Xlsx,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("html" | "htm") => Ok(Form::Html),
            Some("xlsx") => Ok(Form::Xlsx),
            _ => Err(Failure::Usage("a report ends with .html or .xlsx: name it with -o".to_owned())),
        }
    }
}

/// What was written, and from what.
#[derive(Debug, Serialize)]
pub struct Written {
    pub file: String,
    pub bytes: usize,
    pub study: String,
    pub snapshot: String,
    /// Smallest cell that is shown.
    pub k: u32,
    /// For the data unit: how many cells of each table are withheld, and why.
    pub withheld: Vec<WithheldCells>,
}

/// Cells of a table that are withheld for one reason.
#[derive(Debug, Serialize)]
pub struct WithheldCells {
    pub table: &'static str,
    pub reason: &'static str,
    pub cells: usize,
}

impl Written {
    pub fn text(&self) -> String {
        format!(
            "{}: {}, groups below {} clients withheld, of snapshot {}",
            self.file,
            render::bytes(self.bytes as u64),
            self.k,
            super::short(&self.snapshot)
        )
    }
}

/// Writes the report of a study's newest results.
pub fn write(store: &Store, name: &str, lang: Lang, form: Form, path: &Path) -> Result<Written, Failure> {
    let results = store.results(name)?;
    let snapshot = store.snapshot(&results.meta().snapshot)?;
    let settings = settings(&results)?;
    let (tables, rows_left_out) = tables(&results, settings.study.k)?;
    let spinner = progress::spinner("checking what may leave");
    let mut study = StudyTables::new(&tables, settings.study.k);
    study.known = Known {
        counties: counties(&snapshot)?,
        packages: of_services(&snapshot, "package")?,
        sectors: of_services(&snapshot, "sector")?,
    };
    study.rows_left_out = rows_left_out;
    let disclosed = protect(&study).map_err(|error| Failure::refused(error.to_string()))?;
    let mut report = Report::new(&disclosed, name);
    report.settings = Some(&settings);
    report.names = names(&snapshot)?;
    let lang = match lang {
        Lang::Fi => virta_report::Lang::Fi,
        Lang::Sv => virta_report::Lang::Sv,
        Lang::En => virta_report::Lang::En,
    };
    let bytes = match form {
        Form::Html => html(&report, lang).map(String::into_bytes),
        Form::Xlsx => xlsx(&report, lang),
    };
    let bytes = bytes.map_err(|error| Failure::refused(error.to_string()))?;
    spinner.finish_and_clear();
    put(path, &bytes)?;
    Ok(Written {
        file: path.display().to_string(),
        bytes: bytes.len(),
        study: name.to_owned(),
        snapshot: snapshot.id().to_owned(),
        k: settings.study.k,
        withheld: withheld(&disclosed),
    })
}

fn withheld(disclosed: &ProtectedStudy) -> Vec<WithheldCells> {
    let counts = disclosed.log().counts().into_iter();
    counts.map(|((table, reason), cells)| WithheldCells { table, reason: reason.as_str(), cells }).collect()
}

/// A study may be named by its file, too.
fn study_name(given: &str) -> Result<String, Failure> {
    let path = Path::new(given);
    if path.extension().is_none_or(|ending| ending != "toml") {
        return Ok(given.to_owned());
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::io("read the study", path, &error))?;
    let study = Study::parse(&text).map_err(|error| Failure::settings(path, error))?;
    Ok(study.study.name)
}

/// The study as it was when the results were made.
fn settings(results: &StudyResults) -> Result<Study, Failure> {
    let text = results.meta().settings.get(STUDY_TEXT).ok_or_else(|| {
        Failure::refused("these results do not say which study made them").fix("run virta study again")
    })?;
    Ok(Study::parse(text)?)
}

/// The tables that the disclosure control reads, and how many rare rows were not even read into memory: combinations of services of a
/// large region are millions, and most of them are one client's.
fn tables(results: &StudyResults, k: u32) -> Result<(Vec<Table>, BTreeMap<&'static str, usize>), Failure> {
    let mut tables = Vec::new();
    let mut left_out = BTreeMap::new();
    for schema in schema::COHORT {
        let Some(rows) = results.rows(schema.name).filter(|_| is_read(schema.name)) else { continue };
        let batches = match leaves_rare_rows_out(schema.name) {
            true => {
                let batches = results.read(schema.name, None)?;
                batches.map(|batch| rows_from(&batch?, "clients", i64::from(k))).collect::<Result<Vec<_>, _>>()?
            }
            false => results.batches(schema.name)?,
        };
        let table = to_table(schema, &batches)?;
        left_out.insert(schema.name, usize::try_from(rows).unwrap_or(usize::MAX).saturating_sub(table.rows()));
        tables.push(table);
    }
    Ok((tables, left_out))
}

fn whole(snapshot: &Snapshot, schema: &'static TableSchema) -> Result<Table, Failure> {
    let batches = snapshot.read_all(schema.name, None).collect::<Result<Vec<_>, _>>()?;
    Ok(to_table(schema, &batches)?)
}

fn names(snapshot: &Snapshot) -> Result<Names, Failure> {
    let services = whole(snapshot, &SERVICES)?;
    let rows = View { table: &services }.rows();
    let named = rows.map(|row| {
        let names = ["name_fi", "name_sv", "name_en"].map(|name| row.text(name).to_owned());
        (row.text("service").to_owned(), names)
    });
    Ok(Names { services: named.collect(), ..Names::default() })
}

/// A field of each service that has it.
fn of_services(snapshot: &Snapshot, field: &str) -> Result<BTreeMap<String, String>, Failure> {
    let services = whole(snapshot, &SERVICES)?;
    let rows = View { table: &services }.rows();
    let known = rows.filter(|row| row.value(field) != Value::Null);
    Ok(known.map(|row| (row.text("service").to_owned(), row.text(field).to_owned())).collect())
}

fn counties(snapshot: &Snapshot) -> Result<BTreeMap<String, String>, Failure> {
    let municipalities = whole(snapshot, &MUNICIPALITIES)?;
    let rows = View { table: &municipalities }.rows();
    let known = rows.filter(|row| row.value("wellbeing_county") != Value::Null);
    Ok(known.map(|row| (row.text("municipality").to_owned(), row.text("wellbeing_county").to_owned())).collect())
}

/// Puts a whole file in its place in one step.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut half_made = path.as_os_str().to_owned();
    half_made.push(".new");
    let half_made = Path::new(&half_made);
    let _temporary = interrupt::temporary(vec![half_made.to_owned()]);
    let written = fs::write(half_made, bytes).and_then(|()| fs::rename(half_made, path));
    written.map_err(|error| {
        // What was written of it is of no use.
        let _ = fs::remove_file(half_made);
        Failure::io("write the report", path, &error)
    })
}
