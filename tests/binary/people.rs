//! Who it is: worn pseudonyms, linkage, and the way back for those who hold the extracts and the key.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use virta_model::schema::SOURCES;

use super::runner::Bench;

const REGISTER: &str = r#"[source]
name = "register"
pseudonym = "region"
extracted_on = "2014-02-28"
[[file]]
table = "clients"
path = "register.csv"
[file.columns]
client = { from = "ID" }
birth_date = { from = "BORN" }
"#;

fn social(normalise: &str) -> String {
    format!(
        r#"[source]
name = "social"
pseudonym = "region"
extracted_on = "2014-01-31"
bad_rows_max_percent = 30
{normalise}
[[file]]
table = "contacts"
path = "social.csv"
[file.columns]
client = {{ from = "ID" }}
service = {{ from = "WHAT" }}
start_date = {{ from = "DAY" }}
"#
    )
}

const STUDY: &str = "[study]\nname = \"s\"\nperiod = \"2014\"\n[[cohort]]\nname = \"c\"\nmin_services = 1\n";

/// Five people of the register; three of them in social care, in small letters and without their zeros, one stranger,
/// and one whom a spreadsheet made a number.
fn bench(normalise: &str) -> Bench {
    let bench = Bench::with_buckets(4);
    bench.write("register.toml", REGISTER);
    bench.write("social.toml", social(normalise));
    bench.write("study.toml", STUDY);
    let people = ["000004829", "AB3456789", "CD3456789", "EF3456789", "123456789"];
    let rows: String = people.iter().map(|id| format!("{id};1980-01-01\n")).collect();
    bench.write("register.csv", format!("ID;BORN\n{rows}"));
    bench.write(
        "social.csv",
        "ID;WHAT;DAY\n4829;a;2014-01-01\nab3456789;b;2014-01-02\ncd3456789;c;2014-01-03\nzz3456789;d;2014-01-04\n\
         1,23E+08;e;2014-01-05\n",
    );
    bench
}

fn json_of(bench: &Bench, args: &[&str]) -> Value {
    serde_json::from_str(&bench.virta(args.iter().copied().chain(["--json"])).ends_with(0).out).unwrap()
}

