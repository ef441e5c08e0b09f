//! Rule 9: which rows are the same row, and which of them stands.

use crate::world::World;

const KEYED: &str = r#"
[source]
name = "keyed"
extracted_on = { from_file_name = "%Y%m%d" }
bad_rows_max_percent = 100
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

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for at in 0..count {
        let longer = |order: &Vec<usize>| {
            (0..=order.len()).map(|place| [&order[..place], &[at], &order[place..]].concat()).collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(longer).collect();
    }
    orders
}

/// As [`check`], in every order of the files, one command each and all in one. Gives who has which service.
fn check_clients(deliveries: &[(&str, &str)], standing: &[&str], conflicts: usize) {
    let profile = KEYED.replace("[file.columns]", "[file.columns]\nprovider = { from = \"client\" }");
    let mut ids = Vec::new();
    for order in orders(deliveries.len()) {
        for together in [false, true] {
            let world = World::new();
            for (step, at) in order.iter().enumerate() {
                let (name, rows) = deliveries[*at];
                world.write(name, format!("id;client;service;day;version;cancelled\n{rows}\n"));
                if !together || step + 1 == order.len() {
                    world.ingest(&profile);
                }
            }
            assert_eq!(world.sorted("contacts", &["provider", "service"]), standing, "in order {order:?}");
            assert_eq!(world.rows("quarantine", &["rule"]), vec!["conflict"; conflicts], "in order {order:?}");
            assert!(world.store.verify(&|_| {}).unwrap().problems.is_empty());
            ids.push(world.snapshot().id().to_owned());
        }
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "neither the order nor the cut of deliveries matters");
}

const JANUARY: &str = "k_20140101.csv";
const ALSO_JANUARY: &str = "k_a_20140101.csv";
const FEBRUARY: &str = "k_20140201.csv";
const MARCH: &str = "k_20140301.csv";

#[test]
fn a_row_that_moves_to_another_client_leaves_the_one_it_had() {
    // By version, by the day of the extract, and not by an older version.
    let two = "1;a;x;2014-01-01;1;\n2;a;y;2014-01-01;1;";
    check_clients(&[(JANUARY, two), (FEBRUARY, "1;b;x;2014-01-01;2;")], &["a y", "b x"], 0);
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;;"), (FEBRUARY, "1;b;x;2014-01-01;;")], &["b x"], 0);
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;3;"), (FEBRUARY, "1;b;x;2014-01-01;2;")], &["a x"], 0);
    // Inside one file.
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;1;\n1;b;x;2014-01-01;2;")], &["b x"], 0);
}

#[test]
fn a_row_that_moves_and_comes_back_is_where_its_newest_version_says() {
    let back =
        [(JANUARY, "1;a;x;2014-01-01;1;"), (FEBRUARY, "1;b;x;2014-01-01;2;"), (MARCH, "1;a;again;2014-01-01;3;")];
    check_clients(&back, &["a again"], 0);
}

#[test]
fn a_cancellation_under_another_clients_number_takes_the_row_out() {
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;1;"), (FEBRUARY, "1;b;;;2;yes")], &[], 0);
    // As new as the row: the cancellation wins. Older: it does not.
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;;"), (ALSO_JANUARY, "1;b;;;;yes")], &[], 0);
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;3;"), (FEBRUARY, "1;b;;;2;yes")], &["a x"], 0);
    // Moved and then cancelled, cancelled and then moved.
    let moved = (FEBRUARY, "1;b;x;2014-01-01;2;");
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;1;"), moved, (MARCH, "1;a;;;3;yes")], &[], 0);
    check_clients(&[(JANUARY, "1;a;;;1;yes"), moved, (MARCH, "1;c;z;2014-01-01;3;")], &["c z"], 0);
    // Two clients' cancellations are no conflict.
    check_clients(&[(JANUARY, "1;a;;;1;yes\n1;b;;;1;yes\n1;c;x;2014-01-01;1;")], &[], 0);
}

