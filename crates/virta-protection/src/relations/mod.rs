//! Every sum among the cohort tables, derived from what the tables mean: the one home of margins and links.

mod cohorts;
mod places;
mod projects;
mod services;
mod times;

use std::collections::BTreeMap;

use crate::figures::{Figures, Row};
use crate::linear::System;

const SUMS: [&str; 4] = ["clients", "contacts", "stay_days", "cost_cents"];

/// What a reader knows of codes besides the tables.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Municipality to wellbeing services county.
    pub counties: BTreeMap<String, String>,
    /// Service to service package.
    pub packages: BTreeMap<String, String>,
    /// Service to sector.
    pub sectors: BTreeMap<String, String>,
}

/// Adds every sum that a reader could calculate with.
pub(crate) fn add_all(figures: &mut Figures<'_>, known: &Known) {
    let (counties, packages) = (&known.counties, &known.packages);
    let sizes = Sizes::new(figures);
    summary_equals_profile(figures, &sizes);
    places::dimensions_sum_to_all(figures, &sizes, counties);
    services::services(figures, &sizes);
    services::parts_of_a_cohort(figures, &sizes);
    services::combinations(figures);
    services::pathways(figures);
    times::months(figures, &sizes);
    cohorts::cohorts_and_the_rest(figures);
    cohorts::nobody_stands_apart_from_the_cohort(figures, &sizes);
    times::top_shares(figures, &sizes);
    times::deciles(figures, &sizes);
    times::emergency(figures);
    cohorts::thresholds(figures, &sizes);
    cohorts::definitions(figures, &sizes);
    cohorts::attrition(figures, &sizes);
    projects::pilots(figures);
    services::providers(figures, &sizes, packages);
    places::regions(figures, &sizes, counties);
    projects::access(figures);
    places::residents_beside_cohorts(figures, &sizes);
    cohorts::numbers_of_services(figures, &sizes);
    services::sectors(figures, &known.sectors);
    services::paths_of_one_service(figures);
    figures.systems.values_mut().for_each(System::raise_least);
}

/// Where each cohort's and each period's totals stand.
struct Sizes {
    /// (cohort, period) to its row in `profile`.
    cohorts: BTreeMap<(String, String), Row>,
    /// Period to its row in `summary`.
    periods: BTreeMap<String, Row>,
}

impl Sizes {
    fn new(figures: &Figures<'_>) -> Self {
        let mut sizes = Sizes { cohorts: BTreeMap::new(), periods: BTreeMap::new() };
        for row in figures.rows("profile") {
            if figures.text(row, "dimension").as_deref() == Some("all")
                && let (Some(cohort), Some(period)) = (figures.text(row, "cohort"), figures.text(row, "period"))
            {
                sizes.cohorts.insert((cohort, period), row);
            }
        }
        for row in figures.rows("summary") {
            if let Some(period) = figures.text(row, "period") {
                sizes.periods.insert(period, row);
            }
        }
        sizes
    }

    fn cohort(&self, figures: &Figures<'_>, row: Row) -> Option<Row> {
        let key = (figures.text(row, "cohort")?, figures.text(row, "period")?);
        self.cohorts.get(&key).copied()
    }
}

fn summary_equals_profile(figures: &mut Figures<'_>, sizes: &Sizes) {
    for (period, &summary) in &sizes.periods {
        if let Some(&all) = sizes.cohorts.get(&("all".to_owned(), period.clone())) {
            figures.relate(summary, &[all], &SUMS, Some("summary = profile of all"));
            figures.relate(summary, &[all], &["residents"], Some("summary = profile of all"));
        }
    }
}
