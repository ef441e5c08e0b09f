//! Running the binary in a folder of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;
use virta_model::schema::TableSchema;
use virta_store::{Snapshot, Store, to_table};
use virta_tests::Cell;
use virta_tests::oracle::cells;

/// A key for tests: ids then never differ between runs.
const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

/// The binary that was built beside these tests, or the one that `VIRTA_BIN` names.
///
/// # Panics
/// When it has not been built.
pub(super) fn binary() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("virta");
    let path = std::env::var_os("VIRTA_BIN").map_or_else(beside, PathBuf::from);
    assert!(path.exists(), "{} is not built: run `cargo build --release -p virta` first", path.display());
    path
}

/// The root of the checkout.
pub(super) fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// What a run of the binary gave.
#[derive(Debug)]
pub(super) struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// # Panics
    /// Unless the run ended with this code.
    #[track_caller]
    pub(super) fn ends_with(self, code: i32) -> Run {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// # Panics
    /// Unless standard error says all of this.
    #[track_caller]
    pub(super) fn says(self, texts: &[&str]) -> Run {
        for text in texts {
            assert!(self.err.contains(text), "{text:?} is not in:\n{}", self.err);
        }
        self
    }

    /// # Panics
    /// Unless standard error names this place of a file.
    #[track_caller]
    pub(super) fn says_place(self, file: &str, line: usize, column: usize) -> Run {
        let place = format!("error: {file}:{line}:{column}: ");
        assert!(self.err.contains(&place), "{place:?} is not in:\n{}", self.err);
        self
    }
}

/// A folder with an empty store `s` and its key.
#[derive(Debug)]
pub(super) struct Bench {
    pub folder: TempDir,
}

impl Bench {
    /// A folder without a store.
    pub(super) fn empty() -> Bench {
        Bench { folder: TempDir::new().unwrap() }
    }

    pub(super) fn new() -> Bench {
        Bench::with_buckets(64)
    }

    /// A store of so many buckets: few make few files, for tests that try many things on one.
    pub(super) fn with_buckets(buckets: u32) -> Bench {
        let bench = Bench::empty();
        bench.write("s.key", KEY);
        private(&bench.path("s.key"));
        bench.virta(["init", "s", "--buckets", &buckets.to_string()]).ends_with(0);
        bench
    }

    /// Another folder with the same files, the store too.
    pub(super) fn copy(&self) -> Bench {
        let copy = Bench::empty();
        for (path, bytes) in bytes_under(self.folder.path()) {
            copy.write(&path.to_string_lossy(), bytes);
        }
        for folder in ["data", "results", "snapshots", "tmp"] {
            std::fs::create_dir_all(copy.path("s").join(folder)).unwrap();
        }
        private(&copy.path("s.key"));
        copy
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Runs the binary in the folder, its outputs piped.
    pub(super) fn virta<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Run {
        let output = self.command(args).output().unwrap();
        Run {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(super) fn command<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(&self, args: I) -> Command {
        let mut command = Command::new(binary());
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(super) fn store(&self) -> Store {
        Store::open(&self.path("s")).unwrap()
    }

    /// Every file under the store with its bytes; the lock's own file says nothing.
    pub(super) fn store_bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = bytes_under(&self.path("s"));
        files.remove(Path::new("lock"));
        files
    }

    /// The files that hold rows, with their bytes: what must never depend on order, time or threads. Only the ledger
    /// as a table has the times at which its deliveries came.
    pub(super) fn row_bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = self.store_bytes();
        files.retain(|path, _| path.extension().is_some_and(|extension| extension == "parquet"));
        files.retain(|path, _| !path.starts_with("data/deliveries"));
        files
    }

    /// A table of a study's results.
    pub(super) fn result(&self, study: &str, schema: &'static TableSchema) -> Vec<Vec<Cell>> {
        let results = self.store().results(study).unwrap();
        match results.tables().any(|table| table == schema.name) {
            true => cells(&to_table(schema, &results.batches(schema.name).unwrap()).unwrap()),
            false => Vec::new(),
        }
    }

    /// A table of the newest snapshot.
    pub(super) fn rows(&self, schema: &'static TableSchema) -> Vec<Vec<Cell>> {
        let snapshot: Snapshot = self.store().current().unwrap();
        let batches: Vec<_> = snapshot.read_all(schema.name, None).map(Result::unwrap).collect();
        cells(&to_table(schema, &batches).unwrap())
    }
}

/// Files under a folder by their path inside it.
pub(super) fn bytes_under(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                files.insert(path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(folder, folder, &mut files);
    files
}

/// As the program itself makes keys: readable by the owner alone.
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}
