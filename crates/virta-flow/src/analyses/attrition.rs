//! `attrition`: rule 5.
//!
//! Unit: users of the population, by cohort and period. The first row of a period has all of them. Each further row is
//! a rule of the cohort in the order of rule 4: `removed` are those who keep every rule before it and break this one,
//! `removed_alone` all who break it, whatever the others say. Somebody without a birth date breaks `age unknown` and
//! not the range of ages. The last row's `remaining` is the cohort.

use serde::{Deserialize, Serialize};
use virta_model::schema::ATTRITION;
use virta_model::settings::cohort::USERS;
use virta_model::{Table, Value};

use super::{Analysis, End, sums_in};
use crate::pass::client_period::ClientPeriod;
use crate::pass::groups::Remap;
use crate::pass::sums::add_up;
use crate::rules::plan::{CohortPlan, Plan};
use crate::rules::rule::in_period;
use crate::shares::frame::Frame;

pub(super) struct Attrition {
    /// By cohort, then by period.
    counts: Vec<Vec<Counts>>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    users: i64,
    /// By rule: those whose first broken rule it is, and those who break it at all.
    rules: Vec<[i64; 2]>,
}

add_up!(Counts { users, rules });

impl Analysis for Attrition {
    type Sums = Vec<Vec<Counts>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let counts = |rules: usize| Counts { users: 0, rules: vec![[0; 2]; rules] };
        let periods = plan.periods.len();
        Some(Attrition { counts: plan.cohorts.iter().map(|c| vec![counts(c.rules.len()); periods]).collect() })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        for (counts, eligible) in self.counts.iter_mut().zip(seen.eligibility) {
            let counts = &mut counts[seen.period];
            counts.users += 1;
            let mut broken = eligible.broken;
            if broken != 0 {
                counts.rules[broken.trailing_zeros() as usize][0] += 1;
            }
            while broken != 0 {
                counts.rules[broken.trailing_zeros() as usize][1] += 1;
                broken &= broken - 1;
            }
        }
    }

    sums_in!(counts, |_, counts, frame| {
        let of_cohort = |(counts, cohort): (&Vec<Counts>, &CohortPlan)| {
            counts.len() == frame.plan.periods.len() && counts.iter().all(|one| one.rules.len() == cohort.rules.len())
        };
        counts.len() == frame.plan.cohorts.len() && counts.iter().zip(&frame.plan.cohorts).all(of_cohort)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&ATTRITION);
        for ((cohort, counts), rules) in end.plan.study.cohorts.iter().zip(self.counts).zip(&end.plan.cohorts) {
            let mut step = 0;
            for (label, counts) in end.labels().zip(&counts) {
                let mut remaining = counts.users;
                let first = std::iter::once((USERS.en, [0; 2]));
                let rest = rules.rules.iter().map(String::as_str).zip(counts.rules.iter().copied());
                for (rule, [removed, removed_alone]) in first.chain(rest) {
                    step += 1;
                    remaining -= removed;
                    let rule = in_period(end.plan.study, label, rule);
                    table.push(&[
                        Value::Text(&cohort.name),
                        Value::Int(step),
                        Value::Text(&rule),
                        Value::Int(remaining),
                        Value::Int(removed),
                        Value::Int(removed_alone),
                    ]);
                }
            }
        }
        vec![table]
    }
}
