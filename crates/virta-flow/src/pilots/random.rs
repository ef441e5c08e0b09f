//! Seeded draws that are the same on every machine, for every number of threads and every order of rows.

/// A SplitMix64 generator (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014): a counter
/// in steps of the golden ratio, each value of it mixed. It is written out here, so that no library's next version can
/// draw differently and remake a baseline that was frozen.
#[derive(Debug, Clone)]
pub(super) struct Draws(u64);

/// What draws are for: two purposes never share draws.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// The order in which a pilot's clients choose their comparison clients.
    Matching = 1,
    Bootstrap = 2,
}

impl Draws {
    /// The state begins as the mix of seed and purpose; then each byte of the pilot's name is mixed in.
    pub fn new(seed: u64, purpose: Purpose, pilot: &str) -> Self {
        let begin = mix(seed ^ mix(purpose as u64));
        Draws(pilot.bytes().fold(begin, |state, byte| mix(state ^ u64::from(byte))))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number in `0..bound`: the upper half of a draw times the bound, divided by 2^32. 0 when `bound` is 0.
    #[inline]
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// The numbers `0..count` in a drawn order: from the last place down, each is swapped with one not behind it
    /// (Fisher and Yates).
    pub fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for place in (1..count).rev() {
            let other = self.below(u32::try_from(place + 1).unwrap_or(u32::MAX)) as usize;
            order.swap(place, other);
        }
        order
    }
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_draws_what_its_authors_published() {
        // The first values of SplitMix64 from the state 1234567, as its reference implementation in C prints them.
        let mut draws = Draws(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| draws.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

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
