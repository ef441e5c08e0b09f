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
use virta_model::schema::EPISODES;
use virta_model::{Table, Value};

use super::survival::{Waits, median, p90};
use super::{Analysis, End, int_or_null, ratio_or_null};
use crate::input::rows::ClientRows;
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::{Costs, Counts};
use crate::pass::groups::{Remap, at};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::shares::frame::Frame;

pub(super) struct Episodes {
    gap_days: i32,
    /// Whose episodes are at hand.
    client_id: Option<i64>,
    episodes: Vec<Episode>,
    /// By service, one more than the place of its last episode; 0 is none.
    last_of: Vec<usize>,
    /// By service, what the client at hand adds to the period at hand; `used` names those that are not 0.
    of_client: Vec<OfClient>,
    used: Vec<u16>,
    /// By slot, then by service.
    sums: Vec<Vec<Sum>>,
}

#[derive(Debug, Clone, Copy)]
struct Episode {
    service: u16,
    first: i32,
    last: i32,
    has_open_stay: bool,
}

#[derive(Debug, Clone, Copy, Default)]
struct OfClient {
    episodes: u32,
    open: u32,
    days: u32,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    episodes: Counts,
    open: Counts,
    days: Counts,
    cost: Costs,
    lengths: Waits,
}

impl Analysis for Episodes {
    type Sums = Vec<Vec<Sum>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let services = plan.count_units[BY_SERVICE].codes.len();
        plan.study.episodes.map(|settings| Episodes {
            gap_days: i32::try_from(settings.gap_days).unwrap_or(i32::MAX),
            client_id: None,
            episodes: Vec::new(),
            last_of: vec![0; services],
            of_client: vec![OfClient::default(); services],
            used: Vec::new(),
            sums: Vec::new(),
        })
    }

    fn user(&mut self, visit: &ClientPeriod<'_>) {
        if self.client_id != Some(visit.client.client_id) {
            self.client_id = Some(visit.client.client_id);
            self.join(visit.contacts);
        }
        let sums = at(&mut self.sums, visit.slot);
        sums.resize_with(self.last_of.len(), Sum::default);
        let (window, end) = (visit.window, visit.plan.end.unwrap_or(i32::MAX));
        for episode in &self.episodes {
            let used = visit.services().cell(episode.service).contacts > 0;
            // An episode that spans the period has every contact of its service in it.
            let spans = episode.first < window.first && episode.last > window.last;
            if !(window.contains(episode.first) || window.contains(episode.last) || (spans && used)) {
                continue;
            }
            let is_open = episode.has_open_stay || episode.last.saturating_add(self.gap_days.max(1)) > end;
            let seen_to = if is_open { episode.last.min(end) } else { episode.last };
            let length = i64::from(seen_to) - i64::from(episode.first) + 1;
            let service = usize::from(episode.service);
            sums[service].lengths.add(length.max(1), !is_open);
            let of_client = &mut self.of_client[service];
            if of_client.episodes == 0 {
                self.used.push(episode.service);
            }
            of_client.episodes += 1;
            of_client.open += u32::from(is_open);
            of_client.days += (episode.last.min(window.last) - episode.first.max(window.first) + 1) as u32;
        }
        for service in self.used.drain(..) {
            let of_client = std::mem::take(&mut self.of_client[usize::from(service)]);
            let sum = &mut sums[usize::from(service)];
            sum.clients += 1;
            sum.episodes.add(Counts::of(of_client.episodes));
            sum.open.add(Counts::of(of_client.open));
            sum.days.add(Counts::of(of_client.days));
            sum.cost.add(visit.services().cell(service).costs());
        }
    }

    fn merge(&mut self, other: Self, remap: &Remap) {
        remap.add_lists(&mut self.sums, other.sums, |here, there| here.add(&there));
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.sums)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        self.sums = sums;
        frame.has_lists(&self.sums, self.last_of.len()) && self.sums.iter().flatten().all(|sum| sum.lengths.fits())
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&EPISODES);
        for slots in end.slots() {
            let mut sums = vec![Sum::default(); self.last_of.len()];
            for add in slots.of(&self.sums) {
                sums.iter_mut().zip(add).for_each(|(sum, add)| sum.add(add));
            }
            for (service, sum) in (0u16..).zip(&sums).filter(|(_, sum)| sum.clients > 0) {
                let steps = sum.lengths.still_waiting();
                let row = [
                    Value::Text(slots.cohort),
                    Value::Text(slots.label),
                    Value::Text(end.plan.service_code(service)),
                    Value::Int(sum.episodes.sum()),
                    Value::Int(sum.clients),
                    Value::Int(sum.open.sum()),
                    ratio_or_null(median(&steps)),
                    int_or_null(p90(&steps)),
                    Value::Int(sum.days.sum()),
                    sum.cost.value(),
                ];
                let behind = [
                    ("episodes", sum.episodes.behind()),
                    ("open", sum.open.behind()),
                    ("days", sum.days.behind()),
                    ("cost_cents", sum.cost.behind()),
                ];
                end.contributors.note(&EPISODES, &row, sum.clients, &behind);
                table.push(&row);
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
        let mut stays = contacts.stays.iter().zip(contacts.open).peekable();
        for (row, &service) in rows.service.iter().enumerate() {
            let is_open = stays.next_if(|(stay, _)| **stay as usize == row).is_some_and(|(_, is_open)| *is_open);
            let (first, last) = (rows.start[row], rows.end[row]);
            let last_of = &mut self.last_of[usize::from(service)];
            match last_of.checked_sub(1).and_then(|at| self.episodes.get_mut(at)) {
                Some(episode) if first <= episode.last.saturating_add(self.gap_days) => {
                    episode.last = episode.last.max(last);
                    episode.has_open_stay |= is_open;
                }
                _ => {
                    self.episodes.push(Episode { service, first, last, has_open_stay: is_open });
                    *last_of = self.episodes.len();
                }
            }
        }
        for episode in &self.episodes {
            self.last_of[usize::from(episode.service)] = 0;
        }
    }
}

impl Sum {
    fn add(&mut self, other: &Sum) {
        self.clients += other.clients;
        self.episodes.add(other.episodes);
        self.open.add(other.open);
        self.days.add(other.days);
        self.cost.add(other.cost);
        self.lengths.merge(&other.lengths);
    }
}
