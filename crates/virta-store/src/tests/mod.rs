//! The store as its users see it.

mod columns;
mod crashes;
mod damage;
mod releases;
mod snapshots;
mod studies;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use virta_model::schema::{CLIENTS, CONTACTS, QUARANTINE, SERVICES, TableSchema};
use virta_model::{ClientId, Table, Value};

use crate::checked;
use crate::{Commit, Delivery, InitOptions, Result, Snapshot, Store, to_record_batch};

/// Buckets of the stores here.
const BUCKETS: u32 = 4;

/// A contact as far as the tests care: client, start, service, cost, delivery.
type Contact = (i64, i32, &'static str, Option<i64>, i64);

/// A client of a bucket.
const fn client(bucket: i64, number: i64) -> i64 {
    (bucket << 61) + number
}

fn new_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::init(&folder.path().join("store"), &options()).unwrap();
    (folder, store)
}

fn options() -> InitOptions {
    InitOptions { buckets: BUCKETS, key_id: "test key".to_owned() }
}

fn contacts(rows: &[Contact]) -> Table {
    let mut table = Table::new(&CONTACTS);
    for (number, (client, start, service, cost, delivery)) in rows.iter().enumerate() {
        let (n, t) = (Value::Null, Value::Text);
        let cost_cents = cost.map_or(n, Value::Int);
        table.push(&[
            Value::Int(number as i64),
            Value::Int(*client),
            t(service),
            n,
            n,
            Value::Date(*start),
            n,
            n,
            n,
            Value::Flag(false),
            t("visit"),
            t("unknown"),
            n,
            cost_cents,
            t("extract"),
            t("hilmo"),
            Value::Int(*delivery),
        ]);
    }
    table
}

/// Replaces the contacts of every bucket by these sorted rows.
fn put_contacts(commit: &Commit, rows: &[Contact]) -> Result<()> {
    for bucket in 0..BUCKETS {
        let rows: Vec<Contact> = rows.iter().filter(|row| ClientId(row.0).bucket(BUCKETS) == bucket).copied().collect();
        put(commit, &CONTACTS, bucket, &contacts(&rows))?;
    }
    Ok(())
}

fn put(commit: &Commit, schema: &TableSchema, bucket: u32, table: &Table) -> Result<()> {
    let mut writer = commit.bucket_writer(schema, bucket)?;
    writer.write(&to_record_batch(table)?)?;
    writer.finish()
}

fn service(code: &str) -> Table {
    let mut table = Table::new(&SERVICES);
    let (n, t) = (Value::Null, Value::Text);
    table.push(&[t(code), n, t("primary"), Value::Flag(false), n, t(code), n]);
    table
}

fn delivery(delivery_id: i64, accepted: u64, quarantined: u64) -> Delivery {
    Delivery {
        delivery_id,
        table: "contacts".to_owned(),
        source: "hilmo".to_owned(),
        file: format!("hoito_{delivery_id}.csv"),
        blake3: format!("{delivery_id:064x}"),
        bytes: 1000,
        rows_read: accepted + quarantined,
        rows_accepted: accepted,
        rows_quarantined: quarantined,
        ..Delivery::default()
    }
}

fn refused(delivery: i64) -> Table {
    let mut table = Table::new(&QUARANTINE);
    let t = Value::Text;
    table.push(&[Value::Int(delivery), Value::Int(7), t("service"), t("missing"), t("0f")]);
    table
}

/// The first state of most tests: three contacts in two buckets, one refused row.
fn first_change(store: &Store) -> Result<Snapshot> {
    let commit = store.begin()?;
    put_contacts(
        &commit,
        &[
            (client(0, 1), 10, "gp", Some(100), 1),
            (client(0, 1), 11, "er", None, 1),
            (client(3, 5), 10, "gp", Some(-7), 1),
        ],
    )?;
    commit.replace(&service("gp"))?;
    commit.replace(&refused(1))?;
    commit.set_ledger(vec![delivery(1, 3, 1)]);
    Ok(commit.finish()?.snapshot)
}

/// The second: a bucket replaced, one emptied, one new, a table with rows for the first time.
fn second_change(store: &Store) -> Result<Snapshot> {
    let commit = store.begin()?;
    put_contacts(
        &commit,
        &[
            (client(0, 1), 10, "gp", Some(100), 1),
            (client(0, 2), 10, "gp", Some(90), 2),
            (client(2, 1), 12, "ward", None, 2),
        ],
    )?;
    let mut clients = Table::new(&CLIENTS);
    let n = Value::Null;
    clients.push(&[Value::Int(client(2, 1)), Value::Date(-5000), Value::Text("day"), n, n, n, n, n, n]);
    put(&commit, &CLIENTS, 2, &clients)?;
    commit.set_ledger(vec![delivery(1, 1, 1), delivery(2, 2, 0)]);
    Ok(commit.finish()?.snapshot)
}

/// Every row of a snapshot as text, by table.
fn rows_of(snapshot: &Snapshot) -> BTreeMap<String, Vec<String>> {
    let text = |table: &str| {
        let batches = snapshot.read_all(table, None).collect::<Result<Vec<_>>>().unwrap();
        batches.iter().flat_map(|batch| batch.columns()).map(|column| format!("{column:?}")).collect()
    };
    snapshot.tables().map(|table| (table.to_owned(), text(table))).collect()
}

/// Every file below a folder but locks, with its bytes.
fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for path in crate::files::entries(folder).unwrap() {
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if !path.file_name().unwrap().to_str().unwrap().starts_with("lock") {
            let bytes = fs::read(&path).unwrap();
            found.insert(path, bytes);
        }
    }
    found
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in crate::files::entries(from).unwrap() {
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &place);
        } else {
            fs::copy(&path, &place).unwrap();
        }
    }
}
