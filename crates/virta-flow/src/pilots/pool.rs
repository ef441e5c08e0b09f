//! Who can be compared with whom: one pass over the members of the cohort, for some index dates at a time.

use serde::{Deserialize, Serialize};
use virta_model::{Sex, life_stage};

use super::newest;
use super::windows::{Counter, Use, days, observed};
use crate::input::client::{ClientInfo, lived};
use crate::input::columns::Columns;
use crate::input::rows::{ClientRows, Window};
use crate::pass::membership::Membership;
use crate::pass::reading::Visitor;
use crate::rules::plan::Plan;

/// A client as the matching sees it: who they are on an index date and what they used in the window before it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub client_id: i64,
    pub person: Who,
    pub used: Use,
}

/// Who a client is on an index date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Who {
    #[serde(with = "sex")]
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

/// The sex as the number of its code.
mod sex {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use virta_model::Sex;

    pub(super) fn serialize<S: Serializer>(sex: &Option<Sex>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u8(sex.map_or(u8::MAX, |sex| sex as u8))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Sex>, D::Error> {
        match u8::deserialize(from)? {
            u8::MAX => Ok(None),
            number => Sex::ALL.get(usize::from(number)).copied().map(Some).ok_or_else(|| D::Error::custom("no sex")),
        }
    }
}

/// An index date and the period whose members of the cohort can be drawn for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Date {
    pub index: i32,
    pub before: Window,
    pub period: usize,
}

/// What is looked at in the pass.
#[derive(Clone, Copy)]
pub(super) struct Pool<'a> {
    pub plan: &'a Plan<'a>,
    /// The place in the plan of the cohort that the pilot is compared with.
    pub cohort: usize,
    pub dates: &'a [Date],
    /// Clients of this pilot with the number of their date, by client.
    pub pilot: &'a [(i64, usize)],
    /// Clients of any pilot, ascending: nobody is compared with them.
    pub(crate) all_pilots: &'a [i64],
}

pub(super) const COLUMNS: Columns = Columns { stays: true, cost: true, emergency: true, ..Columns::NONE };

/// Collects candidates and clients of the pilot, each with the number of the date.
pub(super) struct PoolVisitor<'a> {
    pool: Pool<'a>,
    pub candidates: Vec<(usize, Candidate)>,
    pub pilot: Vec<(usize, Candidate)>,
    counter: Counter,
    membership: Membership,
}

impl<'a> PoolVisitor<'a> {
    pub(super) fn new(pool: Pool<'a>) -> Self {
        PoolVisitor {
            pool,
            candidates: Vec::new(),
            pilot: Vec::new(),
            counter: Counter::default(),
            membership: Membership::new(pool.plan, pool.cohort),
        }
    }

    fn candidate(&mut self, date: usize, client: &ClientInfo, contacts: &ClientRows<'_>) -> Candidate {
        let Date { index, before, .. } = self.pool.dates[date];
        let window = observed(client, before, newest(self.pool.plan));
        let used = self.counter.whole(self.pool.plan, contacts, window);
        Candidate { client_id: client.client_id, person: Who::new(self.pool.plan, client, index), used }
    }
}

impl Visitor for PoolVisitor<'_> {
    fn begin_bucket(&mut self, _: u32) {}

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        if client.is_stranger(contacts) {
            return;
        }
        let id = client.client_id;
        if let Ok(at) = self.pool.pilot.binary_search_by_key(&id, |(client, _)| *client) {
            let date = self.pool.pilot[at].1;
            let before = self.pool.dates[date].before;
            if before.last <= newest(self.pool.plan) && days(observed(client, before, newest(self.pool.plan))) > 0 {
                let candidate = self.candidate(date, client, contacts);
                self.pilot.push((date, candidate));
            }
        }
        if self.pool.all_pilots.binary_search(&id).is_ok() {
            return;
        }
        let mut known = None;
        for (number, date) in self.pool.dates.iter().enumerate() {
            // Observed on every day before the index date and on the day itself: somebody who lived there all the time.
            let needed = Window { first: date.before.first, last: date.index };
            let observed = client.observation();
            let is_there = observed.first <= needed.first && observed.last >= needed.last;
            if !is_there {
                continue;
            }
            // Most dates have the same members.
            let (_, is_member) = match known.filter(|(period, _)| *period == date.period) {
                Some(known) => known,
                None => {
                    let is_member = self.membership.is_member(self.pool.plan, date.period, client, contacts);
                    *known.insert((date.period, is_member))
                }
            };
            if is_member {
                let candidate = self.candidate(number, client, contacts);
                self.candidates.push((number, candidate));
            }
        }
    }
}
