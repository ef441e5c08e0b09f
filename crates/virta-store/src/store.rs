//! The store: a folder of snapshots.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use virta_model::settings::Protection;

use crate::checked;
use crate::current::Current;
use crate::error::{At, Error, Result};
use crate::files::{Files, OsFiles, entries};
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::settings::{InitOptions, SETTINGS, Settings};
use crate::snapshot::{Snapshot, manifest_path};
use crate::time::now_utc;

/// A store on disk. Opening it reads its settings only; cloning it is cheap.
///
/// ```
/// use virta_store::{InitOptions, Store};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("store");
/// let store = Store::init(&path, &InitOptions::new("key-1"))?;
/// assert_eq!(store.current()?.rows("contacts"), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Store {
    root: Arc<Path>,
    files: Arc<dyn Files>,
    settings: Arc<Settings>,
}

const FOLDERS: [&str; 4] = ["data", "results", "snapshots", "tmp"];

impl Store {
    /// Makes an empty store, with one snapshot that has no rows. The folder must be new or empty, or hold what an
    /// `init` that was stopped left behind.
    ///
    /// # Errors
    /// A folder that is a store already or holds something else, settings that no store can have, and what the disk reports.
    pub fn init(root: &Path, options: &InitOptions) -> Result<Self> {
        Self::init_with(root, options, Arc::new(OsFiles))
    }

    /// As [`Store::init`], over another file layer.
    pub(crate) fn init_with(root: &Path, options: &InitOptions, files: Arc<dyn Files>) -> Result<Self> {
        let settings = Settings::from_options(options)?;
        check_that_it_is_free(root)?;
        for folder in FOLDERS {
            let folder = root.join(folder);
            files.create_folder(&folder).at("create the folder", &folder)?;
        }
        let mut manifest = Manifest {
            id: String::new(),
            parent: None,
            committed_at: now_utc(),
            key_id: settings.key_id.clone(),
            buckets: settings.buckets,
            tables: Default::default(),
            deliveries: Vec::new(),
        };
        manifest.id = manifest.content_id()?;
        checked::write(&*files, &manifest_path(root, &manifest.id), &manifest)?;
        let snapshots = root.join("snapshots");
        files.sync_folder(&snapshots).at("sync", &snapshots)?;
        Current { snapshots: vec![manifest.id] }.write(&*files, root)?;
        // The settings come last: without them the folder is not a store.
        checked::write_text(&*files, &root.join(SETTINGS), &settings.to_text())?;
        files.sync_folder(root).at("sync", root)?;
        if let Some(parent) = root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            files.sync_folder(parent).at("sync", parent)?;
        }
        Self::open_with(root, files)
    }

    /// # Errors
    /// A folder that is no store, and settings that cannot be read.
    pub fn open(root: &Path) -> Result<Self> {
        Self::open_with(root, Arc::new(OsFiles))
    }

    /// As [`Store::open`], over another file layer.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub fn open_with(root: &Path, files: Arc<dyn Files>) -> Result<Self> {
        let settings = Settings::read(root)?;
        Ok(Store { root: Arc::from(root), files, settings: Arc::new(settings) })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The least that a study must ask of what leaves, where the store has a section for it.
    pub fn protection(&self) -> Option<Protection> {
        self.settings.protection
    }

    /// The id of the key that this store's pseudonyms are made with.
    pub fn key_id(&self) -> &str {
        &self.settings.key_id
    }

    pub fn bucket_count(&self) -> u32 {
        self.settings.buckets
    }

    /// The newest snapshot; a new store's is empty.
    ///
    /// # Errors
    /// A list of snapshots or a manifest that is missing or damaged, and settings that are not those of the snapshot.
    pub fn current(&self) -> Result<Snapshot> {
        // The newest can expire only after a newer one has come: then look again.
        const TRIES: usize = 100;
        for _ in 0..TRIES {
            let current = Current::read(&self.root)?;
            match self.open_snapshot(current.newest(&self.root)?) {
                Err(Error::NoSnapshot { .. }) => std::thread::sleep(Duration::from_millis(5)),
                opened => return opened,
            }
        }
        Err(Error::NoSnapshot { path: self.root.to_path_buf(), given: String::new() })
    }

    /// The snapshot whose id begins with these characters.
    ///
    /// # Errors
    /// Those of [`Store::current`]; also where no snapshot begins so, or several do.
    pub fn snapshot(&self, id_or_prefix: &str) -> Result<Snapshot> {
        let current = Current::read(&self.root)?;
        let fitting: Vec<&String> = current.snapshots.iter().filter(|id| id.starts_with(id_or_prefix)).collect();
        match fitting.as_slice() {
            [id] => self.open_snapshot(id),
            [] => Err(Error::NoSnapshot { path: self.root.to_path_buf(), given: id_or_prefix.to_owned() }),
            many => Err(Error::AmbiguousSnapshot {
                given: id_or_prefix.to_owned(),
                fitting: many.iter().map(|id| id.to_string()).collect(),
            }),
        }
    }

    /// Every snapshot that has not expired, newest first.
    ///
    /// # Errors
    /// Those of [`Store::current`]. A snapshot that expires meanwhile is left out and no error.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>> {
        let current = Current::read(&self.root)?;
        let opened = current.snapshots.iter().map(|id| self.open_snapshot(id));
        // One that expires while this looks is no longer there.
        opened.filter(|snapshot| !matches!(snapshot, Err(Error::NoSnapshot { .. }))).collect()
    }

    /// Refuses to write into a store of another format.
    pub(crate) fn check_writable(&self) -> Result<()> {
        self.settings.check_writable(&self.root)
    }

    pub(crate) fn files(&self) -> &dyn Files {
        &*self.files
    }

    pub(crate) fn shared_files(&self) -> &Arc<dyn Files> {
        &self.files
    }

    pub(crate) fn lock(&self, patience: Duration) -> Result<Lock> {
        Lock::take(&self.root.join("lock"), patience)
    }

    pub(crate) fn open_snapshot(&self, id: &str) -> Result<Snapshot> {
        let snapshot = Snapshot::open(&self.root, id)?;
        if snapshot.bucket_count() != self.settings.buckets || snapshot.key_id() != self.settings.key_id {
            let message = format!(
                "buckets and key_id must be those the store was made with ({} and `{}`)",
                snapshot.bucket_count(),
                snapshot.key_id()
            );
            return Err(Error::Settings { path: self.root.join(SETTINGS), message });
        }
        Ok(snapshot)
    }
}

/// Where a commit writes before it publishes.
pub(crate) fn working_folder(root: &Path) -> PathBuf {
    root.join("tmp").join("commit")
}

fn check_that_it_is_free(root: &Path) -> Result<()> {
    if root.join(SETTINGS).exists() {
        return Err(Error::AlreadyAStore { path: root.to_owned() });
    }
    let ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        FOLDERS.contains(&name) || ["CURRENT", "CURRENT.new", "virta.new"].contains(&name)
    };
    let found = entries(root)?;
    // A half-made store has no data; anything else is not ours to touch.
    let data = entries(&root.join("data"))?;
    if !found.iter().all(ours) || !data.is_empty() {
        return Err(Error::NotEmpty { path: root.to_owned() });
    }
    Ok(())
}
