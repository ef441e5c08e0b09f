//! Releases, the register of them, what is too near to one before, and regions side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use virta_model::schema::{CLIENTS, COHORT, Kind, Role};

use super::runner::{Bench, binary, bytes_under};

const PROFILE: &str = r#"[source]
name = "clinic"
pseudonym = "region"
extracted_on = "2015-01-31"
[[file]]
table = "contacts"
path = "visits*.csv"
row_key = ["ID"]
version = { from = "VERSION" }
cancelled = { from = "CANCELLED", when = "not_null" }
[file.columns]
client = { from = "CLIENT" }
service = { from = "SERVICE" }
start_date = { from = "START" }
cost_cents = { from = "COST", unit = "euro" }
[[file]]
table = "clients"
path = "people.csv"
[file.columns]
client = { from = "CLIENT" }
birth_date = { from = "BORN" }
sex = { from = "SEX" }
municipality = { from = "TOWN" }
"#;

/// People by what tells them apart: how many, their year of birth, municipality, services and the day of their visits.
struct People {
    many: usize,
    born: i32,
    town: &'static str,
    services: usize,
    day: &'static str,
}

const ORDINARY: People = People { many: 60, born: 1970, town: "109", services: 4, day: "05-10" };

/// A region with 60 people of four services in Hämeenlinna, as many in Kouvola, and others.
fn region(others: &[People]) -> Bench {
    let bench = Bench::with_buckets(4);
    fill(&bench, others);
    bench
}

fn fill(bench: &Bench, others: &[People]) {
    let mut people = "CLIENT;BORN;SEX;TOWN\n".to_owned();
    let mut visits = "ID;CLIENT;SERVICE;START;COST;VERSION;CANCELLED\n".to_owned();
    let (mut person, mut row) = (0, 0);
    for group in [&ORDINARY, &People { town: "286", ..ORDINARY }].into_iter().chain(others) {
        for _ in 0..group.many {
            person += 1;
            let sex = if person % 2 == 0 { "female" } else { "male" };
            people += &format!("K{person};{}-03-15;{sex};{}\n", group.born, group.town);
            for service in 0..group.services {
                for year in [2013, 2014] {
                    row += 1;
                    let cost = 20 + person % 7 * 10;
                    visits += &format!("{row};K{person};s{service};{year}-{};{cost},50;1;\n", group.day);
                }
            }
        }
    }
    bench.write("clinic.toml", PROFILE);
    bench.write("visits.csv", visits);
    bench.write("people.csv", people);
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
}

/// A study of one cohort, called as it is: `cohort` are further lines of it.
fn study(bench: &Bench, name: &str, periods: &str, cohort: &str) {
    let file = format!("{name}.toml");
    bench.write(
        &file,
        format!(
            "[study]\nname = \"{name}\"\nperiods = {periods}\n[[cohort]]\nname = \"c\"\n{cohort}\n[flow]\n[sweep]\n"
        ),
    );
    bench.virta(["study", "s", &file]).ends_with(0);
}

/// Whether a second study may be released after a first.
fn may_follow(bench: &Bench, first: (&str, &str), second: (&str, &str)) -> bool {
    study(bench, "first", first.0, first.1);
    study(bench, "second", second.0, second.1);
    bench.virta(["release", "s", "first", "-o", "one"]).ends_with(0);
    let run = bench.virta(["release", "s", "second", "-o", "two"]);
    if run.code == 0 {
        return true;
    }
    let run = run.ends_with(1).says(&["people make the difference", "cohort c", "release 1", "--accept"]);
    assert!(!bench.path("two").exists() && !bench.path("two.new").exists());
    // Not how many they are.
    let told: Vec<&str> = run.err.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 1).collect();
    assert!(told.iter().all(|word| ["5", "1", "2"].contains(word)), "{}", run.err);
    false
}

const YEAR: &str = "[\"2014\"]";

