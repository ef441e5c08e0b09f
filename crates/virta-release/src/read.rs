//! Taking in a bundle: nothing of it is used before every hash holds.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use virta_model::schema::COHORT;
use virta_report::{Names, ReleasedTable};

use crate::csv_table;
use crate::error::Error;
use crate::folder::at;
use crate::manifest::Manifest;

/// A bundle whose every file is as it was released.
#[derive(Debug, Clone)]
pub struct Bundle {
    pub manifest: Manifest,
    /// The tables that this program knows, in the order of the dictionary.
    pub tables: Vec<ReleasedTable>,
    /// What the codes of the tables are called.
    pub names: Names,
}

impl Bundle {
    /// Reads a bundle from its folder. Files that the manifest does not name are not looked at.
    ///
    /// # Errors
    /// A folder without a manifest, and files that are missing or not as they were released, by name.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("manifest.json");
        let bytes = match fs::read(&path) {
            Err(error) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&error.kind()) => {
                return Err(Error::NotARelease { path: folder.to_owned() });
            }
            read => read.map_err(at("read", &path))?,
        };
        let manifest =
            Manifest::from_bytes(&bytes).map_err(|problem| Error::Damaged { path: path.clone(), problem })?;
        for file in &manifest.files {
            checked(folder, &manifest, &file.file)?;
        }
        let mut tables = Vec::new();
        for schema in COHORT.iter().filter(|schema| schema.leaves.ever()) {
            let Some(entry) = manifest.tables.iter().find(|entry| entry.table == schema.name) else { continue };
            let (path, bytes) = checked(folder, &manifest, &entry.file)?;
            let schema = csv_table::schema(schema, &bytes);
            let rows = csv_table::read(schema, &bytes)
                .map_err(|problem| Error::Damaged { path, problem: problem.to_owned() })?;
            tables.push(ReleasedTable { schema, rows, has_rows_left_out: entry.rare_rows_left_out });
        }
        let names = names(folder, &manifest)?;
        Ok(Bundle { manifest, tables, names })
    }
}

/// The bytes of a file that the manifest names, after its size and hash.
pub(crate) fn checked(folder: &Path, manifest: &Manifest, name: &str) -> Result<(PathBuf, Vec<u8>), Error> {
    let path = folder.join(name);
    let damaged = |problem: &str| Error::Damaged { path: path.clone(), problem: problem.to_owned() };
    // A manifest that names files elsewhere was not made here.
    let is_inside = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    let entry = manifest.files.iter().find(|file| file.file == name).filter(|_| is_inside);
    let entry = entry.ok_or_else(|| damaged("the manifest does not name it"))?;
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(damaged("it is missing")),
        read => read.map_err(at("read", &path))?,
    };
    if bytes.len() as u64 != entry.bytes || blake3::hash(&bytes).to_hex().as_str() != entry.blake3 {
        return Err(damaged("its checksum is not the manifest's"));
    }
    Ok((path, bytes))
}

fn names(folder: &Path, manifest: &Manifest) -> Result<Names, Error> {
    let mut names = Names::default();
    if !manifest.files.iter().any(|file| file.file == "names.csv") {
        return Ok(names);
    }
    let (path, bytes) = checked(folder, manifest, "names.csv")?;
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    for record in reader.records() {
        let problem = "a row of it cannot be read".to_owned();
        let record = record.map_err(|_| Error::Damaged { path: path.clone(), problem })?;
        let text = |at: usize| record.get(at).unwrap_or_default().to_owned();
        let of = match record.get(0) {
            Some("service") => &mut names.services,
            Some("package") => &mut names.packages,
            Some("provider") => &mut names.providers,
            _ => continue,
        };
        of.insert(text(1), [text(2), text(3), text(4)]);
    }
    Ok(names)
}
