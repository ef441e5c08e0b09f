//! `packages`: a list of everything about each provider and package, then each column from the lists.

use std::collections::{BTreeMap, BTreeSet};

use virta_model::Day;

use super::cell::row;
use super::{PeriodPeople, Tables, Use, cost_of_day};
use crate::world::{Agreement, Answer};

type Key = (Option<String>, Option<String>);

/// Part of the agreed volume that lies in a window: day by day, as a stay's cost is.
fn volume_in(agreement: &Agreement, period: &PeriodPeople<'_>) -> Option<i64> {
    let days: Vec<Day> = (agreement.from.0..=agreement.to.0).map(Day).collect();
    let volume = agreement.volume?;
    let of_day = |at: usize| cost_of_day(volume, days.len() as i64, at as i64 + 1);
    Some((0..days.len()).filter(|&at| period.window.has(days[at])).map(of_day).sum())
}

/// To the nearest whole, halves away from zero; nothing by nothing.
fn divided(cents: i64, by: i64) -> Option<i64> {
    (by > 0).then(|| {
        let (whole, rest) = (cents.abs() / by, cents.abs() % by);
        (whole + i64::from(2 * rest >= by)) * cents.signum()
    })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Returns, by key of the row, how many answers each client gave.
pub(super) fn packages(periods: &[PeriodPeople<'_>], tables: &mut Tables) -> Vec<(String, Vec<i64>)> {
    let mut given = Vec::new();
    let rows = tables.entry("packages").or_default();
    for period in periods {
        let mut clients: BTreeMap<Key, BTreeSet<i64>> = BTreeMap::new();
        let mut used: BTreeMap<Key, Use> = BTreeMap::new();
        for person in period.user_people() {
            for contact in person.contacts_in(period.window) {
                let key = (contact.provider.clone(), period.world.service(&contact.service).package.clone());
                clients.entry(key.clone()).or_default().insert(person.id);
                used.entry(key).or_default().add(person.use_of(contact, period.window));
            }
        }
        let agreements = || {
            let touches =
                |agreement: &&Agreement| agreement.from <= period.window.to && period.window.from <= agreement.to;
            period.world.agreements.iter().filter(touches)
        };
        let in_population = |id: i64| {
            let known = period.people.iter().position(|person| person.id == id);
            // Somebody whom only an answer names has no age.
            known.map_or(period.has_no_age_limit, |at| period.population.contains(&at))
        };
        let answers = || {
            let answers = period.world.feedback.iter();
            answers.filter(|answer| period.window.has(answer.on) && in_population(answer.client))
        };
        let named = |provider: &String, package: &String| (Some(provider.clone()), Some(package.clone()));
        let mut keys: BTreeSet<Key> = used.keys().cloned().collect();
        keys.extend(agreements().map(|agreement| named(&agreement.provider, &agreement.package)));
        keys.extend(answers().map(|answer| named(&answer.provider, &answer.package)));
        for key in keys {
            let clients = clients.get(&key).map_or(0, BTreeSet::len) as i64;
            let used = used.get(&key).copied().unwrap_or_default();
            let cost = (used.contacts == 0 || used.unpriced < used.contacts).then_some(used.cost);

            let ours: Vec<&Agreement> = agreements().filter(|a| named(&a.provider, &a.package) == key).collect();
            let units: BTreeSet<Option<&String>> = ours.iter().map(|agreement| agreement.unit.as_ref()).collect();
            let prices: BTreeSet<Option<i64>> = ours.iter().map(|agreement| agreement.unit_cost).collect();
            let volumes: Option<Vec<i64>> = ours.iter().map(|agreement| volume_in(agreement, period)).collect();
            let volumes = volumes.filter(|volumes| !volumes.is_empty());
            let is_priced = !ours.is_empty() && !prices.contains(&None);
            let agreed_cost = volumes.clone().filter(|_| is_priced).map(|volumes| {
                volumes.iter().zip(&ours).map(|(volume, agreement)| volume * agreement.unit_cost.unwrap()).sum::<i64>()
            });
            let agreed_volume = volumes.filter(|_| units.len() == 1).map(|volumes| volumes.iter().sum::<i64>());
            let unit_cost = if !is_priced || units.len() != 1 {
                None
            } else if prices.len() == 1 {
                *prices.first().unwrap()
            } else {
                agreed_cost.zip(agreed_volume).and_then(|(cost, volume)| divided(cost, volume))
            };
            let unit = if units.len() == 1 { units.first().copied().flatten().cloned() } else { None };
            let actual = match unit.as_deref() {
                Some("contacts") => Some(used.contacts),
                Some("days") => Some(used.days),
                Some("clients") => Some(clients),
                _ => None,
            };
            let actual_unit_cost = cost.zip(actual).and_then(|(cost, actual)| divided(cost, actual));

            let ours: Vec<&Answer> = answers().filter(|a| named(&a.provider, &a.package) == key).collect();
            let instruments: BTreeSet<&String> = ours.iter().map(|answer| &answer.instrument).collect();
            let count = |instrument: &String| ours.iter().filter(|answer| answer.instrument == *instrument).count();
            let most = instruments.iter().map(|instrument| count(instrument)).max();
            let instrument = instruments.iter().find(|instrument| Some(count(instrument)) == most).copied();
            let ours: Vec<&Answer> = ours.into_iter().filter(|a| Some(&a.instrument) == instrument).collect();
            let score = |answer: &&Answer| answer.score_tenths as f64 / 10.0;
            let who: BTreeSet<i64> = ours.iter().map(|answer| answer.client).collect();
            let changes: Vec<f64> = who
                .iter()
                .filter_map(|&id| {
                    let days: BTreeSet<Day> = ours.iter().filter(|a| a.client == id).map(|a| a.on).collect();
                    let on = |day: Day| {
                        let that_day = ours.iter().filter(|a| a.client == id && a.on == day);
                        mean(&that_day.map(score).collect::<Vec<f64>>()).unwrap()
                    };
                    (days.len() > 1).then(|| on(*days.last().unwrap()) - on(*days.first().unwrap()))
                })
                .collect();
            let some = |number: usize| (number > 0).then_some(number);
            let (provider, package) = key;
            let texts =
                [provider.as_deref().unwrap_or_default(), package.as_deref().unwrap_or_default(), &period.label];
            let of = |id: &i64| ours.iter().filter(|answer| answer.client == *id).count() as i64;
            given.push((texts.join("|"), who.iter().map(of).collect()));
            rows.push(row![
                provider,
                package,
                period.label.as_str(),
                clients,
                used.contacts,
                used.days,
                cost,
                used.unpriced,
                cost.map(|_| used.contacts - used.unpriced),
                cost.and_then(|cost| divided(cost, clients)),
                cost.and_then(|cost| divided(cost, used.contacts)),
                agreed_volume,
                unit,
                unit_cost,
                agreed_cost,
                actual.zip(agreed_volume).map(|(actual, agreed)| actual - agreed),
                actual_unit_cost.zip(unit_cost).map(|(actual, agreed)| actual - agreed),
                cost.zip(agreed_cost).map(|(actual, agreed)| actual - agreed),
                instrument,
                some(ours.len()),
                some(who.len()),
                mean(&ours.iter().map(score).collect::<Vec<f64>>()),
                some(changes.len()),
                mean(&changes),
            ]);
        }
    }
    given
}
