//! Worked-out cases for every rule, on both sides of its edges.

mod access;
mod adoption;
mod ages;
pub(crate) mod check;
mod co_use;
mod continuity;
mod denominators;
mod emergency;
mod episodes;
mod flows;
mod follow_up;
mod funnel;
mod joiners;
mod known;
mod membership;
mod order;
mod packages;
mod pathways;
mod periods;
mod pilots;
mod ranking;
mod regions;
mod rolling;
mod sectors;
mod tables;
mod thresholds;
mod unmeasured;

use check::{Case, check};
