//! What a profile would do, a draft of one, the quality page, totals beside rows.

use virta_ingest::{delivery_page, profile_check, quarantined_by, reconcile};

use crate::columns::simple;
use crate::world::World;

#[test]
fn a_check_names_columns_of_another_time_zone() {
    let zoned = |days: [&str; 2]| {
        let world = World::new();
        world.write("a.csv", format!("id;day;unit\na;{};u\nb;{};u\n", days[0], days[1]));
        let profile = world.write("p.toml", simple("utf-8"));
        profile_check(&profile, 10, None).unwrap().files.remove(0).zoned_columns
    };
    assert_eq!(zoned(["2014-01-01T22:30:00", "2014-01-01T22:30:00Z"]), ["day"]);
    assert_eq!(zoned(["2014-01-01", "2014-01-01T22:30:00.000+00:00"]), ["day"]);
    assert_eq!(zoned(["2014-01-01 22:30 UTC", "2014-01-01"]), ["day"]);
    assert_eq!(zoned(["2014-01-01", "2014-01-01 22:30:00.5"]), Vec::<String>::new());
    assert_eq!(zoned(["2014-01-01", "2014-13-01T22:30:00Z"]), Vec::<String>::new(), "what is no day has no zone");
}

#[test]
fn a_check_shows_raw_and_read_side_by_side() {
    let world = World::new();
    world.write("a.csv", "id;day;unit;more\na;2014-01-02;u;1\nb;x;;2\n131052-308T;2014-01-02;u;3\n");
    let profile = world.write("p.toml", simple("utf-8"));
    let check = profile_check(&profile, 10, None).unwrap();
    let file = &check.files[0];
    assert_eq!(file.unused_columns, ["more"]);
    assert_eq!(file.rows_read, 3);
    let cells = |row: usize| -> Vec<String> {
        let cell = |c: &virta_ingest::CellCheck| format!("{} {} {} {:?}", c.from, c.raw, c.field, c.value.as_deref());
        file.rows[row].cells.iter().map(cell).collect()
    };
    assert_eq!(
        cells(0),
        [
            "id a client Some(\"(pseudonymised)\")",
            "day 2014-01-02 start_date Some(\"2014-01-02\")",
            "unit u unit Some(\"u\")"
        ]
    );
    assert!(file.rows[0].added.contains(&("service".to_owned(), "gp".to_owned())));
    assert_eq!(file.rows[1].problem.as_deref(), Some("start_date date"));
    assert_eq!(
        cells(1)[0],
        "id b client Some(\"(pseudonymised)\")",
        "the other cells of a refused row are shown as read"
    );
    let wrong = &file.rows[1].cells[1];
    assert_eq!((wrong.raw.as_str(), wrong.value.as_deref()), ("x", None));
    assert_eq!((wrong.problem.as_deref(), wrong.allowed.as_deref()), (Some("date"), Some("format iso")));
    assert_eq!(file.rows[2].problem.as_deref(), Some("id hetu"));
    assert!(cells(2).is_empty(), "nothing of a row with an identity code is shown");

    assert_eq!(profile_check(&profile, 1, None).unwrap().files[0].rows.len(), 1);
    world.write("a.csv", "id;unit\n");
    assert!(profile_check(&profile, 1, None).unwrap().files[0].refusal.as_deref().unwrap().contains("column day"));
}

#[test]
fn a_check_counts_keys_that_do_not_identify_rows_in_the_whole_file() {
    let world = World::new();
    let check = |limit: u32, more: &str| {
        let profile = simple("utf-8")
            .replace("[[file]]", &format!("bad_rows_max_percent = {limit}\n[[file]]"))
            .replace("[file.columns]", &format!("row_key = [\"id\", \"day\"]\n{more}[file.columns]"));
        let profile = world.write("p.toml", profile);
        profile_check(&profile, 1, None).unwrap().files.remove(0)
    };
    let key = |check: &virta_ingest::FileCheck| {
        let key = check.row_key.as_ref().unwrap();
        (key.rows_read, key.keys_in_conflict, key.rows_in_conflict)
    };
    world.write("a.csv", "id;day;unit\na;2014-01-01;x\nb;2014-01-01;x\nb;2014-01-01;x\n");
    let sound = check(5, "");
    assert_eq!((key(&sound), &sound.refusal), ((3, 0, 0), &None));
    assert!(sound.row_key.unwrap().problem.is_none());
    // Beyond the rows that are shown: b has two different rows, c one that cannot be read.
    world.write("a.csv", "id;day;unit\na;2014-01-01;x\nb;2014-01-01;x\nb;2014-01-01;y\nc;never;x\n");
    let bad = check(74, "");
    assert_eq!((bad.rows_read, key(&bad)), (1, (4, 1, 2)));
    let refusal = bad.refusal.unwrap();
    assert!(refusal.contains("row_key (id, day) does not identify the rows: 1 key has different rows"), "{refusal}");
    // At the limit the file is taken, and the two rows are told all the same.
    let taken = check(75, "");
    assert!(taken.refusal.is_none() && taken.row_key.unwrap().problem.unwrap().contains("2 rows of this file"));
    // With a version the rows are a row and its correction.
    let versioned = check(5, "version = { from = \"unit\" }\n");
    assert_eq!(key(&versioned), (4, 0, 0));
}

