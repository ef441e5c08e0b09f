//! `sweep`: the numbers that separate studies would give, one threshold pair at a time.

use std::collections::BTreeMap;

use virta_model::settings::{Heavy, Sweep};

use super::cell::row;
use super::{PeriodPeople, Tables, Use};

pub(super) fn sweep(sweep: &Sweep, periods: &[PeriodPeople<'_>], tables: &mut Tables) {
    let rows = tables.entry("sweep").or_default();
    for period in periods {
        for &count_by in &sweep.count_by {
            for &min_services in &sweep.min_services {
                for &min_contacts in &sweep.min_contacts {
                    let heavy = Heavy { min_contacts, ..Heavy::default() };
                    let mut sum = (0, Use::default());
                    for person in period.user_people() {
                        let services = person.counted(period.window, count_by, &heavy, &BTreeMap::new()).len();
                        if services >= min_services as usize {
                            sum.0 += 1;
                            sum.1.add(person.use_in(period.window));
                        }
                    }
                    let cost = sum.1.known_cost();
                    rows.push(row![period.label.as_str(), count_by.as_str(), min_services, min_contacts, sum.0, cost,]);
                }
            }
        }
    }
}
