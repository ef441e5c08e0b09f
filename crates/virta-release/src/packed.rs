//! A release as one file to take along.

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::error::Error;
use crate::folder::{File, at};
use crate::manifest::Manifest;
use crate::read::checked;

const MANIFEST: &str = "manifest.json";

/// Whether a folder holds the release with a manifest of this hash (BLAKE3, hex).
#[must_use]
pub fn is_release(folder: &Path, manifest: &str) -> bool {
    fs::read(folder.join(MANIFEST)).is_ok_and(|bytes| blake3::hash(&bytes).to_hex().as_str() == manifest)
}

/// The files of a release by its manifest's hash, as a ZIP below one folder of this name: the same bytes every time.
///
/// # Errors
/// A folder with another manifest, and files that are missing or not as they were released, by name.
pub fn packed(folder: &Path, manifest: &str, name: &str) -> Result<Vec<u8>, Error> {
    let path = folder.join(MANIFEST);
    let bytes = fs::read(&path).map_err(at("read", &path))?;
    let damaged = |problem: String| Error::Damaged { path: path.clone(), problem };
    if blake3::hash(&bytes).to_hex().as_str() != manifest {
        return Err(damaged("it is another release's".to_owned()));
    }
    let read = Manifest::from_bytes(&bytes).map_err(damaged)?;
    let mut files = Vec::with_capacity(read.files.len() + 1);
    for file in &read.files {
        let (_, bytes) = checked(folder, &read, &file.file)?;
        files.push(File { name: file.file.clone(), bytes });
    }
    files.push(File { name: MANIFEST.to_owned(), bytes });
    zipped(&files, name).map_err(|error| damaged(error.to_string()))
}

fn zipped(files: &[File], name: &str) -> zip::result::ZipResult<Vec<u8>> {
    // The first day that a ZIP can say: the day of packing would make other bytes of the same release.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        zip.start_file(format!("{name}/{}", file.name), options)?;
        zip.write_all(&file.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.to_owned(), bytes: text.as_bytes().to_vec() }
    }

    #[test]
    fn a_packed_folder_has_every_file_and_the_same_bytes_every_time() {
        let files = [file("tables/profile.csv", "a,b\n1,2\n"), file(MANIFEST, "{}")];
        let (one, other) = (zipped(&files, "made-1").unwrap(), zipped(&files, "made-1").unwrap());
        assert_eq!(one, other);
        let mut archive = zip::ZipArchive::new(Cursor::new(one)).unwrap();
        let mut text = String::new();
        archive.by_name("made-1/tables/profile.csv").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((archive.len(), text.as_str()), (2, "a,b\n1,2\n"));
    }

    #[test]
    fn another_release_in_the_folder_is_not_taken_for_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(MANIFEST), "{}").unwrap();
        let hash = blake3::hash(b"{}").to_hex().to_string();
        assert!(is_release(folder.path(), &hash) && !is_release(folder.path(), &"0".repeat(64)));
        assert!(packed(folder.path(), &"0".repeat(64), "x").is_err());
        assert!(packed(folder.path(), &hash, "x").is_err(), "it is no manifest");
    }
}
