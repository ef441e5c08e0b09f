//! Cells that have types of their own, in workbooks and Parquet files, beside the same values as text.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BinaryArray, Date32Array, DictionaryArray, FixedSizeBinaryArray, Float32Array, Float64Array,
    Int32Array, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::arrow::{ARROW_SCHEMA_META_KEY, ArrowWriter};
use parquet::file::metadata::KeyValue;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

use crate::world::World;

fn profile(file: &str, source: &str, columns: &str) -> String {
    format!(
        r#"
        [source]
        name = "s"
        extracted_on = "2024-12-31"
        bad_rows_max_percent = 100
        {source}
        [[file]]
        table = "contacts"
        path = "{file}"
        [file.columns]
        client = {{ from = "id" }}
        start_date = {{ from = "day", format = ["%d.%m.%Y", "iso"] }}
        {columns}
        "#
    )
}

const SERVICE: &str = "service = { from = \"kind\" }";

/// A workbook of one sheet with these column names and what `fill` puts below them.
fn workbook(world: &World, names: &str, fill: impl FnOnce(&mut Worksheet)) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (at, name) in names.split(' ').enumerate() {
        sheet.write(0, at as u16, name).unwrap();
    }
    fill(sheet);
    workbook.save(world.path("a.xlsx")).unwrap();
}

