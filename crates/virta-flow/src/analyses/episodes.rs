//! `episodes`: contacts of a service joined while the next begins soon enough after the last end.
//!
//! Unit: episodes of a cohort's clients in a period, by service; a row for each service that somebody used.
//!
//! An episode is a client's contacts of one service, joined while the next begins at most `gap_days` after the latest end
//! so far. All of the client's contacts are joined, also those outside the period, so that no episode is cut at its
//! ends; it counts in each period in which it has a contact. `days` are its days in the period from its first to its last
//! day, the days between two of its contacts included; `cost_cents` is what its contacts cost there.
//!
//! The length of an episode is its days from the first to the last, both included. Whether it has ended is known once the
//! next contact would have begun too late: `open` are episodes with an open stay, or whose last day and `gap_days` (at
//! least a day) reach beyond the end of observation. They count as at least so long (Kaplan-Meier).

use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::EPISODES;

use super::survival::{Waits, median, p90};
use super::{Analysis, End, row, sums_in};
use crate::input::rows::ClientRows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::Remap;
use crate::pass::sums::{BySlot, add_up};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct Episodes {
    gap_days: i32,
    /// Whose episodes are at hand.
    client_id: Option<i64>,
    episodes: Vec<Episode>,
    /// By service, its last episode.
    last_of: Vec<Last>,
    /// By service, what the client at hand adds to the period at hand; `used` names those that are not 0.
    of_client: Vec<OfClient>,
    used: Vec<u16>,
    /// By slot, then by service.
    sums: BySlot<Vec<Sum>>,
}

#[derive(Debug, Clone, Copy)]
struct Episode {
    service: u16,
    first: i32,
    last: i32,
    has_open_stay: bool,
}

/// The last episode of a service.
#[derive(Debug, Clone, Copy)]
struct Last {
    /// The last day on which a contact that begins joins it; before any day where there is none.
    joins_until: i32,
    place: u32,
}

impl Last {
    const NONE: Last = Last { joins_until: i32::MIN, place: 0 };
}

#[derive(Debug, Clone, Copy, Default)]
struct OfClient {
    episodes: u32,
    open: u32,
    days: u32,
    /// Episodes of a single day that are over: most are.
    closed_days: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    episodes: Counts,
    open: Counts,
    days: Counts,
    cost: Costs,
    /// Episodes of a single day that are over: they are not among the lengths until the end.
    closed_days: u64,
    lengths: Waits,
}

impl Analysis for Episodes {
    type Sums = BySlot<Vec<Sum>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let services = plan.count_units[BY_SERVICE].codes.len();
        plan.study.episodes.map(|settings| Episodes {
            gap_days: i32::try_from(settings.gap_days).unwrap_or(i32::MAX),
            client_id: None,
            episodes: Vec::new(),
            last_of: vec![Last::NONE; services],
            of_client: vec![OfClient::default(); services],
            used: Vec::new(),
            sums: BySlot::default(),
        })
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        if self.client_id != Some(visit.client.client_id) {
            self.client_id = Some(visit.client.client_id);
            self.join(visit.contacts);
        }
        let sums = self.sums.at(visit.slot);
        sums.resize_with(self.last_of.len(), Sum::default);
        let (window, end) = (visit.window, visit.plan.end.unwrap_or(i32::MAX));
        // Episodes are in order of their first days. One that begins before the period counts where it ends in it, or where
        // it spans the period and its service is used there: then every contact of it is the episode's.
        let within = self.episodes.partition_point(|episode| episode.first < window.first);
        let after = self.episodes.partition_point(|episode| episode.first <= window.last);
        let (before, rest) = self.episodes.split_at(within);
        let counts = |episode: &&Episode| {
            episode.last >= window.first
                && (episode.last <= window.last || visit.services().cell(episode.service).contacts > 0)
        };
        for episode in before.iter().filter(counts).chain(rest.iter().take(after - within)) {
            let is_open = episode.has_open_stay || episode.last.saturating_add(self.gap_days.max(1)) > end;
            let of_client = &mut self.of_client[usize::from(episode.service)];
            if of_client.episodes == 0 {
                self.used.push(episode.service);
            }
            of_client.episodes += 1;
            of_client.open += u32::from(is_open);
            of_client.days += (episode.last.min(window.last) - episode.first.max(window.first) + 1) as u32;
            if episode.first == episode.last && !is_open {
                of_client.closed_days += 1;
                continue;
            }
            let seen_to = if is_open { episode.last.min(end) } else { episode.last };
            let length = i64::from(seen_to) - i64::from(episode.first) + 1;
            sums[usize::from(episode.service)].lengths.add(length.max(1), !is_open);
        }
        for service in self.used.drain(..) {
            let of_client = std::mem::take(&mut self.of_client[usize::from(service)]);
            let sum = &mut sums[usize::from(service)];
            sum.clients += 1;
            sum.episodes.add(Counts::of(of_client.episodes));
            if of_client.open > 0 {
                sum.open.add(Counts::of(of_client.open));
            }
            sum.days.add(Counts::of(of_client.days));
            sum.cost.add(visit.services().cell(service).costs());
            sum.closed_days += u64::from(of_client.closed_days);
        }
    }

    sums_in!(sums, |own, sums, frame| {
        frame.has_lists(sums, own.last_of.len()) && sums.0.iter().flatten().all(|sum| sum.lengths.fits())
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&EPISODES);
        for slots in end.slots() {
            for (service, sum) in (0u16..).zip(&slots.sum(&self.sums)).filter(|(_, sum)| sum.clients > 0) {
                let mut lengths = sum.lengths.clone();
                lengths.add_many(1, true, sum.closed_days);
                let steps = lengths.still_waiting();
                let row = row![
                    slots.cohort,
                    slots.label,
                    end.plan.service_code(service),
                    sum.episodes,
                    sum.clients,
                    sum.open,
                    median(&steps),
                    p90(&steps),
                    sum.days,
                    sum.cost,
                ];
                end.push(&mut table, sum.clients, &row);
            }
        }
        vec![table]
    }
}

impl Episodes {
    /// Joins a client's contacts, which are in order of their first days.
    fn join(&mut self, contacts: &ClientRows<'_>) {
        self.episodes.clear();
        let rows = &contacts.rows;
        for (row, &service) in rows.service.iter().enumerate() {
            let (first, last) = (rows.start[row], rows.end[row]);
            let last_of = &mut self.last_of[usize::from(service)];
            if first > last_of.joins_until {
                last_of.place = self.episodes.len() as u32;
                last_of.joins_until = last.saturating_add(self.gap_days);
                self.episodes.push(Episode { service, first, last, has_open_stay: false });
            } else if let Some(episode) = self.episodes.get_mut(last_of.place as usize) {
                episode.last = episode.last.max(last);
                last_of.joins_until = episode.last.saturating_add(self.gap_days);
            }
        }
        for (&stay, _) in contacts.stays.iter().zip(contacts.open).filter(|(_, is_open)| **is_open) {
            let (service, start) = (rows.service[stay as usize], rows.start[stay as usize]);
            let holds = |episode: &&mut Episode| episode.service == service && episode.first <= start;
            if let Some(episode) = self.episodes.iter_mut().rev().find(holds) {
                episode.has_open_stay = true;
            }
        }
        for episode in &self.episodes {
            self.last_of[usize::from(episode.service)] = Last::NONE;
        }
    }
}

add_up!(Sum { clients, episodes, open, days, cost, closed_days, lengths });
