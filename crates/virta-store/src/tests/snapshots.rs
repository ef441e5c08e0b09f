//! Commits and snapshots.

use virta_model::schema::CONTACTS;

use super::*;
use crate::Error;

#[test]
fn a_new_store_has_an_empty_snapshot() {
    let (_folder, store) = new_store();
    let snapshot = store.current().unwrap();
    assert_eq!(snapshot.tables().count(), 0);
    assert_eq!(snapshot.read("contacts", Some(0), None).unwrap().count(), 0);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn a_store_is_made_only_where_nothing_is() {
    let (folder, store) = new_store();
    assert!(matches!(Store::init(store.root(), &options()), Err(Error::AlreadyAStore { .. })));
    fs::write(folder.path().join("letter.txt"), "dear").unwrap();
    assert!(matches!(Store::init(folder.path(), &options()), Err(Error::NotEmpty { .. })));
    assert!(matches!(Store::open(folder.path()), Err(Error::NotAStore { .. })));
}

#[test]
fn the_same_rows_have_the_same_id_and_files_in_any_store_by_any_way() {
    let (_one, one) = new_store();
    first_change(&one).unwrap();
    let by_two_steps = second_change(&one).unwrap();

    let (_two, two) = new_store();
    let commit = two.begin().unwrap();
    put_contacts(&commit, &[(client(1, 1), 3, "x", None, 1)]).unwrap();
    commit.finish().unwrap();
    second_change(&two).unwrap();
    let commit = two.begin().unwrap();
    commit.replace(&service("gp")).unwrap();
    commit.replace(&refused(1)).unwrap();
    let by_other_steps = commit.finish().unwrap().snapshot;

    assert_eq!(by_two_steps.id(), by_other_steps.id());
    assert_eq!(by_two_steps.files("contacts"), by_other_steps.files("contacts"));
    assert_eq!(rows_of(&by_two_steps)["contacts"], rows_of(&by_other_steps)["contacts"]);
}

#[test]
fn an_unchanged_commit_makes_nothing() {
    let (_folder, store) = new_store();
    first_change(&store).unwrap();
    let before = files_below(store.root());
    let commit = store.begin().unwrap();
    commit.replace(&service("gp")).unwrap();
    let committed = commit.finish().unwrap();
    assert!(!committed.changed);
    assert_eq!(files_below(store.root()), before);
    drop(store.begin().unwrap());
    assert_eq!(files_below(store.root()), before);
}

#[test]
fn the_ledger_keeps_when_a_delivery_first_came() {
    let (_folder, store) = new_store();
    let first = first_change(&store).unwrap();
    let second = second_change(&store).unwrap();
    let snapshots: Vec<&str> = second.deliveries().iter().map(|d| d.snapshot.as_str()).collect();
    assert_eq!(snapshots, [first.id(), second.id()]);
    assert_eq!(second.deliveries()[0].ingested_at, first.committed_at());
    assert_eq!(second.rows("deliveries"), 2);
    assert_eq!(second.parent(), Some(first.id()));
}

#[test]
fn a_ledger_that_does_not_add_up_is_refused() {
    let (_folder, store) = new_store();
    let commit = store.begin().unwrap();
    commit.set_ledger(vec![Delivery { rows_read: 5, ..delivery(9, 3, 1) }]);
    let message = commit.finish().unwrap_err().to_string();
    assert!(message.contains("delivery 9") && message.contains("make 4"), "{message}");
    let commit = store.begin().unwrap();
    commit.set_ledger(vec![delivery(9, 3, 1), delivery(9, 3, 1)]);
    assert!(matches!(commit.finish(), Err(Error::Ledger { delivery_id: 9, .. })));
}

#[test]
fn a_held_snapshot_stays_readable_while_others_write_and_expire() {
    let (_folder, store) = new_store();
    let held = first_change(&store).unwrap();
    let rows = rows_of(&held);
    second_change(&store).unwrap();
    let expired = store.expire(1).unwrap();
    assert_eq!(expired.in_use, [held.id()]);
    assert_eq!(rows_of(&held), rows);
    assert_eq!(store.snapshot(held.id()).unwrap().rows("contacts"), 3);

    let id = held.id().to_owned();
    drop(held);
    let expired = store.expire(1).unwrap();
    assert_eq!(expired.snapshots, std::slice::from_ref(&id));
    assert!(expired.files_removed > 0 && expired.bytes_freed > 0);
    assert!(matches!(store.snapshot(&id), Err(Error::NoSnapshot { .. })));
    assert_eq!(store.snapshots().unwrap().len(), 1);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn the_newest_snapshot_never_expires() {
    let (_folder, store) = new_store();
    let newest = first_change(&store).unwrap().id().to_owned();
    store.expire(0).unwrap();
    assert_eq!(store.current().unwrap().id(), newest);
}

#[test]
fn a_state_that_comes_back_is_the_newest_again() {
    let (_folder, store) = new_store();
    let first = first_change(&store).unwrap();
    second_change(&store).unwrap();
    let commit = store.begin().unwrap();
    put_contacts(
        &commit,
        &[
            (client(0, 1), 10, "gp", Some(100), 1),
            (client(0, 1), 11, "er", None, 1),
            (client(3, 5), 10, "gp", Some(-7), 1),
        ],
    )
    .unwrap();
    commit.remove("clients", Some(2));
    commit.set_ledger(vec![delivery(1, 3, 1)]);
    let again = commit.finish().unwrap().snapshot;
    assert_eq!(again.id(), first.id());
    assert_eq!(store.snapshots().unwrap().len(), 3);
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn a_snapshot_is_found_by_the_beginning_of_its_id() {
    let (_folder, store) = new_store();
    let snapshot = first_change(&store).unwrap();
    assert_eq!(store.snapshot(&snapshot.id()[..12]).unwrap().id(), snapshot.id());
    assert!(matches!(store.snapshot(""), Err(Error::AmbiguousSnapshot { .. })));
    assert!(matches!(store.snapshot("zz"), Err(Error::NoSnapshot { .. })));
}

#[test]
fn a_second_writer_is_told_who_writes_and_may_when_the_first_is_done() {
    let (_folder, store) = new_store();
    let first = store.begin().unwrap();
    let message = store.begin().unwrap_err().to_string();
    assert!(message.contains("process"), "{message}");
    assert!(matches!(store.expire(1), Err(Error::Locked { .. })));
    drop(first);
    store.begin().unwrap();
}

#[test]
fn rows_out_of_order_or_of_another_bucket_are_refused() {
    let (_folder, store) = new_store();
    let commit = store.begin().unwrap();
    let try_rows = |rows: &[Contact]| put(&commit, &CONTACTS, 0, &contacts(rows)).unwrap_err().to_string();
    let message = try_rows(&[(client(0, 2), 1, "x", None, 1), (client(0, 1), 1, "x", None, 1)]);
    assert!(message.contains("order"), "{message}");
    let message = try_rows(&[(client(1, 2), 1, "x", None, 1)]);
    assert!(message.contains("another bucket"), "{message}");
    assert!(commit.bucket_writer(&CONTACTS, BUCKETS).is_err());
    assert!(!commit.finish().unwrap().changed);
}

#[test]
fn columns_are_read_in_the_order_asked_for() {
    let (_folder, store) = new_store();
    let snapshot = first_change(&store).unwrap();
    let batches: Vec<_> =
        snapshot.read_all("contacts", Some(&["service", "client_id"])).collect::<Result<_>>().unwrap();
    let names: Vec<&str> = batches[0].schema_ref().fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(names, ["service", "client_id"]);
    assert_eq!(batches.iter().map(|b| b.num_rows()).sum::<usize>(), 3);
    let error = snapshot.read("contacts", Some(0), Some(&["price"])).unwrap_err();
    assert!(matches!(error, Error::NoColumn { .. }));
}

#[test]
fn how_rows_are_cut_into_batches_does_not_change_a_byte() {
    let rows: Vec<Contact> = (0..200_000)
        .map(|n| (client(0, n / 7), (n % 7) as i32, ["gp", "er", "ward"][n as usize % 3], Some(n % 1000), 1))
        .collect();
    let batch = to_record_batch(&contacts(&rows)).unwrap();
    let hash = |sizes: &[usize]| {
        let (_folder, store) = new_store();
        let commit = store.begin().unwrap();
        let mut writer = commit.bucket_writer(&CONTACTS, 0).unwrap();
        let mut begin = 0;
        for size in sizes.iter().cycle() {
            let size = *size.min(&(rows.len() - begin));
            writer.write(&batch.slice(begin, size)).unwrap();
            begin += size;
            if begin == rows.len() {
                break;
            }
        }
        writer.finish().unwrap();
        commit.finish().unwrap().snapshot.id().to_owned()
    };
    let whole = hash(&[200_000]);
    assert_eq!(hash(&[1_000]), whole);
    assert_eq!(hash(&[131_072, 17]), whole);
}

#[test]
fn settings_that_were_changed_by_hand_are_refused() {
    let (_folder, store) = new_store();
    let path = store.root().join("virta.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("buckets = 4", "buckets = 8")).unwrap();
    let message = Store::open(store.root()).unwrap().current().unwrap_err().to_string();
    assert!(message.contains("virta.toml") && message.contains("4"), "{message}");
    fs::write(&path, text + "colour = \"red\"\n").unwrap();
    assert!(matches!(Store::open(store.root()), Err(Error::Settings { .. })));
}
