//! Pilots through the program: clients by pseudonym, frozen baselines, what a person must not see.

use std::fmt::Write as _;

use virta_model::schema::{PILOT_CLIENTS, PILOT_COUNTS};
use virta_tests::Cell;

use super::runner::Bench;

const PROFILE: &str = r#"
[source]
name = "clinic"
pseudonym = "regional"
extracted_on = { from_file_name = "%Y%m%d" }
[[file]]
table = "contacts"
path = "visits_*.csv"
row_key = ["id"]
[file.columns]
client = { from = "who" }
service = { const = "clinic" }
start_date = { from = "day" }
cost_cents = { from = "eur", unit = "euro" }
"#;

const PILOT: &str = r#"
[source]
name = "office"
pseudonym = "regional"
extracted_on = "2014-01-01"
[[file]]
table = "pilots"
path = "pilot.csv"
[file.columns]
pilot = { const = "one desk" }
client = { from = "who" }
index_date = { from = "began" }
"#;

const STUDY: &str = r#"
[study]
name = "s"
periods = ["2012"]
[[cohort]]
name = "users"
min_services = 1
[[pilot]]
name = "one desk"
before_days = 30
after_days = 30
comparison = { cohort = "users", per_client = 2 }
"#;

/// Twelve people, each with a visit in 2012 and some before and after 15 June 2013; the first six take part.
fn visits() -> String {
    let mut text = "id;who;day;eur\n".to_owned();
    for who in 0..12 {
        let mut visit = |at: usize, day: &str| writeln!(text, "{who}-{at};R{who};{day};{}", 10 + who).unwrap();
        visit(0, "2012-05-05");
        for at in 0..2 + who % 3 {
            visit(10 + at, &format!("2013-06-{:02}", 2 + 3 * at));
        }
        for at in 0..1 + who % 2 {
            visit(20 + at, &format!("2013-06-{}", 20 + at));
        }
    }
    text
}

fn region() -> Bench {
    region_with(PILOT)
}

fn region_with(pilot: &str) -> Bench {
    let bench = Bench::new();
    bench.write("clinic.toml", PROFILE);
    bench.write("office.toml", pilot);
    bench.write("study.toml", STUDY);
    bench.write("visits_20140101.csv", visits());
    let who: String = (0..6).map(|who| format!("R{who};2013-06-15\n")).collect();
    bench.write("pilot.csv", format!("who;began\n{who}"));
    bench.virta(["ingest", "s", "clinic.toml", "office.toml"]).ends_with(0);
    bench
}

/// The rows of a window, without the days that its end moves.
fn window(bench: &Bench, window: &str) -> Vec<Vec<Cell>> {
    let at = PILOT_CLIENTS.index_of("window").unwrap();
    bench.result("s", &PILOT_CLIENTS).into_iter().filter(|row| row[at].to_string() == window).collect()
}

fn count(bench: &Bench, step: &str) -> String {
    let rows = bench.result("s", &PILOT_COUNTS);
    rows.iter().find(|row| row[1].to_string() == step).unwrap()[2].to_string()
}

fn result_id(bench: &Bench) -> String {
    bench.store().results("s").unwrap().id().to_owned()
}

#[test]
fn a_baseline_is_kept_on_a_newer_snapshot_and_can_be_made_again_bit_for_bit() {
    let bench = region();
    bench.virta(["study", "s", "study.toml"]).ends_with(0);
    let (first, before) = (result_id(&bench), window(&bench, "before"));
    assert!(before.len() > 12, "{before:?}");
    // Again on the same snapshot: the same results.
    bench.virta(["study", "s", "study.toml", "--threads", "1"]).ends_with(0);
    assert_eq!(result_id(&bench), first);
    let old = bench.store().current().unwrap().id().to_owned();

    // A visit before the index date is corrected away to another day and price, and the follow-up goes on.
    let more = visits().replace("0-10;R0;2013-06-02;10", "0-10;R0;2013-04-01;99") + "90;R0;2013-07-01;50\n";
    bench.write("visits_20140201.csv", more);
    bench.virta(["ingest", "s", "clinic.toml"]).ends_with(0);
    bench.virta(["study", "s", "study.toml"]).ends_with(0);
    assert_ne!(result_id(&bench), first);
    assert_eq!(window(&bench, "before"), before);
    assert_eq!((count(&bench, "baseline"), count(&bench, "frozen")), ("6".to_owned(), "6".to_owned()));

    // Asked for, the baseline says what is now known; on the old snapshot it is what it was, to the byte.
    bench.virta(["study", "s", "study.toml", "--new-baselines"]).ends_with(0);
    assert_ne!(window(&bench, "before"), before);
    bench.virta(["study", "s", "study.toml", "--new-baselines", "--as-of", &old]).ends_with(0);
    assert_eq!(result_id(&bench), first);
    bench.virta(["verify", "s"]).ends_with(0);
}

