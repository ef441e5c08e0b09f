//! A disk that is full or read-only. It is made with a user namespace of its own; where that cannot be had, these tests
//! say so and end.

use std::process::Command;

use virta_tests::needs;

use super::clinic::{self, INGEST};
use super::runner::{Bench, Run, binary};

/// Runs a shell script that may mount.
fn in_namespace(bench: &Bench, script: &str) -> Option<Run> {
    let mounts = "mkdir m && mount -t tmpfs none m";
    let folder = tempfile::tempdir().unwrap();
    let mounts = format!("cd '{}' && {mounts}", folder.path().display());
    if !needs::works("a user namespace with mounts", "unshare", &["-rm", "sh", "-ec", &mounts]) {
        return None;
    }
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script]).current_dir(bench.folder.path()).env("VIRTA", binary());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Some(Run { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) })
}

#[test]
fn a_full_disk_is_told_and_nothing_changes_until_there_is_room() {
    let before = clinic::bench();
    // Enough that writing it takes room: a file a day.
    before.write("visits_20140201.csv", clinic::visits(0..30_000, 2));
    let id = |bench: &Bench| bench.store().current().unwrap().id().to_owned();
    let clean = before.copy();
    clean.virta(INGEST).ends_with(0);

    let (mut full, mut room) = (0, false);
    let store_kib: u64 = before.store_bytes().values().map(|bytes| bytes.len() as u64 / 1024 + 4).sum::<u64>() + 64;
    for more_kib in (0..).map(|step| step * 192) {
        let bench = before.copy();
        let script = format!(
            "cp -a s before && mount -t tmpfs -o size={}k none s && cp -a before/. s/ || exit 99
             \"$VIRTA\" {}; code=$?
             cp -a s/. after/ && exit $code",
            store_kib + more_kib,
            INGEST.join(" ")
        );
        std::fs::create_dir(bench.path("after")).unwrap();
        let Some(run) = in_namespace(&bench, &script) else { return };
        // What the mount held is the store now.
        std::fs::remove_dir_all(bench.path("s")).unwrap();
        std::fs::rename(bench.path("after"), bench.path("s")).unwrap();
        let left: Vec<_> = bench.store_bytes().into_keys().filter(|path| path.starts_with("tmp")).collect();
        assert!(left.is_empty(), "{more_kib} KiB: left in tmp: {left:?}");
        bench.virta(["verify", "s"]).ends_with(0);
        if run.code == 0 {
            assert_eq!(id(&bench), id(&clean));
            room = true;
            break;
        }
        full += 1;
        run.ends_with(1).says(&["error: ", "No space left"]);
        assert_eq!(id(&bench), id(&before), "{more_kib} KiB");
        bench.virta(INGEST).ends_with(0);
        assert_eq!(id(&bench), id(&clean), "{more_kib} KiB: the next try");
    }
    assert!(full >= 3 && room, "{full}");
}

#[test]
fn a_store_that_finds_no_room_when_it_is_made_is_made_at_the_next_try() {
    // From no byte of room, so that the key is in the way, to room enough.
    let script = "
        mkdir t && mount -t tmpfs -o size=128k none t || exit 99
        for room in 0 4 8 12 16 20 24 28 32 64; do
            dd if=/dev/zero of=t/fill bs=1k count=256 2>/dev/null
            truncate -s -${room}k t/fill
            if \"$VIRTA\" init t/s >/dev/null 2>>said; then
                echo made
            else
                rm t/fill
                \"$VIRTA\" init t/s >/dev/null || exit 98
                echo again
            fi
            rm -rf t/s t/s.key t/fill
        done";
    let bench = Bench::empty();
    let Some(run) = in_namespace(&bench, script) else { return };
    let run = run.ends_with(0);
    assert!(run.out.starts_with("again\n") && run.out.ends_with("made\n"), "{}", run.out);
    assert!(std::fs::read_to_string(bench.path("said")).unwrap().contains("No space left"));
}

#[test]
fn a_store_on_a_read_only_disk_is_refused_for_writing_and_can_be_read() {
    let bench = clinic::bench();
    let before = bench.store_bytes();
    let read_only = "mount --bind s s && mount -o remount,ro,bind s || exit 99";
    let Some(run) = in_namespace(&bench, &format!("{read_only}\n\"$VIRTA\" {}", INGEST.join(" "))) else { return };
    run.ends_with(1).says(&["error: ", "Read-only file system"]);
    for command in ["verify s", "deliveries s", "snapshots s", "sql s -c 'select count(*) from contacts'"] {
        in_namespace(&bench, &format!("{read_only}\n\"$VIRTA\" {command}")).unwrap().ends_with(0);
    }
    assert!(before == bench.store_bytes());
}

#[test]
fn a_limit_on_the_size_of_files_stops_an_ingest_without_a_trace() {
    let bench = clinic::bench();
    bench.write("visits_20140201.csv", clinic::visits(0..30_000, 2));
    let before = bench.store().current().unwrap().id().to_owned();
    // The system ends a process that writes past its limit, as a kill would.
    let script = format!("ulimit -f 64; \"$VIRTA\" {}", INGEST.join(" "));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(bench.folder.path()).env("VIRTA", binary());
    let output = command.output().unwrap();
    assert!(!output.status.success(), "the limit was not reached");
    assert_eq!(bench.store().current().unwrap().id(), before);
    bench.virta(["verify", "s"]).ends_with(0);
    bench.virta(INGEST).ends_with(0);
    assert_ne!(bench.store().current().unwrap().id(), before);
    assert!(!bench.store_bytes().keys().any(|path| path.starts_with("tmp")), "left in tmp");
}
