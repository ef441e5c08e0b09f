//! `profile` and `summary`.

use std::collections::BTreeSet;

use virta_model::settings::Study;

use super::cell::row;
use super::statistics::{gini, share};
use super::{PeriodPeople, Person, Tables, Use};

pub(super) const DIMENSIONS: [&str; 7] =
    ["all", "age_band", "sex", "municipality", "wellbeing_county", "language", "segment"];

/// The value of a dimension for a person; the dimension `all` has the one value `all`.
pub(super) fn value(study: &Study, period: &PeriodPeople<'_>, person: &Person<'_>, dimension: &str) -> Option<String> {
    let client = &person.client;
    match dimension {
        "all" => Some("all".to_owned()),
        "age_band" => person.shown_age_on(period.window.to).and_then(|age| age_band(study, age)),
        "sex" => client.sex.map(|sex| sex.as_str().to_owned()),
        "municipality" => period.municipality(person),
        "wellbeing_county" => client.municipality.as_ref().and_then(|code| period.world.counties.get(code).cloned()),
        "language" => client.language.clone(),
        _ => Some(segment(study, period, person)),
    }
}

/// The band of an age: 0-17, 18-24, ten years each, 85 and more, cut to the population; minors alone have 0-6, 7-12 and
/// 13-17.
fn age_band(study: &Study, age: i32) -> Option<String> {
    let (min, max) = study.study.population.ages.map_or((0, u32::MAX), |ages| (ages.min, ages.max));
    let edges: &[u32] = if max < 18 { &[0, 7, 13, 18] } else { &[0, 18, 25, 35, 45, 55, 65, 75, 85, u32::MAX] };
    let age = u32::try_from(age).ok()?;
    let band = edges.windows(2).find(|edges| edges[0] <= age && age < edges[1])?;
    let (first, last) = (band[0].max(min), (band[1] - 1).min(max));
    Some(match (first, last) {
        (first, last) if last >= u32::MAX - 1 => format!("{first}+"),
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    })
}

/// The first segment one of whose services was used in the period; the rest are "other".
fn segment(study: &Study, period: &PeriodPeople<'_>, person: &Person<'_>) -> String {
    let contacts = person.contacts_in(period.window);
    let fits = |services: &[String]| contacts.iter().any(|contact| services.contains(&contact.service));
    let found = study.segments.iter().find(|segment| fits(&segment.any_service));
    found.map_or("other".to_owned(), |segment| segment.name.clone())
}

pub(super) fn profile(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
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
                    let mut used = Use::default();
                    here.iter().for_each(|person| used.add(person.use_in(period.window)));
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
                        used.contacts,
                        used.known_cost(),
                        share(here.len() as i64, users),
                        used.known_cost().and_then(|cost| share(cost, whole_cost)),
                    ]);
                }
            }
        }
    }
}

pub(super) fn summary(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("summary").or_default();
    for period in periods {
        let uses: Vec<_> = period.user_people().map(|person| person.use_in(period.window)).collect();
        let costs: Vec<i64> = uses.iter().map(|used| used.cost).collect();
        let mut all = Use::default();
        uses.iter().for_each(|used| all.add(*used));
        let days = period
            .residents
            .as_ref()
            .map(|residents| residents.iter().map(|&at| period.people[at].observed_days(period.window)).sum::<i64>());
        rows.push(row![
            period.label.as_str(),
            uses.len(),
            period.residents.as_ref().map(Vec::len),
            days.map(|days| days as f64 / 365.25),
            all.contacts,
            all.known_cost(),
            all.unpriced,
            all.known_cost().map(|_| gini(&costs)),
        ]);
    }
}
