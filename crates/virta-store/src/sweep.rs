//! Removing what no snapshot names: leftovers of a killed commit, and snapshots that are no longer wanted.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Duration;

use crate::checked;
use crate::current::Current;
use crate::error::{At, Result};
use crate::files::entries;
use crate::lock::Lock;
use crate::manifest::Manifest;
use crate::results::{self, StudyResults};
use crate::snapshot::manifest_path;
use crate::store::{Store, working_folder};

/// What an expiry did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expired {
    /// Ids of the snapshots that are gone.
    pub snapshots: Vec<String>,
    /// Ids of those that should have gone but are being read.
    pub in_use: Vec<String>,
    pub files_removed: u64,
    pub bytes_freed: u64,
}

impl Store {
    /// Keeps the newest `keep` snapshots (never fewer than one) and those that are being read; removes the others, and
    /// every file that none of the kept names.
    ///
    /// # Errors
    /// Another program that is writing, a list of snapshots or a manifest that is damaged, and what the disk reports.
    pub fn expire(&self, keep: usize) -> Result<Expired> {
        let _lock = self.lock(Duration::ZERO)?;
        expire(self, keep)
    }
}

/// Removes what a commit that did not end left behind. The caller holds the writer lock.
pub(crate) fn leftovers(store: &Store) -> Result<()> {
    half_made_results(store)?;
    let folder = working_folder(store.root());
    if !folder.exists() {
        return Ok(());
    }
    let current = Current::read(store.root())?;
    unnamed_files(store, &current, &mut Expired::default())?;
    working_folder_of(store)
}

/// Removes the folder of a commit that moved nothing to its place, or everything.
pub(crate) fn working_folder_of(store: &Store) -> Result<()> {
    let folder = working_folder(store.root());
    store.files().remove_folder(&folder).at("remove", &folder)
}

/// Keeps the newest `keep` snapshots (at least one) and those being read. The caller holds the writer lock.
fn expire(store: &Store, keep: usize) -> Result<Expired> {
    leftovers(store)?;
    let root = store.root();
    let current = Current::read(root)?;
    let mut expired = Expired::default();
    let mut kept = Current { snapshots: Vec::new() };
    // Held until the files are gone: a reader that comes late finds the snapshot locked or off the list.
    let mut held = Vec::new();
    for (age, id) in current.snapshots.iter().enumerate() {
        if age < keep.max(1) {
            kept.snapshots.push(id.clone());
            continue;
        }
        match File::open(manifest_path(root, id)) {
            Ok(manifest) if manifest.try_lock().is_err() => {
                kept.snapshots.push(id.clone());
                expired.in_use.push(id.clone());
            }
            Ok(manifest) => {
                held.push(manifest);
                expired.snapshots.push(id.clone());
            }
            Err(_) => expired.snapshots.push(id.clone()),
        }
    }
    if expired.snapshots.is_empty() {
        old_results(store, &kept, &mut expired)?;
        return Ok(expired);
    }
    // A kill from here on leaves unnamed files; the folder tells the next writer to look for them.
    let folder = working_folder(root);
    store.files().create_folder(&folder).at("create the folder", &folder)?;
    let tmp = root.join("tmp");
    store.files().sync_folder(&tmp).at("sync", &tmp)?;
    kept.write(store.files(), root)?;
    unnamed_files(store, &kept, &mut expired)?;
    working_folder_of(store)?;
    old_results(store, &kept, &mut expired)?;
    Ok(expired)
}

/// Removes the runs of studies on snapshots that are gone, but for each study's current one. While a study is being
/// written, or when its pointer cannot be read, its runs stay for the next time.
fn old_results(store: &Store, kept: &Current, removed: &mut Expired) -> Result<()> {
    let Ok(_lock) = Lock::take(&results::lock_path(store.root()), Duration::ZERO) else { return Ok(()) };
    for study in entries(&store.root().join("results"))? {
        let Ok(current) = results::current_run(&study) else { continue };
        for run in entries(&study)?.into_iter().filter(|path| path.is_dir() && Some(path) != current.as_ref()) {
            let Ok(results) = StudyResults::open(&run) else { continue };
            if kept.snapshots.contains(&results.meta().snapshot) {
                continue;
            }
            for file in entries(&run)? {
                removed.files_removed += 1;
                removed.bytes_freed += fs::metadata(&file).map_or(0, |metadata| metadata.len());
            }
            // It leaves its place in one step, so that a kill never leaves half a run there.
            let gone = results::working_folder(store.root());
            store.files().rename(&run, &gone).at("rename out of its place", &run)?;
            store.files().sync_folder(&study).at("sync", &study)?;
            let tmp = store.root().join("tmp");
            store.files().sync_folder(&tmp).at("sync", &tmp)?;
            store.files().remove_folder(&gone).at("remove", &gone)?;
        }
    }
    Ok(())
}

/// Removes what a study that was killed while it was written left behind, unless one is being written now.
fn half_made_results(store: &Store) -> Result<()> {
    let folder = results::working_folder(store.root());
    if !folder.exists() {
        return Ok(());
    }
    match Lock::take(&results::lock_path(store.root()), Duration::ZERO) {
        Ok(_lock) if folder.exists() => store.files().remove_folder(&folder).at("remove", &folder),
        _ => Ok(()),
    }
}

/// Removes manifests that `current` does not list and data files that no listed manifest names. While one of the
/// listed manifests cannot be read, nobody knows what it names, so nothing goes.
fn unnamed_files(store: &Store, current: &Current, removed: &mut Expired) -> Result<()> {
    let root = store.root();
    let mut named: BTreeSet<PathBuf> = BTreeSet::new();
    for id in &current.snapshots {
        let path = manifest_path(root, id);
        let Ok(Some(manifest)) = checked::read::<Manifest>(&path) else { return Ok(()) };
        named.insert(path);
        for (table, files) in &manifest.tables {
            named.extend(files.iter().map(|file| file.path_in(root, table)));
        }
    }
    let mut folders = vec![root.join("snapshots")];
    folders.extend(entries(&root.join("data"))?);
    for path in folders.iter().map(|folder| entries(folder)).collect::<Result<Vec<_>>>()?.into_iter().flatten() {
        if !named.contains(&path) {
            let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            store.files().remove_file(&path).at("remove", &path)?;
            removed.files_removed += 1;
            removed.bytes_freed += bytes;
        }
    }
    Ok(())
}
