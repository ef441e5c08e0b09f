//! What goes wrong on the way leaves the store as it was.

use std::sync::atomic::Ordering;

use virta_ingest::{Error, Options, ingest};

use crate::columns::simple;
use crate::world::World;

#[test]
fn an_interruption_changes_nothing() {
    let world = World::new();
    world.write("a.csv", "id;day;unit\na;2014-01-01;u\n");
    world.options.cancel.store(true, Ordering::Relaxed);
    assert!(matches!(world.try_ingest(&simple("utf-8")), Err(Error::Interrupted)));
    assert_eq!(world.snapshot().rows("contacts"), 0);
    assert!(std::fs::read_dir(world.path("store/tmp")).unwrap().next().is_none(), "no temporary file stays");
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let mut world = World::new();
    world.write("a.csv", "id;day;unit\na;2014-01-01;u\n");
    let before = world.snapshot().id().to_owned();
    world.options = Options { dry_run: true, ..world.options };
    let report = world.ingest(&simple("utf-8"));
    assert_eq!((report.rows_accepted, report.changed, report.snapshot.as_str()), (1, false, before.as_str()));
    assert_eq!(world.snapshot().id(), before);
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory_and_the_rest_is_read() {
    let world = World::new();
    let mut text = b"id;day;unit\na;2014-01-01;".to_vec();
    text.resize(text.len() + (8 << 20), b'x');
    text.extend_from_slice(b"\n");
    for n in 0..100 {
        text.extend(format!("b{n};2014-01-01;u\n").bytes());
    }
    world.write("a.csv", &text);
    let report = world.ingest(&simple("utf-8"));
    assert_eq!((report.rows_read, report.rows_accepted), (101, 100));
    assert_eq!(world.rows("quarantine", &["line", "rule"]), ["2 too_long"]);
}

#[test]
fn errors_in_a_profile_name_line_and_column() {
    let world = World::new();
    let error = world.refuse(&simple("utf-8").replace("path =", "misspelt = 1\npath ="));
    assert!(error.contains("profile.toml:8:9: unknown field `misspelt`"), "{error}");
    let error = world.refuse(&simple("utf-8"));
    assert!(error.contains("no file fits a.csv"), "{error}");
    let missing = world.path("none.toml");
    let result = ingest(&world.store, &world.key, &[missing], &world.options, &|_| {});
    assert!(result.unwrap_err().to_string().contains("does not exist"));
}