#[test]
fn worn_pseudonyms_are_told_with_the_key_to_write_and_are_joined_once_it_is_written() {
    let bench = bench("");
    let run = bench.virta(["ingest", "s", "register.toml", "social.toml"]).ends_with(0);
    assert!(run.out.contains(r#"write normalise = { case = "upper", pad = 9 } into [source]"#), "{}", run.out);
    assert!(run.out.contains("about 3 of its 4 unmatched people"), "{}", run.out);
    assert!(run.out.contains("client spreadsheet_number"), "{}", run.out);
    bench.write("social.toml", social(r#"normalise = { case = "upper", pad = 9 }"#));
    let run = bench.virta(["ingest", "s", "social.toml"]).ends_with(0);
    assert!(!run.out.contains("WARNING"), "{}", run.out);
    bench.virta(["verify", "s"]).ends_with(0);

    let linkage = json_of(&bench, &["deliveries", "s"])["linkage"].clone();
    assert_eq!(
        linkage,
        json!([
            {
                "source": "register", "known_to": "2014-02-28", "clients": 5, "in_client_list": 5,
                "in_other_sources": 3, "alone": 0, "found_in": { "social": 3 }
            },
            {
                "source": "social", "known_to": "2014-01-31", "clients": 4, "in_client_list": 3,
                "in_other_sources": null, "alone": 1, "found_in": {}
            },
        ])
    );
    let page = bench.virta(["deliveries", "s"]).ends_with(0).out;
    assert!(page.contains("Linkage: how each source's people are known elsewhere"), "{page}");
    assert!(bench.virta(["doctor", "s"]).ends_with(0).out.contains("social: 4 people, in client list 3"));

    let page = bench.virta(["study", "s", "study.toml"]).ends_with(0).out;
    assert!(page.contains("Sources, and how their people are known elsewhere"), "{page}");
    let rows = bench.result("s", &SOURCES);
    assert_eq!(rows.len(), 2);
    assert_eq!(json_of(&bench, &["study", "s", "study.toml"])["sources"].as_array().map(Vec::len), Some(2));
    // It is about the whole store's people, so it never leaves.
    bench.virta(["report", "s", "s", "-o", "report.html"]).ends_with(0);
    let report = std::fs::read_to_string(bench.path("report.html")).unwrap();
    assert!(!report.contains("known elsewhere") && !report.contains("in_client_list"));
}

#[test]
fn without_a_client_list_linkage_to_it_is_not_measured() {
    let bench = bench("");
    bench.virta(["ingest", "s", "social.toml"]).ends_with(0);
    let linkage = json_of(&bench, &["deliveries", "s"])["linkage"][0].clone();
    assert_eq!(linkage["clients"], 4);
    for what in ["in_client_list", "in_other_sources", "alone"] {
        assert_eq!(linkage[what], Value::Null, "{what}");
    }
    assert!(bench.virta(["deliveries", "s"]).ends_with(0).out.contains("not measured"));
}

#[test]
fn identify_gives_the_ids_of_listed_clients_to_those_who_hold_extracts_and_key() {
    let bench = bench(r#"normalise = { case = "upper", pad = 9 }"#);
    bench.virta(["ingest", "s", "register.toml", "social.toml"]).ends_with(0);
    let sql = "select distinct client_id from contacts where service in ('a', 'b') order by 1";
    bench.virta(["sql", "s", "-c", sql, "-o", "list.csv"]).ends_with(0);
    let list = std::fs::read_to_string(bench.path("list.csv")).unwrap();
    bench.write("list.csv", format!("{list}7\n"));
    let before = bench.store_bytes();
    let args = ["identify", "s", "social.toml", "--clients", "list.csv", "-o", "ids.csv"];
    let run = bench.virta(args).ends_with(0);
    assert!(run.out.contains("2 of 3 clients"), "{}", run.out);
    assert!(run.out.contains("1 of them are in none"), "{}", run.out);
    let ids = std::fs::read_to_string(bench.path("ids.csv")).unwrap();
    let mut found: Vec<&str> = ids.lines().skip(1).map(|line| line.split(',').nth(1).unwrap()).collect();
    found.sort_unstable();
    assert_eq!((ids.lines().next(), found), (Some("client_id,id"), vec!["4829", "ab3456789"]));
    let mode = std::fs::metadata(bench.path("ids.csv")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    assert_eq!(bench.store_bytes(), before, "nothing of it is kept in the store");
    let left: Vec<_> =
        std::fs::read_dir(bench.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with(".virta")), "{left:?}");

    // For programs: how many, and no id. A file that others could read before is theirs no longer.
    std::fs::set_permissions(bench.path("ids.csv"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let document = bench.virta(args.iter().copied().chain(["--json"])).ends_with(0).out;
    assert!(!document.contains("4829") && !document.contains("ab3456789"), "{document}");
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!((&document["asked"], &document["found"], &document["ids"]), (&json!(3), &json!(2), &json!(2)));
    let mode = std::fs::metadata(bench.path("ids.csv")).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
}

#[test]
fn identify_writes_nothing_into_the_store_and_takes_no_other_key() {
    let bench = bench("");
    bench.virta(["ingest", "s", "register.toml", "social.toml"]).ends_with(0);
    bench.write("list.csv", "client_id\n7\n");
    let before = bench.store_bytes();
    let to = |output: &str| ["identify", "s", "social.toml", "--clients", "list.csv", "-o", output].map(str::to_owned);
    for inside in ["s/ids.csv", "s/results/ids.csv", "./s/../s/data/ids.csv"] {
        bench.virta(to(inside)).ends_with(1).says(&["never written inside the store"]);
    }
    std::os::unix::fs::symlink("s/data", bench.path("elsewhere")).unwrap();
    bench.virta(to("elsewhere/ids.csv")).ends_with(1).says(&["never written inside the store"]);
    bench.write("other.key", "0".repeat(64));
    std::fs::set_permissions(bench.path("other.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let other = to("ids.csv").into_iter().chain(["--key".to_owned(), "other.key".to_owned()]);
    bench.virta(other).ends_with(1).says(&["the store was made with the key"]);
    bench.write("list.csv", "client_id\n8,59E+17\n");
    bench.virta(to("ids.csv")).ends_with(1).says(&["list.csv:2", "no client_id", "a spreadsheet rounds"]);
    assert!(!Path::new(&bench.path("ids.csv")).exists());
    assert_eq!(bench.store_bytes(), before);
}
