//! Plain vectors against the Arrow reader: they share no decoder.

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{Date32Type, Float64Type, Int32Type, Int64Type, Time32MillisecondType};
use proptest::prelude::*;
use virta_model::schema::FEEDBACK;
use virta_model::{NULL_CODE, NULL_DAY, NULL_INT};

use super::*;
use crate::{ColumnBatch, ColumnValues};

fn with_arrow(batches: &[RecordBatch], column: usize) -> Vec<String> {
    let mut found = Vec::new();
    for batch in batches {
        let array = batch.column(column);
        for row in 0..array.len() {
            found.push(if array.is_null(row) {
                "null".to_owned()
            } else if let Some(values) = array.as_primitive_opt::<Int64Type>() {
                values.value(row).to_string()
            } else if let Some(values) = array.as_primitive_opt::<Date32Type>() {
                values.value(row).to_string()
            } else if let Some(values) = array.as_primitive_opt::<Time32MillisecondType>() {
                values.value(row).to_string()
            } else if let Some(values) = array.as_primitive_opt::<Float64Type>() {
                values.value(row).to_string()
            } else if let Some(values) = array.as_boolean_opt() {
                values.value(row).to_string()
            } else if let Some(values) = array.as_dictionary_opt::<Int32Type>() {
                let texts = values.values().as_any().downcast_ref::<StringArray>().unwrap();
                texts.value(values.key(row).unwrap()).to_owned()
            } else {
                array.as_string::<i32>().value(row).to_owned()
            });
        }
    }
    found
}

fn with_vectors(snapshot: &Snapshot, table: &str, columns: &[&str], runs: Option<usize>) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new(); columns.len()];
    let mut batch = ColumnBatch::default();
    for file in snapshot.files(table) {
        let mut reader = snapshot.read_columns(table, file.bucket, columns).unwrap();
        if let Some(runs) = runs {
            reader = reader.with_runs(runs);
        }
        while reader.next_into(&mut batch).unwrap() {
            for (found, column) in found.iter_mut().zip(&batch.columns) {
                found.extend(texts(column));
            }
        }
    }
    found
}

fn texts(column: &ColumnValues) -> Vec<String> {
    let text = |null: bool, text: String| if null { "null".to_owned() } else { text };
    match column {
        ColumnValues::Int64(v) => v.iter().map(|v| text(*v == NULL_INT, v.to_string())).collect(),
        ColumnValues::Int32(v) => v.iter().map(|v| text(*v == NULL_DAY, v.to_string())).collect(),
        ColumnValues::Flags(v) => v.iter().map(ToString::to_string).collect(),
        ColumnValues::Ratio(v) => v.iter().map(|v| text(v.is_nan(), v.to_string())).collect(),
        ColumnValues::Runs(v) => {
            let begins = std::iter::once(&0).chain(&v.ends);
            let runs = v.ids.iter().zip(begins.zip(&v.ends));
            runs.flat_map(|(id, (begin, end))| (*begin..*end).map(|_| id.to_string())).collect()
        }
        ColumnValues::Codes(v) => {
            let of = |code: &u32| match *code {
                NULL_CODE => "null".to_owned(),
                code => v.dictionary[code as usize].clone(),
            };
            v.codes.iter().map(of).collect()
        }
    }
}

/// Some rows of each row group are those rows of the whole, whether the file was read before or not.
fn check_some_rows(snapshot: &Snapshot, table: &str, columns: &[&str]) {
    let picks: [fn(u32, u32) -> bool; 5] = [
        |row, _| row % 3 == 1,
        |row, rows| row + 1 == rows,
        |row, rows| row >= rows / 2 && row < rows / 2 + 3,
        |row, _| row % 20_011 == 7,
        |_, _| true,
    ];
    for file in snapshot.files(table) {
        let opened = snapshot.column_file(table, file.bucket).unwrap().unwrap();
        // The first are read from chunks that are checked as they come, the others from chunks that were checked before.
        for pick in picks {
            let (mut whole, mut some) = (opened.read(columns).unwrap(), opened.read(columns).unwrap().with_runs(1));
            let (mut all, mut picked) = (ColumnBatch::default(), ColumnBatch::default());
            loop {
                let count = some.next_rows() as u32;
                let rows: Vec<u32> = (0..count).filter(|row| pick(*row, count)).collect();
                let places: Vec<usize> = (1..columns.len()).collect();
                let was_there = some.peek_rows_into(&rows, &places, &mut picked).unwrap();
                some.pass();
                assert_eq!(whole.next_into(&mut all).unwrap(), was_there);
                if !was_there {
                    break;
                }
                assert_eq!(picked.rows, rows.len());
                assert!(texts(&picked.columns[0]).is_empty());
                for (all, picked) in all.columns.iter().zip(&picked.columns).skip(1) {
                    let all = texts(all);
                    let expected: Vec<String> = rows.iter().map(|row| all[*row as usize].clone()).collect();
                    assert!(texts(picked) == expected, "{table}");
                }
            }
        }
    }
}

