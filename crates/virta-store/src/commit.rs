//! A commit: new files beside the old ones, made visible by one rename.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use virta_model::schema::{DELIVERIES, TableSchema};
use virta_model::{Table, Value};

use crate::batch::to_record_batch;
use crate::checked;
use crate::current::Current;
use crate::encode::{ColumnSlice, Room};
use crate::error::{At, Error, Result};
use crate::files::Files;
use crate::layout::arrow_schema;
use crate::lock::Lock;
use crate::manifest::{Delivery, LEDGER_TABLE, Manifest, TableFile, folder_of};
use crate::snapshot::{Snapshot, manifest_path};
use crate::spill::SpillFile;
use crate::store::{Store, working_folder};
use crate::sweep;
use crate::syncing::{BYTES_MIN, Syncing};
use crate::time::now_utc;
use crate::write::{FileWriter, Written};

/// A change of the store in the making. It holds the writer lock; dropping it unfinished changes nothing.
///
/// Files that the commit does not touch carry over from [`Commit::base`]. Writers may work on many threads at once.
#[derive(Debug)]
pub struct Commit {
    store: Store,
    base: Snapshot,
    staged: Mutex<BTreeMap<FileKey, Option<Written>>>,
    ledger: Mutex<Option<Vec<Delivery>>>,
    next_file: AtomicU64,
    room: Mutex<Room>,
    syncing: Syncing,
    /// Whether publishing ended well; `None` before it began.
    published: Option<bool>,
    /// Freed last.
    _lock: Lock,
}

type FileKey = (String, Option<u32>);

/// What a finished commit did.
#[derive(Debug, Clone)]
pub struct Committed {
    pub snapshot: Snapshot,
    /// False when everything was as before: then nothing was made and `snapshot` is the one before.
    pub changed: bool,
}

impl Store {
    /// Takes the writer lock and begins a change, after sweeping what a killed writer left. When another holds the
    /// lock the error says who.
    ///
    /// # Errors
    /// Another program that is writing, by its name; a store of another format; a newest snapshot that cannot be opened; and
    /// what the disk reports.
    pub fn begin(&self) -> Result<Commit> {
        self.begin_within(Duration::ZERO)
    }

    /// As [`Store::begin`], waiting for at most `patience` while another writes.
    pub(crate) fn begin_within(&self, patience: Duration) -> Result<Commit> {
        self.check_writable()?;
        Commit::begin(self, self.lock(patience)?)
    }
}

impl Commit {
    fn begin(store: &Store, lock: Lock) -> Result<Self> {
        sweep::leftovers(store)?;
        let base = store.current()?;
        let folder = working_folder(store.root());
        store.files().create_folder(&folder).at("create the folder", &folder)?;
        let tmp = store.root().join("tmp");
        store.files().sync_folder(&tmp).at("sync", &tmp)?;
        Ok(Commit {
            store: store.clone(),
            base,
            staged: Mutex::default(),
            ledger: Mutex::default(),
            next_file: AtomicU64::new(0),
            room: Mutex::default(),
            syncing: Syncing::default(),
            published: None,
            _lock: lock,
        })
    }

    /// The snapshot that this commit changes.
    pub fn base(&self) -> &Snapshot {
        &self.base
    }

