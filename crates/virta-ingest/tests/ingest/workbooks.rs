//! Workbooks as no library of ours writes them: error values of newer programs, formulas without a value, days that count
//! from 1904, cells without places, cells far away.

use std::io::Write;

use virta_ingest::profile_new;

use crate::world::World;

const PROFILE: &str = r#"
    [source]
    name = "s"
    extracted_on = "2024-12-31"
    bad_rows_max_percent = 100
    [[file]]
    table = "contacts"
    path = "a.xlsx"
    [file.columns]
    client = { from = "id" }
    service = { from = "kind" }
    start_date = { from = "day", format = "iso" }
    unit = { from = "unit" }
"#;

/// A workbook whose one sheet has these rows, as they stand in its XML.
fn workbook(world: &World, rows: &str) {
    workbook_with(world, "", rows);
}

/// The same with these properties of the workbook.
fn workbook_with(world: &World, properties: &str, rows: &str) {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/>\
                 </Types>"
            ),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" \
                 Type=\"{office}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\">{properties}<sheets><sheet name=\"Visits\" sheetId=\"1\" \
                 r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" Type=\"{office}/worksheet\" \
                 Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>")),
    ];
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    world.write("a.xlsx", zipped(&parts));
}

/// A ZIP archive whose parts are not packed.
fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in parts {
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let mut about = Vec::new();
        // Version, flags, method, time, date.
        for number in [20u16, 0, 0, 0, 33] {
            about.extend(number.to_le_bytes());
        }
        for number in [crc.sum(), bytes.len() as u32, bytes.len() as u32] {
            about.extend(number.to_le_bytes());
        }
        about.extend((name.len() as u16).to_le_bytes());
        about.extend(0u16.to_le_bytes());
        let at = zip.len() as u32;
        zip.extend(b"PK\x03\x04");
        zip.extend(&about);
        zip.extend(name.as_bytes());
        zip.extend(*bytes);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&about);
        // Comment, disk, attributes.
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let at = zip.len() as u32;
    zip.write_all(&directory).unwrap();
    zip.extend(b"PK\x05\x06\0\0\0\0");
    for number in [parts.len() as u16, parts.len() as u16] {
        zip.extend(number.to_le_bytes());
    }
    for number in [directory.len() as u32, at] {
        zip.extend(number.to_le_bytes());
    }
    zip.extend(0u16.to_le_bytes());
    zip
}

/// Rows of cells: texts, and errors where a text begins with `#`. `with_places` tells where each cell is.
fn rows(with_places: bool, lines: &[[&str; 4]]) -> String {
    let cell = |row: usize, column: usize, text: &str| {
        let place = match with_places {
            true => format!(" r=\"{}{}\"", ["A", "B", "C", "D"][column], row + 1),
            false => String::new(),
        };
        match text {
            "" => format!("<c{place}/>"),
            error if error.starts_with('#') => format!("<c{place} t=\"e\"><f>A1:A9</f><v>{error}</v></c>"),
            text => format!("<c{place} t=\"inlineStr\"><is><t>{text}</t></is></c>"),
        }
    };
    let row = |(at, cells): (usize, &[&str; 4])| {
        let cells: String = cells.iter().enumerate().map(|(column, text)| cell(at, column, text)).collect();
        let place = if with_places { format!(" r=\"{}\"", at + 1) } else { String::new() };
        format!("<row{place}>{cells}</row>")
    };
    lines.iter().enumerate().map(row).collect()
}

#[test]
fn an_error_value_of_any_name_refuses_its_row_and_not_the_workbook() {
    let lines = [
        ["id", "kind", "day", "unit"],
        ["p1", "gp", "2024-01-01", "north"],
        ["p2", "gp", "2024-01-02", "#SPILL!"],
        ["#CALC!", "gp", "2024-01-03", "north"],
        ["p3", "", "2024-01-04", "south"],
        ["p4", "gp", "2024-01-05", "#N/A"],
        ["p5", "gp", "#BLOCKED!", "#FIELD!"],
        ["p6", "gp", "2024-01-06", "east"],
    ];
    for with_places in [true, false] {
        let world = World::new();
        workbook(&world, &rows(with_places, &lines));
        let report = world.ingest(PROFILE);
        assert_eq!((report.rows_read, report.rows_accepted), (7, 2), "{with_places}");
        assert_eq!(world.sorted("contacts", &["start_date", "unit"]), ["2024-01-01 north", "2024-01-06 east"]);
        assert_eq!(
            world.sorted("quarantine", &["line", "field", "rule"]),
            [
                "3 unit spreadsheet_error",
                "4 client missing",
                "5 service missing",
                "6 unit spreadsheet_error",
                "7 start_date missing"
            ],
            "{with_places}"
        );
        // A profile may take an error for missing, by its name.
        let missing = PROFILE.replace("[[file]]", "null = [\"\", \"#SPILL!\"]\n[[file]]");
        assert_eq!(world.ingest(&missing).rows_accepted, 3);
        assert!(profile_new(&world.path("a.xlsx")).is_ok());
    }
}

