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

use super::{Analysis, End, row, scaled_share, sums_in};
use crate::hash::FastMap;
use crate::input::columns::{Columns, NO_CODE};
use crate::input::rows::Rows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Counts;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot, add_up};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct CoUse {
    has_units: bool,
    services: usize,
    /// What the client at hand uses on a day, or on each day of a stretch.
    uses: Vec<Use>,
    /// By service, the days with it of the client at hand.
    days: Vec<u32>,
    /// The pairs that meet in a stretch of days of the client at hand, once for each stretch.
    met: Vec<Met>,
    /// First days of stretches, where there are stays, and the rows that reach into the one at hand.
    cuts: Vec<i32>,
    live: Vec<usize>,
    /// By slot.
    sums: BySlot<Option<Pairs>>,
}

/// A service, and below it the unit. One number, so that it is put in order quickly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use(u32);

/// A pair, below it the days, and in the last bit whether they were at one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Met(u64);

/// Two services by number, the lower one first.
type Pair = (u16, u16);

/// Sums by pair. What chance would give is added up for each two services that a client used, and what is so for the fewer
/// that meet, so that the former lies close together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Pairs {
    chances: ByPair<Chance>,
    met: ByPair<Sum>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum ByPair<T> {
    /// A triangle: for each service those before it.
    Few(Vec<T>),
    Many(FastMap<Pair, T>),
}

/// So many services are few: their triangles take 230 kB a slot.
const FEW: usize = 64;

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Sum {
    clients: i64,
    days: Counts,
    site_clients: i64,
    site_days: Counts,
}

/// What chance alone would give.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Chance {
    /// In parts of a day: see [`PARTS`].
    days: u128,
    /// In thousandths of a day, rounded up, for who adds most to it.
    thousandths: Counts,
}

/// Parts of a day in which expected days are added up, so that the order of adding does not matter.
const PARTS: u64 = 1 << 32;

impl Analysis for CoUse {
    type Sums = BySlot<Option<Pairs>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let services = plan.count_units[BY_SERVICE].codes.len();
        plan.study.co_use.map(|_| CoUse {
            has_units: !plan.catalogue.units.is_empty(),
            services,
            uses: Vec::new(),
            days: vec![0; services],
            met: Vec::new(),
            cuts: Vec::new(),
            live: Vec::new(),
            sums: BySlot::default(),
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
        self.met.clear();
        let used_days = if visit.rows.has_stays { self.follow_stays(visit) } else { self.follow_visits(visit.rows) };
        let sums = self.sums.at(visit.slot).get_or_insert_with(|| Pairs::of(self.services));
        self.met.sort_unstable();
        for met in self.met.chunk_by(|a, b| a.pair() == b.pair()) {
            let days = met.iter().map(|met| met.days()).sum();
            let site_days = met.iter().filter(|met| met.is_same_site()).map(|met| met.days()).sum();
            let sum = sums.met.at(met[0].pair());
            sum.clients += 1;
            sum.days.add(Counts::of(days));
            sum.site_clients += i64::from(site_days > 0);
            sum.site_days.add(Counts::of(site_days));
        }
        let possible = Whole::new(possible_days(visit).max(used_days));
        for (at, &b) in services.iter().enumerate() {
            let days_b = u64::from(self.days[usize::from(b)]);
            for &a in &services[..at] {
                let (days, thousandths) = possible.expected(u64::from(self.days[usize::from(a)]) * days_b);
                sums.chances.at((a, b)).add(&Chance { days, thousandths: Counts::of(thousandths) });
            }
        }
        services.iter().for_each(|&service| self.days[usize::from(service)] = 0);
    }

    sums_in!(sums, |own, sums, frame| {
        let fits = |pairs: &Pairs| pairs.met.fits(own.services, frame) && pairs.chances.fits(own.services, frame);
        frame.has_slots(sums) && sums.0.iter().flatten().all(fits)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&CO_USE);
        for slots in end.slots() {
            let mut sums = Pairs::of(self.services);
            slots.of(&self.sums).flatten().for_each(|add| sums.add(add));
            let mut pairs = sums.met.all();
            pairs.retain(|(_, sum)| sum.clients > 0);
            pairs.sort_unstable_by_key(|(pair, _)| *pair);
            for ((a, b), sum) in pairs {
                let chance = *sums.chances.at((a, b));
                let row = row![
                    slots.cohort,
                    slots.label,
                    end.plan.service_code(a),
                    end.plan.service_code(b),
                    sum.clients,
                    sum.days,
                    self.has_units.then_some(sum.site_clients),
                    self.has_units.then_some(sum.site_days),
                    (Value::Ratio(chance.days as f64 / PARTS as f64), chance.thousandths.behind()),
                ];
                end.push(&mut table, sum.clients, &row);
            }
        }
        vec![table]
    }
}

impl CoUse {
    /// Goes through the days with use, of who has visits only. Returns how many they are.
    fn follow_visits(&mut self, rows: &Rows<'_>) -> u64 {
        let (mut used_days, mut from) = (0, 0);
        for day in rows.start.chunk_by(|a, b| a == b) {
            used_days += 1;
            let to = from + day.len();
            if day.len() == 1 {
                self.days[usize::from(rows.service[from])] += 1;
            } else {
                self.uses.clear();
                self.uses.extend((from..to).map(|row| Use::of(rows, row)));
                self.meet(1);
            }
            from = to;
        }
        used_days
    }

