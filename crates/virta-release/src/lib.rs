//! What leaves a store as a whole.
//!
//! - [`bundle`] makes the files of a release: every protected table as CSV and in one workbook, reports, a dictionary, how
//!   the numbers were protected, and a manifest with the hash of each. The same study gives the same bytes.
//! - [`write`](write()) puts a bundle in its folder in one step; [`Bundle::read`] takes one in only after every hash holds.
//! - [`packed`] gives a release as one file to take along.
//! - [`differences`] finds groups of people that differ from those released before by so few that the difference would
//!   tell of them.
//!
//! ```
//! use virta_release::{Group, differences};
//! use virta_model::settings::Period;
//!
//! let year = Period::year(2014).ok_or("it is a year")?;
//! let group = |name: &str, clients: Vec<i64>| Group::new("cohort", name, &year, clients);
//! let new = [group("from 18", (1..=40).collect())];
//! let earlier = [group("from 19", (4..=40).collect())];
//! let found = differences(&new, &earlier, 5);
//! assert_eq!((found[0].new, found[0].earlier), (0, 0));
//! assert!(differences(&new, &[group("from 25", (6..=40).collect())], 5).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bundle;
mod csv_table;
mod dictionary;
mod differences;
mod error;
mod folder;
mod manifest;
mod packed;
mod read;
#[cfg(test)]
mod tests;

pub use bundle::{Released, bundle};
pub use differences::{Difference, Group, differences};
pub use error::Error;
pub use folder::{File, Written, write};
pub use manifest::{Manifest, ManifestFile, ManifestPeriod, ManifestSource, ManifestTable, Policy, Titles};
pub use packed::{is_release, packed};
pub use read::Bundle;
