//! The pass before the pass: rule 3's percentile thresholds, which need every user of a service.

use crate::input::client::ClientInfo;
use crate::input::columns::Columns;
use crate::input::rows::{ClientRows, RowsCopy};
use crate::pass::reading::Visitor;
use crate::rules::counting::tally;
use crate::rules::plan::Plan;
use crate::rules::tally::Tally;

/// Counts, for each value of each unit, how many users of the population have how many contacts in a period.
pub(crate) struct PercentileVisitor<'a> {
    plan: &'a Plan<'a>,
    /// By period, unit, value.
    users: Vec<Vec<Vec<ByContacts>>>,
    tallies: Vec<Tally>,
    copy: RowsCopy,
    values: Vec<u16>,
}

/// Users by their number of contacts.
type ByContacts = Vec<u64>;

impl<'a> PercentileVisitor<'a> {
    pub(crate) fn new(plan: &'a Plan<'a>) -> Self {
        let units = || plan.count_units.iter().map(|unit| vec![Vec::new(); unit.codes.len()]).collect();
        PercentileVisitor {
            plan,
            users: plan.periods.iter().map(|_| units()).collect(),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            copy: RowsCopy::default(),
            values: Vec::new(),
        }
    }

    /// Takes the use of somebody of the population in a period, by unit.
    pub(crate) fn note(&mut self, period: usize, tallies: &[Tally]) {
        for (tally, users) in tallies.iter().zip(&mut self.users[period]) {
            for &value in tally.values() {
                *crate::pass::groups::at(&mut users[usize::from(value)], tally.cell(value).contacts as usize) += 1;
            }
        }
    }

    /// What this pass reads of the columns that the study reads.
    pub(crate) fn columns(study: Columns) -> Columns {
        Columns { stays: study.stays, provider: study.provider, unit: study.unit, ..Columns::NONE }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        let others = other.users.into_iter().flatten().flatten();
        for (here, there) in self.users.iter_mut().flatten().flatten().zip(others) {
            if here.len() < there.len() {
                here.resize(there.len(), 0);
            }
            for (at, users) in there.into_iter().enumerate() {
                here[at] += users;
            }
        }
    }

    /// The least contacts of each cohort, period and value: strictly above the percentile, and the cohort's own least.
    pub(crate) fn thresholds(&self) -> Vec<Vec<Option<Vec<u32>>>> {
        let cohort = |cohort: &crate::rules::plan::CohortPlan| {
            let of_period = |period: usize| {
                (cohort.percentile > 0).then(|| {
                    let values = self.users.get(period).and_then(|units| units.get(cohort.count_unit));
                    let least = cohort.needs.get(period).map_or(1, |need| need.contacts);
                    let above = |users: &ByContacts| least.max(percentile(users, cohort.percentile).saturating_add(1));
                    values.into_iter().flatten().map(above).collect()
                })
            };
            (0..self.plan.periods.len()).map(of_period).collect()
        };
        self.plan.cohorts.iter().map(cohort).collect()
    }
}

impl Visitor for PercentileVisitor<'_> {
    fn begin_bucket(&mut self, _: u32) {}

    fn client(&mut self, client: &ClientInfo, contacts: &ClientRows<'_>) {
        for (period, &window) in self.plan.periods.iter().enumerate() {
            if !self.plan.has_age(client.age_on(window.last)) {
                continue;
            }
            let rows = contacts.within(window, &mut self.copy);
            tally(self.plan, &rows, &mut self.tallies, &mut self.values);
            let tallies = std::mem::take(&mut self.tallies);
            self.note(period, &tallies);
            self.tallies = tallies;
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
