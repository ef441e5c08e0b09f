//! Analyses asked as table functions give the study's tables, or are refused with what to write.

use super::runner::{Bench, bytes_under};

/// A store with a random region of two years.
fn region(clients: &str, seed: &str) -> Bench {
    let bench = Bench::new();
    bench
        .virta(["synth", "region", "--clients", clients, "--years", "2013..2014", "--seed", seed, "--dirt", "0.02"])
        .ends_with(0);
    let mut args = vec!["ingest".to_owned(), "s".to_owned()];
    args.extend(
        bytes_under(&bench.path("region/profiles")).keys().map(|path| format!("region/profiles/{}", path.display())),
    );
    bench.virta(&args).ends_with(0);
    bench
}

/// The lines of an answer, sorted, the header first.
fn answer(bench: &Bench, sql: &str) -> Vec<String> {
    let out = bench.virta(["sql", "s", "--format", "csv", "-c", sql]).ends_with(0).out;
    let mut lines: Vec<String> = out.lines().map(str::to_owned).collect();
    lines[1..].sort();
    lines
}

const STUDY: &str = r#"
[study]
name = "asked"
periods = ["2013", "2014"]
population = { ages = "18..80" }
observed_until = "2014-10-31"

[[cohort]]
name = "cohort"
min_services = 2
age = { min = 20, max = 70, at = "period_start" }
sectors_required = ["social", "health"]
peak = { within_days = 60, min_contacts = 2, emergency = true, combine = "any" }
heavy = { min_contacts = 2, min_days = 1 }

[flow]
max_gap_days = 60
[joiners]
[co_use]
[continuity]
[concentration]
[episodes]
gap_days = 7
[adoption]
one_contact_days = 20

[[follow]]
name = "after"
first = { emergency = true }
then = { sector = ["social", "primary"], mode = ["visit", "phone"] }
within_days = [7, 45]

[pathways]
window = { from = "first_contact", days = 200 }
merge_gap_days = 20
combine_days = 3
switch = "keep"
steps = "first"
max_steps = 4
show_none = true

[[funnel]]
name = "reached"
[[funnel.step]]
what = { emergency = true }
[[funnel.step]]
what = { sector = ["social", "primary"] }
within_days = 40
[[funnel.step]]
what = { plan = "responsible_worker" }
"#;

const HEAD: &str = "periods => '2013, 2014', population_ages => '18..80', observed_until => date '2014-10-31'";
const COHORT: &str = "min_services => 2, age_min => 20, age_max => 70, age_at => 'period_start', \
                      sectors_required => ['social', 'health'], min_contacts => 2, \
                      peak_instead => 'at least 2 (emergency) within 60 days'";
const MIN_DAYS: &str = "min_days => 1";

/// Each function with what the study says of it.
const ASKED: &[(&str, &str, &str)] = &[
    ("cohort", "members", ""),
    ("flows", "flows", "max_gap_days => 60"),
    ("combinations", "combinations", ""),
    ("joiners", "joiners", ""),
    ("co_use", "co_use", ""),
    ("continuity", "continuity", ""),
    ("episodes", "episodes", "gap_days => 7, by => 'service'"),
    ("adoption", "adoption", "one_contact_days => 20"),
    (
        "follow_up",
        "follow_up",
        "name => 'after', first => 'emergency', then => 'sector social or primary, mode visit or phone', \
         within_days => [7, 45]",
    ),
    (
        "pathways",
        "pathways",
        "window_from => 'first_contact', window_days => 200, merge_gap_days => 20, combine_days => 3, \
         switch => 'keep', steps => 'first', max_steps => 4, show_none => true",
    ),
    (
        "funnel",
        "funnel",
        "name => 'reached', steps => 'emergency, then sector social or primary within 40 days, then plan responsible_worker'",
    ),
    ("sector_concentration", "sector_concentration", ""),
    ("sector_top_overlap", "sector_top_overlap", ""),
];