#[test]
fn cohorts_that_four_people_tell_apart_are_refused_and_five_are_not() {
    for (many, may) in [(0, true), (1, false), (4, false), (5, true)] {
        let older = People { many, born: 1950, ..ORDINARY };
        let bench = region(&[older]);
        let found = may_follow(&bench, (YEAR, "age = { min = 18, max = 64 }"), (YEAR, "age = { min = 18, max = 63 }"));
        assert_eq!(found, may, "an age year of {many} people");
    }
    let of_town = |many| region(&[People { many, town: "405", ..ORDINARY }]);
    let of_threshold = |many| region(&[People { many, services: 3, ..ORDINARY }]);
    let of_day = |many| region(&[People { many, day: "12-31", ..ORDINARY }]);
    for (many, may) in [(4, false), (5, true)] {
        let found = may_follow(&of_town(many), (YEAR, ""), (YEAR, "municipalities = [\"109\", \"286\"]"));
        assert_eq!(found, may, "a municipality of {many} people");
        let found = may_follow(&of_threshold(many), (YEAR, ""), (YEAR, "min_services = 3"));
        assert_eq!(found, may, "a threshold of {many} people");
        let found = may_follow(&of_day(many), (YEAR, ""), ("[\"2014-01-01..2014-12-30\"]", ""));
        assert_eq!(found, may, "a day of {many} people");
    }
}

#[test]
fn cohorts_of_periods_without_a_common_day_are_not_compared() {
    let bench = region(&[People { many: 3, born: 1950, ..ORDINARY }]);
    let (wide, narrow) = ("age = { min = 18, max = 64 }", "age = { min = 18, max = 63 }");
    assert!(may_follow(&bench, ("[\"2013\"]", wide), (YEAR, narrow)));
    let bench = region(&[People { many: 3, born: 1950, ..ORDINARY }]);
    assert!(!may_follow(&bench, ("[\"2013-07-01..2014-06-30\"]", "age = { max = 64 }"), (YEAR, "age = { max = 63 }")));
}

#[test]
fn segments_and_pilots_are_compared_too() {
    let segment = |services: &str| format!("[[segment]]\nname = \"g\"\nany_service = [{services}]");
    for (many, may) in [(4, false), (5, true)] {
        // All but some use s5, and s0 is used by everybody.
        let bench = region(&[People { many: 40, services: 6, ..ORDINARY }, People { many, services: 7, ..ORDINARY }]);
        study(&bench, "first", YEAR, &segment("\"s5\""));
        study(
            &bench,
            "second",
            YEAR,
            &format!("{}\n[[segment]]\nname = \"h\"\nany_service = [\"s5\"]", segment("\"s6\"")),
        );
        bench.virta(["release", "s", "first", "-o", "one"]).ends_with(0);
        let run = bench.virta(["release", "s", "second", "-o", "two"]).ends_with(i32::from(!may));
        assert_eq!(run.err.contains("segment h in 2014 and segment g in 2014"), !may, "{}", run.err);
    }
    for (many, may) in [(4, false), (5, true)] {
        let bench = region(&[]);
        let list = |name: &str, many: usize| -> String {
            (1..=many).map(|person| format!("{name};K{person};2014-07-01\n")).collect()
        };
        bench.write("pilots.csv", "PILOT;CLIENT;FROM\n".to_owned() + &list("near", 30) + &list("wide", 30 + many));
        bench.write("pilots.toml", PILOTS);
        bench.virta(["ingest", "s", "pilots.toml"]).ends_with(0);
        let pilot = |name: &str| format!("[[pilot]]\nname = \"{name}\"\nbefore_days = 90\nafter_days = 90");
        study(&bench, "first", YEAR, &pilot("near"));
        study(&bench, "second", YEAR, &pilot("wide"));
        bench.virta(["release", "s", "first", "-o", "one"]).ends_with(0);
        let run = bench.virta(["release", "s", "second", "-o", "two"]).ends_with(i32::from(!may));
        assert_eq!(run.err.contains("pilot wide") && run.err.contains("pilot near"), !may, "{}", run.err);
    }
}

const PILOTS: &str = r#"[source]
name = "pilots"
pseudonym = "region"
extracted_on = "2015-01-31"
[[file]]
table = "pilots"
path = "pilots.csv"
[file.columns]
pilot = { from = "PILOT" }
client = { from = "CLIENT" }
index_date = { from = "FROM" }
"#;

