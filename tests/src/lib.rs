//! What the specification tests stand on: little worlds written as text tables, and a naive oracle.
//!
//! The oracle computes every cohort table of a study the plainest way there is: lists of structs, loops over days,
//! ordered maps. It shares the settings' types and [`virta_model::Day`] with the program and nothing else, so that a mistake in the
//! core is not repeated here. Agreement is not correctness: the worked-out cases in `spec` are the last word.

// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod memory;
pub mod needs;
pub mod oracle;
pub mod shares;
pub mod text;
pub mod world;

pub use oracle::{Cell, Tables};
pub use text::TextTable;
pub use world::{Agreement, Answer, Assessment, Client, ClientPlan, Contact, PilotRow, Service, World};
