//! The primary rules: which figures are unsafe in themselves.

use crate::protected::Reason;

/// What a permit asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The smallest number of clients behind a figure, 3..=100.
    pub k: u32,
    /// (n, k)-dominance: a cost is unsafe when its two largest clients make up this per cent or more.
    pub dominance_percent: u32,
    /// p % rule: a cost is unsafe when all but the two largest clients make up less than this per cent of the largest,
    /// for then the second largest can estimate the largest that closely.
    pub p_percent: u32,
    /// A cost without [`Contributors`] needs this many clients: its dominance cannot be checked, so the group must be
    /// large enough to make it unlikely.
    pub unchecked_clients_min: u32,
}

impl Policy {
    /// The usual rules for a smallest cell of `k`: 90 % of two, 10 %, and four times k where nothing is known.
    pub const fn of(k: u32) -> Self {
        Policy { k, dominance_percent: 90, p_percent: 10, unchecked_clients_min: 4 * k }
    }

    /// Whether a number of clients is unsafe. Nobody at all is unsafe too, where a row is about a group of people.
    pub(crate) fn too_few(&self, clients: i64, zero_is_safe: bool) -> bool {
        clients < i64::from(self.k) && !(zero_is_safe && clients == 0)
    }

    /// The reason why a sum over clients is unsafe in itself, beyond the number of its clients.
    ///
    /// Amounts are taken without their sign, so that a correction cannot hide a large client.
    pub(crate) fn unsafe_sum(&self, clients: i64, contributors: Option<&Contributors>) -> Option<Reason> {
        let Some(of) = contributors else {
            return (clients < i64::from(self.unchecked_clients_min)).then_some(Reason::ContributorsUnknown);
        };
        if of.total == 0 {
            return None;
        }
        if of.all_the_same {
            return Some(Reason::AllTheSame);
        }
        let (total, largest, second) = (i128::from(of.total), i128::from(of.largest), i128::from(of.second));
        let dominated = (largest + second) * 100 >= total * i128::from(self.dominance_percent);
        let estimable = (total - largest - second) * 100 < largest * i128::from(self.p_percent);
        (dominated || estimable).then_some(Reason::FewClientsDominate)
    }

    /// How far an unsafe sum must stay open on either side.
    pub(crate) fn width(&self, value: i64) -> i64 {
        (value.saturating_abs() / 100).saturating_mul(i64::from(self.p_percent)).max(1)
    }
}

/// What the largest clients add to one sum over clients: whoever makes a table can give it beside the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contributors {
    /// The clients' amounts in all, each without its sign.
    pub total: i64,
    /// The largest client's amount.
    pub largest: i64,
    /// The second largest client's.
    pub second: i64,
    /// Whether every client's amount is the same.
    pub all_the_same: bool,
}

impl Contributors {
    /// From the amounts of the clients, one each.
    pub fn of(amounts: impl IntoIterator<Item = i64>) -> Self {
        let mut summary = Contributors { total: 0, largest: 0, second: 0, all_the_same: true };
        let mut first = None;
        for amount in amounts {
            summary.all_the_same &= *first.get_or_insert(amount) == amount;
            let size = amount.saturating_abs();
            summary.total = summary.total.saturating_add(size);
            if size > summary.largest {
                summary.second = summary.largest;
                summary.largest = size;
            } else if size > summary.second {
                summary.second = size;
            }
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clients_with_ninety_per_cent_dominate() {
        let policy = Policy::of(5);
        let at = |amounts: &[i64]| policy.unsafe_sum(9, Some(&Contributors::of(amounts.iter().copied())));
        assert_eq!(at(&[450, 450, 25, 25, 25, 25]), Some(Reason::FewClientsDominate));
        assert_eq!(at(&[449, 450, 26, 25, 25, 25]), None);
    }

    #[test]
    fn the_second_client_must_not_estimate_the_first_within_ten_per_cent() {
        // The rest, 59, is below 10 % of the largest, 1,000. Dominance is switched off to see the rule alone.
        let policy = Policy { dominance_percent: 101, ..Policy::of(5) };
        let at = |amounts: &[i64]| policy.unsafe_sum(9, Some(&Contributors::of(amounts.iter().copied())));
        assert_eq!(at(&[1000, 10, 50, 49]), Some(Reason::FewClientsDominate));
        assert_eq!(at(&[1000, 60, 50, 50]), None);
    }

    #[test]
    fn the_same_value_for_everyone_gives_each_away() {
        let same = Contributors::of([700; 12]);
        assert_eq!(Policy::of(5).unsafe_sum(12, Some(&same)), Some(Reason::AllTheSame));
        assert_eq!(Policy::of(5).unsafe_sum(12, Some(&Contributors::of([0; 12]))), None);
    }

    #[test]
    fn unknown_contributors_need_a_larger_group() {
        assert_eq!(Policy::of(5).unsafe_sum(19, None), Some(Reason::ContributorsUnknown));
        assert_eq!(Policy::of(5).unsafe_sum(20, None), None);
    }
}
