//! Unpacking of bit-packed numbers, the inner loop of every decoder.

/// Unpacks `count` numbers of `width` bits each (0 to 64), lowest bits first, and hands them over eight at a time, with
/// how many of the eight count: fewer only the last time. Missing bytes at the end count as zeros.
#[inline]
pub(super) fn unpack(bytes: &[u8], width: usize, count: usize, sink: &mut impl FnMut(&[u64; 8], usize)) {
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

/// Eight numbers take up to 64 bytes; the word of the last may reach eight bytes further.
const WINDOW: usize = 80;

fn groups<const W: usize>(bytes: &[u8], count: usize, sink: &mut impl FnMut(&[u64; 8], usize)) {
    let mut rest = bytes;
    let mut left = count;
    while left >= 8 {
        // Reading in place, not from a copy: a word that is loaded over several fresh stores waits for them.
        let Some(window) = rest.first_chunk::<WINDOW>() else { break };
        sink(&eight::<W>(window), 8);
        rest = rest.get(W..).unwrap_or_default();
        left -= 8;
    }
    while left > 0 {
        let mut window = [0; WINDOW];
        for (to, from) in window.iter_mut().zip(rest.iter().take(W)) {
            *to = *from;
        }
        let now = left.min(8);
        sink(&eight::<W>(&window), now);
        rest = rest.get(W..).unwrap_or_default();
        left -= now;
    }
}

/// Eight numbers of `W` bits lie in `W` bytes.
#[inline(always)]
fn eight<const W: usize>(window: &[u8; WINDOW]) -> [u64; 8] {
    let mask = if W == 0 { 0 } else { u64::MAX >> (64 - W) };
    let mut numbers = [0; 8];
    // Plain loops: the closures of array adapters are not always compiled into their callers.
    if W <= 8 {
        // All eight lie in one word.
        let word = word_at(window, 0);
        let mut i = 0;
        while i < 8 {
            if let Some(number) = numbers.get_mut(i) {
                *number = (word >> (i * W)) & mask;
            }
            i += 1;
        }
        return numbers;
    }
    let mut i = 0;
    while i < 8 {
        let (byte, shift) = (i * W / 8, i * W % 8);
        let mut word = word_at(window, byte) >> shift;
        // A number of more than 56 bits can reach into a ninth byte.
        if W > 56
            && shift > 0
            && let Some(bits) = window.get(byte + 8)
        {
            word |= (*bits as u64) << (64 - shift);
        }
        if let Some(number) = numbers.get_mut(i) {
            *number = word & mask;
        }
        i += 1;
    }
    numbers
}

#[inline(always)]
fn word_at(window: &[u8; WINDOW], byte: usize) -> u64 {
    match window.get(byte..byte + 8).and_then(|bytes| bytes.first_chunk::<8>()) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => 0,
    }
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
            unpack(&pack(&numbers, width), width, numbers.len(), &mut |some, n| found.extend_from_slice(&some[..n]));
            prop_assert_eq!(found, numbers);
        }
    }

    #[test]
    fn missing_bytes_are_zeros() {
        let mut found = Vec::new();
        unpack(&[0xff], 4, 10, &mut |some, n| found.extend_from_slice(&some[..n]));
        assert_eq!(found, [15, 15, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
}
