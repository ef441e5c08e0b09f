//! One file a command: it asks the libraries and tells the user.

pub(crate) mod compare;
pub(crate) mod deliveries;
pub(crate) mod demo;
pub(crate) mod dictionary;
pub(crate) mod doctor;
pub(crate) mod expire;
pub(crate) mod identify;
pub(crate) mod ingest;
pub(crate) mod init;
pub(crate) mod linkage;
pub(crate) mod manual;
pub(crate) mod open;
pub(crate) mod paths;
pub(crate) mod profile;
pub(crate) mod release;
pub(crate) mod report;
pub(crate) mod serve;
pub(crate) mod snapshots;
pub(crate) mod study;
pub(crate) mod synth;
pub(crate) mod users;
pub(crate) mod verify;
pub(crate) mod worker;

use std::path::{Path, PathBuf};

use virta_store::{Snapshot, Store};

use crate::args::{AsOf, Common};
use crate::failure::Failure;

/// The snapshot that was asked for, else the newest.
fn snapshot_of(store: &Store, as_of: &AsOf) -> Result<Snapshot, Failure> {
    Ok(match &as_of.as_of {
        Some(id) => store.snapshot(id)?,
        None => store.current()?,
    })
}

/// Where a store's key lies unless the user says otherwise: beside the store, never inside.
fn key_path(store: &Path, given: Option<&Path>) -> PathBuf {
    match given {
        Some(path) => path.to_owned(),
        None => {
            let mut name = store.components().as_path().as_os_str().to_owned();
            name.push(".key");
            PathBuf::from(name)
        }
    }
}

/// The beginning of a snapshot's id: enough to type.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}

/// Makes the shared threads as many as were asked for.
fn use_threads(common: &Common) -> Result<(), Failure> {
    let Some(threads) = common.threads() else { return Ok(()) };
    let built = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    built.map_err(|error| Failure::refused(format!("the threads cannot be started: {error}")))
}
