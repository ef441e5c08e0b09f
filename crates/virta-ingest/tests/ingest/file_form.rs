//! The file as it is delivered: titles, headers of several lines or none, totals, rows of other sections, sheets, line
//! ends.

use rust_xlsxwriter::Workbook;
use virta_ingest::{IngestReport, profile_check, profile_new};

use crate::world::World;

/// A profile for visits with the columns id, day and kind; `keys` are further keys of its section.
fn profile(file: &str, keys: &str) -> String {
    format!(
        r#"
        [source]
        name = "s"
        extracted_on = "2024-12-31"
        bad_rows_max_percent = 60
        [[file]]
        table = "contacts"
        path = "{file}"
        {keys}
        [file.columns]
        client = {{ from = "id" }}
        start_date = {{ from = "day", format = "%d.%m.%Y" }}
        service = {{ from = "kind" }}
        "#
    )
}

/// Days and kinds of the rows that stand.
fn stand(world: &World) -> Vec<String> {
    world.sorted("contacts", &["start_date", "service"])
}

fn numbers(report: &IngestReport) -> [u64; 6] {
    let sum = report.rows_accepted + report.rows_quarantined + report.rows_superseded + report.rows_not_selected;
    assert_eq!(report.rows_read, sum);
    [
        report.rows_read,
        report.rows_accepted,
        report.rows_quarantined,
        report.rows_superseded,
        report.rows_not_selected,
        report.lines_skipped,
    ]
}

/// Ingests one text with one, two and five threads; gives the rows read, accepted, quarantined, superseded and not
/// selected, and the lines skipped.
fn check(keys: &str, text: &str, rows: &[&str], counts: [u64; 6]) {
    for threads in [1, 2, 5] {
        let mut world = World::new();
        world.options.threads = threads;
        world.write("a.csv", text);
        let report = world.ingest(&profile("a.csv", keys));
        assert_eq!(numbers(&report), counts, "{text:?}");
        assert_eq!(stand(&world), rows, "{text:?}");
        let delivery = &world.snapshot().deliveries()[0].clone();
        assert_eq!((delivery.rows_not_selected, delivery.lines_skipped), (counts[4], counts[5]));
    }
}

#[test]
fn titles_above_the_header_are_skipped_and_counted() {
    let rows = ["2024-01-01 gp", "2024-01-02 gp"];
    let table = "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;gp\n";
    check("", table, &rows, [2, 2, 0, 0, 0, 0]);
    check("header_row = 1", table, &rows, [2, 2, 0, 0, 0, 0]);
    check("header_row = 2", &format!("Visits \"of 2024\n{table}"), &rows, [2, 2, 0, 0, 0, 1]);
    check("header_row = 3", &format!("Visits;;\n\n{table}"), &rows, [2, 2, 0, 0, 0, 2]);
    // Empty lines above the header need no key, and are no lines that were skipped.
    check("", &format!("\n\r\n{table}"), &rows, [2, 2, 0, 0, 0, 0]);
}

#[test]
fn a_header_may_have_two_lines() {
    let rows = ["2024-01-01 gp"];
    let keys = "header_row = [1, 2]\nrow_key = [\"visit no\"]";
    let columns = |text: &str| text.replace("day", "visit day").replace("kind", "visit kind");
    let text = "id;visit;;\n;no;day;kind\na;1;1.1.2024;gp\n";
    let world = World::new();
    world.write("a.csv", text);
    let report = world.ingest(&columns(&profile("a.csv", keys)));
    assert_eq!(numbers(&report), [1, 1, 0, 0, 0, 0]);
    assert_eq!(stand(&world), rows);
    // A line of units goes with the names above it.
    let world = World::new();
    world.write("a.csv", "Report\nid;day;kind;price\n;;;EUR\na;1.1.2024;gp;1\n");
    let keys = "header_row = [2, 3]\nrow_key = [\"price EUR\"]";
    assert_eq!(numbers(&world.ingest(&profile("a.csv", keys))), [1, 1, 0, 0, 0, 1]);
    let error = world.refuse(&profile("a.csv", "header_row = [2, 4]"));
    assert!(error.contains("one after another"), "{error}");
}

