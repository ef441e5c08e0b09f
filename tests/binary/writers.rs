//! Two writers, a writer that died, and readers beside a writer.

use std::time::Duration;

use super::clinic::{self, INGEST};

#[test]
fn a_second_writer_is_told_who_holds_the_lock_and_changes_nothing() {
    let bench = clinic::bench();
    let store = bench.store();
    let first = store.begin().unwrap();
    let before = bench.store_bytes();
    let holder = format!("process {}", std::process::id());
    bench.virta(INGEST).ends_with(1).says(&["error: ", &holder]);
    bench.virta(["expire", "s", "--keep", "1"]).ends_with(1).says(&[&holder]);
    assert!(before == bench.store_bytes());
    // Whoever reads does not wait.
    bench.virta(["verify", "s"]).ends_with(0);
    bench.virta(["deliveries", "s"]).ends_with(0);
    drop(first);
    bench.virta(INGEST).ends_with(0);
}

#[test]
fn the_lock_of_a_writer_that_died_is_free() {
    let bench = clinic::bench();
    bench.write("visits_20140201.csv", clinic::visits(0..200_000, 2));
    let mut child = bench.command(INGEST).spawn().unwrap();
    // It is inside once it has made its folder.
    let inside = (0..2000).any(|_| {
        std::thread::sleep(Duration::from_millis(1));
        bench.path("s/tmp/commit").exists()
    });
    assert!(inside, "the ingest has not begun");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(bench.path("s/tmp/commit").exists() && bench.path("s/lock").exists());
    bench.virta(INGEST).ends_with(0);
    bench.virta(["verify", "s"]).ends_with(0);
    assert!(!bench.path("s/tmp/commit").exists());
}