fn parquet(world: &World, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let file = std::fs::File::create(world.path("a.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// Writes `a.parquet` as a program does whose own schema is `told`.
fn write(world: &World, batch: &RecordBatch, told: &Schema) {
    let file = std::fs::File::create(world.path("a.parquet")).unwrap();
    let options = ArrowWriterOptions::new().with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(file, batch.schema(), options).unwrap();
    let schema = parquet::arrow::encode_arrow_schema(told);
    writer.append_key_value_metadata(KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), schema));
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn quarantine(world: &World) -> Vec<String> {
    world.rows("quarantine", &["line", "field", "rule"])
}

/// 10 January 2024.
const DAY: f64 = 45_301.0;

#[test]
fn midnight_is_a_time_where_times_are_shown_and_else_a_date() {
    let columns = format!("{SERVICE}\nstart_time = {{ from = \"time\" }}\nend_date = {{ from = \"end\" }}");
    let world = World::new();
    workbook(&world, "id day kind time end", |sheet| {
        let shown = |format: &str| Format::new().set_num_format(format);
        let rows = [
            (DAY, "hh:mm", 0.0),
            (DAY, "hh:mm", 0.343_75),
            (DAY, "h:mm:ss", 0.999_988_425_925_926),
            (DAY, "dd.mm.yyyy hh:mm", DAY),
            (DAY, "dd.mm.yyyy hh:mm", DAY + 0.5),
            (DAY, "dd.mm.yyyy", DAY),
            (DAY, "[hh]:mm", 0.25),
        ];
        for (at, (day, format, time)) in rows.into_iter().enumerate() {
            let row = at as u32 + 1;
            sheet.write(row, 0, format!("p{at}")).unwrap();
            sheet.write_with_format(row, 1, day, &shown("dd.mm.yyyy")).unwrap();
            sheet.write(row, 2, format!("k{at}")).unwrap();
            sheet.write_with_format(row, 3, time, &shown(format)).unwrap();
        }
        sheet.write(8, 0, "p7").unwrap();
        sheet.write(8, 1, "10.1.2024").unwrap();
        sheet.write(8, 2, "k7").unwrap();
        sheet.write(8, 3, "0:00").unwrap();
        // A time is no date.
        sheet.write(9, 0, "p8").unwrap();
        sheet.write_with_format(9, 1, 0.5, &shown("hh:mm")).unwrap();
    });
    world.ingest(&profile("a.xlsx", "", &columns));
    assert_eq!(
        world.sorted("contacts", &["service", "start_date", "start_time"]),
        [
            "k0 2024-01-10 00:00:00",
            "k1 2024-01-10 08:15:00",
            "k2 2024-01-10 23:59:59",
            "k3 2024-01-10 00:00:00",
            "k4 2024-01-10 12:00:00",
            "k5 2024-01-10 -",
            "k6 2024-01-10 06:00:00",
            "k7 2024-01-10 00:00:00",
        ]
    );
    assert_eq!(quarantine(&world), ["10 start_date date"]);
}

#[test]
fn error_cells_are_nobody_no_code_and_no_value() {
    let columns = format!(
        "{SERVICE}\ncost_cents = {{ from = \"price\" }}\nprovider = {{ from = \"where\" }}\nunit = {{ from = [\"where\", \"kind\"] }}"
    );
    let fill = |sheet: &mut Worksheet| {
        let error = |text: &str| Formula::new("=NA()").set_result(text);
        for row in 1..=9 {
            sheet.write(row, 0, format!("p{row}")).unwrap();
            sheet.write(row, 1, format!("{row}.1.2024")).unwrap();
            sheet.write(row, 2, "gp").unwrap();
            sheet.write(row, 3, 12.5).unwrap();
            sheet.write(row, 4, "x").unwrap();
            sheet.write(row, 5, "unused").unwrap();
        }
        sheet.write(2, 0, error("#N/A")).unwrap();
        sheet.write(3, 2, error("#REF!")).unwrap();
        sheet.write(4, 1, error("#VALUE!")).unwrap();
        sheet.write(5, 3, error("#DIV/0!")).unwrap();
        sheet.write(6, 4, error("#NAME?")).unwrap();
        sheet.write(7, 5, error("#NUM!")).unwrap();
        // The same as text, as a system writes that took it from a sheet.
        sheet.write(8, 2, "#N/A").unwrap();
        sheet.write(9, 3, "#DIV/0!").unwrap();
    };
    let world = World::new();
    workbook(&world, "id day kind price where more", fill);
    let report = world.ingest(&profile("a.xlsx", "", &columns));
    assert_eq!((report.rows_read, report.rows_accepted), (9, 2));
    assert_eq!(
        world.sorted("contacts", &["start_date", "cost_cents", "provider"]),
        ["2024-01-01 1250 x", "2024-01-07 1250 x"]
    );
    assert_eq!(
        quarantine(&world),
        [
            "3 client missing",
            "4 service missing",
            "5 start_date missing",
            "6 cost_cents spreadsheet_error",
            "7 provider spreadsheet_error",
            "9 service spreadsheet_error",
            "10 cost_cents number",
        ]
    );
    // Where the profile says that it means missing, it does.
    let world = World::new();
    workbook(&world, "id day kind price where more", fill);
    world.ingest(&profile("a.xlsx", "null = [\"\", \"#DIV/0!\", \"#NAME?\"]", &columns));
    assert_eq!(
        world.sorted("contacts", &["start_date", "cost_cents", "provider"])[1..3],
        ["2024-01-05 - x", "2024-01-06 1250 -"]
    );
}

#[test]
fn a_row_whose_key_or_selection_is_an_error_is_bad() {
    let world = World::new();
    workbook(&world, "id day kind no state", |sheet| {
        for row in 1..=4 {
            sheet.write(row, 0, format!("p{row}")).unwrap();
            sheet.write(row, 1, format!("{row}.1.2024")).unwrap();
            sheet.write(row, 2, "gp").unwrap();
            sheet.write(row, 3, row).unwrap();
            sheet.write(row, 4, "done").unwrap();
        }
        sheet.write(2, 3, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write(3, 4, Formula::new("=NA()").set_result("#N/A")).unwrap();
        sheet.write(4, 4, "not done").unwrap();
    });
    let keys = "row_key = [\"no\"]\nwhere = { state = [\"done\"] }\n[file.columns]";
    let report = world.ingest(&profile("a.xlsx", "", SERVICE).replace("[file.columns]", keys));
    assert_eq!((report.rows_accepted, report.rows_quarantined, report.rows_not_selected), (1, 2, 1));
    assert_eq!(quarantine(&world), ["3 no spreadsheet_error", "4 state spreadsheet_error"]);
}

#[test]
fn whole_numbers_of_doubles_are_whole_wherever_they_stand() {
    let world = World::new();
    world.write("codes.txt", "code,service\n1001,gp\n1002,er\n");
    world.write("side.txt", "no;unit\n7;seven\n8;eight\n");
    world.write("list.csv", "id;born\n2001;1.1.1980\n2002;1.1.1990\n");
    parquet(
        &world,
        vec![
            (
                "id",
                Arc::new(Float64Array::from(vec![Some(2001.0), Some(2002.0), None, Some(f64::NAN), Some(2001.0)])) as _,
            ),
            ("day", Arc::new(Date32Array::from(vec![19_000; 5])) as _),
            ("kind", Arc::new(Float32Array::from(vec![1001.0, 1002.0, 1001.0, 1001.0, 1002.0])) as _),
            ("no", Arc::new(Float64Array::from(vec![7.0, 8.0, 7.0, 7.0, -0.0])) as _),
            ("price", Arc::new(Float64Array::from(vec![Some(12.5), Some(0.1), None, None, Some(f64::INFINITY)])) as _),
        ],
    );
    let columns = "service = { from = \"kind\", codes = \"codes.txt\" }\ncost_cents = { from = \"price\" }\n\
                   unit = { lookup = { file = \"side.txt\", key = \"no\", from = \"no\", value = \"unit\" } }";
    let list = "[[file]]\ntable = \"clients\"\npath = \"list.csv\"\n[file.columns]\nclient = { from = \"id\" }\n\
                birth_date = { from = \"born\", format = \"%d.%m.%Y\" }\n";
    let report = world.ingest(&(profile("a.parquet", "", columns) + list));
    assert_eq!((report.rows_read, report.rows_accepted), (7, 4));
    assert_eq!(world.sorted("contacts", &["service", "unit", "cost_cents"]), ["er eight 10", "gp seven 1250"]);
    assert_eq!(world.sorted("clients", &["birth_date"]), ["1980-01-01", "1990-01-01"], "they are two people in all");
    assert_eq!(quarantine(&world), ["3 client missing", "4 client missing", "5 cost_cents spreadsheet_error"]);
}

#[test]
fn years_and_months_of_doubles_make_a_date() {
    let world = World::new();
    parquet(
        &world,
        vec![
            ("id", Arc::new(StringArray::from(vec!["a", "b"])) as _),
            ("year", Arc::new(Float64Array::from(vec![2023.0, 2024.0])) as _),
            ("month", Arc::new(Int64Array::from(vec![1, 12])) as _),
            ("no", Arc::new(Int64Array::from(vec![9_007_199_254_740_993, 9_007_199_254_740_992])) as _),
        ],
    );
    let profile = profile("a.parquet", "", "service = { const = \"gp\" }\nunit = { from = \"no\" }").replace(
        "from = \"day\", format = [\"%d.%m.%Y\", \"iso\"]",
        "from = [\"year\", \"month\"], format = \"%Y|%m\"",
    );
    world.ingest(&profile);
    let wanted = ["2023-01-01 9007199254740993", "2024-12-01 9007199254740992"];
    assert_eq!(world.sorted("contacts", &["start_date", "unit"]), wanted);
}

#[test]
fn ids_too_large_to_be_exact_are_nobody() {
    let world = World::new();
    let ids = [9_007_199_254_740_991.0, 9_007_199_254_740_992.0, 1e17, 123.0];
    parquet(
        &world,
        vec![
            ("id", Arc::new(Float64Array::from(ids.to_vec())) as _),
            ("day", Arc::new(Date32Array::from(vec![19_000; 4])) as _),
            ("kind", Arc::new(StringArray::from(vec!["a", "b", "c", "d"])) as _),
        ],
    );
    world.ingest(&profile("a.parquet", "", SERVICE));
    assert_eq!(world.sorted("contacts", &["service"]), ["a", "d"]);
    assert_eq!(quarantine(&world), ["2 client spreadsheet_number", "3 client spreadsheet_number"]);
    // A sheet keeps 15 digits.
    let world = World::new();
    workbook(&world, "id day kind", |sheet| {
        for (row, id) in [(1, 999_999_999_999_999.0), (2, 1_234_567_890_123_450.0)] {
            sheet.write(row, 0, id).unwrap();
            sheet.write(row, 1, "1.1.2024").unwrap();
            sheet.write(row, 2, "gp").unwrap();
        }
    });
    world.ingest(&profile("a.xlsx", "", SERVICE));
    assert_eq!(quarantine(&world), ["3 client spreadsheet_number"]);
}

#[test]
fn other_cells_are_what_their_text_would_be() {
    let world = World::new();
    workbook(&world, "id day kind stay price", |sheet| {
        let shown = |format: &str| Format::new().set_num_format(format);
        for row in 1..=4 {
            sheet.write(row, 0, format!("p{row}")).unwrap();
            sheet.write(row, 2, format!("k{row}")).unwrap();
        }
        sheet.write(1, 1, Formula::new("=A1").set_result("2.1.2024")).unwrap();
        sheet.write(1, 3, true).unwrap();
        sheet.write_with_format(1, 4, 0.5, &shown("0 %")).unwrap();
        sheet.write_with_format(2, 1, ExcelDateTime::from_ymd(2024, 1, 3).unwrap(), &shown("d.m.yyyy")).unwrap();
        sheet.write(2, 3, false).unwrap();
        sheet.write(2, 4, Formula::new("=1/4").set_result("0.25")).unwrap();
        // A number that has lost its look as a date is one by the format `excel` alone.
        sheet.write(3, 1, DAY).unwrap();
        sheet.write(4, 1, 20_240_105).unwrap();
        // A row of blanks is no row.
        sheet.write(6, 0, " ").unwrap();
    });
    let columns = format!("{SERVICE}\nis_stay = {{ from = \"stay\" }}\ncost_cents = {{ from = \"price\" }}");
    let report = world.ingest(&profile("a.xlsx", "", &columns));
    assert_eq!((report.rows_read, report.rows_quarantined), (4, 2));
    let wanted = ["k1 2024-01-02 true 50", "k2 2024-01-03 false 25"];
    assert_eq!(world.sorted("contacts", &["service", "start_date", "is_stay", "cost_cents"]), wanted);
    let more = profile("a.xlsx", "", &columns).replace("\"iso\"]", "\"%Y%m%d\", \"excel\"]");
    assert_eq!(world.ingest(&more).rows_accepted, 4);
    assert_eq!(world.sorted("contacts", &["start_date"])[2..], ["2024-01-05", "2024-01-10"]);
}

#[test]
fn a_day_that_means_missing_does_so_as_a_date_cell_too() {
    for null in ["31.12.2099", "2099-12-31"] {
        let world = World::new();
        workbook(&world, "id day kind end", |sheet| {
            let shown = Format::new().set_num_format("dd.mm.yyyy");
            for (row, end) in [(1, "2099-12-31"), (2, "2024-02-01")] {
                sheet.write(row, 0, "p").unwrap();
                sheet.write(row, 1, "1.1.2024").unwrap();
                sheet.write(row, 2, format!("k{row}")).unwrap();
                sheet.write_with_format(row, 3, ExcelDateTime::parse_from_str(end).unwrap(), &shown).unwrap();
            }
            sheet.write(3, 0, "p").unwrap();
            sheet.write(3, 1, "1.1.2024").unwrap();
            sheet.write(3, 2, "k3").unwrap();
            sheet.write(3, 3, "toistaiseksi").unwrap();
        });
        let columns = format!("{SERVICE}\nend_date = {{ from = \"end\" }}");
        world.ingest(&profile("a.xlsx", &format!("null = [\"\", \"toistaiseksi\", \"{null}\"]"), &columns));
        assert_eq!(world.sorted("contacts", &["service", "end_date"]), ["k1 -", "k2 2024-02-01", "k3 -"], "{null}");
    }
}

#[test]
fn a_column_of_lists_hides_itself_and_is_no_column_to_read_from() {
    let world = World::new();
    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)]), Some(vec![]), None]);
    parquet(
        &world,
        vec![
            ("id", Arc::new(StringArray::from(vec!["a", "b", "c"])) as _),
            ("day", Arc::new(Date32Array::from(vec![19_000; 3])) as _),
            ("kind", Arc::new(StringArray::from(vec!["gp", "gp", "er"])) as _),
            ("visits", Arc::new(lists) as _),
        ],
    );
    assert_eq!(world.ingest(&profile("a.parquet", "", SERVICE)).rows_accepted, 3);
    let error = world.refuse(&profile("a.parquet", "", "service = { from = \"visits\" }"));
    assert!(error.contains("visits (nested)"), "{error}");
}

