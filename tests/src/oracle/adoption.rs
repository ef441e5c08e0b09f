//! `adoption`: each month of each person.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::{Adoption, Study};
use virta_model::{Day, PlanKind};

use super::cell::row;
use super::{PeriodPeople, Person, Tables, Window, months};

/// County, municipality, provider.
type Place = (Option<String>, Option<String>, String);

pub(super) fn adoption(study: &Study, settings: &Adoption, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let Some(first) = periods.first() else { return };
    let world = first.world;
    let mut sums: BTreeMap<(String, Place), [i64; 6]> = BTreeMap::new();
    for at in 0..first.people.len() {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for period in periods {
            if !is_eligible(study, settings, period, at) {
                continue;
            }
            let person = &period.people[at];
            for (month, days) in months(period.window) {
                let to = person.end.map_or(days.to, |end| end.min(days.to));
                let days = Window { from: days.from, to };
                if days.from > days.to || seen.contains(&month) {
                    continue;
                }
                seen.insert(month.clone());
                if person.is_listed() && person.observed_days(days) == 0 {
                    continue;
                }
                let counts = counts(settings, period, person, days);
                for place in places(period, person) {
                    let sum = sums.entry((month.clone(), place)).or_default();
                    sum.iter_mut().zip(counts).for_each(|(sum, add)| *sum += add);
                }
            }
        }
    }
    let has = |kind: PlanKind| world.plans.iter().any(|plan| plan.kind == kind);
    let plans = has(PlanKind::MultiServicePlan);
    let measured = [
        true,
        has(PlanKind::ResponsibleWorker),
        plans,
        has(PlanKind::Consent),
        plans,
        plans || !world.assessments.is_empty(),
    ];
    let rows = tables.entry("adoption").or_default();
    for ((month, (county, municipality, provider)), sum) in sums {
        let of = |at: usize| measured[at].then_some(sum[at]);
        rows.push(row![month, county, municipality, provider, sum[0], of(1), of(2), of(3), of(4), of(5)]);
    }
}

fn is_eligible(study: &Study, settings: &Adoption, period: &PeriodPeople<'_>, at: usize) -> bool {
    let Some(user) = period.users.iter().position(|&user| user == at) else { return false };
    let named = |name: &String| study.cohorts.iter().position(|cohort| cohort.name == *name);
    let cohort = match &settings.cohort {
        Some(name) => named(name),
        None => (!study.cohorts.is_empty()).then_some(0),
    };
    cohort.is_none_or(|cohort| period.standings[cohort][user].is_member())
}

fn places(period: &PeriodPeople<'_>, person: &Person<'_>) -> Vec<Place> {
    let all = || Some("all".to_owned());
    let county = person.client.municipality.as_ref().and_then(|home| period.world.counties.get(home).cloned());
    let mut places = vec![(all(), all(), "all".to_owned())];
    places.push((county.clone(), period.municipality(person), "all".to_owned()));
    places.extend(county.map(|county| (Some(county), all(), "all".to_owned())));
    let contacts = person.contacts_in(period.window);
    let providers: BTreeSet<String> = contacts.iter().filter_map(|contact| contact.provider.clone()).collect();
    places.extend(providers.into_iter().map(|provider| (all(), all(), provider)));
    places
}

/// Eligible, with a worker, with a plan, with a consent, first plans, one contact.
fn counts(settings: &Adoption, period: &PeriodPeople<'_>, person: &Person<'_>, days: Window) -> [i64; 6] {
    let plans: Vec<_> = period.world.plans.iter().filter(|plan| plan.client == person.id).collect();
    let has = |kind: PlanKind| {
        let mut all = plans.iter().filter(|plan| plan.kind == kind);
        i64::from(all.any(|plan| days.days().any(|day| plan.from <= day && plan.to.is_none_or(|to| day <= to))))
    };
    let begun: Vec<Day> =
        plans.iter().filter(|plan| plan.kind == PlanKind::MultiServicePlan).map(|plan| plan.from).collect();
    let first_plan = i64::from(begun.iter().min().is_some_and(|day| days.has(*day)));
    let first = person.contacts_in(period.window).iter().map(|one| one.start.max(period.window.from)).min();
    let assessed = period.world.assessments.iter().filter(|one| one.client == person.id);
    let assessed = assessed.filter_map(|one| one.started.or(one.completed));
    let one_contact = first.filter(|first| days.has(*first)).is_some_and(|first| {
        let soon = Window { from: first, to: Day(first.0 + settings.one_contact_days as i32) };
        begun.iter().copied().chain(assessed).any(|day| soon.has(day) && person.end.is_none_or(|end| day <= end))
    });
    [
        1,
        has(PlanKind::ResponsibleWorker),
        has(PlanKind::MultiServicePlan),
        has(PlanKind::Consent),
        first_plan,
        i64::from(one_contact),
    ]
}
