//! `regions`: each region's people counted one by one, and standardised stratum by stratum.

use std::collections::BTreeSet;

use virta_model::Sex;
use virta_model::settings::Study;

use super::cell::row;
use super::{PeriodPeople, Person, Tables, Use};

/// Sex and first age of the band; `None` without either.
fn stratum(period: &PeriodPeople<'_>, person: &Person<'_>) -> Option<(Sex, i32)> {
    let age = person.age_on(period.window.to)?;
    let sex = person.client.sex.filter(|sex| *sex != Sex::Unknown)?;
    let band = [80, 65, 50, 35, 18, 0].into_iter().find(|first| *first <= age)?;
    Some((sex, band))
}

pub(super) fn regions(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("regions").or_default();
    for period in periods {
        let residents: Vec<&Person<'_>> = period.residents.iter().flatten().map(|&at| &period.people[at]).collect();
        let standard: Vec<(Sex, i32)> = residents.iter().filter_map(|person| stratum(period, person)).collect();
        let strata: BTreeSet<(Sex, i32)> = standard.iter().copied().collect();
        for (cohort, people) in period.groups(study) {
            for level in ["wellbeing_county", "municipality"] {
                let region_of = |person: &Person<'_>| {
                    let town = person.client.municipality.as_ref()?;
                    match level {
                        "municipality" => period.municipality(person),
                        _ => period.world.counties.get(town).cloned(),
                    }
                };
                let names: BTreeSet<String> =
                    people.iter().chain(&residents).filter_map(|person| region_of(person)).collect();
                for region in names {
                    let here = |all: &[&Person<'_>]| -> Vec<usize> {
                        (0..all.len()).filter(|&at| region_of(all[at]).as_ref() == Some(&region)).collect()
                    };
                    let (users, living) = (here(&people), here(&residents));
                    let uses: Vec<_> = users.iter().map(|&at| people[at].use_in(period.window)).collect();
                    let measures: Vec<[i64; 3]> = uses.iter().map(|used| [1, used.contacts, used.cost]).collect();
                    let mut all = Use::default();
                    uses.iter().for_each(|used| all.add(*used));
                    let is_measured = all.known_cost().is_some();
                    let total = |measure: usize| measures.iter().map(|m| m[measure]).sum::<i64>();
                    let rate =
                        |measure: usize| (!living.is_empty()).then(|| total(measure) as f64 / living.len() as f64);
                    let standardised = |measure: usize| -> Option<f64> {
                        let mut sum = 0.0;
                        for one in &strata {
                            let of = |all: &[&Person<'_>], at: usize| stratum(period, all[at]) == Some(*one);
                            let there = living.iter().filter(|&&at| of(&residents, at)).count();
                            if there == 0 {
                                return None;
                            }
                            let used: i64 = users
                                .iter()
                                .zip(&measures)
                                .filter(|(at, _)| of(&people, **at))
                                .map(|(_, m)| m[measure])
                                .sum();
                            let weight = standard.iter().filter(|other| *other == one).count() as f64;
                            sum += used as f64 / there as f64 * weight;
                        }
                        (!strata.is_empty()).then(|| sum / standard.len() as f64)
                    };
                    let cents =
                        |value: Option<f64>| value.map(|value| (value + 1e-7_f64.copysign(value)).round() as i64);
                    rows.push(row![
                        cohort.as_str(),
                        period.label.as_str(),
                        level,
                        region.as_str(),
                        living.len(),
                        users.len(),
                        total(1),
                        all.known_cost(),
                        rate(0).map(|rate| rate * 1000.0),
                        rate(1).map(|rate| rate * 1000.0),
                        cents(rate(2).filter(|_| is_measured)),
                        standardised(0).map(|rate| rate * 1000.0),
                        standardised(1).map(|rate| rate * 1000.0),
                        cents(standardised(2).filter(|_| is_measured)),
                    ]);
                }
            }
        }
    }
}
