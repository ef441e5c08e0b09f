//! The files of a release.

use std::collections::BTreeMap;

use serde::Serialize;
use virta_model::Lang;
use virta_model::schema::Role;
use virta_model::settings::Study;
use virta_protection::{Cell, Datum, ProtectedStudy, ProtectedTable};
use virta_report::{Report, html, xlsx};

use crate::csv_table;
use crate::dictionary;
use crate::error::Error;
use crate::folder::File;
use crate::manifest::{FORMAT, Manifest, ManifestFile, ManifestPeriod, ManifestSource, ManifestTable, Policy, Titles};

/// What a release is made from. Nothing but this gets into it, so that the same study gives the same bytes.
#[derive(Debug)]
pub struct Released<'a> {
    /// The study's protected tables, with the names of services and what the reports say beside.
    pub report: &'a Report<'a>,
    /// The study as it was when its tables were made.
    pub settings: &'a Study,
    /// BLAKE3 of the study file.
    pub study_hash: &'a str,
    /// Id of the snapshot.
    pub snapshot: &'a str,
    /// Version of the program.
    pub version: &'a str,
    pub sources: Vec<ManifestSource>,
    /// Languages of the reports; the workbook is in the first.
    pub languages: &'a [Lang],
}

/// The files of a release, the manifest last: the tables as CSV in `tables/`, all of them in `tables.xlsx`, a report in
/// each language, `dictionary.csv`, `names.csv` with the names of codes that the tables show, and `protection.json` with
/// how many cells of each table are shown, withheld and rounded.
///
/// # Errors
/// Exact numbers, which never become a release, and what keeps a file from being made.
pub fn bundle(released: &Released<'_>) -> Result<(Vec<File>, Manifest), Error> {
    let study = released.report.study;
    if study.is_internal() || released.report.is_internal {
        return Err(Error::Internal);
    }
    let mut files = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>| files.push(File { name, bytes });
    let mut tables = Vec::new();
    for table in study.tables() {
        let file = format!("tables/{}.csv", table.name());
        add(file.clone(), csv_table::write(table)?);
        tables.push(ManifestTable {
            table: table.name().to_owned(),
            file,
            rows: table.rows().len() as u64,
            rare_rows_left_out: table.has_rows_left_out(),
        });
    }
    for &lang in released.languages {
        add(format!("report.{}.html", lang.code()), html(released.report, lang)?.into_bytes());
    }
    if let Some(&first) = released.languages.first() {
        add("tables.xlsx".to_owned(), xlsx(released.report, first)?);
    }
    add("dictionary.csv".to_owned(), dictionary::write(study.tables())?);
    add("names.csv".to_owned(), names(released)?);
    let log: Vec<TableLog<'_>> = study.tables().iter().map(|table| TableLog::of(table, study)).collect();
    let mut log = serde_json::to_vec_pretty(&log)?;
    log.push(b'\n');
    add("protection.json".to_owned(), log);
    let manifest = manifest(released, tables, &files);
    files.push(File { name: "manifest.json".to_owned(), bytes: manifest.to_bytes()? });
    Ok((files, manifest))
}

fn manifest(released: &Released<'_>, tables: Vec<ManifestTable>, files: &[File]) -> Manifest {
    let Released { report, settings, .. } = released;
    let periods = settings.study.periods.iter().map(|period| ManifestPeriod {
        period: period.label().to_owned(),
        first: period.first.to_string(),
        last: period.last.to_string(),
    });
    let cohorts = settings.cohorts.iter().map(|cohort| (cohort.name.clone(), cohort.title.clone()));
    let segments = settings.segments.iter().map(|segment| (segment.name.clone(), segment.title.clone()));
    let pilots = settings.pilots.iter().map(|pilot| (pilot.name.clone(), pilot.title.clone()));
    Manifest {
        format: FORMAT,
        version: released.version.to_owned(),
        study: report.name.to_owned(),
        titles: Titles {
            study: settings.study.title.clone(),
            cohorts: cohorts.collect(),
            segments: segments.collect(),
            pilots: pilots.collect(),
        },
        study_hash: released.study_hash.to_owned(),
        snapshot: released.snapshot.to_owned(),
        policy: Policy { k: report.study.k(), round_to: report.study.round_to() },
        periods: periods.collect(),
        definition: settings.definition(),
        sources: released.sources.clone(),
        tables,
        files: files.iter().map(File::entry).collect(),
    }
}

