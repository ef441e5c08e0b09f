//! Every table, each declared once in a file of its own: what a row is, and of each column its kind, its heading and
//! meaning in three languages, and what it is for what may leave.
//!
//! The Parquet files, the SQL schemas, the data dictionary, the report's headings, the workbook's sheets and the
//! protection of what leaves are all made from these declarations. To add a table, write its file and name it in the
//! `mod.rs` of its folder.

mod columns;
mod store;
mod study;

pub use store::*;
pub use study::*;
