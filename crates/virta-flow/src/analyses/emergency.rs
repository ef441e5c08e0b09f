//! `emergency_bands`, `emergency_hours` and `emergency_next`: who comes in emergencies, when, and what follows.
//!
//! Unit: emergency visits of a cohort's clients in a period: contacts and stays that begin in the period and whose
//! service or urgency is an emergency.
//!
//! Bands are of visits in the period: `1`, `2`, `3`, `4-9` and `10+` exclude each other; `>=4`, `>4` and `>=10` are the
//! definitions in use, side by side. Every band has a row. Shares are of the cohort's clients with an emergency visit
//! and of their visits; null when there are none.
//!
//! Hours are those of the start, null without a time; a row for each weekday and hour with a visit.
//!
//! A service follows a visit when a contact of it begins on the 1st to the 7th (30th) day after the day on which the
//! visit began, also past the period's end. A visit counts once for each service that follows it. The share is of all
//! the cohort's emergency visits.

use virta_model::schema::{EMERGENCY_BANDS, EMERGENCY_HOURS, EMERGENCY_NEXT};
use virta_model::{Day, Table, Value};

use super::{Analysis, End, Slots, int_or_null, ratio_or_null, share};
use crate::groups::{Remap, at};
use crate::plan::Plan;
use crate::source::{Columns, NO_TIME};
use crate::visit::Visit;

pub(super) struct Emergency {
    services: usize,
    /// By slot.
    sums: Vec<Sums>,
    /// The number of the client and period at hand, and of the emergency visit.
    client: u64,
    visit: u64,
    /// When each weekday and hour, and each service within 7 and 30 days, was last counted.
    hours_seen: Vec<u64>,
    next_seen: [Vec<Seen>; 2],
}

#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    client: u64,
    visit: u64,
}

/// Distinct clients, and emergency visits.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    clients: i64,
    visits: i64,
}

#[derive(Debug, Clone, Default)]
struct Sums {
    /// By visits: 1, 2, 3, 4, 5 to 9, 10 and more.
    bands: [Sum; 6],
    /// By weekday from Monday, then by hour, the 25th without a time.
    hours: Vec<Sum>,
    /// Within 7 and within 30 days, by service.
    next: [Vec<Sum>; 2],
}

const HOURS: usize = 25;
const WITHIN_DAYS: [i32; 2] = [7, 30];
const MILLISECONDS_PER_HOUR: i32 = 3_600_000;

/// Each band as a range of places in [`Sums::bands`].
const BANDS: [(&str, std::ops::Range<usize>); 8] =
    [("1", 0..1), ("2", 1..2), ("3", 2..3), ("4-9", 3..5), ("10+", 5..6), (">=4", 3..6), (">4", 4..6), (">=10", 5..6)];

impl Analysis for Emergency {
    fn new(plan: &Plan<'_>) -> Option<Self> {
        let services = plan.catalogue.services.len();
        let seen = || vec![Seen::default(); services];
        plan.study.emergency.map(|_| Emergency {
            services,
            sums: Vec::new(),
            client: 0,
            visit: 0,
            hours_seen: vec![0; 7 * HOURS],
            next_seen: [seen(), seen()],
        })
    }

    fn columns() -> Columns {
        Columns { emergency: true, start_time: true, ..Columns::default() }
    }

    fn user(&mut self, visit: &Visit<'_>) {
        if visit.used.emergency_contacts == 0 {
            return;
        }
        self.client += 1;
        let sums = at(&mut self.sums, visit.slot);
        sums.resize(self.services);
        let rows = visit.rows;
        let mut visits = 0;
        for (row, (&service, &start)) in rows.service.iter().zip(rows.start).enumerate() {
            let is_emergency = visit.plan.is_emergency[usize::from(service)] || rows.is_urgent(row);
            if !is_emergency || !visit.window.contains(start) {
                continue;
            }
            visits += 1;
            let hour = match rows.time.get(row) {
                Some(&time) if time != NO_TIME => (time / MILLISECONDS_PER_HOUR).clamp(0, 23) as usize,
                _ => HOURS - 1,
            };
            let place = (Day(start).weekday() as usize - 1) * HOURS + hour;
            sums.hours[place].visits += 1;
            sums.hours[place].clients += i64::from(self.hours_seen[place] != self.client);
            self.hours_seen[place] = self.client;
            self.visit += 1;
            follow(visit, start, sums, &mut self.next_seen, Seen { client: self.client, visit: self.visit });
        }
        let band = match visits {
            0 => return,
            1..=4 => visits - 1,
            5..=9 => 4,
            _ => 5,
        };
        sums.bands[band].clients += 1;
        sums.bands[band].visits += visits as i64;
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        for (slot, there) in other.sums.into_iter().enumerate().filter(|(_, sums)| !sums.hours.is_empty()) {
            let here = at(&mut self.sums, remap.slot(slot));
            here.resize(self.services);
            here.add(&there);
        }
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let (mut bands, mut hours, mut next) =
            (Table::new(&EMERGENCY_BANDS), Table::new(&EMERGENCY_HOURS), Table::new(&EMERGENCY_NEXT));
        for slots in end.slots() {
            let mut sums = Sums::default();
            sums.resize(self.services);
            slots.of(&self.sums).for_each(|add| sums.add(add));
            write_bands(&mut bands, &slots, &sums);
            write_hours(&mut hours, &slots, &sums);
            write_next(&mut next, &slots, &sums, end.plan);
        }
        vec![bands, hours, next]
    }
}

