//! The register of releases: what has left the store, and of whom it was.
//!
//! `releases/REGISTER` is one document that carries its checksum and is replaced in one step. Its entries are only ever
//! added to; each carries the hash of itself and of the one before, so that none can be changed, taken out or put in
//! between unnoticed. Beside it lie the clients of every released group, by the hash of their ids: whoever was in a
//! group is then known also after the snapshot has expired, and the same people of two releases are one file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use virta_model::Day;

use crate::checked;
use crate::error::{At, Error, Result};
use crate::files::entries;
use crate::lock::Lock;
use crate::store::Store;
use crate::time::now_utc;

/// What a release says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseMeta {
    /// Name of the study.
    pub study: String,
    /// BLAKE3 of the study file.
    pub study_hash: String,
    /// The study file, so that it is known what was released when the study has been changed since.
    pub study_text: String,
    /// Id of the snapshot.
    pub snapshot: String,
    /// Version of the program.
    pub version: String,
    /// The smallest group that is told of, and what counts of people are rounded to.
    pub k: u32,
    pub round_to: u32,
    /// BLAKE3 of the bundle's manifest, which names every file with its hash.
    pub manifest: String,
}

/// A group of people of whom a release tells: a cohort, a segment, a pilot, or everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedGroup {
    /// `all`, `cohort`, `segment` or `pilot`.
    pub kind: String,
    /// As the study names it.
    pub name: String,
    /// The period as the study writes it; of a pilot its first and last day.
    pub period: String,
    /// First and last day, `yyyy-mm-dd`.
    pub first: String,
    pub last: String,
    /// Of the sorted ids, 8 bytes each, little-endian: the name of their file.
    pub clients: String,
}

impl ReleasedGroup {
    /// A group of a period, its clients' ids in any order, each once or more.
    pub fn new(kind: &str, name: &str, period: &str, days: (Day, Day), clients: &[i64]) -> Self {
        ReleasedGroup {
            kind: kind.to_owned(),
            name: name.to_owned(),
            period: period.to_owned(),
            first: days.0.to_string(),
            last: days.1.to_string(),
            clients: hash_of(&bytes_of(clients)),
        }
    }
}

/// Two groups, of this release and of an earlier one, that differ by fewer than k people, which somebody has accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AcceptedDifference {
    pub kind: String,
    pub group: String,
    pub period: String,
    /// Number of the earlier release.
    pub release: u64,
    pub earlier_kind: String,
    pub earlier_group: String,
    pub earlier_period: String,
}

/// An entry of the register. Its hash is that of these fields as JSON: one that is added later must be left out where it
/// is not set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// From 1, in the order of the releases.
    pub number: u64,
    /// UTC, by the machine's clock.
    pub released_at: String,
    #[serde(flatten)]
    pub meta: ReleaseMeta,
    pub groups: Vec<ReleasedGroup>,
    /// Empty for a release that differs enough from all before it.
    pub accepted: Vec<AcceptedDifference>,
    /// The hash of the entry before; empty for the first.
    pub previous: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    blake3: String,
    release: Release,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Document {
    entries: Vec<Entry>,
}

/// Held while a release is compared with those before it and entered: nobody else can enter one meanwhile.
#[derive(Debug)]
pub struct ReleaseWriter<'a> {
    store: &'a Store,
    document: Document,
    _lock: Lock,
}

impl Store {
    /// The releases that the register knows, the oldest first; none in a store that nothing has left.
    ///
    /// # Errors
    /// A register that is not as it was written.
    pub fn releases(&self) -> Result<Vec<Release>> {
        Ok(read(self.root())?.entries.into_iter().map(|entry| entry.release).collect())
    }

    /// Begins a release. Another one waits for up to ten minutes. What a release that was killed left behind goes.
    ///
    /// # Errors
    /// A store of a newer or older format, a register that is not as it was written, and what the disk reports.
    pub fn begin_release(&self) -> Result<ReleaseWriter<'_>> {
        const PATIENCE: Duration = Duration::from_secs(600);
        let lock = Lock::take(&self.root().join("lock-releases"), PATIENCE)?;
        let document = read(self.root())?;
        let writer = ReleaseWriter { store: self, document, _lock: lock };
        writer.sweep()?;
        Ok(writer)
    }

    /// The ids of a released group's clients, ascending.
    ///
    /// # Errors
    /// Damaged or missing files.
    pub fn released_clients(&self, group: &ReleasedGroup) -> Result<Vec<i64>> {
        let path = clients_path(self.root(), &group.clients);
        let bytes = fs::read(&path).at("read", &path)?;
        if hash_of(&bytes) != group.clients {
            return Err(Error::damaged(&path, "its checksum does not fit its content"));
        }
        let (ids, _) = bytes.as_chunks::<8>();
        Ok(ids.iter().map(|id| i64::from_le_bytes(*id)).collect())
    }

    /// Checks the register and the clients of every group, and tells how many releases and files there are and what is
    /// wrong.
    pub(crate) fn verify_releases(&self) -> Result<(u64, u64, Vec<Error>)> {
        let releases = match self.releases() {
            Ok(releases) => releases,
            Err(error @ Error::Damaged { .. }) => return Ok((0, 0, vec![error])),
            Err(error) => return Err(error),
        };
        let groups = releases.iter().flat_map(|release| &release.groups);
        let mut seen = BTreeSet::new();
        let distinct: Vec<&ReleasedGroup> = groups.filter(|group| seen.insert(group.clients.as_str())).collect();
        let problems = distinct.iter().filter_map(|group| self.released_clients(group).err()).collect();
        Ok((releases.len() as u64, distinct.len() as u64, problems))
    }
}

