//! The log of use beside a store: who asked what, when, and what became of it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use virta_model::Day;
use zeroize::Zeroizing;

use crate::error::{At, Broken, Error, Result};
use crate::verifier::{from_hex, mac, to_hex};

/// What is written down of one use. Results never are.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Entry<'a> {
    pub user: &'a str,
    /// As what, `data_unit` or `researcher: rows`; empty before somebody is let in.
    pub role: &'a str,
    /// Through which door: `postgres`, `http`.
    pub door: &'a str,
    pub store: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub snapshot: &'a str,
    /// What was done: `login`, `statement`, `outcome`, `page`.
    pub what: &'a str,
    /// The statement, [redacted](crate::redacted), or the name of the page.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub text: &'a str,
    /// What became of it: `begun`, `done`, `refused`, `failed`, `cancelled`.
    pub outcome: &'a str,
    /// The number of the entry whose outcome this is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<u64>,
}

/// What a check of a log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nobody has used the store through a door.
    Nothing,
    /// Every entry is as it was written.
    Sound { entries: u64 },
    /// The entries before this one are as they were written.
    Broken(Broken),
}

/// The log of use of one store.
///
/// It is a file of lines beside the store, `STORE.use.jsonl`, one JSON document each. An entry has the number and the
/// seal of the one before, and a seal of its own: HMAC-SHA-256 of the rest of the line under a key that follows from the
/// store's key. So nobody without the key can change, remove or put entries elsewhere without its being found. What the
/// last entry was stands in `STORE.use.head`, so that a cut end is found too.
///
/// Processes may share a log: each addition holds a lock on it. An entry is on disk when [`append`](Self::append)
/// returns.
pub struct UseLog {
    log: PathBuf,
    head: PathBuf,
    key: Zeroizing<[u8; 32]>,
    /// One addition at a time in this process; others wait for the lock on the file.
    turn: Mutex<()>,
}

impl fmt::Debug for UseLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UseLog").field("log", &self.log).finish_non_exhaustive()
    }
}

/// What the log ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Head {
    entries: u64,
    bytes: u64,
    seal: String,
}

/// The seal before the first entry.
const NO_SEAL: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const SEAL_FIELD: &str = ",\"seal\":\"";
/// A line is an entry: text is cut long before.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Where the log of a store lies: beside it, so that neither snapshots nor copies of the store hold it.
pub fn log_path(store: &Path) -> PathBuf {
    beside(store, ".use.jsonl")
}

fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.components().as_path().as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[derive(Serialize)]
struct Written<'a> {
    n: u64,
    time: &'a str,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
    before: &'a str,
}

#[derive(Deserialize)]
struct Place {
    n: u64,
    before: String,
}

impl UseLog {
    /// The log of a store. `key` is that of the log, made from the store's key for this purpose.
    pub fn new(store: &Path, key: [u8; 32]) -> Self {
        UseLog {
            log: log_path(store),
            head: beside(store, ".use.head"),
            key: Zeroizing::new(key),
            turn: Mutex::default(),
        }
    }

    /// Whether a store has no log, because nobody came through a door.
    pub fn is_absent(store: &Path) -> bool {
        !log_path(store).exists() && !beside(store, ".use.head").exists()
    }

    /// Writes an entry down, durably, and gives its number.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be written, [`Error::Log`] when the end of the log is not as it was written: then
    /// nothing is added, so that what was done to it stays to be seen.
    pub fn append(&self, entry: &Entry<'_>) -> Result<u64> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut log = self.open(&self.log)?;
        log.lock().at("lock", &self.log)?;
        let mut head_file = self.open(&self.head)?;
        let head = self.settled(&mut log, &mut head_file)?;
        let time = now();
        let written = Written { n: head.entries + 1, time: &time, entry, before: &head.seal };
        let body = serde_json::to_string(&written).map_err(io::Error::other).at("write", &self.log)?;
        let body = body.strip_suffix('}').unwrap_or(&body);
        let seal = self.seal(body);
        let line = format!("{body}{SEAL_FIELD}{seal}\"}}\n");
        let add = |log: &mut File| {
            log.seek(SeekFrom::Start(head.bytes))?;
            log.write_all(line.as_bytes())?;
            log.sync_data()
        };
        add(&mut log).at("write", &self.log)?;
        let next = Head { entries: head.entries + 1, bytes: head.bytes + line.len() as u64, seal };
        next.write(&mut head_file).at("write", &self.head)?;
        Ok(next.entries)
    }

