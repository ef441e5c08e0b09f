//! Results of studies.

use virta_model::schema::SUMMARY;

use super::*;
use crate::{Error, ResultMeta};

fn meta(snapshot: &str) -> ResultMeta {
    ResultMeta {
        study_hash: "ab".to_owned(),
        snapshot: snapshot.to_owned(),
        version: "1".to_owned(),
        settings: BTreeMap::new(),
    }
}

#[test]
fn the_same_results_change_nothing() {
    let (_folder, store) = new_store();
    let tables = [service("gp"), Table::new(&SUMMARY)];
    let first = store.write_results("heavy-users", &tables, &meta("s1")).unwrap();
    let before = files_below(store.root());
    let again = store.write_results("heavy-users", &tables, &meta("s1")).unwrap();
    assert_eq!(first.id(), again.id());
    assert_eq!(files_below(store.root()), before);
}

#[test]
fn results_of_another_snapshot_stand_beside_the_old_ones() {
    let (_folder, store) = new_store();
    store.write_results("heavy-users", &[service("gp")], &meta("s1")).unwrap();
    store.write_results("heavy-users", &[service("er")], &meta("s2")).unwrap();
    assert_eq!(store.results("heavy-users").unwrap().meta().snapshot, "s2");
    let old = store.results_on("heavy-users", "s1").unwrap();
    assert_eq!(old.meta(), &meta("s1"));
    assert_eq!(old.batches("services").unwrap()[0].num_rows(), 1);
    assert_eq!(store.studies().unwrap(), ["heavy-users"]);
    assert!(matches!(store.results_on("heavy-users", "s3"), Err(Error::NoStudy { .. })));
    assert!(matches!(store.results("light-users"), Err(Error::NoStudy { .. })));
}

#[test]
fn results_of_an_expired_snapshot_go_unless_they_are_the_studys_newest() {
    let (_folder, store) = new_store();
    let first = first_change(&store).unwrap().id().to_owned();
    store.write_results("heavy-users", &[service("gp")], &meta(&first)).unwrap();
    store.write_results("old-study", &[service("gp")], &meta(&first)).unwrap();
    let second = second_change(&store).unwrap().id().to_owned();
    store.write_results("heavy-users", &[service("er")], &meta(&second)).unwrap();
    store.expire(1).unwrap();
    assert!(matches!(store.results_on("heavy-users", &first), Err(Error::NoStudy { .. })));
    assert_eq!(store.results("heavy-users").unwrap().meta().snapshot, second);
    assert_eq!(store.results("old-study").unwrap().meta().snapshot, first);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn a_table_without_rows_is_there() {
    let (_folder, store) = new_store();
    let results = store.write_results("empty", &[Table::new(&SUMMARY)], &meta("s1")).unwrap();
    assert_eq!(results.rows("summary"), Some(0));
    assert_eq!(results.batches("summary").unwrap().len(), 0);
    results.verify_file("summary").unwrap();
    assert!(matches!(results.batches("flows"), Err(Error::NoTable { .. })));
}

#[test]
fn a_study_cannot_leave_its_folder() {
    let (_folder, store) = new_store();
    for name in ["", ".", "..", "../up", "a/b", ".hidden", "a\0b"] {
        assert!(matches!(store.results(name), Err(Error::BadName { .. })), "{name}");
        assert!(store.write_results(name, &[], &meta("s")).is_err(), "{name}");
    }
    store.write_results("Päivystys 2014", &[service("gp")], &meta("s")).unwrap();
}

#[test]
fn a_damaged_result_is_found_and_made_anew() {
    let (_folder, store) = new_store();
    let results = store.write_results("heavy-users", &[service("gp")], &meta("s1")).unwrap();
    let path = results.path("services").unwrap();
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[40] ^= 4;
    fs::write(&path, bad).unwrap();
    assert_eq!(store.verify(&|_| {}).unwrap().problems.len(), 1);
    store.write_results("heavy-users", &[service("gp")], &meta("s1")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), good);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}
