//! Rule 9: which rows are the same row, and which of them stands.

use crate::world::World;

const KEYED: &str = r#"
[source]
name = "keyed"
extracted_on = { from_file_name = "%Y%m%d" }
[[file]]
table = "contacts"
path = "k_*.csv"
row_key = ["id"]
version = { from = "version" }
cancelled = { from = "cancelled", when = "not_null" }
[file.columns]
client = { from = "client" }
service = { from = "service" }
start_date = { from = "day" }
"#;

/// Delivers files of `id;client;service;day;version;cancelled`, one command each, and gives the services that stand.
fn check(deliveries: &[(&str, &str)], standing: &[&str], conflicts: usize) {
    let mut ids = Vec::new();
    for order in [deliveries.to_vec(), deliveries.iter().rev().copied().collect()] {
        let world = World::new();
        for (name, rows) in &order {
            for (other, _) in &order {
                let _ = std::fs::remove_file(world.path(other));
            }
            world.write(name, format!("id;client;service;day;version;cancelled\n{rows}\n"));
            world.ingest(KEYED);
        }
        assert_eq!(world.sorted("contacts", &["service"]), standing);
        assert_eq!(world.rows("quarantine", &["rule"]), vec!["conflict"; conflicts]);
        ids.push(world.snapshot().id().to_owned());
    }
    assert_eq!(ids[0], ids[1], "the order of deliveries does not matter");
}

#[test]
fn the_newest_version_wins() {
    check(&[("k_20140101.csv", "1;a;old;2014-01-01;1;"), ("k_20140201.csv", "1;a;new;2014-01-01;2;")], &["new"], 0);
    // The version decides, not the day of the extract.
    check(&[("k_20140101.csv", "1;a;new;2014-01-01;10;"), ("k_20140201.csv", "1;a;old;2014-01-01;9;")], &["new"], 0);
}

#[test]
fn without_a_version_the_newest_extract_wins() {
    check(&[("k_20140101.csv", "1;a;old;2014-01-01;;"), ("k_20140201.csv", "1;a;new;2014-01-01;;")], &["new"], 0);
}

#[test]
fn two_different_rows_as_new_as_each_other_conflict_until_a_newer_one_comes() {
    check(
        &[("k_20140101.csv", "1;a;x;2014-01-01;1;\n2;a;z;2014-01-01;1;"), ("k_a_20140101.csv", "1;a;y;2014-01-01;1;")],
        &["z"],
        2,
    );
    check(
        &[
            ("k_20140101.csv", "1;a;x;2014-01-01;1;"),
            ("k_a_20140101.csv", "1;a;y;2014-01-01;1;"),
            ("k_20140201.csv", "1;a;settled;2014-01-01;2;"),
        ],
        &["settled"],
        0,
    );
}

#[test]
fn equal_rows_of_a_key_are_one() {
    check(
        &[("k_20140101.csv", "1;a;x;2014-01-01;1;\n1;a;x;2014-01-01;1;"), ("k_a_20140101.csv", "1;a;x;2014-01-01;1;")],
        &["x"],
        0,
    );
}

#[test]
fn a_cancellation_takes_its_row_out_whenever_it_comes() {
    check(
        &[("k_20140101.csv", "1;a;x;2014-01-01;1;\n2;a;y;2014-01-01;1;"), ("k_20140201.csv", "1;a;;;2;2014-02-01")],
        &["y"],
        0,
    );
    // As new as the row: the cancellation wins. Older: it does not.
    check(&[("k_20140101.csv", "1;a;x;2014-01-01;;"), ("k_a_20140101.csv", "1;a;;;;yes")], &[], 0);
    check(&[("k_20140101.csv", "1;a;x;2014-01-01;3;"), ("k_20140201.csv", "1;a;;;2;yes")], &["x"], 0);
}

#[test]
fn without_a_key_the_nth_equal_row_of_a_delivery_is_a_contact_of_its_own() {
    let profile = r#"
        [source]
        name = "calls"
        extracted_on = { from_file_name = "%Y%m%d" }
        [[file]]
        table = "contacts"
        path = "c_*.csv"
        [file.columns]
        client = { from = "client" }
        service = { const = "phone" }
        start_date = { from = "day" }
    "#;
    let world = World::new();
    world.write("c_20140101.csv", "client;day\na;2014-01-01\na;2014-01-01\nb;2014-01-01\n");
    let report = world.ingest(profile);
    assert_eq!(report.rows_accepted, 3);
    // The same file again is known by its hash.
    let report = world.ingest(profile);
    assert!(!report.changed);
    assert_eq!(report.deliveries[0].outcome, virta_ingest::Outcome::Known);
    // Overlapping: two of the three are the same, the third is new; the newest delivery carries them.
    world.write("c_20140201.csv", "client;day\na;2014-01-01\na;2014-01-01\na;2014-01-01\n");
    world.ingest(profile);
    assert_eq!(world.sorted("contacts", &["start_date"]).len(), 4);
    let ledger: Vec<_> = world
        .snapshot()
        .deliveries()
        .iter()
        .map(|d| (d.file.clone(), d.rows_read, d.rows_accepted, d.rows_quarantined, d.rows_superseded))
        .collect();
    assert!(ledger.contains(&("c_20140101.csv".to_owned(), 3, 1, 0, 2)), "{ledger:?}");
    assert!(ledger.contains(&("c_20140201.csv".to_owned(), 3, 3, 0, 0)), "{ledger:?}");
}

#[test]
fn a_file_that_comes_again_as_a_newer_extract_counts_as_newer() {
    let world = World::new();
    let row = |service: &str| format!("id;client;service;day;version;cancelled\n1;a;{service};2014-01-01;;\n");
    world.write("k_20140101.csv", row("first"));
    world.write("k_20140201.csv", row("second"));
    world.ingest(KEYED);
    assert_eq!(world.rows("contacts", &["service"]), ["second"]);
    world.write("k_20140301.csv", row("first"));
    let report = world.ingest(KEYED);
    assert_eq!(world.rows("contacts", &["service"]), ["first"]);
    assert_eq!(report.deliveries.iter().filter(|d| d.outcome == virta_ingest::Outcome::ReadAgain).count(), 1);
    assert_eq!(world.snapshot().deliveries().len(), 2);
}

#[test]
fn two_sections_on_one_file_give_two_sets_of_rows() {
    let world = World::new();
    world.write("a.csv", "client;day\na;2014-01-01\n");
    let section = |service: &str| {
        format!(
            "[[file]]\ntable = \"contacts\"\npath = \"a.csv\"\n[file.columns]\nclient = {{ from = \"client\" }}\n\
             service = {{ const = \"{service}\" }}\nstart_date = {{ from = \"day\" }}\n"
        )
    };
    world.ingest(&format!("[source]\nname = \"s\"\n{}{}", section("x"), section("y")));
    assert_eq!(world.rows("contacts", &["service"]), ["x", "y"]);
    assert_eq!(world.snapshot().deliveries().len(), 2);
}
