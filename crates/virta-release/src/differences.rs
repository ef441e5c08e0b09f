//! Groups that differ from those released before by so few people that the difference would tell of them.
//!
//! Each table of one group less the same table of another tells of the people who are in one and not in the other. So two
//! groups of overlapping periods must hold the same people, or k people and more must be in one of them alone. Where few
//! are in the one and many in the other, as a pilot's clients among all users, the many hide the few. Groups of fewer than
//! k people are told of nowhere and differ from nothing.

use std::cmp::Ordering;

use virta_model::Day;
use virta_model::settings::Period;

/// People of whom a release tells: a cohort, a segment, a pilot, or everybody, in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// `all`, `cohort`, `segment` or `pilot`.
    pub kind: String,
    pub name: String,
    /// As the study writes it.
    pub period: String,
    pub first: Day,
    pub last: Day,
    /// Ascending, each once.
    clients: Vec<i64>,
}

impl Group {
    /// A group of a period; the clients come in any order, each once or more.
    pub fn new(kind: &str, name: &str, period: &Period, clients: Vec<i64>) -> Self {
        Group::between(kind, name, period.label(), (period.first, period.last), clients)
    }

    /// The same between two days, both included.
    pub fn between(kind: &str, name: &str, period: &str, days: (Day, Day), mut clients: Vec<i64>) -> Self {
        clients.sort_unstable();
        clients.dedup();
        let (kind, name, period) = (kind.to_owned(), name.to_owned(), period.to_owned());
        Group { kind, name, period, first: days.0, last: days.1, clients }
    }

    /// Ids, ascending, each once.
    pub fn clients(&self) -> &[i64] {
        &self.clients
    }

    fn overlaps(&self, other: &Group) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Two groups, by their places in the lists, that fewer than k people tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    pub new: usize,
    pub earlier: usize,
}

/// The pairs of a new and an earlier group of overlapping periods with 1 to k - 1 people who are in only one of the two, in
/// the order of the lists. How many they are is not said.
pub fn differences(new: &[Group], earlier: &[Group], k: u32) -> Vec<Difference> {
    let k = usize::try_from(k).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    for (at, group) in new.iter().enumerate().filter(|(_, group)| group.clients.len() >= k) {
        for (before, other) in earlier.iter().enumerate() {
            let by_number = group.clients.len().abs_diff(other.clients.len());
            if other.clients.len() < k || by_number >= k || !group.overlaps(other) {
                continue;
            }
            if (1..k).contains(&in_one_alone(&group.clients, &other.clients, k)) {
                found.push(Difference { new: at, earlier: before });
            }
        }
    }
    found
}

/// How many are in one of two ascending lists and not in the other, counted up to `enough` and a little further.
fn in_one_alone(a: &[i64], b: &[i64], enough: usize) -> usize {
    let mut alone = 0;
    let (mut left, mut right) = (a, b);
    while let ([x, rest_of_a @ ..], [y, rest_of_b @ ..]) = (left, right) {
        if alone >= enough {
            return alone;
        }
        match x.cmp(y) {
            Ordering::Less => {
                alone += 1;
                left = rest_of_a;
            }
            Ordering::Greater => {
                alone += 1;
                right = rest_of_b;
            }
            Ordering::Equal => (left, right) = (rest_of_a, rest_of_b),
        }
    }
    alone + left.len() + right.len()
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use super::*;

    fn group(period: &str, clients: impl IntoIterator<Item = i64>) -> Group {
        let period = Period::try_from(period.to_owned()).unwrap();
        Group::new("cohort", "c", &period, clients.into_iter().collect())
    }

    /// Whether two groups are too near, whichever was released first.
    fn is_told(a: &Group, b: &Group, k: u32) -> bool {
        let found = [(a, b), (b, a)].map(|(new, old)| !differences(from_ref(new), from_ref(old), k).is_empty());
        assert_eq!(found[0], found[1]);
        found[0]
    }

    #[test]
    fn one_to_four_people_are_told_and_nobody_or_five_are_not() {
        let all = group("2014", 1..=40);
        for (more, told) in [(0, false), (1, true), (4, true), (5, false), (6, false)] {
            assert_eq!(is_told(&all, &group("2014", 1..=40 + more), 5), told, "{more}");
        }
        assert!(is_told(&all, &group("2014", 1..=45), 6));
    }

    #[test]
    fn people_on_both_sides_are_counted_together() {
        let one = group("2014", 1..=40);
        assert!(is_told(&one, &group("2014", 3..=42), 5), "two against two");
        assert!(!is_told(&one, &group("2014", 3..=43), 5), "two against three");
        assert!(!is_told(&one, &group("2014", 4..=60), 5), "three among twenty others");
        assert!(!is_told(&one, &group("2014", 100..=140), 5), "nobody in common");
    }

    #[test]
    fn groups_are_compared_where_their_periods_share_a_day() {
        let year = group("2014", 1..=40);
        let near = |period: &str| is_told(&year, &group(period, 1..=42), 5);
        assert!(near("2014-12-31..2015-06-30") && near("2013-01-01..2014-01-01"));
        assert!(!near("2015") && !near("2013-01-01..2013-12-31"));
    }

    #[test]
    fn a_group_that_is_told_of_nowhere_differs_from_nothing() {
        assert!(!is_told(&group("2014", 1..=4), &group("2014", 1..=6), 5));
        assert!(is_told(&group("2014", 1..=5), &group("2014", 1..=6), 5));
    }

    #[test]
    fn the_order_of_clients_and_doubles_do_not_matter() {
        assert!(!is_told(&group("2014", [3, 1, 2, 5, 4, 4]), &group("2014", 1..=5), 5));
    }
}
