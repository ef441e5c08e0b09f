//! The day on which enough services count: rule 4's `qualified_on`, for periods and for rolling windows.

use virta_model::cost_up_to;

use crate::input::columns::NO_CODE;
use crate::input::rows::{Rows, Window};
use crate::rules::plan::Need;

/// How far the window reaches back from a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the first day of the period.
    Period,
    /// This many days, the day itself included; so it may begin before the period.
    Days(i32),
}

impl Reach {
    /// The first day that the window of the period's first day holds.
    fn from(self, period: Window) -> i32 {
        match self {
            Reach::Period => period.first,
            Reach::Days(days) => Window::ending(period.first, days).first,
        }
    }
}

/// What is kept from client to client, so that nothing is allocated.
#[derive(Debug)]
pub(crate) struct Qualifier {
    /// Contacts of each value in the window, where nothing else matters; all 0 between clients.
    contacts: Vec<u32>,
    cells: Vec<State>,
    touched: Vec<u16>,
    /// Last day and value of the stays that pass through the window, by last day.
    stay_ends: Vec<(i32, u16)>,
    entering_stays: Vec<Stay>,
    leaving_stays: Vec<Stay>,
}

/// Use of one value in the window.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    contacts: u32,
    days: i64,
    cost: i64,
    is_touched: bool,
    is_counted: bool,
}

#[derive(Debug, Clone, Copy)]
struct Stay {
    start: i32,
    end: i32,
    cost: i64,
    value: u16,
}

impl Stay {
    /// The cost of one of its days.
    fn cost_on(&self, day: i32) -> i64 {
        let days = i64::from(self.end) - i64::from(self.start) + 1;
        let at = i64::from(day) - i64::from(self.start);
        cost_up_to(self.cost, days, at + 1) - cost_up_to(self.cost, days, at)
    }
}

/// As [`Qualifier::first_day`], where any use counts, there are at most 64 values and no stays, and at least one service
/// is asked for: the most frequent case by far. Sets are bits, so that most clients are decided without counting.
/// `used` are the values used in the period.
pub(crate) fn first_day_of_any_use(
    rows: &Rows<'_>,
    values: &[u16],
    used: u64,
    services: u32,
    period: Window,
    reach: Reach,
) -> Option<i32> {
    let last = rows.start.partition_point(|&start| start <= period.last);
    let Reach::Days(days) = reach else {
        let first = rows.start.partition_point(|&start| start < period.first);
        let mut seen = 0;
        for (&start, &value) in rows.start[first..last].iter().zip(&values[first..last]) {
            seen |= bit_of(value);
            if seen.count_ones() >= services {
                return Some(start);
            }
        }
        return None;
    };
    let oldest = Window::ending(period.first, days).first;
    let first = rows.start.partition_point(|&start| start < oldest);
    // The window of the period's first day.
    let after = first + rows.start[first..last].partition_point(|&start| start <= period.first);
    let mut seen = bits_of(&values[first..after]);
    if seen.count_ones() >= services {
        return Some(period.first);
    }
    if (seen | used).count_ones() < services {
        return None;
    }
    // The last row of each value: a value leaves the window with it.
    let mut last_rows = [0usize; 64];
    for (row, &value) in values.iter().enumerate().take(after).skip(first) {
        if let Some(last) = last_rows.get_mut(usize::from(value)) {
            *last = row;
        }
    }
    let mut left = first;
    for row in after..last {
        let (day, value) = (rows.start[row], values[row]);
        let oldest = Window::ending(day, days).first;
        while rows.start[left] < oldest {
            if last_rows.get(usize::from(values[left])) == Some(&left) {
                seen &= !bit_of(values[left]);
            }
            left += 1;
        }
        if let Some(last) = last_rows.get_mut(usize::from(value)) {
            *last = row;
            seen |= bit_of(value);
            if seen.count_ones() >= services {
                return Some(day);
            }
        }
    }
    None
}

/// The bit of one of up to 64 values; none for a missing one.
#[inline]
fn bit_of(value: u16) -> u64 {
    1u64.checked_shl(value.into()).unwrap_or(0)
}

/// The bits of up to 64 values.
#[inline]
pub(crate) fn bits_of(values: &[u16]) -> u64 {
    values.iter().fold(0, |bits, &value| bits | bit_of(value))
}

impl Qualifier {
    /// For units of up to this many values.
    pub(crate) fn new(values: usize) -> Self {
        Qualifier {
            contacts: vec![0; values],
            cells: vec![State::default(); values],
            touched: Vec::new(),
            stay_ends: Vec::new(),
            entering_stays: Vec::new(),
            leaving_stays: Vec::new(),
        }
    }