#[test]
fn a_stricter_k_of_either_release_counts() {
    let older = || People { many: 7, born: 1950, ..ORDINARY };
    let bench = region(&[older()]);
    study(&bench, "first", YEAR, "age = { max = 64 }\n[study.protection]\nk = 10");
    study(&bench, "second", YEAR, "age = { max = 63 }");
    bench.virta(["release", "s", "first", "-o", "one"]).ends_with(0);
    bench.virta(["release", "s", "second", "-o", "two"]).ends_with(1).says(&["fewer than 10 people"]);
}

#[test]
fn numbers_of_the_same_time_are_not_released_rounded_in_two_ways() {
    let bench = region(&[]);
    study(&bench, "first", YEAR, "");
    study(&bench, "otherwise", YEAR, "[study.protection]\nround_to = 10");
    study(&bench, "before", "[\"2013\"]", "[study.protection]\nround_to = 10");
    bench.virta(["release", "s", "first", "-o", "one"]).ends_with(0);
    let run = bench.virta(["release", "s", "otherwise", "-o", "two"]);
    run.ends_with(1).says(&["release 1", "study first", "rounded to 5", "this one to 10", "round_to = 5", "--accept"]);
    assert!(!bench.path("two").exists());
    bench.virta(["release", "s", "before", "-o", "other-year"]).ends_with(0);
    bench.virta(["release", "s", "otherwise", "-o", "two", "--accept"]).ends_with(0);
    let rounded: Vec<u64> = listed(&bench).iter().map(|release| release["round_to"].as_u64().unwrap()).collect();
    assert_eq!(rounded, [5, 10, 10]);
}

