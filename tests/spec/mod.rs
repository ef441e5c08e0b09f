//! Worked-out cases for every rule, on both sides of its edges.

mod access;
mod ages;
pub mod check;
mod denominators;
mod emergency;
mod flows;
mod follow_up;
mod joiners;
mod known;
mod membership;
mod order;
mod packages;
mod periods;
mod pilots;
mod ranking;
mod regions;
mod rolling;
mod tables;
mod thresholds;
mod unmeasured;

use check::{Case, check};
