//! Worked-out cases for every rule, on both sides of its edges.

mod ages;
pub mod check;
mod denominators;
mod emergency;
mod flows;
mod membership;
mod periods;
mod pilots;
mod ranking;
mod rolling;
mod tables;
mod thresholds;

use check::{Case, check};