/// Bytes that the writer calls UUIDs.
fn uuids(ids: &[u128]) -> (Field, ArrayRef) {
    let values: Vec<[u8; 16]> = ids.iter().map(|id| id.to_be_bytes()).collect();
    let array = FixedSizeBinaryArray::try_from_iter(values.into_iter()).unwrap();
    let is_uuid = [("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())].into();
    let field = Field::new("id", array.data_type().clone(), true).with_metadata(is_uuid);
    (field, Arc::new(array))
}

#[test]
fn categories_uuids_and_bytes_are_what_they_hold() {
    let world = World::new();
    let categories = |values: Vec<f64>| {
        DictionaryArray::new(Int32Array::from(vec![0, 1, 0, 1]), Arc::new(Float64Array::from(values)))
    };
    let bytes: Vec<&[u8]> = vec![b"p\xE4\xE4", b"north", b"a\0b", b""];
    let (id, ids) = uuids(&[1, 0x1234_5678_9abc_def0_1234_5678_9abc_def0, 1, 2]);
    let columns: Vec<(Field, ArrayRef)> = vec![
        (id, ids),
        (Field::new("day", DataType::Date32, true), Arc::new(Date32Array::from(vec![19_000; 4]))),
        (
            Field::new_dictionary("kind", DataType::Int32, DataType::Float64, true),
            Arc::new(categories(vec![1001.0, 7.5])),
        ),
        (Field::new("where", DataType::Binary, true), Arc::new(BinaryArray::from(bytes))),
    ];
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = columns.into_iter().unzip();
    let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).unwrap();
    write(&world, &batch, &batch.schema());
    // The same ids as text in another file are the same people.
    world.write(
        "list.csv",
        "id;born\n00000000-0000-0000-0000-000000000001;1.1.1980\n12345678-9abc-def0-1234-56789abcdef0;1.1.1990\n",
    );
    let list = "[[file]]\ntable = \"clients\"\npath = \"list.csv\"\n[file.columns]\nclient = { from = \"id\" }\n\
                birth_date = { from = \"born\", format = \"%d.%m.%Y\" }\n";
    let columns = format!("{SERVICE}\nprovider = {{ from = \"where\" }}");
    world.ingest(&(profile("a.parquet", "encoding = \"windows-1252\"", &columns) + list));
    assert_eq!(quarantine(&world), ["3 provider spreadsheet_error"]);
    assert_eq!(world.sorted("contacts", &["service", "provider"]), ["1001 pää", "7,5 -", "7,5 north"]);
    assert_eq!(world.sorted("clients", &["birth_date"]), ["-", "1980-01-01", "1990-01-01"]);
}

#[test]
fn a_time_is_that_of_its_zone_in_whichever_unit_it_was_kept() {
    let world = World::new();
    // Half past eleven in the evening in Greenwich is the next day in Finland.
    let stamps = TimestampMicrosecondArray::from(vec![1_672_615_800_000_000]).with_timezone("Europe/Helsinki");
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("id", Arc::new(StringArray::from(vec!["a"])) as ArrayRef, true),
        ("day", Arc::new(stamps) as ArrayRef, true),
        ("kind", Arc::new(StringArray::from(vec!["gp"])) as ArrayRef, true),
    ])
    .unwrap();
    let in_millis = TimestampMillisecondArray::from(vec![1_672_615_800_000]).with_timezone("UTC");
    let mut columns = batch.columns().to_vec();
    columns[1] = Arc::new(in_millis);
    let fields = batch.schema().fields().iter().cloned().collect::<Vec<_>>();
    let mut kept = fields.clone();
    kept[1] = Arc::new(Field::new("day", columns[1].data_type().clone(), true));
    let kept = RecordBatch::try_new(Arc::new(Schema::new(kept)), columns).unwrap();
    for (batch, told) in [(&batch, batch.schema()), (&kept, batch.schema())] {
        write(&world, batch, &told);
        let time = format!("{SERVICE}\nstart_time = {{ from = \"day\" }}");
        world.ingest(&profile("a.parquet", "", &time));
        assert_eq!(world.sorted("contacts", &["start_date", "start_time"]), ["2023-01-02 01:30:00"]);
    }
}