    /// Looks through every entry.
    ///
    /// # Errors
    /// [`Error::Io`] when the files cannot be read.
    pub fn verify(&self) -> Result<Found> {
        let missing = |path: &Path| !path.exists();
        if missing(&self.log) && missing(&self.head) {
            return Ok(Found::Nothing);
        }
        let broken = |entry, what| Ok(Found::Broken(Broken { entry, what }));
        if missing(&self.log) {
            return broken(1, "is gone, with all after it");
        }
        let log = File::open(&self.log).at("read", &self.log)?;
        log.lock_shared().at("lock", &self.log)?;
        let head = match File::open(&self.head) {
            Ok(mut file) => Head::read(&mut file).at("read", &self.head)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error).at("read", &self.head),
        };
        let (mut entries, mut bytes, mut seal) = (0, 0, NO_SEAL.to_owned());
        let mut sealed_by_head = head.as_ref().is_some_and(|head| head.entries == 0);
        let mut lines = BufReader::new(log);
        loop {
            let mut line = Vec::new();
            let read = lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).at("read", &self.log)?;
            if read == 0 {
                break;
            }
            let number = entries + 1;
            seal = match self.next(&line, number, &seal) {
                Ok(seal) => seal,
                // The last line may be one that a crash cut before anybody was answered.
                Err(_) if sealed_by_head && !line.ends_with(b"\n") => break,
                Err(what) => return broken(number, what),
            };
            (entries, bytes) = (number, bytes + read as u64);
            if head.as_ref().is_some_and(|head| head.entries == entries) {
                if head.as_ref().is_some_and(|head| head.seal != seal || head.bytes != bytes) {
                    return broken(entries, "is another than was written last");
                }
                sealed_by_head = true;
            }
        }
        match head {
            None if entries == 0 => Ok(Found::Nothing),
            None => broken(entries, "may not be the last: the file that says how many there are is gone or damaged"),
            Some(head) if head.entries > entries => broken(entries + 1, "is gone, with all after it"),
            Some(head) if head.entries + 1 < entries => broken(head.entries + 1, "was added by nobody who was let in"),
            Some(_) => Ok(Found::Sound { entries }),
        }
    }

    /// The seal of a line, if it is the entry of this number after the one with that seal.
    fn next(&self, line: &[u8], number: u64, before: &str) -> std::result::Result<String, &'static str> {
        let line = std::str::from_utf8(line).map_err(|_| "is no entry")?;
        let (body, rest) = line.rsplit_once(SEAL_FIELD).ok_or("is no entry")?;
        let seal = rest.strip_suffix("\"}\n").ok_or("is no entry")?;
        let (claimed, own): (Option<[u8; 32]>, _) = (from_hex(seal), mac(self.key.as_slice(), &[body.as_bytes()]));
        if !claimed.is_some_and(|claimed| claimed.ct_eq(&own).into()) {
            return Err("was changed");
        }
        let read: Place = serde_json::from_str(&format!("{body}}}")).map_err(|_| "is no entry")?;
        match read.n == number && read.before == before {
            true => Ok(seal.to_owned()),
            false => Err("is not the one that was here"),
        }
    }

    /// How the log ends, after what a crash may have left between the two files was settled.
    fn settled(&self, log: &mut File, head_file: &mut File) -> Result<Head> {
        let bytes = log.metadata().at("read", &self.log)?.len();
        let broken = |entry, what| Err(Error::Log { path: self.log.clone(), broken: Broken { entry, what } });
        let head = match Head::read(head_file).at("read", &self.head)? {
            Some(head) => head,
            None if bytes == 0 => return Ok(Head { entries: 0, bytes: 0, seal: NO_SEAL.to_owned() }),
            // The very first entry was written and the machine stopped before its head was.
            None if head_file.metadata().at("read", &self.head)?.len() == 0 => {
                Head { entries: 0, bytes: 0, seal: NO_SEAL.to_owned() }
            }
            None => return broken(1, "may not be the last: the file that says how many there are is damaged"),
        };
        if bytes < head.bytes {
            return broken(head.entries, "is gone or was cut");
        }
        if bytes == head.bytes {
            return if self.ends_with(log, &head)? { Ok(head) } else { broken(head.entries, "was changed") };
        }
        let mut tail = Vec::new();
        let read =
            log.seek(SeekFrom::Start(head.bytes)).and_then(|_| (&*log).take(LINE_BYTES_MAX).read_to_end(&mut tail));
        read.at("read", &self.log)?;
        if !tail.contains(&b'\n') {
            // Half an entry, of a use that was never answered.
            log.set_len(head.bytes).at("write", &self.log)?;
            return Ok(head);
        }
        match self.next(&tail, head.entries + 1, &head.seal) {
            Ok(seal) => Ok(Head { entries: head.entries + 1, bytes, seal }),
            Err(what) => broken(head.entries + 1, what),
        }
    }

    /// Whether the last line is the entry that was written last.
    fn ends_with(&self, log: &mut File, head: &Head) -> Result<bool> {
        let ending = format!("{SEAL_FIELD}{}\"}}\n", head.seal);
        let Some(from) = head.bytes.checked_sub(ending.len() as u64) else { return Ok(head.bytes == 0) };
        let mut last = Vec::new();
        let read = log.seek(SeekFrom::Start(from)).and_then(|_| (&*log).read_to_end(&mut last));
        read.at("read", &self.log)?;
        Ok(last == ending.as_bytes())
    }

    fn seal(&self, body: &str) -> String {
        to_hex(&mac(self.key.as_slice(), &[body.as_bytes()]))
    }

    fn open(&self, path: &Path) -> Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        options.open(path).at("open", path)
    }
}