#[test]
fn an_accepted_difference_stands_in_the_register() {
    let bench = region(&[People { many: 2, born: 1950, ..ORDINARY }]);
    assert!(!may_follow(&bench, (YEAR, "age = { max = 64 }"), (YEAR, "age = { max = 63 }")));
    assert_eq!(listed(&bench).len(), 1, "what was refused is not entered");
    bench.virta(["release", "s", "second", "-o", "two", "--accept"]).ends_with(0);
    let listed = listed(&bench);
    assert_eq!(listed[0]["accepted"].as_array().unwrap().len(), 0);
    let accepted = listed[1]["accepted"].as_array().unwrap();
    // The first study's cohort was everybody.
    let told: Vec<(&str, &str, u64)> = accepted
        .iter()
        .map(|one| {
            let text = |key: &str| one[key].as_str().unwrap();
            (text("group"), text("earlier_group"), one["release"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(told, [("c", "all", 1), ("c", "c", 1)]);
    assert!(bench.virta(["release", "s", "--list"]).ends_with(0).out.contains("second"));
    assert!(bench.virta(["verify", "s"]).ends_with(0).out.contains("2 releases"));
    // Another bundle of the same people is no difference to itself; to the first it is still.
    bench.virta(["release", "s", "second", "-o", "three", "--lang", "en"]).ends_with(1).says(&["of release 1"]);
}

fn listed(bench: &Bench) -> Vec<serde_json::Value> {
    let run = bench.virta(["release", "s", "--list", "--json"]).ends_with(0);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    document["releases"].as_array().unwrap().clone()
}

#[test]
fn what_was_released_is_known_after_its_snapshot_has_expired() {
    let bench = region(&[People { many: 3, born: 1950, ..ORDINARY }]);
    study(&bench, "s", YEAR, "age = { max = 64 }");
    bench.virta(["release", "s", "s", "-o", "one"]).ends_with(0);
    study(&bench, "old", YEAR, "");
    bench.write("visits2.csv", "ID;CLIENT;SERVICE;START;COST;VERSION;CANCELLED\n90001;K1;s0;2014-02-02;10,00;1;\n");
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    study(&bench, "s", YEAR, "age = { max = 63 }");
    bench.virta(["expire", "s", "--keep", "1"]).ends_with(0);
    // Its results stand without the rows that they came from, so that they cannot leave any more.
    let gone = "the snapshot that this study was run on has expired";
    let release = bench.virta(["release", "s", "old", "-o", "again"]).ends_with(1);
    release.says(&[gone, "run virta study again"]);
    bench.virta(["release", "s", "s", "-o", "two"]).ends_with(1).says(&["cohort c in 2014"]);
    study(&bench, "s", YEAR, "age = { max = 64 }");
    bench.virta(["release", "s", "s", "-o", "two"]).ends_with(0);
}

#[test]
fn one_corrected_row_moves_numbers_of_people_by_whole_steps() {
    let bench = region(&[People { many: 3, services: 3, ..ORDINARY }]);
    study(&bench, "s", YEAR, "");
    bench.virta(["release", "s", "s", "-o", "one"]).ends_with(0);
    // The fourth service of one person was somebody's mistake, and a fourth of another had been forgotten.
    let correction = "7;K1;s3;2014-05-10;20,50;2;x\n8;K1;s3;2014-05-10;20,50;2;x\n90001;K121;s9;2014-06-01;20,50;1;\n";
    bench.write("visits2.csv", format!("ID;CLIENT;SERVICE;START;COST;VERSION;CANCELLED\n{correction}"));
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    study(&bench, "s", YEAR, "");
    bench.virta(["release", "s", "s", "-o", "two"]).ends_with(1).says(&["cohort c in 2014"]);
    bench.virta(["release", "s", "s", "-o", "two", "--accept"]).ends_with(0);
    let (before, after) = (people(&bench.path("one"), 5), people(&bench.path("two"), 5));
    let differ = before.iter().filter(|(key, people)| after.get(*key).is_some_and(|after| after != *people)).count();
    // Two people moved: most numbers stay as they are.
    assert!(differ * 4 < before.len(), "{differ} of {}", before.len());
}

/// Every shown number of people of a bundle by its place; all are multiples of the step and at least k. Amounts are
/// multiples of the least step that an amount can have, so that two of them never differ by less.
fn people(folder: &Path, step: i64) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for schema in COHORT.iter().filter(|schema| schema.leaves.ever()) {
        let Ok(text) = std::fs::read_to_string(folder.join(format!("tables/{}.csv", schema.name))) else { continue };
        // A column that no row can show is left out.
        let header = split(text.lines().next().unwrap());
        let columns: Vec<_> =
            header.iter().map(|name| schema.columns.iter().find(|it| it.name == name).unwrap()).collect();
        for line in text.lines().skip(1) {
            let cells = split(line);
            assert_eq!(cells.len(), columns.len(), "{line}");
            let key = cells[..schema.keys()].join(",");
            for (column, cell) in columns.iter().zip(&cells) {
                let is_amount = matches!(column.role, Role::Amount { .. });
                if let (true, Ok(amount)) = (is_amount, cell.parse::<i64>()) {
                    let least = if column.kind == Kind::Cents { 10_000 } else { step };
                    assert!(amount % least == 0, "{}: {line}", schema.name);
                }
                if column.role != Role::People {
                    continue;
                }
                if let Ok(people) = cell.parse::<i64>() {
                    let is_none_by_definition = people == 0 && schema.name == "attrition";
                    assert!(people % step == 0 && (people >= 5 || is_none_by_definition), "{}: {line}", schema.name);
                    found.insert(format!("{} {key} {}", schema.name, column.name), people);
                }
            }
        }
    }
    assert!(found.len() > 20, "{}", found.len());
    found
}

/// The cells of a line, which may stand in quotes.
fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

#[test]
fn releases_of_near_studies_differ_by_whole_steps_or_not_at_all() {
    let bench = region(&[
        People { many: 3, born: 1950, ..ORDINARY },
        People { many: 3, town: "405", ..ORDINARY },
        People { many: 3, services: 3, ..ORDINARY },
        People { many: 3, day: "12-31", ..ORDINARY },
    ]);
    let variants = [
        (YEAR, "age = { max = 64 }"),
        (YEAR, "age = { max = 63 }"),
        (YEAR, "municipalities = [\"109\", \"286\"]"),
        (YEAR, "min_services = 3"),
        ("[\"2014-01-01..2014-12-30\"]", ""),
        (YEAR, "age = { max = 64 }\n[study.protection]\nk = 12"),
    ];
    let mut of_all: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for (at, (periods, cohort)) in variants.into_iter().enumerate() {
        let (name, folder) = (format!("v{at}"), format!("out{at}"));
        study(&bench, &name, periods, cohort);
        bench.virta(["release", "s", &name, "-o", &folder, "--accept", "--lang", "en"]).ends_with(0);
        for (key, people) in people(&bench.path(&folder), 5).into_iter().filter(|(key, _)| key.contains(" all,2014")) {
            of_all.entry(key).or_default().insert(people);
        }
    }
    // Everybody is the same in every study, so they look the same, whatever the cohort and k.
    assert!(of_all.len() > 10);
    for (key, shown) in of_all {
        assert_eq!(shown.len(), 1, "{key}: {shown:?}");
    }
}

#[test]
fn the_same_study_is_the_same_bundle_whatever_threads_runs_and_orders_of_delivery() {
    let bench = region(&[People { many: 9, born: 1950, ..ORDINARY }]);
    study(&bench, "s", "[\"2013\", \"2014\"]", "");
    bench.virta(["release", "s", "s", "-o", "one", "--threads", "1"]).ends_with(0);
    let one = bytes_under(&bench.path("one"));
    for threads in ["2", "3"] {
        let folder = format!("threads{threads}");
        bench.virta(["release", "s", "s.toml", "-o", &folder, "--threads", threads]).ends_with(0);
        assert!(bytes_under(&bench.path(&folder)) == one, "{threads} threads");
    }
    assert_eq!(listed(&bench).len(), 1, "the same bytes are the same release");
    // Another store of the same key, its rows turned round and delivered in two files, of which the second comes first.
    let other = Bench::with_buckets(4);
    let visits = String::from_utf8(std::fs::read(bench.path("visits.csv")).unwrap()).unwrap();
    let (header, rows) = visits.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().rev().collect();
    let (late, early) = rows.split_at(rows.len() / 3);
    other.write("clinic.toml", PROFILE);
    other.write("people.csv", std::fs::read(bench.path("people.csv")).unwrap());
    for (name, rows) in [("visits_b.csv", late), ("visits_a.csv", early)] {
        other.write(name, format!("{header}\n{}\n", rows.join("\n")));
        other.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    }
    study(&other, "s", "[\"2013\", \"2014\"]", "");
    other.virta(["release", "s", "s", "-o", "one"]).ends_with(0);
    let tables = |files: &BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<PathBuf, Vec<u8>> {
        let of_tables = |path: &Path| path.starts_with("tables") && !path.ends_with("summary.csv");
        files.iter().filter(|(path, _)| of_tables(path)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    // The snapshot is another one, since its deliveries are; every number is the same.
    assert!(tables(&bytes_under(&other.path("one"))) == tables(&one));
}

#[test]
fn a_bundle_has_at_most_fifty_files_and_nothing_of_a_single_person() {
    let bench = region(&[People { many: 3, services: 6, ..ORDINARY }]);
    bench.write(
        "s.toml",
        "[study]\nname = \"s\"\nperiods = [\"2013\", \"2014\"]\n[[cohort]]\nname = \"c\"\n[[cohort]]\nname = \"few\"\nmin_services = 6\n[flow]\n[concentration]\n[persistence]\n[joiners]\n[emergency]\n[monthly_states]\n[top_users]\n[sweep]\n[packages]\n[access]\n",
    );
    bench.virta(["study", "s", "s.toml"]).ends_with(0);
    bench.virta(["release", "s", "s", "-o", "out"]).ends_with(0);
    let files = bytes_under(&bench.path("out"));
    assert!(files.len() <= 50, "{}", files.len());
    for table in ["members", "near_members", "top_users", "pilot_clients", "contributors", "emergency_blocks"] {
        assert!(!files.contains_key(Path::new(&format!("tables/{table}.csv"))), "{table}");
    }
    let mut ids = BTreeSet::new();
    for row in bench.rows(&CLIENTS) {
        ids.insert(row[0].to_string());
    }
    assert!(ids.len() > 100);
    for (path, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for number in text.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() > 12) {
            assert!(!ids.contains(number), "a client's id in {}", path.display());
        }
        assert!(!text.contains("client_id"), "{}", path.display());
    }
    // The cohort of three people has one row that says that it is small, and is named in the rules that made it.
    let profile = String::from_utf8(files[Path::new("tables/profile.csv")].clone()).unwrap();
    let of_few: Vec<&str> = profile.lines().filter(|line| line.starts_with("few,2014,")).collect();
    assert_eq!(of_few.len(), 1, "{of_few:?}");
    assert!(of_few[0].contains("withheld"));
    assert!(!String::from_utf8_lossy(&files[Path::new("tables/service_use.csv")]).contains("few,"));
    // Of a group that is told of nowhere nothing is kept in the register either.
    assert!(!listed(&bench)[0]["groups"].to_string().contains("few"));
}

#[test]
fn a_release_goes_to_a_new_or_empty_folder_outside_the_store() {
    let bench = region(&[]);
    study(&bench, "s", YEAR, "");
    bench.write("full/mine.txt", "mine");
    bench.virta(["release", "s", "s", "-o", "full"]).ends_with(1).says(&["full", "not empty"]);
    bench.virta(["release", "s", "s", "-o", "s/out"]).ends_with(1).says(&["inside the store", "fix"]);
    bench.virta(["release", "s", "s", "-o", "s/results/deep/out"]).ends_with(1).says(&["inside the store"]);
    assert_eq!(listed(&bench).len(), 0);
    bench.virta(["release", "s", "nobody", "-o", "out"]).ends_with(1).says(&["nobody"]);
    std::fs::create_dir(bench.path("empty")).unwrap();
    bench.virta(["release", "s", "s", "-o", "empty"]).ends_with(0);
    // A study that was changed since is not the one whose tables there are.
    bench.write("s.toml", "[study]\nname = \"s\"\nperiods = [\"2013\"]\n");
    bench.virta(["release", "s", "s.toml", "-o", "other"]).ends_with(1).says(&["s.toml", "virta study again"]);
}

#[test]
fn a_store_that_asks_for_more_protection_and_a_missing_key_refuse() {
    let bench = region(&[]);
    study(&bench, "s", YEAR, "");
    let settings = bench.path("s/virta.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("{text}\n[protection]\nk = 10\nround_to = 5\n")).unwrap();
    bench.virta(["release", "s", "s", "-o", "out"]).ends_with(1).says(&["k = 5", "at least 10"]);
    std::fs::write(&settings, text).unwrap();
    std::fs::rename(bench.path("s.key"), bench.path("elsewhere.key")).unwrap();
    bench.virta(["release", "s", "s", "-o", "out"]).ends_with(1).says(&["s.key"]);
    bench.virta(["release", "s", "s", "-o", "out", "--key", "elsewhere.key"]).ends_with(0);
}

#[test]
fn of_two_near_releases_at_once_one_is_refused() {
    for _ in 0..4 {
        let bench = region(&[People { many: 3, born: 1950, ..ORDINARY }]);
        study(&bench, "first", YEAR, "age = { max = 64 }");
        study(&bench, "second", YEAR, "age = { max = 63 }");
        let children =
            ["first", "second"].map(|name| bench.command(["release", "s", name, "-o", name]).spawn().unwrap());
        let codes = children.map(|child| child.wait_with_output().unwrap().status.code());
        let mut sorted = codes;
        sorted.sort_unstable();
        assert_eq!(sorted, [Some(0), Some(1)]);
        assert_eq!(listed(&bench).len(), 1);
    }
}

const CALLS: &[&str] =
    &["write", "fsync", "?rename", "?renameat", "?renameat2", "?mkdir", "mkdirat", "?unlink", "unlinkat"];

/// Runs a release under `strace` with these options; `None` without a usable `strace`.
fn traced(bench: &Bench, options: &[&str]) -> Option<std::process::Output> {
    let tries = Command::new("strace").args(["-qq", "-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if !tries.is_ok_and(|status| status.success()) {
        println!("skipped: strace cannot be used here");
        return None;
    }
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(binary());
    command.args(["release", "s", "s", "-o", "out", "--threads", "1", "--lang", "en"]).current_dir(bench.folder.path());
    Some(command.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn a_kill_leaves_no_half_bundle_and_no_bundle_that_the_register_does_not_know() {
    let before = region(&[]);
    study(&before, "s", YEAR, "");
    let clean = before.copy();
    clean.virta(["release", "s", "s", "-o", "out", "--lang", "en"]).ends_with(0);
    let whole = bytes_under(&clean.path("out"));
    let log = clean.path("calls.txt");
    let counted = before.copy();
    let trace = format!("trace={}", CALLS.join(","));
    let Some(output) = traced(&counted, &["-o", &log.to_string_lossy(), "-e", &trace]) else { return };
    assert!(output.status.success());
    let mut calls: BTreeMap<String, u32> = BTreeMap::new();
    for line in std::fs::read_to_string(&log).unwrap().lines() {
        let (_, rest) = line.split_once(' ').unwrap();
        if let Some((call, _)) = rest.trim_start().split_once('(')
            && call.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            *calls.entry(call.to_owned()).or_default() += 1;
        }
    }
    let tries: Vec<(String, u32)> =
        calls.into_iter().flat_map(|(call, count)| (1..=count).map(move |n| (call.clone(), n))).collect();
    // Every third of the calls, and every rename: there the release becomes visible.
    let chosen = tries.iter().enumerate().filter(|(at, (call, _))| at % 3 == 0 || call.starts_with("rename"));
    let mut killed = 0;
    for (_, (call, n)) in chosen {
        let told = format!("killed at {call} number {n}");
        let bench = before.copy();
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={n}"));
        let output = traced(&bench, &["-o", "/dev/null", "-e", &trace, "-e", &inject]).unwrap();
        killed += usize::from(output.status.signal() == Some(9));
        let is_out = bench.path("out").exists();
        if is_out {
            assert!(bytes_under(&bench.path("out")) == whole, "{told}: half a bundle");
            assert_eq!(listed(&bench).len(), 1, "{told}: a bundle that the register does not know");
        }
        bench.virta(["verify", "s"]).ends_with(0);
        let folder = if is_out { "again" } else { "out" };
        let run = bench.virta(["release", "s", "s", "-o", folder, "--lang", "en"]);
        assert_eq!(run.code, 0, "{told}: {}", run.err);
        assert!(bytes_under(&bench.path(folder)) == whole, "{told}: running again gives something else");
        assert_eq!(listed(&bench).len(), 1, "{told}");
        assert!(!bench.path("out.new").exists(), "{told}");
    }
    assert!(killed >= 10, "{killed}");
}

#[test]
fn a_full_disk_and_an_error_of_the_disk_are_told_and_nothing_half_made_is_visible() {
    let before = region(&[]);
    study(&before, "s", YEAR, "");
    let clean = before.copy();
    clean.virta(["release", "s", "s", "-o", "out", "--lang", "en"]).ends_with(0);
    let whole = bytes_under(&clean.path("out"));
    let mut failed = 0;
    for (call, error, told) in
        [("write", "ENOSPC", "os error 28"), ("fsync", "EIO", "os error 5"), ("rename", "EIO", "os error 5")]
    {
        for n in [1, 2, 5, 9, 20, 34, 38] {
            let bench = before.copy();
            let (trace, inject) = (format!("trace={call}"), format!("inject={call}:error={error}:when={n}"));
            let Some(output) = traced(&bench, &["-o", "/dev/null", "-e", &trace, "-e", &inject]) else { return };
            let err = String::from_utf8_lossy(&output.stderr);
            if output.status.success() {
                assert!(bytes_under(&bench.path("out")) == whole, "{call} {n}");
                continue;
            }
            failed += 1;
            assert!(output.status.code() == Some(1) && err.contains(told), "{call} {n}: {err}");
            assert!(!bench.path("out.new").exists(), "{call} {n}");
            let is_out = bench.path("out").exists();
            assert!(!is_out || bytes_under(&bench.path("out")) == whole, "{call} {n}: half a bundle");
            let folder = if is_out { "again" } else { "out" };
            bench.virta(["release", "s", "s", "-o", folder, "--lang", "en"]).ends_with(0);
            assert!(bytes_under(&bench.path(folder)) == whole, "{call} {n}");
            bench.virta(["verify", "s"]).ends_with(0);
        }
    }
    assert!(failed >= 6, "{failed}");
}

/// Two regions whose studies differ in a threshold and an age, released side by side in one folder.
fn two_regions() -> Bench {
    let north = region(&[People { many: 30, born: 1950, ..ORDINARY }]);
    let south = region(&[People { many: 20, services: 6, ..ORDINARY }]);
    study(&north, "heavy", "[\"2013\", \"2014\"]", "age = { min = 18, max = 64 }");
    study(&south, "heavy", "[\"2014\"]", "min_services = 5\nage = { min = 18, max = 59 }\n[study.protection]\nk = 10");
    north.virta(["release", "s", "heavy", "-o", "pohjoinen"]).ends_with(0);
    south.virta(["release", "s", "heavy", "-o", "etela", "--lang", "sv"]).ends_with(0);
    for (path, bytes) in bytes_under(&south.path("etela")) {
        north.write(&format!("etela/{}", path.display()), bytes);
    }
    north
}

#[test]
fn regions_stand_side_by_side_and_every_rule_that_differs_is_named() {
    let bench = two_regions();
    let run = bench.virta(["compare", "pohjoinen", "etela", "-o", "c.html", "--lang", "fi", "--json"]).ends_with(0);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let differ: BTreeMap<String, Vec<Option<String>>> = document["definitions_differ"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let values = one["values"].as_array().unwrap();
            let values = values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
            (one["key"].as_str().unwrap().to_owned(), values)
        })
        .collect();
    let value = |text: &str| Some(text.to_owned());
    let expected = [
        ("cohort.c.age.max", [value("64"), value("59")]),
        ("cohort.c.min_services", [value("4"), value("5")]),
        ("study.periods", [value("2013, 2014"), value("2014")]),
        ("study.protection.k", [value("5"), value("10")]),
    ];
    let expected: BTreeMap<String, Vec<Option<String>>> =
        expected.into_iter().map(|(key, values)| (key.to_owned(), values.to_vec())).collect();
    assert_eq!(differ, expected);
    let page = std::fs::read_to_string(bench.path("c.html")).unwrap();
    for text in ["pohjoinen", "etela", "cohort.c.min_services", "<html lang=\"fi\">"] {
        assert!(page.contains(text), "{text}");
    }
    for lang in ["sv", "en"] {
        bench.virta(["compare", "pohjoinen", "etela", "-o", "again.html", "--lang", lang]).ends_with(0);
        bench.virta(["compare", "pohjoinen", "etela", "-o", "again.xlsx", "--lang", lang]).ends_with(0);
    }
    let run = bench.virta(["compare", "pohjoinen", "pohjoinen", "-o", "same.html"]).ends_with(0);
    assert!(!run.out.contains("definitions differ") && run.out.contains("2 regions"));
}

#[test]
fn a_bundle_with_a_flipped_byte_is_not_compared() {
    let bench = two_regions();
    for file in ["tables/profile.csv", "report.sv.html", "manifest.json", "protection.json"] {
        let path = bench.path("etela").join(file);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        bench
            .virta(["compare", "pohjoinen", "etela", "-o", "c.html"])
            .ends_with(1)
            .says(&[file, "not as it was released"]);
        assert!(!bench.path("c.html").exists());
        std::fs::write(&path, whole).unwrap();
    }
    bench.virta(["compare", "pohjoinen", "s", "-o", "c.html"]).ends_with(1).says(&["not a release"]);
}
