//! What an extract cannot know, as a user meets it.

use serde_json::Value;

use super::runner::Bench;

fn profile(source: &str, day: &str, file: &str) -> String {
    let day = if day.is_empty() { String::new() } else { format!("extracted_on = \"{day}\"\n") };
    format!(
        "[source]\nname = \"{source}\"\npseudonym = \"r\"\n{day}[[file]]\ntable = \"contacts\"\npath = \"{file}\"\n[file.columns]\n\
         client = {{ from = \"C\" }}\nservice = {{ from = \"S\" }}\nstart_date = {{ from = \"D\" }}\nend_date = {{ from = \"E\" }}\n\
         is_stay = {{ const = true }}\n"
    )
}

const STUDY: &str =
    "[study]\nname = \"fut\"\nperiods = [\"2023\", \"2024\"]\n[[cohort]]\nname = \"any\"\nmin_services = 1\n";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn one_row_of_the_future_is_quarantined_and_moves_no_stay() {
    // A stays from 1 December on, C one day; B's row is a typing error.
    let stays = "C;S;D;E\nA;home;2023-12-01;\nC;home;2023-12-31;2023-12-31\n";
    let mut found = Vec::new();
    for extra in ["", "B;home;2099-01-01;2099-01-01\n"] {
        let bench = Bench::with_buckets(2);
        bench.write("x.csv", format!("{stays}{extra}"));
        bench.write("p.toml", profile("s", "2023-12-31", "x.csv"));
        bench.write("study.toml", STUDY);
        bench.virta(["ingest", "s", "p.toml"]).ends_with(0);
        bench.virta(["study", "s", "study.toml"]).ends_with(0);
        found.push(bench.result("fut", &virta_model::schema::SERVICE_USE));
    }
    assert_eq!(found[0], found[1]);
    let all: Vec<String> = found[1]
        .iter()
        .filter(|row| row[0].to_string() == "all")
        .map(|row| [1, 3, 4, 5].map(|at| row[at].to_string()).join(" "))
        .collect();
    assert_eq!(all, ["2023 2 2 32"], "period, clients, contacts, days");
}

#[test]
fn sources_that_end_before_a_period_does_are_named() {
    let bench = Bench::with_buckets(2);
    bench.write("x.csv", "C;S;D;E\nA;home;2023-12-01;\n");
    bench.write("y.csv", "C;S;D;E\nA;ward;2023-12-01;2025-02-01\n");
    bench.write("p.toml", profile("early", "2024-06-30", "x.csv"));
    bench.write("q.toml", profile("late", "2024-12-31", "y.csv"));
    bench.write("study.toml", STUDY);
    bench.virta(["ingest", "s", "p.toml", "q.toml"]).ends_with(0);
    let page = bench.virta(["study", "s", "study.toml"]).ends_with(0).out;
    let named: Vec<&str> = page.split("Sources that end").nth(1).expect(&page).lines().skip(2).collect();
    assert_eq!(named[0].split_whitespace().collect::<Vec<_>>(), ["early", "2024-06-30", "2024"]);
    assert!(named[1].trim().is_empty(), "{page}");

    let told = json(&bench.virta(["study", "s", "study.toml", "--json"]).ends_with(0).out);
    let ends = serde_json::json!([{ "source": "early", "known_to": "2024-06-30", "periods": ["2024"] }]);
    assert_eq!(told["sources_that_end_before"], ends);
    // 182 days of 2024 for the one, all of it for the other, whose end was planned.
    let used = bench.result("fut", &virta_model::schema::SERVICE_USE);
    let days = |service: &str| {
        let row = used.iter().find(|row| [0, 1, 2].map(|at| row[at].to_string()) == ["all", "2024", service]);
        row.map(|row| row[5].to_string())
    };
    assert_eq!((days("home"), days("ward")), (Some("182".to_owned()), Some("366".to_owned())));
}

#[test]
fn an_extract_without_a_day_gets_it_on_the_command_line() {
    let bench = Bench::with_buckets(2);
    bench.write("x.csv", "C;S;D;E\nA;home;2023-12-01;2024-02-01\n");
    bench.write("p.toml", profile("s", "", "x.csv"));
    bench.virta(["ingest", "s", "p.toml"]).ends_with(1).says(&["x.csv", "extracted_on", "--extracted-on"]);
    bench.virta(["profile", "check", "p.toml"]).ends_with(1).says(&["extracted_on"]);
    bench.virta(["profile", "check", "p.toml", "--extracted-on", "2023-12-31"]).ends_with(0);
    bench.virta(["ingest", "s", "p.toml", "--extracted-on", "31.12.2023"]).ends_with(2).says(&["2014-01-31"]);
    bench.virta(["ingest", "s", "p.toml", "--extracted-on", "2023-12-31"]).ends_with(0);
    let page = bench.virta(["deliveries", "s", "--show", "x.csv"]).ends_with(0).out;
    assert!(page.contains("end_date after_extract"), "{page}");
    let told = json(&bench.virta(["deliveries", "s", "--show", "x.csv", "--json"]).ends_with(0).out);
    assert!(told.to_string().contains("\"emptied\":{\"end_date after_extract\":1}"), "{told}");
}

#[test]
fn a_study_that_ends_before_all_its_periods_is_refused_at_the_day() {
    let bench = Bench::with_buckets(2);
    bench.write("study.toml", STUDY.replace("[[cohort]]", "observed_until = \"2022-12-31\"\n[[cohort]]"));
    bench.virta(["study", "s", "study.toml"]).ends_with(1).says_place("study.toml", 4, 18);
    bench.write("study.toml", STUDY.replace("[[cohort]]", "observed_until = \"31.12.2023\"\n[[cohort]]"));
    bench.virta(["study", "s", "study.toml"]).ends_with(1).says(&["a day such as"]);
}
