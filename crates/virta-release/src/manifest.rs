//! `manifest.json`: what a bundle holds, what it was made from and by which rules.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use virta_model::settings::Title;
use virta_store::{sealed, unsealed};

use crate::error::Error;

/// Version of the manifest's form.
pub(crate) const FORMAT: u32 = 1;

/// What a bundle holds. It has no clock, no place and no name of whoever made it, so that the same study gives the same
/// manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    /// Version of the program.
    pub version: String,
    /// Name of the study.
    pub study: String,
    pub titles: Titles,
    /// BLAKE3 of the study file.
    pub study_hash: String,
    /// Id of the snapshot that was studied.
    pub snapshot: String,
    pub policy: Policy,
    pub periods: Vec<ManifestPeriod>,
    /// Every rule of the study with the defaults that apply, by its key.
    pub definition: BTreeMap<String, String>,
    /// The sources of the snapshot that tell something of people.
    pub sources: Vec<ManifestSource>,
    pub tables: Vec<ManifestTable>,
    /// Every file but the manifest.
    pub files: Vec<ManifestFile>,
}

/// Titles of the study and of its groups, where it has any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Titles {
    #[serde(default)]
    pub study: Title,
    /// By the cohort's name.
    #[serde(default)]
    pub cohorts: BTreeMap<String, Title>,
    /// By the segment's name.
    #[serde(default)]
    pub segments: BTreeMap<String, Title>,
    /// By the pilot's name.
    #[serde(default)]
    pub pilots: BTreeMap<String, Title>,
}

/// What protects the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Fewer clients are never shown.
    pub k: u32,
    /// Counts of people are rounded to multiples of it.
    pub round_to: u32,
}

/// A period of the study: its label in the tables, first and last day (`yyyy-mm-dd`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestPeriod {
    pub period: String,
    pub first: String,
    pub last: String,
}

/// A source and the last day that it knows of, where it said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestSource {
    pub source: String,
    pub known_to: Option<String>,
}

/// A table of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTable {
    pub table: String,
    pub file: String,
    pub rows: u64,
    /// Whether rows of too few clients are not there; how many they are is not said.
    pub(crate) rare_rows_left_out: bool,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    pub file: String,
    pub bytes: u64,
    pub blake3: String,
}

impl Manifest {
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let content = serde_json::to_string_pretty(self)?;
        // With the hash of its own content, so that a change of it is found as one of any other file.
        Ok(sealed(&content).into_bytes())
    }

    /// What is wrong with bytes that are no manifest, or its content.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        let content = unsealed(bytes).ok_or("its checksum does not fit its content")?;
        let form: Form = serde_json::from_slice(content).map_err(|_| "it is no manifest of a release")?;
        if form.format != FORMAT {
            return Err(format!("its format is {}, and this program knows {FORMAT} only", form.format));
        }
        serde_json::from_slice(content).map_err(|_| "it is no manifest of a release".to_owned())
    }
}

#[derive(Deserialize)]
struct Form {
    format: u32,
}
