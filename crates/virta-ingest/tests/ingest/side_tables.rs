//! Side tables and code lists are deliveries: counted, quarantined, limited, and independent of the order of their rows.

use virta_ingest::{DeliveryPage, Error, IngestReport, delivery_page};
use virta_store::Delivery;

use crate::world::World;

fn profile(limit: u32, columns: &str) -> String {
    format!(
        r#"
        [source]
        name = "shelter"
        extracted_on = "2023-12-31"
        bad_rows_max_percent = {limit}
        [[file]]
        table = "contacts"
        path = "stays.csv"
        [file.columns]
        client = {{ from = "client" }}
        start_date = {{ from = "date" }}
        is_stay = {{ const = true }}
        {columns}
        "#
    )
}

const END: &str = r#"
        service = { const = "shelter" }
        end_date = { lookup = { file = "exit.csv", key = "id", from = "id", value = "exit" } }"#;
const STAYS: &str = "id;client;date\nE1;A;2023-01-10\nE2;B;2023-02-10\nE3;C;2023-03-10\n";

fn entry(world: &World, table: &str) -> Delivery {
    world.snapshot().deliveries().iter().find(|delivery| delivery.table == table).unwrap().clone()
}

fn page(world: &World, table: &str) -> DeliveryPage {
    delivery_page(&world.snapshot(), entry(world, table).delivery_id).unwrap().unwrap()
}

fn counts(delivery: &Delivery) -> [u64; 4] {
    [delivery.rows_read, delivery.rows_accepted, delivery.rows_quarantined, delivery.rows_superseded]
}

#[test]
fn a_key_with_two_values_has_none_whatever_the_order_of_the_rows() {
    let lines = ["E1;2023-01-20", "E1;2023-03-31", "E2;2023-02-20", "E2;2023-02-20", "E9;2023-02-20"];
    for order in [[0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 3, 0, 4]] {
        let world = World::new();
        world.write("stays.csv", STAYS);
        let rows: String = order.iter().map(|at| format!("{}\n", lines[*at])).collect();
        world.write("exit.csv", format!("id;exit\n{rows}"));
        let report = world.ingest(&profile(50, END));
        // An open end would be another answer: the stay's end is contested, so the stay is quarantined.
        assert_eq!(world.sorted("contacts", &["start_date", "end_date"]), ["2023-02-10 2023-02-20", "2023-03-10 -"]);
        let of = |table: &str| report.deliveries.iter().find(|delivery| delivery.table == table).unwrap();
        assert_eq!(of("contacts").quarantined_by["id lookup_conflict"], 1);
        assert_eq!(of("side_table").quarantined_by["id key_conflict"], 2);
        assert_eq!(counts(&entry(&world, "side_table")), [5, 2, 2, 1]);
        let used = &page(&world, "contacts").side_tables["end_date"];
        assert_eq!((used.rows_unmatched, used.keys, used.keys_unused), (1, 3, 1), "E3 has no exit, E9 no stay");
        let refused = world.refuse(&profile(5, END));
        assert!(refused.contains("exit.csv") && refused.contains("id key_conflict 2"), "{refused}");
    }
}

#[test]
fn the_same_value_twice_is_no_trouble_and_a_later_ingest_changes_nothing() {
    let world = World::new();
    world.write("stays.csv", STAYS);
    world.write("exit.csv", "id;exit\nE1;2023-01-20\nE1;2023-01-20\nE2;\nE3;2023-03-31\n");
    world.ingest(&profile(0, END));
    assert_eq!(counts(&entry(&world, "side_table")), [4, 3, 0, 1]);
    let id = world.snapshot().id().to_owned();
    let again = world.ingest(&profile(0, END));
    assert!(!again.changed);
    assert_eq!(world.snapshot().id(), id);
    assert_eq!(again.rows_read, 0);
}

#[test]
fn a_mended_side_table_is_a_delivery_of_its_own_and_mends_the_rows() {
    let world = World::new();
    world.write("stays.csv", STAYS);
    world.write("exit.csv", "id;exit\nE1;2023-01-20\nE1;2023-03-31\nE2;2023-02-20\nE3;2023-03-31\n");
    world.ingest(&profile(50, END));
    assert_eq!(world.rows("contacts", &["start_date"]).len(), 2);
    world.write("exit.csv", "id;exit\nE1;2023-03-31\nE2;2023-02-20\nE3;2023-03-31\n");
    world.ingest(&profile(50, END));
    assert_eq!(
        world.sorted("contacts", &["start_date", "end_date"]),
        ["2023-01-10 2023-03-31", "2023-02-10 2023-02-20", "2023-03-10 2023-03-31"]
    );
    assert_eq!(world.snapshot().deliveries().iter().filter(|delivery| delivery.table == "side_table").count(), 2);
}

