//! What must be refused: a clear error with its place, exit code 1, and nothing changed.

use super::runner::{Bench, Run};

const PROFILE: &str = r#"[source]
name = "clinic"
pseudonym = "region"
extracted_on = "2014-01-20"
encoding = "utf-8"
delimiter = ";"
decimal = ","
null = [""]
bad_rows_max_percent = 5

[[file]]
table = "contacts"
path = "visits.csv"
[file.columns]
client = { from = "CLIENT" }
service = { from = "SERVICE" }
start_date = { from = "START", format = "iso" }
cost_cents = { from = "COST", unit = "euro" }
"#;

const STUDY: &str = "[study]\nname = \"s\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"c\"\n";

/// A store with a first delivery in it, and a second one that waits beside its profile.
fn bench(visits: impl AsRef<[u8]>) -> Bench {
    let bench = Bench::new();
    bench.write("clinic.toml", PROFILE);
    bench.write("visits.csv", visits_of(40, |at| format!("K{at}")));
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    bench.write("visits.csv", visits);
    bench
}

fn visits_of(rows: usize, client: impl Fn(usize) -> String) -> String {
    let mut text = "CLIENT;SERVICE;START;COST\n".to_owned();
    for at in 0..rows {
        text += &format!("{};doctor;2013-05-{:02};{},50\n", client(at), at % 28 + 1, at);
    }
    text
}

/// Runs a command that must be refused and must leave every byte of the store as it was.
#[track_caller]
fn refused(bench: &Bench, args: &[&str], says: &[&str]) -> Run {
    let before = bench.store_bytes();
    let run = bench.virta(args).ends_with(1).says(says);
    let after = bench.store_bytes();
    let names = |files: &std::collections::BTreeMap<_, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after), "files of the store");
    assert!(before == after, "bytes of the store changed");
    assert_eq!(run.out, "", "a refusal writes nothing to standard output");
    run
}

/// An identity code of the test range that passes every check.
fn identity_code(at: usize) -> String {
    let number = format!("{:02}{:02}80{:03}", at % 28 + 1, at / 28 % 12 + 1, 900 + at % 99);
    let check = "0123456789ABCDEFHJKLMNPRSTUVWXY".as_bytes()[number.parse::<usize>().unwrap() % 31] as char;
    format!("{}-{}{check}", &number[..6], &number[6..])
}

#[test]
fn a_column_of_identity_codes_is_refused_and_appears_nowhere() {
    let bench = bench(visits_of(100, identity_code));
    let run = refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "CLIENT"]);
    for at in 0..100 {
        let code = identity_code(at);
        assert!(!run.err.contains(&code), "an identity code in an error");
        assert!(!bench.store_bytes().values().any(|bytes| contains(bytes, code.as_bytes())), "one in the store");
    }
}

#[test]
fn an_identity_code_in_another_column_is_found_too() {
    let text = visits_of(100, |at| format!("K{at}"));
    let rows: Vec<String> =
        text.lines().enumerate().map(|(at, line)| line.replace("doctor", &identity_code(at))).collect();
    let bench = bench(rows.join("\n"));
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "SERVICE"]);
}

#[test]
fn a_missing_column_is_named_with_the_file() {
    let bench = bench("CLIENT;SERVIS;START;COST\nK1;doctor;2013-05-05;1\n");
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "SERVICE", "fix"]);
}

#[test]
fn a_header_with_a_column_twice_is_refused() {
    let bench = bench("CLIENT;SERVICE;START;COST;COST\nK1;doctor;2013-05-05;1;2\n");
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "COST"]);
}

#[test]
fn a_file_of_another_encoding_is_refused_with_its_line() {
    let visits = visits_of(40, |at| format!("K{at}")).replace("doctor", "l\u{e4}\u{e4}k\u{e4}ri");
    let latin: Vec<u8> = visits.chars().map(|c| c as u8).collect();
    let bench = bench(latin);
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "line 2", "encoding"]);
}

#[test]
fn a_header_of_another_encoding_is_refused() {
    let bench = bench(b"CLIENT;SERVICE;START;COST;L\xe4\xe4k\nK1;doctor;2013-05-05;1;x\n");
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "1", "encoding"]);
}

#[test]
fn a_row_of_another_encoding_is_quarantined_alone() {
    let mut visits = visits_of(40, |at| format!("K{at}")).into_bytes();
    visits.extend(b"K99;l\xe4\xe4k\xe4ri;2013-05-05;1\n");
    let bench = bench(visits);
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    let rules: Vec<String> =
        bench.rows(&virta_model::schema::QUARANTINE).iter().map(|row| row[3].to_string()).collect();
    assert_eq!(rules, ["encoding"]);
}

#[test]
fn an_unknown_key_of_a_profile_is_refused_at_its_place() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    bench.write("clinic.toml", PROFILE.replace("decimal = \",\"", "decimal = \",\"\ndecimals = 2"));
    refused(&bench, &["ingest", "s", "clinic.toml"], &["decimals"]).says_place("clinic.toml", 8, 1);
}

#[test]
fn an_unknown_key_of_a_study_is_refused_at_its_place() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    bench.write("study.toml", format!("{STUDY}min_servces = 3\n"));
    refused(&bench, &["study", "s", "study.toml"], &["min_servces"]).says_place("study.toml", 6, 1);
}

#[test]
fn a_missing_key_file_is_refused() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    std::fs::remove_file(bench.path("s.key")).unwrap();
    refused(&bench, &["ingest", "s", "clinic.toml"], &["s.key"]);
    assert!(!bench.path("s.key").exists(), "no other key is made in its place");
}

