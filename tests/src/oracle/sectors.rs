//! `sector_concentration` and `sector_top_overlap`: each sector as if it were all there is.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use virta_model::Sector;

use super::cell::row;
use super::statistics::{gini, share, top_count};
use super::{PeriodPeople, Tables, Use};

const SECTORS: [Sector; 4] = [Sector::Social, Sector::Primary, Sector::Specialised, Sector::Other];

/// Users of a sector with their use of it: by cost, contacts, id.
pub(super) fn users(period: &PeriodPeople<'_>, sector: Sector) -> Vec<(i64, Use)> {
    let mut users: Vec<(i64, Use)> = period
        .user_people()
        .map(|person| (person.id, person.use_where(period.window, |one| person.sector(one) == sector)))
        .filter(|(_, used)| used.contacts > 0)
        .collect();
    users.sort_by_key(|(id, used)| (Reverse(used.cost), Reverse(used.contacts), *id));
    users
}

pub(super) fn sectors(periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let mut rows = Vec::new();
    let mut overlaps = Vec::new();
    for period in periods {
        let mut tops: Vec<(Sector, BTreeSet<i64>, bool)> = Vec::new();
        for sector in SECTORS {
            let users = users(period, sector);
            if users.is_empty() {
                continue;
            }
            let mut all = Use::default();
            users.iter().for_each(|(_, used)| all.add(*used));
            let costs: Vec<i64> = users.iter().map(|(_, used)| used.cost).collect();
            let contacts: Vec<i64> = users.iter().map(|(_, used)| used.contacts).collect();
            let top = top_count(users.len(), 10);
            let cost = all.known_cost();
            rows.push(row![
                period.label.as_str(),
                sector.as_str(),
                users.len(),
                all.contacts,
                all.days,
                cost,
                cost.map(|_| gini(&costs)),
                gini(&contacts),
                cost.and_then(|cost| share(costs[..top].iter().sum(), cost)),
            ]);
            tops.push((sector, users[..top].iter().map(|(id, _)| *id).collect(), cost.is_some()));
        }
        for (at, (a, top_a, is_a)) in tops.iter().enumerate() {
            for (b, top_b, is_b) in &tops[at + 1..] {
                let both = top_a.intersection(top_b).count() as i64;
                let expected = (top_a.len() * top_b.len()) as f64 / period.users.len() as f64;
                let is_measured = *is_a && *is_b;
                overlaps.push(row![
                    period.label.as_str(),
                    a.as_str(),
                    b.as_str(),
                    is_measured.then_some(both),
                    is_measured.then_some(expected),
                ]);
            }
        }
    }
    tables.insert("sector_concentration", rows);
    tables.insert("sector_top_overlap", overlaps);
}