fn check(schema: &'static TableSchema, table: &Table) {
    let (_folder, store) = new_store();
    let commit = store.begin().unwrap();
    if schema.has_clients() {
        put(&commit, schema, 0, table).unwrap();
    } else {
        commit.replace(table).unwrap();
    }
    let snapshot = commit.finish().unwrap().snapshot;
    let names: Vec<&str> = schema.columns.iter().map(|c| c.name).collect();
    let batches: Vec<RecordBatch> = snapshot.read_all(schema.name, None).collect::<Result<_>>().unwrap();
    let runs = schema.index_of("client_id");
    for runs in [None, runs] {
        for (at, found) in with_vectors(&snapshot, schema.name, &names, runs).iter().enumerate() {
            assert!(*found == with_arrow(&batches, at), "{}.{}", schema.name, names[at]);
        }
    }
    check_some_rows(&snapshot, schema.name, &names);
}

fn some<T: std::fmt::Debug + Clone>(of: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = Option<T>> {
    prop_oneof![1 => Just(None), 5 => of.prop_map(Some)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_column_of_contacts_comes_as_the_arrow_reader_gives_it(
        rows in prop::collection::vec(
            (0..40_i64, some(any::<i64>().prop_filter("null", |v| *v != NULL_INT)), any::<i32>(),
             some(0..86_400_u32), some(-40_000..40_000_i32), any::<bool>(), some(0..60_usize)),
            0..400),
        repeats in 1..12_usize,
    ) {
        let mut table = Table::new(&CONTACTS);
        let mut rows = rows;
        rows.sort_by_key(|row| row.0);
        for (client, cost, start, time, end, stay, text) in rows {
            for repeat in 0..repeats {
                let (t, n) = (Value::Text, Value::Null);
                let code = text.map(|text| format!("code {text}"));
                let reason = format!("reason {}", repeat % 3);
                table.push(&[
                    Value::Int(cost.unwrap_or(5)), Value::Int(client), t(code.as_deref().unwrap_or("none")),
                    code.as_deref().map_or(n, t), n, Value::Date(start.max(-2_000_000_000)), time.map_or(n, Value::Time),
                    time.filter(|time| time % 2 == 1).map_or(n, |time| Value::Int(i64::from(time) - 9)), end.map_or(n, Value::Date), Value::Flag(stay), t("visit"), t("unknown"), t(&reason),
                    cost.map_or(n, Value::Int), t("extract"), t("hilmo"), Value::Int(repeat as i64),
                ]);
            }
        }
        check(&CONTACTS, &table);
    }
}

#[test]
fn columns_of_only_nulls_and_of_several_row_groups_are_read() {
    let rows: Vec<Contact> =
        (0..140_000).map(|n| (client(0, n / 50), n as i32 % 5000, "gp", (n % 3 == 0).then_some(n), n / 10)).collect();
    check(&CONTACTS, &contacts(&rows));
}

#[test]
fn ratios_and_plain_texts_are_read() {
    let mut table = Table::new(&FEEDBACK);
    let t = Value::Text;
    for n in 0..100 {
        table.push(&[Value::Int(n), t("a"), t("b"), t("c"), Value::Date(n as i32), Value::Ratio(n as f64 / 7.0)]);
    }
    check(&FEEDBACK, &table);
    check(&SERVICES, &service("gp"));
}

#[test]
fn a_dictionary_that_grew_too_large_is_read() {
    let mut table = Table::new(&CONTACTS);
    for n in 0..131_072_i64 {
        let (t, x) = (Value::Text, Value::Null);
        let service = format!("a service with quite a long code, number {n}");
        table.push(&[
            Value::Int(n),
            Value::Int(n),
            t(&service),
            x,
            x,
            Value::Date(1),
            x,
            x,
            x,
            Value::Flag(true),
            t("ward"),
            t("unknown"),
            x,
            x,
            t("none"),
            t("s"),
            Value::Int(1),
        ]);
    }
    check(&CONTACTS, &table);
}

#[test]
fn a_flag_that_is_never_true_is_known_without_reading_it() {
    let stays = |stay: bool| {
        let mut table = contacts(&[(client(0, 1), 10, "gp", None, 1), (client(0, 2), 11, "gp", None, 1)]);
        let at = CONTACTS.index_of("is_stay").unwrap();
        table.columns[at] = virta_model::ColumnData::Flag(vec![Some(false), Some(stay)]);
        let (_folder, store) = new_store();
        let commit = store.begin().unwrap();
        put(&commit, &CONTACTS, 0, &table).unwrap();
        let snapshot = commit.finish().unwrap().snapshot;
        let mut reader = snapshot.read_columns("contacts", Some(0), &["client_id", "is_stay"]).unwrap();
        let mut batch = ColumnBatch::default();
        let is_never_true = reader.is_never_true(1);
        assert!(!reader.is_never_true(0) && !reader.is_never_true(2));
        assert!(reader.next_into_without(&[1], &mut batch).unwrap());
        assert_eq!(batch.columns[0].as_i64().map(<[i64]>::len), Some(2));
        assert_eq!(batch.columns[1].as_flags().map(<[bool]>::len), Some(0));
        is_never_true
    };
    assert!(stays(false));
    assert!(!stays(true));
}

#[test]
fn a_column_of_nulls_is_known_without_reading_it() {
    let all_null = |sequences: [Option<i64>; 2]| {
        let mut table = contacts(&[(client(0, 1), 10, "gp", None, 1), (client(0, 2), 11, "gp", None, 1)]);
        table.columns[CONTACTS.index_of("sequence").unwrap()] =
            virta_model::ColumnData::Int(sequences.map(|of| of.unwrap_or(NULL_INT)).to_vec());
        let (_folder, store) = new_store();
        let commit = store.begin().unwrap();
        put(&commit, &CONTACTS, 0, &table).unwrap();
        let snapshot = commit.finish().unwrap().snapshot;
        let reader = snapshot.read_columns("contacts", Some(0), &["client_id", "sequence", "start_time"]).unwrap();
        assert!(!reader.is_all_null(0) && reader.is_all_null(2) && !reader.is_all_null(3));
        assert_eq!(reader.is_all_null(1), snapshot.is_all_null("contacts", "sequence").unwrap());
        reader.is_all_null(1)
    };
    assert!(all_null([None, None]));
    assert!(!all_null([None, Some(0)]));
}

#[test]
fn a_file_of_before_a_column_has_nulls_in_its_place() {
    let (_folder, store) = new_store();
    let commit = store.begin().unwrap();
    let rows =
        to_record_batch(&contacts(&[(client(0, 1), 10, "gp", None, 1), (client(0, 1), 11, "er", None, 1)])).unwrap();
    let older: Vec<usize> = (0..CONTACTS.columns.len()).filter(|at| CONTACTS.columns[*at].name != "sequence").collect();
    let rows = rows.project(&older).unwrap();
    let mut writer = commit.sidecar_writer("contacts.older", Some(0), rows.schema(), &["client_id"]).unwrap();
    writer.write(&rows).unwrap();
    writer.finish().unwrap();
    let snapshot = commit.finish().unwrap().snapshot;
    let file = snapshot.file("contacts.older", Some(0)).unwrap();
    let path = snapshot.path("contacts.older", file);
    let read = |columns| crate::columns::ColumnReader::open(&path, "contacts", file, columns);
    let mut reader = read(&["start_date", "sequence", "reason"]).unwrap();
    let mut batch = ColumnBatch::default();
    assert!(reader.is_all_null(1));
    assert!(reader.next_into(&mut batch).unwrap());
    assert_eq!(batch.columns[0].as_i32(), Some(&[10, 11][..]));
    assert_eq!(batch.columns[1].as_i64(), Some(&[NULL_INT, NULL_INT][..]));
    assert!(matches!(read(&["start_date", "no_such_column"]), Err(crate::Error::NoColumn { .. })));
}