#[test]
fn another_projects_key_is_refused() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    bench.write("other.key", format!("{}\n", "ab".repeat(32)));
    refused(&bench, &["ingest", "s", "clinic.toml", "--key", "other.key"], &["key"]);
}

#[test]
fn a_file_with_too_many_bad_rows_is_refused_whole() {
    // 3 of 40 rows are 7.5 %, more than the profile's 5.
    let visits = visits_of(40, |at| if at < 3 { String::new() } else { format!("L{at}") });
    let bench = bench(visits);
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv", "5"]);
}

#[test]
fn a_file_with_as_many_bad_rows_as_allowed_is_taken() {
    // 2 of 40 rows are exactly 5 %.
    let visits = visits_of(40, |at| if at < 2 { String::new() } else { format!("L{at}") });
    let bench = bench(visits);
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
}

#[test]
fn a_file_that_matches_nothing_a_missing_profile_and_a_missing_store_are_refused() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    std::fs::remove_file(bench.path("visits.csv")).unwrap();
    refused(&bench, &["ingest", "s", "clinic.toml"], &["visits.csv"]);
    refused(&bench, &["ingest", "s", "nowhere.toml"], &["nowhere.toml"]);
    refused(&bench, &["ingest", "nowhere", "clinic.toml"], &["nowhere"]);
    refused(&bench, &["study", "s", "nowhere.toml"], &["nowhere.toml"]);
    assert!(!bench.path("nowhere").exists());
}

#[test]
fn one_bad_profile_of_two_stops_both() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    bench.write("bad.toml", PROFILE.replace("visits.csv", "bad.csv"));
    bench.write("bad.csv", "CLIENT;START;COST\nK1;2013-05-05;1\n");
    refused(&bench, &["ingest", "s", "clinic.toml", "bad.toml"], &["bad.csv", "SERVICE"]);
}

#[test]
fn a_dry_run_commits_nothing() {
    let bench = bench(visits_of(41, |at| format!("K{at}")));
    let before = bench.store_bytes();
    bench.virta(["ingest", "s", "clinic.toml", "--dry-run"]).ends_with(0);
    assert!(before == bench.store_bytes());
}

#[test]
fn a_store_is_not_made_over_another() {
    let bench = bench("");
    refused(&bench, &["init", "s"], &["s"]);
}

#[test]
fn an_unknown_snapshot_is_refused() {
    let bench = bench("");
    bench.write("study.toml", STUDY);
    refused(&bench, &["study", "s", "study.toml", "--as-of", "ffffffffffff"], &["ffffffffffff"]);
}

#[test]
fn values_of_refused_rows_appear_nowhere_in_the_store() {
    let visits = visits_of(40, |at| format!("L{at}")).replace("L7;doctor;2013-05-08", "L7;doctor;SECRETVALUE");
    let bench = bench(visits);
    let run = bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    assert!(!run.out.contains("SECRETVALUE") && !run.err.contains("SECRETVALUE"));
    assert!(!bench.store_bytes().values().any(|bytes| contains(bytes, b"SECRETVALUE")));
    let quarantined: u64 =
        bench.store().current().unwrap().deliveries().iter().map(|delivery| delivery.rows_quarantined).sum();
    assert_eq!(quarantined, 1);
}

#[test]
fn a_flipped_byte_is_found_in_every_kind_of_file() {
    let bench = bench("");
    bench.write("study.toml", STUDY);
    bench.virta(["study", "s", "study.toml"]).ends_with(0);
    bench.virta(["verify", "s"]).ends_with(0);
    let files = bench.store_bytes();
    let mut kinds = std::collections::BTreeSet::new();
    for (path, bytes) in files.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let folder = path.parent().unwrap().to_string_lossy().into_owned();
        let kind = (folder, path.extension().map(std::ffi::OsStr::to_owned));
        let is_checked = path.extension().is_some_and(|extension| extension == "parquet")
            || path.starts_with("snapshots")
            || path.ends_with("CURRENT");
        if !is_checked || !kinds.insert(kind) {
            continue;
        }
        let mut flipped = bytes.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 0x10;
        let place = bench.path("s").join(path);
        std::fs::write(&place, flipped).unwrap();
        let run = bench.virta(["verify", "s"]);
        assert_eq!(run.code, 1, "{} was flipped unseen\n{}", path.display(), run.out);
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            assert!(format!("{}{}", run.out, run.err).contains(&name), "{name} is not named:\n{}{}", run.out, run.err);
        }
        std::fs::write(&place, bytes).unwrap();
    }
    assert!(kinds.len() >= 4, "{kinds:?}");
    bench.virta(["verify", "s"]).ends_with(0);
}

#[test]
fn a_study_reads_no_flipped_byte() {
    let bench = bench("");
    bench.write("study.toml", STUDY);
    let contacts: Vec<_> = bench.row_bytes().into_keys().filter(|path| path.starts_with("data/contacts")).collect();
    let path = bench.path("s").join(contacts.first().expect("the contacts lie under data/contacts"));
    let bytes = std::fs::read(&path).unwrap();
    // Wherever the byte lies, the study is refused or it did not need the byte and its answer is the same.
    bench.virta(["study", "s", "study.toml"]).ends_with(0);
    let answer = bench.result("s", &virta_model::schema::SUMMARY);
    let mut refused = 0;
    for at in (4..bytes.len()).step_by(bytes.len() / 40 + 1) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x40;
        std::fs::write(&path, flipped).unwrap();
        let run = bench.virta(["study", "s", "study.toml"]);
        match run.code {
            0 => assert_eq!(answer, bench.result("s", &virta_model::schema::SUMMARY), "byte {at}"),
            1 => refused += 1,
            code => panic!("exit {code} at byte {at}: {}", run.err),
        }
    }
    assert!(refused > 0);
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}
