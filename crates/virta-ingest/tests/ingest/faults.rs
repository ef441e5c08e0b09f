//! What goes wrong on the way leaves the store as it was.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use virta_ingest::{Error, Options, ingest};
use virta_store::{Files, OsFiles, Store, WritableFile};

use crate::columns::simple;
use crate::world::World;

#[test]
fn an_interruption_changes_nothing() {
    let world = World::new();
    world.write("a.csv", "id;day;unit\na;2014-01-01;u\n");
    world.options.cancel.store(true, Ordering::Relaxed);
    assert!(matches!(world.try_ingest(&simple("utf-8")), Err(Error::Interrupted)));
    assert_eq!(world.snapshot().rows("contacts"), 0);
    assert!(std::fs::read_dir(world.path("store/tmp")).unwrap().next().is_none(), "no temporary file stays");
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let mut world = World::new();
    world.write("a.csv", "id;day;unit\na;2014-01-01;u\n");
    let before = world.snapshot().id().to_owned();
    world.options = Options { dry_run: true, ..world.options };
    let report = world.ingest(&simple("utf-8"));
    assert_eq!((report.rows_accepted, report.changed, report.snapshot.as_str()), (1, false, before.as_str()));
    assert_eq!(world.snapshot().id(), before);
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory_and_the_rest_is_read() {
    let world = World::new();
    let mut text = b"id;day;unit\na;2014-01-01;".to_vec();
    text.resize(text.len() + (8 << 20), b'x');
    text.extend_from_slice(b"\n");
    for n in 0..100 {
        text.extend(format!("b{n};2014-01-01;u\n").bytes());
    }
    world.write("a.csv", &text);
    let report = world.ingest(&simple("utf-8"));
    assert_eq!((report.rows_read, report.rows_accepted), (101, 100));
    assert_eq!(world.rows("quarantine", &["line", "rule"]), ["2 too_long"]);
}

#[test]
fn errors_in_a_profile_name_line_and_column() {
    let world = World::new();
    let error = world.refuse(&simple("utf-8").replace("path =", "misspelt = 1\npath ="));
    assert!(error.contains("profile.toml, line 8, column 9: unknown field `misspelt`"), "{error}");
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("no file fits a.csv"), "{error}");
    let missing = world.path("none.toml");
    let result = ingest(&world.store, &world.key, &[missing], &world.options, &|_| {});
    assert!(result.unwrap_err().to_string().contains("does not exist"));
}

/// A disk that takes a number of changes and then none: as after a kill, or when it is full.
#[derive(Debug, Clone)]
struct Dying {
    left: Arc<AtomicI64>,
}

impl Dying {
    fn step(&self) -> io::Result<()> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            left if left > 0 => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full")),
        }
    }
}

impl Files for Dying {
    fn create(&self, path: &Path) -> io::Result<Box<dyn WritableFile>> {
        self.step()?;
        Ok(Box::new(DyingFile { file: OsFiles.create(path)?, disk: self.clone() }))
    }
    fn sync(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        OsFiles.sync(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        OsFiles.rename(from, to)
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        OsFiles.sync_folder(path)
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        OsFiles.create_folder(path)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        OsFiles.remove_file(path)
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step()?;
        OsFiles.remove_folder(path)
    }
}

struct DyingFile {
    file: Box<dyn WritableFile>,
    disk: Dying,
}

impl Write for DyingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.disk.step() {
            // A part of the bytes may still have got through.
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl WritableFile for DyingFile {
    fn sync(&mut self) -> io::Result<()> {
        self.disk.step()?;
        self.file.sync()
    }
}

#[test]
fn a_disk_that_dies_at_any_change_leaves_the_store_before_or_after() {
    let files = "id;day;unit\na;2014-01-01;u\nb;2014-01-02;u\nb;x;u\n";
    let profile = simple("utf-8").replace("[[file]]", "bad_rows_max_percent = 50\n[[file]]");
    let clean = World::with_buckets(2);
    clean.write("a.csv", files);
    clean.ingest(&profile);
    let after = clean.snapshot().id().to_owned();

    let mut changes = 0;
    loop {
        let world = World::with_buckets(2);
        world.write("a.csv", files);
        let before = world.snapshot().id().to_owned();
        let disk = Dying { left: Arc::new(AtomicI64::new(changes)) };
        let store = Store::open_with(&world.path("store"), Arc::new(disk)).unwrap();
        let path = world.write("profile.toml", &profile);
        let result = ingest(&store, &world.key, &[&path], &world.options, &|_| {});
        drop(store);
        let now = world.snapshot();
        assert!(now.id() == before || now.id() == after, "after {changes} changes");
        for table in now.tables() {
            for file in now.files(table) {
                now.verify_file(table, file).unwrap();
            }
        }
        drop(now);
        world.ingest(&profile);
        assert_eq!(world.snapshot().id(), after, "trying again after {changes} changes");
        if result.is_ok() {
            break;
        }
        changes += 1;
    }
    assert!(changes > 50, "{changes}");
}
