//! The binary as a user runs it: arguments in, exit codes, texts and files out.

mod clinic;
mod demo;
mod disk;
mod expected;
mod faults;
mod interrupted;
mod kills;
mod known;
mod one_date;
mod order;
mod people;
mod pilots;
mod quality;
mod questions;
mod ready_profiles;
mod real;
mod releases;
mod runner;
mod secrecy;
mod small;
mod sql;
mod study_page;
mod truth;
mod usage;
mod wheels;
mod writers;
