//! Lists of small numbers as keys that are in the order of the lists: as many numbers as fit in one, and what is left beside it.

use serde::{Deserialize, Serialize};

/// A list of numbers. A list stands before those that it begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Packed {
    head: u64,
    /// What does not fit into the head, of the few that are so long. It takes the room of one pointer.
    #[allow(clippy::redundant_allocation)]
    rest: Option<Box<Box<[u16]>>>,
}

/// How numbers below a limit are packed: each as one more than itself, the first highest, 0 where the list has ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing {
    /// Of a number.
    bits: u32,
    /// How many numbers fit.
    most: u32,
}

impl Packing {
    /// For numbers below a limit of at most 65,536.
    pub(super) fn new(limit: usize) -> Self {
        let bits = (usize::BITS - limit.leading_zeros()).max(1);
        Packing { bits, most: u64::BITS / bits }
    }

    /// Whether lists of this length fit into one number.
    pub(super) fn fits(self, length: usize) -> bool {
        length <= self.most as usize
    }

    /// The numbers that fit.
    pub(super) fn head(self, numbers: &[u16]) -> u64 {
        let mut left = self.bits * self.most;
        let mut packed = 0;
        for &number in numbers.iter().take(self.most as usize) {
            left -= self.bits;
            packed |= (u64::from(number) + 1) << left;
        }
        packed
    }

    pub(super) fn pack(self, numbers: &[u16]) -> Packed {
        let rest = numbers.get(self.most as usize..).filter(|rest| !rest.is_empty());
        Packed { head: self.head(numbers), rest: rest.map(|rest| Box::new(rest.into())) }
    }

    /// The numbers of a head.
    pub(super) fn numbers_of_head(self, head: u64) -> impl Iterator<Item = u16> {
        let mask = u64::MAX >> (u64::BITS - self.bits);
        let numbers = (0..self.most).rev().map(move |place| head >> (self.bits * place) & mask);
        numbers.take_while(|&number| number > 0).map(|number| (number - 1) as u16)
    }

    pub(super) fn numbers(self, packed: &Packed) -> impl Iterator<Item = u16> + '_ {
        let rest = packed.rest.iter().flat_map(|rest| rest.iter().copied());
        self.numbers_of_head(packed.head).chain(rest)
    }

    /// Whether it is the head of a list of numbers up to `last`.
    pub(super) fn holds_head(self, head: u64, last: u16) -> bool {
        // Nothing stands behind the end of the list, nor in the bits that are left over.
        let again = self.numbers_of_head(head).enumerate().fold(0, |packed, (place, number)| {
            packed | (u64::from(number) + 1) << (self.bits * (self.most - 1 - place as u32))
        });
        again == head && self.numbers_of_head(head).all(|number| number <= last)
    }

    /// Whether it is a list of numbers up to `last`.
    pub(super) fn holds(self, packed: &Packed, last: u16) -> bool {
        let is_full = || self.numbers_of_head(packed.head).count() == self.most as usize;
        self.holds_head(packed.head, last)
            && packed
                .rest
                .as_ref()
                .is_none_or(|rest| is_full() && !rest.is_empty() && rest.iter().all(|number| *number <= last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_lists_keep_their_numbers_and_their_order() {
        for limit in [1, 2, 31, 32, 1000, 65_535, 65_536] {
            let packing = Packing::new(limit);
            let last = (limit - 1) as u16;
            let mut lists: Vec<Vec<u16>> = vec![vec![], vec![0], vec![0; 2], vec![0; 70], vec![last]];
            lists.extend((1..9).map(|length| vec![last; length * 8]));
            lists.extend((1..70).map(|length| (0..length).map(|at| (at % 3 % limit) as u16).collect()));
            lists.sort();
            lists.dedup();
            let packed: Vec<Packed> = lists.iter().map(|list| packing.pack(list)).collect();
            assert!(packed.is_sorted_by(|a, b| a < b), "{limit}");
            for (list, packed) in lists.iter().zip(&packed) {
                assert_eq!(packing.numbers(packed).collect::<Vec<_>>(), *list);
                assert_eq!(packed.rest.is_none(), packing.fits(list.len()));
                assert!(packing.holds(packed, last));
            }
        }
    }

    #[test]
    fn what_no_list_is_packed_as_is_told() {
        let packing = Packing::new(4);
        let packed = |head, rest: Option<&[u16]>| Packed { head, rest: rest.map(|rest| Box::new(rest.into())) };
        let full = packing.head(&[3; 21]);
        assert!(packing.holds(&packed(full, Some(&[3])), 3) && packing.holds(&packed(full, None), 3));
        // A number behind the end, bits that are left over, a number too high, and a rest behind a head with room.
        for head in [1, full | 1 << 63, packing.head(&[0]) | 1] {
            assert!(!packing.holds_head(head, 3), "{head:x}");
        }
        assert!(!packing.holds(&packed(full, None), 2) && !packing.holds(&packed(full, Some(&[4])), 3));
        assert!(!packing.holds(&packed(packing.head(&[1]), Some(&[1])), 3));
        assert!(!packing.holds(&packed(full, Some(&[])), 3));
    }

    #[test]
    fn as_many_numbers_fit_as_a_number_has_room_for() {
        let most = |limit| (1..=65).take_while(|&length| Packing::new(limit).fits(length)).count();
        assert_eq!([1, 3, 31, 32, 65_535, 65_536].map(most), [64, 32, 12, 10, 4, 3]);
    }
}
