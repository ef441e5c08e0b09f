//! `profile` and `summary`.

use std::collections::BTreeSet;

use virta_model::settings::Study;

use super::cell::row;
use super::statistics::{gini, share};
use super::{PeriodPeople, Person, Tables};

pub const DIMENSIONS: [&str; 7] = ["all", "age_band", "sex", "municipality", "wellbeing_county", "language", "segment"];

/// The value of a dimension for a person; the dimension `all` has the one value `all`.
pub fn value(study: &Study, period: &PeriodPeople<'_>, person: &Person<'_>, dimension: &str) -> Option<String> {
    let client = &person.client;
    match dimension {
        "all" => Some("all".to_owned()),
        "age_band" => person.age_on(period.window.to).map(age_band),
        "sex" => client.sex.map(|sex| sex.as_str().to_owned()),
        "municipality" => period.municipality(person),
        "wellbeing_county" => client.municipality.as_ref().and_then(|code| period.world.counties.get(code).cloned()),
        "language" => client.language.clone(),
        _ => Some(segment(study, period, person)),
    }
}

/// The age bands that the services' own reports use.
fn age_band(age: i32) -> String {
    match age {
        ..=17 => "0-17",
        18..=64 => "18-64",
        65..=79 => "65-79",
        _ => "80+",
    }
    .to_owned()
}

/// The first segment one of whose services was used in the period; the rest are "other".
fn segment(study: &Study, period: &PeriodPeople<'_>, person: &Person<'_>) -> String {
    let contacts = person.contacts_in(period.window);
    let fits = |services: &[String]| contacts.iter().any(|contact| services.contains(&contact.service));
    let found = study.segments.iter().find(|segment| fits(&segment.any_service));
    found.map_or("other".to_owned(), |segment| segment.name.clone())
}

pub fn profile(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("profile").or_default();
    for period in periods {
        let users: i64 = period.users.len() as i64;
        let whole_cost: i64 = period.user_people().map(|person| person.use_in(period.window).cost).sum();
        for (cohort, people) in period.groups(study) {
            for dimension in DIMENSIONS {
                if dimension == "segment" && study.segments.is_empty() {
                    continue;
                }
                let of = |person: &Person<'_>| value(study, period, person, dimension);
                let values: BTreeSet<Option<String>> = people.iter().map(|person| of(person)).collect();
                for value in values {
                    let here: Vec<_> = people.iter().filter(|person| of(person) == value).collect();
                    let (contacts, cost) = here.iter().fold((0, 0), |(contacts, cost), person| {
                        let used = person.use_in(period.window);
                        (contacts + used.contacts, cost + used.cost)
                    });
                    let residents = period
                        .residents
                        .as_ref()
                        .map(|residents| residents.iter().filter(|&&at| of(&period.people[at]) == value).count());
                    rows.push(row![
                        cohort.as_str(),
                        period.label.as_str(),
                        dimension,
                        value,
                        here.len(),
                        residents,
                        contacts,
                        cost,
                        share(here.len() as i64, users),
                        share(cost, whole_cost),
                    ]);
                }
            }
        }
    }
}

pub fn summary(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("summary").or_default();
    for period in periods {
        let uses: Vec<_> = period.user_people().map(|person| person.use_in(period.window)).collect();
        let costs: Vec<i64> = uses.iter().map(|used| used.cost).collect();
        let days = period
            .residents
            .as_ref()
            .map(|residents| residents.iter().map(|&at| period.people[at].observed_days(period.window)).sum::<i64>());
        rows.push(row![
            period.label.as_str(),
            uses.len(),
            period.residents.as_ref().map(Vec::len),
            days.map(|days| days as f64 / 365.25),
            uses.iter().map(|used| used.contacts).sum::<i64>(),
            costs.iter().sum::<i64>(),
            uses.iter().map(|used| used.unpriced).sum::<i64>(),
            gini(&costs),
        ]);
    }
}