#[test]
fn of_several_texts_that_may_be_empty_the_first_by_bytes_counts_and_a_service_may_not_be() {
    for rows in ["E1;south\nE1;north\nE2;north\n", "E1;north\nE2;north\nE1;south\n"] {
        let world = World::new();
        world.write("stays.csv", STAYS);
        world.write("unit.csv", format!("id;unit\n{rows}"));
        let column = r#"
        service = { const = "shelter" }
        unit = { lookup = { file = "unit.csv", key = "id", from = "id", value = "unit" } }"#;
        world.ingest(&profile(0, column));
        assert_eq!(world.sorted("contacts", &["unit"]), ["-", "north", "north"]);
        assert_eq!(page(&world, "contacts").side_tables["unit"].rows_unmatched, 1);
        let column = r#"
        service = { lookup = { file = "unit.csv", key = "id", from = "id", value = "unit" } }"#;
        let report = world.ingest(&profile(70, column));
        let of_stays = report.deliveries.iter().find(|delivery| delivery.table == "contacts").unwrap();
        assert_eq!(of_stays.quarantined_by["id lookup_conflict"], 1);
        assert_eq!(of_stays.quarantined_by["service missing"], 1);
    }
}

#[test]
fn bad_rows_of_a_side_table_are_quarantined_by_line_and_limited() {
    let world = World::new();
    world.write("stays.csv", STAYS);
    let good: String = (10..40).map(|n| format!("E{n};2023-02-20\n")).collect();
    world.write("exit.csv", format!("id;exit\n{good}E2;2023-02-20;x\n;2023-02-20\n131052-308T;2023-02-20\n"));
    let report = world.ingest(&profile(10, END));
    let side = report.deliveries.iter().find(|delivery| delivery.table == "side_table").unwrap();
    let reasons: Vec<_> = side.quarantined_by.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
    assert_eq!(reasons, ["fields 1", "id hetu 1", "id missing 1"]);
    assert_eq!(counts(&entry(&world, "side_table")), [33, 30, 3, 0]);
    let mut lines = world.sorted("quarantine", &["line", "rule"]);
    lines.sort();
    assert_eq!(lines, ["32 fields", "33 missing", "34 hetu"]);
    assert!(world.refuse(&profile(9, END)).contains("3 of 33 rows of this side table are bad"));
}

#[test]
fn several_columns_of_a_side_table_are_one_delivery() {
    let world = World::new();
    world.write("stays.csv", STAYS);
    // Line 3 says the same end and another unit; line 5 says both again.
    world.write("exit.csv", "id;exit;unit\nE1;2023-01-20;n\nE1;2023-01-20;s\nE2;2023-02-20;n\nE2;2023-02-20;n\n");
    let columns = format!(
        "{END}\n        unit = {{ lookup = {{ file = \"exit.csv\", key = \"id\", from = \"id\", value = \"unit\" }} }}"
    );
    world.ingest(&profile(50, &columns));
    assert_eq!(counts(&entry(&world, "side_table")), [4, 2, 0, 2]);
    assert_eq!(
        world.sorted("contacts", &["start_date", "end_date", "unit"]),
        ["2023-01-10 2023-01-20 n", "2023-02-10 2023-02-20 n", "2023-03-10 - -"]
    );
}

#[test]
fn a_newer_extract_of_a_side_table_takes_the_place_of_an_older_one() {
    let world = World::new();
    world.write("stays_20231231.csv", STAYS);
    world.write("exit_20230131.csv", "id;exit\nE1;2023-01-20\nE2;2023-02-11\n");
    world.write("exit_20231231.csv", "id;exit\nE1;2023-03-31\nE3;2023-03-31\n");
    let dated = profile(0, &END.replace("exit.csv", "exit_*.csv"))
        .replace("\"2023-12-31\"", "{ from_file_name = \"%Y%m%d\" }")
        .replace("stays.csv", "stays_*.csv");
    world.ingest(&dated);
    assert_eq!(
        world.sorted("contacts", &["start_date", "end_date"]),
        ["2023-01-10 2023-03-31", "2023-02-10 2023-02-11", "2023-03-10 2023-03-31"]
    );
    let snapshot = world.snapshot();
    let old = snapshot.deliveries().iter().find(|delivery| delivery.file == "exit_20230131.csv").unwrap();
    assert_eq!(counts(old), [2, 1, 0, 1]);
}

