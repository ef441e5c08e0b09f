//! `emergency_bands`, `emergency_hours`, `emergency_blocks` and `emergency_next`: who comes in emergencies, when, and what follows.
//!
//! Unit: emergency visits of a cohort's clients in a period: contacts and stays that begin in the period and whose
//! service or urgency is an emergency.
//!
//! Bands are of visits in the period: `1`, `2`, `3`, `4-9` and `10+` exclude each other; `>=4`, `>4` and `>=10` are the
//! definitions in use, side by side. Every band has a row. Shares are of the cohort's clients with an emergency visit
//! and of their visits; null when there are none.
//!
//! Hours are those of the start, null without a time; a row for each weekday and hour with a visit. Blocks of four hours on
//! working days and at weekends count the same visits, each client once.
//!
//! A service follows a visit when a contact of it begins on the 1st to the 7th (30th) day after the day on which the
//! visit began, also past the period's end, but not past the end of observation. A visit counts once for each service that follows it. The share is of all
//! the cohort's emergency visits. What is after a visit is the rule of `follow_up`.

use serde::{Deserialize, Serialize};
use virta_model::schema::{EMERGENCY_BANDS, EMERGENCY_BLOCKS, EMERGENCY_HOURS, EMERGENCY_NEXT, TableSchema};
use virta_model::{Day, Table, Value, VisitBand};

use super::{Analysis, End, Slots, row, share, sums_in};
use crate::input::columns::{Columns, NO_TIME};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Counts;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot, add_up};
use crate::rules::following::after;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct Emergency {
    services: usize,
    /// By slot.
    sums: BySlot<Sums>,
    /// The weekday and hour of each visit of the client at hand.
    hours: Vec<u8>,
    /// What followed the visits of the client at hand, within 7 and within 30 days.
    next: [Next; 2],
}

/// How many visits of a client each service followed.
#[derive(Debug, Default)]
struct Next {
    by_service: Vec<u32>,
    /// The services that followed any.
    services: Vec<u16>,
    /// The last visit, counted from 1 over all clients, that each service was counted for.
    last_visit: Vec<u64>,
    visit: u64,
}

/// Distinct clients, and emergency visits.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    visits: Counts,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sums {
    /// By place in [`BANDS`].
    bands: [Sum; BANDS.len()],
    /// By weekday from Monday, then by hour, the 25th without a time.
    hours: Vec<Sum>,
    /// Working days and weekends, by block of hours, the seventh without a time.
    blocks: [Sum; 2 * BLOCKS],
    /// Within 7 and within 30 days, by service.
    next: [Vec<Sum>; 2],
}

const HOURS: usize = 25;
const BLOCKS: usize = 7;
const HOURS_OF_BLOCK: usize = 4;
const WITHIN_DAYS: [i32; 2] = [7, 30];
const MILLISECONDS_PER_HOUR: i32 = 3_600_000;

/// The bands in the order of their rows: those that exclude each other first.
const BANDS: [VisitBand; 8] = {
    let [a, b, c, d, e] = VisitBand::EXCLUSIVE;
    let [f, g, h] = VisitBand::DEFINITIONS;
    [a, b, c, d, e, f, g, h]
};

impl Analysis for Emergency {
    type Sums = BySlot<Sums>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let services = plan.catalogue.services.len();
        let next = || Next { by_service: vec![0; services], last_visit: vec![0; services], ..Next::default() };
        plan.study.emergency.map(|_| Emergency {
            services,
            sums: BySlot::default(),
            hours: Vec::new(),
            next: [next(), next()],
        })
    }

    fn columns() -> Columns {
        Columns { emergency: true, start_time: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        if seen.used.emergency_contacts == 0 {
            return;
        }
        self.hours.clear();
        let sums = self.sums.at(seen.slot);
        sums.resize(self.services);
        let rows = seen.rows;
        for (row, (&service, &start)) in rows.service.iter().zip(rows.start).enumerate() {
            let is_emergency = seen.plan.is_emergency[usize::from(service)] || rows.is_urgent(row);
            if !is_emergency || !seen.window.contains(start) {
                continue;
            }
            let hour = match rows.more.start_time.get(row) {
                Some(&time) if time != NO_TIME => (time / MILLISECONDS_PER_HOUR).clamp(0, 23) as usize,
                _ => HOURS - 1,
            };
            self.hours.push(((Day(start).weekday() as usize - 1) * HOURS + hour) as u8);
            follow(seen, start, &mut self.next);
        }
        let visits = self.hours.len() as u32;
        if visits == 0 {
            return;
        }
        for (sum, _) in sums.bands.iter_mut().zip(BANDS).filter(|(_, band)| band.contains(visits)) {
            sum.client(visits);
        }
        sums.add_times(&mut self.hours);
        for (sums, next) in sums.next.iter_mut().zip(&mut self.next) {
            next.end_client(sums);
        }
    }

    sums_in!(sums, |own, sums, frame| {
        let is_whole = |sums: &Sums| {
            let lengths = [sums.hours.len(), sums.next[0].len(), sums.next[1].len()];
            lengths == [0; 3] || lengths == [7 * HOURS, own.services, own.services]
        };
        frame.has_slots(sums) && sums.0.iter().all(is_whole)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut bands = Table::new(&EMERGENCY_BANDS);
        let mut hours = Table::new(&EMERGENCY_HOURS);
        let mut blocks = Table::new(&EMERGENCY_BLOCKS);
        let mut next = Table::new(&EMERGENCY_NEXT);
        for slots in end.slots() {
            let sums = slots.sum(&self.sums);
            write_bands(&mut bands, &slots, &sums, end);
            write_hours(&mut hours, &slots, &sums, end);
            write_blocks(&mut blocks, &slots, &sums, end);
            write_next(&mut next, &slots, &sums, end);
        }
        vec![bands, hours, blocks, next]
    }
}

/// Counts the services that follow an emergency visit that began on `day`.
fn follow(seen: &ClientPeriod<'_>, day: i32, next: &mut [Next; 2]) {
    next.iter_mut().for_each(|next| next.visit += 1);
    let rows = &seen.contacts.rows;
    for row in after(rows, day, WITHIN_DAYS[1], seen.plan.end) {
        for (next, within_days) in next.iter_mut().zip(WITHIN_DAYS) {
            if rows.start[row] - day <= within_days {
                next.followed_by(rows.service[row]);
            }
        }
    }
}

impl Next {
    fn followed_by(&mut self, service: u16) {
        let at = usize::from(service);
        if std::mem::replace(&mut self.last_visit[at], self.visit) == self.visit {
            return;
        }
        if self.by_service[at] == 0 {
            self.services.push(service);
        }
        self.by_service[at] += 1;
    }

    fn end_client(&mut self, sums: &mut [Sum]) {
        for service in self.services.drain(..) {
            sums[usize::from(service)].client(std::mem::take(&mut self.by_service[usize::from(service)]));
        }
    }
}

fn write_bands(table: &mut Table, slots: &Slots<'_>, sums: &Sums, end: &End<'_>) {
    let whole = sums.whole();
    note_whole(&EMERGENCY_BANDS, &[Value::Text(slots.cohort), Value::Text(slots.label), Value::Null], &whole, end);
    for (band, sum) in BANDS.iter().zip(sums.bands) {
        let shares = (share(sum.clients, whole.clients), share(sum.visits.sum(), whole.visits.sum()));
        let row = row![slots.cohort, slots.label, band.name, sum.clients, sum.visits, shares.0, shares.1];
        end.push(table, sum.clients, &row);
    }
}

/// What the shares of visits are of has no row of its own, but its largest client must be known: under the key null.
fn note_whole(schema: &'static TableSchema, keys: &[Value<'_>], whole: &Sum, end: &End<'_>) {
    end.contributors.note(schema, keys, whole.clients, &[("visits", whole.visits.behind())]);
}

