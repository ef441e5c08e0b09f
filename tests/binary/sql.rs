//! Questions in SQL: answers, refusals with their place, and nothing written.

use super::runner::{Bench, checkout};

fn bench() -> Bench {
    let bench = Bench::new();
    let small = |name: &str| checkout().join("fixtures/small").join(name).display().to_string();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    bench.virta(["study", "s", &small("study.toml")]).ends_with(0);
    bench
}

#[test]
fn the_store_and_the_study_answer_in_sql() {
    let bench = bench();
    let answer = |text: &str| bench.virta(["sql", "s", "-c", text, "--format", "csv"]).ends_with(0).out;
    assert_eq!(answer("select count(*) n from contacts"), "n\n29\n");
    assert_eq!(answer("select clients, cost_cents from small.summary"), "clients,cost_cents\n7,4454550\n");
    let members = "select count(*) n from small.members where cohort = 'four-plus'";
    assert_eq!(answer(members), "n\n3\n");
}

#[test]
fn what_would_write_is_refused_and_writes_nothing() {
    let bench = bench();
    let before = bench.store_bytes();
    for text in [
        "create table x as select 1",
        "drop table contacts",
        "insert into contacts select * from contacts",
        "delete from contacts",
        "copy (select 1) to 'x.csv'",
        "create external table x stored as csv location '/etc/passwd'",
        "set datafusion.execution.batch_size = 1",
        "explain analyze copy (select 1) to 'x.csv'",
    ] {
        let run = bench.virta(["sql", "s", "-c", text]).ends_with(1);
        assert!(!run.err.is_empty() && run.out.is_empty(), "{text}");
    }
    assert!(before == bench.store_bytes());
    assert!(!bench.path("x.csv").exists());
}

#[test]
fn errors_have_a_place_and_no_value_of_a_person() {
    let bench = bench();
    bench.virta(["sql", "s", "-c", "select\n  nothing from contacts"]).ends_with(1).says(&["line 2", "nothing"]);
    bench.virta(["sql", "s", "-c", "selec 1"]).ends_with(1).says(&["line 1"]);
    let ids = bench.virta(["sql", "s", "-c", "select client_id from clients", "--format", "csv"]).ends_with(0).out;
    let run =
        bench.virta(["sql", "s", "-c", "select cast(cast(client_id as text) || 'x' as int) from clients"]).ends_with(1);
    for id in ids.lines().skip(1) {
        assert!(!run.err.contains(id), "an error repeats an id");
    }
}

#[test]
fn a_query_with_an_identity_code_is_refused_and_not_repeated() {
    let bench = bench();
    let run = bench.virta(["sql", "s", "-c", "select * from clients where language = '010190-900P'"]).ends_with(1);
    assert!(!run.err.contains("010190-900P") && !run.out.contains("010190-900P"));
}
