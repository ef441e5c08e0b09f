//! From texts to values: dates, numbers, versions, pseudonyms; what cannot be.

pub(crate) mod alternates;
pub(crate) mod date;
pub(crate) mod flag;
pub(crate) mod number;
pub(crate) mod plausible;
pub(crate) mod pseudonym;
pub(crate) mod version;
