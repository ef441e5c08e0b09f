//! A file layer that fails on demand: for tests that try a fault at every change of the disk.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::files::{Files, OsFiles, WritableFile};

/// What happens at the chosen change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, once: a full disk, an I/O error. Of a write, half is written.
    Error,
    /// The process dies: it fails, and so does every change after it.
    Kill,
    /// The machine loses its power: as [`Fault::Kill`], and then what was not synced is partly lost. The number
    /// decides which part.
    PowerCut(u64),
}

/// Counts every write, sync, rename, creation and removal, and lets one of them fail.
///
/// Nothing is really synced: what would be lost without is known from the journal.
#[derive(Debug, Clone)]
pub struct FaultyFiles {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    changes: u64,
    fault: Option<(u64, Fault)>,
    dead: bool,
    journal: Vec<Unsynced>,
}

/// A change that a power cut can undo.
#[derive(Debug, Clone)]
enum Unsynced {
    /// The bytes of a file.
    Bytes(PathBuf),
    /// A name, with what it replaced.
    Renamed { from: PathBuf, to: PathBuf, replaced: Option<Vec<u8>> },
}

impl FaultyFiles {
    /// A layer without a fault: it counts.
    pub fn counting() -> Self {
        Self::new(None)
    }

    /// A layer whose change number `at` (from 0) meets a fault.
    pub fn failing_at(at: u64, fault: Fault) -> Self {
        Self::new(Some((at, fault)))
    }

    fn new(fault: Option<(u64, Fault)>) -> Self {
        let state = State { changes: 0, fault, dead: false, journal: Vec::new() };
        FaultyFiles { state: Arc::new(Mutex::new(state)) }
    }

    /// How many changes there were.
    pub fn changes(&self) -> u64 {
        self.state().changes
    }

    /// Whether the fault has happened.
    pub fn has_struck(&self) -> bool {
        let state = self.state();
        state.fault.is_some_and(|(at, _)| at < state.changes)
    }

    /// Ends the story: after a power cut, undoes a part of what was not synced.
    pub fn settle(&self) -> io::Result<()> {
        let mut state = self.state();
        let Some((at, Fault::PowerCut(seed))) = state.fault else { return Ok(()) };
        if at >= state.changes {
            return Ok(());
        }
        let mut journal = std::mem::take(&mut state.journal);
        let mut dice = seed;
        while let Some(last) = journal.pop() {
            // Any mixture of lost and kept is possible; a multiplicative generator draws one.
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let lost = dice >> 33 & 1 == 0;
            match last {
                Unsynced::Bytes(path) if lost => {
                    if let Ok(file) = OpenOptions::new().write(true).open(&path) {
                        let length = file.metadata()?.len();
                        file.set_len((dice >> 40) % (length + 1))?;
                    }
                }
                Unsynced::Renamed { from, to, replaced } if lost => {
                    // The file may be gone by now, and its folder too.
                    if to.exists() && from.parent().is_some_and(Path::is_dir) {
                        fs::rename(&to, &from)?;
                        if let Some(bytes) = replaced {
                            fs::write(&to, bytes)?;
                        }
                    }
                }
                Unsynced::Renamed { from, to, .. } => {
                    for earlier in &mut journal {
                        if let Unsynced::Bytes(path) = earlier
                            && *path == from
                        {
                            path.clone_from(&to);
                        }
                    }
                }
                Unsynced::Bytes(_) => {}
            }
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a change; the error when it is the one that fails.
    fn change(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        let number = state.changes;
        state.changes += 1;
        if state.dead {
            return Err(io::Error::other("the process is dead"));
        }
        match state.fault {
            Some((at, fault)) if at == number => {
                state.dead = fault != Fault::Error;
                Err(io::Error::new(io::ErrorKind::StorageFull, "an injected fault"))
            }
            _ => Ok(state),
        }
    }
}

impl Files for FaultyFiles {
    fn create(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        let mut state = self.change()?;
        let file = File::create(path)?;
        state.journal.push(Unsynced::Bytes(path.to_owned()));
        Ok(Box::new(FaultyFile { files: self.clone(), path: path.to_owned(), file }))
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        state.journal.retain(|unsynced| !matches!(unsynced, Unsynced::Bytes(of) if of == path));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        let replaced = fs::read(to).ok();
        OsFiles.rename(from, to)?;
        state.journal.push(Unsynced::Renamed { from: from.to_owned(), to: to.to_owned(), replaced });
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.change()?;
        // A name that has become durable carries its file's unsynced bytes with it.
        let mut moved = Vec::new();
        state.journal.retain(|unsynced| match unsynced {
            Unsynced::Renamed { from, to, .. } if to.parent() == Some(path) => {
                moved.push((from.clone(), to.clone()));
                false
            }
            _ => true,
        });
        for unsynced in &mut state.journal {
            if let Unsynced::Bytes(of) = unsynced
                && let Some((_, to)) = moved.iter().find(|(from, _)| from == of)
            {
                of.clone_from(to);
            }
        }
        Ok(())
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        let _state = self.change()?;
        OsFiles.create_folder(path)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let _state = self.change()?;
        OsFiles.remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        // A folder goes file by file: a kill can come between any two.
        let mut found = BTreeSet::new();
        collect(path, &mut found)?;
        for file in found.iter().rev() {
            let _state = self.change()?;
            if file.is_dir() { fs::remove_dir(file)? } else { fs::remove_file(file)? }
        }
        Ok(())
    }
}

fn collect(path: &Path, found: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), found)?;
        }
    }
    found.insert(path.to_owned());
    Ok(())
}

struct FaultyFile {
    files: FaultyFiles,
    path: PathBuf,
    file: File,
}

impl Write for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.files.change() {
            Ok(_) => self.file.write(bytes),
            Err(error) => {
                // The half that reached the disk before the fault.
                if !bytes.is_empty() && error.kind() == io::ErrorKind::StorageFull {
                    self.file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default())?;
                }
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl WritableFile for FaultyFile {
    fn sync(&mut self) -> io::Result<()> {
        self.files.sync(&self.path)
    }
}
