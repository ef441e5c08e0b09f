//! Random numbers that are the same on every machine: integers only, no floating point, no library whose next version
//! could draw differently.

use virta_model::random::SplitMix64;
pub(crate) use virta_model::random::mix;

/// A generator of one client: each has its own, made from (seed, purpose, client), so that any part of a region can be
/// generated without the rest.
#[derive(Debug, Clone)]
pub(crate) struct Rng(SplitMix64);

/// What a generator is for: two purposes never share draws, so that asking for dirt leaves the clean rows as they are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Life = 1,
    Records = 2,
    Dirt = 3,
    Guidance = 4,
    Bench = 5,
    Order = 6,
}

impl Rng {
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        Rng(SplitMix64::new(mix(
            mix(seed ^ 0x5EED_0F0A_4B16_2D01).wrapping_add(mix(index.wrapping_mul(8) + purpose as u64))
        )))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0.below(bound)
    }

    /// A number in `first..=last`.
    pub(crate) fn between(&mut self, first: i32, last: i32) -> i32 {
        let width = (i64::from(last) - i64::from(first) + 1).max(1) as u32;
        first.saturating_add(self.below(width) as i32)
    }

    pub(crate) fn per_mille(&mut self, chance: u32) -> bool {
        self.below(1000) < chance
    }

    /// A position of `weights`, each as likely as its weight.
    pub(crate) fn pick(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_the_same_everywhere_and_differ_by_purpose() {
        let mut life = Rng::new(1, Purpose::Life, 7);
        let mut dirt = Rng::new(1, Purpose::Dirt, 7);
        assert_eq!(life.next(), Rng::new(1, Purpose::Life, 7).next());
        assert_ne!(life.next(), dirt.next());
    }

    #[test]
    fn ranges_hold_their_ends_and_weights_their_shares() {
        let mut rng = Rng::new(1, Purpose::Life, 0);
        let draws: Vec<_> = (0..1000).map(|_| rng.between(-1, 1)).collect();
        assert!([-1, 0, 1].iter().all(|n| draws.contains(n)) && draws.iter().all(|n| (-1..=1).contains(n)));
        let heavy = (0..10_000).filter(|_| rng.pick(&[1, 0, 3]) == 2).count();
        assert!((7300..7700).contains(&heavy), "{heavy}");
        assert_eq!(rng.below(0), 0);
    }
}
