//! The program killed by SIGKILL as it enters a system call that changes the disk: whatever the call, the store is the
//! one before or the one after, and the next ingest gives what an undisturbed one gives.
//!
//! `strace` counts the calls and kills; without it these tests say so and end. The normal run tries some calls, chosen
//! by a fixed seed. All of them, with the count: `cargo test -p virta-tests -- --ignored every_system_call --nocapture`.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};

use virta_tests::needs;

use super::clinic::{self, INGEST};
use super::runner::{Bench, binary};

/// The calls by which a process changes the disk, and those by which it opens what it reads or writes. Those with a
/// question mark are unknown on some machines.
const CALLS: &[&str] = &[
    "openat",
    "write",
    "?pwrite64",
    "?writev",
    "ftruncate",
    "fsync",
    "fdatasync",
    "?rename",
    "?renameat",
    "?renameat2",
    "?mkdir",
    "mkdirat",
    "?unlink",
    "unlinkat",
    "?rmdir",
    "flock",
    "close",
];

/// Runs the ingest under `strace` with these options. `None` without a usable `strace`.
fn traced(bench: &Bench, options: &[&str]) -> Option<Output> {
    if !needs::works("strace", "strace", &["-qq", "-o", "/dev/null", "true"]) {
        return None;
    }
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(binary()).args(INGEST).current_dir(bench.folder.path());
    Some(command.stdin(Stdio::null()).output().unwrap())
}

/// How often a thread makes each call, the thread that makes it most. `strace` counts by thread too.
fn calls(bench: &Bench) -> Option<BTreeMap<String, u32>> {
    let log = bench.path("calls.txt");
    let trace = format!("trace={}", CALLS.join(","));
    let output = traced(bench, &["-o", &log.to_string_lossy(), "-e", &trace])?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut by_thread: BTreeMap<(String, String), u32> = BTreeMap::new();
    for line in std::fs::read_to_string(log).unwrap().lines() {
        let (thread, rest) = line.split_once(' ').unwrap();
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        if call.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            *by_thread.entry((call.to_owned(), thread.to_owned())).or_default() += 1;
        }
    }
    let mut most: BTreeMap<String, u32> = BTreeMap::new();
    for ((call, _), count) in by_thread {
        let entry = most.entry(call).or_default();
        *entry = count.max(*entry);
    }
    Some(most)
}

struct Story {
    before: Bench,
    /// Ids of the snapshots before and after.
    ids: [String; 2],
    calls: Vec<(String, u32)>,
}

impl Story {
    fn new(buckets: u32) -> Option<Story> {
        let before = clinic::bench_of(buckets);
        let clean = before.copy();
        clean.virta(INGEST).ends_with(0);
        let ids = [id(&before), id(&clean)];
        assert_ne!(ids[0], ids[1]);
        let calls = calls(&before.copy())?;
        let calls = calls.into_iter().flat_map(|(call, count)| (1..=count).map(move |n| (call.clone(), n))).collect();
        Some(Story { before, ids, calls })
    }

    /// Kills the n-th of a call. Whether anything was killed: which thread makes a call may differ between runs.
    fn kill(&self, call: &str, n: u32) -> bool {
        let told = format!("killed at {call} number {n}");
        let bench = self.before.copy();
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:signal=KILL:when={n}");
        let output = traced(&bench, &["-o", "/dev/null", "-e", &trace, "-e", &inject]).unwrap();
        let is_killed = output.status.signal() == Some(9);
        assert!(is_killed || output.status.success(), "{told}: {}", String::from_utf8_lossy(&output.stderr));
        self.is_mended(&bench, &told);
        is_killed
    }

    fn is_mended(&self, bench: &Bench, told: &str) {
        assert!(self.ids.contains(&id(bench)), "{told}: neither the snapshot before nor the one after");
        let run = bench.virta(["verify", "s"]);
        assert_eq!(run.code, 0, "{told}: {}{}", run.out, run.err);
        let run = bench.virta(INGEST);
        assert_eq!(run.code, 0, "{told}: {}", run.err);
        assert_eq!(id(bench), self.ids[1], "{told}: running again gives something else");
        let left: Vec<_> = bench.store_bytes().into_keys().filter(|path| path.starts_with("tmp")).collect();
        assert!(left.is_empty(), "{told}: left in tmp: {left:?}");
    }
}

fn id(bench: &Bench) -> String {
    bench.store().current().unwrap().id().to_owned()
}

#[test]
fn a_kill_at_some_system_calls_leaves_the_snapshot_before_or_after() {
    let Some(story) = Story::new(2) else { return };
    // Most calls open and close libraries and tables; the others are as many tries.
    let is_common = |call: &str| ["openat", "close"].contains(&call);
    let (common, rare): (Vec<_>, Vec<_>) = story.calls.iter().partition(|(call, _)| is_common(call));
    let mut dice: u64 = 20_140_101;
    let mut killed = 0;
    for at in 0..24 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let list = if at % 4 == 0 { &common } else { &rare };
        let (call, n) = list[(dice >> 33) as usize % list.len()];
        killed += usize::from(story.kill(call, *n));
    }
    assert!(killed >= 12, "{killed} of 24");
}

#[test]
#[ignore = "minutes: every one of some thousand system calls"]
fn a_kill_at_every_system_call_leaves_the_snapshot_before_or_after() {
    let mut total = 0;
    for buckets in [2, 64] {
        let Some(story) = Story::new(buckets) else { return };
        let mut killed: BTreeMap<&str, usize> = BTreeMap::new();
        for (call, n) in &story.calls {
            *killed.entry(call).or_default() += usize::from(story.kill(call, *n));
        }
        println!("{buckets} buckets: {} calls, killed at {killed:?}", story.calls.len());
        total += killed.values().sum::<usize>();
    }
    println!("{total} kills");
    assert!(total >= 1000);
}

#[test]
fn a_failed_sync_or_rename_is_told_and_the_next_try_succeeds() {
    let Some(story) = Story::new(2) else { return };
    let mut failed = 0;
    for (call, n) in story.calls.iter().filter(|(call, n)| ["fsync", "rename"].contains(&call.as_str()) && n % 3 == 1) {
        let told = format!("an I/O error at {call} number {n}");
        let bench = story.before.copy();
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:error=EIO:when={n}");
        let output = traced(&bench, &["-o", "/dev/null", "-e", &trace, "-e", &inject]).unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() || output.status.code() == Some(1), "{told}: {err}");
        if !output.status.success() {
            failed += 1;
            assert!(err.contains("error: ") && err.contains("os error 5"), "{told}: {err}");
            let left: Vec<_> = bench.store_bytes().into_keys().filter(|path| path.starts_with("tmp")).collect();
            assert!(left.is_empty(), "{told}: left in tmp: {left:?}");
        }
        story.is_mended(&bench, &told);
    }
    assert!(failed >= 3, "{failed}");
}