#[test]
fn each_function_gives_the_table_of_a_study_with_the_same_settings() {
    for (clients, seed) in [("1500", "1"), ("200", "2"), ("120", "3")] {
        let bench = region(clients, seed);
        bench.write("asked.toml", STUDY);
        bench.virta(["study", "s", "asked.toml"]).ends_with(0);
        for (function, table, own) in ASKED {
            let days = if *function == "pathways" { "cohort_min_days => 1" } else { MIN_DAYS };
            let cohort = match *function {
                "funnel" | "sector_concentration" | "sector_top_overlap" => Vec::new(),
                _ => vec![COHORT, days],
            };
            let parts: Vec<&str> = [&[HEAD, own][..], &cohort].concat();
            let arguments: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let asked = answer(&bench, &format!("select * from {function}({})", arguments.join(", ")));
            let written = answer(&bench, &format!("select * from asked.{table}"));
            assert!(written.len() > 1 || clients != "1500", "{table} has rows");
            assert!(asked == written, "{function} of {clients} clients:\n{asked:#?}\n{written:#?}");
        }
    }
}

#[test]
fn the_examples_of_the_dictionary_can_be_asked() {
    let bench = region("300", "4");
    for lang in ["fi", "sv", "en"] {
        let page = bench.virta(["dictionary", "s", "--lang", lang]).ends_with(0).out;
        assert!(page.contains("follow_up(period => '2014', first => 'emergency'"), "{lang}");
    }
    let out = bench.virta(["dictionary", "s", "--json"]).ends_with(0).out;
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let functions = document["functions"].as_array().unwrap();
    assert_eq!(functions.len(), ASKED.len());
    for function in functions {
        let lines = answer(&bench, function["example"].as_str().unwrap());
        assert!(lines.len() > 1, "{function}");
    }
    let listed = bench.virta(["sql", "s", "--lang", "fi", "-c", ".functions"]).ends_with(0).out;
    assert!(listed.contains("funnel(period") && listed.contains("Kuinka moni asiakas"), "{listed}");
}

#[test]
fn what_cannot_be_asked_is_refused_with_what_to_write() {
    let bench = Bench::new();
    let small = |name: &str| super::runner::checkout().join("fixtures/small").join(name).display().to_string();
    bench.virta(["ingest", "s", &small("hoito.toml"), &small("sosiaali.toml")]).ends_with(0);
    let service = answer(&bench, "select service from services where service like '%\\_%' order by 1 limit 1");
    let known = &service[1];
    let misspelt = format!("{known}x");
    let unknown = format!(
        "select * from episodes(period => '2013') e,\n follow_up(period => '2013',\n  first => 'emergency', then => 'service {misspelt}')"
    );
    for (sql, words) in [
        ("select * from follow_upp(period => '2013')", &["line 1, column 15", "did you mean follow_up?"][..]),
        ("select * from co_use", &["function of its arguments", "co_use(period"]),
        ("select * from co_use(perod => '2013')", &["line 1, column 22", "did you mean period?"]),
        ("select * from co_use(period => '2013', colour => 1)", &["no argument colour", "there are period"]),
        ("select * from co_use('2013')", &["have names"]),
        ("select * from co_use(period => '2013', period => '2014')", &["line 1, column 40", "twice"]),
        ("select * from co_use(period => upper('2013'))", &["written out"]),
        ("select * from joiners(period => 2013)", &["two periods", "joiners(periods"]),
        ("select * from follow_up(period => '2013', first => 'emergency')", &["then is missing", "then => 'service"]),
        (
            "select * from follow_up(period => '2013', first => 'emergncy', then => 'emergency')",
            &["did you mean emergency?"],
        ),
        ("select * from follow_up(period => '2013', first => 'emergency', then => 'gp')", &["service CODE"]),
        ("select * from episodes(period => '2013', by => 'package')", &["line 1, column 42", "'service'"]),
        ("select * from pathways(period => '2013', window_from => 'qualified')", &["knows no service qualified"]),
        ("select * from pathways(period => '2013', window_from => 'index_date')", &["pilot"]),
        ("select * from funnel(period => '2013', steps => ['plan consents'])", &["consent"]),
        ("select * from sector_concentration(period => '2013', min_services => 2)", &["no argument min_services"]),
        (&unknown, &["line 3, column 25", "knows no service", &format!("did you mean {known}?")]),
    ] {
        let run = bench.virta(["sql", "s", "-c", sql]).ends_with(1);
        for word in words {
            assert!(run.err.contains(word), "{sql}: {word:?} is not in\n{}", run.err);
        }
    }
    // A code with an identity code in it is never repeated.
    let sql = "select * from follow_up(period => '2013', first => 'emergency', then => 'service 131052-308T')";
    assert!(!bench.virta(["sql", "s", "-c", sql]).ends_with(1).err.contains("308T"));
}