    /// The earliest day of the period on which the window that ends there holds at least `services` values that meet
    /// the need. A stay's days and cost are taken day by day.
    ///
    /// `rows` are all of the client's, `values` has a value for each of them.
    pub(crate) fn first_day(
        &mut self,
        rows: &Rows<'_>,
        values: &[u16],
        need: &Need,
        services: u32,
        period: Window,
        reach: Reach,
    ) -> Option<i32> {
        // Use that only ever adds up can be followed contact by contact; a stay's days and cost, or a cost that may
        // fall, need a look at every day.
        let is_plain = need.is_contacts_only()
            || (!rows.has_stays && (need.cost.is_none() || (0..rows.len()).all(|row| rows.cost(row) >= 0)));
        let found = match (is_plain, reach) {
            (true, Reach::Period) if need.is_same_contacts() => {
                self.by_number(rows, values, need.contacts, services, period)
            }
            (true, Reach::Days(days)) if need.is_same_contacts() => {
                self.by_number_rolling(rows, values, need.contacts, services, period, days)
            }
            (true, _) if reach == Reach::Period || !rows.has_stays => {
                self.by_contact(rows, values, need, services, period, reach)
            }
            _ => self.by_day(rows, values, need, services, period, reach),
        };
        self.clear();
        found
    }

    /// Where only the number of contacts in the period matters.
    fn by_number(&mut self, rows: &Rows<'_>, values: &[u16], least: u32, services: u32, period: Window) -> Option<i32> {
        let first = first_row(rows, period.first);
        let (mut counted, mut found, mut passed) = (0, None, first);
        for (row, &value) in values.iter().enumerate().skip(first) {
            if rows.start[row] > period.last {
                break;
            }
            passed = row + 1;
            if value == NO_CODE || rows.end[row] < period.first {
                continue;
            }
            let contacts = &mut self.contacts[usize::from(value)];
            *contacts += 1;
            counted += u32::from(*contacts == least);
            if counted >= services {
                found = Some(rows.start[row].max(period.first));
                break;
            }
        }
        for &value in &values[first..passed] {
            if let Some(contacts) = self.contacts.get_mut(usize::from(value)) {
                *contacts = 0;
            }
        }
        found
    }

    /// Rolling windows where only the number of contacts matters: the most frequent case.
    fn by_number_rolling(
        &mut self,
        rows: &Rows<'_>,
        values: &[u16],
        least: u32,
        services: u32,
        period: Window,
        days: i32,
    ) -> Option<i32> {
        let from = Window::ending(period.first, days).first;
        let first = first_row(rows, from);
        let last = rows.start.partition_point(|&start| start <= period.last);
        let is_inside = |row: usize| values[row] != NO_CODE && rows.end[row] >= from;
        // Visits leave the window in the order in which they enter it, stays by their last days.
        self.stay_ends.clear();
        if rows.has_stays {
            let stays = (first..last).filter(|&row| rows.is_stay[row] && is_inside(row));
            self.stay_ends.extend(stays.map(|row| (rows.end[row], values[row])));
            self.stay_ends.sort_unstable();
        }
        let contacts = &mut self.contacts;
        let (mut counted, mut left, mut left_stays, mut passed, mut found) = (0u32, first, 0, first, None);
        for row in first..last {
            passed = row + 1;
            if !is_inside(row) {
                continue;
            }
            let day = rows.start[row].max(period.first);
            let oldest = Window::ending(day, days).first;
            let mut remove = |value: u16| {
                let contacts = &mut contacts[usize::from(value)];
                counted -= u32::from(*contacts == least);
                *contacts -= 1;
            };
            while left < row && rows.start[left] < oldest {
                if is_inside(left) && !rows.is_stay(left) {
                    remove(values[left]);
                }
                left += 1;
            }
            while let Some(&(_, value)) = self.stay_ends.get(left_stays).filter(|stay| stay.0 < oldest) {
                remove(value);
                left_stays += 1;
            }
            let contacts = &mut contacts[usize::from(values[row])];
            *contacts += 1;
            counted += u32::from(*contacts == least);
            if counted >= services {
                found = Some(day);
                break;
            }
        }
        for &value in &values[first..passed] {
            if let Some(contacts) = contacts.get_mut(usize::from(value)) {
                *contacts = 0;
            }
        }
        found
    }

