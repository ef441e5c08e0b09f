//! Persons: pseudonyms, linkage, what sources say about them.

use crate::world::World;

fn profile(name: &str, domain: &str, extracted_on: &str) -> String {
    format!(
        r#"
        [source]
        name = "{name}"
        pseudonym = "{domain}"
        extracted_on = "{extracted_on}"
        [[file]]
        table = "clients"
        path = "{name}.csv"
        [file.columns]
        client = {{ from = "id" }}
        birth_date = {{ from = "born" }}
        birth_precision = {{ from = "precision" }}
        sex = {{ from = "sex", map = {{ 1 = "male", 2 = "female" }} }}
        municipality = {{ from = "municipality" }}
        "#
    )
}

const HEADER: &str = "id;born;precision;sex;municipality\n";

#[test]
fn the_newest_that_says_something_wins_field_by_field_and_disagreement_is_counted() {
    let world = World::new();
    world.write("old.csv", format!("{HEADER}a;1950-02-03;;1;91\n"));
    world.write("new.csv", format!("{HEADER}a;1950-01-01;year;;476\nb;;;2;\n"));
    world.ingest(&profile("new", "region", "2014-02-01"));
    let report = world.ingest(&profile("old", "region", "2014-01-01"));
    assert_eq!(
        world.sorted("clients", &["birth_date", "birth_precision", "sex", "municipality"]),
        // The exact birth date agrees with the newer year; 476 merged into 297 only in 2015.
        ["- - female -", "1950-02-03 day male 476"]
    );
    assert_eq!(report.disagreements.get("municipality"), Some(&1));
    assert_eq!(report.disagreements.get("sex"), None);
}

#[test]
fn a_municipality_is_that_of_the_year_of_its_extract() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER}a;;;;476\nb;;;;297\nc;;;;174\nd;;;;999\n"));
    // 476 merged into 297 on 1 January 2015, 174 on 1 January 2017; nobody knows 999.
    for (extracted_on, expected) in [
        ("2014-12-31", ["174", "297", "476", "999"]),
        ("2015-01-01", ["174", "297", "297", "999"]),
        ("2016-12-31", ["174", "297", "297", "999"]),
        ("2017-01-01", ["297", "297", "297", "999"]),
    ] {
        world.ingest(&profile("x", "one", extracted_on));
        assert_eq!(world.sorted("clients", &["municipality"]), expected, "{extracted_on}");
    }
}

#[test]
fn a_municipality_may_be_delivered_by_its_name() {
    let world = World::new();
    let names = ["Helsinki", "ESBO ", "jyv\u{e4}skyl\u{e4}", "\u{c5}bo", "Maaninka", "Ulkomaat", "Atlantis"];
    let rows: String = names.iter().enumerate().map(|(at, name)| format!("p{at};;;;{name}\n")).collect();
    world.write("x.csv", format!("{HEADER}{rows}"));
    let report = world.ingest(&profile("x", "one", "2014-12-31"));
    // Atlantis is nowhere.
    assert_eq!(world.sorted("clients", &["municipality"]), ["049", "091", "179", "200", "476", "853"]);
    assert_eq!(report.rows_quarantined, 1);
}

#[test]
fn a_code_from_before_a_merger_and_one_from_after_do_not_disagree() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER}a;;;;476\nb;;;;476\n"));
    world.write("y.csv", format!("{HEADER}a;;;;297\nb;;;;91\n"));
    world.ingest(&profile("x", "one", "2014-06-30"));
    let report = world.ingest(&profile("y", "one", "2015-06-30"));
    assert_eq!(world.sorted("clients", &["municipality"]), ["091", "297"]);
    // Only who has moved to Helsinki.
    assert_eq!(report.disagreements.get("municipality"), Some(&1));
}

#[test]
fn only_the_same_domain_means_the_same_person() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER}a;1950-02-03;;1;91\n"));
    world.write("y.csv", format!("{HEADER}a;1950-02-03;;1;91\n"));
    world.ingest(&profile("x", "one", "2014-01-01"));
    world.ingest(&profile("y", "two", "2014-01-01"));
    assert_eq!(world.sorted("clients", &["sex"]), ["male", "male"]);
}

fn normalising(name: &str, normalise: &str) -> String {
    profile(name, "region", "2014-01-01")
        .replace("[[file]]", &format!("{normalise}\nbad_rows_max_percent = 100\n[[file]]"))
}

