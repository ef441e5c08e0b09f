//! `joiners`: each person's state in each period and in the next, one person and one cohort at a time.

use std::collections::BTreeMap;

use virta_model::settings::Study;

use super::cell::row;
use super::cohort::is_near;
use super::{PeriodPeople, Tables, Use};

/// One person in one row.
#[derive(Debug)]
pub(super) struct Joiner {
    /// Cohort, earlier and later period, state in each.
    pub key: [String; 5],
    /// Of the later period, if it is measured.
    pub cost: Option<i64>,
}

/// Everybody of every row, for each period and the next in time.
pub(super) fn all(study: &Study, periods: &[PeriodPeople<'_>]) -> Vec<Joiner> {
    // Of a period after the end of observation nothing is known.
    let mut in_time: Vec<&PeriodPeople<'_>> = periods.iter().filter(|period| !period.is_unknown()).collect();
    in_time.sort_by_key(|period| (period.window.from, period.window.to));
    let mut all = Vec::new();
    for (cohort, rules) in study.cohorts.iter().enumerate() {
        for pair in in_time.windows(2) {
            for at in 0..pair[0].people.len() {
                if !is_known(pair[0], at) && !is_known(pair[1], at) {
                    continue;
                }
                let [from, to] = [pair[0], pair[1]].map(|period| state(study, period, cohort, at).to_owned());
                let used = pair[1].users.contains(&at).then(|| pair[1].people[at].use_in(pair[1].window));
                let cost = used.map_or(Some(0), |used: Use| used.known_cost());
                let [earlier, later] = [&pair[0].label, &pair[1].label].map(String::clone);
                all.push(Joiner { key: [rules.name.clone(), earlier, later, from, to], cost });
            }
        }
    }
    all
}

pub(super) fn joiners(study: &Study, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let mut sums: BTreeMap<[String; 5], Vec<Option<i64>>> = BTreeMap::new();
    for one in all(study, periods) {
        sums.entry(one.key).or_default().push(one.cost);
    }
    let rows = tables.entry("joiners").or_default();
    for ([cohort, from, to, from_state, to_state], costs) in sums {
        let measured = costs.iter().any(Option::is_some);
        let cost = costs.iter().map(|cost| cost.unwrap_or(0)).sum::<i64>();
        rows.push(row![cohort, from, to, from_state, to_state, costs.len(), measured.then_some(cost)]);
    }
}

/// A user or a resident of the period's population.
fn is_known(period: &PeriodPeople<'_>, at: usize) -> bool {
    period.users.contains(&at) || period.residents.iter().flatten().any(|&resident| resident == at)
}

fn state(study: &Study, period: &PeriodPeople<'_>, cohort: usize, at: usize) -> &'static str {
    if let Some(user) = period.users.iter().position(|&user| user == at) {
        return match (&period.standings[cohort][user], is_near(study, period, cohort, user)) {
            (standing, _) if standing.is_member() => "member",
            (_, true) => "near",
            _ => "user",
        };
    }
    if is_known(period, at) {
        return "no_use";
    }
    let person = &period.people[at];
    let age = person.age_on(period.window.to).map(i64::from);
    let ages = study.study.population.ages;
    let is_young = ages.zip(age).is_some_and(|(ages, age)| age < i64::from(ages.min));
    let is_old = ages.zip(age).is_some_and(|(ages, age)| age > i64::from(ages.max));
    let is_born = person.client.birth.is_none_or(|(birth, _)| birth <= period.window.to);
    let is_here_later = person.client.observed_from.is_some_and(|from| from > period.window.to);
    match () {
        () if !is_born || is_young || is_here_later => "not_yet",
        () if is_old || person.is_listed() => "left",
        () => "no_use",
    }
}
