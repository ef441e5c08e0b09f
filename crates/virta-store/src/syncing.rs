//! Making files durable while others are still being written: a disk works while processors do.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::error::{At, Result};
use crate::files::Files;

/// Smaller files are not worth a thread: they are made durable together in the end.
pub(crate) const BYTES_MIN: u64 = 1 << 20;

/// A thread that makes finished files durable, one after another, until it is ended.
#[derive(Debug, Default)]
pub(crate) struct Syncing(Mutex<Option<Thread>>);

#[derive(Debug)]
struct Thread {
    send: Sender<PathBuf>,
    is_ended: Arc<AtomicBool>,
    thread: JoinHandle<Synced>,
}

/// The files that are durable, and the one that could not be made so. A second try would prove nothing.
#[derive(Debug, Default)]
struct Synced {
    durable: HashSet<PathBuf>,
    failed: Option<(PathBuf, io::Error)>,
}

impl Syncing {
    /// Hands a closed file over. Where no thread can be had, it stays for the end.
    pub(crate) fn hand_over(&self, files: &Arc<dyn Files>, path: &Path) {
        let mut thread = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.is_none() {
            *thread = Thread::start(Arc::clone(files)).ok();
        }
        if let Some(thread) = &*thread {
            // A thread that met a failure takes no more: the commit ends with it anyway.
            let _ = thread.send.send(path.to_owned());
        }
    }

    /// Waits for the file in hand and gives those that are durable; the others are not begun.
    ///
    /// # Errors
    /// The first file that could not be made durable.
    pub(crate) fn end(&self) -> Result<HashSet<PathBuf>> {
        let Some(thread) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Ok(HashSet::new());
        };
        thread.is_ended.store(true, Ordering::Relaxed);
        drop(thread.send);
        let Ok(synced) = thread.thread.join() else {
            return Err(io::Error::other("a thread stopped while it synced files")).at("sync", Path::new("data"));
        };
        match synced.failed {
            Some((path, error)) => Err(error).at("sync", &path),
            None => Ok(synced.durable),
        }
    }
}

impl Thread {
    fn start(files: Arc<dyn Files>) -> io::Result<Self> {
        let (send, receive) = channel();
        let is_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&is_ended);
        let thread = std::thread::Builder::new().spawn(move || sync_each(&*files, &receive, &ended))?;
        Ok(Thread { send, is_ended, thread })
    }
}

fn sync_each(files: &dyn Files, receive: &Receiver<PathBuf>, is_ended: &AtomicBool) -> Synced {
    let mut synced = Synced::default();
    while let Ok(path) = receive.recv() {
        if is_ended.load(Ordering::Relaxed) {
            break;
        }
        match files.sync(&path) {
            Ok(()) => {
                synced.durable.insert(path);
            }
            Err(error) => {
                synced.failed = Some((path, error));
                break;
            }
        }
    }
    synced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, FaultyFiles};

    #[test]
    fn a_file_that_cannot_be_made_durable_is_an_error_and_not_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b", "c"].map(|name| folder.path().join(name));
        paths.iter().for_each(|path| std::fs::write(path, "rows").unwrap());
        let faulty = FaultyFiles::failing_at(1, Fault::Interrupted);
        let files: Arc<dyn Files> = Arc::new(faulty.clone());
        let syncing = Syncing::default();
        paths.iter().for_each(|path| syncing.hand_over(&files, path));
        while !faulty.has_struck() {
            std::thread::yield_now();
        }
        let error = syncing.end().unwrap_err();
        assert!(error.to_string().contains(&*paths[1].to_string_lossy()), "{error}");
        assert_eq!(faulty.changes(), 2);
    }

    #[test]
    fn only_files_that_were_synced_are_told_durable() {
        let folder = tempfile::tempdir().unwrap();
        let paths: Vec<PathBuf> = (0..20).map(|n| folder.path().join(n.to_string())).collect();
        paths.iter().for_each(|path| std::fs::write(path, "rows").unwrap());
        let counting = FaultyFiles::counting();
        let files: Arc<dyn Files> = Arc::new(counting.clone());
        let syncing = Syncing::default();
        paths.iter().for_each(|path| syncing.hand_over(&files, path));
        let durable = syncing.end().unwrap();
        assert_eq!(durable.len() as u64, counting.changes());
        assert!(durable.iter().all(|path| paths.contains(path)));
        assert!(syncing.end().unwrap().is_empty(), "ended");
    }
}
