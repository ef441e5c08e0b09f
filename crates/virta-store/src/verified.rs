//! Whole-file checks.

use std::collections::HashSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use crate::error::{At, Error, Result};

/// Checks a file unless this process has checked it before and it has not been touched since.
pub(crate) fn once(path: &Path, bytes: u64, blake3: &str) -> Result<()> {
    type Seen = HashSet<(PathBuf, Option<SystemTime>)>;
    static SEEN: OnceLock<Mutex<Seen>> = OnceLock::new();
    let seen = SEEN.get_or_init(Mutex::default);
    let changed = std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let key = (path.to_owned(), changed);
    if seen.lock().unwrap_or_else(PoisonError::into_inner).contains(&key) {
        return Ok(());
    }
    whole_file(path, bytes, blake3)?;
    seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
    Ok(())
}

/// Checks a file's size and BLAKE3.
pub(crate) fn whole_file(path: &Path, bytes: u64, blake3: &str) -> Result<()> {
    let mut file = open(path, bytes)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer).at("read", path)? {
            0 => break,
            n => hasher.update(buffer.get(..n).unwrap_or_default()),
        };
    }
    if hasher.finalize().to_hex().as_str() != blake3 {
        return Err(Error::damaged(path, "its BLAKE3 is not the one in the manifest"));
    }
    Ok(())
}

/// Opens a file of a known size.
pub(crate) fn open(path: &Path, bytes: u64) -> Result<File> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::damaged(path, "it is missing")),
        Err(error) => return Err(error).at("open", path),
    };
    let found = file.metadata().at("read", path)?.len();
    if found != bytes {
        return Err(Error::damaged(path, format!("it has {found} bytes, the manifest says {bytes}")));
    }
    Ok(file)
}