#[test]
fn two_clients_rows_as_new_as_each_other_conflict_until_a_newer_one_comes() {
    check_clients(&[(JANUARY, "1;a;x;2014-01-01;;\n1;b;x;2014-01-01;;\n2;a;y;2014-01-01;;")], &["a y"], 2);
    let conflict = [(JANUARY, "1;a;x;2014-01-01;1;"), (ALSO_JANUARY, "1;b;x;2014-01-01;1;")];
    check_clients(&conflict, &[], 2);
    check_clients(&[conflict[0], conflict[1], (FEBRUARY, "1;c;settled;2014-01-01;2;")], &["c settled"], 0);
    check_clients(&[conflict[0], conflict[1], (FEBRUARY, "1;a;settled;2014-01-01;2;")], &["a settled"], 0);
    check_clients(&[conflict[0], conflict[1], (FEBRUARY, "1;c;;;2;yes")], &[], 0);
    // An older one settles nothing; a third and equal one of either client is no row more.
    check_clients(&[conflict[0], conflict[1], (FEBRUARY, "1;c;old;2014-01-01;0;")], &[], 2);
    check_clients(
        &[conflict[0], conflict[1], ("k_b_20140101.csv", "1;a;x;2014-01-01;1;\n9;q;own;2014-01-01;1;")],
        &["q own"],
        2,
    );
    // Two different rows of the one, and one of the other.
    check_clients(&[conflict[0], (ALSO_JANUARY, "1;b;x;2014-01-01;1;\n1;b;y;2014-01-01;1;")], &[], 3);
}

#[test]
fn a_row_that_cannot_be_read_supersedes_nobodys() {
    let world = World::new();
    world.write("k_20140101.csv", "id;client;service;day;version;cancelled\n1;a;x;2014-01-01;1;\n");
    world.write("k_20140201.csv", "id;client;service;day;version;cancelled\n1;;x;2014-01-01;2;\n1;;;;3;yes\n");
    world.ingest(KEYED);
    assert_eq!(world.rows("contacts", &["service"]), ["x"]);
    assert_eq!(world.rows("quarantine", &["field", "rule"]), ["client missing"; 2]);
}

#[test]
fn a_row_keeps_its_number_when_it_moves_and_a_client_whom_nothing_else_names_is_gone() {
    let world = World::new();
    let row = |client: &str, version: u32| {
        format!("id;client;service;day;version;cancelled\n1;{client};x;2014-01-01;{version};\n")
    };
    world.write("k_20140101.csv", row("a", 1));
    world.ingest(KEYED);
    let before = world.rows("contacts", &["contact_id", "client_id"]);
    world.write("k_20140201.csv", row("b", 2));
    world.ingest(KEYED);
    let after = world.rows("contacts", &["contact_id", "client_id"]);
    let split = |rows: &[String]| rows[0].split_once(' ').map(|(id, client)| (id.to_owned(), client.to_owned()));
    let ((id, client), (moved_id, moved_client)) = (split(&before).unwrap(), split(&after).unwrap());
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!(id, moved_id);
    assert_ne!(client, moved_client);
    assert_eq!(world.rows("clients", &["client_id"]), [moved_client]);
}

#[test]
fn the_same_key_of_another_table_source_or_column_is_another_row() {
    let world = World::new();
    let profile = |source: &str, table: &str, key: &str, columns: &str| {
        format!(
            "[source]\nname = \"{source}\"\npseudonym = \"all\"\nextracted_on = \"2014-02-01\"\n[[file]]\n\
             table = \"{table}\"\npath = \"a.csv\"\nrow_key = [\"{key}\"]\n[file.columns]\n\
             client = {{ from = \"client\" }}\n{columns}\n"
        )
    };
    world.write("a.csv", "id;other;client;day\n1;1;a;2014-01-01\n");
    let contact = "service = { const = \"x\" }\nstart_date = { from = \"day\" }";
    world.ingest(&profile("s", "contacts", "id", contact));
    world.ingest(&profile("t", "contacts", "id", contact));
    world.ingest(&profile("s", "plans", "id", "kind = { const = \"consent\" }\nfrom_date = { from = \"day\" }"));
    world.write("a.csv", "id;other;client;day\n2;1;b;2014-01-01\n");
    world.ingest(&profile("s", "contacts", "other", contact));
    assert_eq!((world.rows("contacts", &["service"]).len(), world.rows("plans", &["kind"]).len()), (3, 1));
}

#[test]
fn what_a_client_list_says_moves_with_its_row() {
    let world = World::new();
    let profile = r#"
        [source]
        name = "list"
        extracted_on = { from_file_name = "%Y%m%d" }
        [[file]]
        table = "clients"
        path = "l_*.csv"
        row_key = ["row"]
        [file.columns]
        client = { from = "id" }
        language = { from = "language" }
    "#;
    world.write("l_20140101.csv", "row;id;language\n1;a;fi\n2;b;sv\n");
    world.ingest(profile);
    assert_eq!(world.sorted("clients", &["language"]), ["fi", "sv"]);
    // Row 1 was another person's, and nothing else names the one it was taken for.
    world.write("l_20140201.csv", "row;id;language\n1;c;fi\n");
    world.ingest(profile);
    assert_eq!(world.sorted("clients", &["language"]), ["fi", "sv"]);
    let ledger: Vec<_> =
        world.snapshot().deliveries().iter().map(|d| (d.file.clone(), d.rows_accepted, d.rows_superseded)).collect();
    assert!(ledger.contains(&("l_20140101.csv".to_owned(), 1, 1)), "{ledger:?}");
}

