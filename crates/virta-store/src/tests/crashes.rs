//! A fault at every change of the disk: afterwards the store is the one before or the one after.

use std::sync::Arc;

use virta_model::schema::SUMMARY;

use super::*;
use crate::faults::{Fault, FaultyFiles};
use crate::{Files, ResultMeta};

/// No faults, and none of the waiting for the disk that would make these tests slow.
fn unfailing() -> Arc<dyn Files> {
    Arc::new(FaultyFiles::counting())
}

/// What a reader can see: the current snapshot's rows and the studies' tables.
fn visible(root: &Path) -> Vec<String> {
    let store = Store::open_with(root, unfailing()).unwrap();
    let snapshot = store.current().unwrap();
    let mut seen = vec![snapshot.id().to_owned()];
    let is_ledger = |table: &str| table == "deliveries";
    for (table, rows) in rows_of(&snapshot).into_iter().filter(|(table, _)| !is_ledger(table)) {
        seen.push(table);
        seen.extend(rows);
    }
    for file in snapshot.tables().flat_map(|table| snapshot.files(table).iter().map(move |file| (table, file))) {
        snapshot.verify_file(file.0, file.1).unwrap();
    }
    for study in store.studies().unwrap() {
        let results = store.results(&study).unwrap();
        results.verify().unwrap();
        seen.push(format!("{study} {}", results.id()));
    }
    for release in store.releases().unwrap() {
        seen.push(format!("release {} {}", release.number, release.meta.manifest));
        seen.extend(release.groups.iter().map(|group| format!("{:?}", store.released_clients(group).unwrap())));
    }
    seen
}

/// Lets every change of `work` on a copy of `before` meet every fault. Returns how many faults there were.
fn try_every_fault(before: &Path, work: &dyn Fn(&Store) -> Result<()>) -> usize {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let counting = FaultyFiles::counting();
    let clean = folder.path().join("clean");
    copy_folder(before, &clean);
    work(&Store::open_with(&clean, Arc::new(counting.clone())).unwrap()).unwrap();
    let (old, new) = (visible(before), visible(&clean));

    let mut tried = 0;
    for at in 0..counting.changes() {
        for fault in Fault::kinds(at) {
            let root = folder.path().join("faulty");
            copy_folder(before, &root);
            let files = FaultyFiles::failing_at(at, fault);
            let result = work(&Store::open_with(&root, Arc::new(files.clone())).unwrap());
            files.settle().unwrap();
            let seen = visible(&root);
            assert!(seen == old || seen == new, "change {at}, {fault:?}: neither before nor after");
            if result.is_ok() {
                assert!(seen == new, "change {at}, {fault:?}: said done, but it is not");
            }
            work(&Store::open_with(&root, unfailing()).unwrap()).unwrap();
            assert_eq!(visible(&root), new, "change {at}, {fault:?}: running again");
            check_that_nothing_is_left(&root, at, fault);
            fs::remove_dir_all(&root).unwrap();
            tried += usize::from(files.has_struck());
        }
    }
    tried
}

fn check_that_nothing_is_left(root: &Path, at: u64, fault: Fault) {
    let store = Store::open_with(root, unfailing()).unwrap();
    drop(store.begin().unwrap());
    drop(store.begin_release().unwrap());
    let report = store.verify(&|_| {}).unwrap();
    assert!(report.problems.is_empty(), "change {at}, {fault:?}: {:?}", report.problems);
    assert!(files_below(&root.join("tmp")).is_empty(), "change {at}, {fault:?}");
    let clients = files_below(&root.join("releases/clients")).len();
    let data = files_below(&root.join("data")).len() + files_below(&root.join("results")).len() + clients;
    // Each run has its document, each study its pointer.
    let documents = report.results as usize + store.studies().unwrap().len();
    assert_eq!(data, report.files as usize + documents, "change {at}, {fault:?}");
    assert_eq!(files_below(&root.join("snapshots")).len(), report.snapshots as usize, "change {at}, {fault:?}");
}

#[test]
fn a_commit_is_there_whole_or_not_at_all() {
    let (_folder, store) = new_store();
    first_change(&store).unwrap();
    let tried = try_every_fault(store.root(), &|store| second_change(store).map(drop));
    assert!(tried >= 170, "{tried}");
}

#[test]
fn an_expiry_never_takes_what_is_kept() {
    let (_folder, store) = new_store();
    let id = first_change(&store).unwrap().id().to_owned();
    write_results(&store, &id, "gp").unwrap();
    second_change(&store).unwrap();
    write_results(&store, "another", "er").unwrap();
    let tried = try_every_fault(store.root(), &|store| store.expire(1).map(drop));
    assert!(tried >= 40, "{tried}");
}

#[test]
fn results_are_there_whole_or_not_at_all() {
    let (_folder, store) = new_store();
    first_change(&store).unwrap();
    write_results(&store, "gp", "gp").unwrap();
    let tried = try_every_fault(store.root(), &|store| write_results(store, "er", "er"));
    assert!(tried >= 60, "{tried}");
}

#[test]
fn a_release_is_entered_whole_or_not_at_all() {
    let (_folder, store) = new_store();
    let enter = |store: &Store, manifest: &str, ids: &[i64]| {
        releases::enter(store, manifest, &[releases::group("a", ids), releases::group("b", &[7, 8, 9])])
    };
    enter(&store, "m1", &[1, 2, 3]).unwrap();
    let tried = try_every_fault(store.root(), &|store| enter(store, "m2", &[1, 2]));
    assert!(tried >= 60, "{tried}");
}

fn write_results(store: &Store, snapshot: &str, code: &str) -> Result<()> {
    let meta = ResultMeta {
        study_hash: "ab".to_owned(),
        snapshot: snapshot.to_owned(),
        version: "1".to_owned(),
        settings: BTreeMap::new(),
    };
    store.begin_results("heavy-users", &meta)?.finish(&[service(code), Table::new(&SUMMARY)]).map(drop)
}

#[test]
fn a_store_is_made_whole_or_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let counting = FaultyFiles::counting();
    Store::init_with(&folder.path().join("clean"), &options(), Arc::new(counting.clone())).unwrap();
    for at in 0..counting.changes() {
        for fault in Fault::kinds(at) {
            let root = folder.path().join(format!("store {at} {fault:?}"));
            let files = FaultyFiles::failing_at(at, fault);
            let made = Store::init_with(&root, &options(), Arc::new(files.clone()));
            files.settle().unwrap();
            if made.is_err() && !root.join("virta.toml").exists() {
                Store::init_with(&root, &options(), unfailing()).unwrap();
            }
            let store = Store::open_with(&root, unfailing()).unwrap();
            assert_eq!(store.current().unwrap().tables().count(), 0, "change {at}, {fault:?}");
            second_change(&store).unwrap();
        }
    }
}
