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

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use virta_model::schema::{SECTOR_CONCENTRATION, SECTOR_TOP_OVERLAP};
use virta_model::{Sector, Table, Value};

use super::rankings::{gini, top_count};
use super::{Analysis, End, int_or_null, ratio_or_null, row, share};
use crate::input::client::ClientInfo;
use crate::input::rows::ClientRows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::pass::part_output::PartOutput;
use crate::pass::side_tables::SideTables;
use crate::pass::sums::{AddUp, add_up};
use crate::rules::plan::Plan;
use crate::rules::sectors::SECTORS;
use crate::shares::frame::Frame;
use crate::shares::numbers::{self, Numbers, Reader, Writer};

pub(super) struct SectorConcentration {
    /// The bucket at hand.
    bucket: Bucket,
    sums: Sums,
}

/// What is added up.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sums {
    periods: Vec<Period>,
    /// Of those that have passed, by number.
    buckets: BTreeMap<u32, Bucket>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Period {
    users: i64,
    /// In the order of `SECTORS`.
    sectors: [OfSector; SECTORS.len()],
}

/// The sums of a sector's users.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct OfSector {
    contacts: Counts,
    days: Counts,
    cost: Costs,
}

/// The users of each sector in a bucket.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Bucket {
    /// All clients that have passed, users or not.
    clients: u32,
    /// By period, then in the order of `SECTORS`, then by place.
    #[serde(with = "numbers")]
    users: Vec<Vec<User>>,
}

/// A user of a sector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct User {
    cost: i64,
    contacts: u32,
    /// Among the clients of the bucket, who are in order of `client_id`.
    place: u32,
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
    type Sums = Sums;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let periods = vec![Period::default(); plan.periods.len()];
        let sums = Sums { periods, buckets: BTreeMap::new() };
        plan.study.concentration.map(|_| SectorConcentration { bucket: Bucket::new(plan), sums })
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        let period = &mut self.sums.periods[visit.period];
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
        let place = self.bucket.clients;
        let users = &mut self.bucket.users[visit.period * SECTORS.len()..][..SECTORS.len()];
        for ((sums, users), used) in
            period.sectors.iter_mut().zip(users).zip(used).filter(|(_, used)| used.contacts > 0)
        {
            users.push(User { cost: used.cost, contacts: used.contacts, place });
            sums.contacts.add(Counts::of(used.contacts));
            sums.days.add(Counts::of(u32::try_from(used.days).unwrap_or(u32::MAX)));
            sums.cost.add(if used.is_priced { Costs::of(used.cost) } else { Costs::unpriced() });
        }
    }

    fn end_client(&mut self, _: &ClientInfo, _: &ClientRows<'_>, _: &SideTables, _: &Plan<'_>) {
        self.bucket.clients += 1;
    }

    fn end_bucket(&mut self, bucket: u32, plan: &Plan<'_>, _: Option<&PartOutput<'_>>) {
        self.sums.buckets.insert(bucket, std::mem::replace(&mut self.bucket, Bucket::new(plan)));
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        self.sums.periods.add(&other.sums.periods);
        self.sums.buckets.extend(other.sums.buckets);
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.sums)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        self.sums = sums;
        let lists = self.bucket.users.len();
        self.sums.periods.len() == frame.plan.periods.len()
            && self.sums.buckets.keys().copied().eq(frame.buckets.clone())
            && self.sums.buckets.values().all(|bucket| bucket.users.len() == lists)
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut concentration = Table::new(&SECTOR_CONCENTRATION);
        let mut overlap = Table::new(&SECTOR_TOP_OVERLAP);
        for (at, (label, period)) in end.labels().zip(&self.sums.periods).enumerate() {
            let mut tops: Vec<(Sector, Top)> = Vec::new();
            for (number, (sector, sums)) in SECTORS.into_iter().zip(&period.sectors).enumerate() {
                let ranked = self.sums.ranked(at * SECTORS.len() + number);
                if !ranked.is_empty() {
                    tops.push((sector, sums.write(&ranked, &mut concentration, sector, label, end)));
                }
            }
            for (at, (a, top_a)) in tops.iter().enumerate() {
                for (b, top_b) in &tops[at + 1..] {
                    let is_measured = top_a.is_measured && top_b.is_measured;
                    let both =
                        top_a.clients.iter().filter(|client| top_b.clients.binary_search(client).is_ok()).count();
                    let pairs = (top_a.clients.len() * top_b.clients.len()) as i64;
                    overlap.push(&[
                        Value::Text(label),
                        Value::Text(a.as_str()),
                        Value::Text(b.as_str()),
                        int_or_null(is_measured.then_some(both as i64)),
                        ratio_or_null(share(pairs, period.users).filter(|_| is_measured)),
                    ]);
                }
            }
        }
        vec![concentration, overlap]
    }
}

impl Bucket {
    fn new(plan: &Plan<'_>) -> Self {
        Bucket { clients: 0, users: vec![Vec::new(); plan.periods.len() * SECTORS.len()] }
    }
}

