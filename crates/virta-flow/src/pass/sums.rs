//! Sums over clients: how they are added up, and put together from several workers.

use std::hash::Hash;

use serde::{Deserialize, Serialize};

use crate::hash::FastMap;
use crate::pass::groups::Remap;

/// A sum over clients. The order of adding makes no difference.
pub(crate) trait AddUp {
    fn add(&mut self, other: &Self);
}

/// Adds up a structure field by field.
macro_rules! add_up {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::pass::sums::AddUp for $name {
            #[inline]
            fn add(&mut self, other: &Self) {
                let Self { $($field),+ } = self;
                $($crate::pass::sums::AddUp::add($field, &other.$field);)+
            }
        }
    };
}
pub(crate) use add_up;

macro_rules! numbers_add_up {
    ($($number:ty),+) => {
        $(impl AddUp for $number {
            #[inline]
            fn add(&mut self, other: &Self) {
                *self += other;
            }
        })+
    };
}

numbers_add_up!(i64, u32, u64, u128);

impl<T: AddUp, const N: usize> AddUp for [T; N] {
    fn add(&mut self, other: &Self) {
        self.iter_mut().zip(other).for_each(|(here, there)| here.add(there));
    }
}

/// Place by place; what one does not have is nothing.
impl<T: AddUp + Default> AddUp for Vec<T> {
    fn add(&mut self, other: &Self) {
        self.resize_with(self.len().max(other.len()), T::default);
        self.iter_mut().zip(other).for_each(|(here, there)| here.add(there));
    }
}

impl<T: AddUp + Clone> AddUp for Option<T> {
    fn add(&mut self, other: &Self) {
        match (self, other) {
            (Some(here), Some(there)) => here.add(there),
            (here @ None, Some(_)) => here.clone_from(other),
            (_, None) => {}
        }
    }
}

impl<K: Clone + Eq + Hash, T: AddUp + Default> AddUp for FastMap<K, T> {
    fn add(&mut self, other: &Self) {
        other.iter().for_each(|(key, there)| self.entry(key.clone()).or_default().add(there));
    }
}

/// Sums by slot: a group of clients in a period. Those that nobody has been added to need not be there.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct BySlot<T>(pub(crate) Vec<T>);

impl<T: Default> BySlot<T> {
    /// The sum of a slot, made when it is first asked for.
    #[inline]
    pub(crate) fn at(&mut self, slot: usize) -> &mut T {
        at(&mut self.0, slot)
    }
}

/// The element of a place, made when it is first asked for.
#[inline]
pub(crate) fn at<T: Default>(list: &mut Vec<T>, place: usize) -> &mut T {
    if place >= list.len() {
        list.resize_with(place + 1, T::default);
    }
    &mut list[place]
}

/// What a worker has added up, whose groups have numbers of their own.
pub(crate) trait Merge {
    /// Takes in what another worker has added up.
    fn merge(&mut self, other: Self, remap: &Remap);
}

impl<T: AddUp> Merge for T {
    fn merge(&mut self, other: Self, _: &Remap) {
        self.add(&other);
    }
}

impl<T: AddUp + Default> Merge for BySlot<T> {
    fn merge(&mut self, other: Self, remap: &Remap) {
        other.0.iter().enumerate().for_each(|(slot, there)| self.at(remap.slot(slot)).add(there));
    }
}

impl<A: Merge, B: Merge> Merge for (A, B) {
    fn merge(&mut self, other: Self, remap: &Remap) {
        self.0.merge(other.0, remap);
        self.1.merge(other.1, remap);
    }
}
