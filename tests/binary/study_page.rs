//! What `virta study` prints.

use super::runner::Bench;

/// Contacts of 2013: client, service, day, cents or nothing.
fn bench(rows: &str) -> Bench {
    let bench = Bench::new();
    bench.write(
        "p.toml",
        "[source]\nname = \"p\"\npseudonym = \"r\"\nextracted_on = \"2014-01-20\"\nencoding = \"utf-8\"\n\
         delimiter = \";\"\ndecimal = \",\"\nnull = [\"\"]\n[[file]]\ntable = \"contacts\"\npath = \"p.csv\"\n[file.columns]\n\
         client = { from = \"C\" }\nservice = { from = \"S\" }\nstart_date = { from = \"D\", format = \"iso\" }\n\
         cost_cents = { from = \"E\", unit = \"cent\" }\n",
    );
    bench.write("p.csv", format!("C;S;D;E\n{rows}"));
    bench.virta(["ingest", "s", "p.toml"]).ends_with(0);
    bench
}

fn page(bench: &Bench, periods: &str) -> String {
    let study = format!(
        "[study]\nname = \"page\"\nperiods = [{periods}]\n[[cohort]]\nname = \"two\"\nmin_services = 2\n[concentration]\n"
    );
    bench.write("page.toml", study);
    bench.virta(["study", "s", "page.toml"]).ends_with(0).out
}

/// The cells of the first line that begins with these words.
fn line<'a>(page: &'a str, begin: &str) -> Vec<&'a str> {
    let lines = page.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect());
    let mut found = lines.filter(|cells: &Vec<&str>| cells.join(" ").starts_with(begin));
    found.next().unwrap_or_else(|| panic!("no line begins with {begin}:\n{page}"))
}

#[test]
fn a_cost_that_no_contact_has_is_not_measured() {
    let unpriced = page(&bench("k;a;2013-01-02;\nk;b;2013-01-03;\n"), "\"2013\"");
    assert!(line(&unpriced, "two 2013").contains(&"not measured"), "{unpriced}");
    assert!(!unpriced.contains("0 €"), "{unpriced}");
    let priced = page(&bench("k;a;2013-01-02;0\nk;b;2013-01-03;0\n"), "\"2013\"");
    // Of a lone source nothing is known of its people's linkage.
    let of_cohorts = priced.split("came to be").nth(1).unwrap();
    assert!(!of_cohorts.contains("not measured"), "{priced}");
    assert!(line(&priced, "two 2013").contains(&"0 €"), "{priced}");
}

#[test]
fn a_cohort_of_none_and_an_empty_period_are_told() {
    let page = page(&bench("k;a;2013-01-02;100\n"), "\"2013\", \"1990\"");
    assert_eq!(line(&page, "two 2013")[..4], ["two", "2013", "0", "0.0 % of 1"]);
    assert_eq!(line(&page, "all 2013")[..4], ["all", "2013", "1", "100.0 % of 1"]);
    assert!(page.contains("1990: nobody of the population had a contact in it"), "{page}");
    let concentration = page.split("Concentration").nth(1).unwrap();
    assert!(concentration.contains("2013") && !concentration.contains("1990"), "{page}");
}

#[test]
fn names_that_nothing_in_the_store_has_are_told() {
    let bench = bench("k;a;2013-01-02;100\nk;b;2013-01-03;100\n");
    let study = |service: &str, municipality: &str| {
        format!(
            "[study]\nname = \"n\"\nperiods = [\"2013\"]\n[[cohort]]\nname = \"c\"\nmunicipalities = [\"{municipality}\"]\n\
             [[segment]]\nname = \"s\"\nany_service = [\"a\", \"{service}\"]\n"
        )
    };
    bench.write("n.toml", study("bb", "999"));
    let page = bench.virta(["study", "s", "n.toml"]).ends_with(0).out;
    assert!(page.contains("finds nobody\n  service bb\n  municipality 999\n"), "{page}");
    let json = bench.virta(["study", "s", "n.toml", "--json"]).ends_with(0).out;
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(document["unknown_names"][0], serde_json::json!({ "what": "service", "name": "bb" }));
    bench.write("n.toml", study("b", "091"));
    let page = bench.virta(["study", "s", "n.toml"]).ends_with(0).out;
    assert!(!page.contains("nothing in the store has"), "{page}");
}
