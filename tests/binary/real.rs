//! Real and independently made inputs, which lie beside the checkout where they lie at all.

use virta_tests::needs;

use super::expected;
use super::runner::{Bench, checkout};

/// Ingests by a profile under `fixtures/real` and holds a study against its answers. Without the data it says so and
/// passes.
fn check(folder: &str, profiles: &[&str], study_name: &str, study: &str, answers: &str) {
    if needs::data_beside(&checkout(), folder).is_none() {
        return;
    }
    let settings = checkout().join("fixtures/real").join(folder);
    let bench = Bench::new();
    let mut args = vec!["ingest".into(), "s".into()];
    args.extend(profiles.iter().map(|profile| settings.join(profile).into_os_string()));
    bench.virta(args).ends_with(0);
    bench.virta(["study".as_ref(), "s".as_ref(), settings.join(study).as_os_str()]).ends_with(0);
    expected::check(&bench, study_name, &settings.join(answers));
    bench.virta(["verify", "s"]).ends_with(0);
}

#[test]
fn a_hospitals_departments() {
    check("hospital", &["by-group.toml"], "hospital-group", "study-group.toml", "expected-group.txt");
}

#[test]
fn a_hospitals_activities() {
    check("hospital", &["by-activity.toml"], "hospital-activity", "study-activity.toml", "expected-activity.txt");
}

#[test]
fn encounters_by_class() {
    check("synthea", &["by-class.toml"], "synthea-class", "study-class.toml", "expected-class.txt");
}

#[test]
fn encounters_by_description() {
    check(
        "synthea",
        &["by-description.toml"],
        "synthea-description",
        "study-description.toml",
        "expected-description.txt",
    );
}

#[test]
fn homelessness_services_with_open_enrolments() {
    check("hmis", &["profile.toml"], "hmis", "study.toml", "expected.txt");
}

#[test]
fn a_common_data_model_in_parquet() {
    check("omop_gibleed", &["profile.toml"], "omop-gibleed", "study.toml", "expected.txt");
}

#[test]
fn register_extracts_in_hilmo_form() {
    check("hilmo", &["profile.toml"], "hilmo-register", "study.toml", "expected.txt");
}

#[test]
fn children_in_care_with_open_episodes() {
    check("children_in_care", &["profile.toml"], "children-in-care", "study.toml", "expected.txt");
}