#[test]
fn a_day_that_never_comes_refuses_its_row_and_not_the_file() {
    let world = World::new();
    let days = |values: Vec<i32>| Arc::new(Date32Array::from(values)) as ArrayRef;
    parquet(
        &world,
        vec![
            ("id", Arc::new(StringArray::from(vec!["a", "b", "c", "d"])) as _),
            ("day", days(vec![19_000, i32::MAX, -i32::MAX, 19_000])),
            ("kind", Arc::new(StringArray::from(vec!["gp", "gp", "gp", "er"])) as _),
            ("end", days(vec![i32::MAX, 19_000, 19_000, 19_001])),
        ],
    );
    let columns = format!("{SERVICE}\nend_date = {{ from = \"end\" }}\nis_stay = {{ const = true }}");
    world.ingest(&profile("a.parquet", "", &columns));
    assert_eq!(world.sorted("contacts", &["service", "end_date"]), ["er 2022-01-09", "gp -"]);
    assert_eq!(quarantine(&world), ["2 start_date after_extract", "3 start_date before_1900"]);
}

#[test]
fn a_day_is_no_id() {
    let world = World::new();
    workbook(&world, "id day kind", |sheet| {
        let shown = Format::new().set_num_format("d.m.yyyy");
        for row in 1..=3 {
            sheet.write(row, 1, "1.1.2024").unwrap();
            sheet.write(row, 2, format!("k{row}")).unwrap();
        }
        // A spreadsheet has made a day of the id 1-5-23.
        sheet.write_with_format(1, 0, DAY, &shown).unwrap();
        sheet.write(2, 0, "1.5.2023").unwrap();
        sheet.write(3, 0, "1-5-23").unwrap();
    });
    world.ingest(&profile("a.xlsx", "", SERVICE));
    assert_eq!(world.sorted("contacts", &["service"]), ["k3"]);
    assert_eq!(quarantine(&world), ["2 client spreadsheet_date", "3 client spreadsheet_date"]);
    // A day of birth may be a part of one.
    let parts = profile("a.xlsx", "", SERVICE).replace("from = \"id\"", "from = [\"id\", \"kind\"]");
    assert_eq!(world.ingest(&parts).rows_accepted, 3);
}