#[test]
fn a_code_list_is_a_delivery_and_unknown_codes_of_five_people_are_named() {
    let world = World::new();
    let rows: String = (1..=5).map(|n| format!("r{n};P{n};2023-01-0{n};A7\nq{n};P{n};2023-02-0{n};K\n")).collect();
    // B8 is carried by five rows of four people.
    let more: String = (1..=5).map(|n| format!("b{n};P{};2023-03-0{n};B8\n", n.min(4))).collect();
    world.write("stays.csv", format!("id;client;date;kind\n{rows}{more}"));
    world.write(
        "codes.csv",
        "code,service,package,sector\nK,shelter,homeless,social\nK,shelter,homeless,social\nZ,zoo,,\n",
    );
    let column = r#"service = { from = "kind", codes = "codes.csv", unknown = "keep" }"#;
    world.ingest(&profile(5, column));
    assert_eq!(counts(&entry(&world, "code_list")), [3, 2, 0, 1]);
    let of_stays = page(&world, "contacts");
    assert_eq!(of_stays.unknown_codes["service"], 10);
    assert_eq!(of_stays.unknown_named["service"].iter().collect::<Vec<_>>(), [(&"A7".to_owned(), &5)]);
}

/// Reads one visit of each code by a code list of these lines, of up to `limit` per cent bad ones.
fn by_codes(limit: u32, lines: &[&str]) -> (World, Result<IngestReport, Error>) {
    let world = World::new();
    world.write("stays.csv", "id;client;date;kind\n1;A;2023-01-10;A\n2;B;2023-02-10;B\n3;C;2023-03-10;C\n");
    let header = "code,service,sector,is_emergency,unit_cost_cents,valid_from,valid_to";
    world.write("codes.csv", format!("{header}\n{}\n", lines.join("\n")));
    let column = r#"service = { from = "kind", codes = "codes.csv", unknown = "keep" }"#;
    let done = world.try_ingest(&profile(limit, column).replace("is_stay = { const = true }", ""));
    (world, done)
}

#[test]
fn bad_lines_of_a_code_list_are_quarantined_by_rule_and_limited_like_those_of_any_delivery() {
    let bad = [
        ("B,,social,,,,", "service missing"),
        ("B,b,socail,,,,", "sector code"),
        ("B,b,social,maybe,,,", "is_emergency flag"),
        ("B,b,social,,12.50,,", "unit_cost_cents number"),
        ("B,b,social,,1250,1.1.2023,", "valid_from date"),
        ("B,b,social,,1250,2023-01-01,31.12.2023", "valid_to date"),
        ("B,b,social,,1250,2023-02-01,2023-01-31", "valid_to end_before_start"),
        ("B,b,social,,,", "fields"),
        ("B,131052-308T,social,,,,", "service hetu"),
    ];
    for (line, reason) in bad {
        // Alone among others it takes nobody's code away; its own code is as if it were not there.
        let (world, done) = by_codes(5, &["A,a,social,,,,", line, "C,c,primary,true,500,,"]);
        let report = done.unwrap();
        let list = report.deliveries.iter().find(|delivery| delivery.table == "code_list").unwrap();
        assert_eq!(list.quarantined_by.iter().collect::<Vec<_>>(), [(&reason.to_owned(), &1)], "{line}");
        assert_eq!(counts(&entry(&world, "code_list")), [3, 2, 1, 0], "{line}");
        assert_eq!(world.sorted("contacts", &["service", "cost_cents"]), ["B -", "a -", "c 500"], "{line}");
        let refused = by_codes(5, &["A,a,social,,,,", line, "C,c,nothing,,,,", "D,d,,,,,"]).1.unwrap_err().to_string();
        assert!(refused.contains("codes.csv:3"), "{refused}");
        assert!(refused.contains("2 of 4 rows of this code list are bad"), "{refused}");
        assert!(refused.contains(&format!("first line 3 ({reason}), line 4 (sector code)")), "{refused}");
        assert!(!refused.contains("308T") && !refused.contains("socail"), "{refused}");
    }
}

#[test]
fn a_stay_of_a_service_that_has_none_by_its_code_list_is_quarantined() {
    let world = World::new();
    world.write("stays.csv", "id;client;date;kind;stay\n1;A;2023-01-10;W;1\n2;B;2023-02-10;W;0\n3;C;2023-03-10;V;1\n4;D;2023-03-11;V;0\n5;E;2023-03-12;U;1\n6;F;2023-03-13;X;1\n");
    world.write("codes.csv", "code,service,sector,has_stays\nW,ward,,true\nV,visits,,false\nU,unsaid,,\n");
    let column = r#"service = { from = "kind", codes = "codes.csv", unknown = "keep" }"#;
    let is_stay = r#"is_stay = { from = "stay" }"#;
    let report = world.ingest(&profile(50, column).replace("is_stay = { const = true }", is_stay));
    assert_eq!(
        world.sorted("contacts", &["service", "is_stay"]),
        ["X true", "unsaid true", "visits false", "ward false", "ward true"]
    );
    let contacts = report.deliveries.iter().find(|delivery| delivery.table == "contacts").unwrap();
    assert_eq!(contacts.quarantined_by.iter().collect::<Vec<_>>(), [(&"is_stay no_stays".to_owned(), &1)]);
    let without = virta_ingest::services_without_stays(&world.snapshot()).unwrap();
    assert_eq!(without.into_iter().collect::<Vec<_>>(), ["visits"]);
}

