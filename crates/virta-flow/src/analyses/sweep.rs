//! `sweep`: how many clients each definition finds.
//!
//! Unit: users of the population, by period, `count_by`, `min_services` and `min_contacts`: those who use at least
//! `min_services` values, each with at least `min_contacts` contacts in the period, and all their cost. The same as a
//! cohort with these thresholds and no other rule. Rows in the study's order, zeros included.

use virta_model::schema::SWEEP;
use virta_model::settings::CountBy;
use virta_model::{Table, Value};

use super::{Analysis, End};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Costs;
use crate::pass::groups::{Remap, at};
use crate::rules::plan::Plan;
use crate::shares::frame::Frame;

pub(super) struct Sweep {
    /// What is counted, with its unit.
    units: Vec<(CountBy, usize)>,
    min_contacts: Vec<u32>,
    /// By period, then by unit, then by least contacts.
    sums: Vec<Vec<Vec<ByServices>>>,
    /// The values of the client at hand that reach each of the least contacts.
    reached: Vec<usize>,
}

/// Clients and their cost, by how many of their values reach the least contacts.
type ByServices = Vec<(i64, Costs)>;

impl Analysis for Sweep {
    type Sums = Vec<Vec<Vec<ByServices>>>;

    fn new(plan: &Plan<'_>) -> Option<Self> {
        let sweep = plan.study.sweep.as_ref()?;
        let units: Vec<(CountBy, usize)> =
            sweep.count_by.iter().filter_map(|&by| plan.count_unit_of(by).map(|unit| (by, unit))).collect();
        let sums = vec![vec![vec![Vec::new(); sweep.min_contacts.len()]; units.len()]; plan.periods.len()];
        Some(Sweep { units, min_contacts: sweep.min_contacts.clone(), sums, reached: Vec::new() })
    }

    fn user(&mut self, seen: &ClientPeriod<'_>) {
        let cost = seen.used.costs();
        for ((_, unit), sums) in self.units.iter().zip(&mut self.sums[seen.period]) {
            self.reached.clear();
            self.reached.resize(self.min_contacts.len(), 0);
            let tally = &seen.tallies[*unit];
            for &value in tally.values() {
                let contacts = tally.cell(value).contacts;
                for (reached, &least) in self.reached.iter_mut().zip(&self.min_contacts) {
                    *reached += usize::from(contacts >= least);
                }
            }
            for (sums, &values) in sums.iter_mut().zip(&self.reached) {
                let sum = at(sums, values);
                sum.0 += 1;
                sum.1.add(cost);
            }
        }
    }

    fn merge(&mut self, other: Self, _: &Remap) {
        let others = other.sums.into_iter().flatten().flatten();
        for (here, there) in self.sums.iter_mut().flatten().flatten().zip(others) {
            for (values, add) in there.into_iter().enumerate() {
                let sum = at(here, values);
                sum.0 += add.0;
                sum.1.add(add.1);
            }
        }
    }

    fn take_sums(&mut self) -> Self::Sums {
        std::mem::take(&mut self.sums)
    }

    fn put_sums(&mut self, sums: Self::Sums, frame: &Frame<'_>) -> bool {
        let most = |unit: usize| frame.plan.count_units.get(unit).map_or(0, |unit| unit.codes.len() + 1);
        let of_unit = |(sums, (_, unit)): (&Vec<ByServices>, &(CountBy, usize))| {
            sums.len() == self.min_contacts.len() && sums.iter().all(|sums| sums.len() <= most(*unit))
        };
        let of_period = |units: &Vec<Vec<ByServices>>| {
            units.len() == self.units.len() && units.iter().zip(&self.units).all(of_unit)
        };
        let fits = sums.len() == frame.plan.periods.len() && sums.iter().all(of_period);
        self.sums = sums;
        fits
    }

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SWEEP);
        let min_services = end.plan.study.sweep.iter().flat_map(|sweep| &sweep.min_services);
        for (label, units) in end.labels().zip(&self.sums) {
            for ((count_by, _), sums) in self.units.iter().zip(units) {
                for &services in min_services.clone() {
                    for (&contacts, sums) in self.min_contacts.iter().zip(sums) {
                        let (mut clients, mut cost) = (0, Costs::default());
                        for (more, costs) in sums.iter().skip(services as usize) {
                            clients += more;
                            cost.add(*costs);
                        }
                        let row = [
                            Value::Text(label),
                            Value::Text(count_by.as_str()),
                            Value::Int(services.into()),
                            Value::Int(contacts.into()),
                            Value::Int(clients),
                            cost.value(),
                        ];
                        end.contributors.note(&SWEEP, &row, clients, &[("cost_cents", cost.behind())]);
                        table.push(&row);
                    }
                }
            }
        }
        vec![table]
    }
}
