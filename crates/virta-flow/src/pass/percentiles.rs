//! Rule 3's percentile thresholds: they need every user of a service, so they take a pass of their own first.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::input::client::ClientInfo;
use crate::input::columns::Columns;
use crate::input::rows::{ClientRows, RowsCopy};
use crate::input::source::Source;
use crate::pass::passes::Passes;
use crate::pass::reading::Visitor;
use crate::pass::sums::at;
use crate::rules::counting::tally;
use crate::rules::plan::{Plan, Thresholds};
use crate::rules::tally::Tally;

/// Counts the users of some buckets. `wanted` are the columns that the study reads.
pub(crate) fn count<S: Source>(
    passes: &Passes<'_, S>,
    plan: &Plan<'_>,
    buckets: Range<u32>,
    wanted: Columns,
) -> Result<Users, Error> {
    let visitors = passes.over_buckets(buckets, PercentileVisitor::columns(wanted), || PercentileVisitor::new(plan))?;
    let mut users = Users::none(plan);
    visitors.into_iter().for_each(|visitor| users.merge(visitor.users));
    Ok(users)
}

/// Counts, for each value of each unit, how many users of the population have how many contacts in a period.
struct PercentileVisitor<'a> {
    plan: &'a Plan<'a>,
    users: Users,
    tallies: Vec<Tally>,
    copy: RowsCopy,
    values: Vec<u16>,
}

/// How many users have how many contacts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Users {
    /// By period, unit, value.
    by_value: Vec<Vec<Vec<ByContacts>>>,
}

/// Users by their number of contacts.
type ByContacts = Vec<u64>;

impl<'a> PercentileVisitor<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        PercentileVisitor {
            plan,
            users: Users::none(plan),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            copy: RowsCopy::default(),
            values: Vec::new(),
        }
    }

    /// What this pass reads of the columns that the study reads.
    fn columns(study: Columns) -> Columns {
        Columns { stays: study.stays, provider: study.provider, unit: study.unit, ..Columns::NONE }
    }
}

impl Users {
    pub(crate) fn none(plan: &Plan<'_>) -> Self {
        let units = || plan.count_units.iter().map(|unit| vec![Vec::new(); unit.codes.len()]).collect();
        Users { by_value: plan.periods.iter().map(|_| units()).collect() }
    }

    /// Whether they are counted by the periods, units and values of a study.
    pub(crate) fn fits(&self, plan: &Plan<'_>) -> bool {
        let values = |units: &Vec<Vec<ByContacts>>| {
            units.iter().map(Vec::len).eq(plan.count_units.iter().map(|unit| unit.codes.len()))
        };
        self.by_value.len() == plan.periods.len() && self.by_value.iter().all(values)
    }

    /// Takes the use of somebody of the population in a period, by unit.
    pub(crate) fn note(&mut self, period: usize, tallies: &[Tally]) {
        for (tally, users) in tallies.iter().zip(&mut self.by_value[period]) {
            for &value in tally.values() {
                *at(&mut users[usize::from(value)], tally.cell(value).contacts as usize) += 1;
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        let others = other.by_value.into_iter().flatten().flatten();
        for (here, there) in self.by_value.iter_mut().flatten().flatten().zip(others) {
            if here.len() < there.len() {
                here.resize(there.len(), 0);
            }
            for (at, users) in there.into_iter().enumerate() {
                here[at] += users;
            }
        }
    }

    /// The least contacts of each cohort, period and value: strictly above the percentile, and the cohort's own least.
    pub(crate) fn thresholds(&self, plan: &Plan<'_>) -> Thresholds {
        let cohort = |cohort: &crate::rules::plan::CohortPlan| {
            let of_period = |period: usize| {
                (cohort.percentile > 0).then(|| {
                    let values = self.by_value.get(period).and_then(|units| units.get(cohort.count_unit));
                    let least = cohort.needs.get(period).map_or(1, |need| need.contacts);
                    let above = |users: &ByContacts| least.max(percentile(users, cohort.percentile).saturating_add(1));
                    values.into_iter().flatten().map(above).collect()
                })
            };
            (0..plan.periods.len()).map(of_period).collect()
        };
        plan.cohorts.iter().map(cohort).collect()
    }
}

impl Visitor for PercentileVisitor<'_> {
    fn begin_bucket(&mut self, _: u32) {}

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        for (period, &window) in self.plan.periods.iter().enumerate() {
            if !self.plan.has_client(client, window.last) {
                continue;
            }
            let rows = contacts.within(window, &mut self.copy);
            tally(self.plan, &rows, &mut self.tallies, &mut self.values);
            self.users.note(period, &self.tallies);
        }
    }
}

/// Rule 10: the smallest number that at least `percent` per cent do not exceed. `counts` has how many have each number.
fn percentile(counts: &[u64], percent: u32) -> u32 {
    let all: u128 = counts.iter().map(|&count| u128::from(count)).sum();
    let mut below = 0u128;
    for (number, &count) in counts.iter().enumerate() {
        below += u128::from(count);
        if count > 0 && below * 100 >= all * u128::from(percent) {
            return number as u32;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_number_that_occurs() {
        // Contacts 1, 2, 2, 5.
        let counts = [0, 1, 2, 0, 0, 1];
        for (percent, number) in [(1, 1), (25, 1), (26, 2), (75, 2), (76, 5), (99, 5)] {
            assert_eq!(percentile(&counts, percent), number, "{percent}");
        }
        assert_eq!(percentile(&[], 50), 0);
    }
}
