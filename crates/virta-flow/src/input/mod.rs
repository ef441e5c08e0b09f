//! What a run reads: columns of clients and contacts, rows of side tables, how to run.

pub(crate) mod catalogue;
pub(crate) mod client;
pub(crate) mod columns;
pub(crate) mod kept;
pub(crate) mod options;
pub(crate) mod pilots;
pub(crate) mod rows;
pub(crate) mod side;
pub(crate) mod source;