    /// The same of who has stays, stretch by stretch of days with the same use.
    fn follow_stays(&mut self, visit: &ClientPeriod<'_>) -> u64 {
        let (rows, window) = (visit.rows, visit.window);
        let first = |row: usize| rows.start[row].max(window.first);
        let last = |row: usize| rows.end[row].min(window.last);
        let mut cuts = std::mem::take(&mut self.cuts);
        cuts.clear();
        cuts.extend((0..rows.len()).flat_map(|row| [first(row), last(row) + 1]));
        cuts.sort_unstable();
        cuts.dedup();
        self.live.clear();
        let (mut used_days, mut next) = (0, 0);
        for (at, &day) in cuts.iter().enumerate() {
            self.live.retain(|&row| last(row) >= day);
            while next < rows.len() && first(next) == day {
                self.live.push(next);
                next += 1;
            }
            let Some(until) = cuts.get(at + 1).filter(|_| !self.live.is_empty()) else { continue };
            let days = until.abs_diff(day);
            used_days += u64::from(days);
            self.uses.clear();
            self.uses.extend(self.live.iter().map(|&row| Use::of(rows, row)));
            self.meet(days);
        }
        self.cuts = cuts;
        used_days
    }

    /// Takes in what is used on each day of a stretch.
    fn meet(&mut self, days: u32) {
        self.uses.sort_unstable();
        for (at, a) in self.uses.chunk_by(|a, b| a.service() == b.service()).enumerate() {
            self.days[usize::from(a[0].service())] += days;
            for b in self.uses.chunk_by(|a, b| a.service() == b.service()).skip(at + 1) {
                let is_here = |a: &Use| a.unit() != NO_CODE && b.iter().any(|b| b.unit() == a.unit());
                self.met.push(Met::new((a[0].service(), b[0].service()), days, a.iter().any(is_here)));
            }
        }
    }
}

impl Use {
    #[inline]
    fn of(rows: &Rows<'_>, row: usize) -> Self {
        let unit = rows.more.unit.get(row).copied().unwrap_or(NO_CODE);
        Use(u32::from(rows.service[row]) << 16 | u32::from(unit))
    }

    fn service(self) -> u16 {
        (self.0 >> 16) as u16
    }

    fn unit(self) -> u16 {
        self.0 as u16
    }
}

impl Met {
    /// Of days of a period, which are fewer than 2^31.
    fn new(pair: Pair, days: u32, is_same_site: bool) -> Self {
        Met(u64::from(pair.0) << 48 | u64::from(pair.1) << 32 | u64::from(days) << 1 | u64::from(is_same_site))
    }

    fn pair(self) -> Pair {
        ((self.0 >> 48) as u16, (self.0 >> 32) as u16)
    }

    fn days(self) -> u32 {
        self.0 as u32 >> 1
    }

