//! From the fields of an extract to the columns of a table.

use crate::world::World;

const PROFILE: &str = r#"
[source]
name = "hilmo"
extracted_on = "2014-12-31"
encoding = "windows-1252"
bad_rows_max_percent = 100
null = ["", "-1"]
[[file]]
table = "contacts"
path = "*.csv"
[file.columns]
client = { from = "TNRO" }
service = { from = ["PALA", "EA"], codes = "codes.txt" }
start_date = { from = "TUPVA", format = "%d.%m.%Y %H:%M" }
start_time = { from = "TUPVA", format = "%d.%m.%Y %H:%M" }
end_date = { from = "LPVM", format = "%d.%m.%Y" }
provider = { from = "PALTU" }
cost_cents = { from = "HINTA", unit = "euro" }
is_stay = { const = true }
mode = { const = "ward" }
[[file.rule]]
when = { PALA = ["91"] }
set = { service = "emergency", urgency = "emergency", is_stay = false }
"#;

const CODES: &str =
    "code,service,package,sector,is_emergency,name_fi,name_sv,name_en,unit_cost_cents,valid_from,valid_to
1|10,surgery,,specialised,false,Kirurgia,,Surgery,10000,2014-01-01,2014-12-31
1|20,medicine,acute,specialised,false,Sisätaudit,,,,,
";

#[test]
fn a_row_becomes_a_contact() {
    let world = World::new();
    world.write("codes.txt", CODES);
    world.write(
        "a.csv",
        b"TNRO;PALA;EA;TUPVA;LPVM;PALTU;HINTA\r\n\
          p1;1;10;01.02.2014 10:30;03.02.2014;\xC4hti;1 234,50\r\n\
          p1;1;20;05.02.2014;-1;;\r\n\
          p2;1;10;05.02.2014 00:00;06.02.2014;;\r\n\
          p2;91;-1;07.02.2014 23:59;;;12\r\n",
    );
    let report = world.ingest(PROFILE);
    assert_eq!((report.rows_read, report.rows_accepted, report.rows_quarantined), (4, 4, 0));
    assert!(report.changed);
    let columns = [
        "service",
        "start_date",
        "start_time",
        "end_date",
        "provider",
        "is_stay",
        "mode",
        "urgency",
        "cost_cents",
        "cost_source",
    ];
    assert_eq!(
        world.sorted("contacts", &columns),
        [
            "emergency 2014-02-07 23:59:00 - - false ward emergency 1200 extract",
            "medicine 2014-02-05 - - - true ward unknown - none",
            "surgery 2014-02-01 10:30:00 2014-02-03 \u{c4}hti true ward unknown 123450 extract",
            "surgery 2014-02-05 00:00:00 2014-02-06 - true ward unknown 20000 unit_cost",
        ]
    );
    assert_eq!(
        world.rows("services", &["service", "package", "sector", "name_fi"]),
        ["emergency - other -", "medicine acute specialised Sis\u{e4}taudit", "surgery - specialised Kirurgia"]
    );
    assert_eq!(report.services_unnamed, ["emergency"]);
    assert_eq!(world.sorted("clients", &["birth_date"]), ["-", "-"]);
}

#[test]
fn what_is_wrong_goes_to_quarantine_with_its_line_field_and_rule() {
    let world = World::new();
    world.write("codes.txt", CODES);
    world.write(
        "a.csv",
        "TNRO;PALA;EA;TUPVA;LPVM;PALTU;HINTA\n\
         p1;1;10;01.02.2014;03.02.2014;;1\n\
         ;1;10;01.02.2014;;;\n\
         p1;1;10;;;;\n\
         p1;1;99;01.02.2014;;;\n\
         p1;-1;;01.02.2014;;;\n\
         p1;1;10;30.02.2014;;;\n\
         p1;1;10;01.02.2014;31.01.2014;;\n\
         p1;1;10;01.02.2014;;;1.5\n\
         p1;1;10;01.02.2014;;;99999999999999999999\n\
         p1;1;10\n\
         p1;1;10;01.02.2014;;;;;\n\
         p1;1;\"10;01.02.2014;;;\n\
         p1;1;10;02.02.2014;;;\n\
         p1;1;10;0",
    );
    let report = world.ingest(PROFILE);
    assert_eq!((report.rows_read, report.rows_accepted, report.rows_quarantined), (14, 2, 12));
    assert_eq!(
        world.rows("quarantine", &["line", "field", "rule"]),
        [
            "3 client missing",
            "4 start_date missing",
            "5 service unknown_code",
            "6 service missing",
            "7 start_date date",
            "8 end_date end_before_start",
            "9 cost_cents number",
            "10 cost_cents overflow",
            "11  fields",
            "12  fields",
            "13  quote",
            "15  truncated",
        ]
    );
    let hashes = world.rows("quarantine", &["row_hash"]);
    assert!(hashes.iter().all(|hash| hash.len() == 16), "{hashes:?}");
    assert!(report.deliveries[0].warnings[0].contains("line end"));
}