#[test]
fn what_systems_and_spreadsheets_did_to_pseudonyms_is_made_good_by_the_profile() {
    let world = World::new();
    let clean = format!("{HEADER}000004829;;;1;91\nAB3456789;;;1;91\nÅB345678;;;1;91\n");
    world.write("clean.csv", &clean);
    // A number that lost its zeros, small letters, and blanks before and after.
    world.write("worn.csv", format!("{HEADER}4829;;;;\nab3456789;;;;\n åb345678 ;;;;\n\u{a0}000004829;;;;\n"));
    world.ingest(&profile("clean", "region", "2014-01-01"));
    world.ingest(&profile("worn", "region", "2014-01-01"));
    assert_eq!(world.rows("clients", &["sex"]).len(), 7);

    let world = World::new();
    world.write("clean.csv", clean);
    world.write("worn.csv", format!("{HEADER}4829;;;;\nab3456789;;;;\n åb345678 ;;;;\n\u{a0}000004829;;;;\n"));
    world.ingest(&profile("clean", "region", "2014-01-01"));
    world.ingest(&normalising("worn", r#"normalise = { trim = true, case = "upper", pad = 9 }"#));
    assert_eq!(world.sorted("clients", &["sex"]), ["male", "male", "male"]);
}

#[test]
fn a_pseudonym_that_a_spreadsheet_made_a_number_or_an_error_names_nobody() {
    let world = World::new();
    let texts = ["1,23E+08", "4829.0", "#N/A", "#ARVO!", "#VÄRDEFEL!", "  ", "12E5", "4829"];
    let rows: String = texts.iter().map(|text| format!("{text};;;1;91\n")).collect();
    world.write("x.csv", format!("{HEADER}{rows}"));
    let report = world.ingest(&normalising("x", ""));
    let reasons: Vec<_> =
        report.deliveries[0].quarantined_by.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
    assert_eq!(reasons, ["client missing 1", "client spreadsheet_error 3", "client spreadsheet_number 2"]);
    assert_eq!(world.rows("clients", &["sex"]), ["male", "male"]);
}

#[test]
fn each_part_of_a_pseudonym_in_several_columns_may_be_a_spreadsheets() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER}1,23E+08;;;1;91\n77;;;1;91\n"));
    let joined = normalising("x", "").replace(r#"{ from = "id" }"#, r#"{ from = ["municipality", "id"] }"#);
    let report = world.ingest(&joined);
    assert_eq!(report.deliveries[0].quarantined_by["client spreadsheet_number"], 1);
    assert_eq!(report.rows_accepted, 1);
}

#[test]
fn a_pseudonym_that_padding_makes_an_identity_code_is_kept_out() {
    let world = World::new();
    // 010150 and 113, whose check character is a digit, so that a spreadsheet took it all for a number and the first zero is lost.
    assert!(virta_model::hetu::occurs_in(b"0101501130"));
    world.write("x.csv", format!("{HEADER}101501130;;;1;91\n5;;;1;91\n"));
    let report = world.ingest(&normalising("x", "normalise = { pad = 10 }"));
    assert_eq!(report.deliveries[0].quarantined_by["client hetu"], 1);
    assert_eq!(world.rows("clients", &["sex"]), ["male"]);
}

#[test]
fn a_text_for_missing_is_missing_also_after_it_is_normalised() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER} -1 ;;;1;91\n-1;;;1;91\nb;;;1;91\n"));
    let report = world.ingest(&normalising("x", "null = [\"\", \"-1\"]\nnormalise = { trim = true }"));
    assert_eq!(report.deliveries[0].quarantined_by["client missing"], 2);
}

#[test]
fn a_length_that_no_pseudonym_has_is_refused_with_its_place() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER}b;;;1;91\n"));
    for wrong in ["normalise = { pad = 0 }", "normalise = { pad = 65 }"] {
        assert!(world.refuse(&normalising("x", wrong)).contains("pad of normalise is a length in 1..=64"));
    }
    assert!(world.refuse(&normalising("x", "normalise = { case = \"title\" }")).contains("upper"));
    assert!(world.refuse(&normalising("x", "normalise = { zeros = 9 }")).contains("zeros"));
}

#[test]
fn a_person_is_known_from_any_table() {
    let world = World::new();
    world.write("p.csv", "id;from\na;2014-01-01\na;2014-01-01\nb;\n");
    let report = world.ingest(
        r#"
        [source]
        name = "plans"
        extracted_on = "2014-06-30"
        bad_rows_max_percent = 50
        [[file]]
        table = "plans"
        path = "p.csv"
        [file.columns]
        client = { from = "id" }
        kind = { const = "multi_service_plan" }
        from_date = { from = "from" }
        "#,
    );
    assert_eq!((report.rows_read, report.rows_accepted, report.rows_quarantined, report.rows_superseded), (3, 1, 1, 1));
    assert_eq!(
        world.rows("plans", &["kind", "from_date", "to_date", "source"]),
        ["multi_service_plan 2014-01-01 - plans"]
    );
    assert_eq!(world.rows("clients", &["sex"]), ["-"]);
}

#[test]
fn a_pilot_names_its_clients_by_pseudonym_or_by_client_id() {
    let world = World::new();
    world.write("x.csv", format!("{HEADER}a;1950-02-03;;1;91\n"));
    world.ingest(&profile("x", "one", "2014-01-01"));
    let client = world.rows("clients", &["client_id"]).remove(0);
    world.write("pilot.csv", format!("who;began\n{client};2014-03-01\n"));
    world.ingest(
        r#"
        [source]
        name = "pilots"
        extracted_on = "2014-06-30"
        [[file]]
        table = "pilots"
        path = "pilot.csv"
        [file.columns]
        client_id = { from = "who" }
        pilot = { const = "one desk" }
        index_date = { from = "began" }
        "#,
    );
    assert_eq!(world.rows("pilots", &["pilot", "client_id"]), [format!("one desk {client}")]);
    assert_eq!(world.rows("clients", &["sex"]), ["male"]);
}

#[test]
fn tables_without_clients_are_filled_too() {
    let world = World::new();
    world.write("a.csv", "what;from;to;n;eur\nhome_care;2014-01-01;2014-12-31;120;1 000,50\n");
    world.ingest(
        r#"
        [source]
        name = "vendor"
        extracted_on = "2014-06-30"
        [[file]]
        table = "aggregates"
        path = "a.csv"
        [file.columns]
        service = { from = "what" }
        period_from = { from = "from" }
        period_to = { from = "to" }
        contacts = { from = "n" }
        cost_cents = { from = "eur" }
        "#,
    );
    assert_eq!(
        world.rows(
            "aggregates",
            &["source", "service", "period_from", "period_to", "clients", "contacts", "cost_cents"]
        ),
        ["vendor home_care 2014-01-01 2014-12-31 - 120 100050"]
    );
    assert_eq!(world.rows("services", &["service"]), ["home_care"]);
}
