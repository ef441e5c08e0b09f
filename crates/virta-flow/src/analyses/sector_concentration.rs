//! `sector_concentration` and `sector_top_overlap`: how unevenly use falls on the users of each sector, and whether the
//! costliest of one sector are the costliest of another.
//!
//! Unit: users of a period in the population who used a sector, with their use of that sector alone; a row for each
//! sector that somebody used. Ginis are over these users. The top tenth are the first `ceil(n / 10)` of them by cost,
//! then contacts, then `client_id` (rules 6 and 10); its share is of the sector's cost. What cost measures is null when no
//! contact of the sector has a price.
//!
//! `sector_top_overlap` has a row for each two sectors that have users: how many are in the top tenth of both, and how many
//! would be if the one told nothing of the other: the size of the one times that of the other, by the period's users.

use std::cmp::Reverse;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use virta_model::schema::{SECTOR_CONCENTRATION, SECTOR_TOP_OVERLAP};
use virta_model::{Sector, Table, Value};

use super::rankings::{gini, top_count};
use super::{Analysis, End, int_or_null, ratio_or_null, share};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::rules::plan::Plan;
use crate::rules::sectors::SECTORS;
use crate::shares::frame::Frame;

pub(super) struct SectorConcentration {
    periods: Vec<Period>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Period {
    users: i64,
    /// In the order of `SECTORS`.
    sectors: [OfSector; SECTORS.len()],
}

/// The users of a sector, and their sums.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct OfSector {
    users: Vec<User>,
    /// Those of other workers, as they came: putting them together would copy most of what this analysis keeps.
    others: Vec<Vec<User>>,
    contacts_sum: Counts,
    days_sum: Counts,
    cost_sum: Costs,
}

/// A user of a sector, in the order of rule 6: costliest first, ties by contacts, then by `client_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct User {
    cost: Reverse<i64>,
    contacts: Reverse<u32>,
    client: i64,
}

/// What one client used of a sector.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    contacts: u32,
    days: i64,
    cost: i64,
    is_priced: bool,
}

const TOP_PERCENT: usize = 10;

impl Analysis for SectorConcentration {
    type Sums = Vec<Period>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let periods = || plan.periods.iter().map(|_| Period::default()).collect();
        plan.study.concentration.map(|_| SectorConcentration { periods: periods() })
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        let period = &mut self.periods[visit.period];
        period.users += 1;
        let mut used = [Used::default(); SECTORS.len()];
        for &service in visit.services().values() {
            let cell = visit.services().cell(service);
            let sector = visit.plan.sector_bits[usize::from(service)].trailing_zeros() as usize;
            let Some(used) = used.get_mut(sector) else { continue };
            used.contacts += cell.contacts;
            used.days += cell.days();
            used.cost += cell.cost;
            used.is_priced |= cell.priced > 0;
        }
        for (sector, used) in period.sectors.iter_mut().zip(used).filter(|(_, used)| used.contacts > 0) {
            let (cost, contacts) = (Reverse(used.cost), Reverse(used.contacts));
            sector.users.push(User { cost, contacts, client: visit.client.client_id });
            sector.contacts_sum.add(Counts::of(used.contacts));
            sector.days_sum.add(Counts::of(u32::try_from(used.days).unwrap_or(u32::MAX)));
            sector.cost_sum.add(if used.is_priced { Costs::of(used.cost) } else { Costs::unpriced() });
        }
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        for (here, there) in self.periods.iter_mut().zip(other.periods) {
            here.users += there.users;
            here.sectors.iter_mut().zip(there.sectors).for_each(|(here, there)| here.add(there));
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.periods)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        self.periods = sums;
        self.periods.len() == frame.plan.periods.len()
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut concentration = Table::new(&SECTOR_CONCENTRATION);
        let mut overlap = Table::new(&SECTOR_TOP_OVERLAP);
        for (label, period) in end.labels().zip(self.periods) {
            let users = period.users;
            let mut tops: Vec<(Sector, Top)> = Vec::new();
            for (sector, used) in SECTORS.into_iter().zip(period.sectors).filter(|(_, used)| used.count() > 0) {
                tops.push((sector, used.write(&mut concentration, sector, label, end)));
            }
            for (at, (a, top_a)) in tops.iter().enumerate() {
                for (b, top_b) in &tops[at + 1..] {
                    let is_measured = top_a.is_measured && top_b.is_measured;
                    let both = top_a.clients.iter().filter(|id| top_b.clients.binary_search(id).is_ok()).count();
                    let pairs = (top_a.clients.len() * top_b.clients.len()) as i64;
                    overlap.push(&[
                        Value::Text(label),
                        Value::Text(a.as_str()),
                        Value::Text(b.as_str()),
                        int_or_null(is_measured.then_some(both as i64)),
                        ratio_or_null(share(pairs, users).filter(|_| is_measured)),
                    ]);
                }
            }
        }
        vec![concentration, overlap]
    }
}

/// The top tenth of a sector's users, ascending.
struct Top {
    clients: Vec<i64>,
    is_measured: bool,
}

impl OfSector {
    fn add(&mut self, other: OfSector) {
        self.others.push(other.users);
        self.others.extend(other.others);
        self.contacts_sum.add(other.contacts_sum);
        self.days_sum.add(other.days_sum);
        self.cost_sum.add(other.cost_sum);
    }

    fn count(&self) -> usize {
        self.users.len() + self.others.iter().map(Vec::len).sum::<usize>()
    }

    fn write(mut self, table: &mut Table, sector: Sector, label: &str, end: &End<'_>) -> Top {
        let is_measured = self.cost_sum.cents().is_some();
        let users = self.count();
        let mut ranked = std::mem::take(&mut self.users);
        ranked.reserve_exact(users - ranked.len());
        self.others.iter().for_each(|others| ranked.extend_from_slice(others));
        ranked.par_sort_unstable();
        let mut contacts: Vec<Reverse<u32>> = ranked.iter().map(|user| user.contacts).collect();
        contacts.par_sort_unstable();
        let costs = || ranked.iter().map(|user| user.cost.0);
        let top = top_count(users, TOP_PERCENT);
        let top_cost: i64 = costs().take(top).sum();
        let whole: i64 = costs().sum();
        let row = [
            Value::Text(label),
            Value::Text(sector.as_str()),
            Value::Int(users as i64),
            Value::Int(self.contacts_sum.sum()),
            Value::Int(self.days_sum.sum()),
            self.cost_sum.value(),
            ratio_or_null(is_measured.then(|| gini(costs()))),
            Value::Ratio(gini(contacts.iter().map(|contacts| contacts.0.into()))),
            ratio_or_null(share(top_cost, whole).filter(|_| is_measured)),
        ];
        let behind = [
            ("contacts", self.contacts_sum.behind()),
            ("days", self.days_sum.behind()),
            ("cost_cents", self.cost_sum.behind()),
        ];
        end.contributors.note(&SECTOR_CONCENTRATION, &row, users as i64, &behind);
        table.push(&row);
        let mut clients: Vec<i64> = ranked.iter().take(top).map(|user| user.client).collect();
        clients.sort_unstable();
        Top { clients, is_measured }
    }
}
