//! The server over a small made-up store: who gets in, and that every page can be made in every language.

mod asked;
mod done;
mod entering;
mod made;
#[path = "../../../virta-flow/tests/memory/mod.rs"]
mod memory;
mod running;
mod shown;