impl ReleaseWriter<'_> {
    /// The releases so far, the oldest first.
    pub fn earlier(&self) -> impl Iterator<Item = &Release> {
        self.document.entries.iter().map(|entry| &entry.release)
    }

    /// Enters a release, with the clients of its groups in any order, durably and in one step.
    ///
    /// # Errors
    /// What the disk reports; nothing is entered then.
    pub fn enter(
        mut self,
        meta: ReleaseMeta,
        groups: &[(ReleasedGroup, Vec<i64>)],
        accepted: Vec<AcceptedDifference>,
    ) -> Result<Release> {
        let (root, files) = (self.store.root(), self.store.files());
        let folder = folder(root);
        let of_clients = folder.join("clients");
        files.create_folder(&of_clients).at("create the folder", &of_clients)?;
        for (group, clients) in groups {
            let path = clients_path(root, &group.clients);
            if !path.exists() {
                let half_made = path.with_extension("new");
                let mut file = files.create(&half_made).at("create", &half_made)?;
                file.write_all(&bytes_of(clients)).at("write", &half_made)?;
                file.sync().at("sync", &half_made)?;
                drop(file);
                files.rename(&half_made, &path).at("rename to its place", &path)?;
            }
        }
        files.sync_folder(&of_clients).at("sync", &of_clients)?;
        let last = self.document.entries.last();
        let release = Release {
            number: last.map_or(0, |entry| entry.release.number) + 1,
            released_at: now_utc(),
            meta,
            groups: groups.iter().map(|(group, _)| group.clone()).collect(),
            accepted,
            previous: last.map(|entry| entry.blake3.clone()).unwrap_or_default(),
        };
        self.document.entries.push(Entry { blake3: entry_hash(root, &release)?, release: release.clone() });
        checked::write(files, &register(root), &self.document)?;
        files.sync_folder(&folder).at("sync", &folder)?;
        files.sync_folder(root).at("sync", root)?;
        Ok(release)
    }

    /// Removes clients that no entry names.
    fn sweep(&self) -> Result<()> {
        let root = self.store.root();
        let groups = self.earlier().flat_map(|release| &release.groups);
        let named: BTreeSet<PathBuf> = groups.map(|group| clients_path(root, &group.clients)).collect();
        for path in entries(&folder(root).join("clients"))?.into_iter().filter(|path| !named.contains(path)) {
            self.store.files().remove_file(&path).at("remove", &path)?;
        }
        Ok(())
    }
}

fn folder(root: &Path) -> PathBuf {
    root.join("releases")
}

fn register(root: &Path) -> PathBuf {
    folder(root).join("REGISTER")
}

fn clients_path(root: &Path, hash: &str) -> PathBuf {
    folder(root).join("clients").join(hash)
}

/// The register with its chain checked; empty where there is none.
fn read(root: &Path) -> Result<Document> {
    let path = register(root);
    let document: Document = checked::read(&path)?.unwrap_or_default();
    let mut previous = "";
    for (number, entry) in (1..).zip(&document.entries) {
        let fits = entry.release.number == number
            && entry.release.previous == previous
            && entry.blake3 == entry_hash(root, &entry.release)?;
        if !fits {
            return Err(Error::damaged(&path, format!("release {number} is not the one that was entered")));
        }
        previous = &entry.blake3;
    }
    Ok(document)
}

fn entry_hash(root: &Path, release: &Release) -> Result<String> {
    let content = serde_json::to_vec(release)
        .map_err(|error| Error::Settings { path: register(root), message: error.to_string() })?;
    Ok(hash_of(&content))
}

fn bytes_of(clients: &[i64]) -> Vec<u8> {
    let ids: BTreeSet<i64> = clients.iter().copied().collect();
    ids.into_iter().flat_map(i64::to_le_bytes).collect()
}

fn hash_of(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
