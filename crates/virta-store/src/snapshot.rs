//! A snapshot: one unchanging state of every table.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use virta_model::Table;
use virta_model::schema::TableSchema;

use crate::batch::to_table;
use crate::checked;
use crate::current::Current;
use crate::error::{At, Error, Result};
use crate::manifest::{Delivery, Manifest, TableFile};
use crate::read::Batches;
use crate::verified;

/// One state of the store. It never changes, and while it is held no expiry removes its files.
#[derive(Debug, Clone)]
pub struct Snapshot {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    manifest: Manifest,
    /// The open manifest, locked for sharing: it keeps expiry away, and the system frees it when the process ends.
    _pin: File,
}

impl Snapshot {
    pub(crate) fn open(root: &Path, id: &str) -> Result<Self> {
        let path = manifest_path(root, id);
        let missing = || Error::damaged(&path, "it is missing");
        let pin = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(missing()),
            Err(error) => return Err(error).at("read", &path),
        };
        match pin.try_lock_shared() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(gone(root, id)),
            // Some network file systems know no locks: there expiry must not run beside readers.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(error).at("lock", &path),
        }
        // Expiry takes a snapshot off the list only while it holds the lock alone, so from here on it stays.
        if !Current::read(root)?.snapshots.iter().any(|listed| listed == id) {
            return Err(gone(root, id));
        }
        let manifest: Manifest = checked::read(&path)?.ok_or_else(missing)?;
        if manifest.id != id || manifest.content_id()? != id {
            return Err(Error::damaged(&path, "its content has another id than its name"));
        }
        Ok(Snapshot { inner: Arc::new(Inner { root: root.to_owned(), manifest, _pin: pin }) })
    }

    /// 32 hex digits: the hash of the content. The same rows and ledger have the same id in every store with this key.
    pub fn id(&self) -> &str {
        &self.manifest().id
    }

    /// The snapshot that was current when this one was committed.
    pub fn parent(&self) -> Option<&str> {
        self.manifest().parent.as_deref()
    }

    /// When it was committed, UTC, `2026-01-31T23:59:59Z`.
    pub fn committed_at(&self) -> &str {
        &self.manifest().committed_at
    }

    pub fn key_id(&self) -> &str {
        &self.manifest().key_id
    }

    pub fn bucket_count(&self) -> u32 {
        self.manifest().buckets
    }

    /// The names of the tables that have rows, also hidden ones (those with a `.` in the name), in order of name.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.manifest().tables.keys().map(String::as_str)
    }

    /// The files of a table in order of bucket; none for a table without rows.
    pub fn files(&self, table: &str) -> &[TableFile] {
        self.manifest().tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// The file of a bucket (`None`: of a table that is one file).
    pub fn file(&self, table: &str, bucket: Option<u32>) -> Option<&TableFile> {
        let files = self.files(table);
        files.binary_search_by_key(&bucket, |file| file.bucket).ok().and_then(|at| files.get(at))
    }

    pub fn rows(&self, table: &str) -> u64 {
        self.files(table).iter().map(|file| file.rows).sum()
    }

    /// Where a file of this snapshot lies. Its content is not checked; [`Snapshot::verify_file`] does that.
    pub fn path(&self, table: &str, file: &TableFile) -> PathBuf {
        file.path_in(&self.inner.root, table)
    }

    /// The ledger, by `delivery_id`.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.manifest().deliveries
    }

    /// Reads columns of one file (a bucket's, or `None` for a table that is one file), in the order asked for; no
    /// columns given means all. Each row group's column chunks are checked before its first row appears. A bucket
    /// without rows gives no batches.
    ///
    /// # Errors
    /// A column that the table does not have, and a file that is missing or whose footer is not what was written. Damage
    /// behind the footer comes with the batch that meets it.
    pub fn read(&self, table: &str, bucket: Option<u32>, columns: Option<&[&str]>) -> Result<Batches> {
        match self.file(table, bucket) {
            Some(file) => Batches::open(&self.path(table, file), table, file, columns),
            None => Ok(Batches::empty()),
        }
    }

    /// All rows of a table in memory; for tables that are small.
    ///
    /// # Errors
    /// Those of [`Snapshot::read`], and damage anywhere in the columns.
    pub fn table(&self, schema: &'static TableSchema) -> Result<Table> {
        to_table(schema, &self.read_all(schema.name, None).collect::<Result<Vec<_>>>()?)
    }

    /// As [`Snapshot::read`], over every file of the table in order of bucket: tables with clients come sorted by
    /// client.
    pub fn read_all<'a>(
        &'a self,
        table: &'a str,
        columns: Option<&'a [&'a str]>,
    ) -> impl Iterator<Item = Result<arrow::array::RecordBatch>> + 'a {
        self.files(table).iter().flat_map(move |file| {
            let (batches, failed) = match Batches::open(&self.path(table, file), table, file, columns) {
                Ok(batches) => (batches, None),
                Err(error) => (Batches::empty(), Some(Err(error))),
            };
            failed.into_iter().chain(batches)
        })
    }

    /// Checks the whole of a file against its checksum, once per process, and returns its path: for readers that open
    /// Parquet files themselves.
    ///
    /// # Errors
    /// A file that is missing or not what was written.
    pub fn verify_file(&self, table: &str, file: &TableFile) -> Result<PathBuf> {
        let path = self.path(table, file);
        verified::once(&path, file.bytes, &file.blake3)?;
        Ok(path)
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }
}

pub(crate) fn manifest_path(root: &Path, id: &str) -> PathBuf {
    root.join("snapshots").join(format!("{id}.json"))
}

fn gone(root: &Path, id: &str) -> Error {
    Error::NoSnapshot { path: root.to_owned(), given: id.to_owned() }
}