#[test]
fn a_header_that_comes_again_is_skipped() {
    let text = "id;day;kind\na;1.1.2024;gp\nid;day;kind\nb;2.1.2024;gp\nid;day;other\n";
    check("", text, &["2024-01-01 gp", "2024-01-02 gp"], [3, 2, 1, 0, 0, 1]);
}

#[test]
fn a_file_without_a_header_gets_one_from_the_profile() {
    let rows = ["2024-01-01 gp", "2024-01-02 gp"];
    let keys = "header = [\"id\", \"day\", \"kind\"]";
    check(keys, "a;1.1.2024;gp\nb;2.1.2024;gp\n", &rows, [2, 2, 0, 0, 0, 0]);
    check(keys, "sep=;\na;1.1.2024;gp\nb;2.1.2024;gp\n", &rows, [2, 2, 0, 0, 0, 1]);
    // Another delivery of the same profile has it after all.
    check(keys, "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;gp\n", &rows, [2, 2, 0, 0, 0, 1]);
    check(keys, "a;1.1.2024;gp;\nb;2.1.2024;gp;\n", &rows, [2, 2, 0, 0, 0, 0]);
    let world = World::new();
    world.write("a.csv", "a;1.1.2024;gp\n");
    let error = world.refuse(&profile("a.csv", "header_row = 1\nheader = [\"id\", \"day\", \"kind\"]"));
    assert!(error.contains("use one"), "{error}");
}

#[test]
fn a_line_that_tells_spreadsheets_the_delimiter_is_no_row() {
    let rows = ["2024-01-01 gp"];
    for first in ["sep=;\n", "SEP=;\r\n", "\"sep=;\"\n", "\u{feff}sep=;\n"] {
        check("", &format!("{first}id;day;kind\na;1.1.2024;gp\n"), &rows, [1, 1, 0, 0, 0, 1]);
    }
    // The file knows its own delimiter.
    check("", "sep=,\nid,day,kind\na,1.1.2024,gp\n", &rows, [1, 1, 0, 0, 0, 1]);
    check("", "sep=\t\nid\tday\tkind\na\t1.1.2024\tgp\n", &rows, [1, 1, 0, 0, 0, 1]);
    check("header_row = 3", "sep=;\nTitle\nid;day;kind\na;1.1.2024;gp\n", &rows, [1, 1, 0, 0, 0, 2]);
}

#[test]
fn a_delimiter_at_each_lines_end_makes_no_column() {
    let rows = ["2024-01-01 gp", "2024-01-02 gp"];
    let none = [2, 2, 0, 0, 0, 0];
    check("", "id;day;kind;\na;1.1.2024;gp;\nb;2.1.2024;gp;\n", &rows, none);
    check("", "id;day;kind\na;1.1.2024;gp;\nb;2.1.2024;gp;\n", &rows, none);
    check("", "id;day;kind;\na;1.1.2024;gp\nb;2.1.2024;gp\n", &rows, none);
    // Where only some rows have one, it may be a delimiter inside a field.
    check("", "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;gp;\n", &rows[..1], [2, 1, 1, 0, 0, 0]);
    let world = World::new();
    world.write("a.csv", "id;day;kind\na;1.1.2024;gp;x\nb;2.1.2024;gp;\n");
    assert!(world.refuse(&profile("a.csv", "")).contains("2 of 2 rows are bad"));
}

