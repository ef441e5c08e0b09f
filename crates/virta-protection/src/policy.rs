//! The policy's numbers, and how counts and amounts are rounded.

use std::fmt;

use crate::contributors::Contributors;
use crate::error::ProtectionError;
use crate::reason::Reason;

/// How few clients are too few, and what counts are rounded to.
///
/// ```
/// use virta_protection::Policy;
/// assert_eq!((Policy::default().k(), Policy::default().round_to()), (5, 5));
/// assert!(Policy::new(10, 5)?.is_as_strict_as(Policy::default()));
/// assert!(!Policy::internal().is_as_strict_as(Policy::default()));
/// # Ok::<(), virta_protection::ProtectionError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    k: u32,
    round_to: u32,
}

impl Policy {
    /// At least `k` clients stand behind a shown number, 5 to 100; counts are rounded to multiples of 3, 5 or 10.
    ///
    /// The fewer numbers a withheld one can be, the more often withheld ones that must add up to a shown one tell each other. Of
    /// made-up regions the attack in this crate's tests told some with k = 3, whatever the rounding, and with k = 4 and a
    /// rounding to 3.
    ///
    /// # Errors
    /// Other numbers than these.
    pub fn new(k: u32, round_to: u32) -> Result<Self, ProtectionError> {
        if !(5..=100).contains(&k) {
            return Err(ProtectionError::SmallestCell(k));
        }
        if ![3, 5, 10].contains(&round_to) {
            return Err(ProtectionError::RoundTo(round_to));
        }
        Ok(Policy { k, round_to })
    }

    /// Exact numbers of any group, for the data unit itself: what is made with it is not for release.
    pub const fn internal() -> Self {
        Policy { k: 1, round_to: 1 }
    }

    pub const fn k(self) -> u32 {
        self.k
    }

    pub const fn round_to(self) -> u32 {
        self.round_to
    }

    pub const fn is_internal(self) -> bool {
        self.k <= 1
    }

    pub const fn is_as_strict_as(self, other: Policy) -> bool {
        self.k >= other.k && self.round_to >= other.round_to
    }
}

impl Default for Policy {
    fn default() -> Self {
        Policy { k: 5, round_to: 5 }
    }
}