    /// Opens a file for what does not fit into memory while this commit is made.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn spill_file(&self) -> Result<SpillFile> {
        SpillFile::create(self.store.files(), working_folder(self.store.root()))
    }

    /// Replaces the rows of one bucket of a table with clients.
    ///
    /// # Errors
    /// A bucket that the store does not have, and what the disk reports.
    pub fn bucket_writer(&self, table: &TableSchema, bucket: u32) -> Result<TableWriter<'_>> {
        self.writer(table.name, Some(bucket), arrow_schema(table), &table.row_order())
    }

    /// Replaces the rows of a table that is one file.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn whole_writer(&self, table: &TableSchema) -> Result<TableWriter<'_>> {
        self.writer(table.name, None, arrow_schema(table), &table.row_order())
    }

    /// Replaces one file of a hidden table, whose name is a table's and a word after a `.`: `contacts.identity`.
    /// Fields choose their encoding by the metadata key [`ENCODING_KEY`](crate::ENCODING_KEY). With a `client_id` as
    /// the first of `order` its rows must come in the order of clients.
    ///
    /// # Errors
    /// A name that is not two words of small letters, digits and `_` with a `.` between; a bucket that the store does not
    /// have; and what the disk reports.
    pub fn sidecar_writer(
        &self,
        name: &str,
        bucket: Option<u32>,
        schema: SchemaRef,
        order: &[&str],
    ) -> Result<TableWriter<'_>> {
        match name.split_once('.') {
            Some((table, word)) if is_word(table) && is_word(word) => self.writer(name, bucket, schema, order),
            _ => Err(Error::BadName { what: "hidden table", name: name.to_owned() }),
        }
    }

    /// Replaces a whole small table. Its rows are sorted by [`row_order`](TableSchema::row_order) here.
    ///
    /// # Errors
    /// Columns of unequal length, a null where the table allows none, and what the disk reports.
    pub fn replace(&self, table: &Table) -> Result<()> {
        let batch = crate::order::sorted(&to_record_batch(table)?, &table.schema.row_order())
            .map_err(|source| Error::Arrow { table: table.schema.name.to_owned(), source })?;
        let mut writer = self.whole_writer(table.schema)?;
        writer.write(&batch)?;
        writer.finish()
    }

    /// Takes one file's rows out of the store.
    pub fn remove(&self, table: &str, bucket: Option<u32>) {
        self.stage((table.to_owned(), bucket), None);
    }

    /// Sets the whole ledger, also of earlier deliveries. `ingested_at` and `snapshot` are kept from the base for
    /// deliveries that it knows and filled in for new ones, whatever they hold here. Without a call the ledger stays.
    pub fn set_ledger(&self, deliveries: Vec<Delivery>) {
        *self.ledger.lock().unwrap_or_else(PoisonError::into_inner) = Some(deliveries);
    }

    /// Makes the change durable and visible. After an error the store is as it was before, or, when only the last
    /// sync failed, as after; it is never between.
    ///
    /// # Errors
    /// A delivery in the ledger whose rows do not add up, and what the disk reports.
    pub fn finish(mut self) -> Result<Committed> {
        let deliveries = self.new_ledger()?;
        let mut staged = std::mem::take(&mut *self.staged.lock().unwrap_or_else(PoisonError::into_inner));
        staged.remove(&(LEDGER_TABLE.to_owned(), None));
        let mut manifest = Manifest {
            id: String::new(),
            parent: Some(self.base.id().to_owned()),
            committed_at: now_utc(),
            key_id: self.base.key_id().to_owned(),
            buckets: self.base.bucket_count(),
            tables: merge(self.base.manifest(), &staged),
            deliveries,
        };
        manifest.id = manifest.content_id()?;
        if manifest.id == self.base.id() {
            return Ok(Committed { snapshot: self.base.clone(), changed: false });
        }
        self.complete_ledger(&mut manifest);
        if let Some(ledger) = self.write_ledger(&manifest.deliveries)? {
            manifest.tables.insert(LEDGER_TABLE.to_owned(), vec![ledger.file.clone()]);
            staged.insert((LEDGER_TABLE.to_owned(), None), Some(ledger));
        } else {
            manifest.tables.remove(LEDGER_TABLE);
        }
        self.published = Some(false);
        self.publish(&staged, &manifest)?;
        self.published = Some(true);
        let snapshot = Snapshot::open(self.store.root(), &manifest.id)?;
        Ok(Committed { snapshot, changed: true })
    }

    fn writer(&self, table: &str, bucket: Option<u32>, schema: SchemaRef, order: &[&str]) -> Result<TableWriter<'_>> {
        let number = self.next_file.fetch_add(1, Ordering::Relaxed);
        let path = working_folder(self.store.root()).join(format!("file-{number}.parquet"));
        let range = bucket.map(|bucket| (bucket, self.base.bucket_count()));
        if let Some((bucket, count)) = range
            && bucket >= count
        {
            let problem = "there is no such bucket in this store";
            return Err(Error::Rows { table: table.to_owned(), bucket: bucket.to_string(), problem });
        }
        let mut room = self.room.lock().unwrap_or_else(PoisonError::into_inner);
        let writer = FileWriter::create(self.store.files(), path, table, schema, order, range, &mut room)?;
        Ok(TableWriter { commit: self, key: (table.to_owned(), bucket), writer })
    }

    fn stage(&self, key: FileKey, written: Option<Written>) {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner).insert(key, written);
    }

    /// The ledger to commit, by id, before times and snapshot are filled in.
    fn new_ledger(&self) -> Result<Vec<Delivery>> {
        let given = self.ledger.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut deliveries = given.unwrap_or_else(|| self.base.deliveries().to_vec());
        deliveries.sort_by_key(|delivery| delivery.delivery_id);
        deliveries.iter().try_for_each(Delivery::check)?;
        match deliveries.windows(2).find(|pair| matches!(pair, [a, b] if a.delivery_id == b.delivery_id)) {
            Some([twice, ..]) => {
                Err(Error::Ledger { delivery_id: twice.delivery_id, problem: "it is twice in the ledger".to_owned() })
            }
            _ => Ok(deliveries),
        }
    }

    fn complete_ledger(&self, manifest: &mut Manifest) {
        let known: BTreeMap<i64, &Delivery> = self.base.deliveries().iter().map(|d| (d.delivery_id, d)).collect();
        for delivery in &mut manifest.deliveries {
            let (ingested_at, snapshot) = match known.get(&delivery.delivery_id) {
                Some(before) => (&before.ingested_at, &before.snapshot),
                None => (&manifest.committed_at, &manifest.id),
            };
            delivery.ingested_at.clone_from(ingested_at);
            delivery.snapshot.clone_from(snapshot);
        }
    }

    fn write_ledger(&self, deliveries: &[Delivery]) -> Result<Option<Written>> {
        let mut table = Table::new(&DELIVERIES);
        let count = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        for d in deliveries {
            table.push(&[
                Value::Int(d.delivery_id),
                Value::Text(&d.source),
                Value::Text(&d.file),
                Value::Text(&d.blake3),
                count(d.bytes),
                count(d.rows_read),
                count(d.rows_accepted),
                count(d.rows_quarantined),
                count(d.rows_superseded),
                count(d.rows_not_selected),
                count(d.lines_skipped),
                Value::Text(&d.ingested_at),
                Value::Text(&d.snapshot),
            ]);
        }
        self.replace(&table)?;
        let key = (LEDGER_TABLE.to_owned(), None);
        Ok(self.staged.lock().unwrap_or_else(PoisonError::into_inner).remove(&key).flatten())
    }

    fn publish(&self, staged: &BTreeMap<FileKey, Option<Written>>, manifest: &Manifest) -> Result<()> {
        let (files, root) = (self.store.files(), self.store.root());
        let written: Vec<(&FileKey, &Written)> =
            staged.iter().filter_map(|(key, written)| Some((key, written.as_ref()?))).collect();
        let durable = self.syncing.end()?;
        let rest: Vec<_> = written.iter().filter(|(_, file)| !durable.contains(&file.path)).copied().collect();
        sync_all(files, &rest)?;
        self.move_into_place(&written)?;

        let snapshots = root.join("snapshots");
        let current = Current::read(root)?;
        let path = manifest_path(root, &manifest.id);
        // A state that the store was in before has its manifest, with the time when it was first reached.
        let listed = current.snapshots.contains(&manifest.id);
        if !listed || !matches!(checked::read::<Manifest>(&path), Ok(Some(_))) {
            checked::write(files, &path, manifest)?;
            files.sync_folder(&snapshots).at("sync", &snapshots)?;
        }
        current.with_newest(&manifest.id).write(files, root)
    }

    fn move_into_place(&self, written: &[(&FileKey, &Written)]) -> Result<()> {
        let (files, root) = (self.store.files(), self.store.root());
        let mut tables: Vec<&str> = written.iter().map(|((table, _), _)| table.as_str()).collect();
        tables.dedup();
        let mut made_folder = false;
        for table in &tables {
            let folder = folder_of(root, table);
            if !folder.is_dir() {
                files.create_folder(&folder).at("create the folder", &folder)?;
                made_folder = true;
            }
        }
        if made_folder {
            let data = root.join("data");
            files.sync_folder(&data).at("sync", &data)?;
        }
        for ((table, _), written) in written {
            let to = written.file.path_in(root, table);
            files.rename(&written.path, &to).at("rename to its place", &to)?;
        }
        for table in tables {
            let folder = folder_of(root, table);
            files.sync_folder(&folder).at("sync", &folder)?;
        }
        Ok(())
    }
}

