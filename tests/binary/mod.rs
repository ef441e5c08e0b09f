//! The binary as a user runs it: arguments in, exit codes, texts and files out.

mod demo;
mod expected;
mod faults;
mod interrupted;
mod order;
mod pilots;
mod questions;
mod real;
mod runner;
mod small;
mod sql;
mod truth;
mod usage;
