//! `concentration`, `lorenz`, `persistence`, `top_users`: rankings by rule 6.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use virta_model::settings::{TopBy, TopUsers};

use super::cell::row;
use super::statistics::{bottom_count, decile, share, top_count};
use super::{PeriodPeople, Tables, Use};

/// The top shares of `concentration`.
pub(super) const TOP_PERCENTS: [usize; 7] = [1, 2, 5, 10, 20, 30, 50];

/// Costs of a denominator's people, costliest first; residents without use have 0.
pub(super) fn costs(period: &PeriodPeople<'_>, denominator: &str) -> Option<Vec<i64>> {
    let places = match denominator {
        "users" => period.users.clone(),
        _ => period.residents.clone()?,
    };
    let mut costs: Vec<i64> = places.iter().map(|&at| period.people[at].use_in(period.window).cost).collect();
    costs.sort_unstable_by_key(|&cost| Reverse(cost));
    Some(costs)
}

/// Whether the costs of a denominator's people are measured: some contact has a price, or there is none.
pub(super) fn are_measured(period: &PeriodPeople<'_>, denominator: &str) -> bool {
    let residents = period.residents.iter().flatten();
    let places: Vec<usize> = if denominator == "users" { period.users.clone() } else { residents.copied().collect() };
    let mut all = Use::default();
    places.iter().for_each(|&at| all.add(period.people[at].use_in(period.window)));
    all.known_cost().is_some()
}

pub(super) fn concentration(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("concentration").or_default();
    for period in periods {
        for denominator in ["users", "residents"] {
            let Some(costs) = costs(period, denominator) else { continue };
            let whole: i64 = costs.iter().sum();
            for percent in TOP_PERCENTS {
                let clients = top_count(costs.len(), percent);
                let is_measured = are_measured(period, denominator);
                let cost = Some(costs[..clients].iter().sum()).filter(|_| is_measured);
                let threshold = costs[..clients].last().copied().filter(|_| is_measured);
                let share = cost.and_then(|cost| share(cost, whole));
                rows.push(row![period.label.as_str(), denominator, percent, clients, cost, share, threshold]);
            }
        }
    }
}

pub(super) fn lorenz(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("lorenz").or_default();
    for period in periods {
        for denominator in ["users", "residents"] {
            let Some(mut costs) = costs(period, denominator) else { continue };
            costs.reverse();
            let whole: i64 = costs.iter().sum();
            for percent in 0..=100 {
                let cheapest: i64 = costs[..bottom_count(costs.len(), percent)].iter().sum();
                rows.push(row![period.label.as_str(), denominator, percent, share(cheapest, whole)]);
            }
        }
    }
}

/// Deciles of the users of a period, by place in `people`: ranked by cost, then contacts, then id.
fn deciles(period: &PeriodPeople<'_>) -> BTreeMap<usize, usize> {
    let mut ranked = period.users.clone();
    ranked.sort_by_key(|&at| {
        let used = period.people[at].use_in(period.window);
        (Reverse(used.cost), Reverse(used.contacts), period.people[at].id)
    });
    let n = ranked.len();
    ranked.into_iter().enumerate().map(|(rank, at)| (at, decile(rank + 1, n))).collect()
}

/// Each period and the next in time. Somebody who is known not to live there (or is outside the population by age) in
/// the earlier period and uses nothing then is no part of it; who is so in the later one and uses nothing has left.
/// Someone known from contacts alone is never known not to live there, and is seen in the earlier period by use in
/// either. Of a period after the end of observation nothing is known, so nobody has left it.
pub(super) fn persistence(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("persistence").or_default();
    let mut in_time: Vec<&PeriodPeople<'_>> = periods.iter().collect();
    in_time.sort_by_key(|period| (period.window.from, period.window.to));
    for pair in in_time.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if from.is_unknown() || to.is_unknown() {
            continue;
        }
        let (from_deciles, to_deciles) = (deciles(from), deciles(to));
        let mut clients: BTreeMap<(String, String), i64> = BTreeMap::new();
        for at in 0..from.people.len() {
            let is_seen = !from.is_absent(at) && (from.people[at].is_listed() || to_deciles.contains_key(&at));
            let earlier = match from_deciles.get(&at) {
                Some(decile) => decile.to_string(),
                None if is_seen => "no_use".to_owned(),
                None => continue,
            };
            let without_use = if to.is_absent(at) { "left" } else { "no_use" };
            let later = to_deciles.get(&at).map_or(without_use.to_owned(), usize::to_string);
            *clients.entry((earlier, later)).or_default() += 1;
        }
        for ((earlier, later), clients) in clients {
            rows.push(row![from.label.as_str(), to.label.as_str(), earlier, later, clients]);
        }
    }
}

/// Each source's users and all together: by the measure, then cost, contacts, id. Everybody in a cut table says
/// whether somebody beyond the cut has the same measure as the last inside.
pub(super) fn top_users(top: &TopUsers, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("top_users").or_default();
    for period in periods {
        let sources: BTreeSet<&str> = period.world.contacts.iter().map(|contact| contact.source.as_str()).collect();
        for source in std::iter::once(None).chain(sources.into_iter().map(Some)) {
            let mut ranked: Vec<(i64, Use, i64)> = Vec::new();
            for person in period.user_people() {
                let used = person.use_where(period.window, |contact| source.is_none_or(|name| contact.source == name));
                let measure = match top.by {
                    TopBy::Contacts => used.contacts,
                    TopBy::Days => used.days,
                    TopBy::CostCents => used.cost,
                };
                if used.contacts > 0 {
                    ranked.push((measure, used, person.id));
                }
            }
            ranked.sort_by_key(|(measure, used, id)| {
                (Reverse(*measure), Reverse(used.cost), Reverse(used.contacts), *id)
            });
            let n = (top.n as usize).min(ranked.len());
            let tied = n > 0 && ranked.get(n).is_some_and(|beyond| beyond.0 == ranked[n - 1].0);
            for (rank, (measure, used, id)) in ranked[..n].iter().enumerate() {
                rows.push(row![
                    source.unwrap_or("all"),
                    period.label.as_str(),
                    rank + 1,
                    *id,
                    Some(*measure).filter(|_| top.by != TopBy::CostCents || used.known_cost().is_some()),
                    used.contacts,
                    used.stay_days,
                    used.known_cost(),
                    tied,
                ]);
            }
        }
    }
}
