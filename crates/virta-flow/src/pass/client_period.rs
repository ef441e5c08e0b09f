//! One client in one period, as the analyses see it.

use super::costs::{Costs, Counts, Spending, Usage};
use crate::input::client::ClientInfo;
use crate::input::rows::{ClientRows, Rows, Window};
use crate::rules::eligibility::Eligibility;
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::rules::tally::Tally;

/// A user of a period who belongs to the population.
pub(crate) struct ClientPeriod<'a> {
    pub plan: &'a Plan<'a>,
    pub period: usize,
    pub window: Window,
    pub client: &'a ClientInfo,
    /// All contacts of the client, also those outside the period.
    pub contacts: &'a ClientRows<'a>,
    /// The contacts of the period; never empty.
    pub rows: &'a Rows<'a>,
    /// Use by unit, in the order of the plan.
    pub(crate) tallies: &'a [Tally],
    pub used: Used,
    /// Age at the period's end; below 0 before birth.
    pub age: Option<i32>,
    /// Days of residence in the period; 0 is no resident.
    pub observed_days: i64,
    /// One for each cohort.
    pub(crate) eligibility: &'a [Eligibility],
    /// Where the sums of everybody in the same cohorts and the same period are kept.
    pub(crate) slot: usize,
}

impl ClientPeriod<'_> {
    /// Use by service.
    pub(crate) fn services(&self) -> &Tally {
        &self.tallies[BY_SERVICE]
    }
}

/// A resident of the population without use in the period.
pub(crate) struct Idle<'a> {
    pub period: usize,
    pub client: &'a ClientInfo,
    pub age: Option<i32>,
    pub observed_days: i64,
}

/// A client's whole use of a period.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    pub contacts: u32,
    pub stay_days: u64,
    /// Contacts without a price cost 0.
    pub cost: i64,
    /// Whether any contact has a price.
    pub is_priced: bool,
    pub emergency_contacts: u32,
    /// A bit for each sector.
    pub sectors: u8,
}

impl Used {
    /// Of the contacts of a period and the same by service.
    pub(crate) fn of(plan: &Plan<'_>, rows: &Rows<'_>, services: &Tally) -> Self {
        let mut used = Used { contacts: rows.len() as u32, ..Used::default() };
        for &service in services.values() {
            let cell = services.cell(service);
            used.stay_days += u64::from(cell.stay_days);
            used.cost += cell.cost;
            used.is_priced |= cell.priced > 0;
            used.sectors |= plan.sector_bits[usize::from(service)];
            if plan.is_emergency[usize::from(service)] {
                used.emergency_contacts += cell.contacts;
            }
        }
        if !rows.more.emergency.is_empty() {
            let urgent = rows.service.iter().zip(rows.more.emergency);
            used.emergency_contacts += urgent
                .map(|(&service, &is_urgent)| u32::from(is_urgent && !plan.is_emergency[usize::from(service)]))
                .sum::<u32>();
        }
        used
    }

    /// The cost as a client's part of a sum.
    #[inline]
    pub(crate) fn costs(&self) -> Costs {
        if self.is_priced { Costs::of(self.cost) } else { Costs::unpriced() }
    }

    /// The client's part of a sum of what clients cost.
    #[inline]
    pub(crate) fn spending(&self) -> Spending {
        Spending { clients: 1, cost: self.costs() }
    }

    /// The client's part of a sum of what clients used.
    #[inline]
    pub(crate) fn usage(&self) -> Usage {
        Usage { clients: 1, contacts: Counts::of(self.contacts), cost: self.costs() }
    }
}
