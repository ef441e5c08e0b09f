//! Identifiers.

/// A person: the first 63 bits of the keyed pseudonym, so never negative as a `BIGINT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub i64);

impl ClientId {
    /// The bucket of this client when the 63-bit range is cut into `bucket_count` equal ranges.
    ///
    /// `bucket_count` must be a power of two between 1 and 65,536; buckets in order are clients in order.
    #[inline]
    pub const fn bucket(self, bucket_count: u32) -> u32 {
        let bits = bucket_count.trailing_zeros();
        if bits == 0 { 0 } else { ((self.0 as u64) >> (63 - bits)) as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_ordered_ranges_of_the_id() {
        assert_eq!(ClientId(0).bucket(64), 0);
        assert_eq!(ClientId((1 << 57) - 1).bucket(64), 0);
        assert_eq!(ClientId(1 << 57).bucket(64), 1);
        assert_eq!(ClientId(i64::MAX).bucket(64), 63);
        assert_eq!(ClientId(i64::MAX).bucket(1), 0);
    }
}