    fn is_same_site(self) -> bool {
        self.0 & 1 == 1
    }
}

add_up!(Pairs { chances, met });

impl Pairs {
    /// Of so many services.
    fn of(services: usize) -> Self {
        Pairs { chances: ByPair::of(services), met: ByPair::of(services) }
    }
}

impl<T: AddUp + Copy + Default> AddUp for ByPair<T> {
    fn add(&mut self, other: &Self) {
        match (self, other) {
            (ByPair::Few(here), ByPair::Few(there)) => here.add(there),
            (here, there) => there.all().iter().for_each(|(pair, sum)| here.at(*pair).add(sum)),
        }
    }
}

impl<T: Copy + Default> ByPair<T> {
    /// Of so many services.
    fn of(services: usize) -> Self {
        match services <= FEW {
            true => ByPair::Few(vec![T::default(); services * services.saturating_sub(1) / 2]),
            false => ByPair::Many(FastMap::default()),
        }
    }

    #[inline]
    fn at(&mut self, pair: Pair) -> &mut T {
        match self {
            ByPair::Few(all) => {
                let (a, b) = (usize::from(pair.0), usize::from(pair.1));
                &mut all[b * b.saturating_sub(1) / 2 + a]
            }
            ByPair::Many(all) => all.entry(pair).or_default(),
        }
    }

    /// Each pair once, also those that nobody has; in no order.
    fn all(&self) -> Vec<(Pair, T)> {
        match self {
            ByPair::Few(all) => {
                let pairs = (1u16..).flat_map(|b| (0..b).map(move |a| (a, b)));
                pairs.zip(all.iter().copied()).collect()
            }
            ByPair::Many(all) => all.iter().map(|(&pair, &of_pair)| (pair, of_pair)).collect(),
        }
    }

    /// Whether these are pairs of so many services.
    fn fits(&self, services: usize, frame: &Frame<'_>) -> bool {
        match (self, Self::of(services)) {
            (ByPair::Few(found), ByPair::Few(expected)) => found.len() == expected.len(),
            (ByPair::Many(found), ByPair::Many(_)) => {
                found.keys().all(|pair| pair.0 < pair.1 && frame.has_services([pair.0, pair.1]))
            }
            _ => false,
        }
    }
}

add_up!(Chance { days, thousandths });

/// A number of days by which others are divided again and again.
#[derive(Debug, Clone, Copy)]
struct Whole {
    days: u64,
    /// 2^64 by the days, rounded up.
    inverse: u64,
}

impl Whole {
    fn new(days: u64) -> Self {
        Whole { days, inverse: (u64::MAX / days.max(1)).wrapping_add(1) }
    }

    /// So many days by these days: in parts of a day rounded down, in thousandths rounded up.
    #[inline]
    fn expected(self, both: u64) -> (u128, u32) {
        // The inverse is too large by less than `days / 2^64`, which does not reach the next whole number while the product
        // of all three is below 2^64. A part that is lost is less than what lies between two quotients, so that thousandths
        // can be told from the parts.
        if self.days > 1 && both.checked_mul(self.days).is_some_and(|product| product < 1 << 32) {
            let parts = (u128::from(both * PARTS) * u128::from(self.inverse)) >> 64;
            return (parts, ((parts as u64 * 1000).div_ceil(PARTS)) as u32);
        }
        let thousandths = (both * 1000).div_ceil(self.days);
        (scaled_share(both, self.days, PARTS), u32::try_from(thousandths).unwrap_or(u32::MAX))
    }
}

/// The days of the period on which the client could have used anything.
fn possible_days(visit: &ClientPeriod<'_>) -> u64 {
    let followed = visit.plan.followed(visit.window);
    let days = i64::from(followed.last) - i64::from(followed.first) + 1;
    let days = if visit.observed_days > 0 { visit.observed_days } else { days };
    u64::try_from(days).unwrap_or(0)
}

add_up!(Sum { clients, days, site_clients, site_days });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_divided_as_by_division() {
        for days in [1u64, 2, 3, 7, 364, 365, 366, 730, 1024, 1625, 1626, 36_525, 3_000_000] {
            for both in [0, 1, 2, 3, 5, 73, 364, 365, 366, 1000, 133_225, 133_956, 2_640_625, 11_000_000] {
                let both: u64 = both.min(days * days);
                let parts = u128::from(both) * u128::from(PARTS) / u128::from(days);
                let thousandths = (both * 1000).div_ceil(days) as u32;
                assert_eq!(Whole::new(days).expected(both), (parts, thousandths), "{both} by {days}");
            }
        }
    }
}