#[test]
fn a_check_says_of_every_cell_that_is_refused_what_its_column_takes() {
    let world = World::new();
    world.write(
        "codes.csv",
        "code,service,package,sector,is_emergency,name_fi,name_sv,name_en\n1,gp,,,,,,\n2,er,,,,,,\n",
    );
    world.write("a.csv", "id;day;code;way;price\na;1.2.2024;9;shout;1.000\n#N/A;2.2.2024;1;home;1,50\n");
    let profile = world.write(
        "p.toml",
        "[source]\nname = \"s\"\nextracted_on = \"2024-12-31\"\n[[file]]\ntable = \"contacts\"\npath = \"a.csv\"\n\
         [file.columns]\nclient = { from = \"id\" }\n\
         start_date = { from = \"day\", format = [\"%d.%m.%Y\", \"iso\"] }\n\
         service = { from = \"code\", codes = \"codes.csv\" }\nmode = { from = \"way\" }\n\
         cost_cents = { from = \"price\" }\n",
    );
    let file = &profile_check(&profile, 10, None).unwrap().files[0];
    let told = |row: usize| -> Vec<String> {
        let cells = file.rows[row].cells.iter();
        let mut told: Vec<String> = cells
            .filter_map(|cell| {
                Some(format!("{}: {} ({})", cell.field, cell.problem.as_ref()?, cell.allowed.as_deref().unwrap_or("-")))
            })
            .collect();
        told.sort();
        told
    };
    assert_eq!(
        told(0),
        [
            "cost_cents: number (a number with the decimal sign ,)",
            "mode: code (visit, home, phone, remote, ward, residential, decision, other)",
            "service: unknown_code (a code of codes.csv: 1, 2)",
        ]
    );
    assert_eq!(file.rows[1].cells.iter().filter(|cell| cell.problem.is_some()).count(), 1, "{:?}", file.rows[1]);
}

#[test]
fn a_page_tells_what_a_delivery_looks_like() {
    let world = World::new();
    let mut text = "id;day;unit\n".to_owned();
    for month in 1..=6 {
        for n in 0..if month == 6 { 3 } else { 10 } {
            text += &format!("p{n};2014-0{month}-0{};{}\n", n % 9 + 1, if n == 0 { "" } else { "u" });
        }
    }
    text += "p1;x;u\n";
    world.write("a.csv", &text);
    world.write("clients.csv", "id;died\np1;2014-05-01\n");
    let clients = "[[file]]\ntable = \"clients\"\npath = \"clients.csv\"\n[file.columns]\nclient = { from = \"id\" }\n\
                   died_on = { from = \"died\" }\n";
    world.ingest(&format!("{}{clients}", simple("utf-8")));
    let snapshot = world.snapshot();
    let id = snapshot.deliveries().iter().find(|d| d.table == "contacts").unwrap().delivery_id;
    let page = delivery_page(&snapshot, id).unwrap().unwrap();
    assert_eq!((page.rows_read, page.rows_accepted, page.rows_quarantined), (54, 53, 1));
    assert_eq!(page.quarantined_by["start_date date"], 1);
    assert_eq!(quarantined_by(&snapshot).unwrap()[&id]["start_date date"], 1);
    assert!((page.missing_share["unit"] - 6.0 / 53.0).abs() < 1e-9);
    assert_eq!(page.unpriced_share, Some(1.0));
    // On 2 May and 2 June.
    assert_eq!(page.after_death, 2);
    let months: Vec<_> = page.months.iter().map(|m| (m.month.as_str(), m.rows, m.usual, m.is_low)).collect();
    assert_eq!(months[2], ("2014-03", 10, None, false));
    assert_eq!(months[4], ("2014-05", 10, Some(10.0), false));
    assert_eq!(months[5], ("2014-06", 3, Some(10.0), true));
    assert!(delivery_page(&snapshot, 1).unwrap().is_none());
}

#[test]
fn totals_stand_beside_the_rows_of_their_service_and_period() {
    let world = World::new();
    world.write("a.csv", "id;day;unit\na;2014-01-02;u\na;2014-12-31;u\nb;2015-01-01;u\n");
    world.write("totals.csv", "what;from;to;n\ngp;2014-01-01;2014-12-31;3\nother;2014-01-01;2014-12-31;1\n");
    let totals = "[[file]]\ntable = \"aggregates\"\npath = \"totals.csv\"\n[file.columns]\nservice = { from = \"what\" }\n\
                  period_from = { from = \"from\" }\nperiod_to = { from = \"to\" }\ncontacts = { from = \"n\" }\n";
    world.ingest(&format!("{}{totals}", simple("utf-8").replace("2014-12-31", "2015-01-31")));
    let found = reconcile(&world.snapshot()).unwrap();
    let gp = &found[0];
    assert_eq!((gp.service.as_str(), gp.contacts, gp.row_contacts, gp.row_clients), ("gp", Some(3), 2, 1));
    assert_eq!((found[1].row_contacts, found[1].cost_cents), (0, None));
}