fn write_hours(table: &mut Table, slots: &Slots<'_>, sums: &Sums, end: &End<'_>) {
    for (place, sum) in sums.hours.iter().enumerate().filter(|(_, sum)| sum.clients > 0) {
        let (weekday, hour) = (place / HOURS + 1, place % HOURS);
        let hour = (hour < HOURS - 1).then_some(hour as i64);
        end.push(table, sum.clients, &row![slots.cohort, slots.label, weekday, hour, sum.clients, sum.visits]);
    }
}

fn write_blocks(table: &mut Table, slots: &Slots<'_>, sums: &Sums, end: &End<'_>) {
    for (place, sum) in sums.blocks.iter().enumerate().filter(|(_, sum)| sum.clients > 0) {
        let (part, block) = (place / BLOCKS, place % BLOCKS);
        let first_hour = (block < BLOCKS - 1).then_some((block * HOURS_OF_BLOCK) as i64);
        let row = row![slots.cohort, slots.label, part == 1, first_hour, sum.clients, sum.visits];
        end.push(table, sum.clients, &row);
    }
}

fn write_next(table: &mut Table, slots: &Slots<'_>, sums: &Sums, end: &End<'_>) {
    let whole = sums.whole();
    for (days, services) in WITHIN_DAYS.into_iter().zip(&sums.next) {
        let keys = [Value::Text(slots.cohort), Value::Text(slots.label), Value::Int(days.into()), Value::Null];
        note_whole(&EMERGENCY_NEXT, &keys, &whole, end);
        for (service, sum) in services.iter().enumerate().filter(|(_, sum)| sum.clients > 0) {
            let code = end.plan.service_code(service as u16);
            let share = share(sum.visits.sum(), whole.visits.sum());
            let row = row![slots.cohort, slots.label, i64::from(days), code, sum.clients, sum.visits, share];
            end.push(table, sum.clients, &row);
        }
    }
}

add_up!(Sum { clients, visits });
add_up!(Sums { bands, hours, blocks, next });

impl Sums {
    fn resize(&mut self, services: usize) {
        self.hours.resize(7 * HOURS, Sum::default());
        self.next.iter_mut().for_each(|next| next.resize(services, Sum::default()));
    }

    /// Adds the visits of one client, by weekday and hour.
    fn add_times(&mut self, hours: &mut [u8]) {
        hours.sort_unstable();
        let mut blocks = [0; 2 * BLOCKS];
        for same in hours.chunk_by(|a, b| a == b) {
            let (place, visits) = (usize::from(same[0]), same.len() as u32);
            self.hours[place].client(visits);
            let is_weekend = place / HOURS >= 5;
            blocks[usize::from(is_weekend) * BLOCKS + place % HOURS / HOURS_OF_BLOCK] += visits;
        }
        for (sum, visits) in self.blocks.iter_mut().zip(blocks).filter(|(_, visits)| *visits > 0) {
            sum.client(visits);
        }
    }

    /// Clients with an emergency visit, and the visits.
    fn whole(&self) -> Sum {
        let mut whole = Sum::default();
        self.bands.iter().take(VisitBand::EXCLUSIVE.len()).for_each(|band| whole.add(band));
        whole
    }
}

impl Sum {
    /// Adds one client with so many visits.
    fn client(&mut self, visits: u32) {
        self.add(&Sum { clients: 1, visits: Counts::of(visits) });
    }
}
