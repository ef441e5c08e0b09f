//! `virta sql` in a program without the SQL engine: it says how to get one.

use crate::args::{Common, SqlArgs};
use crate::failure::Failure;
use crate::output::Output;

/// Refuses, naming the way to a program that can.
///
/// # Errors
/// Always: this program has no SQL engine.
pub(crate) fn run(_: &SqlArgs, _: &Common, _: &mut Output) -> Result<(), Failure> {
    Err(Failure::refused("this program was built without the SQL engine")
        .fix("build it with the feature sql, which is on by default: cargo build --release; or read the files that `virta paths STORE --duckdb` lists with DuckDB"))
}
