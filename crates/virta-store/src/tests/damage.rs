//! Damaged files: found before any row is visible, named in the error.

use super::*;
use crate::{ColumnBatch, Error};

/// Reads everything in every way; the first error.
fn read_all(store: &Store) -> Result<()> {
    let snapshot = store.current()?;
    for table in snapshot.tables() {
        for file in snapshot.files(table) {
            for batch in snapshot.read(table, file.bucket, None)? {
                batch?;
            }
        }
    }
    Ok(())
}

fn read_columns(store: &Store) -> Result<()> {
    let snapshot = store.current()?;
    let names: Vec<&str> = CONTACTS.columns.iter().map(|c| c.name).collect();
    for bucket in 0..BUCKETS {
        let mut reader = snapshot.read_columns("contacts", Some(bucket), &names)?;
        while reader.next_into(&mut ColumnBatch::default())? {}
    }
    Ok(())
}

#[test]
fn a_flipped_bit_anywhere_in_a_data_file_is_found_and_the_file_named() {
    let (_folder, store) = new_store();
    let snapshot = first_change(&store).unwrap();
    let path = snapshot.path("contacts", &snapshot.files("contacts")[0]);
    let good = fs::read(&path).unwrap();
    for byte in (0..good.len()).step_by(11) {
        let mut bad = good.clone();
        bad[byte] ^= 1 << (byte % 8);
        fs::write(&path, &bad).unwrap();
        let whole = crate::verified::whole_file(&path, good.len() as u64, &snapshot.files("contacts")[0].blake3);
        assert!(matches!(whole, Err(Error::Damaged { .. })), "byte {byte}");
        // The magic number at the very beginning is no part of any column.
        if byte >= 4 {
            for read in [read_all, read_columns] {
                let error = read(&store).unwrap_err();
                assert!(matches!(&error, Error::Damaged { path: found, .. } if *found == path), "byte {byte}: {error}");
            }
        }
    }
}

#[test]
fn a_truncated_or_missing_file_is_found() {
    let (_folder, store) = new_store();
    let snapshot = first_change(&store).unwrap();
    let path = snapshot.path("contacts", &snapshot.files("contacts")[0]);
    let good = fs::read(&path).unwrap();
    for length in [0, 1, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..length]).unwrap();
        assert!(read_all(&store).unwrap_err().to_string().contains("bytes, the manifest says"));
    }
    fs::remove_file(&path).unwrap();
    let message = read_all(&store).unwrap_err().to_string();
    assert!(message.contains("missing") && message.contains(path.to_str().unwrap()), "{message}");
    assert_eq!(store.verify(&|_| {}).unwrap().problems.len(), 1);
}

#[test]
fn damage_to_a_column_that_is_not_read_does_not_stop_a_reader_and_verify_finds_it() {
    let (_folder, store) = new_store();
    let snapshot = first_change(&store).unwrap();
    let path = snapshot.path("contacts", &snapshot.files("contacts")[0]);
    let mut bytes = fs::read(&path).unwrap();
    // The first chunk is contact_id's, which no study reads.
    bytes[20] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let rows = |column: &str| snapshot.read("contacts", Some(0), Some(&[column])).unwrap().collect::<Result<Vec<_>>>();
    rows("cost_cents").unwrap();
    assert!(rows("contact_id").unwrap_err().to_string().contains("contact_id"));
    assert_eq!(store.verify(&|_| {}).unwrap().problems.len(), 1);
    assert!(snapshot.verify_file("contacts", &snapshot.files("contacts")[0]).is_err());
}

#[test]
fn damage_to_a_manifest_or_to_the_pointer_is_found_and_named() {
    let (_folder, store) = new_store();
    let id = first_change(&store).unwrap().id().to_owned();
    for path in [store.root().join("CURRENT"), store.root().join("snapshots").join(format!("{id}.json"))] {
        let good = fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(17) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, &bad).unwrap();
            let error = store.current().unwrap_err();
            assert!(matches!(&error, Error::Damaged { path: found, .. } if *found == path), "{error}");
        }
        fs::remove_file(&path).unwrap();
        assert!(matches!(store.current(), Err(Error::Damaged { path: found, .. }) if found == path));
        fs::write(&path, &good).unwrap();
        store.current().unwrap();
    }
}

#[test]
fn a_damaged_older_manifest_keeps_the_sweep_from_removing_what_it_may_name() {
    let (_folder, store) = new_store();
    let old = first_change(&store).unwrap().id().to_owned();
    second_change(&store).unwrap();
    let path = store.root().join("snapshots").join(format!("{old}.json"));
    let good = fs::read(&path).unwrap();
    fs::write(&path, b"torn").unwrap();
    fs::create_dir_all(store.root().join("tmp/commit")).unwrap();
    drop(store.begin().unwrap());
    fs::write(&path, good).unwrap();
    assert!(store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn a_ledger_that_disagrees_with_the_rows_is_found() {
    let (_folder, store) = new_store();
    let commit = store.begin().unwrap();
    put_contacts(&commit, &[(client(0, 1), 10, "gp", None, 1), (client(0, 1), 10, "gp", None, 5)]).unwrap();
    commit.set_ledger(vec![delivery(1, 2, 1)]);
    commit.finish().unwrap();
    let problems: Vec<String> = store.verify(&|_| {}).unwrap().problems.iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains("the ledger says 2 rows accepted, table `contacts` has 1"), "{problems:?}");
    assert!(problems[1].contains("delivery 5"), "{problems:?}");
    assert!(problems[2].contains("quarantine"), "{problems:?}");
}

#[test]
fn rows_that_are_not_in_the_tables_order_are_found() {
    let (_folder, store) = new_store();
    let commit = store.begin().unwrap();
    put(&commit, &CONTACTS, 0, &contacts(&[(client(0, 1), 11, "b", None, 1), (client(0, 1), 10, "a", None, 1)]))
        .unwrap();
    commit.set_ledger(vec![delivery(1, 2, 0)]);
    commit.finish().unwrap();
    let problems = store.verify(&|_| {}).unwrap().problems;
    assert!(problems[0].to_string().contains("order"), "{problems:?}");
}
