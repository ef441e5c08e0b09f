//! Results of studies: a folder of Parquet files that appears whole or not at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::TableSchema;

use crate::batch::to_table;
use crate::checked;
use crate::error::{Error, Result};
use crate::files::entries;
use crate::manifest::TableFile;
use crate::read::Batches;
use crate::store::Store;
use crate::verified;

mod writer;

pub use writer::ResultsWriter;

/// What results were made from. It is part of their identity and stands in every file's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultMeta {
    /// BLAKE3 of the study file.
    pub study_hash: String,
    /// Id of the snapshot.
    pub snapshot: String,
    /// Version of the program.
    pub version: String,
    /// Anything else that decides the results, by name: the tables' schemas are chosen by the caller.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// The results of one run of a study.
#[derive(Debug, Clone)]
pub struct StudyResults {
    folder: PathBuf,
    document: Document,
}

/// The document `result.json` in the folder of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Document {
    id: String,
    study: String,
    meta: ResultMeta,
    tables: BTreeMap<String, TableFile>,
}

/// The document `CURRENT` in the folder of a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct CurrentResult {
    result: String,
}

impl Store {
    /// The current results of a study.
    ///
    /// # Errors
    /// A name that no study can have, a study without results, and results whose description is missing or damaged.
    pub fn results(&self, study: &str) -> Result<StudyResults> {
        check_name(study)?;
        let folder = self.study_folder(study);
        let current: Option<CurrentResult> = checked::read(&folder.join("CURRENT"))?;
        let missing = || Error::NoStudy { path: self.root().to_owned(), study: study.to_owned() };
        StudyResults::open(&folder.join(current.ok_or_else(missing)?.result))
    }

    /// The newest results of a study on one snapshot, by id.
    ///
    /// # Errors
    /// Those of [`Store::results`]; also where no run of the study is on this snapshot.
    pub fn results_on(&self, study: &str, snapshot: &str) -> Result<StudyResults> {
        check_name(study)?;
        let current = self.results(study)?;
        if current.meta().snapshot == snapshot {
            return Ok(current);
        }
        let folder = self.study_folder(study);
        for run in entries(&folder)?.into_iter().filter(|path| path.is_dir()) {
            let results = StudyResults::open(&run)?;
            if results.meta().snapshot == snapshot {
                return Ok(results);
            }
        }
        Err(Error::NoStudy { path: self.root().to_owned(), study: study.to_owned() })
    }

    /// The names of the studies that have results, by name.
    ///
    /// # Errors
    /// What the disk reports of the folder of results.
    pub fn studies(&self) -> Result<Vec<String>> {
        let folders = entries(&self.root().join("results"))?;
        let names = folders
            .into_iter()
            .filter(|folder| folder.join("CURRENT").exists())
            .filter_map(|folder| Some(folder.file_name()?.to_str()?.to_owned()));
        Ok(names.collect())
    }

    fn study_folder(&self, study: &str) -> PathBuf {
        self.root().join("results").join(study)
    }
}

impl StudyResults {
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("result.json");
        let document: Option<Document> = checked::read(&path)?;
        let document = document.ok_or_else(|| Error::damaged(&path, "it is missing"))?;
        Ok(StudyResults { folder: folder.to_owned(), document })
    }

    /// 32 hex digits: the hash of meta and tables.
    pub fn id(&self) -> &str {
        &self.document.id
    }

    pub fn study(&self) -> &str {
        &self.document.study
    }

    pub fn meta(&self) -> &ResultMeta {
        &self.document.meta
    }

    /// The names of the tables, by name. A table without rows is there, too.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.document.tables.keys().map(String::as_str)
    }

    pub fn rows(&self, table: &str) -> Option<u64> {
        self.document.tables.get(table).map(|file| file.rows)
    }

    /// Where a table's file lies, unchecked.
    ///
    /// # Errors
    /// A table that these results do not have.
    pub fn path(&self, table: &str) -> Result<PathBuf> {
        self.file(table).map(|_| self.path_of(table))
    }

    /// Checks the whole of a table's file, once per process, and returns its path.
    ///
    /// # Errors
    /// A table that these results do not have, and a file that is missing or not what was written.
    pub fn verify_file(&self, table: &str) -> Result<PathBuf> {
        let file = self.file(table)?;
        let path = self.path_of(table);
        verified::once(&path, file.bytes, &file.blake3)?;
        Ok(path)
    }

    /// Reads a table, verified; rows as they were written.
    ///
    /// # Errors
    /// A table or a column that these results do not have, and a file that is missing or whose footer is not what was
    /// written. Damage behind the footer comes with the batch that meets it.
    pub fn read(&self, table: &str, columns: Option<&[&str]>) -> Result<Batches> {
        Batches::open(&self.path_of(table), table, self.file(table)?, columns)
    }

    /// All rows of a table, verified.
    ///
    /// # Errors
    /// Those of [`StudyResults::read`], and damage anywhere in the columns.
    pub fn batches(&self, table: &str) -> Result<Vec<RecordBatch>> {
        self.read(table, None)?.collect()
    }

    /// All rows of a table in memory; for tables that are small.
    ///
    /// # Errors
    /// Those of [`StudyResults::batches`].
    pub fn table(&self, schema: &'static TableSchema) -> Result<Table> {
        to_table(schema, &self.batches(schema.name)?)
    }

    /// Checks every file.
    ///
    /// # Errors
    /// The first file that is missing or not what was written.
    pub fn verify(&self) -> Result<()> {
        let checked = self
            .document
            .tables
            .par_iter()
            .map(|(table, file)| verified::whole_file(&self.path_of(table), file.bytes, &file.blake3));
        // All are looked at, so that of several the first by name is told.
        checked.collect::<Vec<Result<()>>>().into_iter().collect()
    }

    /// Size of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.document.tables.values().map(|file| file.bytes).sum()
    }

    fn file(&self, table: &str) -> Result<&TableFile> {
        self.document.tables.get(table).ok_or_else(|| Error::NoTable { table: table.to_owned() })
    }

    fn path_of(&self, table: &str) -> PathBuf {
        self.folder.join(format!("{table}.parquet"))
    }

    /// The folder of this run: one Parquet file a table.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Held while results are written.
pub(crate) fn lock_path(root: &Path) -> PathBuf {
    root.join("lock-results")
}

/// Where results are until they are whole.
pub(crate) fn working_folder(root: &Path) -> PathBuf {
    root.join("tmp").join("results")
}

/// The folder of a study's current run, by the folder of the study.
pub(crate) fn current_run(study: &Path) -> Result<Option<PathBuf>> {
    let current: Option<CurrentResult> = checked::read(&study.join("CURRENT"))?;
    Ok(current.map(|current| study.join(current.result)))
}

/// A study's name is a folder's name.
fn check_name(study: &str) -> Result<()> {
    let fits = |c: char| c.is_alphanumeric() || [' ', '-', '_', '.'].contains(&c);
    let first = study.chars().next().is_some_and(char::is_alphanumeric);
    if first && study.len() <= 100 && study.chars().all(fits) {
        return Ok(());
    }
    Err(Error::BadName { what: "study", name: study.to_owned() })
}
