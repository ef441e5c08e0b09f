//! Rows on their way: packed, with their identity, through memory and spill files.

pub(crate) mod admission;
pub(crate) mod columns;
pub(crate) mod intern;
pub(crate) mod keys;
pub(crate) mod layout;
pub(crate) mod maker;
pub(crate) mod memory;
pub(crate) mod pack;
pub(crate) mod route;
pub(crate) mod shape;
pub(crate) mod siphash;
pub(crate) mod sorting;
pub(crate) mod stored;