#[test]
fn a_file_with_too_many_bad_rows_is_refused_whole() {
    let world = World::new();
    world.write("codes.txt", CODES);
    let rows = |bad: usize| {
        let mut text = "TNRO;PALA;EA;TUPVA;LPVM;PALTU;HINTA\n".to_owned();
        for n in 0..100 {
            let day = if n < bad { "x" } else { "01.02.2014" };
            text += &format!("p{n};1;10;{day};;;\n");
        }
        text
    };
    let profile = PROFILE.replace("bad_rows_max_percent = 100", "bad_rows_max_percent = 5");
    world.write("a.csv", rows(6));
    let error = world.refuse(&profile);
    assert!(error.contains("a.csv:2, field start_date: 6 of 100 rows are bad"), "{error}");
    world.write("a.csv", rows(5));
    assert_eq!(world.ingest(&profile).rows_accepted, 95);
}

#[test]
fn a_column_a_month_becomes_a_row_a_month() {
    let world = World::new();
    world.write("support.csv", "id;year;TAMMI;HELMI;MAALIS\na;2013;10;;20,5\nb;2013;;;\n");
    let report = world.ingest(
        r#"
        [source]
        name = "social"
        extracted_on = "2014-01-01"
        bad_rows_max_percent = 0
        [[file]]
        table = "contacts"
        path = "support.csv"
        unpivot = { columns = ["TAMMI", "HELMI", "MAALIS"], into = "amount", index_into = "month" }
        [file.columns]
        client = { from = "id" }
        service = { const = "social_assistance" }
        start_date = { from = ["year", "month"], format = "%Y|%m" }
        cost_cents = { from = "amount" }
        mode = { const = "decision" }
        "#,
    );
    assert_eq!((report.rows_read, report.rows_accepted, report.rows_quarantined), (3, 2, 1));
    assert_eq!(
        world.rows("contacts", &["start_date", "cost_cents", "mode"]),
        ["2013-01-01 1000 decision", "2013-03-01 2050 decision"]
    );
    assert_eq!(world.rows("quarantine", &["line", "field", "rule"]), ["3  no_value"]);
}

#[test]
fn values_are_looked_up_mapped_and_kept() {
    let world = World::new();
    world.write("diagnoses.csv", "visit;code\n1;F20\n1;F20\n2;A09\n");
    world.write(
        "visits.csv",
        "visit;client;kind;day;how\n1;a;x;2014-01-01;R10\n2;a;y;2014-01-02;R50\n3;b;z;2014-01-03;\n",
    );
    world.write("codes.txt", "code;service;sector\nx;gp;primary\ny;nurse;primary\n");
    let profile = |unknown: &str| {
        format!(
            r#"
            [source]
            name = "clinic"
            extracted_on = "2014-01-31"
            bad_rows_max_percent = 50
            [[file]]
            table = "contacts"
            path = "visits.csv"
            [file.columns]
            client = {{ from = "client" }}
            service = {{ from = "kind", codes = "codes.txt", unknown = "{unknown}" }}
            start_date = {{ from = "day" }}
            mode = {{ from = "how", map = {{ R10 = "visit", R50 = "phone" }} }}
            reason = {{ lookup = {{ file = "diagnoses.csv", key = "visit", from = "visit", value = "code" }} }}
            "#
        )
    };
    let columns = ["service", "mode", "reason"];
    world.ingest(&profile("quarantine"));
    assert_eq!(world.sorted("contacts", &columns), ["gp visit F20", "nurse phone A09"]);
    // The profile changed, so that the file is read again.
    let report = world.ingest(&profile("keep"));
    assert_eq!(report.deliveries[0].outcome, virta_ingest::Outcome::ReadAgain);
    assert_eq!(world.sorted("contacts", &columns), ["gp visit F20", "nurse phone A09", "z other -"]);
    assert!(world.rows("quarantine", &["line"]).is_empty());
    world.ingest(&profile("gp"));
    assert_eq!(world.sorted("contacts", &columns), ["gp other -", "gp visit F20", "nurse phone A09"]);
}

