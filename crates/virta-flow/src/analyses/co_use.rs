//! `co_use`: which services meet the same client on one day, and how often they would by chance.
//!
//! Unit: client-days of a cohort's clients in a period, by pair of services in byte order; a row for each pair that
//! somebody used on one day. A stay is use on each of its days.
//!
//! `same_site_days` are days with a contact of each of the two at one `unit`; null where the store knows no units at all.
//!
//! `expected_days` are what chance alone would give if a client used the two services independently of each other: the
//! days with the one times the days with the other, by the days on which the client could have used any, added up over
//! all clients who used both. These are the client's observed days of the period (the followed days of the period of
//! somebody who is no resident), and never fewer than those with any use.

use serde::{Deserialize, Serialize};
use virta_model::schema::CO_USE;
use virta_model::{Table, Value};

use super::{Analysis, End, int_or_null};
use crate::hash::FastMap;
use crate::input::columns::{Columns, NO_CODE};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Counts;
use crate::pass::groups::{Remap, at};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct CoUse {
    has_units: bool,
    uses: Vec<Use>,
    /// By service, the days with it of the client at hand.
    days: Vec<u32>,
    /// The pairs that meet on a day of the client at hand, once for each day.
    met: Vec<Met>,
    /// By slot, by pair.
    sums: Vec<FastMap<u32, Sum>>,
}

/// A contact on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    day: i32,
    service: u16,
    unit: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Met {
    pair: u32,
    is_same_site: bool,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    days: Counts,
    site_clients: i64,
    site_days: Counts,
    /// In parts of a day: see [`PARTS`].
    expected: u128,
    /// In thousandths of a day, rounded up, for who adds most to it.
    expected_thousandths: Counts,
}

/// Parts of a day in which expected days are added up, so that the order of adding does not matter.
const PARTS: u64 = 1 << 32;

fn pair_of(a: u16, b: u16) -> u32 {
    u32::from(a) << 16 | u32::from(b)
}