impl Drop for Commit {
    fn drop(&mut self) {
        let _ = self.syncing.end();
        // What cannot be removed now is invisible and goes with the next sweep.
        let _ = match self.published {
            // Files may lie in their places already, so look for all that no snapshot names.
            Some(false) => sweep::leftovers(&self.store),
            _ => sweep::working_folder_of(&self.store),
        };
    }
}

/// Writes the rows of one file of a [`Commit`]. Until [`TableWriter::finish`] they are no part of it.
#[derive(Debug)]
pub struct TableWriter<'a> {
    commit: &'a Commit,
    key: FileKey,
    writer: FileWriter,
}

impl TableWriter<'_> {
    /// Adds rows in the table's order. The same rows give the same file, however they are cut into batches.
    ///
    /// # Errors
    /// Rows that are not in the table's order or not of its bucket, columns that are not those of the table, a null where the
    /// table allows none, and what the disk reports. The writer must then be given up.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch)
    }

    /// Adds rows in the table's order from its columns, in the order of its schema and all of this length: the fast way
    /// for tables of numbers and codes, with the same bytes as [`TableWriter::write`] gives. Other tables refuse it.
    ///
    /// # Errors
    /// Those of [`TableWriter::write`], and a table that has other columns than numbers, days, codes and flags.
    pub fn write_columns(&mut self, rows: usize, columns: &[ColumnSlice<'_>]) -> Result<()> {
        self.writer.write_columns(rows, columns)
    }

    /// Ends the file and puts it into the commit. Without rows the commit has no such file.
    ///
    /// # Errors
    /// What the disk reports; the commit then ends without the file.
    pub fn finish(self) -> Result<()> {
        let mut room = Room::default();
        let written = self.writer.finish(&mut room)?;
        self.commit.room.lock().unwrap_or_else(PoisonError::into_inner).add(room);
        let written = if written.file.rows == 0 {
            self.commit.store.files().remove_file(&written.path).at("remove", &written.path)?;
            None
        } else {
            Some(written)
        };
        if let Some(written) = written.as_ref().filter(|written| written.file.bytes >= BYTES_MIN) {
            self.commit.syncing.hand_over(self.commit.store.shared_files(), &written.path);
        }
        self.commit.stage(self.key, written);
        Ok(())
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn merge(base: &Manifest, staged: &BTreeMap<FileKey, Option<Written>>) -> BTreeMap<String, Vec<TableFile>> {
    let mut files: BTreeMap<FileKey, TableFile> = base
        .tables
        .iter()
        .flat_map(|(table, files)| files.iter().map(move |file| ((table.clone(), file.bucket), file.clone())))
        .collect();
    for (key, written) in staged {
        match written {
            Some(written) => files.insert(key.clone(), written.file.clone()),
            None => files.remove(key),
        };
    }
    let mut tables: BTreeMap<String, Vec<TableFile>> = BTreeMap::new();
    for ((table, _), file) in files {
        tables.entry(table).or_default().push(file);
    }
    tables
}

/// Syncs on several threads: a disk makes many files durable at once in little more time than one.
fn sync_all(files: &dyn Files, written: &[(&FileKey, &Written)]) -> Result<()> {
    const THREADS: usize = 8;
    let next = AtomicU64::new(0);
    let work = || {
        while let Some((_, file)) = written.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
            files.sync(&file.path).at("sync", &file.path)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS.min(written.len())).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| {
                let stopped = std::io::Error::other("a thread stopped while it synced files");
                Err(stopped).at("sync", Path::new("data"))
            })
        })
    })
}
