//! `follow_up`: what comes after an event, and after how long.
//!
//! Unit: events of a cohort's clients in a period: contacts and stays of the first kind that begin in the period, each
//! an event of its own; a row for each cohort, period and `[[follow]]` of the study.
//!
//! An event is followed by the first contact of the second kind that begins on a later day, also past the period's end
//! but not past the end of observation: the rule of `emergency_next`. `followed_n` are events with one on the 1st to the
//! n-th day; null where the follow-up has no such limit.
//!
//! An event that is not followed has waited until the end of observation, of the study or of the client (a move, a
//! death), whichever is first: it counts as a wait of at least so long (Kaplan-Meier). Median and 90th percentile are of
//! these waits, null when not reached.

use serde::{Deserialize, Serialize};
use virta_model::Table;
use virta_model::schema::follow_up;

use super::survival::{Waits, median, p90};
use super::{Analysis, End, RowCell, Slots, row, sums_in};
use crate::input::columns::Columns;
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Counts;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, BySlot, add_up};
use crate::rules::plan::Plan;
use crate::rules::which::Which;
use crate::shares::frame::Frame;

pub(super) struct FollowUp {
    follows: Vec<Follow>,
    /// By slot, then by follow-up.
    sums: BySlot<Vec<Sum>>,
    /// By limit, the events of the client at hand that were followed.
    followed: Vec<u32>,
}

struct Follow {
    first: Which,
    then: Which,
    within_days: Vec<i32>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Sum {
    clients: i64,
    events: Counts,
    /// By limit.
    followed: Vec<Counts>,
    waits: Waits,
}

impl Analysis for FollowUp {
    type Sums = BySlot<Vec<Sum>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let follow = |follow: &virta_model::settings::Follow| Follow {
            first: Which::new(&follow.first, plan.catalogue),
            then: Which::new(&follow.then, plan.catalogue),
            within_days: follow.within_days.iter().map(|&days| days as i32).collect(),
        };
        let follows: Vec<Follow> = plan.study.follows.iter().map(follow).collect();
        (!follows.is_empty()).then(|| FollowUp { follows, sums: BySlot::default(), followed: Vec::new() })
    }

    fn columns() -> Columns {
        Columns { emergency: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let Self { follows, sums, followed } = self;
        for (number, follow) in follows.iter().enumerate() {
            if follow.first.most(seen.rows, seen.services()) == 0 {
                continue;
            }
            followed.clear();
            followed.resize(follow.within_days.len(), 0);
            let (mut events, mut next) = (0, 0);
            for (row, &day) in seen.rows.start.iter().enumerate() {
                if !seen.window.contains(day) || !follow.first.fits(seen.rows, row) {
                    continue;
                }
                let sums = sums.at(seen.slot);
                sums.resize_with(follows.len(), Sum::default);
                let (days, is_over) = follow.wait(seen, day, &mut next);
                sums[number].waits.add(days.into(), is_over);
                events += 1;
                for (followed, &within_days) in followed.iter_mut().zip(&follow.within_days) {
                    *followed += u32::from(is_over && days <= within_days);
                }
            }
            if events > 0 {
                sums.at(seen.slot)[number].client(events, followed);
            }
        }
    }

    sums_in!(sums, |own, sums, frame| {
        let is_one =
            |(sum, follow): (&Sum, &Follow)| sum.followed.len() <= follow.within_days.len() && sum.waits.fits();
        frame.has_lists(sums, own.follows.len()) && sums.0.iter().all(|sums| sums.iter().zip(&own.follows).all(is_one))
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let schema = follow_up(&end.plan.study.follow_days());
        let mut table = Table::new(schema);
        for slots in end.slots() {
            for (number, follow) in end.plan.study.follows.iter().enumerate() {
                let mut sum = Sum::default();
                slots.of(&self.sums).filter_map(|sums| sums.get(number)).for_each(|add| sum.add(add));
                sum.push(&mut table, &slots, follow, end);
            }
        }
        vec![table]
    }
}

impl Follow {
    /// How many days after `day` the first contact of the second kind begins, or how long there was none. Days must not
    /// fall from call to call: `next` is the first row that can still come after.
    fn wait(&self, seen: &ClientPeriod<'_>, day: i32, next: &mut usize) -> (i32, bool) {
        let rows = &seen.contacts.rows;
        while *next < rows.len() && (rows.start[*next] <= day || !self.then.fits(rows, *next)) {
            *next += 1;
        }
        let end = seen.plan.end.unwrap_or(i32::MAX);
        match rows.start.get(*next).filter(|&&start| start <= end) {
            Some(&start) => (start - day, true),
            None => (seen.client.open_end(day, end) - day, false),
        }
    }
}

add_up!(Sum { clients, events, followed, waits });

impl Sum {
    fn client(&mut self, events: u32, followed: &[u32]) {
        self.clients += 1;
        self.events.add(Counts::of(events));
        self.followed.resize(followed.len(), Counts::default());
        self.followed.iter_mut().zip(followed).for_each(|(sum, &add)| sum.add(Counts::of(add)));
    }

    fn push(&self, table: &mut Table, slots: &Slots<'_>, follow: &virta_model::settings::Follow, end: &End<'_>) {
        let mut row = row![slots.cohort, slots.label, follow.name.as_str(), self.events, self.clients].to_vec();
        row.extend(end.plan.study.follow_days().into_iter().map(|days| {
            let place = follow.within_days.iter().position(|&other| other == days);
            RowCell::from(place.map(|place| self.followed.get(place).copied().unwrap_or_default()))
        }));
        let steps = self.waits.still_waiting();
        row.extend(row![median(&steps), p90(&steps)]);
        end.push(table, self.clients, &row);
    }
}