/// Counts the services that follow an emergency visit that began on `day`.
fn follow(visit: &Visit<'_>, day: i32, sums: &mut Sums, seen: &mut [Vec<Seen>; 2], now: Seen) {
    let rows = &visit.contacts.rows;
    let from = rows.start.partition_point(|&start| start <= day);
    for (&start, &service) in rows.start.iter().zip(rows.service).skip(from) {
        let days = start - day;
        if days > WITHIN_DAYS[1] {
            break;
        }
        for (within, (sums, seen)) in sums.next.iter_mut().zip(seen.iter_mut()).enumerate() {
            if days > WITHIN_DAYS[within] {
                continue;
            }
            let (sum, seen) = (&mut sums[usize::from(service)], &mut seen[usize::from(service)]);
            sum.visits += i64::from(seen.visit != now.visit);
            sum.clients += i64::from(seen.client != now.client);
            *seen = now;
        }
    }
}

fn write_bands(table: &mut Table, slots: &Slots<'_>, sums: &Sums) {
    let whole = sums.whole();
    for (band, places) in BANDS {
        let mut sum = Sum::default();
        sums.bands[places].iter().for_each(|&add| sum.add(add));
        table.push(&[
            Value::Text(slots.cohort),
            Value::Text(slots.label),
            Value::Text(band),
            Value::Int(sum.clients),
            Value::Int(sum.visits),
            ratio_or_null(share(sum.clients, whole.clients)),
            ratio_or_null(share(sum.visits, whole.visits)),
        ]);
    }
}

fn write_hours(table: &mut Table, slots: &Slots<'_>, sums: &Sums) {
    for (place, sum) in sums.hours.iter().enumerate().filter(|(_, sum)| sum.visits > 0) {
        let (weekday, hour) = (place / HOURS + 1, place % HOURS);
        table.push(&[
            Value::Text(slots.cohort),
            Value::Text(slots.label),
            Value::Int(weekday as i64),
            int_or_null((hour < HOURS - 1).then_some(hour as i64)),
            Value::Int(sum.clients),
            Value::Int(sum.visits),
        ]);
    }
}

fn write_next(table: &mut Table, slots: &Slots<'_>, sums: &Sums, plan: &Plan<'_>) {
    let whole = sums.whole();
    for (days, services) in WITHIN_DAYS.into_iter().zip(&sums.next) {
        for (service, sum) in services.iter().enumerate().filter(|(_, sum)| sum.visits > 0) {
            table.push(&[
                Value::Text(slots.cohort),
                Value::Text(slots.label),
                Value::Int(days.into()),
                Value::Text(plan.service_code(service as u16)),
                Value::Int(sum.clients),
                Value::Int(sum.visits),
                ratio_or_null(share(sum.visits, whole.visits)),
            ]);
        }
    }
}

impl Sums {
    fn resize(&mut self, services: usize) {
        self.hours.resize(7 * HOURS, Sum::default());
        self.next.iter_mut().for_each(|next| next.resize(services, Sum::default()));
    }

    fn add(&mut self, other: &Sums) {
        self.bands.iter_mut().zip(other.bands).for_each(|(here, there)| here.add(there));
        self.hours.iter_mut().zip(&other.hours).for_each(|(here, there)| here.add(*there));
        for (here, there) in self.next.iter_mut().flatten().zip(other.next.iter().flatten()) {
            here.add(*there);
        }
    }

    /// Clients with an emergency visit, and the visits.
    fn whole(&self) -> Sum {
        let mut whole = Sum::default();
        self.bands.iter().for_each(|&band| whole.add(band));
        whole
    }
}

impl Sum {
    fn add(&mut self, other: Sum) {
        self.clients += other.clients;
        self.visits += other.visits;
    }
}
