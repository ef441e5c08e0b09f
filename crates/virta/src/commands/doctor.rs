//! `virta doctor`: what could go wrong on this machine and with this store, each finding with its fix.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::Serialize;
use virta_ingest::{ProjectKey, SourceLinkage};
use virta_store::{Error, Store};

use crate::args::DoctorArgs;
use crate::failure::Failure;
use crate::output::Output;
use crate::render;

/// Below this much free disk an ingest is likely to fail.
const DISK_BYTES_MIN: u64 = 2_000_000_000;
/// Below this much memory the default limits do not fit.
const MEMORY_BYTES_MIN: u64 = 1_500_000_000;
/// Ingest keeps a few files open per bucket.
const OPEN_FILES_MIN: u64 = 512;

pub(crate) fn run(args: &DoctorArgs, out: &mut Output) -> Result<(), Failure> {
    let findings = look(args);
    out.document(&findings)?;
    for finding in &findings {
        out.text(finding.text())?;
    }
    match findings.iter().filter(|finding| finding.state == State::Bad).count() {
        0 => out.text("Nothing stands in the way."),
        1 => Err(Failure::refused("one thing needs mending, see its fix above")),
        bad => Err(Failure::refused(format!("{bad} things need mending, see their fixes above"))),
    }
}

fn look(args: &DoctorArgs) -> Vec<Finding> {
    let here = PathBuf::from(".");
    let folder = args.store.as_deref().unwrap_or(&here);
    let mut findings = vec![memory(), open_files()];
    if args.store.is_none() {
        findings.extend([disk(folder), permissions(folder), locks(folder)]);
        return findings;
    }
    if !folder.is_dir() {
        findings.push(Finding::bad("store", "no store stands there", format!("virta init {}", folder.display())));
        return findings;
    }
    findings.extend([disk(folder), permissions(folder), privacy(folder), locks(folder)]);
    findings.extend([store(folder), key(folder, args.key.as_deref()), writer(folder), linked(folder)]);
    findings
}

/// One thing looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    state: State,
    detail: String,
    fix: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Good,
    Warning,
    Bad,
}

impl Finding {
    fn good(what: &'static str, detail: impl Into<String>) -> Self {
        Finding { what, state: State::Good, detail: detail.into(), fix: None }
    }

    fn warning(what: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { what, state: State::Warning, detail: detail.into(), fix: Some(fix.into()) }
    }

    fn bad(what: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Finding { state: State::Bad, ..Finding::warning(what, detail, fix) }
    }

    fn text(&self) -> String {
        let mark = match self.state {
            State::Good => "ok     ",
            State::Warning => "warning",
            State::Bad => "BAD    ",
        };
        let line = format!("{mark}  {:<12} {}", self.what, self.detail);
        match &self.fix {
            Some(fix) => format!("{line}\n         {:<12} fix: {fix}", ""),
            None => line,
        }
    }
}

fn disk(folder: &Path) -> Finding {
    const WHAT: &str = "disk";
    let Ok(space) = rustix::fs::statvfs(folder) else {
        return Finding::warning(WHAT, "the free space cannot be read", "look with df -h");
    };
    let free = space.f_bavail * space.f_frsize;
    let detail = format!("{} free", render::bytes(free));
    if free < DISK_BYTES_MIN {
        Finding::bad(WHAT, detail, "free some space, or put the store on a larger disk; virta expire removes old files")
    } else if space.f_favail == 0 && space.f_files > 0 {
        Finding::bad(WHAT, "no file can be made: the disk is out of inodes", "remove small files")
    } else {
        Finding::good(WHAT, detail)
    }
}

fn memory() -> Finding {
    const WHAT: &str = "memory";
    let Some(free) = memory_bytes() else {
        return Finding::warning(WHAT, "the free memory cannot be read", "give --memory-limit");
    };
    let detail = format!("{} to use", render::bytes(free));
    if free < MEMORY_BYTES_MIN {
        Finding::warning(
            WHAT,
            detail,
            "end other programs, or give --memory-limit 256MB: virta then uses the disk more",
        )
    } else {
        Finding::good(WHAT, detail)
    }
}

/// Memory available, within the limit of the control group that the program runs in.
fn memory_bytes() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let available = line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024;
    let limit = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse::<u64>().ok());
    let used =
        fs::read_to_string("/sys/fs/cgroup/memory.current").ok().and_then(|text| text.trim().parse::<u64>().ok());
    Some(limit.map_or(available, |limit| available.min(limit.saturating_sub(used.unwrap_or(0)))))
}

fn open_files() -> Finding {
    const WHAT: &str = "open files";
    let Some(limit) = open_files_limit() else {
        return Finding::warning(WHAT, "the limit cannot be read", "look with ulimit -n");
    };
    if limit < OPEN_FILES_MIN {
        Finding::warning(WHAT, format!("at most {limit}"), format!("ulimit -n {OPEN_FILES_MIN}"))
    } else {
        Finding::good(WHAT, if limit == u64::MAX { "no limit".to_owned() } else { format!("up to {limit}") })
    }
}

/// `None` when the system does not say; no limit is the largest number.
fn open_files_limit() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    }
}

fn permissions(folder: &Path) -> Finding {
    const WHAT: &str = "permissions";
    let probe = folder.join(format!(".virta-doctor-{}", std::process::id()));
    let tried = fs::write(&probe, b"virta").and_then(|()| fs::read(&probe));
    let removed = fs::remove_file(&probe);
    match tried.and(removed) {
        Ok(()) => Finding::good(WHAT, "files can be made, read and removed"),
        Err(error) => Finding::bad(
            WHAT,
            format!("a file cannot be made in {}: {error}", folder.display()),
            format!("as its owner: chmod u+rwx {}", folder.display()),
        ),
    }
}

