//! What may leave the store: small counts withheld, all others rounded at random but always alike, amounts to a step set
//! by their largest client, everything else made from rounded numbers.
//!
//! [`protect`] takes a study's tables and gives a [`ProtectedStudy`], a type that nothing else can make, so that the
//! compiler holds that reports and releases show protected tables only. What a column is, and which rows a table may
//! have, is declared with the table ([`Role`](virta_model::schema::Role), [`Leaves`](virta_model::schema::Leaves)); one
//! look at each cell is enough:
//!
//! 1. A count of fewer than k clients is withheld; what is 0 by definition, whoever the clients are, is 0. Others become a multiple of `round_to`, up or down by how near it is;
//!    a [`Secret`] of the project decides, so that the same number looks the same everywhere.
//! 2. Amounts need k clients of whom none makes up nearly all; they are rounded to a fifth of the largest client's part.
//! 3. Rates, shares, means and curves come from rounded numbers, or have the digits that those support. Quantiles need k
//!    clients on either side.
//! 4. A cohort, segment or pilot of fewer than k clients in a period has one row that says so.
//! 5. Sparse tables are made coarser: last classes together, hours in blocks, small places as one.
//!
//! ```
//! use virta_model::{Table, Value, schema};
//! use virta_protection::{Cell, Datum, Policy, Secret, StudyTables, protect};
//!
//! let mut starts = Table::new(&schema::FLOW_STARTS);
//! for (service, clients) in [("dentist", 40), ("ward", 3), ("maternity", 12)] {
//!     let (all, year) = (Value::Text("all"), Value::Text("2014"));
//!     starts.push(&[all, year, Value::Text(service), Value::Int(clients), Value::Int(0)]);
//! }
//! let tables = [starts];
//! let study = protect(&StudyTables::new(&tables, Policy::default(), Secret::new([7; 32])))?;
//! let table = study.table("flow_starts").ok_or("it is a table that may leave")?;
//! assert_eq!(table.cell(0, "clients"), Some(&Cell::Value(Datum::Int(40))));
//! assert_eq!(table.rows().len(), 2);
//! assert!(table.has_rows_left_out());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cells;
mod contributors;
mod curve;
mod error;
mod groups;
mod pilots;
mod policy;
mod pool;
mod protect;
mod protected;
mod reason;
mod row;
mod rows;
mod zeros;

pub use contributors::Contributors;
pub use error::ProtectionError;
pub use policy::{Policy, Secret};
pub use protect::{StudyTables, is_read, leaves_rare_rows_out, protect};
pub use protected::{Cell, Datum, Fullness, Log, LogEntry, Pooled, ProtectedStudy, ProtectedTable};
pub use reason::Reason;
pub use row::Row;
