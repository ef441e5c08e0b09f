//! SipHash-2-4: a keyed pseudorandom function for short texts.
//!
//! Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and its reference implementation for the
//! form of 128 bits. Who does not have the key can neither guess a row from its hash nor make two rows meet.

use siphasher::{sip, sip128};
use zeroize::Zeroize;

/// A key of 128 bits.
#[derive(Clone)]
pub(crate) struct SipKey {
    low: u64,
    high: u64,
}

impl SipKey {
    pub(crate) fn new(bytes: &[u8; 16]) -> Self {
        let number = u128::from_le_bytes(*bytes);
        SipKey { low: number as u64, high: (number >> 64) as u64 }
    }

    pub(crate) fn wipe(&mut self) {
        self.low.zeroize();
        self.high.zeroize();
    }

    /// The form of 64 bits.
    #[inline]
    pub(crate) fn hash(&self, text: &[u8]) -> u64 {
        sip::SipHasher24::new_with_keys(self.low, self.high).hash(text)
    }

    /// The form of 128 bits.
    #[inline]
    pub(crate) fn wide_hash(&self, text: &[u8]) -> u128 {
        let wide = sip128::SipHasher24::new_with_keys(self.low, self.high).hash(text);
        u128::from(wide.h1) | u128::from(wide.h2) << 64
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
