//! A file layer that fails on demand, for tests that try a fault at every change of the disk: this crate's, and those of
//! others, which name this file as a module.

// Each crate's tests use a part of it.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use virta_store::{Files, NamelessFile, OsFiles, WritableFile};

/// What happens at the chosen change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The disk is full, once. Of a write, half gets through.
    Full,
    /// An I/O error, once. Nothing of a write gets through; of a sync, a part of the bytes is lost for good, as when the
    /// system gives up on pages that it could not write.
    Broken,
    /// An I/O error is told, once, of a change that was made.
    Belied,
    /// A signal comes before the change is made, once: whoever writes must try again, the rest may fail.
    Interrupted,
    /// A write takes half of its bytes and says so, which is no error. Other changes are as always.
    Short,
    /// The process dies before the change: it and every one after it fail.
    KillBefore,
    /// The process dies in the midst of it: of a write, half is there.
    KillDuring,
    /// The process dies when the change is made.
    KillAfter,
    /// The machine loses its power: as [`Fault::KillDuring`], and then what was not synced is partly lost, bytes and
    /// names. The number decides which part.
    PowerCut(u64),
}

impl Fault {
    /// Every kind of fault at a change; no two changes have the same power cuts.
    pub(crate) fn kinds(at: u64) -> [Fault; 10] {
        use Fault::*;
        let cut = |n| PowerCut(2 * at + n);
        [Full, Broken, Belied, Interrupted, Short, KillBefore, KillDuring, KillAfter, cut(0), cut(1)]
    }

    /// Whether nothing changes any more on the disk.
    fn is_death(self) -> bool {
        matches!(self, Fault::KillBefore | Fault::KillDuring | Fault::KillAfter | Fault::PowerCut(_))
    }

    fn error(self) -> io::Error {
        let kind = match self {
            Fault::Full => io::ErrorKind::StorageFull,
            Fault::Interrupted => io::ErrorKind::Interrupted,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, "an injected fault")
    }
}

/// Counts every write, sync, rename, creation and removal, and every read of a spill file, and lets one of them fail.
///
/// Nothing is really synced: what would be lost without is known from the journal.
#[derive(Debug, Clone)]
pub(crate) struct FaultyFiles {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    changes: u64,
    spills: u64,
    fault: Option<(u64, Fault)>,
    struck: bool,
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
    pub(crate) fn counting() -> Self {
        Self::new(None)
    }

    /// A layer whose change number `at` (from 0) meets a fault.
    pub(crate) fn failing_at(at: u64, fault: Fault) -> Self {
        Self::new(Some((at, fault)))
    }

    fn new(fault: Option<(u64, Fault)>) -> Self {
        let state = State { changes: 0, spills: 0, fault, struck: false, dead: false, journal: Vec::new() };
        FaultyFiles { state: Arc::new(Mutex::new(state)) }
    }

    /// How many changes there were.
    pub(crate) fn changes(&self) -> u64 {
        self.state().changes
    }

    /// How many of them were writes to spill files.
    pub(crate) fn spills(&self) -> u64 {
        self.state().spills
    }

    /// Whether the fault has happened.
    pub(crate) fn has_struck(&self) -> bool {
        self.state().struck
    }

    /// Ends the story: after a power cut, undoes a part of what was not synced.
    pub(crate) fn settle(&self) -> io::Result<()> {
        let mut state = self.state();
        let Some((_, Fault::PowerCut(seed))) = state.fault.filter(|_| state.struck) else { return Ok(()) };
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

    /// Counts a change and makes it, unless a fault comes in between. `part` is what is made of it when it comes in the
    /// midst; it is told the fault.
    fn change<T>(
        &self,
        make: impl FnOnce(&mut State) -> io::Result<T>,
        part: impl FnOnce(&mut State, Fault) -> io::Result<Option<T>>,
    ) -> io::Result<T> {
        let state = &mut *self.state();
        let number = state.changes;
        state.changes += 1;
        if state.dead {
            return Err(io::Error::other("the process is dead"));
        }
        let Some((_, fault)) = state.fault.filter(|(at, _)| *at == number) else { return make(state) };
        state.struck = fault != Fault::Short;
        state.dead = fault.is_death();
        match fault {
            Fault::KillAfter | Fault::Belied => make(state).map(drop)?,
            Fault::Interrupted | Fault::KillBefore => {}
            Fault::Full | Fault::Broken | Fault::Short | Fault::KillDuring | Fault::PowerCut(_) => {
                match part(state, fault)? {
                    Some(made) => return Ok(made),
                    None if fault == Fault::Short => return make(state),
                    None => {}
                }
            }
        }
        Err(fault.error())
    }

    /// A change of which there are no parts.
    fn step<T>(&self, make: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        self.change(make, |_, _| Ok(None))
    }

    /// Writes to `file`, or a part of it.
    fn write(&self, mut file: impl Write, bytes: &[u8]) -> io::Result<usize> {
        let half = bytes.get(..bytes.len().div_ceil(2)).unwrap_or_default();
        let file = std::cell::RefCell::new(&mut file);
        self.change(
            |_| file.borrow_mut().write_all(bytes).map(|()| bytes.len()),
            |state, fault| match fault {
                Fault::Broken => Ok(None),
                Fault::Short if half.len() < bytes.len() => {
                    state.struck = true;
                    file.borrow_mut().write_all(half).map(|()| Some(half.len()))
                }
                Fault::Short => Ok(None),
                _ => file.borrow_mut().write_all(half).map(|()| None),
            },
        )
    }
}

impl Files for FaultyFiles {
    fn create(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.step(|state| {
            let file = File::create(path)?;
            state.journal.push(Unsynced::Bytes(path.to_owned()));
            Ok(Box::new(FaultyFile { files: self.clone(), path: path.to_owned(), file }) as Box<dyn WritableFile>)
        })
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        self.change(
            |state| {
                state.journal.retain(|unsynced| !matches!(unsynced, Unsynced::Bytes(of) if of == path));
                Ok(())
            },
            |_, fault| {
                if fault == Fault::Broken {
                    let file = OpenOptions::new().write(true).open(path)?;
                    file.set_len(file.metadata()?.len() / 2)?;
                }
                Ok(None)
            },
        )
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|state| {
            let replaced = fs::read(to).ok();
            OsFiles.rename(from, to)?;
            state.journal.push(Unsynced::Renamed { from: from.to_owned(), to: to.to_owned(), replaced });
            Ok(())
        })
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|state| {
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
        })
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step(|_| OsFiles.create_folder(path))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step(|_| OsFiles.remove_file(path))
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        // A folder goes file by file: a kill can come between any two.
        let mut found = BTreeSet::new();
        collect(path, &mut found)?;
        for file in found.iter().rev() {
            self.step(|_| if file.is_dir() { fs::remove_dir(file) } else { fs::remove_file(file) })?;
        }
        Ok(())
    }

    fn nameless(&self, folder: &Path) -> io::Result<Box<dyn NamelessFile>> {
        self.step(|_| {
            let file = OsFiles.nameless(folder)?;
            Ok(Box::new(FaultyNameless { files: self.clone(), file }) as Box<dyn NamelessFile>)
        })
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
        self.files.write(&mut self.file, bytes)
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

struct FaultyNameless {
    files: FaultyFiles,
    file: Box<dyn NamelessFile>,
}

impl Write for FaultyNameless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.files.state().spills += 1;
        self.files.write(&mut self.file, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NamelessFile for FaultyNameless {
    fn read_at(&self, bytes: &mut [u8], from: u64) -> io::Result<()> {
        self.files.step(|_| self.file.read_at(bytes, from))
    }
}