#[test]
fn totals_at_the_end_are_skipped_and_elsewhere_are_rows() {
    let keys = "footer = [\"Yhteens\u{e4}\", \"Printed\"]";
    let rows = ["2024-01-01 gp", "2024-01-02 gp"];
    let table = "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;gp\n";
    check(keys, &format!("{table}Yhteens\u{e4};2\n"), &rows, [2, 2, 0, 0, 0, 1]);
    check(keys, &format!("{table}\"Yhteens\u{e4}: 2\";;\n\nPrinted 3.1.2024"), &rows, [2, 2, 0, 0, 0, 2]);
    check(keys, &format!("{table};;  Yhteens\u{e4};2;;;\n"), &rows, [2, 2, 0, 0, 0, 1]);
    // Whatever follows a line of totals makes it a row, here a bad one; a row with a good day is not lost.
    check(keys, &format!("{table}Yhteens\u{e4};2\nc;3.1.2024\n"), &rows, [4, 2, 2, 0, 0, 0]);
    check(
        keys,
        &format!("{table}Printed1;3.1.2024;er\nc;x;gp\n"),
        &["2024-01-01 gp", "2024-01-02 gp", "2024-01-03 er"],
        [4, 3, 1, 0, 0, 0],
    );
    check("", &format!("{table}Yhteens\u{e4};2\n"), &rows, [3, 2, 1, 0, 0, 0]);
}

#[test]
fn totals_are_the_same_however_many_threads_read_them() {
    // Several chunks of text, with a line that begins like totals in each.
    let mut text = "id;day;kind\n".to_owned();
    for n in 0..60_000 {
        let id = if n % 500 == 7 { "Total" } else { "client" };
        text += &format!("{id}{n};{}.{}.2024;a kind of visit {}\n", n % 28 + 1, n % 12 + 1, n % 7);
    }
    text += "Total;60000;\nTotals;1;;;\n";
    let mut ids = Vec::new();
    for threads in [1, 2, 5] {
        let mut world = World::new();
        world.options.threads = threads;
        world.write("a.csv", &text);
        let report = world.ingest(&profile("a.csv", "footer = [\"Total\"]"));
        assert_eq!(numbers(&report), [60_000, 60_000, 0, 0, 0, 2]);
        ids.push(world.snapshot().id().to_owned());
    }
    assert!(ids.iter().all(|id| *id == ids[0]));
}

#[test]
fn rows_of_another_section_are_not_selected() {
    let keys = "where = { kind = [\"gp\", \"er\"] }";
    let text = "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;er \nc;x;other\n;3.1.2024;\nd;4.1.2024;gp\ne;y;gp\nf;1\n";
    let rows = ["2024-01-01 gp", "2024-01-02 er", "2024-01-04 gp"];
    // Only a row that the section is about can be bad; a line that is no row is nobody's.
    check(keys, text, &rows, [7, 3, 2, 0, 2, 0]);
    let both = "where = { kind = [\"gp\"], id = [\"a\", \"\"] }";
    check(both, "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;gp\n;3.1.2024;gp\n", &rows[..1], [3, 1, 1, 0, 1, 0]);
}

#[test]
fn bad_rows_are_counted_among_those_that_the_section_is_about() {
    let world = World::new();
    let others = "b;2.1.2024;other\n".repeat(100);
    world.write("a.csv", format!("id;day;kind\na;1.1.2024;gp\na;x;gp\na;y;gp\n{others}"));
    let error = world.refuse(&profile("a.csv", "where = { kind = [\"gp\"] }"));
    assert!(error.contains("2 of 3 rows are bad"), "{error}");
}

#[test]
fn two_sections_share_the_rows_of_a_file() {
    let world = World::new();
    world.write("a.csv", "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;er\nc;3.1.2024;gp\n");
    let section = |kind: &str| profile("a.csv", &format!("where = {{ kind = [\"{kind}\"] }}"));
    let (first, second) = (section("gp"), section("er"));
    let report = world.ingest(&format!("{first}{}", &second[second.find("[[file]]").unwrap()..]));
    assert_eq!(numbers(&report), [6, 3, 0, 0, 3, 0]);
    assert_eq!(stand(&world), ["2024-01-01 gp", "2024-01-02 er", "2024-01-03 gp"]);
}

#[test]
fn a_row_that_is_not_selected_cannot_cancel() {
    let world = World::new();
    world.write("a.csv", "id;day;kind\na;1.1.2024;gp\n");
    let keys = "where = { kind = [\"gp\"] }\ncancelled = { from = \"kind\", when = [\"no\"] }";
    let error = world.refuse(&profile("a.csv", keys));
    assert!(error.contains("rows that cancel are never selected by kind"), "{error}");
}

