//! Long lists that travel as bytes of their own: numbers of as few bytes as they need, without the format's call for each
//! field.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// A list that is written as numbers.
pub(crate) trait Numbers: Sized {
    fn write(&self, to: &mut Writer);

    /// `None` where the bytes say no such list.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// For `#[serde(with)]`.
pub(crate) fn serialize<S: Serializer>(list: &impl Numbers, serializer: S) -> Result<S::Ok, S::Error> {
    let mut to = Writer::default();
    list.write(&mut to);
    serializer.serialize_bytes(&to.0)
}

/// For `#[serde(with)]`.
pub(crate) fn deserialize<'de, T: Numbers, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Bytes<T>(PhantomData<T>);
    impl<T: Numbers> Visitor<'_> for Bytes<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of numbers")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
            let mut from = Reader(bytes);
            let list = T::read(&mut from);
            list.filter(|_| from.0.is_empty()).ok_or_else(|| E::custom("the numbers are of another list"))
        }
    }
    deserializer.deserialize_bytes(Bytes(PhantomData))
}

/// Numbers become bytes: seven bits each, the lowest first, and above them whether more follow.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    #[inline]
    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    #[inline]
    pub(crate) fn put(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    /// A number of either sign; what lies near 0 takes few bytes.
    #[inline]
    pub(crate) fn put_signed(&mut self, number: i64) {
        self.put((number << 1 ^ number >> 63) as u64);
    }
}

/// Bytes become numbers.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    #[inline]
    pub(crate) fn take(&mut self) -> Option<u64> {
        let first = self.byte()?;
        if first < 0x80 { Some(first.into()) } else { self.take_behind(first) }
    }

    /// The number that begins with a byte that others follow.
    fn take_behind(&mut self, first: u8) -> Option<u64> {
        let mut number = u64::from(first & 0x7f);
        for shift in (7..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    #[inline]
    pub(crate) fn take_signed(&mut self) -> Option<i64> {
        self.take().map(|number| (number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number that is no larger than its type has room for.
    #[inline]
    pub(crate) fn take_as<T: TryFrom<u64>>(&mut self) -> Option<T> {
        T::try_from(self.take()?).ok()
    }

    /// The next number as the length of a list, and a list with room for what the bytes can fill of it.
    pub(crate) fn take_list<T>(&mut self) -> Option<(u64, Vec<T>)> {
        let length = self.take()?;
        let room = usize::try_from(length).map_or(self.0.len(), |length| length.min(self.0.len()));
        Some((length, Vec::with_capacity(room)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_and_sign_come_back() {
        let mut to = Writer::default();
        let numbers = (0..64).flat_map(|shift| [1u64 << shift, (1 << shift) - 1, !0 << shift]);
        numbers.clone().for_each(|number| to.put(number));
        numbers.clone().for_each(|number| to.put_signed(number as i64));
        let mut from = Reader(&to.0);
        assert!(numbers.clone().all(|number| from.take() == Some(number)));
        assert!(numbers.clone().all(|number| from.take_signed() == Some(number as i64)));
        assert_eq!(from.take(), None);
    }

    #[test]
    fn what_is_no_number_is_told() {
        let last = |byte| [vec![0xff; 9], vec![byte]].concat();
        assert_eq!(Reader(&last(1)).take(), Some(u64::MAX));
        for bytes in [vec![], vec![0x80], last(2), last(0x81), vec![0x80; 11]] {
            assert_eq!(Reader(&bytes).take(), None, "{bytes:x?}");
        }
        assert_eq!(Reader(&[0xff, 0xff, 3]).take_as::<u16>(), Some(u16::MAX));
        assert_eq!(Reader(&[0x80, 0x80, 4]).take_as::<u16>(), None);
        // A length that the bytes do not bear out takes no room.
        let (length, list) = Reader(&last(1)).take_list::<u64>().unwrap();
        assert_eq!((length, list.capacity()), (u64::MAX, 0));
    }
}
