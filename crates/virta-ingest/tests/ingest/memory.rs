//! What the memory limit does, and what it does not change.

use std::fmt::Write;

use virta_ingest::ingest;

use crate::columns::simple;
use crate::world::World;

/// Rows of several files with columns of their own, enough that each bucket's share is worth a write to disk.
fn spilled(memory_limit: usize, threads: usize) -> (String, Vec<String>) {
    let mut world = World::new();
    world.options.memory_limit = memory_limit;
    world.options.threads = threads;
    let mut profiles = Vec::new();
    for (file, extra) in [("a", ""), ("b", "cost_cents = { from = \"unit\", unit = \"cent\" }")] {
        let mut text = "id;day;unit\n".to_owned();
        for n in 0..20_000 {
            writeln!(text, "c{};2014-0{}-1{};{}", n % 700, n % 9 + 1, n % 7, n % 13).unwrap();
        }
        world.write(&format!("{file}.csv"), text);
        let profile = format!(
            "[source]\nname = \"{file}\"\nextracted_on = \"2014-12-31\"\npseudonym = \"all\"\n[[file]]\ntable = \"contacts\"\npath = \"{file}.csv\"\n\
             [file.columns]\nclient = {{ from = \"id\" }}\nservice = {{ from = \"unit\" }}\n\
             start_date = {{ from = \"day\" }}\n{extra}\n"
        );
        profiles.push(world.write(&format!("{file}.toml"), profile));
    }
    let report = ingest(&world.store, &world.key, &profiles, &world.options, &|_| {}).unwrap();
    assert_eq!(report.rows_accepted, 40_000);
    (world.snapshot().id().to_owned(), world.rows("contacts", &["client_id", "start_date", "service", "cost_cents"]))
}

#[test]
fn rows_that_went_by_way_of_the_disk_are_the_same_rows() {
    let (held, rows) = spilled(1 << 30, 2);
    assert_eq!(rows.iter().filter(|row| row.ends_with(" -")).count(), 20_000, "one file has no costs");
    for (limit, threads) in [(0, 1), (0, 3), (3 << 20, 2)] {
        let (id, found) = spilled(limit, threads);
        assert_eq!(found, rows);
        assert_eq!(id, held);
    }
}

#[test]
fn more_refused_rows_than_can_be_remembered_end_the_ingest() {
    let mut world = World::new();
    world.options.memory_limit = 1 << 20;
    let text = |bad: usize| format!("id;day;unit\na;2014-01-01;u\n{}", "a;no day;u\n".repeat(bad));
    let profile = simple("utf-8").replace("[[file]]", "bad_rows_max_percent = 100\n[[file]]");
    world.write("a.csv", text(200_000));
    let error = world.refuse(&profile);
    assert!(error.contains("rule memory") && error.contains("raise --memory-limit"), "{error}");
    world.options.memory_limit = 1 << 30;
    assert_eq!(world.ingest(&profile).rows_quarantined, 200_000);
}

#[test]
fn a_side_table_that_does_not_fit_is_refused_with_the_limit_that_it_needs() {
    let mut world = World::new();
    world.options.memory_limit = 1 << 20;
    world.write("a.csv", "id;day;unit\n7;2014-01-01;u\n");
    let mut side = "k;v\n".to_owned();
    for n in 0..300_000 {
        writeln!(side, "{n};v{}", n % 10).unwrap();
    }
    world.write("side.csv", side);
    let column = "reason = { lookup = { file = \"side.csv\", key = \"k\", from = \"id\", value = \"v\" } }";
    let profile = format!("{}\n{column}\n", simple("utf-8").trim_end());
    let error = world.refuse(&profile);
    assert!(error.contains("rule memory") && error.contains("raise --memory-limit to at least"), "{error}");
    world.options.memory_limit = 1 << 30;
    world.ingest(&profile);
    assert_eq!(world.rows("contacts", &["reason"]), ["v7"]);
}
