//! `monthly_states`: which sectors a cohort uses, month by month.
//!
//! Unit: clients of a cohort in a period, by calendar month, cut to the period, and state: `none`, the one sector used
//! in the month, or `several`; a row for each state that somebody has. A stay is use in each month that it overlaps.
//! Who is known not to be observed in a month (has moved away, has died) and uses nothing in it is in no state of it:
//! that is not "no use". Nobody is in the state `none` of a month after the end of observation. Months that two periods share have a row for each.

use virta_model::schema::MONTHLY_STATES;
use virta_model::{Day, Table, Value, days_in_month};

use super::{Analysis, End, sums_in};
use crate::input::rows::Window;
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::BySlot;
use crate::rules::plan::Plan;
use crate::rules::sectors::SECTORS;
use crate::shares::frame::Frame;

pub(super) struct MonthlyStates {
    /// By period.
    months: Vec<Months>,
    /// By slot, then by month: clients by the bits of the sectors they used.
    clients: BySlot<Vec<[i64; 16]>>,
    /// The sectors of the client at hand, by month.
    sectors: Vec<u8>,
}

struct Months {
    windows: Vec<Window>,
    /// The month of each day of the period.
    of_day: Vec<u16>,
}

impl Months {
    fn new(period: Window) -> Self {
        let mut months = Months { windows: Vec::new(), of_day: Vec::new() };
        let mut first = period.first;
        while first <= period.last {
            let (year, month, day) = Day(first).ymd();
            let last = period.last.min(first + (days_in_month(year, month) - day) as i32);
            let number = months.windows.len() as u16;
            months.of_day.extend((first..=last).map(|_| number));
            months.windows.push(Window { first, last });
            first = last + 1;
        }
        months
    }
}

impl Analysis for MonthlyStates {
    type Sums = BySlot<Vec<[i64; 16]>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.monthly_states.map(|_| MonthlyStates {
            months: plan.periods.iter().map(|&period| Months::new(period)).collect(),
            clients: BySlot::default(),
            sectors: Vec::new(),
        })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let months = &self.months[seen.period];
        let month_of = |day: i32| usize::from(months.of_day[(day - seen.window.first) as usize]);
        self.sectors.clear();
        self.sectors.resize(months.windows.len(), 0);
        let rows = seen.rows;
        for (row, (&service, &start)) in rows.service.iter().zip(rows.start).enumerate() {
            let bit = seen.plan.sector_bits[usize::from(service)];
            if rows.is_stay(row) {
                let first = month_of(start.max(seen.window.first));
                let last = month_of(rows.end[row].min(seen.window.last));
                self.sectors[first..=last].iter_mut().for_each(|sectors| *sectors |= bit);
            } else {
                self.sectors[month_of(start)] |= bit;
            }
        }
        let clients = self.clients.at(seen.slot);
        clients.resize(months.windows.len(), [0; 16]);
        for ((clients, &sectors), &month) in clients.iter_mut().zip(&self.sectors).zip(&months.windows) {
            let followed = seen.plan.followed(month);
            let is_known_gone = seen.client.is_listed && seen.client.observed_days(followed) == 0;
            let is_gone = sectors == 0 && (is_known_gone || seen.plan.is_unknown(month));
            clients[usize::from(sectors & 15)] += i64::from(!is_gone);
        }
    }

    sums_in!(clients, |own, clients, frame| {
        let periods = own.months.iter().cycle();
        frame.has_slots(clients) && clients.0.iter().zip(periods).all(|(months, of)| months.len() <= of.windows.len())
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&MONTHLY_STATES);
        for slots in end.slots() {
            for (month, clients) in self.months[slots.period].windows.iter().zip(slots.sum(&self.clients)) {
                let (year, month, _) = Day(month.first).ymd();
                let month = format!("{year:04}-{month:02}");
                for (state, clients) in states(&clients).into_iter().filter(|(_, clients)| *clients > 0) {
                    table.push(&[
                        Value::Text(slots.cohort),
                        Value::Text(&month),
                        Value::Text(state),
                        Value::Int(clients),
                    ]);
                }
            }
        }
        vec![table]
    }
}

fn states(clients: &[i64; 16]) -> [(&'static str, i64); 6] {
    let one = |sector: usize| (SECTORS[sector].as_str(), clients[1 << sector]);
    let several = (0..16usize).filter(|bits| bits.count_ones() > 1).map(|bits| clients[bits]).sum();
    [("none", clients[0]), one(0), one(1), one(2), one(3), ("several", several)]
}
