//! Who can be compared with whom: one pass over the members of the cohort, for some index dates at a time.

use virta_model::{Sex, life_stage};

use super::windows::{Counter, Use, days, observed};
use crate::input::client::{ClientInfo, lived};
use crate::input::columns::Columns;
use crate::input::rows::{ClientRows, Window};
use crate::pass::reading::Visitor;
use crate::rules::plan::Plan;

/// A client as the matching sees it: who they are on an index date and what they used in the window before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub client_id: i64,
    pub person: Who,
    pub used: Use,
}

/// Who a client is on an index date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Who {
    pub sex: Option<Sex>,
    /// In whole years.
    pub age: Option<i32>,
    /// What the municipality has become since, so that it is the same in extracts from before and after a merger: a
    /// number of the catalogue, or none.
    pub municipality: u16,
}

impl Who {
    pub(super) fn new(plan: &Plan<'_>, client: &ClientInfo, index: i32) -> Self {
        let municipality = plan.municipality_now(client.municipality);
        Who { sex: client.sex, age: lived(client.age_on(index)), municipality }
    }

    pub(crate) fn life_stage(&self) -> Option<&'static str> {
        self.age.and_then(life_stage)
    }
}

/// An index date and the members of the cohort that can be drawn for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Date<'a> {
    pub index: i32,
    pub before: Window,
    /// The period whose members these are.
    pub period: usize,
    /// Ascending.
    pub members: &'a [i64],
}

/// What is looked at in the pass.
#[derive(Clone, Copy)]
pub(super) struct Pool<'a> {
    pub plan: &'a Plan<'a>,
    pub dates: &'a [Date<'a>],
    /// Clients of this pilot with the number of their date, by client.
    pub pilot: &'a [(i64, usize)],
    /// Clients of any pilot, ascending: nobody is compared with them.
    pub(crate) all_pilots: &'a [i64],
    /// The end of observation.
    pub newest: i32,
}

pub(super) const COLUMNS: Columns = Columns { stays: true, cost: true, emergency: true, ..Columns::NONE };

/// Collects candidates and clients of the pilot, each with the number of the date.
pub(super) struct PoolVisitor<'a> {
    pool: Pool<'a>,
    pub candidates: Vec<(usize, Candidate)>,
    pub pilot: Vec<(usize, Candidate)>,
    counter: Counter,
}

impl<'a> PoolVisitor<'a> {
    pub(super) fn new(pool: Pool<'a>) -> Self {
        PoolVisitor { pool, candidates: Vec::new(), pilot: Vec::new(), counter: Counter::default() }
    }

    fn candidate(&mut self, date: usize, client: &ClientInfo, contacts: &ClientRows<'_>) -> Candidate {
        let Date { index, before, .. } = self.pool.dates[date];
        let window = observed(client, before, self.pool.newest);
        let used = self.counter.whole(self.pool.plan, contacts, window);
        Candidate { client_id: client.client_id, person: Who::new(self.pool.plan, client, index), used }
    }
}

impl Visitor for PoolVisitor<'_> {
    fn begin_bucket(&mut self, _: u32) {}

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        let id = client.client_id;
        if let Ok(at) = self.pool.pilot.binary_search_by_key(&id, |(client, _)| *client) {
            let date = self.pool.pilot[at].1;
            let before = self.pool.dates[date].before;
            if before.last <= self.pool.newest && days(observed(client, before, self.pool.newest)) > 0 {
                let candidate = self.candidate(date, client, contacts);
                self.pilot.push((date, candidate));
            }
        }
        if self.pool.all_pilots.binary_search(&id).is_ok() {
            return;
        }
        let mut known = None;
        for (number, date) in self.pool.dates.iter().enumerate() {
            // Most dates have the same members.
            let (_, is_member) = match known.filter(|(period, _)| *period == date.period) {
                Some(known) => known,
                None => *known.insert((date.period, date.members.binary_search(&id).is_ok())),
            };
            // Observed on every day before the index date and on the day itself: somebody who lived there all the time.
            let needed = Window { first: date.before.first, last: date.index };
            let observed = client.observation();
            let is_there = observed.first <= needed.first && observed.last >= needed.last;
            if is_member && is_there {
                let candidate = self.candidate(number, client, contacts);
                self.candidates.push((number, candidate));
            }
        }
    }
}
