//! `CURRENT`: the one file whose rename makes a commit visible.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::checked;
use crate::error::{At, Error, Result};
use crate::files::Files;

/// The snapshots that can be read, newest first. A manifest that is not named here is a leftover.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Current {
    pub snapshots: Vec<String>,
}

impl Current {
    pub(crate) fn path(root: &Path) -> PathBuf {
        root.join("CURRENT")
    }

    pub(crate) fn read(root: &Path) -> Result<Self> {
        let path = Self::path(root);
        let current: Option<Current> = checked::read(&path)?;
        current.ok_or_else(|| Error::damaged(&path, "it is missing"))
    }

    /// Replaces the file in one step and makes that durable.
    pub(crate) fn write(&self, files: &dyn Files, root: &Path) -> Result<()> {
        checked::write(files, &Self::path(root), self)?;
        files.sync_folder(root).at("sync", root)
    }

    /// The id of the newest snapshot.
    pub(crate) fn newest(&self, root: &Path) -> Result<&str> {
        let first = self.snapshots.first();
        first.map(String::as_str).ok_or_else(|| Error::damaged(&Self::path(root), "it names no snapshot"))
    }

    /// With a snapshot as the newest; one that was there before moves up.
    pub(crate) fn with_newest(&self, id: &str) -> Self {
        let others = self.snapshots.iter().filter(|other| *other != id).cloned();
        Current { snapshots: std::iter::once(id.to_owned()).chain(others).collect() }
    }
}
