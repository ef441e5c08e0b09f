//! A synthetic Finnish region: extracts as its systems would deliver them, the profiles that read them, and the answers
//! that a study of them must find.
//!
//! Nobody in it exists. The same [`RegionOptions`] give the same bytes on every machine and with any number of threads,
//! and every client is made from (seed, client) alone, so that a region of any size is written in bounded memory.
//!
//! - [`write_region`] writes the extracts, profiles, code lists, a study and `truth/`;
//! - [`write_bench`] writes one large plain file for measuring ingest.
//!
//! ```
//! use virta_synth::{RegionOptions, write_region};
//! # let dir = std::env::temp_dir().join(format!("virta-synth-doc-{}", std::process::id()));
//! let truth = write_region(&dir, &RegionOptions::new(50, 2013..=2014, 1), &|_| ()).unwrap();
//! assert_eq!(truth.periods.len(), 2);
//! # std::fs::remove_dir_all(&dir).unwrap();
//! ```

mod bench;
mod calendar;
mod contact;
mod dirt;
mod life;
mod person;
mod pilot;
mod random;
mod records;
mod region;
mod row;
mod service;
mod settings;
mod sink;
mod truth;
mod write;

use std::path::PathBuf;

pub use bench::{BenchOptions, write_bench};
pub use region::RegionOptions;
pub use truth::{FileTruth, PeriodTruth, Truth};
pub use write::{Progress, write_region};

/// Why a region could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthError {
    /// An option outside its range.
    #[error("{0}")]
    Options(&'static str),
    /// The folder already holds extracts, perhaps of another region: nothing is mixed or overwritten.
    #[error("{} is not empty: name a new folder", path.display())]
    NotEmpty { path: PathBuf },
    #[error("cannot write {}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
}