#[test]
fn every_encoding_is_read_as_declared() {
    let texts: [(&str, &[u8]); 4] = [
        ("utf-8", "\u{feff}id;day;unit\r\na;2014-01-01;\u{c5}bo \u{20ac}\r\n".as_bytes()),
        ("windows-1252", b"id;day;unit\na;2014-01-01;\xC5bo \x80\n"),
        ("iso-8859-15", b"id;day;unit\na;2014-01-01;\xC5bo \xA4\n"),
        ("iso-8859-1", b"id;day;unit\na;2014-01-01;\xC5bo \x80\n"),
    ];
    for (encoding, text) in texts {
        let world = World::new();
        world.write("a.csv", text);
        world.ingest(&simple(encoding));
        let euro = if encoding == "iso-8859-1" { '\u{80}' } else { '\u{20ac}' };
        let found = world.rows("contacts", &["unit"]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("\u{c5}bo") && (found[0].contains(euro) || encoding == "iso-8859-1"),
            "{encoding}: {found:?}"
        );
    }
}

#[test]
fn a_wrong_encoding_is_refused() {
    let world = World::new();
    world.write("a.csv", b"id;day;unit \xC4\na;2014-01-01;x\n");
    assert!(world.refuse(&simple("utf-8")).contains("not valid UTF-8"));
    world.write("a.csv", "id;day;unit\na;2014-01-01;\u{c4}\u{e4}\u{f6}\u{e5} and more\n");
    assert!(world.refuse(&simple("windows-1252")).contains("the text is UTF-8"));
    world.write("a.csv", b"\xFF\xFEi\0d\0;\0");
    assert!(world.refuse(&simple("utf-8")).contains("UTF-16"));
    world.write("a.csv", b"i\0d\0;\0\n\0");
    assert!(world.refuse(&simple("utf-8")).contains("NUL"));
    world.write("a.csv", b"");
    assert!(world.refuse(&simple("utf-8")).contains("empty"));
}

#[test]
fn rows_of_utf8_in_a_file_of_single_bytes_are_quarantined() {
    for encoding in ["windows-1252", "iso-8859-15", "iso-8859-1"] {
        let world = World::new();
        let mut text = b"id;day;unit\n".to_vec();
        for n in 0..41 {
            text.extend_from_slice(format!("p{n};2014-01-01;").as_bytes());
            text.extend_from_slice(b"\xC5bo \xE4\xF6\n");
        }
        // A letter that stands before others in some languages.
        text.extend_from_slice(b"q;2014-01-01;S\xC3O\n");
        text.extend_from_slice("r;2014-01-01;T\u{f6}\u{f6}l\u{f6}\ns;2014-01-01;\u{c5}bo\n".as_bytes());
        world.write("a.csv", &text);
        world.ingest(&simple(encoding));
        let found = world.rows("contacts", &["unit"]);
        assert_eq!(found.len(), 42, "{encoding}");
        assert!(found.iter().all(|unit| unit.starts_with('\u{c5}') || unit == "S\u{c3}O"), "{encoding}: {found:?}");
    }
}

