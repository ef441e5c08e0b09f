//! Exit codes and the manners of the command line.

use super::runner::Bench;

#[test]
fn wrong_usage_ends_with_2() {
    let bench = Bench::new();
    for args in [
        vec!["unknown"],
        vec!["ingest"],
        vec!["ingest", "s"],
        vec!["study", "s"],
        vec!["release", "s"],
        vec!["release", "s", "heavy-users"],
        vec!["release", "s", "heavy-users", "-o", "d", "--list"],
        vec!["compare", "one", "-o", "c.html"],
        vec!["compare", "one", "two"],
        vec!["compare", "one", "two", "-o", "c.pdf"],
        vec!["expire", "s", "--keep", "0"],
        vec!["expire", "s"],
        vec!["verify", "s", "--threads", "0"],
        vec!["verify", "s", "--memory-limit", "many"],
        vec!["synth", "d", "--clients", "10", "--years", "2014..2012"],
    ] {
        let run = bench.virta(&args).ends_with(2);
        assert!(!run.err.is_empty(), "{args:?}");
        assert_eq!(run.out, "", "{args:?}");
    }
}

#[test]
fn help_and_version_end_with_0_and_every_command_has_an_example() {
    let bench = Bench::empty();
    bench.virta(["--version"]).ends_with(0);
    bench.virta(["--help"]).ends_with(0);
    for command in [
        "demo",
        "synth",
        "init",
        "ingest",
        "deliveries",
        "snapshots",
        "study",
        "sql",
        "report",
        "release",
        "compare",
        "verify",
        "expire",
        "dictionary",
        "paths",
        "doctor",
    ] {
        let run = bench.virta([command, "--help"]).ends_with(0);
        assert!(run.out.contains("Example"), "{command} --help has no example");
    }
    for command in ["new", "check"] {
        assert!(bench.virta(["profile", command, "--help"]).ends_with(0).out.contains("Example"));
    }
}

#[test]
fn the_key_is_made_beside_the_store_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::empty();
    bench.virta(["init", "region"]).ends_with(0);
    let mode = std::fs::metadata(bench.path("region.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let key = std::fs::read(bench.path("region.key")).unwrap();
    for (path, bytes) in super::runner::bytes_under(&bench.path("region")) {
        let has_key = bytes.windows(key.trim_ascii().len()).any(|window| window == key.trim_ascii());
        assert!(!has_key, "the key is in {}", path.display());
    }
}

#[test]
fn a_key_that_lies_elsewhere_is_found_by_the_commands_that_follow() {
    let bench = Bench::new();
    std::fs::rename(bench.path("s.key"), bench.path("project.key")).unwrap();
    bench.virta(["init", "t", "--key", "project.key"]).ends_with(0);
    assert_eq!(std::fs::canonicalize(bench.path("t.key")).unwrap(), bench.path("project.key").canonicalize().unwrap());
    let profile = super::runner::checkout().join("fixtures/small/hoito.toml").display().to_string();
    bench.virta(["ingest", "t", &profile]).ends_with(0);
}

#[test]
fn an_empty_store_can_be_asked_everything() {
    let bench = Bench::new();
    bench.write(
        "study.toml",
        "[study]\nname = \"e\"\nperiod = \"2013\"\n[[cohort]]\nname = \"c\"\n[flow]\n[concentration]\n",
    );
    for args in [
        vec!["study", "s", "study.toml"],
        vec!["deliveries", "s"],
        vec!["snapshots", "s"],
        vec!["paths", "s"],
        vec!["verify", "s"],
        vec!["release", "s", "--list"],
        vec!["release", "s", "e", "-o", "out"],
        vec!["expire", "s", "--keep", "1"],
        vec!["dictionary", "s"],
        vec!["doctor", "s"],
    ] {
        let run = bench.virta(&args).ends_with(0);
        assert_eq!(run.err, "", "{args:?} is silent on standard error when piped");
    }
}
