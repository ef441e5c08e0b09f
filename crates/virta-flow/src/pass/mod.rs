//! Passing over the clients: from batches to one client in one period, and what is kept on the way.

pub(crate) mod client_period;
pub(crate) mod costs;
pub(crate) mod gathered;
pub(crate) mod groups;
pub(crate) mod membership;
pub(crate) mod part_output;
pub(crate) mod passes;
pub(crate) mod percentiles;
pub(crate) mod reading;
pub(crate) mod side_tables;
pub(crate) mod sums;
pub(crate) mod totals;