#[test]
fn a_formula_that_was_never_worked_out_is_an_error_and_not_an_empty_cell() {
    let header = ["id", "kind", "day", "unit"].map(|name| format!("<c t=\"inlineStr\"><is><t>{name}</t></is></c>"));
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    // Without a value, with an empty one, of a shared formula, and with an empty text as its value.
    let formulas = [
        "<c><f t=\"shared\" ref=\"D2:D9\" si=\"0\">A1</f></c>",
        "<c><f>A1</f><v/></c>",
        "<c><f>A1</f><v></v></c>",
        "<c><f t=\"shared\" si=\"0\"/></c>",
        "<c t=\"str\"><f>A1</f><v></v></c>",
        "<c><v></v></c>",
    ];
    let mut rows = format!("<row>{}</row>", header.concat());
    for formula in formulas {
        rows += &format!("<row>{}{}{}{formula}</row>", text("p"), text("gp"), text("2024-01-01"));
    }
    rows += &format!("<row><c><f>A1</f></c>{}{}</row>", text("gp"), text("2024-01-02"));
    // An error value that the reader does not know has the sheet read in another way.
    let unknown = "<row><c/><c/><c/><c t=\"e\"><v>#SPILL!</v></c></row>";
    for more in ["", unknown] {
        let world = World::new();
        workbook(&world, &format!("{rows}{more}"));
        let report = world.ingest(PROFILE);
        assert_eq!((report.rows_accepted, report.rows_quarantined), (2, 5 + u64::from(!more.is_empty())), "{more}");
        let quarantined = world.sorted("quarantine", &["line", "field", "rule"]);
        assert_eq!(quarantined[..4], [2, 3, 4, 5].map(|line| format!("{line} unit spreadsheet_error")), "{more}");
        assert!(quarantined.contains(&"8 client missing".to_owned()), "{quarantined:?}");
    }
    // The profile may say that it means missing.
    let world = World::new();
    workbook(&world, &rows);
    let missing = PROFILE.replace("[[file]]", "null = [\"\", \"not calculated\"]\n[[file]]");
    assert_eq!(world.ingest(&missing).rows_accepted, 6);
}

#[test]
fn serial_numbers_count_from_where_their_workbook_does() {
    let rows = "<row><c t=\"inlineStr\"><is><t>id</t></is></c><c t=\"inlineStr\"><is><t>kind</t></is></c>\
                <c t=\"inlineStr\"><is><t>day</t></is></c><c t=\"inlineStr\"><is><t>unit</t></is></c></row>\
                <row><c t=\"inlineStr\"><is><t>a</t></is></c><c t=\"inlineStr\"><is><t>gp</t></is></c><c><v>43839</v></c></row>\
                <row><c t=\"inlineStr\"><is><t>b</t></is></c><c t=\"inlineStr\"><is><t>gp</t></is></c><c><v>0</v></c></row>";
    let profile = PROFILE.replace("format = \"iso\"", "format = \"excel\"");
    // The zero day is none in either.
    for (properties, day) in [
        ("", "2020-01-09"),
        ("<workbookPr date1904=\"0\"/>", "2020-01-09"),
        ("<workbookPr date1904=\"1\"/>", "2024-01-10"),
        ("<workbookPr date1904=\"true\"/>", "2024-01-10"),
    ] {
        let world = World::new();
        workbook_with(&world, properties, rows);
        world.ingest(&profile);
        assert_eq!(world.rows("contacts", &["start_date"]), [day], "{properties}");
        assert_eq!(world.rows("quarantine", &["line", "rule"]), ["3 before_1900"], "{properties}");
    }
    // A text has no system of its own: its days count from 1900.
    let world = World::new();
    world.write("a.csv", "id;kind;day;unit\na;gp;43839;\n");
    world.ingest(&profile.replace("a.xlsx", "a.csv"));
    assert_eq!(world.rows("contacts", &["start_date"]), ["2020-01-09"]);
}

#[test]
fn a_cell_in_the_last_row_and_column_takes_no_room_for_what_lies_between() {
    let lines = [["id", "kind", "day", "unit"], ["p1", "gp", "2024-01-01", "north"]];
    let far = "<row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>x</t></is></c></row>";
    let world = World::new();
    workbook(&world, &(rows(true, &lines) + far));
    let report = world.ingest(PROFILE);
    assert_eq!((report.rows_read, report.rows_accepted), (2, 1));
    assert_eq!(world.rows("quarantine", &["line", "field", "rule"]), ["1048576 client missing"]);
    assert!(profile_new(&world.path("a.xlsx")).is_ok());
    // No spreadsheet program has such a place.
    workbook(&world, &(rows(true, &lines) + &far.replace("1048576", "4294967295")));
    assert!(world.refuse(PROFILE).contains("a sheet of the workbook is not readable"));
}
