//! Keys that travel: how long a claim on one is, and sets of keys.

use std::hash::Hasher;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::rows::layout::{FLAGS_AT, KEY_AT, get_i64};

/// Bytes of a claim or a verdict: client, key, delivery and flags as a row has them, then a version.
pub(crate) const BYTES: usize = FLAGS_AT + 1 + 16;
/// Ranges of keys, so that those of one fit into the processor's caches.
pub(crate) const PARTITIONS: usize = 256;

/// Keys are hashes already.
#[derive(Default)]
pub(crate) struct KeyIsHash(u64);

impl Hasher for KeyIsHash {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_i64(&mut self, key: i64) {
        // The map takes its tag from the top bits, of which a 63-bit number lacks one.
        self.0 = (key as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// Which keys new rows may have: a set that says yes of each key that was put in, and seldom of another.
pub(crate) struct KeyFilter {
    words: Vec<AtomicU64>,
}

impl KeyFilter {
    /// For about so many keys, in at most so many bytes.
    pub(crate) fn new(keys: u64, bytes_max: usize) -> Self {
        let words = (keys / 4).clamp(1 << 8, (bytes_max as u64 / 8).max(1 << 8));
        KeyFilter { words: (0..words).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The word of a key, by its high bits, and four of the word's bits, by its low ones.
    fn place(&self, key: i64) -> Option<(&AtomicU64, u64)> {
        let word = (key as u64 as u128 * self.words.len() as u128) >> 63;
        let bits = (0..4).fold(0, |bits, n| bits | 1 << (key as u64 >> (6 * n) & 63));
        Some((self.words.get(word as usize)?, bits))
    }

    pub(crate) fn put(&self, key: i64) {
        if let Some((word, bits)) = self.place(key) {
            word.fetch_or(bits, Ordering::Relaxed);
        }
    }

    /// Puts the keys of claims in that are so many bytes long in short form.
    pub(crate) fn put_all(&self, claims: &[u8], bytes: usize) {
        claims.chunks_exact(bytes).for_each(|claim| self.put(get_i64(claim, KEY_AT)));
    }

    pub(crate) fn may_hold(&self, key: i64) -> bool {
        self.place(key).is_none_or(|(word, bits)| word.load(Ordering::Relaxed) & bits == bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_forgets_no_key_and_lets_few_others_pass() {
        let key = |n: i64| (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) as i64 & i64::MAX;
        let filter = KeyFilter::new(10_000, 1 << 20);
        (0..10_000).for_each(|n| filter.put(key(n)));
        assert!((0..10_000).all(|n| filter.may_hold(key(n))));
        let others = (10_000..110_000).filter(|n| filter.may_hold(key(*n))).count();
        assert!(others < 3_000, "{others} of 100,000 others");
        // However little room there is, no key is forgotten.
        let small = KeyFilter::new(10_000, 0);
        (0..10_000).for_each(|n| small.put(key(n)));
        assert!((0..10_000).all(|n| small.may_hold(key(n))));
    }
}