#[test]
fn a_list_that_names_clients_as_nothing_else_does_is_told_and_measures_nothing() {
    let bench = region_with(&PILOT.replace("regional", "office"));
    bench.write("study.toml", STUDY.to_owned() + "[[pilot]]\nname = \"one dsek\"\nbefore_days = 30\nafter_days = 30\n");
    let run = bench.virta(["study", "s", "study.toml"]).ends_with(0);
    let steps = ["listed", "known", "baseline", "unmatched", "matched"].map(|step| count(&bench, step));
    assert_eq!(steps, ["6", "0", "0", "0", "0"]);
    assert!(window(&bench, "before").is_empty());
    let told = [
        "of 6 on the list no contact and no client list knows anything",
        "check pseudonym and normalise in the profile that delivers the list",
        "no delivery lists a client of this pilot",
    ];
    assert!(told.iter().all(|text| run.out.contains(text)), "{}", run.out);
    for (lang, told) in
        [("fi", "löytyy alle 5"), ("sv", "färre än 5 i materialet"), ("en", "Fewer than 5 of the listed")]
    {
        bench.virta(["report", "s", "s", "--lang", lang, "-o", "report.html"]).ends_with(0);
        let page = std::fs::read_to_string(bench.path("report.html")).unwrap();
        assert!(page.contains(told), "{lang}");
    }
    // Of a list that names everybody as the contacts do nothing is said.
    let run = region().virta(["study", "s", "study.toml"]).ends_with(0);
    assert!(!run.out.contains("WARNING"), "{}", run.out);
}

#[test]
fn a_study_tells_of_its_pilots_and_a_report_shows_none_of_their_clients() {
    let bench = region();
    let run = bench.virta(["study", "s", "study.toml"]).ends_with(0);
    assert!(run.out.contains("Pilot one desk: 6 listed, 6 with a baseline"), "{}", run.out);
    assert!(run.out.contains("difference in differences"), "{}", run.out);
    let run = bench.virta(["study", "s", "study.toml", "--json"]).ends_with(0);
    let document: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert!(document["pilots"].is_array(), "{document}");
    for lang in ["fi", "sv", "en"] {
        bench.virta(["report", "s", "s", "--lang", lang, "-o", "report.html"]).ends_with(0);
        let page = std::fs::read_to_string(bench.path("report.html")).unwrap();
        assert!(page.contains("id=\"pilot1\" aria"), "{lang}");
        for row in bench.result("s", &PILOT_CLIENTS) {
            assert!(!page.contains(&row[2].to_string()), "a client's id is in the report");
        }
    }
}

#[test]
fn a_raw_identity_code_in_the_list_of_a_pilot_is_refused_and_not_repeated() {
    let bench = region();
    let people: String = (0..20).map(|_| "131052-308T;2013-06-15\n".to_owned()).collect();
    bench.write("pilot.csv", format!("who;began\n{people}"));
    let run = bench.virta(["ingest", "s", "office.toml"]);
    assert!(!run.err.contains("131052") && !run.out.contains("131052"), "{}{}", run.out, run.err);
    bench.virta(["study", "s", "study.toml"]).ends_with(0);
    assert_eq!(count(&bench, "listed"), "6");
}
