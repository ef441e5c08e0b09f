//! Users ranked by cost: the order that concentration, Lorenz curves, deciles and Gini stand on (rules 6 and 10).

use rayon::prelude::*;

use crate::pass::totals::{State, Totals};

/// The users of a period, costliest first; ties by contacts, then by `client_id`.
#[derive(Debug, Default)]
pub(crate) struct Ranking {
    users: Vec<Place>,
    /// Residents without use.
    idle_residents: usize,
    /// Users, and users who are residents, who have a contact with a price.
    priced_users: usize,
    priced_residents: usize,
}

/// A user's place in the order, as one number: cost and contacts, both turned round so that ascending numbers are
/// descending use, then the user's number among the clients, which are in order of `client_id`, and last whether the
/// user is a resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u128);

impl Place {
    pub(super) fn new(client: usize, cost: i64, contacts: u32, is_resident: bool) -> Self {
        // Flipping the sign turns the order of signed numbers into that of unsigned ones.
        let cost = !((cost as u64) ^ SIGN);
        let client = (client as u32) << 1 | u32::from(is_resident);
        Place(u128::from(cost) << 64 | u128::from(!contacts) << 32 | u128::from(client))
    }

    fn cost(self) -> i64 {
        (!((self.0 >> 64) as u64) ^ SIGN) as i64
    }

    fn is_resident(self) -> bool {
        self.0 & 1 == 1
    }
}

const SIGN: u64 = 1 << 63;

impl Ranking {
    pub(crate) fn new(totals: &Totals, period: usize) -> Self {
        let mut ranking = Ranking::default();
        for (client, (cost, contacts, state)) in totals.of_period(period).enumerate() {
            let is_priced = state.is(State::PRICED);
            ranking.priced_users += usize::from(is_priced);
            ranking.priced_residents += usize::from(is_priced && state.is(State::RESIDENT));
            if state.is(State::USER) {
                ranking.users.push(Place::new(client, cost, contacts, state.is(State::RESIDENT)));
            } else if state.is(State::RESIDENT) {
                ranking.idle_residents += 1;
            }
        }
        ranking.users.par_sort_unstable();
        ranking
    }

    /// Whether the users' costs are known at all: some contact has a price, or there is none.
    pub(crate) fn users_are_measured(&self) -> bool {
        self.priced_users > 0 || self.users.is_empty()
    }

    /// The same of the residents.
    pub(crate) fn residents_are_measured(&self) -> bool {
        self.priced_residents > 0 || !self.users.iter().any(|place| place.is_resident())
    }

    /// The users' costs, highest first.
    pub(crate) fn user_costs(&self) -> impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + Clone + '_ {
        self.users.iter().map(|place| place.cost())
    }

    /// The residents' costs, highest first; residents without use cost 0.
    pub(crate) fn resident_costs(&self) -> Vec<i64> {
        let used: Vec<i64> = self.users.iter().filter(|place| place.is_resident()).map(|place| place.cost()).collect();
        let costly = used.partition_point(|&cost| cost > 0);
        let idle = std::iter::repeat_n(0, self.idle_residents);
        used[..costly].iter().copied().chain(idle).chain(used[costly..].iter().copied()).collect()
    }

    /// The last place of each decile but the tenth. A user's decile is 1 and as many as lie before the user's place.
    pub(super) fn decile_ends(&self) -> Vec<Place> {
        let n = self.users.len();
        // Rank r is in decile floor(10 (r - 1) / n) + 1, so decile d ends with the rank ceil(d n / 10).
        (1..10).filter_map(|decile| self.users.get((decile * n).div_ceil(10).checked_sub(1)?).copied()).collect()
    }
}

/// Gini = 2 sum(i x_i) / (n sum(x)) - (n + 1) / n with x ascending, i from 1; 0 when nobody costs anything.
pub(super) fn gini(descending: impl DoubleEndedIterator<Item = i64> + ExactSizeIterator + Clone) -> f64 {
    let n = descending.len() as i128;
    let whole: i128 = descending.clone().map(i128::from).sum();
    if whole == 0 {
        return 0.0;
    }
    let weighted: i128 = descending.rev().zip(1i128..).map(|(amount, place)| place * i128::from(amount)).sum();
    // Exact up to the one division.
    (2 * weighted - (n + 1) * whole) as f64 / (n * whole) as f64
}

/// Top p % = the ranks r <= ceil(n p / 100).
pub(super) fn top_count(clients: usize, percent: usize) -> usize {
    (clients * percent).div_ceil(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(costs: &[i64]) -> Ranking {
        let mut users: Vec<Place> =
            costs.iter().enumerate().map(|(at, &cost)| Place::new(at, cost, 1, false)).collect();
        users.sort_unstable();
        Ranking { users, ..Ranking::default() }
    }

    #[test]
    fn gini_is_exact_for_hand_worked_costs() {
        assert_eq!(gini([].into_iter()), 0.0);
        assert_eq!(gini([0, 0].into_iter()), 0.0);
        assert_eq!(gini([7, 7, 7].into_iter()), 0.0);
        // 2 (1*0 + 2*0 + 3*0 + 4*8) / (4 * 8) - 5/4 = 2 - 1.25.
        assert_eq!(gini([8, 0, 0, 0].into_iter()), 0.75);
        // 2 (1*1 + 2*3) / (2 * 4) - 3/2.
        assert_eq!(gini([3, 1].into_iter()), 0.25);
    }

    #[test]
    fn the_top_is_the_smallest_whole_number_that_is_enough() {
        for (clients, percent, top) in [(0, 10, 0), (1, 1, 1), (100, 1, 1), (101, 1, 2), (630, 10, 63), (630, 1, 7)] {
            assert_eq!(top_count(clients, percent), top, "{clients} {percent}");
        }
    }

    #[test]
    fn places_keep_costs_of_either_sign_and_their_order() {
        let costs = [i64::MAX, 5, 0, -1, i64::MIN + 1];
        let places = costs.map(|cost| Place::new(3, cost, 7, true));
        assert_eq!(places.map(Place::cost), costs);
        assert!(places.is_sorted());
        assert!(Place::new(9, 5, 8, false) < Place::new(1, 5, 7, false));
        assert!(Place::new(1, 5, 7, true) < Place::new(2, 5, 7, false));
    }

    #[test]
    fn deciles_follow_the_ranks_whatever_the_number_of_users() {
        for n in 0..45usize {
            let costs: Vec<i64> = (0..n as i64).map(|at| 1000 - at).collect();
            let ranking = ranking(&costs);
            let ends = ranking.decile_ends();
            for (rank, place) in ranking.users.iter().enumerate() {
                let expected = 10 * rank / n + 1;
                assert_eq!(1 + ends.iter().filter(|end| *end < place).count(), expected, "{rank} of {n}");
            }
        }
    }
}