impl Head {
    /// Always as many bytes, so that it is overwritten in one place.
    fn text(&self) -> String {
        format!("{:020} {:020} {}\n", self.entries, self.bytes, self.seal)
    }

    fn write(&self, file: &mut File) -> io::Result<()> {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(self.text().as_bytes())?;
        file.sync_data()
    }

    fn read(file: &mut File) -> io::Result<Option<Head>> {
        let mut text = String::new();
        file.seek(SeekFrom::Start(0))?;
        if (&*file).take(200).read_to_string(&mut text).is_err() {
            return Ok(None);
        }
        let mut parts = text.split_ascii_whitespace();
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let (entries, bytes) = (number(), number());
        let head = entries.zip(bytes).zip(parts.next());
        let head = head.map(|((entries, bytes), seal)| Head { entries, bytes, seal: seal.to_owned() });
        Ok(head.filter(|head| head.text() == text))
    }
}

/// The time in UTC, `2026-01-31T23:59:59.123Z`.
fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since.as_secs();
    let (year, month, day) = Day(i32::try_from(seconds / 86_400).unwrap_or(i32::MAX)).ymd();
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    /// A log of so many entries.
    fn log(entries: u64) -> (TempDir, UseLog) {
        let folder = tempfile::tempdir().unwrap();
        let log = UseLog::new(&folder.path().join("region"), KEY);
        for n in 1..=entries {
            let text = format!("select {n}");
            let entry =
                Entry { user: "aino", role: "data_unit", door: "postgres", what: "statement", ..Entry::default() };
            assert_eq!(log.append(&Entry { text: &text, outcome: "begun", ..entry }).unwrap(), n);
        }
        (folder, log)
    }

    fn broken_at(log: &UseLog) -> Option<u64> {
        match log.verify().unwrap() {
            Found::Broken(broken) => Some(broken.entry),
            _ => None,
        }
    }

    #[test]
    fn what_was_written_is_sound_and_no_log_is_none() {
        assert_eq!(log(0).1.verify().unwrap(), Found::Nothing);
        let (_folder, log) = log(5);
        assert_eq!(log.verify().unwrap(), Found::Sound { entries: 5 });
        let text = fs::read_to_string(&log.log).unwrap();
        assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{text}");
    }

    #[test]
    fn every_change_of_any_line_is_found_at_that_line() {
        for entry in 1..=5u64 {
            for change in ["change", "remove", "swap", "double", "cut here"] {
                let (_folder, log) = log(5);
                let text = fs::read_to_string(&log.log).unwrap();
                let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
                let at = entry as usize - 1;
                let first_broken = match change {
                    "change" => {
                        lines[at] = lines[at].replace("aino", "ville");
                        entry
                    }
                    "remove" => {
                        lines.remove(at);
                        entry
                    }
                    "swap" => {
                        let other = (at + 1) % 5;
                        lines.swap(at, other);
                        entry.min(other as u64 + 1)
                    }
                    "double" => {
                        lines.insert(at, lines[at].clone());
                        entry + 1
                    }
                    _ => {
                        lines.truncate(at);
                        entry
                    }
                };
                fs::write(&log.log, lines.concat()).unwrap();
                assert_eq!(broken_at(&log), Some(first_broken), "{change} {entry}");
                if entry == 5 && change != "change" {
                    assert!(log.append(&Entry::default()).is_err(), "{change}");
                }
            }
        }
    }

    #[test]
    fn another_key_cannot_write_entries_that_pass() {
        let (folder, log) = log(3);
        let forger = UseLog::new(&folder.path().join("region"), [8; 32]);
        let head = fs::read(&log.head).unwrap();
        forger.append(&Entry { user: "ville", ..Entry::default() }).unwrap();
        assert_eq!(broken_at(&log), Some(4));
        // A head put back does not help.
        fs::write(&log.head, head).unwrap();
        assert_eq!(broken_at(&log), Some(4));
        assert!(log.append(&Entry::default()).is_err());
    }

    #[test]
    fn a_head_that_is_gone_or_damaged_is_found() {
        for damage in ["gone", "damaged"] {
            let (_folder, log) = log(3);
            if damage == "gone" {
                fs::remove_file(&log.head).unwrap()
            } else {
                fs::write(&log.head, "3 x").unwrap()
            }
            assert_eq!(broken_at(&log), Some(3), "{damage}");
            if damage == "damaged" {
                assert!(log.append(&Entry::default()).is_err());
            }
        }
        let (_folder, log) = log(3);
        fs::remove_file(&log.log).unwrap();
        assert_eq!(broken_at(&log), Some(1));
    }

    #[test]
    fn a_crash_between_the_files_or_within_a_line_is_no_damage() {
        let (_folder, log) = log(3);
        let head = fs::read(&log.head).unwrap();
        log.append(&Entry { text: "the fourth", ..Entry::default() }).unwrap();
        // The entry is there and its head is not.
        fs::write(&log.head, &head).unwrap();
        assert_eq!(log.verify().unwrap(), Found::Sound { entries: 4 });
        assert_eq!(log.append(&Entry::default()).unwrap(), 5);
        assert_eq!(log.verify().unwrap(), Found::Sound { entries: 5 });
        // Half a line is there.
        let mut file = OpenOptions::new().append(true).open(&log.log).unwrap();
        file.write_all(b"{\"n\":6,\"ti").unwrap();
        assert_eq!(log.verify().unwrap(), Found::Sound { entries: 5 });
        assert_eq!(log.append(&Entry::default()).unwrap(), 6);
        assert_eq!(log.verify().unwrap(), Found::Sound { entries: 6 });
    }

    #[test]
    fn several_writers_share_a_log() {
        let (folder, first) = log(0);
        let store = folder.path().join("region");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let other = UseLog::new(&store, KEY);
                scope.spawn(move || (0..25).for_each(|_| assert!(other.append(&Entry::default()).is_ok())));
            }
        });
        assert_eq!(first.verify().unwrap(), Found::Sound { entries: 100 });
    }
}
