//! What may leave the store: which cells of a study's tables are withheld, why, and the proof that none comes back.
//!
//! [`protect`] takes the cohort tables and gives a [`ProtectedStudy`], a type that nothing else can make, so that the
//! compiler holds that a report shows disclosed tables only. Three steps:
//!
//! 1. **Primary.** A figure with fewer than k clients behind it, a cost that one or two clients make up ([`Policy`]).
//! 2. **Secondary.** Every sum among the tables is known ([`System`], [`Relation`]): rows and margins, tables that show
//!    the same people, cohorts inside cohorts, the difference to everybody. Two kinds of sums count somebody several
//!    times, the clients of all services together and the visits of all bands: what protects small groups against them
//!    is found directly. [`withhold_more`] withholds more until
//! 3. **the audit** ([`exposed`]) finds no figure that a reader could calculate. It solves for each withheld figure what
//!    else it could be, and accepts only answers that hold in whole numbers. Differences that nobody prints are figures
//!    too: fewer than k people must not stand apart by a subtraction.
//!
//! [`audit`] begins again from published tables: what is withheld is read off them, and everything else is found anew.
//!
//! ```
//! use virta_protection::{Cell, StudyTables, protect};
//! use virta_model::{Table, Value, schema};
//!
//! let mut starts = Table::new(&schema::FLOW_STARTS);
//! for (service, clients) in [("dentist", 40), ("ward", 3), ("maternity", 12)] {
//!     let (all, year) = (Value::Text("all"), Value::Text("2014"));
//!     starts.push(&[all, year, Value::Text(service), Value::Int(clients), Value::Int(0)]);
//! }
//! let study = protect(&StudyTables::new(&[starts], 5))?;
//! let table = study.table("flow_starts").ok_or("it is a table that may leave")?;
//! assert!(matches!(table.cell(0, "clients"), Some(Cell::Value(_))));
//! assert!(matches!(table.cell(1, "clients"), Some(Cell::Withheld(_))));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod audit;
mod choose;
mod disclose;
mod figures;
mod linear;
mod pilots;
mod points;
mod policy;
mod primary;
mod protected;
mod published;
mod relations;
mod simplex;
mod structure;
mod weighted;

pub use audit::{Bounds, bounds, exposed};
pub use choose::{Protection, withhold_more};
pub use disclose::{ProtectionError, StudyTables, is_read, leaves_rare_rows_out, protect};
pub use linear::{CellIndex, Need, Relation, Seen, System, SystemCell};
pub use policy::{Contributors, Policy};
pub use protected::{Cell, Datum, Log, LogEntry, ProtectedStudy, ProtectedTable, Reason};
pub use published::{Exposed, How, audit};
pub use relations::Known;
pub use structure::PERSONS;

#[cfg(test)]
mod known_answers;
#[cfg(test)]
mod pilots_tests;
#[cfg(test)]
mod published_tests;
#[cfg(test)]
mod random_studies;