#[test]
fn lines_may_end_in_any_way() {
    let rows = ["2024-01-01 gp", "2024-01-02 er", "2024-01-03 gp"];
    for [first, second, third] in [["\r"; 3], ["\n"; 3], ["\r\n"; 3], ["\r", "\n", "\r\n"], ["\r\n", "\r", "\r"]] {
        let text = format!("id;day;kind{first}a;1.1.2024;gp{second}b;2.1.2024;\"er\"{third}c;3.1.2024;gp{third}");
        check("", &text, &rows, [3, 3, 0, 0, 0, 0]);
        check("", text.trim_end(), &rows, [3, 3, 0, 0, 0, 0]);
        check("header_row = 2", &format!("Title{second}{text}"), &rows, [3, 3, 0, 0, 0, 1]);
    }
    check("", "id;day;kind\ra;1.1.2024;\"g\rp\"\r", &["2024-01-01 g\np"], [1, 1, 0, 0, 0, 0]);
}

#[test]
fn what_is_no_text_is_called_by_its_kind_whatever_its_name() {
    for (begin, what, fix) in [
        (&b"PK\x03\x04\x14\0\0\0\x08\0"[..], "a ZIP archive or a workbook", "unpack it"),
        (b"PAR1\x15\x04\x15", "a Parquet file", "let its name end with .parquet"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", "an old workbook", "let its name end with .xls"),
        (b"%PDF-1.7\n", "a PDF document", "ask the sender"),
        (b"7z\xBC\xAF\x27\x1C\0\x04", "a 7z archive", "unpack it"),
        (b"Rar!\x1A\x07\0\0", "a RAR archive", "unpack it"),
        (b"\x28\xB5\x2F\xFD\x04\0", "packed with Zstandard", "unpack it"),
        (b"\xFD7zXZ\0\0\x04", "packed with xz", "unpack it"),
    ] {
        let wanted = format!("this is no text, but {what} (rule kind)\n  fix: {fix}");
        let world = World::new();
        let path = world.write("a.csv", begin);
        let error = world.refuse(&profile("a.csv", ""));
        assert!(error.contains("a.csv") && error.contains(&wanted), "{error}");
        assert!(profile_new(&path).unwrap_err().to_string().contains(&wanted));
        // The same of what comes out of a packed file.
        world.write("b.csv.gz", packed(begin));
        let error = world.refuse(&profile("b.csv.gz", ""));
        assert!(error.contains("b.csv.gz") && error.contains(&wanted), "{error}");
    }
    // A text may begin like a name of one of them.
    check("", "PK;id;day;kind\n1;a;1.1.2024;gp\n", &["2024-01-01 gp"], [1, 1, 0, 0, 0, 0]);
}

#[test]
fn text_is_unpacked_by_what_it_is_and_not_by_its_name() {
    let world = World::new();
    world.write("a.csv", packed(b"id;day;kind\na;1.1.2024;gp\n"));
    assert_eq!(world.ingest(&profile("a.csv", "")).rows_accepted, 1);
    let checked = profile_check(&world.path("profile.toml"), 10, None).unwrap();
    assert_eq!(checked.files[0].rows.len(), 1);
    assert!(profile_new(&world.path("a.csv")).is_ok());
    world.write("b.csv.gz", "id;day;kind\na;1.1.2024;gp\n");
    let error = world.refuse(&profile("b.csv.gz", ""));
    assert!(error.contains("not packed with gzip, though its name ends with .gz"), "{error}");
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn code_lists_and_side_tables_may_end_their_lines_in_any_way() {
    for end in ["\r", "\n", "\r\n"] {
        let world = World::new();
        world.write("a.csv", ["id;day;kind", "a;1.1.2024;1", "b;2.1.2024;2", ""].join(end));
        world.write("codes.txt", ["code,service", "1,gp", "2,er", ""].join(end));
        world.write("side.txt", ["id;unit", "a;u1", "b;u2", ""].join(end));
        let more = "unit = { lookup = { file = \"side.txt\", key = \"id\", from = \"id\", value = \"unit\" } }";
        let profile = profile("a.csv", "").replace("from = \"kind\"", "from = \"kind\", codes = \"codes.txt\"") + more;
        world.ingest(&profile);
        assert_eq!(world.sorted("contacts", &["service", "unit"]), ["er u2", "gp u1"], "{end:?}");
    }
}

#[test]
fn an_odd_header_cell_hides_only_itself_and_all_missing_columns_are_told() {
    let world = World::new();
    world.write("a.csv", "id;12345678;;Some\u{a0} name;id2;id2\na;1;2;3;4;5\n");
    let error = world.refuse(&profile("a.csv", ""));
    assert!(error.contains("a.csv:1, column kind, day: the header lacks these columns"), "{error}");
    assert!(error.contains("it has id, column 2, column 3, Some name, id2, id2"), "{error}");
    world.write("a.csv", "id;\"day\";\"ki\r\nnd\";;;\na;1.1.2024;gp;;;\n");
    world.ingest(&profile("a.csv", "").replace("\"kind\"", "\"KI ND\""));
    assert_eq!(stand(&world), ["2024-01-01 gp"]);
}

#[test]
fn a_header_further_down_is_pointed_at() {
    let world = World::new();
    world.write("a.csv", "Visits of 2024;;\n\nid;day;kind\na;1.1.2024;gp\n");
    let error = world.refuse(&profile("a.csv", ""));
    assert!(error.contains("line 3 has them all: set header_row = 3 in [[file]]"), "{error}");
    assert_eq!(world.ingest(&profile("a.csv", "header_row = 3")).rows_accepted, 1);
    let error = world.refuse(&profile("a.csv", "header_row = 2"));
    assert!(error.contains("a.csv:2: this line is empty"), "{error}");
    let error = world.refuse(&profile("a.csv", "header_row = 9"));
    assert!(error.contains("ends before the line of its header"), "{error}");
}

#[test]
fn keys_for_other_kinds_of_files_are_refused() {
    let world = World::new();
    world.write("a.csv", "id;day;kind\na;1.1.2024;gp\n");
    assert!(world.refuse(&profile("a.csv", "sheet = 1")).contains("this is no workbook"));
    for (keys, wanted) in [
        ("sheet = 0", "sheets count from 1"),
        ("header_row = 0", "lines count from 1"),
        ("footer = [\" \"]", "every row begins so"),
        ("where = { kind = [] }", "no value of kind is selected"),
        ("footers = [\"x\"]", "unknown field `footers`"),
    ] {
        let error = world.refuse(&profile("a.csv", keys));
        assert!(error.contains(wanted) && error.contains("profile.toml:"), "{keys}: {error}");
    }
}

/// A workbook of sheets, each of rows of cells of text; empty cells are left out.
fn workbook(world: &World, sheets: &[(&str, &str)]) {
    let mut workbook = Workbook::new();
    for (name, text) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).unwrap();
        for (row, line) in text.lines().enumerate() {
            for (column, cell) in line.split(';').enumerate().filter(|(_, cell)| !cell.is_empty()) {
                sheet.write(row as u32, column as u16, cell).unwrap();
            }
        }
    }
    workbook.save(world.path("a.xlsx")).unwrap();
}

