//! `continuity`: each person's contacts by provider.

use virta_model::settings::{CountBy, Study};

use super::cell::row;
use super::statistics::median;
use super::{PeriodPeople, Tables};

pub(super) fn continuity(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("continuity").or_default();
    for period in periods {
        for (cohort, people) in period.groups(study) {
            let by_provider = people.iter().map(|person| -> Vec<i64> {
                person.use_by(period.window, CountBy::Provider).values().map(|used| used.contacts).collect()
            });
            let each: Vec<Vec<i64>> = by_provider.filter(|contacts| contacts.iter().sum::<i64>() >= 3).collect();
            let n = each.len() as f64;
            let mean = |of: fn(&Vec<i64>) -> f64| (n > 0.0).then(|| each.iter().map(of).sum::<f64>() / n);
            let usual =
                |contacts: &Vec<i64>| *contacts.iter().max().unwrap() as f64 / contacts.iter().sum::<i64>() as f64;
            // The share of pairs of contacts that have the same provider.
            let bice_boxerman = |contacts: &Vec<i64>| {
                let all: i64 = contacts.iter().sum();
                contacts.iter().map(|n| n * (n - 1)).sum::<i64>() as f64 / (all * (all - 1)) as f64
            };
            let providers: Vec<i64> = each.iter().map(|contacts| contacts.len() as i64).collect();
            rows.push(row![
                cohort.as_str(),
                period.label.as_str(),
                median(&providers),
                mean(usual),
                mean(bice_boxerman),
                each.len(),
            ]);
        }
    }
}
