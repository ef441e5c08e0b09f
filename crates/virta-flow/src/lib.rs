//! The analysis core: every cohort and every table of a study in one pass over clients.
//!
//! It reads plain columns from a [`Source`], does no input or output of its own, and knows only `virta-model`.
//! [`run_into`] is the whole of it, [`run`] the same with every table in memory. Of two people who used a clinic in 2014,
//! one used two of its services:
//!
//! ```
//! use std::convert::Infallible;
//! use virta_flow::{Catalogue, ClientColumns, ClientRun, Columns, ContactColumns, RunOptions, Service, Source, run};
//! use virta_model::{Day, Sector, settings::Study};
//!
//! struct Clinic(Catalogue);
//!
//! impl Source for Clinic {
//!     type Error = Infallible;
//!     fn catalogue(&self) -> &Catalogue {
//!         &self.0
//!     }
//!     fn bucket_count(&self) -> u32 {
//!         1
//!     }
//!     // Nobody is in a client list.
//!     fn clients(&self, _: u32) -> Result<ClientColumns, Infallible> {
//!         Ok(ClientColumns::default())
//!     }
//!     fn contacts(&self, _: u32, _: Columns, visit: &mut dyn FnMut(&ContactColumns<'_>)) -> Result<(), Infallible> {
//!         visit(&ContactColumns {
//!             clients: &[ClientRun { client_id: 1, end: 2 }, ClientRun { client_id: 2, end: 3 }],
//!             service: &[1, 0, 1],
//!             start_day: &["2014-01-01", "2014-02-01", "2014-03-01"].map(|day| Day::parse_iso(day).unwrap().0),
//!             ..ContactColumns::default()
//!         });
//!         Ok(())
//!     }
//! }
//!
//! let service = |code: &str| Service {
//!     code: code.to_owned(),
//!     package: None,
//!     sector: Sector::Primary,
//!     is_emergency: false,
//!     has_stays: false,
//! };
//! let clinic = Clinic(Catalogue { services: vec![service("dentist"), service("gp")], ..Catalogue::default() });
//! let study = "[study]\nname = \"s\"\nperiod = \"2014\"\n[[cohort]]\nname = \"two\"\nmin_services = 2\n";
//! let tables = run(&Study::parse(study).unwrap(), &clinic, &RunOptions::default())?;
//! let rows = |name: &str| tables.iter().find(|table| table.schema.name == name).map(|table| table.rows());
//! assert_eq!(rows("members"), Some(1));
//! assert_eq!(rows("flows"), None, "the study does not ask for it");
//! # Ok::<(), virta_flow::Error>(())
//! ```
//!
//! # How a run goes
//! A study becomes a plan: names become numbers, the columns that nobody needs are not asked for. Every thread takes
//! bucket after bucket. A bucket's contacts and its client list are walked side by side, client by client; for each
//! period the client's contacts are cut out, added up by service (and by package, sector, unit, provider where the
//! study counts them), held against the rules of every cohort, and shown to every analysis of the study. What the
//! threads have added up is merged, and the tables are made. An analysis keeps its sums by the exact set of cohorts
//! that a client is in, so that each client is added up once however many cohorts there are.
//!
//! Nothing is kept by contact. By client and period 13 bytes are kept for rankings, and 72 and 24 for the tables of
//! combinations and paths where the study asks for them. Rows of members leave bucket by bucket.
//!
//! # What the rules mean at their edges
//! - Days of a contact: a visit has its `start_day`, whatever its `end_day`. A closed stay runs to its `end_day`. An
//!   open stay runs to the end of the client's observation (the move or death) or to the last day that its source knows
//!   of ([`Catalogue::known_to`]), whichever is first, but never ends before it began.
//! - Residence and follow-up end on the study's `observed_until`, or else on the newest day that a source of contacts
//!   knows of, and begin with the birth.
//! - Before birth an age is known and below 0: rules about ages are broken by it, tables show none.
//! - The population is decided by the age at the period's end; an unknown age is outside any range of ages. Users are
//!   those of the population with any contact in the period. Cohorts, percentiles and every table are of users (and
//!   residents) of the population.
//! - A resident has a row in the client list with anything in it and at least one observed day in the period. A missing
//!   `observed_from` or `observed_to` leaves that side open, as far as anybody is followed.
//! - A service counts by all its use in the period or window. Missing packages, units and providers count as nothing.
//! - `qualified_on` is the first day on which the use since the period's first day (or in the rolling window) reaches
//!   every threshold for enough services; a stay's days and cost are taken day by day.
//! - Members of a rolling cohort have a contact in the period, though the window may begin before it.
//! - `first_contact` and washout look at the day on which the period's first contact began, even before the period.
//! - `sectors_required` looks at all use in the period. Each required sector and each excluded cohort is a rule of its
//!   own in attrition.
//!
//! What each table means is written at the head of the analysis's file.

#[cfg(test)]
extern crate self as virta_flow;

mod analyses;
mod error;
mod hash;
mod input;
mod live;
#[cfg(test)]
#[path = "../tests/memory/mod.rs"]
mod memory;
mod pass;
mod pilots;
mod rules;
mod run;
mod shares;
#[cfg(test)]
mod tests;
mod worker;

pub use error::Error;
pub use input::catalogue::{Catalogue, Municipality, Service};
pub use input::columns::{Columns, MoreColumns, MoreRows, NO_CODE, NO_COST, NO_DAY, NO_MODE, NO_SEQUENCE, NO_TIME};
pub use input::kept::KeptSource;
pub use input::options::{Progress, RunOptions};
pub use input::pilots::{Frozen, PilotClient};
pub use input::side::{Agreement, Answer, Assessment, ClientPlan};
pub use input::source::{ClientColumns, ClientRun, ContactColumns, Source};
pub use live::{Asked, Live, Look, LookPeriod, LookStep, Person, ServiceLook, Sum, Who, look_through, needs_contacts};
pub use pass::passes::Threads;
pub use rules::rule::looks_at_contacts;
pub use run::{columns_read, run, run_into, run_shared};
pub use shares::{Piece, Step, Workers, run_share};