const TABLE: &str = "id;day;kind\na;1.1.2024;gp\nb;2.1.2024;gp\n";

#[test]
fn a_sheet_is_chosen_by_name_or_number_and_never_guessed() {
    let rows = ["2024-01-01 gp", "2024-01-02 gp"];
    let world = World::new();
    workbook(&world, &[("Info", "About this file\n"), ("Empty", ""), ("Visits", TABLE)]);
    let error = world.refuse(&profile("a.xlsx", ""));
    assert!(error.contains("several filled sheets: \"Info\", \"Visits\""), "{error}");
    let error = world.refuse(&profile("a.xlsx", "sheet = \"Vists\""));
    assert!(error.contains("no such sheet; it has \"Info\", \"Empty\", \"Visits\""), "{error}");
    assert!(world.refuse(&profile("a.xlsx", "sheet = 4")).contains("no such sheet"));
    assert!(world.refuse(&profile("a.xlsx", "sheet = 2")).contains("the sheet is empty"));
    for sheet in ["\"Visits\"", "\" visits\"", "3"] {
        let world = World::new();
        workbook(&world, &[("Info", "About this file\n"), ("Empty", ""), ("Visits", TABLE)]);
        let report = world.ingest(&profile("a.xlsx", &format!("sheet = {sheet}")));
        assert_eq!(numbers(&report), [2, 2, 0, 0, 0, 0]);
        assert_eq!(stand(&world), rows);
    }
    // One filled sheet needs no name, wherever it stands.
    let world = World::new();
    workbook(&world, &[("Empty", ""), ("Visits", TABLE)]);
    assert_eq!(world.ingest(&profile("a.xlsx", "")).rows_accepted, 2);
}