/// Of each user how far behind the one before, contacts, cost.
impl Numbers for Vec<Vec<User>> {
    fn write(&self, to: &mut Writer) {
        to.put(self.len() as u64);
        for users in self {
            to.put(users.len() as u64);
            let mut next = 0;
            for user in users {
                to.put(user.place.wrapping_sub(next).into());
                to.put(user.contacts.into());
                to.put_signed(user.cost);
                next = user.place.wrapping_add(1);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let (lists, mut all) = from.take_list()?;
        for _ in 0..lists {
            let (length, mut users) = from.take_list()?;
            let mut next: u32 = 0;
            for _ in 0..length {
                let place = next.checked_add(from.take_as()?)?;
                users.push(User { place, contacts: from.take_as()?, cost: from.take_signed()? });
                next = place.checked_add(1)?;
            }
            all.push(users);
        }
        Some(all)
    }
}

/// A user in the order of rule 6, costliest first, ties by contacts, then by `client_id`: in one number, which is compared
/// in a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked(u128);

impl Ranked {
    /// `before` clients stand in buckets before the user's.
    fn new(user: &User, before: u64) -> Self {
        // The sign turned, costs are in the order of numbers without one.
        let cost = !(user.cost as u64 ^ 1 << 63);
        let client = before + u64::from(user.place);
        Ranked(u128::from(cost) << 64 | u128::from(!user.contacts) << 32 | u128::from(client as u32))
    }

    fn cost(self) -> i64 {
        (!(self.0 >> 64) as u64 ^ 1 << 63) as i64
    }

    fn contacts(self) -> u32 {
        !(self.0 >> 32) as u32
    }

    /// The number of the client among all.
    fn client(self) -> u32 {
        self.0 as u32
    }
}

impl Sums {
    /// The users of a period's sector, ranked.
    fn ranked(&self, list: usize) -> Vec<Ranked> {
        let lists = || self.buckets.values().filter_map(move |bucket| Some((bucket.clients, bucket.users.get(list)?)));
        let mut ranked = Vec::with_capacity(lists().map(|(_, users)| users.len()).sum());
        let mut before = 0;
        for (clients, users) in lists() {
            ranked.extend(users.iter().map(|user| Ranked::new(user, before)));
            before += u64::from(clients);
        }
        ranked.par_sort_unstable();
        ranked
    }
}

/// The top tenth of a sector's users, ascending.
struct Top {
    clients: Vec<u32>,
    is_measured: bool,
}

add_up!(Period { users, sectors });
add_up!(OfSector { contacts, days, cost });

impl OfSector {
    fn write(&self, ranked: &[Ranked], table: &mut Table, sector: Sector, label: &str, end: &End<'_>) -> Top {
        let is_measured = self.cost.cents().is_some();
        let users = ranked.len();
        let mut contacts: Vec<u32> = ranked.iter().map(|user| user.contacts()).collect();
        contacts.par_sort_unstable();
        let costs = || ranked.iter().map(|user| user.cost());
        let top = top_count(users, TOP_PERCENT);
        let top_cost: i64 = costs().take(top).sum();
        let whole: i64 = costs().sum();
        let row = row![
            label,
            sector.as_str(),
            users,
            self.contacts,
            self.days,
            self.cost,
            is_measured.then(|| gini(costs())),
            gini(contacts.iter().rev().map(|&contacts| contacts.into())),
            share(top_cost, whole).filter(|_| is_measured),
        ];
        end.push(table, users as i64, &row);
        let mut clients: Vec<u32> = ranked.iter().take(top).map(|user| user.client()).collect();
        clients.sort_unstable();
        Top { clients, is_measured }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use super::*;
    use crate::shares::pieces::{read, write};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sent(#[serde(with = "numbers")] Vec<Vec<User>>);

    fn users() -> Vec<User> {
        let costs = [i64::MIN, -70, -1, 0, 1, 70, i64::MAX];
        let used = costs.into_iter().flat_map(|cost| [(cost, 1), (cost, 70), (cost, u32::MAX)]);
        used.zip((0..).step_by(3)).map(|((cost, contacts), place)| User { cost, contacts, place }).collect()
    }

    #[test]
    fn ranks_are_by_cost_then_contacts_then_client() {
        // Each user twice, in two buckets of 100 clients.
        let found = users().into_iter().flat_map(|user| [0, 100].map(|before| (user, before)));
        let mut found: Vec<(User, u64)> = found.collect();
        let mut ranked: Vec<Ranked> = found.iter().map(|(user, before)| Ranked::new(user, *before)).collect();
        ranked.sort_unstable();
        found
            .sort_by_key(|(user, before)| (Reverse(user.cost), Reverse(user.contacts), before + u64::from(user.place)));
        let number = |(user, before): &(User, u64)| (user.cost, user.contacts, *before as u32 + user.place);
        let of_ranked: Vec<_> = ranked.iter().map(|user| (user.cost(), user.contacts(), user.client())).collect();
        assert_eq!(of_ranked, found.iter().map(number).collect::<Vec<_>>());
    }

    #[test]
    fn users_come_back_and_one_who_follows_another_takes_a_byte_for_it() {
        let sent = Sent(vec![users(), Vec::new(), vec![User { cost: 0, contacts: 1, place: u32::MAX - 1 }]]);
        let bytes = write(&sent).unwrap().concat();
        assert_eq!(read::<Sent>(&bytes), Some(sent));
        assert!((0..bytes.len()).all(|length| read::<Sent>(&bytes[..length]).is_none()));
        let neighbours = [7, 8].map(|place| User { cost: 0, contacts: 1, place });
        assert_eq!(write(&Sent(vec![neighbours.to_vec()])).unwrap().concat(), [8, 1, 2, 7, 1, 0, 0, 1, 0]);
    }
}
