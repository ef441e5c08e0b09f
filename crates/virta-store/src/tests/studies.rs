//! Results of studies.

use proptest::prelude::*;
use virta_model::schema::{FEEDBACK, SUMMARY};
use virta_model::{ColumnData, PartSink};

use super::*;
use crate::{Error, ResultMeta, StudyResults, to_table};

fn meta(snapshot: &str) -> ResultMeta {
    ResultMeta {
        study_hash: "ab".to_owned(),
        snapshot: snapshot.to_owned(),
        version: "1".to_owned(),
        settings: BTreeMap::new(),
    }
}

/// Writes results whole.
fn write(store: &Store, study: &str, tables: &[Table], meta: &ResultMeta) -> crate::Result<StudyResults> {
    store.begin_results(study, meta)?.finish(tables)
}

#[test]
fn the_same_results_change_nothing() {
    let (_folder, store) = new_store();
    let tables = [service("gp"), Table::new(&SUMMARY)];
    let first = write(&store, "heavy-users", &tables, &meta("s1")).unwrap();
    let before = files_below(store.root());
    let again = write(&store, "heavy-users", &tables, &meta("s1")).unwrap();
    assert_eq!(first.id(), again.id());
    assert_eq!(files_below(store.root()), before);
}

#[test]
fn results_of_another_snapshot_stand_beside_the_old_ones() {
    let (_folder, store) = new_store();
    write(&store, "heavy-users", &[service("gp")], &meta("s1")).unwrap();
    write(&store, "heavy-users", &[service("er")], &meta("s2")).unwrap();
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
    write(&store, "heavy-users", &[service("gp")], &meta(&first)).unwrap();
    write(&store, "old-study", &[service("gp")], &meta(&first)).unwrap();
    let second = second_change(&store).unwrap().id().to_owned();
    write(&store, "heavy-users", &[service("er")], &meta(&second)).unwrap();
    store.expire(1).unwrap();
    assert!(matches!(store.results_on("heavy-users", &first), Err(Error::NoStudy { .. })));
    assert_eq!(store.results("heavy-users").unwrap().meta().snapshot, second);
    assert_eq!(store.results("old-study").unwrap().meta().snapshot, first);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn a_table_without_rows_is_there() {
    let (_folder, store) = new_store();
    let results = write(&store, "empty", &[Table::new(&SUMMARY)], &meta("s1")).unwrap();
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
        assert!(write(&store, name, &[], &meta("s")).is_err(), "{name}");
    }
    write(&store, "Päivystys 2014", &[service("gp")], &meta("s")).unwrap();
}

#[test]
fn a_damaged_result_is_found_and_made_anew() {
    let (_folder, store) = new_store();
    let results = write(&store, "heavy-users", &[service("gp")], &meta("s1")).unwrap();
    let path = results.path("services").unwrap();
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[40] ^= 4;
    fs::write(&path, bad).unwrap();
    assert_eq!(store.verify(&|_| {}).unwrap().problems.len(), 1);
    write(&store, "heavy-users", &[service("gp")], &meta("s1")).unwrap();
    assert_eq!(fs::read(&path).unwrap(), good);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn parts_in_any_order_make_the_same_file_and_their_rows_come_back() {
    let table = contacts(&[(1, 10, "gp", Some(3), 1), (1, 11, "er", None, 1), (2, 10, "gp", Some(-7), 1)]);
    let parts = || (0..3).map(|row| table.slice(row..row + 1)).enumerate();
    let write = |order: [usize; 3]| {
        let (folder, store) = new_store();
        let writer = store.begin_results("in-parts", &meta("s1")).unwrap();
        for wanted in order {
            let (number, part) = parts().nth(wanted).unwrap();
            writer.part(number as u32, part).unwrap();
        }
        let results = writer.finish(&[]).unwrap();
        (folder, results)
    };
    let (_one, first) = write([0, 1, 2]);
    let (_two, second) = write([2, 0, 1]);
    assert_eq!(first.id(), second.id());
    assert_eq!(fs::read(first.path("contacts").unwrap()).unwrap(), fs::read(second.path("contacts").unwrap()).unwrap());
    assert_eq!(to_table(&CONTACTS, &first.batches("contacts").unwrap()).unwrap(), table);
}

#[test]
fn a_table_with_a_hole_is_not_finished() {
    let (_folder, store) = new_store();
    let writer = store.begin_results("hole", &meta("s1")).unwrap();
    writer.part(1, service("gp")).unwrap();
    assert!(matches!(writer.finish(&[]), Err(Error::Rows { .. })));
    assert!(matches!(store.results("hole"), Err(Error::NoStudy { .. })));
}

#[test]
fn results_that_are_given_up_leave_nothing() {
    let (_folder, store) = new_store();
    let before = files_below(store.root());
    let writer = store.begin_results("given-up", &meta("s1")).unwrap();
    writer.part(0, service("gp")).unwrap();
    drop(writer);
    assert_eq!(files_below(store.root()), before);
}

#[test]
fn a_part_that_breaks_its_tables_schema_is_refused() {
    let (_folder, store) = new_store();
    let writer = store.begin_results("broken", &meta("s1")).unwrap();
    let mut null_where_none_may_be = service("gp");
    if let ColumnData::Text(text) = &mut null_where_none_may_be.columns[0] {
        text.codes[0] = virta_model::NULL_CODE;
    }
    let mut too_short = service("gp");
    too_short.columns[3] = ColumnData::Flag(Vec::new());
    let mut of_another_kind = service("gp");
    of_another_kind.columns[3] = ColumnData::Int(vec![1]);
    for part in [null_where_none_may_be, too_short, of_another_kind] {
        assert!(writer.part(0, part).is_err());
    }
}

proptest! {
    #[test]
    fn every_table_comes_back_from_a_result_as_it_was(
        rows in prop::collection::vec((any::<i64>(), -9_000_i32..90_000, prop::option::of(any::<f64>()), 0_usize..70), 0..400)
    ) {
        let mut table = Table::new(&FEEDBACK);
        for (client, day, score, text) in rows {
            let text = "provider ".repeat(1 + text % 3) + &text.to_string();
            let score = Value::Ratio(score.filter(|score| !score.is_nan()).unwrap_or_default());
            let (text, client) = (Value::Text(&text), Value::Int(client.max(i64::MIN + 1)));
            table.push(&[client, text, text, Value::Text("nps"), Value::Date(day), score]);
        }
        let (_folder, store) = new_store();
        let results = write(&store, "as-it-was", std::slice::from_ref(&table), &meta("s1")).unwrap();
        prop_assert_eq!(to_table(&FEEDBACK, &results.batches("feedback").unwrap()).unwrap(), table);
    }
}