#[test]
fn a_damaged_schema_of_the_writer_is_told_and_ends_nothing() {
    let world = World::new();
    let field = |name: &str, kind: DataType| Field::new(name, kind, true);
    let stamp = DataType::Timestamp(arrow::datatypes::TimeUnit::Millisecond, None);
    let categories = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let schema = Schema::new(vec![field("id", categories), field("day", stamp), field("kind", DataType::Utf8)]);
    let kept = arrow::array::RecordBatch::try_new(
        Arc::new(Schema::new(vec![
            field("id", DataType::Utf8),
            field("day", DataType::Utf8),
            field("kind", DataType::Utf8),
        ])),
        ["p", "2024-01-10", "gp"].map(|text| Arc::new(StringArray::from(vec![text])) as ArrayRef).to_vec(),
    )
    .unwrap();
    let encoded = parquet::arrow::encode_arrow_schema(&schema);
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = base64::Engine::decode(&engine, encoded).unwrap();
    let mut refused = 0;
    // Every byte of it is damaged in turn; whatever that does, it is no panic.
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x46;
        let file = std::fs::File::create(world.path("a.parquet")).unwrap();
        let options = ArrowWriterOptions::new().with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(file, kept.schema(), options).unwrap();
        let text = base64::Engine::encode(&engine, damaged);
        writer.append_key_value_metadata(KeyValue::new(ARROW_SCHEMA_META_KEY.to_owned(), text));
        writer.write(&kept).unwrap();
        writer.close().unwrap();
        match virta_ingest::profile_new(&world.path("a.parquet")) {
            Ok(_) => {}
            Err(error) if error.to_string().contains("not a readable Parquet file") => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused > 10, "{refused}");
}