#[test]
fn gzip_and_parquet_hold_the_same_rows_as_text() {
    use arrow::array::{Date32Array, RecordBatch, StringArray};
    use std::io::Write;
    use std::sync::Arc;
    let world = World::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(b"id;day;unit\na;2014-01-01;u\nb;2014-01-02;\n").unwrap();
    let packed = packed.finish().unwrap();
    world.write("a.csv.gz", &packed);
    let profile = simple("utf-8").replace("a.csv", "a.*");
    world.ingest(&profile);
    let wanted = world.sorted("contacts", &["start_date", "unit"]);
    assert_eq!(wanted, ["2014-01-01 u", "2014-01-02 -"]);
    world.write("a.csv.gz", &packed[..packed.len() - 9]);
    assert!(world.refuse(&profile).contains("damaged or cut"));

    let world = World::new();
    let batch = RecordBatch::try_from_iter([
        ("id", Arc::new(StringArray::from(vec!["a", "b"])) as _),
        ("day", Arc::new(Date32Array::from(vec![16_071, 16_072])) as _),
        ("unit", Arc::new(StringArray::from(vec![Some("u"), None])) as _),
    ])
    .unwrap();
    let file = std::fs::File::create(world.path("a.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    world.ingest(&profile.replace("format = \"iso\"", "format = \"%d.%m.%Y\""));
    assert_eq!(world.sorted("contacts", &["start_date", "unit"]), wanted);
}

pub(crate) fn simple(encoding: &str) -> String {
    format!(
        r#"
        [source]
        name = "s"
        extracted_on = "2014-12-31"
        encoding = "{encoding}"
        [[file]]
        table = "contacts"
        path = "a.csv"
        [file.columns]
        client = {{ from = "id" }}
        service = {{ const = "gp" }}
        start_date = {{ from = "day", format = "iso" }}
        unit = {{ from = "unit" }}
        "#
    )
}

#[test]
fn columns_are_found_in_other_capitals_where_none_is_written_just_so() {
    let world = World::new();
    world.write("a.csv", "ID;Day;UNIT\np;2014-01-01;u\n");
    world.ingest(&simple("utf-8"));
    assert_eq!(world.rows("contacts", &["unit"]), ["u"]);

    let world = World::new();
    world.write("a.csv", "id;day;UNIT;unit\np;2014-01-01;other;u\n");
    world.ingest(&simple("utf-8"));
    assert_eq!(world.rows("contacts", &["unit"]), ["u"], "the one written just so");

    let world = World::new();
    world.write("a.csv", "id;day;UNIT;Unit\np;2014-01-01;other;u\n");
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("column unit") && error.contains("rule duplicate_column"), "{error}");
}

#[test]
fn a_workbook_is_read_like_text() {
    let world = World::new();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    let date = rust_xlsxwriter::Format::new().set_num_format("dd.mm.yyyy");
    for (at, name) in ["id", "day", "unit"].into_iter().enumerate() {
        sheet.write(0, at as u16, name).unwrap();
    }
    sheet.write(1, 0, 17).unwrap();
    sheet.write_with_format(1, 1, rust_xlsxwriter::ExcelDateTime::from_ymd(2014, 1, 2).unwrap(), &date).unwrap();
    sheet.write(1, 2, "u").unwrap();
    sheet.write(2, 0, "x").unwrap();
    sheet.write(2, 1, "03.01.2014").unwrap();
    workbook.save(world.path("a.xlsx")).unwrap();
    let profile = simple("utf-8").replace("a.csv", "a.xlsx").replace("\"iso\"", "\"%d.%m.%Y\"");
    let report = world.ingest(&profile);
    assert_eq!(report.rows_accepted, 2);
    assert_eq!(world.sorted("contacts", &["start_date", "unit"]), ["2014-01-02 u", "2014-01-03 -"]);
}

