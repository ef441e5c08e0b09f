//! Writing the results of a study.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parquet::file::metadata::KeyValue;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use virta_model::schema::TableSchema;
use virta_model::{PartSink, Table};

use super::{CurrentResult, Document, ResultMeta, StudyResults, check_name, lock_path, working_folder};
use crate::checked;
use crate::error::{At, Error, Result};
use crate::layout::ROW_GROUP_ROWS;
use crate::lock::Lock;
use crate::manifest::ID_CHARS;
use crate::parts::PartFile;
use crate::store::Store;
use crate::write::Written;

/// Results on their way to disk. Large tables come part by part while the study runs, the others at its end; nothing
/// is visible before [`ResultsWriter::finish`]. Dropping it takes everything back.
#[derive(Debug)]
pub struct ResultsWriter<'a> {
    store: &'a Store,
    study: String,
    meta: ResultMeta,
    working: PathBuf,
    files: Mutex<BTreeMap<&'static str, Arc<PartFile>>>,
    _lock: Lock,
}

impl Store {
    /// Begins to write the results of a study, which become its current ones. The same study, snapshot, version and rows
    /// give the same id and the same bytes; when those are there already, nothing changes. One study is written at a time:
    /// another waits for up to ten minutes.
    ///
    /// # Errors
    /// A name that no study can have, another program that still writes results after ten minutes, and what the disk
    /// reports.
    pub fn begin_results(&self, study: &str, meta: &ResultMeta) -> Result<ResultsWriter<'_>> {
        const PATIENCE: Duration = Duration::from_secs(600);
        check_name(study)?;
        let lock = Lock::take(&lock_path(self.root()), PATIENCE)?;
        let working = working_folder(self.root());
        if working.exists() {
            self.files().remove_folder(&working).at("remove", &working)?;
        }
        self.files().create_folder(&working).at("create the folder", &working)?;
        Ok(ResultsWriter {
            store: self,
            study: study.to_owned(),
            meta: meta.clone(),
            working,
            files: Mutex::default(),
            _lock: lock,
        })
    }
}

impl PartSink for ResultsWriter<'_> {
    fn part(&self, number: u32, part: Table) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.file(part.schema)?.write(number, &part)?)
    }
}