/// A store holds pseudonymised rows of persons: nobody but its users should read it.
fn privacy(store: &Path) -> Finding {
    const WHAT: &str = "privacy";
    match fs::metadata(store) {
        Ok(metadata) if metadata.permissions().mode() & 0o007 != 0 => Finding::warning(
            WHAT,
            "everybody on this machine can look into the store",
            format!("chmod -R o-rwx {}", store.display()),
        ),
        Ok(metadata) if !is_mine(&metadata) => Finding::good(WHAT, "others are shut out; somebody else owns the store"),
        Ok(_) => Finding::good(WHAT, "others are shut out"),
        Err(error) => Finding::bad(WHAT, format!("cannot be looked at: {error}"), "check the path"),
    }
}

fn is_mine(metadata: &fs::Metadata) -> bool {
    fs::metadata("/proc/self").map_or(true, |me| me.uid() == metadata.uid())
}

/// Whether the store opens, and which snapshot is its newest.
fn store(root: &Path) -> Finding {
    const WHAT: &str = "store";
    match Store::open(root).and_then(|store| store.current()) {
        Ok(snapshot) => Finding::good(
            WHAT,
            format!(
                "snapshot {}, {} contacts",
                super::short(snapshot.id()),
                render::count(snapshot.rows("contacts") as i64)
            ),
        ),
        Err(error) => {
            Finding::bad(WHAT, error.to_string(), "restore the store from a copy; virta verify says what is damaged")
        }
    }
}

/// Of a source's people this many in a hundred may be found nowhere else before it is worth a look.
const ALONE_PERCENT_MAX: u64 = 20;

/// Whether the people of each source are known elsewhere.
fn linked(root: &Path) -> Finding {
    const WHAT: &str = "linkage";
    let sources = Store::open(root).and_then(|store| store.current()).map_err(|error| error.to_string());
    let sources = sources.and_then(|snapshot| virta_ingest::linkage(&snapshot).map_err(|error| error.to_string()));
    let sources = match sources {
        Ok(Some(sources)) => sources,
        Ok(None) => return Finding::good(WHAT, "not measured: an earlier version filled the store"),
        Err(error) => return Finding::bad(WHAT, error, "mend the store first"),
    };
    let told = |source: &SourceLinkage| {
        let people = |people: Option<u64>| people.map_or("not measured".to_owned(), |n| render::count(n as i64));
        format!(
            "{}: {} people, in client list {}, in other sources {}, alone {}",
            render::printable(&source.source),
            render::count(source.clients as i64),
            people(source.in_client_list),
            people(source.in_other_sources),
            people(source.alone)
        )
    };
    let is_worn = |source: &&SourceLinkage| {
        let unmatched = match source.in_client_list {
            Some(listed) => source.clients.saturating_sub(listed),
            None => source.alone.unwrap_or(0),
        };
        unmatched * 100 > source.clients * ALONE_PERCENT_MAX
    };
    let detail = match sources.is_empty() {
        true => "nobody has been delivered yet".to_owned(),
        false => sources.iter().map(told).collect::<Vec<_>>().join("; "),
    };
    let worn: Vec<String> = sources.iter().filter(is_worn).map(|source| render::printable(&source.source)).collect();
    match worn.is_empty() {
        true => Finding::good(WHAT, detail),
        false => Finding::warning(
            WHAT,
            detail,
            format!(
                "many people of {} are strangers elsewhere: compare how its pseudonyms are written with the client \
                 list's (virta profile check), and set pseudonym or normalise in [source] of its profile",
                worn.join(", ")
            ),
        ),
    }
}

/// Whether the key that ingest needs is there, is the store's, and is nobody else's.
fn key(root: &Path, given: Option<&Path>) -> Finding {
    const WHAT: &str = "key";
    let path = super::key_path(root, given);
    let checked = ProjectKey::load(&path).and_then(|key| key.check(Store::open(root)?.key_id()));
    match checked {
        Ok(()) => Finding::good(WHAT, format!("{} is the store's, and yours alone", path.display())),
        Err(virta_ingest::Error::Key { message, fix, .. }) => {
            Finding::bad(WHAT, format!("{}: {message}", path.display()), fix)
        }
        Err(error) => Finding::bad(WHAT, error.to_string(), "mend the store first"),
    }
}

/// Who writes now, if anybody.
fn writer(root: &Path) -> Finding {
    const WHAT: &str = "writer";
    let begun = Store::open(root).and_then(|store| store.begin().map(drop));
    match begun {
        Ok(()) => Finding::good(WHAT, "nobody else is writing"),
        Err(Error::Locked { holder, .. }) => Finding::warning(
            WHAT,
            format!("{holder} is writing"),
            "wait for it, or end that process: its lock goes with it",
        ),
        Err(error) => Finding::bad(WHAT, error.to_string(), "mend what stands above first"),
    }
}

fn locks(folder: &Path) -> Finding {
    const WHAT: &str = "file locks";
    const FIX: &str = "keep the store on a local disk: this file system does not lock files";
    let probe = folder.join(format!(".virta-doctor-{}.lock", std::process::id()));
    let finding = match (File::create(&probe), File::open(&probe)) {
        (Ok(first), Ok(second)) => match (first.try_lock(), second.try_lock()) {
            (Ok(()), Err(TryLockError::WouldBlock)) => Finding::good(WHAT, "they hold"),
            (Ok(()), Ok(())) => Finding::bad(WHAT, "two writers could hold the same lock", FIX),
            _ => Finding::bad(WHAT, "a lock cannot be taken", FIX),
        },
        _ => Finding::warning(WHAT, "not tried: no file can be made", "mend the permissions first"),
    };
    // The probe may never have been made.
    let _ = fs::remove_file(&probe);
    finding
}
