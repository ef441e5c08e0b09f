//! Which comparison clients a pilot's clients get.
//!
//! A candidate's level says how much of who they are is the same: 1 sex, age band and municipality; 2 sex and age band;
//! 3 age band. Beyond that nobody is matched. What is not known is the same only as what is not known. A lower level
//! always comes first. Within a level the nearest comes first: by the difference in the decile of the cost of the window
//! before, then in its distinct services, its contacts, its cost, then by `client_id`.
//!
//! Deciles are those of all candidates of an index date, the costliest in the first (rules 6 and 10); a client of the
//! pilot has the decile that its cost would have among them.
//!
//! The clients of the pilot choose in turns, each the nearest whom nobody has, in an order that the seed draws from
//! their order by `client_id`: so nobody gets a second comparison client before everybody could have a first.

use super::pool::Candidate;
use super::random::Draws;

/// The levels, from the closest.
pub(super) const LEVELS: u8 = 3;

/// A candidate for one client of the pilot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Match {
    pub client_id: i64,
    pub level: u8,
    pub decile: u8,
}

/// The candidates of one index date with their deciles.
#[derive(Debug)]
pub(super) struct Ranked {
    /// Costliest first.
    candidates: Vec<Candidate>,
}

impl Ranked {
    pub(super) fn new(mut candidates: Vec<Candidate>) -> Self {
        candidates.sort_unstable_by_key(rank);
        Ranked { candidates }
    }

    pub(super) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The decile that somebody with this use would have.
    pub(crate) fn decile_of(&self, somebody: &Candidate) -> u8 {
        self.decile(self.candidates.partition_point(|candidate| rank(candidate) < rank(somebody)))
    }

    /// Rule 10, for a rank counted from 0; beyond the last it is the last.
    fn decile(&self, rank: usize) -> u8 {
        (10 * rank / self.candidates.len().max(1)).min(9) as u8 + 1
    }

    /// The first `most` in order of preference for a client of the pilot.
    pub(super) fn nearest(&self, to: &Candidate, most: usize) -> Vec<Match> {
        let decile = self.decile_of(to);
        let candidates = self.candidates.iter().enumerate();
        let mut near: Vec<(Distance, Match)> = candidates
            .filter_map(|(rank, candidate)| {
                let client_id = candidate.client_id;
                let found = Match { client_id, level: level(to, candidate)?, decile: self.decile(rank) };
                Some((Distance::new(to, decile, candidate, &found), found))
            })
            .collect();
        if near.len() > most {
            near.select_nth_unstable_by_key(most, |(distance, _)| *distance);
            near.truncate(most);
        }
        near.sort_unstable_by_key(|(distance, _)| *distance);
        near.into_iter().map(|(_, found)| found).collect()
    }
}

/// Rule 6: by cost, then contacts, both descending, then `client_id`.
fn rank(candidate: &Candidate) -> (std::cmp::Reverse<i64>, std::cmp::Reverse<i64>, i64) {
    let used = &candidate.used;
    (std::cmp::Reverse(used.cost_cents), std::cmp::Reverse(used.contacts), candidate.client_id)
}

fn level(to: &Candidate, candidate: &Candidate) -> Option<u8> {
    let (a, b) = (&to.person, &candidate.person);
    match (a.life_stage() == b.life_stage(), a.sex == b.sex, a.municipality == b.municipality) {
        (true, true, true) => Some(1),
        (true, true, false) => Some(2),
        (true, false, _) => Some(3),
        (false, _, _) => None,
    }
}

/// How far a candidate is from a client of the pilot: what comes first decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Distance {
    level: u8,
    deciles: u8,
    services: u64,
    contacts: u64,
    cost_cents: u64,
    client_id: i64,
}

impl Distance {
    fn new(to: &Candidate, decile: u8, candidate: &Candidate, found: &Match) -> Self {
        let (a, b) = (&to.used, &candidate.used);
        Distance {
            level: found.level,
            deciles: decile.abs_diff(found.decile),
            services: a.services.abs_diff(b.services),
            contacts: a.contacts.abs_diff(b.contacts),
            cost_cents: a.cost_cents.abs_diff(b.cost_cents),
            client_id: found.client_id,
        }
    }
}

/// Deals out candidates in turns, at most `each` to everybody and nobody twice. `wishes` are in order of the pilot's
/// clients by `client_id`, each in order of preference; `taken` are given out already, ascending.
pub(super) fn deal(wishes: &[Vec<Match>], each: usize, taken: &[i64], mut draws: Draws) -> Vec<Vec<Match>> {
    let mut dealt = vec![Vec::new(); wishes.len()];
    let mut next = vec![0; wishes.len()];
    let mut given: std::collections::BTreeSet<i64> = taken.iter().copied().collect();
    let order = draws.order(wishes.len());
    for _ in 0..each {
        for &who in &order {
            let rest = wishes[who][next[who]..].iter();
            for wish in rest {
                next[who] += 1;
                if given.insert(wish.client_id) {
                    dealt[who].push(*wish);
                    break;
                }
            }
        }
    }
    dealt
}

