//! `top_users`: the clients who use most, by source and pooled.
//!
//! Unit: users of the population, by source and period; `all` is the sources pooled. Ranked by the measure that the
//! study asks for (contacts, days or cost), then by cost, contacts (all descending) and `client_id`; `top_users.n` of
//! them. Days are rule 3's: a visit is one day, a stay its days in the period. `tied_at_cut` says, on every row of a
//! list, whether somebody beyond the cut has the same measure as the last inside. Who has no contact with a price is
//! ranked with a cost of 0, and shown with none.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use virta_model::schema::TOP_USERS;
use virta_model::settings::TopBy;
use virta_model::{Table, Value};

use super::{Analysis, End, int_or_null};
use crate::input::columns::{Columns, NO_COST};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, add_up};
use crate::rules::plan::Plan;
use crate::shares::frame::{Frame, is_alike};

pub(super) struct TopUsers {
    n: usize,
    by: TopBy,
    sources: usize,
    /// By period, then by source, the pooled list first.
    lists: Vec<Vec<List>>,
    /// The use of the client at hand, by source.
    uses: Vec<Use>,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Use {
    contacts: i64,
    days: i64,
    stay_days: i64,
    cost: i64,
    /// Contacts that have a price.
    priced: i64,
}

add_up!(Use { contacts, days, stay_days, cost, priced });

impl Use {
    fn measure(&self, by: TopBy) -> i64 {
        match by {
            TopBy::Contacts => self.contacts,
            TopBy::Days => self.days,
            TopBy::CostCents => self.cost,
        }
    }

    /// The cost, where any contact has a price.
    fn known_cost(&self) -> Option<i64> {
        (self.priced > 0).then_some(self.cost)
    }
}

/// Descending measure, cost and contacts, ascending `client_id`.
type Place = (Reverse<i64>, Reverse<i64>, Reverse<i64>, i64);

/// The best so far, and who is not among them for certain.
#[derive(Debug, Clone, Default)]
struct List {
    users: Vec<(Place, Use)>,
    /// Nobody behind this place can be on the list.
    cut: Option<Place>,
}

impl List {
    /// `keep` is one more than the list shows, so that a tie at the cut can be seen.
    fn offer(&mut self, place: Place, user: Use, keep: usize) {
        if self.cut.is_some_and(|cut| place > cut) {
            return;
        }
        self.users.push((place, user));
        if self.users.len() >= 2 * keep + 64 {
            self.trim(keep);
        }
    }

    fn trim(&mut self, keep: usize) {
        self.users.sort_unstable_by_key(|(place, _)| *place);
        self.users.truncate(keep);
        if self.users.len() == keep {
            self.cut = self.users.last().map(|(place, _)| *place);
        }
    }
}

impl Analysis for TopUsers {
    type Sums = Vec<Vec<Vec<(Place, Use)>>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let top = plan.study.top_users?;
        let sources = plan.catalogue.sources.len();
        Some(TopUsers {
            n: top.n as usize,
            by: top.by,
            sources,
            lists: vec![vec![List::default(); sources + 1]; plan.periods.len()],
            uses: vec![Use::default(); sources + 1],
        })
    }

    fn columns() -> Columns {
        Columns { source: true, ..Columns::NONE }
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        self.uses.fill(Use::default());
        let rows = seen.rows;
        for row in 0..rows.len() {
            let stay_days = i64::from(rows.stay_days(row));
            let days = if rows.is_stay(row) { stay_days } else { 1 };
            let priced = i64::from(rows.cost[row] != NO_COST);
            let used = Use { contacts: 1, days, stay_days, cost: rows.cost(row), priced };
            self.uses[0].add(&used);
            let source = rows.more.source.get(row).map_or(self.sources, |&source| usize::from(source));
            if let Some(of_source) = self.uses.get_mut(source.saturating_add(1)) {
                of_source.add(&used);
            }
        }
        for (list, used) in self.lists[seen.period].iter_mut().zip(&self.uses) {
            if used.contacts > 0 {
                let measure = used.measure(self.by);
                let place = (Reverse(measure), Reverse(used.cost), Reverse(used.contacts), seen.client.client_id);
                list.offer(place, *used, self.n + 1);
            }
        }
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        let keep = self.n + 1;
        for (here, there) in self.lists.iter_mut().flatten().zip(other.lists.into_iter().flatten()) {
            there.users.into_iter().for_each(|(place, user)| here.offer(place, user, keep));
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        let keep = self.n + 1;
        let users = |mut list: List| {
            list.trim(keep);
            list.users
        };
        let lists = std::mem::take(&mut self.lists);
        lists.into_iter().map(|lists| lists.into_iter().map(users).collect()).collect()
    }

    fn put_sums(&mut self, sums: Self::Sums, _: &Frame<'_>) -> bool {
        let fits = is_alike(&sums, &self.lists) && sums.iter().flatten().all(|users| users.len() <= self.n + 1);
        let list = |users| List { users, cut: None };
        self.lists = sums.into_iter().map(|lists| lists.into_iter().map(list).collect()).collect();
        fits
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&TOP_USERS);
        let names = std::iter::once("all").chain(end.plan.catalogue.sources.iter().map(String::as_str));
        for (at, source) in names.enumerate() {
            for (label, lists) in end.labels().zip(&self.lists) {
                let mut list = lists[at].clone();
                list.trim(self.n + 1);
                let measure = |rank: usize| list.users.get(rank).map(|(_, user)| user.measure(self.by));
                let known_measure = |user: &Use| match self.by {
                    TopBy::CostCents => user.known_cost(),
                    by => Some(user.measure(by)),
                };
                let is_tied = self.n > 0 && measure(self.n).is_some() && measure(self.n - 1) == measure(self.n);
                for (rank, ((.., client_id), user)) in list.users.iter().take(self.n).enumerate() {
                    table.push(&[
                        Value::Text(source),
                        Value::Text(label),
                        Value::Int(rank as i64 + 1),
                        Value::Int(*client_id),
                        int_or_null(known_measure(user)),
                        Value::Int(user.contacts),
                        Value::Int(user.stay_days),
                        int_or_null(user.known_cost()),
                        Value::Flag(is_tied),
                    ]);
                }
            }
        }
        vec![table]
    }
}
