//! What counts, and who is a member: a study made ready to run.

pub(crate) mod counting;
pub(crate) mod eligibility;
pub(crate) mod following;
pub(crate) mod plan;
pub(crate) mod qualify;
pub(crate) mod rule;
pub(crate) mod sectors;
pub(crate) mod tally;
pub(crate) mod which;
pub(crate) mod zeros;