impl Analysis for CoUse {
    type Sums = Vec<FastMap<u32, Sum>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.co_use.map(|_| CoUse {
            has_units: !plan.catalogue.units.is_empty(),
            uses: Vec::new(),
            days: vec![0; plan.count_units[BY_SERVICE].codes.len()],
            met: Vec::new(),
            sums: Vec::new(),
        })
    }

    fn columns() -> Columns {
        Columns { unit: true, ..Columns::NONE }
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        let services = visit.services().values();
        if services.len() < 2 {
            return;
        }
        self.list(visit);
        self.met.clear();
        let mut used_days = 0;
        for day in self.uses.chunk_by_mut(|a, b| a.day == b.day) {
            used_days += 1;
            if let [only] = day {
                self.days[usize::from(only.service)] += 1;
                continue;
            }
            day.sort_unstable();
            let day = &*day;
            for (at, a) in day.chunk_by(|a, b| a.service == b.service).enumerate() {
                self.days[usize::from(a[0].service)] += 1;
                for b in day.chunk_by(|a, b| a.service == b.service).skip(at + 1) {
                    let is_here = |a: &Use| a.unit != NO_CODE && b.iter().any(|b| b.unit == a.unit);
                    let pair = pair_of(a[0].service, b[0].service);
                    self.met.push(Met { pair, is_same_site: a.iter().any(is_here) });
                }
            }
        }
        let sums = at(&mut self.sums, visit.slot);
        self.met.sort_unstable();
        for met in self.met.chunk_by(|a, b| a.pair == b.pair) {
            let site_days = met.iter().filter(|met| met.is_same_site).count() as u32;
            let sum = sums.entry(met[0].pair).or_default();
            sum.clients += 1;
            sum.days.add(Counts::of(met.len() as u32));
            sum.site_clients += i64::from(site_days > 0);
            sum.site_days.add(Counts::of(site_days));
        }
        let possible_days = possible_days(visit).max(used_days);
        for (at, &a) in services.iter().enumerate() {
            for &b in &services[at + 1..] {
                let both = u64::from(self.days[usize::from(a)]) * u64::from(self.days[usize::from(b)]);
                let expected = u128::from(both) * u128::from(PARTS) / u128::from(possible_days);
                let thousandths = (both * 1000).div_ceil(possible_days);
                let sum = sums.entry(pair_of(a, b)).or_default();
                sum.expected += expected;
                sum.expected_thousandths.add(Counts::of(u32::try_from(thousandths).unwrap_or(u32::MAX)));
            }
        }
        services.iter().for_each(|&service| self.days[usize::from(service)] = 0);
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        for (slot, there) in other.sums.into_iter().enumerate() {
            let here = at(&mut self.sums, remap.slot(slot));
            there.iter().for_each(|(&pair, sum)| here.entry(pair).or_default().add(sum));
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.sums)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        self.sums = sums;
        let mut pairs = self.sums.iter().flat_map(FastMap::keys);
        frame.has_slots(&self.sums) && pairs.all(|pair| frame.has_services([(pair >> 16) as u16, *pair as u16]))
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&CO_USE);
        for slots in end.slots() {
            let mut sums: FastMap<u32, Sum> = FastMap::default();
            for add in slots.of(&self.sums) {
                add.iter().for_each(|(&pair, sum)| sums.entry(pair).or_default().add(sum));
            }
            let mut pairs: Vec<(u32, Sum)> = sums.into_iter().filter(|(_, sum)| sum.clients > 0).collect();
            pairs.sort_unstable_by_key(|(pair, _)| *pair);
            for (pair, sum) in pairs {
                let row = [
                    Value::Text(slots.cohort),
                    Value::Text(slots.label),
                    Value::Text(end.plan.service_code((pair >> 16) as u16)),
                    Value::Text(end.plan.service_code(pair as u16)),
                    Value::Int(sum.clients),
                    Value::Int(sum.days.sum()),
                    int_or_null(self.has_units.then_some(sum.site_clients)),
                    int_or_null(self.has_units.then(|| sum.site_days.sum())),
                    Value::Ratio(sum.expected as f64 / PARTS as f64),
                ];
                let mut behind =
                    vec![("days", sum.days.behind()), ("expected_days", sum.expected_thousandths.behind())];
                behind.extend(self.has_units.then(|| ("same_site_days", sum.site_days.behind())));
                end.contributors.note(&CO_USE, &row, sum.clients, &behind);
                table.push(&row);
            }
        }
        vec![table]
    }
}

impl CoUse {
    /// The client's use of the period by day.
    fn list(&mut self, visit: &ClientPeriod<'_>) {
        let rows = visit.rows;
        let unit = |row: usize| rows.more.unit.get(row).copied().unwrap_or(NO_CODE);
        self.uses.clear();
        for (row, (&service, &start)) in rows.service.iter().zip(rows.start).enumerate() {
            if rows.is_stay(row) {
                let days = start.max(visit.window.first)..=rows.end[row].min(visit.window.last);
                self.uses.extend(days.map(|day| Use { day, service, unit: unit(row) }));
            } else {
                self.uses.push(Use { day: start, service, unit: unit(row) });
            }
        }
        if rows.has_stays {
            self.uses.sort_unstable();
        }
    }
}

/// The days of the period on which the client could have used anything.
fn possible_days(visit: &ClientPeriod<'_>) -> u64 {
    let followed = visit.plan.followed(visit.window);
    let days = i64::from(followed.last) - i64::from(followed.first) + 1;
    let days = if visit.observed_days > 0 { visit.observed_days } else { days };
    u64::try_from(days).unwrap_or(0)
}

impl Sum {
    fn add(&mut self, other: &Sum) {
        self.clients += other.clients;
        self.days.add(other.days);
        self.site_clients += other.site_clients;
        self.site_days.add(other.site_days);
        self.expected += other.expected;
        self.expected_thousandths.add(other.expected_thousandths);
    }
}
