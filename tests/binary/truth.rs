//! A synthetic region and the answers that were planted in it.

use std::collections::BTreeSet;

use virta_model::schema::{
    ACCESS, ADOPTION, CO_USE, CONCENTRATION, FLOWS, FUNNEL, MEMBERS, PACKAGES, PATHWAYS, PILOT_CLIENTS, SERVICE_USE,
    SERVICES_PER_CLIENT, SUMMARY, TableSchema, follow_up,
};

use super::runner::{Bench, bytes_under};

/// Rows of a truth file by column.
fn truth(bench: &Bench, name: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(bench.path("region/truth").join(name)).unwrap();
    let mut lines = text.lines().map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

/// The chosen rows of a study's result in the columns of a truth file.
fn found_in(
    bench: &Bench,
    study: &str,
    schema: &'static TableSchema,
    chosen: &[(&str, &str)],
    columns: &[String],
) -> Vec<Vec<String>> {
    let place = |column: &str| schema.index_of(column).unwrap_or_else(|| panic!("{} has no {column}", schema.name));
    let rows = bench.result(study, schema);
    let ours = rows.iter().filter(|row| chosen.iter().all(|(column, value)| row[place(column)].to_string() == *value));
    let mut found: Vec<Vec<String>> =
        ours.map(|row| columns.iter().map(|column| row[place(column)].to_string()).collect()).collect();
    found.sort();
    found
}

fn found(bench: &Bench, schema: &'static TableSchema, chosen: &[(&str, &str)], columns: &[String]) -> Vec<Vec<String>> {
    found_in(bench, "heavy-users", schema, chosen, columns)
}

/// A store with a synthetic region of three years.
fn region() -> Bench {
    let bench = Bench::new();
    bench.virta(["synth", "region", "--clients", "1500", "--years", "2012..2014", "--dirt", "0.02"]).ends_with(0);
    let mut args = vec!["ingest".to_owned(), "s".to_owned()];
    args.extend(
        bytes_under(&bench.path("region/profiles")).keys().map(|path| format!("region/profiles/{}", path.display())),
    );
    bench.virta(&args).ends_with(0);
    bench
}

#[test]
fn a_synthetic_region_gives_the_answers_that_were_planted() {
    let bench = region();
    // All years, and only the sections that the truth knows.
    let study = std::fs::read_to_string(bench.path("region/study.toml")).unwrap();
    let periods: Vec<&str> = study.lines().filter(|line| line.starts_with("periods")).collect();
    bench.write("study.toml", study.replace(periods[0], "periods = [\"2012\", \"2013\", \"2014\"]"));
    bench.virta(["study", "s", "study.toml"]).ends_with(0);

    for (file, schema, chosen) in [
        ("summary.csv", &SUMMARY, &[][..]),
        ("concentration.csv", &CONCENTRATION, &[("denominator", "users")][..]),
        ("service_use.csv", &SERVICE_USE, &[("cohort", "all")][..]),
        ("services_per_client.csv", &SERVICES_PER_CLIENT, &[][..]),
        ("flows.csv", &FLOWS, &[("cohort", "all")][..]),
        ("packages.csv", &PACKAGES, &[("volume_unit", "contacts")][..]),
        ("access.csv", &ACCESS, &[("municipality", "all"), ("wellbeing_county", "all")][..]),
    ] {
        let (columns, mut planted) = truth(&bench, file);
        planted.sort();
        let mut found = found(&bench, schema, chosen, &columns);
        if file == "concentration.csv" {
            // The truth has some of the shares.
            let shares: Vec<&String> = planted.iter().map(|row| &row[1]).collect();
            found.retain(|row| shares.contains(&&row[1]));
        }
        // The truth does not say the sum of the tiers, nor what was agreed and not used.
        found.retain(|row| file != "access.csv" || row[0] != "all");
        found.retain(|row| file != "packages.csv" || row[4] != "0");
        let missing: Vec<_> = planted.iter().filter(|row| !found.contains(row)).collect();
        let extra: Vec<_> = found.iter().filter(|row| !planted.contains(row)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{file}\nplanted only: {missing:?}\nfound only: {extra:?}");
    }

    let (_, cohorts) = truth(&bench, "cohorts.csv");
    let members = bench.result("heavy-users", &MEMBERS);
    for row in cohorts {
        let found = members.iter().filter(|member| member[0].to_string() == row[0] && member[1].to_string() == row[1]);
        assert_eq!(found.count().to_string(), row[2], "members of {} in {}", row[0], row[1]);
    }

    // The study knows the pilot's clients by other names than the truth, but not what they used.
    let (mut columns, mut planted) = truth(&bench, "pilot.csv");
    let unknown: Vec<usize> =
        ["client", "prevented"].map(|name| columns.iter().position(|c| c == name).unwrap()).to_vec();
    for row in planted.iter_mut().chain(std::iter::once(&mut columns)) {
        row.remove(unknown[1]);
        row.remove(unknown[0]);
    }
    planted.sort();
    assert!(!planted.is_empty());
    assert_eq!(found(&bench, &PILOT_CLIENTS, &[("role", "pilot"), ("service", "-")], &columns), planted);

    let snapshot = bench.store().current().unwrap();
    let (_, files) = truth(&bench, "deliveries.csv");
    for row in files {
        let name = row[0].rsplit('/').next().unwrap();
        let delivery = snapshot.deliveries().iter().find(|delivery| delivery.file.ends_with(name));
        let delivery = delivery.unwrap_or_else(|| panic!("{name} is not in the ledger"));
        let found = [delivery.rows_read, delivery.rows_accepted, delivery.rows_quarantined, delivery.rows_superseded];
        assert_eq!(found.map(|count| count.to_string()).as_slice(), &row[1..], "{name}");
    }
}

const ORDER: &str = r#"
[study]
name = "order"
periods = ["2012", "2013", "2014"]
[[cohort]]
name = "four-plus"
min_services = 4
age = { min = 18, max = 64, at = "period_end" }
[flow]
[co_use]
[adoption]
[pathways]
services = ["rehabilitative_work", "supported_housing"]
window = { from = "period_start", days = 366 }
[[follow]]
name = "emergency to social work"
first = { emergency = true }
then = { service = ["adult_social_work"] }
[[follow]]
name = "emergency to social emergency"
first = { emergency = true }
then = { service = ["social_emergency"] }
[[funnel]]
name = "risk test to plan"
[[funnel.step]]
what = { service = ["risk_test"] }
[[funnel.step]]
what = { plan = "multi_service_plan" }
within_days = 60
"#;

#[test]
fn what_was_planted_about_time_and_order_is_found() {
    let bench = region();
    bench.write("order.toml", ORDER);
    bench.virta(["study", "s", "order.toml"]).ends_with(0);
    for (file, schema, chosen) in [
        ("follow_up.csv", follow_up(&[7, 30]), &[("cohort", "all")][..]),
        ("co_use.csv", &CO_USE, &[("cohort", "all")][..]),
        ("eras.csv", &PATHWAYS, &[("cohort", "all")][..]),
        ("funnel.csv", &FUNNEL, &[][..]),
        ("adoption.csv", &ADOPTION, &[("provider", "all")][..]),
    ] {
        let (columns, mut planted) = truth(&bench, file);
        planted.sort();
        assert!(!planted.is_empty(), "{file}");
        let mut found = found_in(&bench, "order", schema, chosen, &columns);
        // The truth does not say what becomes of those who are on no client list, and so in no municipality.
        found.retain(|row| file != "adoption.csv" || row[2] != "-");
        let missing: Vec<_> = planted.iter().filter(|row| !found.contains(row)).collect();
        let extra: Vec<_> = found.iter().filter(|row| !planted.contains(row)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{file}\nplanted only: {missing:?}\nfound only: {extra:?}");
    }

    // At the one desk the two services meet at one unit far more often than by chance.
    let place = |column: &str| CO_USE.index_of(column).unwrap();
    let pairs = bench.result("order", &CO_USE);
    let is_desk = [("service_a", "nurse"), ("service_b", "risk_test")].map(|(column, code)| (place(column), code));
    let desk: Vec<_> =
        pairs.iter().filter(|row| is_desk.iter().all(|(at, code)| row[*at].to_string() == *code)).collect();
    let sum = |column: &str| desk.iter().map(|row| row[place(column)].to_string().parse::<f64>().unwrap()).sum::<f64>();
    assert!(sum("same_site_days") >= 10.0 && sum("days") > 5.0 * sum("expected_days"), "{desk:?}");

    // A share lies within three standard deviations of the chance with which it was planted. The two small counties have
    // few clients here; the generator's own tests have more.
    let (_, planted) = truth(&bench, "planted.csv");
    assert!(planted.len() >= 3, "{planted:?}");
    for row in planted {
        let number = |at: usize| row[at].parse::<f64>().unwrap();
        let (chance, clients, found) = (number(1) / 1000.0, number(2), number(3));
        let deviation = (clients * chance * (1.0 - chance)).sqrt();
        let is_enough = clients >= 30.0 || row[0].contains("county 1");
        assert!(is_enough && (found - clients * chance).abs() <= 3.0 * deviation, "{row:?}");
    }

    // Nobody had a worker before the middle year; then ever more do, for two years.
    let (_, months) = truth(&bench, "adoption.csv");
    let workers = |month: &str| {
        let row = months.iter().find(|row| row[0] == month && row[1] == "all").unwrap();
        row[4].parse::<u64>().unwrap()
    };
    assert_eq!(workers("2012-12"), 0);
    assert!(workers("2013-12") > 2 * workers("2013-03") && workers("2014-12") > workers("2013-12"), "{months:?}");
    // Each county has rows of its own, and so has each municipality.
    let places: BTreeSet<_> = months.iter().map(|row| (row[1].as_str(), row[2] == "all")).collect();
    assert_eq!(places.iter().filter(|(_, is_county)| *is_county).count(), 4, "{places:?}");
}
