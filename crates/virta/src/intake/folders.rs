//! The folders that the program was given, and what lies in them. A file's id is the number of its folder and its path in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use virta_front::{GivenFile, GivenKind};
use virta_ingest::profile_files;
use virta_model::hetu;

use crate::failure::Failure;

/// Folders within a given folder that are looked into.
const DEPTH_MAX: usize = 4;
/// Files of all given folders that are listed at most.
const FILES_MAX: usize = 2_000;
/// Bytes of a profile or code list that is shown and edited at most.
pub(super) const TEXT_MAX: u64 = 1 << 20;

/// Folders in full.
#[derive(Debug)]
pub(super) struct Folders(Vec<PathBuf>);

impl Folders {
    /// # Errors
    /// A folder that is not there.
    pub(super) fn new(folders: &[PathBuf]) -> Result<Self, Failure> {
        let full = |folder: &PathBuf| {
            let full = fs::canonicalize(folder).map_err(|error| Failure::io("open the folder", folder, &error))?;
            match full.is_dir() {
                true => Ok(full),
                false => Err(Failure::refused("this is no folder").file(folder).fix("name a folder with --extracts")),
            }
        };
        folders.iter().map(full).collect::<Result<_, Failure>>().map(Folders)
    }

    /// Where the file of an id lies.
    pub(super) fn path_of(&self, id: &str) -> Result<PathBuf, Failure> {
        let missing = || Failure::refused("there is no such file in the folders that were given");
        let (number, rest) = id.split_once('/').ok_or_else(missing)?;
        let number: usize = number.parse().map_err(|_| missing())?;
        let folder = number.checked_sub(1).and_then(|at| self.0.get(at)).ok_or_else(missing)?;
        let rest = Path::new(rest);
        if !rest.components().all(|part| matches!(part, Component::Normal(_))) {
            return Err(missing());
        }
        let path = fs::canonicalize(folder.join(rest)).map_err(|_| missing())?;
        if path.starts_with(folder) && path.is_file() { Ok(path) } else { Err(missing()) }
    }

    pub(super) fn id_of(&self, path: &Path) -> Option<String> {
        let mut of_folders = self.0.iter().enumerate();
        of_folders.find_map(|(at, folder)| Some(format!("{}/{}", at + 1, path.strip_prefix(folder).ok()?.display())))
    }

    /// A file as the pages name it: by its folder's own name.
    pub(super) fn named(&self, path: &Path) -> String {
        let of = |folder: &PathBuf| {
            let rest = path.strip_prefix(folder).ok()?;
            Some(Path::new(folder.file_name()?).join(rest).display().to_string())
        };
        self.0
            .iter()
            .find_map(of)
            .unwrap_or_else(|| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default())
    }

    /// A profile may name files of the given folders only: pages would show others' first rows.
    pub(super) fn check_inside(&self, profile: &Path) -> Result<(), Failure> {
        for file in profile_files(profile)? {
            let full = fs::canonicalize(&file).map_err(|error| Failure::io("open", &file, &error))?;
            if !self.0.iter().any(|folder| full.starts_with(folder)) {
                return Err(Failure::refused("the profile names a file outside the folders that were given")
                    .file(profile)
                    .fix("give its folder with --extracts too, or ingest it on the command line"));
            }
        }
        Ok(())
    }

    pub(super) fn list(&self) -> Result<Vec<GivenFile>, Failure> {
        let mut paths = Vec::new();
        for folder in &self.0 {
            walk(folder, folder, 0, &mut paths)?;
        }
        paths.truncate(FILES_MAX);
        let mut files: Vec<(PathBuf, GivenFile)> = Vec::new();
        let mut read_by: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
        for path in paths {
            let (Some(id), Some(kind)) = (self.id_of(&path), kind_of(&path)) else { continue };
            if kind == GivenKind::Profile {
                // A profile that cannot be read yet names no files.
                for file in profile_files(&path).unwrap_or_default() {
                    let full = fs::canonicalize(&file).unwrap_or(file);
                    read_by.entry(full).or_default().insert(id.clone());
                }
            }
            let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            files.push((path.clone(), GivenFile { id, name: self.named(&path), kind, bytes, read_by: Vec::new() }));
        }
        for (path, file) in &mut files {
            file.read_by = read_by.remove(path).unwrap_or_default().into_iter().collect();
        }
        let mut files: Vec<GivenFile> = files.into_iter().map(|(_, file)| file).collect();
        files.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(files)
    }
}

/// The files below a folder, in order of name. What is hidden is left out, and so are links that lead elsewhere and files
/// whose names hold an identity code.
fn walk(root: &Path, folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::io("read the folder", folder, &error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_inside = fs::canonicalize(&path).is_ok_and(|full| full.starts_with(root));
        if name.starts_with('.') || !is_inside || hetu::in_any_word(&name) || found.len() >= FILES_MAX {
            continue;
        }
        match path.is_dir() {
            true if depth < DEPTH_MAX => walk(root, &path, depth + 1, found)?,
            true => {}
            false => found.push(path),
        }
    }
    Ok(())
}

/// What a file is for, by its name and its beginning; nothing where no ingest reads such files.
pub(super) fn kind_of(path: &Path) -> Option<GivenKind> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    if name.ends_with(".toml") {
        let text = String::from_utf8(first_bytes(path, TEXT_MAX)).ok()?;
        let is_source = |line: &str| line.trim_start().starts_with("[source]");
        return text.lines().any(is_source).then_some(GivenKind::Profile);
    }
    if name.ends_with(".csv") {
        let is_list = [b"code,service".as_slice(), b"package,name_fi", b"provider,name_fi"];
        let start = first_bytes(path, 32);
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start);
        return Some(match is_list.iter().any(|head| start.starts_with(head)) {
            true => GivenKind::CodeList,
            false => GivenKind::Data,
        });
    }
    let is_data = [".csv.gz", ".txt", ".tsv", ".parquet", ".xlsx"].iter().any(|ending| name.ends_with(ending));
    is_data.then_some(GivenKind::Data)
}

fn first_bytes(path: &Path, count: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(file) = fs::File::open(path) {
        // What cannot be read is no list; the ingest will say why.
        let _ = std::io::Read::read_to_end(&mut std::io::Read::take(file, count), &mut bytes);
    }
    bytes
}
