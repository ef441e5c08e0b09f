//! `joiners`: who joins a cohort, stays in it and leaves it, from each period to the next in time.
//!
//! Unit: clients, by cohort of the study, each period and the next, and the client's state in both. Everybody is there
//! who is a user or a resident of the population in either of the two. A row for each pair of states that somebody has.
//! The states, the first that holds:
//! - `member`: a member of the cohort;
//! - `near`: a near member, as the table `near_members` has them;
//! - `user`: any other user of the population;
//! - `not_yet`: not used anything, and not there yet: born after the period, younger than the population, or observed
//!   from a day after the period only;
//! - `left`: not used anything that counts, and not there any more: older than the population, or observed until a day
//!   before the period only (moved away, died);
//! - `no_use`: no use, though there: a resident, or somebody known from contacts alone, of whom nothing says that they
//!   live elsewhere.
//!
//! So the members, near members and users of either period of a pair add up to those of the other tables, and so do the
//! residents without use, but for those who are known from contacts alone and therefore are no residents.
//! The cost is that of the later period, 0 for who has no use in it, and adds up to that of all its users.

use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::JOINERS;

use super::{Analysis, End, row, sums_in};
use crate::hash::FastMap;
use crate::input::client::ClientInfo;
use crate::input::rows::ClientRows;
use crate::pass::client_period::{ClientPeriod, Idle};
use crate::pass::costs::{Costs, Spending};
use crate::pass::groups::Remap;
use crate::pass::side_tables::SideTables;
use crate::pass::sums::AddUp;
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct Joiners {
    pairs: Vec<(usize, usize)>,
    /// By period: how the client at hand stands; `None` for who is neither user nor resident.
    now: Vec<Option<Now>>,
    /// By pair.
    sums: Vec<FastMap<(Place, Place), Spending>>,
}

/// How a client stands in a period.
#[derive(Debug, Clone, Copy)]
struct Now {
    place: Place,
    cost: Costs,
}

/// The same for every cohort at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Place {
    /// A bit for each cohort.
    members: u64,
    near: u64,
    /// The state in cohorts that have neither bit.
    besides: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum State {
    Member,
    Near,
    User,
    NoUse,
    Left,
    NotYet,
}

impl State {
    const ALL: [State; 6] = [State::Member, State::Near, State::User, State::NoUse, State::Left, State::NotYet];

    fn name(self) -> &'static str {
        match self {
            State::Member => "member",
            State::Near => "near",
            State::User => "user",
            State::NoUse => "no_use",
            State::Left => "left",
            State::NotYet => "not_yet",
        }
    }
}

impl Place {
    fn besides(besides: State) -> Self {
        Place { members: 0, near: 0, besides }
    }

    fn in_cohort(self, cohort: usize) -> State {
        match (self.members >> cohort & 1, self.near >> cohort & 1) {
            (1, _) => State::Member,
            (_, 1) => State::Near,
            _ => self.besides,
        }
    }
}

impl Analysis for Joiners {
    type Sums = Vec<FastMap<(Place, Place), Spending>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        plan.study.joiners?;
        let pairs = plan.pairs_in_time();
        let sums = pairs.iter().map(|_| FastMap::default()).collect();
        Some(Joiners { pairs, now: vec![None; plan.periods.len()], sums })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let mut place = Place::besides(State::User);
        for (at, eligible) in seen.eligibility.iter().enumerate() {
            // A study has at most 64 cohorts.
            place.members |= u64::from(eligible.is_member()) << (at % 64);
            place.near |= u64::from(eligible.near_from.is_some()) << (at % 64);
        }
        self.now[seen.period] = Some(Now { place, cost: seen.used.costs() });
    }

    fn idle_resident(&mut self, idle: &Idle<'_>) {
        self.now[idle.period] = Some(Now { place: Place::besides(State::NoUse), cost: Costs::of(0) });
    }

    fn end_client(&mut self, client: &ClientInfo, _: &ClientRows<'_>, _: &SideTables, plan: &Plan<'_>) {
        if self.now.iter().all(Option::is_none) {
            return;
        }
        for (&(from, to), sums) in self.pairs.iter().zip(&mut self.sums) {
            let (earlier, later) = (self.now[from], self.now[to]);
            if earlier.is_none() && later.is_none() {
                continue;
            }
            let place = |now: Option<Now>, period| match now {
                Some(now) => now.place,
                None => Place::besides(absent(client, plan, period)),
            };
            let cost = later.map_or(Costs::of(0), |now| now.cost);
            sums.entry((place(earlier, from), place(later, to))).or_default().add(&Spending { clients: 1, cost });
        }
        self.now.fill(None);
    }

    sums_in!(sums, |own, sums, _| sums.len() == own.pairs.len());

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&JOINERS);
        let labels: Vec<&str> = end.labels().collect();
        for (at, cohort) in end.plan.study.cohorts.iter().enumerate() {
            for (&(from, to), sums) in self.pairs.iter().zip(&self.sums) {
                let mut by_states = [[Spending::default(); State::ALL.len()]; State::ALL.len()];
                for ((earlier, later), sum) in sums {
                    by_states[earlier.in_cohort(at) as usize][later.in_cohort(at) as usize].add(sum);
                }
                for (earlier, row) in State::ALL.into_iter().zip(&by_states) {
                    for (later, sum) in State::ALL.into_iter().zip(row).filter(|(_, sum)| sum.clients > 0) {
                        let (cohort, states) = (cohort.name.as_str(), (earlier.name(), later.name()));
                        let row = row![cohort, labels[from], labels[to], states.0, states.1, sum.clients, sum.cost];
                        end.push(&mut table, sum.clients, &row);
                    }
                }
            }
        }
        vec![table]
    }
}

/// The state of somebody who is neither a user nor a resident of the population in a period.
fn absent(client: &ClientInfo, plan: &Plan<'_>, period: usize) -> State {
    let window = plan.periods[period];
    let is_too = |is: fn(i64, i64) -> bool, limit: fn(&virta_model::settings::AgeRange) -> u32| {
        plan.ages.as_ref().is_some_and(|ages| {
            client.age_on(window.last).is_some_and(|age| is(i64::from(age), i64::from(limit(ages))))
        })
    };
    let observation = client.observation();
    let is_born = client.birth.is_none_or(|(birth, _)| birth.0 <= window.last);
    if !is_born || is_too(|age, min| age < min, |ages| ages.min) || observation.first > window.last {
        State::NotYet
    } else if is_too(|age, max| age > max, |ages| ages.max) || client.is_listed {
        State::Left
    } else {
        State::NoUse
    }
}
