//! `sweep`: how many clients each definition finds.
//!
//! Unit: users of the population, by period, `count_by`, `min_services` and `min_contacts`: those who use at least
//! `min_services` values, each with at least `min_contacts` contacts in the period, and all their cost. The same as a
//! cohort with these thresholds and no other rule. Rows in the study's order, zeros included.

use virta_model::Table;
use virta_model::schema::SWEEP;
use virta_model::settings::CountBy;

use super::{Analysis, End, row, sums_in};
use crate::pass::client_period::ClientPeriod;
use crate::pass::costs::Spending;
use crate::pass::groups::Remap;
use crate::pass::sums::{AddUp, at};
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
type ByServices = Vec<Spending>;

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
        let client = seen.used.spending();
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
                at(sums, values).add(&client);
            }
        }
    }

    sums_in!(sums, |own, sums, frame| {
        let most = |unit: usize| frame.plan.count_units.get(unit).map_or(0, |unit| unit.codes.len() + 1);
        let of_unit = |(sums, (_, unit)): (&Vec<ByServices>, &(CountBy, usize))| {
            sums.len() == own.min_contacts.len() && sums.iter().all(|sums| sums.len() <= most(*unit))
        };
        let of_period =
            |units: &Vec<Vec<ByServices>>| units.len() == own.units.len() && units.iter().zip(&own.units).all(of_unit);
        sums.len() == frame.plan.periods.len() && sums.iter().all(of_period)
    });

    fn finish(self, end: &End<'_>) -> Vec<Table> {
        let mut table = Table::new(&SWEEP);
        let min_services = end.plan.study.sweep.iter().flat_map(|sweep| &sweep.min_services);
        for (label, units) in end.labels().zip(&self.sums) {
            for ((count_by, _), sums) in self.units.iter().zip(units) {
                for &services in min_services.clone() {
                    for (&contacts, sums) in self.min_contacts.iter().zip(sums) {
                        let mut sum = Spending::default();
                        sums.iter().skip(services as usize).for_each(|more| sum.add(more));
                        let row = row![label, count_by.as_str(), services, contacts, sum.clients, sum.cost];
                        end.push(&mut table, sum.clients, &row);
                    }
                }
            }
        }
        vec![table]
    }
}
