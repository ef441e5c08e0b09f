//! The stretches of days before and after an index date, and what a client used in them.

use serde::{Deserialize, Serialize};

use crate::input::client::ClientInfo;
use crate::input::columns::{NO_CODE, NO_COST};
use crate::input::rows::{ClientRows, Rows, RowsCopy, Window};
use crate::rules::plan::Plan;

/// The windows of one index date. A window may be empty: then its last day lies before its first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Windows {
    pub before: Window,
    /// Ends on the day of leaving when that comes first.
    pub after: Window,
    /// The last day after the index date that the study asks for.
    pub asked_until: i32,
}

impl Windows {
    pub(super) fn new(index: i32, left_on: Option<i32>, before_days: u32, after_days: u32) -> Self {
        let days = |days: u32| i32::try_from(days).unwrap_or(i32::MAX);
        let before = Window { first: index.saturating_sub(days(before_days)), last: index.saturating_sub(1) };
        let asked_until = index.saturating_add(days(after_days));
        let after = Window { first: index.saturating_add(1), last: asked_until.min(left_on.unwrap_or(i32::MAX)) };
        Windows { before, after, asked_until }
    }
}

/// The days of a window on which the client was observed and the store has data.
pub(super) fn observed(client: &ClientInfo, window: Window, newest: i32) -> Window {
    let known = client.observation();
    Window { first: window.first.max(known.first), last: window.last.min(known.last).min(newest) }
}

pub(super) fn days(window: Window) -> i64 {
    (i64::from(window.last) - i64::from(window.first) + 1).max(0)
}

/// What a client used in a window, contacts and their parts by rule 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Use {
    /// Distinct services.
    pub services: i64,
    pub contacts: i64,
    pub stay_days: i64,
    /// Of the contacts that have a price.
    pub cost_cents: i64,
    pub priced_contacts: i64,
    pub emergency_contacts: i64,
    /// Distinct providers, of the contacts that have one.
    pub providers: i64,
}

impl Use {
    /// In cents; `None` where it is not measured.
    pub(super) fn cost(&self) -> Option<i64> {
        Told::of(self.contacts, self.priced_contacts).is_measured().then_some(self.cost_cents)
    }

    /// Distinct ones; `None` where no contact names any.
    pub(crate) fn named_providers(&self) -> Option<i64> {
        Told::of(self.contacts, self.providers).is_measured().then_some(self.providers)
    }
}

/// Whether contacts tell of something that not every contact has, such as a price.
///
/// Where none of them does it is not measured, which is not 0. Without contacts it is 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    contacts: i64,
    telling: i64,
}

impl Told {
    /// Of so many contacts, how many tell, or how much they tell.
    pub(super) fn of(contacts: i64, telling: i64) -> Self {
        Told { contacts, telling }
    }

    pub(super) fn add(&mut self, other: Told) {
        self.contacts += other.contacts;
        self.telling += other.telling;
    }

    pub(super) fn is_measured(self) -> bool {
        self.contacts == 0 || self.telling > 0
    }
}

/// Adds up windows. Kept from client to client, so that little is allocated on the way.
#[derive(Debug, Default)]
pub(super) struct Counter {
    copy: RowsCopy,
    by_service: Vec<Use>,
    touched: Vec<u16>,
    providers: Vec<u16>,
}

impl Counter {
    /// The use of a window in all; an empty window has none.
    pub(super) fn whole(&mut self, plan: &Plan<'_>, contacts: &ClientRows<'_>, window: Window) -> Use {
        let Counter { copy, by_service, touched, providers } = self;
        if window.last < window.first {
            return Use::default();
        }
        let rows = contacts.within(window, copy);
        by_service.resize(plan.catalogue.services.len(), Use::default());
        let mut sum = Use::default();
        for row in 0..rows.len() {
            let service = rows.service[row];
            let Some(cell) = by_service.get_mut(usize::from(service)) else { continue };
            if cell.contacts == 0 {
                touched.push(service);
            }
            add_row(plan, &rows, row, cell);
            add_row(plan, &rows, row, &mut sum);
        }
        sum.services = touched.len() as i64;
        sum.providers = distinct(providers, rows.more.provider.iter().copied());
        for service in touched.drain(..) {
            by_service[usize::from(service)] = Use::default();
        }
        sum
    }

    /// The use of a window by service, in order of the service's code.
    pub(super) fn by_service(&mut self, plan: &Plan<'_>, contacts: &ClientRows<'_>, window: Window) -> Vec<(u16, Use)> {
        if window.last < window.first {
            return Vec::new();
        }
        let rows = contacts.within(window, &mut self.copy);
        let mut services = rows.service.to_vec();
        services.sort_unstable();
        services.dedup();
        let of_service = |service: u16| {
            let own = || (0..rows.len()).filter(move |&row| rows.service[row] == service);
            let mut used = Use { services: 1, ..Use::default() };
            own().for_each(|row| add_row(plan, &rows, row, &mut used));
            used.providers =
                distinct(&mut self.providers, own().filter_map(|row| rows.more.provider.get(row).copied()));
            (service, used)
        };
        services.into_iter().map(of_service).collect()
    }
}

fn add_row(plan: &Plan<'_>, rows: &Rows<'_>, row: usize, used: &mut Use) {
    let is_emergency = plan.is_emergency.get(usize::from(rows.service[row])).copied().unwrap_or(false);
    used.contacts += 1;
    used.stay_days += i64::from(rows.stay_days(row));
    used.cost_cents += rows.cost(row);
    used.priced_contacts += i64::from(rows.cost[row] != NO_COST);
    used.emergency_contacts += i64::from(is_emergency || rows.is_urgent(row));
}

fn distinct(codes: &mut Vec<u16>, of: impl Iterator<Item = u16>) -> i64 {
    codes.clear();
    codes.extend(of.filter(|&code| code != NO_CODE));
    codes.sort_unstable();
    codes.dedup();
    codes.len() as i64
}
