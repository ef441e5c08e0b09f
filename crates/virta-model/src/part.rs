//! Large tables on their way from an analysis to whoever keeps them.
//!
//! A table with a row for each member is never held whole: an analysis hands it over part by part.

use std::error::Error;

use crate::table::Table;

/// Takes large tables part by part.
pub trait PartSink: Sync {
    /// Takes the rows of `number`, counted from 0 for each table without a gap. Parts come from any thread and in any
    /// order; the table is the parts in the order of their numbers. A table without rows comes as one part without
    /// rows.
    ///
    /// # Errors
    /// Whatever keeps the sink from keeping them; the run that makes them then stops.
    fn part(&self, number: u32, part: Table) -> Result<(), Box<dyn Error + Send + Sync>>;
}