    /// Use that only ever adds up, contact by contact; in a window that rolls on of visits only.
    fn by_contact(
        &mut self,
        rows: &Rows<'_>,
        values: &[u16],
        need: &Need,
        services: u32,
        period: Window,
        reach: Reach,
    ) -> Option<i32> {
        let from = reach.from(period);
        let first = first_row(rows, from);
        let last = rows.start.partition_point(|&start| start <= period.last);
        let (mut counted, mut left) = (0, first);
        for (row, &value) in values.iter().enumerate().take(last).skip(first) {
            if value == NO_CODE || rows.end[row] < from {
                continue;
            }
            let day = rows.start[row].max(period.first);
            if let Reach::Days(days) = reach {
                let oldest = Window::ending(day, days).first;
                while rows.start[left] < oldest {
                    if values[left] != NO_CODE {
                        counted += self.add(values[left], -1, -1, -rows.cost(left), need);
                    }
                    left += 1;
                }
            }
            counted += self.add(value, 1, 1, rows.cost(row), need);
            if counted >= services as i32 {
                return Some(day);
            }
        }
        None
    }

    fn by_day(
        &mut self,
        rows: &Rows<'_>,
        values: &[u16],
        need: &Need,
        services: u32,
        period: Window,
        reach: Reach,
    ) -> Option<i32> {
        let from = reach.from(period);
        let mut counted = 0;
        let (mut next, mut left) = (first_row(rows, from), first_row(rows, from));
        self.entering_stays.clear();
        self.leaving_stays.clear();
        for day in from..=period.last {
            while next < rows.len() && rows.start[next] <= day {
                let (row, value) = (next, values[next]);
                next += 1;
                if value == NO_CODE || rows.end[row] < from {
                    continue;
                }
                if rows.is_stay(row) {
                    counted += self.add(value, 1, 0, 0, need);
                    let (start, end, cost) = (rows.start[row], rows.end[row], rows.cost(row));
                    self.entering_stays.push(Stay { start, end, cost, value });
                } else {
                    counted += self.add(value, 1, 1, rows.cost(row), need);
                }
            }
            counted += self.pass_day(true, day, need);
            if let Reach::Days(days) = reach {
                let gone = day.saturating_sub(days);
                while left < rows.len() && rows.start[left] <= gone {
                    let (row, value) = (left, values[left]);
                    left += 1;
                    if value == NO_CODE || rows.end[row] < from {
                        continue;
                    }
                    let (start, end, cost) = (rows.start[row], rows.end[row], rows.cost(row));
                    if rows.is_stay(row) {
                        self.leaving_stays.push(Stay { start, end, cost, value });
                    } else {
                        counted += self.add(value, -1, -1, -cost, need);
                    }
                }
                if gone >= from {
                    counted += self.pass_day(false, gone, need);
                }
            }
            if day >= period.first && counted >= services as i32 {
                return Some(day);
            }
        }
        None
    }

    /// Adds one day of every stay that enters the window, or takes one day of every stay that leaves it.
    fn pass_day(&mut self, is_entering: bool, day: i32, need: &Need) -> i32 {
        let mut stays = std::mem::take(if is_entering { &mut self.entering_stays } else { &mut self.leaving_stays });
        let mut counted = 0;
        stays.retain(|stay| {
            let is_last = stay.end <= day;
            counted += if is_entering {
                self.add(stay.value, 0, 1, stay.cost_on(day), need)
            } else {
                self.add(stay.value, -i32::from(is_last), -1, -stay.cost_on(day), need)
            };
            !is_last
        });
        *(if is_entering { &mut self.entering_stays } else { &mut self.leaving_stays }) = stays;
        counted
    }

    /// Changes a value's use and returns by how many the counted values change.
    #[inline]
    fn add(&mut self, value: u16, contacts: i32, days: i64, cost: i64, need: &Need) -> i32 {
        let state = &mut self.cells[usize::from(value)];
        if !state.is_touched {
            state.is_touched = true;
            self.touched.push(value);
        }
        state.contacts = state.contacts.wrapping_add_signed(contacts);
        state.days += days;
        state.cost += cost;
        let is_counted = state.contacts > 0 && need.is_met(value, state.contacts, state.days, state.cost);
        let change = i32::from(is_counted) - i32::from(state.is_counted);
        state.is_counted = is_counted;
        change
    }

    fn clear(&mut self) {
        for &value in &self.touched {
            self.cells[usize::from(value)] = State::default();
        }
        self.touched.clear();
    }
}

/// The first row that can reach into a window from this day: where stays began earlier, that is the first of all.
fn first_row(rows: &Rows<'_>, from: i32) -> usize {
    if rows.has_stays { 0 } else { rows.start.partition_point(|&start| start < from) }
}