#[test]
fn two_sheets_are_two_deliveries_of_one_workbook() {
    let world = World::new();
    workbook(&world, &[("One", TABLE), ("Two", "id;day;kind\nc;3.1.2024;er\n")]);
    let (one, two) = (profile("a.xlsx", "sheet = 1"), profile("a.xlsx", "sheet = 2"));
    let both = format!("{one}{}", &two[two.find("[[file]]").unwrap()..]);
    let report = world.ingest(&both);
    assert_eq!((report.deliveries.len(), report.rows_accepted), (2, 3));
    assert_eq!(stand(&world), ["2024-01-01 gp", "2024-01-02 gp", "2024-01-03 er"]);
}

#[test]
fn a_sheet_has_titles_merged_headers_and_totals() {
    let world = World::new();
    let mut workbook = Workbook::new();
    let format = rust_xlsxwriter::Format::new();
    let sheet = workbook.add_worksheet();
    sheet.merge_range(0, 0, 0, 3, "Visits of 2024", &format).unwrap();
    // Over two rows, beside a heading over two columns.
    sheet.merge_range(1, 0, 2, 0, "id", &format).unwrap();
    sheet.merge_range(1, 1, 1, 2, "visit", &format).unwrap();
    for (column, name) in ["day", "kind"].into_iter().enumerate() {
        sheet.write(2, column as u16 + 1, name).unwrap();
    }
    for (column, cell) in ["a", "1.1.2024", "gp"].into_iter().enumerate() {
        sheet.write(3, column as u16, cell).unwrap();
    }
    sheet.write(5, 1, "Total").unwrap();
    sheet.write(5, 2, 1).unwrap();
    workbook.save(world.path("a.xlsx")).unwrap();
    let report = world.ingest(&profile("a.xlsx", "header_row = 3\nfooter = [\"Total\"]"));
    assert_eq!(numbers(&report), [1, 1, 0, 0, 0, 3]);
    assert_eq!(stand(&world), ["2024-01-01 gp"]);
    let both = profile("a.xlsx", "header_row = [2, 3]\nfooter = [\"Total\"]");
    let both = both.replace("\"day\"", "\"visit day\"").replace("\"kind\"", "\"visit kind\"");
    assert_eq!(numbers(&world.ingest(&both)), [1, 1, 0, 0, 0, 2]);
    let error = world.refuse(&profile("a.xlsx", ""));
    assert!(error.contains("line 3") || error.contains("missing_column"), "{error}");
    assert!(world.refuse(&profile("a.xlsx", "header_row = 5")).contains("a.xlsx:5: this row is empty"));
}

#[test]
fn a_check_reads_as_the_ingest_does() {
    let world = World::new();
    world.write("a.csv", "Visits\nid;day;kind;\na;1.1.2024;gp;\nb;2.1.2024;other;\nTotal;2;;\n");
    let keys = "header_row = 2\nfooter = [\"Total\"]\nwhere = { kind = [\"gp\"] }";
    let path = world.write("p.toml", profile("a.csv", keys));
    let check = profile_check(&path, 10, None).unwrap();
    let file = &check.files[0];
    assert_eq!((file.rows.len(), file.rows_read, file.rows_not_selected, file.lines_skipped), (1, 2, 1, 2));
    assert_eq!(file.rows[0].line, 3);
}
