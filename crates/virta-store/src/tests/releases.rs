//! The register of releases.

use virta_model::Day;

use super::*;
use crate::{AcceptedDifference, Error, ReleaseMeta, ReleasedGroup};

pub(super) fn meta(manifest: &str) -> ReleaseMeta {
    ReleaseMeta {
        study: "s".to_owned(),
        study_hash: "ab".to_owned(),
        study_text: "[study]".to_owned(),
        snapshot: "cd".to_owned(),
        version: "1".to_owned(),
        k: 5,
        round_to: 5,
        manifest: manifest.to_owned(),
    }
}

pub(super) fn group(name: &str, clients: &[i64]) -> (ReleasedGroup, Vec<i64>) {
    let days = (Day::from_ymd(2014, 1, 1).unwrap(), Day::from_ymd(2014, 12, 31).unwrap());
    (ReleasedGroup::new("cohort", name, "2014", days, clients), clients.to_vec())
}

/// Enters a release unless it is there already, as a release of the same bytes does.
pub(super) fn enter(store: &Store, manifest: &str, groups: &[(ReleasedGroup, Vec<i64>)]) -> Result<()> {
    let writer = store.begin_release()?;
    if writer.earlier().any(|earlier| earlier.meta.manifest == manifest) {
        return Ok(());
    }
    writer.enter(meta(manifest), groups, Vec::new()).map(|_| ())
}

#[test]
fn what_was_released_is_known_with_its_clients() {
    let (_folder, store) = new_store();
    assert_eq!(store.releases().unwrap(), []);
    enter(&store, "m1", &[group("a", &[3, 1, 2, 2]), group("b", &[])]).unwrap();
    let accepted = AcceptedDifference {
        kind: "cohort".to_owned(),
        group: "a".to_owned(),
        period: "2014".to_owned(),
        release: 1,
        earlier_kind: "cohort".to_owned(),
        earlier_group: "a".to_owned(),
        earlier_period: "2014".to_owned(),
    };
    let writer = store.begin_release().unwrap();
    writer.enter(meta("m2"), &[group("a", &[1, 2])], vec![accepted.clone()]).unwrap();
    let releases = store.releases().unwrap();
    assert_eq!(releases.iter().map(|release| release.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(releases[1].accepted, [accepted]);
    assert_eq!(store.released_clients(&releases[0].groups[0]).unwrap(), [1, 2, 3]);
    assert_eq!(store.released_clients(&releases[0].groups[1]).unwrap(), Vec::<i64>::new());
    let report = store.verify(&|_| {}).unwrap();
    assert_eq!((report.releases, report.problems.len()), (2, 0));
}

#[test]
fn the_same_people_are_one_file() {
    let (_folder, store) = new_store();
    enter(&store, "m1", &[group("a", &[1, 2]), group("b", &[2, 1])]).unwrap();
    enter(&store, "m2", &[group("c", &[1, 2])]).unwrap();
    let clients = store.root().join("releases/clients");
    assert_eq!(fs::read_dir(clients).unwrap().count(), 1);
}

#[test]
fn a_flipped_byte_of_the_register_or_of_its_clients_is_found_by_verify() {
    let (_folder, store) = new_store();
    enter(&store, "m1", &[group("a", &[1, 2, 3])]).unwrap();
    enter(&store, "m2", &[group("a", &[1, 2])]).unwrap();
    for path in files_below(&store.root().join("releases")).into_keys() {
        let path = store.root().join("releases").join(path);
        let whole = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 4;
            fs::write(&path, bytes).unwrap();
            let problems = store.verify(&|_| {}).unwrap().problems;
            assert!(matches!(&problems[..], [Error::Damaged { .. }]), "{name}, byte {at}: {problems:?}");
            assert!(problems[0].to_string().contains(&name));
        }
        fs::write(&path, whole).unwrap();
    }
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn an_entry_that_is_taken_out_or_changed_breaks_the_chain() {
    let (_folder, store) = new_store();
    for manifest in ["m1", "m2", "m3"] {
        enter(&store, manifest, &[group("a", &[1, 2])]).unwrap();
    }
    let path = store.root().join("releases/REGISTER");
    let whole = checked::read::<serde_json::Value>(&path).unwrap().unwrap();
    let forged = |change: &dyn Fn(&mut Vec<serde_json::Value>)| {
        let mut document = whole.clone();
        change(document["entries"].as_array_mut().unwrap());
        // A forger who knows the checksum of the document.
        checked::write(&crate::OsFiles, &path, &document).unwrap();
        store.releases().map(|releases| releases.len())
    };
    assert_eq!(forged(&|_| {}).unwrap(), 3);
    assert!(forged(&|entries| drop(entries.remove(0))).is_err());
    assert!(forged(&|entries| drop(entries.remove(1))).is_err());
    assert!(forged(&|entries| entries.swap(0, 1)).is_err());
    assert!(forged(&|entries| entries[1]["release"]["k"] = 3.into()).is_err());
}

#[test]
fn of_two_releases_at_once_the_second_sees_the_first() {
    let (_folder, store) = new_store();
    std::thread::scope(|scope| {
        for at in 0..8 {
            let store = &store;
            scope.spawn(move || enter(store, &format!("m{at}"), &[group("a", &[at, 9])]).unwrap());
        }
    });
    let releases = store.releases().unwrap();
    assert_eq!(releases.iter().map(|release| release.number).collect::<Vec<_>>(), (1..=8).collect::<Vec<_>>());
}
