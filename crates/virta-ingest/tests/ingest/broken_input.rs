//! Files that are cut, damaged, or change while they are read: refused by name, the store as before.

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use virta_ingest::{Phase, ingest};

use crate::columns::simple;
use crate::world::World;

/// Visits whose lines do not pack well, so that a cut anywhere cuts rows.
fn visits(rows: usize) -> String {
    let unit = |n: usize| blake3::hash(&n.to_le_bytes()).to_hex();
    let row = |n: usize| format!("p{n};2014-01-{:02};{}\n", n % 28 + 1, unit(n));
    "id;day;unit\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

/// Each cut or flipped version of a file must be refused, and the whole one taken afterwards.
fn check(name: &str, whole: &[u8], rows: usize, fix: &str) {
    let world = World::new();
    let profile = simple("utf-8").replace("a.csv", name);
    for part in [0, 1, 2, 3, 9, 50, 90, 99] {
        world.write(name, &whole[..whole.len() * part / 100 + usize::from(part == 0)]);
        let error = world.refuse(&profile);
        assert!(error.contains(name) && error.contains(fix), "{part} %: {error}");
    }
    world.write(name, &whole[..whole.len() - 1]);
    let error = world.refuse(&profile);
    assert!(error.contains(name) && error.contains(fix), "all but the last byte: {error}");
    world.write(name, whole);
    assert_eq!(world.ingest(&profile).rows_accepted, rows as u64);
}

#[test]
fn a_cut_packed_file_is_refused() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(visits(3000).as_bytes()).unwrap();
    check("a.csv.gz", &packed.finish().unwrap(), 3000, "ask the sender for it again");
}

#[test]
fn a_cut_parquet_file_is_refused() {
    let fields: Vec<Field> = ["id", "day", "unit"].map(|name| Field::new(name, DataType::Utf8, true)).into();
    let schema = Arc::new(Schema::new(fields));
    let column = |value: &dyn Fn(usize) -> String| Arc::new(StringArray::from_iter_values((0..500).map(value))) as _;
    let columns = vec![
        column(&|n| format!("p{n}")),
        column(&|n| format!("2014-01-{:02}", n % 28 + 1)),
        column(&|n| format!("u{n}")),
    ];
    let mut writer = ArrowWriter::try_new(Vec::new(), schema.clone(), None).unwrap();
    writer.write(&RecordBatch::try_new(schema, columns).unwrap()).unwrap();
    check("a.parquet", &writer.into_inner().unwrap(), 500, "ask the sender for it again");
}

#[test]
fn a_cut_workbook_is_refused() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in visits(200).lines().enumerate() {
        for (column, cell) in line.split(';').enumerate() {
            sheet.write_string(row as u32, column as u16, cell).unwrap();
        }
    }
    check("a.xlsx", &workbook.save_to_buffer().unwrap(), 200, "save it as .xlsx");
}

/// Ingests `a.csv` while `change` happens to it in the midst of reading.
fn changed_while_read(change: &(dyn Fn(&std::path::Path) + Sync)) {
    let world = World::new();
    let path = world.write("a.csv", visits(60_000));
    let profile = world.write("profile.toml", simple("utf-8"));
    let before = world.snapshot().id().to_owned();
    let happened = AtomicBool::new(false);
    let result = ingest(&world.store, &world.key, &[&profile], &world.options, &|progress| {
        if progress.phase == Phase::Reading && progress.done > 0 && !happened.swap(true, Ordering::SeqCst) {
            change(&path);
        }
    });
    assert!(happened.load(Ordering::SeqCst), "reading was too quick for the test");
    let error = result.unwrap_err().to_string();
    assert!(error.contains("a.csv: the file changed while it was read (rule changed)"), "{error}");
    assert_eq!(world.snapshot().id(), before);
    assert!(fs::read_dir(world.path("store/tmp")).unwrap().next().is_none(), "no temporary file stays");
    world.write("a.csv", visits(10));
    assert_eq!(world.ingest(&simple("utf-8")).rows_accepted, 10);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    changed_while_read(&|path| {
        let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"q;2014-01-01;u\n").unwrap();
    });
}

#[test]
fn a_file_that_is_emptied_while_it_is_read_is_refused() {
    changed_while_read(&|path| fs::write(path, "").unwrap());
}

#[test]
fn a_file_that_is_written_over_while_it_is_read_is_refused() {
    // As many bytes as before: only the clock of the disk tells.
    changed_while_read(&|path| {
        let text = fs::read_to_string(path).unwrap().replace("p1;", "q1;");
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(path, text).unwrap();
    });
}

#[test]
fn a_file_that_is_removed_while_it_is_read_is_refused() {
    changed_while_read(&|path| fs::remove_file(path).unwrap());
}
