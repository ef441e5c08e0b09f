//! Outputs that are no files.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens what a path names where that is a device or a pipe, or whatever standard output goes to (`/dev/stdout`): what is
/// written goes into it. A file that is made whole beside its place and then renamed would take the device away. `None` for
/// files, and where nothing is yet.
///
/// # Errors
/// A device or a pipe that cannot be opened to write.
pub(crate) fn open(path: &Path) -> io::Result<Option<File>> {
    let is_of_the_system = || ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() && (!found.is_file() || is_of_the_system()) => {
            OpenOptions::new().append(true).open(path).map(Some)
        }
        _ => Ok(None),
    }
}
