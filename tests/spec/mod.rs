//! Worked-out cases for every rule, on both sides of its edges.

mod check;
mod periods;

use check::{Case, check};