#[test]
fn a_delivery_that_is_read_again_takes_back_what_it_said_of_any_client() {
    let world = World::new();
    let row = |client: &str| format!("id;client;service;day;version;cancelled\n1;{client};x;2014-01-01;;\n");
    let columns = |more: &str| {
        KEYED
            .replace("client = { from = \"client\" }", &format!("client = {{ from = \"client\"{more} }}"))
            .replace("[file.columns]", "[file.columns]\nprovider = { from = \"client\" }")
    };
    world.write("k_20140101.csv", row("a"));
    world.write("k_20140201.csv", row("b"));
    world.ingest(&columns(""));
    let first = world.rows("contacts", &["client_id", "provider"]);
    // The mended profile knows that b is a: the row is a's own, corrected.
    world.ingest(&columns(", map = { b = \"a\" }"));
    let second = world.rows("contacts", &["client_id", "provider"]);
    assert_eq!((first.len(), second.len()), (1, 1));
    assert_ne!(first, second);
    assert!(second[0].ends_with(" b"));
    // And back again: nothing of the reading between is left.
    world.ingest(&columns(""));
    assert_eq!(world.rows("contacts", &["client_id", "provider"]), first);
    assert!(world.store.verify(&|_| {}).unwrap().problems.is_empty());
}

#[test]
fn a_key_that_does_not_identify_rows_has_the_file_refused_by_conflicts_above_the_limit() {
    let world = World::new();
    let profile = |percent: u32| {
        KEYED
            .replace("max_percent = 100", &format!("max_percent = {percent}"))
            .replace("row_key = [\"id\"]", "row_key = [\"client\", \"day\"]")
    };
    let head = "id;client;service;day;version;cancelled\n";
    // Two keys with two and three different rows, a row twice, and one that cannot be read: six of ten are bad.
    let rows = "1;a;x;2014-01-01;;\n2;a;y;2014-01-01;;\n3;b;x;2013-12-02;;\n4;b;y;2013-12-02;;\n5;b;z;2013-12-02;;\n\
                6;c;x;2014-01-01;;\n6;c;x;2014-01-01;;\n7;d;x;never;;\n8;e;x;2014-01-01;;\n9;f;x;2014-01-01;;\n";
    world.write("k_20140101.csv", format!("{head}{rows}"));
    let error = world.refuse(&profile(59));
    for part in [
        "k_20140101.csv:2: 6 of 10 rows are bad, more than the 59 % that the profile allows: conflict 5, start_date date 1",
        "row_key (client, day) does not identify the rows: 2 keys have different rows of which none is the newest, 5 rows",
        "(rule conflict)",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
    let report = world.ingest(&profile(60));
    assert_eq!((report.rows_accepted, report.rows_quarantined, report.rows_superseded), (3, 6, 1));
    assert_eq!(report.deliveries[0].quarantined_by["conflict"], 5);
}

#[test]
fn conflicts_with_an_earlier_delivery_count_for_the_one_that_brings_them() {
    let world = World::new();
    let profile = KEYED.replace("max_percent = 100", "max_percent = 50");
    let head = "id;client;service;day;version;cancelled\n";
    world.write("k_20140101.csv", format!("{head}1;a;x;2014-01-01;;\n2;a;x;2014-01-01;;\n"));
    world.ingest(&profile);
    world.write("k_a_20140101.csv", format!("{head}1;b;x;2014-01-01;;\n2;b;x;2014-01-01;;\n3;b;x;2014-01-01;;\n"));
    let error = world.refuse(&profile);
    assert!(error.contains("k_a_20140101.csv:2: 2 of 3 rows are bad") && !error.contains("k_20140101.csv"), "{error}");
    assert!(error.contains("2 keys have different rows"), "{error}");
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
    world.ingest(&format!("[source]\nname = \"s\"\nextracted_on = \"2014-12-31\"\n{}{}", section("x"), section("y")));
    assert_eq!(world.rows("contacts", &["service"]), ["x", "y"]);
    assert_eq!(world.snapshot().deliveries().len(), 2);
}
