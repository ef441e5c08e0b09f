//! The same deliveries in any order, over one command or many, on any number of threads: the same bytes.

use super::runner::{Bench, bytes_under, checkout};

/// The synthetic region of these tests, written once.
fn region() -> std::path::PathBuf {
    static REGION: std::sync::OnceLock<(tempfile::TempDir, std::path::PathBuf)> = std::sync::OnceLock::new();
    let (_, path) = REGION.get_or_init(|| {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("region");
        let bench = Bench::empty();
        let to = path.display().to_string();
        bench.virta(["synth", &to, "--clients", "1500", "--years", "2012..2014", "--dirt", "0.02"]).ends_with(0);
        (folder, path)
    });
    path.clone()
}

fn profiles() -> Vec<String> {
    let mut profiles: Vec<String> = bytes_under(&region())
        .into_keys()
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter(|path| !path.starts_with("truth"))
        .filter(|path| std::fs::read_to_string(region().join(path)).unwrap().contains("[source]"))
        .map(|path| region().join(path).display().to_string())
        .collect();
    profiles.sort();
    profiles
}

const STUDY: &str = "
[study]
name = \"order\"
periods = [\"2012\", \"2013\", \"2014\"]
[[cohort]]
name = \"four\"
age = { min = 18, max = 64 }
[[cohort]]
name = \"heavy\"
min_services = 2
heavy = { min_contacts = 3, percentile = 50 }
[flow]
[concentration]
[persistence]
[emergency]
[monthly_states]
[top_users]
[sweep]
";

/// Ingests groups of profiles one after another and runs the study; gives the snapshot's id and every row file.
fn outcome(groups: &[Vec<String>], threads: &str) -> (String, Vec<(std::path::PathBuf, Vec<u8>)>) {
    let bench = Bench::new();
    bench.write("study.toml", STUDY);
    for group in groups {
        let mut args = vec!["ingest".to_owned(), "s".to_owned(), "--threads".to_owned(), threads.to_owned()];
        args.extend(group.iter().cloned());
        bench.virta(&args).ends_with(0);
    }
    bench.virta(["expire", "s", "--keep", "1"]).ends_with(0);
    bench.virta(["study", "s", "study.toml", "--threads", threads]).ends_with(0);
    bench.virta(["verify", "s"]).ends_with(0);
    (bench.store().current().unwrap().id().to_owned(), bench.row_bytes().into_iter().collect())
}

#[test]
fn order_commands_and_threads_change_no_byte() {
    let profiles = profiles();
    assert!(profiles.len() >= 3, "{profiles:?}");
    let reversed: Vec<String> = profiles.iter().rev().cloned().collect();
    let one_by_one: Vec<Vec<String>> = reversed.iter().map(|profile| vec![profile.clone()]).collect();
    let expected = outcome(std::slice::from_ref(&profiles), "1");
    for (groups, threads) in [(vec![profiles.clone()], "8"), (vec![reversed], "1"), (one_by_one, "3")] {
        let found = outcome(&groups, threads);
        assert_eq!(expected.0, found.0, "snapshot, {groups:?} on {threads} threads");
        let names =
            |files: &[(std::path::PathBuf, Vec<u8>)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
        assert_eq!(names(&expected.1), names(&found.1), "{groups:?} on {threads} threads");
        assert!(expected == found, "{groups:?} on {threads} threads");
    }
}

#[test]
fn a_delivery_seen_before_changes_nothing() {
    let bench = Bench::new();
    let profiles = profiles();
    let mut args = vec!["ingest".to_owned(), "s".to_owned()];
    args.extend(profiles);
    bench.virta(&args).ends_with(0);
    let before = bench.store_bytes();
    bench.virta(&args).ends_with(0);
    assert!(before == bench.store_bytes());
}

#[test]
fn extracts_in_parts_and_corrections_in_any_order_end_in_the_same_rows() {
    // Two files of hoito: the second has corrections, repetitions and cancellations of the first. Each comes alone,
    // in both orders.
    let small = checkout().join("fixtures/small");
    let profile = std::fs::read_to_string(small.join("hoito.toml")).unwrap();
    let outcomes: Vec<_> = [["hoito_20130715.csv", "hoito_20140115.csv"], ["hoito_20140115.csv", "hoito_20130715.csv"]]
        .into_iter()
        .map(|files| {
            let bench = Bench::new();
            for file in files {
                let folder = file.trim_end_matches(".csv");
                bench.write(&format!("{folder}/hoito.toml"), &profile);
                bench.write(&format!("{folder}/{file}"), std::fs::read(small.join(file)).unwrap());
                for (path, bytes) in bytes_under(&small.join("codes")) {
                    bench.write(&format!("{folder}/codes/{}", path.display()), bytes);
                }
                bench.virta(["ingest", "s", &format!("{folder}/hoito.toml")]).ends_with(0);
            }
            bench.virta(["expire", "s", "--keep", "1"]).ends_with(0);
            (bench.store().current().unwrap().id().to_owned(), bench.row_bytes())
        })
        .collect();
    assert!(outcomes[0] == outcomes[1]);
}

#[test]
fn the_same_seed_writes_the_same_region() {
    let bench = Bench::empty();
    bench.virta(["synth", "again", "--clients", "1500", "--years", "2012..2014", "--dirt", "0.02"]).ends_with(0);
    assert!(bytes_under(&region()) == bytes_under(&bench.path("again")));
    bench.virta(["synth", "other", "--clients", "50", "--years", "2012..2014", "--seed", "2"]).ends_with(0);
    assert!(bytes_under(&region()) != bytes_under(&bench.path("other")));
}