#[test]
fn blanks_around_codes_and_keys_mean_nothing() {
    let world = World::new();
    world.write(
        "codes.txt",
        "code,service,package,sector,is_emergency,name_fi,name_sv,name_en\nv1,visit,,primary,,,,\n",
    );
    world.write("units.txt", "id;unit\nE1  ;ward\n");
    let profile = |day: &str| {
        format!(
            "[source]\nname = \"s\"\nextracted_on = \"{day}\"\nbad_rows_max_percent = 100\n[[file]]\n\
             table = \"contacts\"\npath = \"{day}.csv\"\nrow_key = [\"key\"]\n\
             cancelled = {{ from = \"off\", when = [\"K\"] }}\n[file.columns]\nclient = {{ from = \"id\" }}\n\
             service = {{ from = \"code\", codes = \"codes.txt\", unknown = \"keep\" }}\n\
             start_date = {{ from = \"day\" }}\nmode = {{ from = \"how\", map = {{ \"Käynti\" = \"visit\" }} }}\n\
             unit = {{ lookup = {{ file = \"units.txt\", key = \"id\", from = \"place\", value = \"unit\" }} }}\n\
             provider = {{ from = \"by\" }}\n[[file.rule]]\nwhen = {{ group = [\"9\"] }}\n\
             set = {{ urgency = \"emergency\" }}\n"
        )
    };
    let header = "key;id;code;day;how;place;by;group;off";
    world.write(
        "2014-06-30.csv",
        format!(
            "{header}\n1   ;p;v1  ;2014-01-01;Käynti  ;E1;A ;9 ;\n2;p; v1;2014-01-02;Käynti;E1 ;A;9;\n\
             3;p;other\u{a0};2014-01-03; Käynti;\u{a0}E1;\tA;8;\n4;p;other;2014-01-04;Käynti;E2;A;8;\n\
             5;p;  ;2014-01-05;Käynti;E1;A;8;\n   ;p;v1;2014-01-06;Käynti;E1;A;8;\n"
        ),
    );
    let report = world.ingest(&profile("2014-06-30"));
    assert_eq!((report.rows_accepted, report.rows_quarantined), (4, 2));
    let columns = ["start_date", "service", "mode", "unit", "provider", "urgency"];
    assert_eq!(
        world.sorted("contacts", &columns),
        [
            "2014-01-01 visit visit ward A emergency",
            "2014-01-02 visit visit ward A emergency",
            "2014-01-03 other visit ward A unknown",
            "2014-01-04 other visit - A unknown",
        ]
    );
    assert_eq!(world.rows("quarantine", &["line", "field", "rule"]), ["6 service missing", "7 key missing"]);
    // What comes later about the same key.
    world.write(
        "2014-12-31.csv",
        format!("{header}\n1;p;v1;2014-01-01;Käynti;E1;B;9;\n2 ;p;v1;2014-01-02;Käynti;E1;A;9;K \n"),
    );
    world.ingest(&profile("2014-12-31"));
    let columns = ["start_date", "provider"];
    assert_eq!(world.sorted("contacts", &columns), ["2014-01-01 B", "2014-01-03 A", "2014-01-04 A"]);
}

#[test]
fn what_means_missing_does_so_with_blanks_around_it() {
    let world = World::new();
    world.write(
        "a.csv",
        "id;day;kind;end;cost;unit;gone\n\
         p;01.01.2014;a; ;-1 ;NULL ; \n\
         p;02.01.2014;b;NULL ; -1;\u{a0};NULL \n\
         p;03.01.2014;c;04.01.2014 ; 5; u ;\n\
         p;04.01.2014;d;;;;yes\n\
         -1 ;05.01.2014;e;;;;\n\
         NULL ;06.01.2014;f;;;;\n\
         p; ;g;;;;\n\
         p;07.01.2014;-1 ;;;;\n",
    );
    world.ingest(
        r#"
        [source]
        name = "s"
        extracted_on = "2014-12-31"
        bad_rows_max_percent = 100
        null = ["", "-1", " NULL"]
        [[file]]
        table = "contacts"
        path = "a.csv"
        row_key = ["id", "kind"]
        cancelled = { from = "gone", when = "not_null" }
        [file.columns]
        client = { from = "id" }
        start_date = { from = "day", format = "%d.%m.%Y" }
        end_date = { from = "end", format = "%d.%m.%Y" }
        service = { from = "kind" }
        cost_cents = { from = "cost", unit = "euro" }
        unit = { from = "unit" }
        "#,
    );
    assert_eq!(
        world.rows("contacts", &["service", "end_date", "cost_cents", "unit"]),
        ["a - - -", "b - - -", "c 2014-01-04 500 u"]
    );
    assert_eq!(
        world.rows("quarantine", &["line", "field", "rule"]),
        ["6 client missing", "7 client missing", "8 start_date missing", "9 service missing"]
    );
}
