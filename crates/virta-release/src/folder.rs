//! A bundle on disk: it appears whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// A file of a bundle: its name, with `/` between folders, and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A bundle beside its place, durable and invisible until it is [shown](Written::show). Dropping it takes it back.
#[derive(Debug)]
pub struct Written {
    half_made: PathBuf,
    folder: PathBuf,
    is_shown: bool,
}

/// Writes the files of a bundle beside `folder`, which must be new or empty.
///
/// # Errors
/// A folder that holds something, and what the disk reports; nothing is left then.
pub fn write(folder: &Path, files: &[File]) -> Result<Written, Error> {
    check_that_it_is_free(folder)?;
    let half_made = beside(folder);
    // What an earlier release that was killed left here is of no use.
    if half_made.exists() {
        fs::remove_dir_all(&half_made).map_err(at("remove", &half_made))?;
    }
    let written = Written { half_made, folder: folder.to_owned(), is_shown: false };
    let root = &written.half_made;
    fs::create_dir_all(root).map_err(at("create the folder", root))?;
    let mut folders = vec![root.clone()];
    for file in files {
        let path = root.join(&file.name);
        if let Some(parent) = path.parent().filter(|parent| !folders.iter().any(|folder| folder == parent)) {
            fs::create_dir_all(parent).map_err(at("create the folder", parent))?;
            folders.push(parent.to_owned());
        }
        let mut new = fs::File::create(&path).map_err(at("create", &path))?;
        new.write_all(&file.bytes).map_err(at("write", &path))?;
        new.sync_all().map_err(at("sync", &path))?;
    }
    for folder in folders.iter().rev() {
        sync_folder(folder)?;
    }
    Ok(written)
}

impl Written {
    /// Where the bundle is until it is shown: what an interrupt may remove.
    pub fn half_made(&self) -> &Path {
        &self.half_made
    }

    /// Puts the bundle in its place in one step.
    ///
    /// # Errors
    /// What the disk reports, and a folder that something was put into meanwhile.
    pub fn show(mut self) -> Result<(), Error> {
        // An empty folder makes room; one that is not empty stays, and the rename fails.
        fs::rename(&self.half_made, &self.folder).map_err(at("rename to its place", &self.folder))?;
        self.is_shown = true;
        match self.folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => sync_folder(parent),
            None => sync_folder(Path::new(".")),
        }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.is_shown {
            // What cannot be removed now goes with the next release to the same place.
            let _ = fs::remove_dir_all(&self.half_made);
        }
    }
}

/// Refuses a folder that holds something, or a file in its place.
pub(crate) fn check_that_it_is_free(folder: &Path) -> Result<(), Error> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => Err(Error::NotEmpty { path: folder.to_owned() }),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at("look into", folder)(error)),
    }
}

/// In the same folder, so that one rename puts it in its place.
fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.components().as_path().as_os_str().to_owned();
    name.push(".new");
    PathBuf::from(name)
}

fn sync_folder(folder: &Path) -> Result<(), Error> {
    fs::File::open(folder).and_then(|opened| opened.sync_all()).map_err(at("sync", folder))
}

pub(crate) fn at<'a>(action: &'static str, path: &'a Path) -> impl Fn(io::Error) -> Error + 'a {
    move |source| Error::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<File> {
        let file = |name: &str| File { name: name.to_owned(), bytes: name.as_bytes().to_vec() };
        vec![file("tables/a.csv"), file("manifest.json")]
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_bundle_is_not_there_before_it_is_shown_and_whole_after() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("out");
        let written = write(&folder, &files()).unwrap();
        assert!(!folder.exists());
        written.show().unwrap();
        assert_eq!(names(&folder), ["manifest.json", "tables"]);
        assert_eq!(fs::read(folder.join("tables/a.csv")).unwrap(), b"tables/a.csv");
        assert_eq!(names(root.path()), ["out"]);
    }

    #[test]
    fn a_bundle_that_is_not_shown_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        drop(write(&root.path().join("out"), &files()).unwrap());
        assert_eq!(names(root.path()), Vec::<String>::new());
    }

    #[test]
    fn an_empty_folder_is_filled_and_another_is_left_as_it_is() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("out");
        fs::create_dir(&folder).unwrap();
        write(&folder, &files()).unwrap().show().unwrap();
        assert!(matches!(write(&folder, &files()), Err(Error::NotEmpty { .. })));
        // Something that came between the check and the rename is not written over.
        let other = root.path().join("other");
        let written = write(&other, &files()).unwrap();
        fs::create_dir(&other).unwrap();
        fs::write(other.join("mine.txt"), "mine").unwrap();
        assert!(written.show().is_err());
        assert_eq!(names(&other), ["mine.txt"]);
    }

    #[test]
    fn what_a_killed_release_left_is_swept() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("out");
        fs::create_dir(root.path().join("out.new")).unwrap();
        fs::write(root.path().join("out.new/half.csv"), "half").unwrap();
        write(&folder, &files()).unwrap().show().unwrap();
        assert_eq!(names(&folder), ["manifest.json", "tables"]);
        assert_eq!(names(root.path()), ["out"]);
    }
}