#[test]
fn what_the_newest_code_list_says_of_stays_counts() {
    let said = |first: &str, second: &str| {
        let world = World::new();
        for (lines, day) in [(first, "2023-12-30"), (second, "2023-12-31")] {
            world.write("stays.csv", "id;client;date;kind\n1;A;2023-01-10;V\n");
            world.write("codes.csv", format!("code,service,has_stays\nV,visits,{lines}\n"));
            let column = r#"service = { from = "kind", codes = "codes.csv", unknown = "keep" }"#;
            let text = profile(50, column).replace("is_stay = { const = true }", "");
            world.ingest(&text.replace("2023-12-31", day));
        }
        virta_ingest::services_without_stays(&world.snapshot()).unwrap().len()
    };
    assert_eq!([said("", "false"), said("false", ""), said("true", "false"), said("false", "true")], [1, 0, 1, 0]);
}

#[test]
fn lines_of_a_code_list_that_contradict_each_other_mean_nothing_whatever_their_order() {
    // Two services of B; two sectors of b; two prices of B on one day. A and the lines of C are whole.
    let rest = ["A,a,social,,100,,", "C,c,primary,,,,", "C,c,primary,,,,"];
    let contradicting = [
        (["B,b,social,,,,", "B,x,social,,,,"], "code key_conflict"),
        (["B,b,social,,,,", "D,b,primary,,,,"], "service key_conflict"),
        (["B,b,social,,100,,2023-02-10", "B,b,social,,200,2023-02-10,"], "unit_cost_cents key_conflict"),
    ];
    for (lines, reason) in contradicting {
        let mut orders = vec![[&lines[..], &rest].concat(), [&rest, &lines[..]].concat()];
        orders.push([&lines[1..], &rest, &lines[..1]].concat());
        for order in orders {
            let (world, done) = by_codes(50, &order);
            let report = done.unwrap();
            let list = report.deliveries.iter().find(|delivery| delivery.table == "code_list").unwrap();
            assert_eq!(list.quarantined_by.iter().collect::<Vec<_>>(), [(&reason.to_owned(), &2)], "{order:?}");
            assert_eq!(counts(&entry(&world, "code_list")), [5, 2, 2, 1], "{order:?}");
            assert_eq!(world.sorted("contacts", &["service", "cost_cents"]), ["B -", "a 100", "c -"], "{order:?}");
        }
        let refused = by_codes(5, &[&lines[..], &rest].concat()).1.unwrap_err().to_string();
        assert!(refused.contains(&format!("{reason} 2; first line 2 ({reason}), line 3")), "{refused}");
    }
    // The same price twice and prices of days that meet are no trouble.
    let (world, done) =
        by_codes(0, &["B,b,,,100,,2023-02-09", "B,b,,,200,2023-02-10,", "B,b,,,200,2023-02-10,", "B,b,,,,,"]);
    done.unwrap();
    assert_eq!(counts(&entry(&world, "code_list")), [4, 3, 0, 1]);
    assert_eq!(world.sorted("contacts", &["service", "cost_cents"]), ["A -", "C -", "b 200"]);
}

#[test]
fn a_code_list_full_of_identity_codes_is_refused_whatever_the_limit() {
    let line = "131052-308T,a,,,,,";
    let refused = by_codes(100, &[line, line, line, "A,a,,,,,"]).1.unwrap_err().to_string();
    assert!(refused.contains("3 of 4 rows hold a personal identity code") && !refused.contains("308T"), "{refused}");
}

#[test]
fn a_person_looked_up_by_a_key_that_has_several_is_quarantined_as_a_conflict() {
    let world = World::new();
    world.write("stays.csv", "id;date\nE1;2023-01-10\nE2;2023-02-10\nE3;2023-03-10\n");
    world.write("who.csv", "id;person\nE1;17\nE1;18\nE2;17\n");
    let column = r#"service = { const = "shelter" }
        client = { lookup = { file = "who.csv", key = "id", from = "id", value = "person" } }"#;
    let report = world.ingest(&profile(70, column).replace("client = { from = \"client\" }", ""));
    let of = report.deliveries.iter().find(|delivery| delivery.table == "contacts").unwrap();
    let reasons: Vec<_> = of.quarantined_by.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect();
    assert_eq!(reasons, ["client lookup_conflict 1", "client missing 1"]);
    assert_eq!(world.rows("contacts", &["start_date"]), ["2023-02-10"]);
    let used = &page(&world, "contacts").side_tables["client"];
    assert_eq!((used.rows_unmatched, used.keys, used.keys_unused), (1, 2, 0));
}
