//! The small region of `fixtures/small`, whose answers were worked out by hand.

use virta_model::schema::{CONTACTS, QUARANTINE};
use virta_tests::Cell;

use super::expected;
use super::runner::{Bench, checkout};

fn small(name: &str) -> String {
    checkout().join("fixtures/small").join(name).display().to_string()
}

#[test]
fn the_small_region_gives_the_answers_worked_out_by_hand() {
    let bench = Bench::new();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    bench.virta(["study", "s", &small("study.toml")]).ends_with(0);
    expected::check(&bench, "small", &checkout().join("fixtures/small/expected.txt"));
}

#[test]
fn rows_read_are_accepted_quarantined_or_superseded() {
    let bench = Bench::new();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    let snapshot = bench.store().current().unwrap();
    let contacts = bench.rows(&CONTACTS);
    let delivery_id = CONTACTS.index_of("delivery_id").unwrap();
    for delivery in snapshot.deliveries() {
        let sum = delivery.rows_accepted + delivery.rows_quarantined + delivery.rows_superseded;
        assert_eq!(delivery.rows_read, sum, "{}", delivery.file);
        // Client lists are united by person, and of code lists no row stands in the store.
        if delivery.file.contains("asiakkaat") || delivery.table == "code_list" {
            continue;
        }
        let live = contacts.iter().filter(|row| row[delivery_id] == Cell::Int(delivery.delivery_id)).count();
        assert_eq!(delivery.rows_accepted, live as u64, "{}", delivery.file);
    }
    let quarantined: u64 = snapshot.deliveries().iter().map(|delivery| delivery.rows_quarantined).sum();
    assert_eq!(bench.rows(&QUARANTINE).len() as u64, quarantined);
}

#[test]
fn an_answer_is_one_document_of_json() {
    let bench = Bench::new();
    for args in [
        vec!["ingest".to_owned(), "s".to_owned(), small("hoito.toml"), small("sosiaali.toml"), "--json".to_owned()],
        vec!["study".to_owned(), "s".to_owned(), small("study.toml"), "--json".to_owned()],
        vec!["deliveries".to_owned(), "s".to_owned(), "--json".to_owned()],
        vec!["snapshots".to_owned(), "s".to_owned(), "--json".to_owned()],
        vec!["verify".to_owned(), "s".to_owned(), "--json".to_owned()],
        vec!["dictionary".to_owned(), "s".to_owned(), "--json".to_owned()],
        vec!["paths".to_owned(), "s".to_owned(), "--json".to_owned()],
    ] {
        let run = bench.virta(&args).ends_with(0);
        let document: Result<serde_json::Value, _> = serde_json::from_str(&run.out);
        assert!(document.is_ok(), "{args:?}: {document:?}\n{}", run.out);
        assert_eq!(run.err, "", "{args:?}: nothing but the document when piped");
    }
}
