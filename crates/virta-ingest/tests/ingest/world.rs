//! A store, a key and a folder of extracts, for one test.

use std::fs;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use virta_ingest::{Error, IngestReport, Options, ProjectKey, ingest};
use virta_store::{InitOptions, Snapshot, Store};

pub(crate) struct World {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub key: ProjectKey,
    pub options: Options,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_buckets(4)
    }

    pub(crate) fn with_buckets(buckets: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = ProjectKey::from_bytes([7; 32]);
        let options = InitOptions { buckets, ..InitOptions::new(key.id()) };
        let store = Store::init(&folder.path().join("store"), &options).unwrap();
        World { folder, store, key, options: Options { threads: 2, ..Options::default() } }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Ingests by one profile, given as its text.
    pub(crate) fn try_ingest(&self, profile: &str) -> Result<IngestReport, Error> {
        let path = self.write("profile.toml", profile);
        ingest(&self.store, &self.key, &[path], &self.options, &|_| {})
    }

    pub(crate) fn ingest(&self, profile: &str) -> IngestReport {
        self.try_ingest(profile).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn refuse(&self, profile: &str) -> String {
        let before = self.store.current().unwrap().id().to_owned();
        let error = self.try_ingest(profile).expect_err("it should be refused").to_string();
        assert_eq!(self.store.current().unwrap().id(), before, "a refusal changes nothing");
        error
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.store.current().unwrap()
    }

    /// Columns of a table as text, rows in the store's order; nulls are `-`.
    pub(crate) fn rows(&self, table: &str, columns: &[&str]) -> Vec<String> {
        let snapshot = self.snapshot();
        let mut rows = Vec::new();
        let buckets: Vec<Option<u32>> = snapshot.files(table).iter().map(|file| file.bucket).collect();
        for bucket in buckets {
            for batch in snapshot.read(table, bucket, Some(columns)).unwrap() {
                rows.extend(text_rows(&batch.unwrap()));
            }
        }
        rows
    }

    /// As [`World::rows`], sorted: clients have no readable order.
    pub(crate) fn sorted(&self, table: &str, columns: &[&str]) -> Vec<String> {
        let mut rows = self.rows(table, columns);
        rows.sort();
        rows
    }
}

fn text_rows(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let columns: Vec<_> =
        batch.columns().iter().map(|c| ArrayFormatter::try_new(c.as_ref(), &options).unwrap()).collect();
    (0..batch.num_rows())
        .map(|n| columns.iter().map(|column| column.value(n).to_string()).collect::<Vec<_>>().join(" "))
        .collect()
}

/// Every byte of every file under a folder.
pub(crate) fn all_bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_bytes(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}
