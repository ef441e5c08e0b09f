//! SipHash-2-4: a keyed pseudorandom function for short texts.
//!
//! Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and its reference implementation for the
//! form of 128 bits. Who does not have the key can neither guess a row from its hash nor make two rows meet.

/// A key of 128 bits.
#[derive(Clone)]
pub(crate) struct SipKey {
    low: u64,
    high: u64,
}

impl SipKey {
    pub fn new(bytes: &[u8; 16]) -> Self {
        let number = u128::from_le_bytes(*bytes);
        SipKey { low: number as u64, high: (number >> 64) as u64 }
    }

    pub fn wipe(&mut self) {
        use zeroize::Zeroize;
        self.low.zeroize();
        self.high.zeroize();
    }

    /// The form of 64 bits.
    pub fn hash(&self, text: &[u8]) -> u64 {
        let mut state = State::new(self);
        state.absorb(text);
        state.v2 ^= 0xff;
        state.rounds(4);
        state.sum()
    }

    /// The form of 128 bits.
    pub fn wide_hash(&self, text: &[u8]) -> u128 {
        let mut state = State::new(self);
        state.v1 ^= 0xee;
        state.absorb(text);
        state.v2 ^= 0xee;
        state.rounds(4);
        let low = state.sum();
        state.v1 ^= 0xdd;
        state.rounds(4);
        u128::from(low) | u128::from(state.sum()) << 64
    }
}

struct State {
    v0: u64,
    v1: u64,
    v2: u64,
    v3: u64,
}

impl State {
    fn new(key: &SipKey) -> Self {
        State {
            v0: key.low ^ 0x736f_6d65_7073_6575,
            v1: key.high ^ 0x646f_7261_6e64_6f6d,
            v2: key.low ^ 0x6c79_6765_6e65_7261,
            v3: key.high ^ 0x7465_6462_7974_6573,
        }
    }

    #[inline]
    fn absorb(&mut self, text: &[u8]) {
        let (words, rest) = text.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(into, byte)| *into = *byte);
        self.word(u64::from_le_bytes(last) | (text.len() as u64) << 56);
    }

    #[inline]
    fn word(&mut self, word: u64) {
        self.v3 ^= word;
        self.rounds(2);
        self.v0 ^= word;
    }

    #[inline]
    fn rounds(&mut self, count: usize) {
        for _ in 0..count {
            self.v0 = self.v0.wrapping_add(self.v1);
            self.v2 = self.v2.wrapping_add(self.v3);
            self.v1 = self.v1.rotate_left(13) ^ self.v0;
            self.v3 = self.v3.rotate_left(16) ^ self.v2;
            self.v0 = self.v0.rotate_left(32);
            self.v2 = self.v2.wrapping_add(self.v1);
            self.v0 = self.v0.wrapping_add(self.v3);
            self.v1 = self.v1.rotate_left(17) ^ self.v2;
            self.v3 = self.v3.rotate_left(21) ^ self.v0;
            self.v2 = self.v2.rotate_left(32);
        }
    }

    fn sum(&self) -> u64 {
        self.v0 ^ self.v1 ^ self.v2 ^ self.v3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SipKey {
        SipKey::new(&std::array::from_fn(|at| at as u8))
    }

    #[test]
    fn the_papers_example_comes_out() {
        let text: Vec<u8> = (0..15).collect();
        assert_eq!(key().hash(&text), 0xa129_ca61_49be_45e5);
        assert_eq!(key().wide_hash(b"").to_le_bytes()[..8], [0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6]);
    }

    #[test]
    #[allow(deprecated)]
    fn every_length_agrees_with_the_standard_librarys() {
        use std::hash::Hasher;
        let text: Vec<u8> = (0..100u8).map(|n| n.wrapping_mul(37)).collect();
        for length in 0..text.len() {
            let mut other = std::hash::SipHasher::new_with_keys(0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
            other.write(&text[..length]);
            assert_eq!(key().hash(&text[..length]), other.finish(), "{length} bytes");
        }
    }
}