/// Columns whose texts are codes of services, alone or joined by `+` and `-`.
const SERVICES: [&str; 5] = ["service", "from_service", "to_service", "service_a", "service_b"];
const SETS: [&str; 2] = ["service_set", "path"];

/// `names.csv`: what the codes that the tables show are called. Codes that no table shows are left out.
fn names(released: &Released<'_>) -> Result<Vec<u8>, Error> {
    let names = &released.report.names;
    let mut used: BTreeMap<(&str, String), [String; 3]> = BTreeMap::new();
    for table in released.report.study.tables() {
        for (at, column) in table.schema().columns.iter().enumerate().filter(|(_, column)| column.role == Role::Key) {
            let (kind, of) = match column.name {
                name if SERVICES.contains(&name) || SETS.contains(&name) => ("service", &names.services),
                "package" => ("package", &names.packages),
                "provider" => ("provider", &names.providers),
                _ => continue,
            };
            for text in table.rows().iter().filter_map(|row| key(row.get(at)?)) {
                let codes: Vec<&str> = match SETS.contains(&column.name) {
                    true => text.split(['+', '-']).collect(),
                    false => vec![text],
                };
                for code in codes {
                    if let Some(names) = of.get(code) {
                        used.entry((kind, code.to_owned())).or_insert_with(|| names.clone());
                    }
                }
            }
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["kind", "code", "name_fi", "name_sv", "name_en"])?;
    for ((kind, code), [fi, sv, en]) in &used {
        writer.write_record([kind, code.as_str(), fi, sv, en])?;
    }
    writer.into_inner().map_err(|error| Error::Csv(error.into_error().into()))
}

fn key(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Value(Datum::Text(text)) => Some(text),
        _ => None,
    }
}

/// How a table was protected, as anybody can count it in the table itself. Why a cell is withheld and how many rows are not
/// there is for the data unit alone.
#[derive(Debug, Serialize)]
struct TableLog<'a> {
    table: &'a str,
    rows: usize,
    /// Cells that are no keys.
    cells: usize,
    withheld: usize,
    not_measured: usize,
    /// Numbers of people and amounts that are shown, all of which are rounded.
    rounded: usize,
    /// Rows that stand for several classes or small values together.
    pooled_rows: usize,
    rare_rows_left_out: bool,
}

impl<'a> TableLog<'a> {
    fn of(table: &'a ProtectedTable, study: &ProtectedStudy) -> Self {
        let columns: Vec<_> = table.columns().collect();
        let cells = || {
            table.rows().iter().flat_map(|row| columns.iter().filter_map(|(at, column)| Some((row.get(*at)?, column))))
        };
        let figures = || cells().filter(|(_, column)| column.role != Role::Key);
        let is_rounded = |role: Role| matches!(role, Role::People | Role::Amount { .. } | Role::PersonTime { .. });
        let pooled = study.log().pooled.iter().filter(|pooled| pooled.table == table.name());
        TableLog {
            table: table.name(),
            rows: table.rows().len(),
            cells: figures().count(),
            withheld: figures().filter(|(cell, _)| matches!(cell, Cell::Withheld(_))).count(),
            not_measured: figures().filter(|(cell, _)| **cell == Cell::NotMeasured).count(),
            rounded: figures()
                .filter(|(cell, column)| is_rounded(column.role) && matches!(cell, Cell::Value(_)))
                .count(),
            pooled_rows: pooled.map(|pooled| pooled.into).sum(),
            rare_rows_left_out: table.has_rows_left_out(),
        }
    }
}

impl File {
    fn entry(&self) -> ManifestFile {
        ManifestFile {
            file: self.name.clone(),
            bytes: self.bytes.len() as u64,
            blake3: blake3::hash(&self.bytes).to_hex().to_string(),
        }
    }
}
