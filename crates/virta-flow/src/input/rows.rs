//! The contacts of one client, and the part of them that lies in a stretch of days: rule 1.

use serde::{Deserialize, Serialize};
use virta_model::settings::Period;
use virta_model::{Day, cost_up_to};

use crate::input::columns::{MoreColumns, MoreRows, NO_COST};

/// A stretch of days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Window {
    pub first: i32,
    pub last: i32,
}

impl Window {
    pub(crate) fn of(period: &Period) -> Self {
        Window { first: period.first.0, last: period.last.0 }
    }

    #[inline]
    pub(crate) fn contains(self, day: i32) -> bool {
        self.first <= day && day <= self.last
    }

    /// The year of the last day, which says which municipalities there are.
    pub(crate) fn last_year(self) -> i32 {
        Day(self.last).year()
    }

    /// The window that ends on `last` and has this many days.
    pub(crate) fn ending(last: i32, days: i32) -> Self {
        Window { first: last.saturating_sub(days).saturating_add(1), last }
    }
}

/// Contacts of one client in rule 8's order. All columns but those that say otherwise have every row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub service: &'a [u16],
    pub start: &'a [i32],
    /// Last day: of a visit its day, of an open stay the end of observation.
    pub end: &'a [i32],
    /// Cents in the window, or [`NO_COST`].
    pub cost: &'a [i64],
    /// Whether any row is a stay. Without stays, `is_stay` and `days` are empty.
    pub has_stays: bool,
    pub is_stay: &'a [bool],
    /// Days of a stay in the window, 0 for a visit.
    pub days: &'a [u32],
    /// The rows that are stays, in a window.
    pub stays: &'a [u32],
    /// Without rows of its own in what the study does not read and in what no row has.
    pub more: MoreColumns<'a>,
}

impl Rows<'_> {
    pub(crate) const NONE: Rows<'static> = Rows {
        service: &[],
        start: &[],
        end: &[],
        cost: &[],
        has_stays: false,
        is_stay: &[],
        days: &[],
        stays: &[],
        more: MoreColumns::NONE,
    };

    pub(crate) fn len(&self) -> usize {
        self.service.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.service.is_empty()
    }

    #[inline]
    pub(crate) fn is_stay(&self, row: usize) -> bool {
        self.has_stays && self.is_stay[row]
    }

    #[inline]
    pub(crate) fn stay_days(&self, row: usize) -> u32 {
        if self.has_stays { self.days[row] } else { 0 }
    }

    #[inline]
    pub(crate) fn is_urgent(&self, row: usize) -> bool {
        self.more.emergency.get(row).is_some_and(|&is_urgent| is_urgent)
    }

    #[inline]
    pub(crate) fn cost(&self, row: usize) -> i64 {
        priced(self.cost[row])
    }

    /// Whether neither day, time nor sequence tells a row from the one after it: then their order is unknown (rule 8).
    /// Columns that are empty tell nothing apart.
    #[inline]
    pub(crate) fn is_tied_with_next(&self, row: usize) -> bool {
        fn same<T: PartialEq>(column: &[T], row: usize) -> bool {
            column.get(row) == column.get(row + 1)
        }
        row + 1 < self.len()
            && self.start[row] == self.start[row + 1]
            && same(self.more.start_time, row)
            && same(self.more.sequence, row)
    }

    fn slice(&self, from: usize, to: usize) -> Self {
        Rows {
            service: &self.service[from..to],
            start: &self.start[from..to],
            end: &self.end[from..to],
            cost: &self.cost[from..to],
            has_stays: false,
            is_stay: &[],
            days: &[],
            stays: &[],
            more: self.more.part(from, to),
        }
    }
}

/// An unpriced contact adds nothing.
#[inline]
pub(crate) fn priced(cost_cents: i64) -> i64 {
    if cost_cents == NO_COST { 0 } else { cost_cents }
}

