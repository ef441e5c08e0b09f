//! What is fuzzed of delivered files and of the store's own documents, through public interfaces alone. Each function must
//! return, whatever the bytes are: it panics when a promise is broken.

use std::cell::OnceCell;
use std::path::PathBuf;

use tempfile::TempDir;
use virta_ingest::{Error, Options, ProjectKey, ingest, profile_check};
use virta_store::{InitOptions, Store};

/// A delivered file. The first byte chooses how it is read, the rest is the file: read without storing, every row is
/// accepted, quarantined or superseded, or the file is refused.
pub(super) fn csv(bytes: &[u8]) {
    let Some((&choice, text)) = bytes.split_first() else { return };
    with_world(|world| {
        let pick = |list: &[&'static str], shift: u32| list[usize::from(choice >> shift) % list.len()];
        let encoding = pick(&["utf-8", "windows-1252", "iso-8859-15", "iso-8859-1"], 0);
        let (delimiter, decimal) = (pick(&[";", ",", "\\t"], 2), pick(&[",", "."], 4));
        let format = pick(&["iso", "%d.%m.%Y %H:%M", "excel", "days_since_1970"], 5);
        let profile = format!(
            "[source]\nname = \"s\"\nextracted_on = \"2014-12-31\"\nencoding = \"{encoding}\"\ndelimiter = \"{delimiter}\"\ndecimal = \"{decimal}\"\n\
             bad_rows_max_percent = 100\n[[file]]\ntable = \"contacts\"\npath = \"a.csv\"\n[file.columns]\n\
             client = {{ from = \"id\" }}\nservice = {{ from = \"what\" }}\n\
             start_date = {{ from = \"day\", format = \"{format}\" }}\ncost_cents = {{ from = \"cost\" }}\n"
        );
        let path = world.folder.path().join("p.toml");
        std::fs::write(&path, profile).unwrap();
        std::fs::write(world.folder.path().join("a.csv"), text).unwrap();
        let options = Options { dry_run: true, threads: 1, ..Options::default() };
        match ingest(&world.store, &world.key, &[&path], &options, &|_| {}) {
            Ok(report) => {
                let told = report.rows_accepted + report.rows_quarantined + report.rows_superseded;
                assert_eq!(report.rows_read, told, "every row is accounted for");
                let lines = text.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64;
                assert!(report.rows_read <= lines, "more rows than lines below the header");
            }
            Err(Error::Refused(refusals)) => assert!(refusals.iter().all(|refusal| !refusal.message.is_empty())),
            Err(error) => panic!("{error}"),
        }
        profile_check(&path, 100, None).expect("a file that cannot be read is told in the check");
    });
}

/// One of the store's documents. The first byte says which and whether its checksum is to fit, the rest is the document:
/// read, or told to be damaged.
pub(super) fn manifest(bytes: &[u8]) {
    let Some((&choice, content)) = bytes.split_first() else { return };
    with_world(|world| {
        let is_list = choice & 1 == 1;
        let document = match choice & 2 == 2 {
            true => content.to_vec(),
            false => sealed(content),
        };
        let (list, snapshot) = (world.root().join("CURRENT"), world.snapshot_path());
        let kept = std::fs::read(if is_list { &list } else { &snapshot }).unwrap();
        std::fs::write(if is_list { &list } else { &snapshot }, &document).unwrap();
        let store = Store::open(&world.root()).unwrap();
        if let Ok(snapshot) = store.current() {
            assert!(snapshot.tables().all(|table| snapshot.rows(table) < u64::MAX));
        }
        let _ = store.snapshots();
        let _ = store.verify(&|_| {});
        std::fs::write(if is_list { &list } else { &snapshot }, kept).unwrap();
        assert!(store.current().is_ok(), "looking changed nothing");
    });
}

/// A document as the store writes them: its content after its checksum.
fn sealed(content: &[u8]) -> Vec<u8> {
    let mut document = format!("{{\"blake3\":\"{}\",\"content\":", blake3::hash(content).to_hex()).into_bytes();
    document.extend_from_slice(content);
    document.extend_from_slice(b"}\n");
    document
}

/// A store in a folder of its own, in memory where there is such a disk.
struct World {
    folder: TempDir,
    store: Store,
    key: ProjectKey,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let key = ProjectKey::from_bytes([7; 32]);
        let options = InitOptions { buckets: 1, ..InitOptions::new(key.id()) };
        let store = Store::init(&folder.path().join("store"), &options).unwrap();
        World { folder, store, key }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    fn snapshot_path(&self) -> PathBuf {
        let id = self.store.current().unwrap().id().to_owned();
        self.root().join("snapshots").join(format!("{id}.json"))
    }
}

thread_local! {
    static WORLD: OnceCell<World> = const { OnceCell::new() };
}

fn with_world(run: impl FnOnce(&World)) {
    WORLD.with(|world| run(world.get_or_init(World::new)));
}
