//! How alike a pilot's clients and their comparison clients were before the index date.
//!
//! A standardised difference is the difference of two means over `sqrt((s1^2 + s2^2) / 2)`, the variances being those of
//! the pilot's clients and of all candidates (Austin: An introduction to propensity score methods, Multivariate
//! Behavioral Research 46, 2011). Both columns use the same divisor, as Stuart advises (Matching methods for causal
//! inference, Statistical Science 25, 2010): then only means tell them apart. Sample variances of the pilot's clients
//! divide by n - 1; the candidates' divide by n, as there are many.

use super::details::Detail;
use super::figures::Measured;
use super::matching::Ranked;
use super::pool::Who;
use super::windows::{Told, Use};
use virta_model::Sex;

/// What is compared, in the order of the table.
pub(super) const VARIABLES: [&str; 8] =
    ["female", "age", "cost_decile", "cost_cents", "services", "contacts", "stay_days", "emergency_contacts"];

/// The place of cost among [`VARIABLES`].
const COST: usize = 3;

/// A client's values in the order of [`VARIABLES`]; an unknown age is left out, an unknown sex is not female. Whoever
/// has no price counts as 0, unless nobody of the group has any.
fn values(person: &Who, used: &Use, decile: u8) -> [Option<i64>; VARIABLES.len()] {
    [
        Some(i64::from(person.sex == Some(Sex::Female))),
        person.age.map(i64::from),
        Some(i64::from(decile)),
        Some(used.cost_cents),
        Some(used.services),
        Some(used.contacts),
        Some(used.stay_days),
        Some(used.emergency_contacts),
    ]
}

/// Sums over the candidates of an index date, by variable.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PoolSums {
    moments: [Moments; VARIABLES.len()],
    cost: Told,
}

#[derive(Debug, Clone, Copy, Default)]
struct Moments {
    n: i64,
    sum: i128,
    squares: i128,
}

impl PoolSums {
    pub(super) fn of(ranked: &Ranked) -> Self {
        let mut sums = PoolSums::default();
        for candidate in ranked.candidates() {
            let values = values(&candidate.person, &candidate.used, ranked.decile_of(candidate));
            sums.cost.add(cost_told(&candidate.used));
            for (moments, value) in sums.moments.iter_mut().zip(values) {
                let Some(value) = value else { continue };
                moments.n += 1;
                moments.sum += i128::from(value);
                moments.squares += i128::from(value) * i128::from(value);
            }
        }
        sums
    }
}

fn cost_told(used: &Use) -> Told {
    Told::of(used.contacts, used.priced_contacts)
}

fn are_measured(told: impl Iterator<Item = Told>) -> bool {
    let mut sum = Told::default();
    told.for_each(|told| sum.add(told));
    sum.is_measured()
}

/// A row of `pilot_balance`; without anybody whose value is known, its mean is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Balance {
    pub clients: i64,
    pub comparison_clients: i64,
    /// The fewest of any index date.
    pub pool_clients: i64,
    pub mean: Option<f64>,
    pub comparison_mean: Option<f64>,
    pub pool_mean: Option<f64>,
    pub difference_before: Option<f64>,
    pub difference_after: Option<f64>,
}

/// The balance of the matched sets in each variable. `pools` has the candidates of every set's index date.
pub(super) fn balance(sets: &[Measured<'_>], pools: &[PoolSums]) -> [Balance; VARIABLES.len()] {
    let of = |detail: &Detail, decile| values(&detail.person, &detail.before.used, decile);
    let has_cost = are_measured(sets.iter().map(|set| cost_told(&set.own.before.used)));
    let others = sets.iter().flat_map(|set| &set.set.matches);
    let others_have_cost = are_measured(others.map(|found| cost_told(&found.detail.before.used)));
    let pool_has_cost = are_measured(pools.iter().map(|sums| sums.cost));
    std::array::from_fn(|variable| {
        let is_told = |has_cost: bool| has_cost || variable != COST;
        let own: Vec<f64> = sets
            .iter()
            .filter(|_| is_told(has_cost))
            .filter_map(|set| of(set.own, set.set.decile.unwrap_or_default())[variable])
            .map(|value| value as f64)
            .collect();
        let mut comparison_clients = 0;
        let mut weighted = (0.0, 0.0);
        let mut pool = (0.0, 0.0, 0.0);
        for (set, sums) in sets.iter().zip(pools) {
            let weight = 1.0 / set.set.matches.len().max(1) as f64;
            for found in set.set.matches.iter().filter(|_| is_told(others_have_cost)) {
                let Some(value) = of(&found.detail, found.decile)[variable] else { continue };
                comparison_clients += 1;
                weighted = (weighted.0 + weight * value as f64, weighted.1 + weight);
            }
            let Moments { n, sum, squares } = sums.moments[variable];
            if n > 0 && is_told(pool_has_cost) {
                pool = (pool.0 + sum as f64 / n as f64, pool.1 + squares as f64 / n as f64, pool.2 + 1.0);
            }
        }
        let mean = mean(&own);
        let comparison_mean = (weighted.1 > 0.0).then(|| weighted.0 / weighted.1);
        let pool_mean = (pool.2 > 0.0).then(|| pool.0 / pool.2);
        let pool_variance = pool_mean.map(|mean| (pool.1 / pool.2 - mean * mean).max(0.0));
        let scale = variance(&own).zip(pool_variance).map(|(own, pool)| ((own + pool) / 2.0).sqrt());
        let difference = |other: Option<f64>| Some((mean? - other?) / scale.filter(|&scale| scale > 0.0)?);
        Balance {
            clients: own.len() as i64,
            comparison_clients,
            pool_clients: pools
                .iter()
                .filter(|_| is_told(pool_has_cost))
                .map(|sums| sums.moments[variable].n)
                .min()
                .unwrap_or(0),
            mean,
            comparison_mean,
            pool_mean,
            difference_before: difference(pool_mean),
            difference_after: difference(comparison_mean),
        }
    })
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sample variance of at least two values.
fn variance(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|_| values.len() > 1)?;
    Some(values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (values.len() - 1) as f64)
}
