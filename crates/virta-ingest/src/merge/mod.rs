//! What came and what stood become what stands.

pub(crate) mod bucket;
pub(crate) mod catalogue;
pub(crate) mod claims;
pub(crate) mod identity;
pub(crate) mod name_book;
pub(crate) mod naming;
pub(crate) mod people;
pub(crate) mod resolve;
