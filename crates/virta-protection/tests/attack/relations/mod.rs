//! Everything that a reader knows to hold among the published numbers.

mod people;
mod time;
mod use_of_services;
mod ways;

use std::collections::BTreeSet;

use crate::reader::Reader;

const SUMS: [&str; 2] = ["clients", "contacts"];

pub(crate) fn relate(reader: &mut Reader<'_>, has_public_residents: bool) {
    if has_public_residents {
        people::public_residents(reader);
    }
    people::summary(reader);
    people::dimensions(reader);
    people::regions(reader);
    use_of_services::services_and_cohorts(reader);
    use_of_services::numbers_of_services(reader);
    people::parts_of_cohorts(reader);
    ways::sparse(reader);
    people::cohorts_inside_others(reader);
    people::overlaps(reader);
    people::attrition(reader);
    use_of_services::thresholds(reader);
    use_of_services::tops_and_deciles(reader);
    use_of_services::curves(reader);
    people::joiners(reader);
    people::unknown_order(reader);
    use_of_services::emergencies(reader);
    ways::flows(reader);
    use_of_services::packages(reader);
    use_of_services::access(reader);
    people::pilots(reader);
    time::relate(reader);
}

pub(crate) fn own(text: &[String]) -> Vec<&str> {
    text.iter().map(String::as_str).collect()
}

pub(crate) fn keys(reader: &Reader<'_>, table: &'static str) -> Vec<Vec<String>> {
    reader.keys.get(table).into_iter().flatten().cloned().collect()
}

/// The different beginnings of a table's keys.
pub(crate) fn groups(reader: &Reader<'_>, table: &'static str, length: usize) -> BTreeSet<Vec<String>> {
    keys(reader, table).into_iter().map(|keys| keys[..length].to_vec()).collect()
}

pub(crate) fn equal(reader: &mut Reader<'_>, total: Option<usize>, parts: &[usize], why: &str) {
    if let Some(total) = total.filter(|_| !parts.is_empty()) {
        reader.system.equal(total, parts, why);
    }
}

pub(crate) fn inside(reader: &mut Reader<'_>, total: Option<usize>, part: Option<usize>, why: &str) {
    let k = reader.k();
    if let (Some(total), Some(part)) = (total, part) {
        reader.system.inside(total, &[part], true, k, why);
    }
}

/// The size of a cohort, or a sum over it.
pub(crate) fn size(reader: &Reader<'_>, cohort: &str, period: &str, column: &'static str) -> Option<usize> {
    reader.at("profile", &[cohort, period, "all", "all"], column)
}

pub(crate) fn measured_everywhere(reader: &Reader<'_>, parts: &[usize], total: Option<usize>) -> bool {
    let truth = |at: usize| reader.system.unknowns[at].truth;
    total.is_some_and(|total| truth(total) == parts.iter().map(|&part| truth(part)).sum::<i64>())
}

/// Whether the cohort `many` asks for so many services and nothing else, as it does before it is made stricter.
fn is_plain(reader: &Reader<'_>) -> bool {
    let cohorts = &reader.study.study.cohorts;
    let least = cohorts.iter().filter(|cohort| cohort.name != "rest").map(|cohort| cohort.min_services).min();
    let many = cohorts.iter().find(|cohort| cohort.name == "many");
    many.is_some_and(|many| Some(many.min_services) == least && many.age.is_none() && many.municipalities.is_empty())
}
