//! Room on the store's disk for what a commit cannot hold in memory.

use std::path::PathBuf;

use crate::error::{At, Result};
use crate::files::{Files, NamelessFile};

/// A file of a commit that only grows and is read back in parts. It has no name: nothing of it is left when it is
/// dropped or the process ends.
pub struct SpillFile {
    file: Box<dyn NamelessFile>,
    folder: PathBuf,
    end: u64,
}

impl std::fmt::Debug for SpillFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpillFile").field("folder", &self.folder).field("end", &self.end).finish_non_exhaustive()
    }
}

impl SpillFile {
    pub(crate) fn create(files: &dyn Files, folder: PathBuf) -> Result<Self> {
        let file = files.nameless(&folder).at("make a spill file in", &folder)?;
        Ok(SpillFile { file, folder, end: 0 })
    }

    /// Adds bytes at the end and tells where they begin. After an error the file must be given up.
    ///
    /// # Errors
    /// What the disk reports.
    pub fn append(&mut self, bytes: &[u8]) -> Result<u64> {
        let begin = self.end;
        self.file.write_all(bytes).at("write a spill file in", &self.folder)?;
        self.end += bytes.len() as u64;
        Ok(begin)
    }

    /// Fills `bytes` with what was appended at `from`. Threads may read at once.
    ///
    /// # Errors
    /// What the disk reports, and bytes past the end.
    pub fn read(&self, from: u64, bytes: &mut [u8]) -> Result<()> {
        self.file.read_at(bytes, from).at("read a spill file in", &self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::OsFiles;

    #[test]
    fn what_was_appended_is_read_back_and_no_name_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let mut spill = SpillFile::create(&OsFiles, folder.path().to_owned()).unwrap();
        assert_eq!(spill.append(b"one").unwrap(), 0);
        assert_eq!(spill.append(b"three").unwrap(), 3);
        let mut read = [0; 5];
        spill.read(3, &mut read).unwrap();
        assert_eq!(&read, b"three");
        assert!(spill.read(4, &mut read).is_err(), "past the end");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
