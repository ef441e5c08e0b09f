//! The file layer: every change that a store makes on disk goes through it, so that tests can let any of them fail.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::error::{At, Result};

/// The ways in which a store changes the disk. Reading needs no such layer: what is read is checked.
pub trait Files: Debug + Send + Sync {
    /// Creates a new file for writing; one that is already there is emptied.
    ///
    /// # Errors
    /// What the disk reports; the file may then be there, empty.
    fn create(&self, path: &Path) -> io::Result<Box<dyn WritableFile>>;
    /// Makes the bytes of a closed file durable.
    ///
    /// # Errors
    /// What the disk reports. The file must then be given up: a second try that succeeds would prove nothing.
    fn sync(&self, path: &Path) -> io::Result<()>;
    /// Puts `from` in the place of `to` in one step.
    ///
    /// # Errors
    /// What the disk reports; `to` is then what it was.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    ///
    /// # Errors
    /// What the disk reports. Whether the names are durable is then not known.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
    /// Creates a folder and those above it; one that is already there is fine.
    ///
    /// # Errors
    /// What the disk reports; some of the folders may then be there.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// What the disk reports; also that there is no such file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes a folder and all in it.
    ///
    /// # Errors
    /// What the disk reports; also that there is no such folder. Some of what is in it may then be gone.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Opens a new file without a name in a folder: it is gone as soon as it is closed, however the process ends.
    ///
    /// # Errors
    /// What the disk reports; also that the folder is not there.
    fn nameless(&self, folder: &Path) -> io::Result<Box<dyn NamelessFile>>;
}

/// A file being written.
pub trait WritableFile: Write + Send {
    /// Makes the bytes written so far durable. After an error the file must be given up: a second try that succeeds
    /// would prove nothing.
    ///
    /// # Errors
    /// What the disk reports.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file for what does not fit into memory.
pub trait NamelessFile: Write + Send + Sync {
    /// Fills `bytes` from a place of the file.
    ///
    /// # Errors
    /// What the disk reports; also that the file ends before.
    fn read_at(&self, bytes: &mut [u8], from: u64) -> io::Result<()>;
}

/// The operating system's files.
#[derive(Debug, Default, Clone, Copy)]
pub struct OsFiles;

impl Files for OsFiles {
    fn create(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn nameless(&self, folder: &Path) -> io::Result<Box<dyn NamelessFile>> {
        Ok(Box::new(tempfile::tempfile_in(folder)?))
    }
}

impl NamelessFile for File {
    fn read_at(&self, bytes: &mut [u8], from: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, bytes, from)
    }
}

impl WritableFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// What lies in a folder, by name; nothing when there is no such folder.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        Err(error) => return Err(error).at("list", folder),
    };
    let mut paths =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>().at("list", folder)?;
    paths.sort();
    Ok(paths)
}
