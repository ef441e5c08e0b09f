//! Ingest through its public interface: small extracts in, tables of the store out.
// Test code: a broken assumption should stop the test at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod amounts;
mod broken_input;
mod columns;
mod drafts;
mod every_fault;
mod explain;
mod faults;
#[path = "../../../virta-store/tests/faults/mod.rs"]
mod faulty;
mod file_form;
mod identify;
mod identity;
mod known;
mod linkage;
mod memory;
mod moves;
mod mutants;
mod name_lists;
mod order;
mod people;
mod secrecy;
mod side_tables;
mod typed_cells;
mod workbooks;
mod world;
