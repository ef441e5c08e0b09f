//! One file a command: it asks the libraries and tells the user.

pub mod compare;
pub mod deliveries;
pub mod demo;
pub mod dictionary;
pub mod doctor;
pub mod expire;
pub mod identify;
pub mod ingest;
pub mod init;
pub mod linkage;
pub mod manual;
pub mod open;
pub mod paths;
pub mod profile;
pub mod release;
pub mod report;
pub mod serve;
pub mod snapshots;
pub mod study;
pub mod synth;
pub mod users;
pub mod verify;

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
