//! JSON documents that carry the checksum of their own bytes.
//!
//! The file is a JSON object of two members: `blake3`, then `content`. The checksum covers the exact bytes of the
//! second, so that any change to the file is found before anything in it is used.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{At, Error, Result};
use crate::files::Files;

const HEAD: &str = "{\"blake3\":\"";
const MIDDLE: &str = "\",\"content\":";
const TAIL: &str = "}\n";
const HASH_CHARS: usize = 64;

/// A document of this content, which is JSON.
pub fn sealed(content: &str) -> String {
    let hash = blake3::hash(content.as_bytes()).to_hex();
    format!("{HEAD}{hash}{MIDDLE}{content}{TAIL}")
}

/// The content of a document; nothing of bytes that are none, or were changed.
pub fn unsealed(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(HEAD.as_bytes())?;
    let (hash, rest) = rest.split_at_checked(HASH_CHARS)?;
    let content = rest.strip_prefix(MIDDLE.as_bytes())?.strip_suffix(TAIL.as_bytes())?;
    (blake3::hash(content).to_hex().as_bytes() == hash).then_some(content)
}

/// Writes a document beside `path`, makes it durable, and moves it into its place. The folder is still to be synced.
pub(crate) fn write<T: Serialize>(files: &dyn Files, path: &Path, content: &T) -> Result<()> {
    let content = serde_json::to_string_pretty(content)
        .map_err(|error| Error::Settings { path: path.to_owned(), message: error.to_string() })?;
    write_text(files, path, &sealed(&content))
}

/// Writes a small file beside `path`, makes it durable, and moves it into its place.
pub(crate) fn write_text(files: &dyn Files, path: &Path, text: &str) -> Result<()> {
    let half_made = path.with_extension("new");
    let mut file = files.create(&half_made).at("create", &half_made)?;
    file.write_all(text.as_bytes()).at("write", &half_made)?;
    file.sync().at("sync", &half_made)?;
    drop(file);
    files.rename(&half_made, path).at("rename to its place", path)
}

/// Reads a document; `None` when there is no such file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).at("read", path),
    };
    let content = unsealed(&bytes).ok_or_else(|| Error::damaged(path, "its checksum does not fit its content"))?;
    let content = serde_json::from_slice(content)
        .map_err(|error| Error::damaged(path, format!("it was written by another version of virta ({error})")))?;
    Ok(Some(content))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::OsFiles;

    #[test]
    fn every_flipped_bit_and_every_cut_of_a_document_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write(&OsFiles, &path, &vec!["one", "two"]).unwrap();
        assert_eq!(read::<Vec<String>>(&path).unwrap().unwrap(), ["one", "two"]);
        let whole = fs::read(&path).unwrap();
        serde_json::from_slice::<serde_json::Value>(&whole).unwrap();
        for bit in 0..whole.len() * 8 {
            let mut bytes = whole.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(unsealed(&bytes), None, "bit {bit}");
        }
        for length in 0..whole.len() {
            assert_eq!(unsealed(&whole[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn a_missing_document_is_none() {
        assert!(read::<u32>(Path::new("/nowhere/at/all.json")).unwrap().is_none());
    }
}
