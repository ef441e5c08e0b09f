//! The settings that go with the extracts: profiles, code lists, a study.

use std::fmt::Write as _;

use crate::region::RegionOptions;
use crate::service::{FIRST_PRICE_YEAR, SERVICES, Service, System};

/// Every settings file of a region: path relative to the region's folder, and text.
pub(crate) fn files(options: &RegionOptions) -> Vec<(String, String)> {
    let mut files: Vec<_> = PROFILES.iter().map(|(name, text)| profile(options, name, text)).collect();
    for (name, system) in CODE_LISTS {
        files.push((format!("codes/{name}.csv"), code_list(options, *system)));
    }
    for (name, text) in NAME_LISTS {
        files.push((format!("codes/{name}.csv"), (*text).to_owned()));
    }
    files.push(("study.toml".to_owned(), study(options)));
    files
}

const PROFILES: &[(&str, &str)] = &[
    ("avohilmo", include_str!("avohilmo.toml")),
    ("hilmo", include_str!("hilmo.toml")),
    ("palveluohjaus", include_str!("palveluohjaus.toml")),
    ("sosiaalihilmo", include_str!("sosiaalihilmo.toml")),
    ("sosiaalitilasto", include_str!("sosiaalitilasto.toml")),
    ("sosiaalityo", include_str!("sosiaalityo.toml")),
    ("toimeentulotuki", include_str!("toimeentulotuki.toml")),
    ("vaesto", include_str!("vaesto.toml")),
];

const CODE_LISTS: &[(&str, System)] = &[
    ("avohilmo", System::AvoHilmo),
    ("hilmo", System::Hilmo),
    ("sosiaalihilmo", System::SocialStays),
    ("sosiaalityo", System::SocialVisits),
    ("toimeentulotuki", System::Assistance),
];

/// What the region's packages and providers are called.
const NAME_LISTS: &[(&str, &str)] =
    &[("packages", include_str!("packages.csv")), ("providers", include_str!("providers.csv"))];

const BAD_ROWS: &str = "bad_rows_max_percent = 5";

fn profile(options: &RegionOptions, name: &str, text: &str) -> (String, String) {
    // Dirt that was asked for must not have whole files refused.
    let percent = (options.dirt_per_100_000() / 400).clamp(5, 100);
    let text = text.replace(BAD_ROWS, &format!("bad_rows_max_percent = {percent}"));
    (format!("profiles/{name}.toml"), text)
}

fn study(options: &RegionOptions) -> String {
    let years: Vec<_> = options.years().map(|year| format!("\"{year}\"")).collect();
    include_str!("study.toml").replace("periods = [\"2013\"]", &format!("periods = [{}]", years.join(", ")))
}

fn code_list(options: &RegionOptions, system: System) -> String {
    let mut text =
        "code,service,package,sector,is_emergency,name_fi,name_sv,name_en,unit_cost_cents,valid_from,valid_to,has_stays\n"
            .to_owned();
    for service in SERVICES.iter().filter(|service| service.system == system) {
        for code in service.source_codes {
            let prices = prices(options, service);
            for price in &prices {
                let _ = writeln!(
                    text,
                    "{code},{},{},{},{},{},{},{},{price},{}",
                    service.code,
                    quoted(service.package),
                    service.sector(),
                    service.is_emergency,
                    quoted(service.name_fi),
                    quoted(service.name_sv),
                    quoted(service.name_en),
                    service.has_stays()
                );
            }
        }
    }
    text
}

/// The last three cells of a service's lines: a line a year where the list prices it, else one line without a price.
fn prices(options: &RegionOptions, service: &Service) -> Vec<String> {
    let years = options.first_year.min(FIRST_PRICE_YEAR)..=options.last_year;
    let price = |year| {
        let cents = service.unit_cost_cents(crate::region::new_year(year))?;
        Some(format!("{cents},{year}-01-01,{year}-12-31"))
    };
    let prices: Vec<_> = years.filter_map(price).collect();
    if prices.is_empty() { vec![",,".to_owned()] } else { prices }
}

fn quoted(text: &str) -> String {
    if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use virta_model::settings::{Profile, Study};

    use super::*;

    #[test]
    fn every_profile_and_the_study_can_be_read() {
        let options = RegionOptions::new(1, 2013..=2015, 1).with_dirt(0.1);
        for (path, text) in files(&options) {
            if path.starts_with("profiles/") {
                let profile = Profile::parse(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
                assert!(profile.source.bad_rows_max_percent >= 5.0);
            }
        }
        let study = Study::parse(&study(&options)).unwrap();
        assert_eq!(study.study.periods.len(), 3);
        let cohorts: Vec<_> = study.cohorts.iter().map(|cohort| cohort.name.as_str()).collect();
        let rules: Vec<_> = crate::truth::COHORTS.iter().map(|rule| rule.name).collect();
        assert_eq!(cohorts, rules);
    }

    #[test]
    fn every_package_and_office_has_a_name() {
        let has = |list: usize, code: &str| {
            NAME_LISTS[list].1.lines().any(|line| line.starts_with(&format!("{},", quoted(code))))
        };
        assert!(SERVICES.iter().all(|service| has(0, service.package)));
        assert!(crate::records::OFFICES.iter().all(|office| has(1, office)));
    }

    #[test]
    fn the_segments_of_the_study_name_services_of_the_region() {
        let study = Study::parse(&study(&RegionOptions::default())).unwrap();
        for code in study.segments.iter().flat_map(|segment| &segment.any_service) {
            assert!(SERVICES.iter().any(|service| service.code == code), "{code}");
        }
    }
}