/// The cost of the days `first..=last` of a stay (rule 1): the cost up to one day less the cost up to another.
pub(crate) fn cost_between(cost_cents: i64, start: i32, end: i32, window: Window) -> i64 {
    let day = |day: i32| i64::from(day) - i64::from(start);
    let stay_days = day(end) + 1;
    cost_up_to(cost_cents, stay_days, day(window.last) + 1) - cost_up_to(cost_cents, stay_days, day(window.first))
}

/// All contacts of a client, with open ends resolved; `days` are not filled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientRows<'a> {
    pub rows: Rows<'a>,
    /// The rows that are stays.
    pub stays: &'a [u32],
    /// For each of them, whether it is open as far as its source knows: nothing ended it, neither a day nor the end of the
    /// client's observation.
    pub open: &'a [bool],
}

impl<'a> ClientRows<'a> {
    /// The contacts whose days overlap the window, in rule 8's order. A stay's days and cost are those in the window.
    ///
    /// Without stays in reach this is a slice and copies nothing.
    pub(crate) fn within<'b>(&self, window: Window, copy: &'b mut RowsCopy) -> Rows<'b>
    where
        'a: 'b,
    {
        let rows = &self.rows;
        let from = rows.start.partition_point(|&start| start < window.first);
        let to = from + rows.start[from..].partition_point(|&start| start <= window.last);
        let reaches = |&&stay: &&u32| {
            let row = stay as usize;
            row < to && rows.end[row] >= window.first
        };
        if !self.stays.iter().any(|stay| reaches(&stay)) {
            return rows.slice(from, to);
        }
        copy.clear();
        for &stay in self.stays.iter().filter(reaches).take_while(|&&stay| (stay as usize) < from) {
            copy.extend(rows, stay as usize..stay as usize + 1);
        }
        copy.extend(rows, from..to);
        copy.cut_stays(window);
        copy.rows()
    }
}

/// Contacts that were copied out because stays are among them. Kept from client to client, so that nothing is
/// allocated.
#[derive(Debug, Default)]
pub(crate) struct RowsCopy {
    service: Vec<u16>,
    start: Vec<i32>,
    end: Vec<i32>,
    cost: Vec<i64>,
    is_stay: Vec<bool>,
    days: Vec<u32>,
    stays: Vec<u32>,
    more: MoreRows,
}

impl RowsCopy {
    fn clear(&mut self) {
        self.service.clear();
        self.start.clear();
        self.end.clear();
        self.cost.clear();
        self.is_stay.clear();
        self.days.clear();
        self.stays.clear();
        self.more.clear();
    }

    fn extend(&mut self, rows: &Rows<'_>, range: std::ops::Range<usize>) {
        fn part<T: Copy>(to: &mut Vec<T>, column: &[T], range: &std::ops::Range<usize>) {
            to.extend_from_slice(column.get(range.clone()).unwrap_or(&[]));
        }
        self.more.append(self.service.len(), &rows.more, range.start, range.end);
        part(&mut self.service, rows.service, &range);
        part(&mut self.start, rows.start, &range);
        part(&mut self.end, rows.end, &range);
        part(&mut self.cost, rows.cost, &range);
        part(&mut self.is_stay, rows.is_stay, &range);
    }

    /// Leaves of each stay's days and cost those in the window.
    fn cut_stays(&mut self, window: Window) {
        self.days.resize(self.service.len(), 0);
        self.stays.extend((0u32..).zip(&self.is_stay).filter(|(_, is_stay)| **is_stay).map(|(row, _)| row));
        for &row in &self.stays {
            let row = row as usize;
            let (start, end) = (self.start[row], self.end[row]);
            let inside = Window { first: start.max(window.first), last: end.min(window.last) };
            self.days[row] = (inside.last - inside.first + 1) as u32;
            if self.cost[row] != NO_COST && (inside.first > start || inside.last < end) {
                self.cost[row] = cost_between(self.cost[row], start, end, inside);
            }
        }
    }

    fn rows(&self) -> Rows<'_> {
        Rows {
            service: &self.service,
            start: &self.start,
            end: &self.end,
            cost: &self.cost,
            has_stays: true,
            is_stay: &self.is_stay,
            days: &self.days,
            stays: &self.stays,
            more: self.more.columns(),
        }
    }
}
