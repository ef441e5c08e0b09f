//! Ctrl-C and kill at any time: the snapshot before or the one after, and nothing half-visible.

use std::process::Child;
use std::time::Duration;

use super::runner::Bench;

/// A store, and a delivery that takes a while.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write(
        "big.toml",
        "[source]\nname = \"big\"\npseudonym = \"r\"\nextracted_on = \"2014-01-20\"\nencoding = \"utf-8\"\n\
         delimiter = \";\"\ndecimal = \",\"\nnull = [\"\"]\n[[file]]\ntable = \"contacts\"\npath = \"big.csv\"\n[file.columns]\n\
         client = { from = \"C\" }\nservice = { from = \"S\" }\nstart_date = { from = \"D\", format = \"iso\" }\n",
    );
    let mut text = "C;S;D\n".to_owned();
    for at in 0..600_000u32 {
        // Spread so that every bucket has much to do.
        let client = at.wrapping_mul(2_654_435_761) % 50_000;
        text += &format!("K{client};s{};2013-{:02}-{:02}\n", at % 13, at % 12 + 1, at % 28 + 1);
    }
    bench.write("big.csv", text);
    bench
}

fn signal(child: &Child, name: &str) {
    let status = std::process::Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_ends_with_130_and_changes_nothing() {
    // On a busy machine all tries may come before its beginning or after its end.
    assert!((0..20).any(|_| is_interrupted_at_work()), "nothing was interrupted");
}

/// Whether some try came while the program worked.
fn is_interrupted_at_work() -> bool {
    let bench = bench();
    let before = bench.store_bytes();
    let mut interrupted = 0;
    for wait in [20, 40, 60, 80, 100, 120, 160, 200, 240, 300, 400] {
        let child = bench.command(["ingest", "s", "big.toml"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        signal(&child, "-INT");
        let output = child.wait_with_output().unwrap();
        match output.status.code() {
            Some(130) => {
                interrupted += 1;
                assert!(bench.store_bytes() == before, "something is left after {wait} ms");
            }
            // It was quicker than we: the interrupt came too late, or never.
            Some(0) => break,
            // It had not even begun and ended as any program does.
            None => assert!(bench.store_bytes() == before, "something is left after {wait} ms"),
            code => panic!("exit {code:?} after {wait} ms: {}", String::from_utf8_lossy(&output.stderr)),
        }
    }
    bench.virta(["verify", "s"]).ends_with(0);
    interrupted > 0
}

#[test]
fn ctrl_c_after_the_commit_is_too_late_and_the_answer_comes() {
    for json in [false, true] {
        // Little is left to do once the snapshot is there, so that a try may come when all is done.
        assert!((0..20).any(|_| is_interrupted_after_the_commit(json)), "nothing was interrupted");
    }
}

/// Whether the program still ran when it was interrupted.
fn is_interrupted_after_the_commit(json: bool) -> bool {
    let bench = bench();
    let before = bench.store().current().unwrap().id().to_owned();
    let args = ["ingest", "s", "big.toml"].into_iter().chain(json.then_some("--json"));
    let mut child = bench.command(args).spawn().unwrap();
    loop {
        let has_ended = child.try_wait().unwrap().is_some();
        if bench.store().current().unwrap().id() != before {
            break;
        }
        assert!(!has_ended, "it ended without a snapshot");
    }
    // Nobody waits for it before it is signalled, so that its number stays its own.
    let still_runs = child.try_wait().unwrap().is_none();
    if still_runs {
        signal(&child, "-INT");
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found = bench.store().current().unwrap().id().to_owned();
    assert!(String::from_utf8_lossy(&output.stdout).contains(&found[..8]), "it does not say what it committed");
    bench.virta(["verify", "s"]).ends_with(0);
    still_runs
}

#[test]
fn a_kill_at_any_time_leaves_the_snapshot_before_or_the_one_after() {
    let bench = bench();
    let before = bench.store().current().unwrap().id().to_owned();
    let clean = {
        let other = self::bench();
        other.virta(["ingest", "s", "big.toml"]).ends_with(0);
        other.store().current().unwrap().id().to_owned()
    };
    for wait in [10, 50, 100, 200, 300, 450, 600, 800] {
        let mut child = bench.command(["ingest", "s", "big.toml"]).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(wait));
        signal(&child, "-KILL");
        child.wait().unwrap();
        let found = bench.store().current().unwrap().id().to_owned();
        assert!(found == before || found == clean, "another snapshot after {wait} ms");
        bench.virta(["verify", "s"]).ends_with(0);
    }
    bench.virta(["ingest", "s", "big.toml"]).ends_with(0);
    assert_eq!(bench.store().current().unwrap().id(), clean);
    bench.virta(["verify", "s"]).ends_with(0);
    let left: Vec<_> = bench.store_bytes().into_keys().filter(|path| path.starts_with("tmp")).collect();
    assert!(left.is_empty(), "left in tmp: {left:?}");
}