impl ResultsWriter<'_> {
    /// Where the files are until they are whole: what an interrupt may remove.
    pub fn folder(&self) -> &Path {
        &self.working
    }

    /// Adds the tables that came in no parts, makes all of them durable and visible in one step.
    ///
    /// # Errors
    /// Columns of unequal length, a null where a table allows none, and what the disk reports. The study's current results
    /// are then those before.
    pub fn finish(self, tables: &[Table]) -> Result<StudyResults> {
        tables.into_par_iter().try_for_each(|table| self.write_table(table))?;
        let files = std::mem::take(&mut *self.files.lock().unwrap_or_else(PoisonError::into_inner));
        let written = files.into_par_iter().map(|(name, file)| Ok((name, end(file)?)));
        let written = written.collect::<Result<BTreeMap<&'static str, Written>>>()?;
        self.show(&written)
    }

    fn write_table(&self, table: &Table) -> Result<()> {
        let file = self.file(table.schema)?;
        let parts = 0..table.rows().div_ceil(ROW_GROUP_ROWS);
        (0u32..).zip(parts).try_for_each(|(number, part)| {
            file.write(number, &table.slice(part * ROW_GROUP_ROWS..(part + 1) * ROW_GROUP_ROWS))
        })
    }

    /// The file of a table, which the first part makes.
    fn file(&self, schema: &'static TableSchema) -> Result<Arc<PartFile>> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(schema.name) {
            return Ok(Arc::clone(file));
        }
        let path = self.working.join(format!("{}.parquet", schema.name));
        let file = Arc::new(PartFile::create(self.store.files(), path, schema, self.metadata())?);
        files.insert(schema.name, Arc::clone(&file));
        Ok(file)
    }

    fn metadata(&self) -> Vec<KeyValue> {
        let value = |key: &str, value: &str| KeyValue::new(format!("virta.{key}"), value.to_owned());
        let meta = &self.meta;
        let named = [
            value("study", &self.study),
            value("study_hash", &meta.study_hash),
            value("snapshot", &meta.snapshot),
            value("version", &meta.version),
        ];
        named.into_iter().chain(meta.settings.iter().map(|(key, text)| value(key, text))).collect()
    }

    /// Writes the document and makes all files durable, each on a thread of its own: the disk takes many at once in about
    /// the time of one, and nobody else waits meanwhile.
    fn seal(&self, written: &BTreeMap<&'static str, Written>, document: &Document) -> Result<()> {
        let files = self.store.files();
        let sync = |path: &Path| files.sync(path).at("sync", path);
        std::thread::scope(|scope| {
            let syncing: Vec<_> = written.values().map(|file| scope.spawn(move || sync(&file.path))).collect();
            let sealed = checked::write(files, &self.working.join("result.json"), document);
            let ended = |thread: std::thread::ScopedJoinHandle<'_, Result<()>>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            // All are waited for, also when one has failed.
            syncing.into_iter().map(ended).fold(sealed, Result::and)
        })?;
        files.sync_folder(&self.working).at("sync", &self.working)
    }

    /// Moves the folder to its place and makes it the study's current one.
    fn show(&self, written: &BTreeMap<&'static str, Written>) -> Result<StudyResults> {
        let (store, working) = (self.store, &self.working);
        let id = result_id(&self.study, &self.meta, written)?;
        let folder = store.study_folder(&self.study);
        let place = folder.join(&id);
        let tables = written.iter().map(|(name, file)| ((*name).to_owned(), file.file.clone())).collect();
        let document = Document { id: id.clone(), study: self.study.clone(), meta: self.meta.clone(), tables };

        let there = StudyResults::open(&place).and_then(|results| results.verify().map(|()| results));
        if !matches!(&there, Ok(results) if results.document == document) {
            self.seal(written, &document)?;
            store.files().create_folder(&folder).at("create the folder", &folder)?;
            if place.exists() {
                store.files().remove_folder(&place).at("remove", &place)?;
            }
            store.files().rename(working, &place).at("rename to its place", &place)?;
            store.files().sync_folder(&folder).at("sync", &folder)?;
            let results = store.root().join("results");
            store.files().sync_folder(&results).at("sync", &results)?;
        }
        let current = folder.join("CURRENT");
        let named = CurrentResult { result: id };
        if !matches!(checked::read::<CurrentResult>(&current), Ok(Some(there)) if there == named) {
            checked::write(store.files(), &current, &named)?;
            store.files().sync_folder(&folder).at("sync", &folder)?;
        }
        StudyResults::open(&place)
    }
}

impl Drop for ResultsWriter<'_> {
    fn drop(&mut self) {
        if self.working.exists() {
            // What cannot be removed now is invisible and goes with the next run.
            let _ = self.store.files().remove_folder(&self.working);
        }
    }
}

fn end(file: Arc<PartFile>) -> Result<Written> {
    let busy = |_| Error::Rows {
        table: "results".to_owned(),
        bucket: "all".to_owned(),
        problem: "a part is still being written",
    };
    Arc::try_unwrap(file).map_err(busy)?.finish()
}

fn result_id(study: &str, meta: &ResultMeta, files: &BTreeMap<&'static str, Written>) -> Result<String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, file)| (*name, file.file.blake3.as_str())).collect();
    let content = serde_json::to_vec(&(1, study, meta, files))
        .map_err(|error| Error::Settings { path: PathBuf::from(study), message: error.to_string() })?;
    Ok(blake3::hash(&content).to_hex().chars().take(ID_CHARS).collect())
}
