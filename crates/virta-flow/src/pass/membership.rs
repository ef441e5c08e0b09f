//! Whether a client is a member of a cohort in a period, asked in a pass of its own.

use super::client_period::Used;
use crate::input::client::ClientInfo;
use crate::input::rows::{ClientRows, RowsCopy};
use crate::rules::counting::tally;
use crate::rules::eligibility::{Eligibility, EligibilityCheck, User};
use crate::rules::plan::{BY_SERVICE, Plan};
use crate::rules::tally::Tally;

/// Asks the rules of one cohort, as the pass of the study asks those of all.
pub(crate) struct Membership {
    check: EligibilityCheck,
    tallies: Vec<Tally>,
    copy: RowsCopy,
    values: Vec<u16>,
    /// Of the cohorts up to this one, since its rules may name those before it.
    eligibility: Vec<Eligibility>,
}

impl Membership {
    /// Of the cohort at this place in the plan.
    pub(crate) fn new(plan: &Plan<'_>, cohort: usize) -> Self {
        Membership {
            check: EligibilityCheck::new(plan),
            tallies: plan.count_units.iter().map(|unit| Tally::new(unit.codes.len())).collect(),
            copy: RowsCopy::default(),
            values: Vec::new(),
            eligibility: vec![Eligibility::default(); cohort + 1],
        }
    }

    /// Whether a client is a member in a period.
    pub(crate) fn is_member(
        &mut self,
        plan: &Plan<'_>,
        period: usize,
        client: &ClientInfo,
        contacts: &ClientRows<'_>,
    ) -> bool {
        let window = plan.periods[period];
        let age = client.age_on(window.last);
        if !plan.has_age(age) {
            return false;
        }
        let rows = contacts.within(window, &mut self.copy);
        if rows.is_empty() {
            return false;
        }
        tally(plan, &rows, &mut self.tallies, &mut self.values);
        let sectors = Used::of(plan, &rows, &self.tallies[BY_SERVICE]).sectors;
        let observed_days = client.observed_days(plan.followed(window));
        let tallies = &self.tallies;
        let user = User { plan, period, client, contacts, rows: &rows, tallies, sectors, age, observed_days };
        self.check.check(&user, &mut self.eligibility);
        self.eligibility.last().is_some_and(Eligibility::is_member)
    }
}
