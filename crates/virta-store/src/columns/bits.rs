//! Unpacking of bit-packed numbers, the inner loop of every decoder.

/// Unpacks `count` numbers of `width` bits each (0 to 64), lowest bits first, and hands them over eight at a time, the
/// last time perhaps fewer. Missing bytes at the end count as zeros.
#[inline]
pub(super) fn unpack(bytes: &[u8], width: usize, count: usize, sink: &mut impl FnMut(&[u64])) {
    macro_rules! by_width {
        ($($w:literal)*) => {
            match width {
                $($w => groups::<$w>(bytes, count, sink),)*
                _ => groups::<0>(&[], count, sink),
            }
        };
    }
    by_width!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
        33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64);
}

/// Bytes that `count` numbers of `width` bits take, in whole groups of eight.
pub(super) fn packed_bytes(width: usize, count: usize) -> usize {
    count.div_ceil(8).saturating_mul(width)
}

#[inline]
fn groups<const W: usize>(bytes: &[u8], count: usize, sink: &mut impl FnMut(&[u64])) {
    let whole = if W == 0 { 0 } else { (bytes.len() / W).min(count / 8) };
    let (head, tail) = bytes.split_at_checked(whole * W).unwrap_or((bytes, &[]));
    if W > 0 {
        for group in head.chunks_exact(W) {
            sink(&eight::<W>(group));
        }
    }
    let mut left = count - whole * 8;
    let mut tail = tail.chunks(W.max(1));
    while left > 0 {
        let numbers = eight::<W>(tail.next().unwrap_or_default());
        let now = left.min(8);
        sink(numbers.get(..now).unwrap_or_default());
        left -= now;
    }
}

/// Eight numbers of `W` bits lie in `W` bytes.
#[inline(always)]
fn eight<const W: usize>(group: &[u8]) -> [u64; 8] {
    // Room for a whole load at the byte of the last number.
    let mut padded = [0_u8; 80];
    if let Some(room) = padded.get_mut(..group.len().min(W)) {
        room.copy_from_slice(group.get(..group.len().min(W)).unwrap_or_default());
    }
    let mask = u64::MAX.checked_shr(64 - W as u32).unwrap_or(0);
    std::array::from_fn(|i| {
        let (byte, shift) = (i * W / 8, i * W % 8);
        let word = match padded.get(byte..byte + 8).and_then(|word| word.first_chunk::<8>()) {
            Some(word) => u64::from_le_bytes(*word) >> shift,
            None => 0,
        };
        // A number of more than 56 bits can reach into a ninth byte.
        let beyond = match padded.get(byte + 8) {
            Some(byte) if W > 56 && shift > 0 => u64::from(*byte) << (64 - shift),
            _ => 0,
        };
        (word | beyond) & mask
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pack(numbers: &[u64], width: usize) -> Vec<u8> {
        let mut bytes = vec![0; packed_bytes(width, numbers.len())];
        for (i, number) in numbers.iter().enumerate() {
            for bit in (0..width).filter(|bit| number >> bit & 1 == 1) {
                bytes[(i * width + bit) / 8] |= 1 << ((i * width + bit) % 8);
            }
        }
        bytes
    }

    proptest! {
        #[test]
        fn numbers_come_out_as_they_went_in(width in 0_usize..=64, numbers in prop::collection::vec(any::<u64>(), 0..70)) {
            let mask = if width == 0 { 0 } else { u64::MAX >> (64 - width) };
            let numbers: Vec<u64> = numbers.iter().map(|n| n & mask).collect();
            let mut found = Vec::new();
            unpack(&pack(&numbers, width), width, numbers.len(), &mut |some| found.extend_from_slice(some));
            prop_assert_eq!(found, numbers);
        }
    }

    #[test]
    fn missing_bytes_are_zeros() {
        let mut found = Vec::new();
        unpack(&[0xff], 4, 10, &mut |some| found.extend_from_slice(some));
        assert_eq!(found, [15, 15, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