/// What decides in which direction a count is rounded. Who has it can narrow a published count down, so it is made from
/// the project's key and never leaves.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    pub const fn new(bytes: [u8; 32]) -> Self {
        Secret(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Rounds the numbers of one project.
#[derive(Debug, Clone)]
pub(crate) struct Rounding {
    pub policy: Policy,
    secret: Secret,
}

/// The least step of money: 100 euros.
const MONEY_STEP_MIN: i64 = 10_000;
/// An amount is dominated when its two largest clients make up this per cent or more.
const DOMINANCE_PERCENT: i128 = 90;
/// The second largest client can tell the largest when all others together make up less than this per cent of it.
const P_PERCENT: i128 = 10;

impl Rounding {
    pub(crate) fn new(policy: Policy, secret: Secret) -> Self {
        Rounding { policy, secret }
    }

    pub(crate) fn is_few(&self, people: i64) -> bool {
        people < i64::from(self.policy.k)
    }

    /// A number of people as it may be shown; `None` for too few.
    ///
    /// Between two multiples of `round_to` there is one limit, drawn once for the whole project; numbers from it on are
    /// rounded up. Each number is so rounded up as often as it is near to the upper multiple, but never passes a larger
    /// one: rounding each number by a draw of its own would tell which of two groups, one inside the other, is larger.
    pub(crate) fn people(&self, people: i64) -> Option<i64> {
        if self.policy.is_internal() {
            return Some(people);
        }
        if self.is_few(people) {
            return None;
        }
        let round_to = i64::from(self.policy.round_to);
        let (multiple, rest) = (people.div_euclid(round_to), people.rem_euclid(round_to));
        let down = multiple * round_to;
        let is_up = rest > 0 && rest >= self.limit(multiple);
        // A group that may be shown never looks like one that may not.
        Some(if is_up || self.is_few(down) { down + round_to } else { down })
    }

    /// From which remainder on numbers above this multiple are rounded up: 1 to `round_to`, each as often, but for a
    /// remainder of 1 where groups that are all hidden may add up to just so many people. A total of m hidden groups is
    /// m (k - 1) at most; rounded up from there, it would tell each of them.
    fn limit(&self, multiple: i64) -> i64 {
        let mut text = *b"virta people\0\0\0\0\0\0\0\0\0\0\0\0";
        let numbers = self.policy.round_to.to_le_bytes().into_iter().chain(multiple.to_le_bytes());
        text.iter_mut().skip(12).zip(numbers).for_each(|(into, byte)| *into = byte);
        let hash = blake3::keyed_hash(&self.secret.0, &text);
        let number = hash.as_bytes().iter().take(8).fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        let limit = 1 + (number % u64::from(self.policy.round_to)) as i64;
        // Every such sum is even or divisible by three for k up to 7, and the rule must not depend on k: the same number is
        // rounded alike in every study.
        let first = multiple * i64::from(self.policy.round_to) + 1;
        let is_such_a_sum = first % 2 == 0 || first % 3 == 0;
        if is_such_a_sum { limit.max(2) } else { limit }
    }

    /// An amount of a group of `people`, as it may be shown.
    ///
    /// Where everybody has the same, the amount is so much for each of the shown number of people: the exact one, by the
    /// step, would tell how many they are. That nobody adds to it is withheld as a count of 0 is.
    pub(crate) fn amount(
        &self,
        sum: i64,
        of: Option<Contributors>,
        people: i64,
        is_money: bool,
    ) -> Result<i64, Reason> {
        if self.policy.is_internal() {
            return Ok(sum);
        }
        let of = of.ok_or(Reason::ContributorsUnknown)?;
        self.check(of)?;
        let sum = match self.people(people) {
            Some(shown) if i128::from(of.largest) * i128::from(people) == i128::from(sum) => {
                of.largest.saturating_mul(shown)
            }
            _ => sum,
        };
        Ok(nearest(sum, self.step(of.largest, is_money)))
    }

    /// Whether enough clients stand behind an amount, none of whom it tells.
    pub(crate) fn check(&self, of: Contributors) -> Result<(), Reason> {
        if self.policy.is_internal() {
            return Ok(());
        }
        if self.is_few(of.clients) {
            return Err(Reason::TooFewClients);
        }
        let (total, largest, second) = (i128::from(of.total), i128::from(of.largest), i128::from(of.second));
        let is_dominated = (largest + second) * 100 >= total * DOMINANCE_PERCENT;
        let is_told = (total - largest - second) * 100 < largest * P_PERCENT;
        if is_dominated || is_told { Err(Reason::FewClientsDominate) } else { Ok(()) }
    }

    /// What an amount is rounded to: at least a fifth of the largest client's part of it.
    pub(crate) fn step(&self, largest: i64, is_money: bool) -> i64 {
        if self.policy.is_internal() {
            return 1;
        }
        let least = if is_money { MONEY_STEP_MIN } else { i64::from(self.policy.round_to) };
        let fifth = largest.saturating_add(4) / 5;
        step_at_least(fifth.max(least))
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is at least this.
pub(crate) fn step_at_least(least: i64) -> i64 {
    let mut power = 1_i64;
    loop {
        for times in [1, 2, 5] {
            let step = power.saturating_mul(times);
            if step >= least {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

/// The same of fractions: 0.05 for 0.03.
pub(crate) fn fine_step_at_least(least: f64) -> f64 {
    if !least.is_finite() || least <= 0.0 {
        return 1e-6;
    }
    let power = 10_f64.powi(least.log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    steps.into_iter().find(|step| *step >= least * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// The nearest multiple of a step, halves away from 0.
pub(crate) fn nearest(value: i64, step: i64) -> i64 {
    let (size, step) = (i128::from(value).abs(), i128::from(step.max(1)));
    let rounded = (2 * size + step) / (2 * step) * step;
    i64::try_from(if value < 0 { -rounded } else { rounded }).unwrap_or(value)
}

/// The same of fractions.
pub(crate) fn nearest_fraction(value: f64, step: f64) -> f64 {
    // Dividing by a whole number gives the nearest decimal fraction; multiplying by 0.1 does not.
    let rounded = if step < 1.0 {
        let parts = (1.0 / step).round();
        (value * parts).round() / parts
    } else {
        (value / step).round() * step
    };
    // No minus before 0.
    rounded + 0.0
}

/// Two significant digits.
pub(crate) fn two_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let power = value.abs().log10().floor() as i32 - 1;
    nearest_fraction(value, 10_f64.powi(power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounding(k: u32, round_to: u32, secret: u8) -> Rounding {
        Rounding::new(Policy::new(k, round_to).unwrap(), Secret::new([secret; 32]))
    }

    #[test]
    fn fewer_than_k_are_not_shown_and_k_are() {
        let rounding = rounding(5, 5, 1);
        assert_eq!([0, 1, 4].map(|people| rounding.people(people)), [None; 3]);
        assert_eq!(rounding.people(5), Some(5));
    }

    #[test]
    fn a_count_is_rounded_to_a_multiple_less_than_a_step_away_and_multiples_stay() {
        for (k, round_to) in [(5, 5), (5, 3), (5, 10), (6, 3), (7, 5), (12, 10)] {
            let rounding = rounding(k, round_to, 9);
            let (k, round_to) = (i64::from(k), i64::from(round_to));
            for people in k..400 {
                let shown = rounding.people(people).unwrap();
                assert!(shown % round_to == 0 && shown >= k, "{people} as {shown}");
                assert!((shown - people).abs() < round_to, "{people} as {shown}");
                assert!(people % round_to != 0 || shown == people, "{people} as {shown}");
            }
        }
    }

    #[test]
    fn more_people_are_never_shown_as_fewer() {
        let rounding = rounding(5, 5, 3);
        let shown: Vec<i64> = (5..2000).map(|people| rounding.people(people).unwrap()).collect();
        assert!(shown.is_sorted());
    }

    #[test]
    fn a_number_is_rounded_up_as_often_as_it_is_near() {
        // Over 4,000 draws each share is within four standard deviations of 2/5, 3/5 and 4/5. Of the numbers next to the
        // lower multiple a fifth of the third that is divisible by neither 2 nor 3 goes up.
        let rounding = rounding(5, 5, 4);
        for (rest, near) in [(1, 1.0 / 15.0), (2, 0.4), (3, 0.6), (4, 0.8)] {
            let ups = (1..=4000).filter(|multiple| rounding.people(5 * multiple + rest) == Some(5 * multiple + 5));
            let share = ups.count() as f64 / 4000.0;
            assert!((share - near).abs() < 0.032, "{rest}: {share}");
        }
    }

    #[test]
    fn a_total_of_groups_that_are_all_as_large_as_hidden_ones_can_be_does_not_tell_them() {
        // Four groups of 4 are 16 people. Shown as 20, which is 16 at least, they would be told.
        for secret in 0..100 {
            assert_eq!(rounding(5, 5, secret).people(16), Some(15));
            assert_eq!(rounding(5, 3, secret).people(16), Some(15));
        }
    }

    #[test]
    fn another_secret_rounds_otherwise_and_the_same_alike() {
        let shown = |secret: u8| -> Vec<Option<i64>> {
            let rounding = rounding(5, 5, secret);
            (5..200).map(|people| rounding.people(people)).collect()
        };
        assert_eq!(shown(1), shown(1));
        assert_ne!(shown(1), shown(2));
    }

    fn of(amounts: &[i64]) -> Option<Contributors> {
        Some(Contributors::of(amounts.iter().copied()))
    }

    #[test]
    fn two_clients_with_ninety_per_cent_dominate() {
        let at = |amounts: &[i64]| rounding(5, 5, 1).amount(amounts.iter().sum(), of(amounts), 6, false);
        assert_eq!(at(&[450, 450, 25, 25, 25, 25]), Err(Reason::FewClientsDominate));
        // 901 of 1,002; a fifth of 451 is 91.
        assert_eq!(at(&[450, 451, 26, 25, 25, 25]), Ok(1000));
    }

    #[test]
    fn the_second_largest_client_must_not_tell_the_largest_to_ten_per_cent() {
        // 1,000 + 700 are less than 90 % of either sum; the others are 99 or 190.
        let check = |others: i64| {
            let of = Contributors { clients: 9, total: 1_900 + others, largest: 1_000, second: 900 };
            rounding(5, 5, 1).check(of)
        };
        assert_eq!(check(99), Err(Reason::FewClientsDominate));
        assert_eq!(check(212), Ok(()));
    }

    #[test]
    fn k_clients_must_have_some_of_an_amount_and_that_nobody_has_any_is_not_told() {
        let at = |amounts: &[i64]| rounding(5, 5, 1).amount(amounts.iter().sum(), of(amounts), 9, false);
        assert_eq!(at(&[10, 10, 10, 12, 0, 0, 0, 0, 0]), Err(Reason::TooFewClients));
        assert_eq!(at(&[10, 10, 10, 12, 11, 0, 0, 0, 0]), Ok(55));
        assert_eq!(at(&[0; 9]), Err(Reason::TooFewClients));
        assert_eq!(rounding(5, 5, 1).amount(7, None, 9, false), Err(Reason::ContributorsUnknown));
    }

    #[test]
    fn an_amount_is_rounded_to_a_fifth_of_its_largest_client() {
        let rounding = rounding(5, 5, 1);
        // A fifth of 52 is 10.4.
        assert_eq!(rounding.amount(231, of(&[52, 50, 50, 40, 39]), 5, false), Ok(240));
        // Money: a fifth of 300 euros is less than 100 euros.
        let cents = [30_000, 20_000, 20_000, 20_000, 14_999];
        assert_eq!(rounding.amount(104_999, of(&cents), 5, true), Ok(100_000));
        assert_eq!(rounding.amount(-104_999, of(&cents), 5, true), Ok(-100_000));
        assert_eq!([1, 3, 6, 11, 51].map(step_at_least), [1, 5, 10, 20, 100]);
        assert_eq!([0.03, 0.011, 6.0, 1.0].map(fine_step_at_least), [0.05, 0.02, 10.0, 1.0]);
    }

    #[test]
    fn what_everybody_has_alike_tells_no_more_than_the_shown_number_of_them() {
        for people in 5..100 {
            let rounding = rounding(5, 5, 1);
            let same = vec![2; people as usize];
            let shown = rounding.people(people).unwrap();
            assert_eq!(rounding.amount(2 * people, of(&same), people, false), Ok(2 * shown));
        }
    }

    #[test]
    fn the_data_unit_itself_sees_everything_exactly() {
        let rounding = Rounding::new(Policy::internal(), Secret::new([0; 32]));
        assert_eq!([0, 1, 7].map(|people| rounding.people(people)), [Some(0), Some(1), Some(7)]);
        assert_eq!(rounding.amount(123, None, 1, true), Ok(123));
    }

    #[test]
    fn values_have_two_significant_digits() {
        assert_eq!([0.0, 12.5, 1234.0, -0.0456, 9.96].map(two_digits), [0.0, 13.0, 1200.0, -0.046, 10.0]);
    }
}
