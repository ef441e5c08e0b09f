//! Seeded draws that are the same on every machine, for every number of threads and every order of rows.

use virta_model::random::{SplitMix64, mix};

/// The draws of one purpose for one pilot.
#[derive(Debug, Clone)]
pub(super) struct Draws(SplitMix64);

/// What draws are for: two purposes never share draws.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// The order in which a pilot's clients choose their comparison clients.
    Matching = 1,
    Bootstrap = 2,
}

impl Draws {
    /// The state begins as the mix of seed and purpose; then each byte of the pilot's name is mixed in.
    pub(super) fn new(seed: u64, purpose: Purpose, pilot: &str) -> Self {
        let begin = mix(seed ^ mix(purpose as u64));
        Draws(SplitMix64::new(pilot.bytes().fold(begin, |state, byte| mix(state ^ u64::from(byte)))))
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    #[inline]
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.0.below(bound)
    }

    /// The numbers `0..count` in a drawn order: from the last place down, each is swapped with one not behind it
    /// (Fisher and Yates).
    pub(super) fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for place in (1..count).rev() {
            let other = self.below(u32::try_from(place + 1).unwrap_or(u32::MAX)) as usize;
            order.swap(place, other);
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_every_number_once_and_depends_on_seed_purpose_and_name() {
        let order = |seed, purpose, name| Draws::new(seed, purpose, name).order(9);
        let mut sorted = order(1, Purpose::Matching, "p");
        assert_eq!(sorted, order(1, Purpose::Matching, "p"));
        for other in
            [order(2, Purpose::Matching, "p"), order(1, Purpose::Bootstrap, "p"), order(1, Purpose::Matching, "q")]
        {
            assert_ne!(sorted, other);
        }
        sorted.sort_unstable();
        assert_eq!(sorted, (0..9).collect::<Vec<_>>());
    }
}
