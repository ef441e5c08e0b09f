//! What must hold of a whole region, and of the settings under fixtures/.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod fixtures;
mod region;