#[cfg(test)]
mod tests {
    use virta_model::Sex;

    use super::super::pool::Who;
    use super::super::random::Purpose;
    use super::super::windows::Use;
    use super::*;

    fn candidate(client_id: i64, cost_cents: i64, services: i64, contacts: i64) -> Candidate {
        let person = Who { sex: Some(Sex::Female), age: Some(40), municipality: 1 };
        Candidate { client_id, person, used: Use { services, contacts, cost_cents, ..Use::default() } }
    }

    fn ids(found: &[Match]) -> Vec<i64> {
        found.iter().map(|found| found.client_id).collect()
    }

    #[test]
    fn ten_candidates_have_a_decile_each_and_the_pilots_client_the_one_it_would_have() {
        let ranked = Ranked::new((1..=10).map(|id| candidate(id, 1000 - 100 * id, 1, 1)).collect());
        let decile = |cost| ranked.decile_of(&candidate(99, cost, 1, 1));
        // Costs are 900, 800, ... 0. Who costs more than all would be first; the tie with 900 goes to the lower id.
        assert_eq!((decile(901), decile(900), decile(850), decile(0), decile(-1)), (1, 2, 2, 10, 10));
        let found = ranked.nearest(&candidate(99, 850, 1, 1), 10);
        assert_eq!(found.iter().find(|found| found.client_id == 10).map(|found| found.decile), Some(10));
    }

    #[test]
    fn the_nearest_is_decided_by_decile_then_services_contacts_cost_and_id() {
        // Twenty candidates, two to a decile; the pilot's client has the cost of the fifth decile.
        let mut pool: Vec<Candidate> = (0..20).map(|at| candidate(100 + at, 2000 - 100 * at, 3, 9)).collect();
        let to = candidate(1, 1140, 3, 9);
        assert_eq!(ids(&Ranked::new(pool.clone()).nearest(&to, 4)), [109, 108, 110, 107]);
        // Of the two in the same decile, services count before contacts, and contacts before cost.
        pool[8].used.services = 4;
        pool[9].used.contacts = 10;
        assert_eq!(ids(&Ranked::new(pool.clone()).nearest(&to, 2)), [109, 108]);
        pool[9].used.services = 5;
        assert_eq!(ids(&Ranked::new(pool).nearest(&to, 2)), [108, 109]);
    }

    #[test]
    fn a_closer_level_comes_before_a_nearer_use_and_another_age_band_never() {
        let to = candidate(1, 100, 1, 1);
        let mut pool: Vec<Candidate> = (2..=5).map(|id| candidate(id, 100, 1, 1)).collect();
        pool[0].person.municipality = 2;
        pool[1].person.sex = None;
        pool[2].person.age = Some(65);
        pool[3].used = Use { cost_cents: 90_000, services: 9, contacts: 99, ..Use::default() };
        let found = Ranked::new(pool).nearest(&to, 9);
        assert_eq!(ids(&found), [5, 2, 3]);
        assert_eq!(found.iter().map(|found| found.level).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn nobody_is_given_twice_and_nobody_chooses_again_before_all_have_chosen() {
        let ranked = Ranked::new((1..=5).map(|id| candidate(id, 100, 1, 1)).collect());
        let wishes = vec![ranked.nearest(&candidate(11, 100, 1, 1), 9), ranked.nearest(&candidate(12, 100, 1, 1), 9)];
        let draws = || Draws::new(1, Purpose::Matching, "p");
        let first = draws().order(2)[0];
        let dealt = deal(&wishes, 2, &[], draws());
        // All cost the same, so their ids make the deciles, and who has the highest is nearest to 11 and 12.
        assert_eq!((ids(&dealt[first]), ids(&dealt[1 - first])), (vec![5, 3], vec![4, 2]));
        // With 4 and 5 gone, three are left for two who want two each.
        let dealt = deal(&wishes, 2, &[4, 5], draws());
        assert_eq!((ids(&dealt[first]), ids(&dealt[1 - first])), (vec![3, 1], vec![2]));
    }

    #[test]
    fn a_short_list_of_the_nearest_is_the_beginning_of_the_long_one() {
        let ranked = Ranked::new((1..=50).map(|id| candidate(id, id * 37 % 400, id % 4, id % 7)).collect());
        let to = candidate(99, 200, 2, 3);
        let all = ids(&ranked.nearest(&to, 50));
        assert_eq!(ids(&ranked.nearest(&to, 7)), all[..7]);
    }
}
