//! How the memory limit is shared out.
//!
//! Rows spill to disk beyond their share, and buckets are merged as many at a time as fit. What cannot spill has a
//! share too, and an ingest that needs more of it ends with an error that says so: side tables and code lists a
//! quarter, refused rows an eighth; where less than 64 MB is asked for, of 64 MB. Persons take 16 bytes each from the
//! share of rows, and so do the claims of rows with a `row_key`, which spill as rows do.

use std::path::Path;

use crate::error::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MemoryLimit(usize);

const LEAST: usize = 64 << 20;
/// A thread's memory of persons is not made larger than this: the processor's caches would not hold it.
const PERSONS_MAX: usize = 16 << 20;
/// What a refused row takes while a file is read and when it is written, about.
const REFUSED_ROW: usize = 96;

impl MemoryLimit {
    pub(crate) fn new(bytes: usize) -> Self {
        MemoryLimit(bytes)
    }

    fn fixed(self) -> usize {
        self.0.max(LEAST)
    }

    /// Bytes of rows on their way, and as many again of rows being merged, beside side tables of this size.
    pub(crate) fn rows(self, side_tables: usize) -> usize {
        self.0.saturating_sub(side_tables) / 2
    }

    /// Bytes by which each of so many threads remembers persons.
    pub(crate) fn persons(self, threads: usize) -> usize {
        (self.0 / 32 / threads.max(1)).min(PERSONS_MAX)
    }

    /// Bytes for knowing which keys come.
    pub(crate) fn key_filter(self) -> usize {
        self.0 / 16
    }

    pub(crate) fn side_tables(self) -> usize {
        self.fixed() / 4
    }

    /// How many rows may stand in quarantine.
    pub(crate) fn refused_rows(self) -> usize {
        self.fixed() / 8 / REFUSED_ROW
    }

    /// Refuses side tables that are larger than their share.
    pub(crate) fn check_side_tables(self, bytes: usize, file: &Path) -> Result<(), Error> {
        if bytes <= self.side_tables() {
            return Ok(());
        }
        let message = format!(
            "with this file, side tables and code lists take more than a quarter of the memory limit, which is {} MB",
            self.fixed() >> 20
        );
        let fix =
            format!("raise --memory-limit to at least {}MB, or leave out rows and columns", ((bytes * 4) >> 20) + 1);
        Err(Error::settings(file, "memory", message, fix))
    }

    /// The limit that so many refused rows need, when it is more than this.
    pub(crate) fn for_refused_rows(self, rows: usize) -> Option<String> {
        (rows > self.refused_rows()).then(|| format!("{}MB", ((rows * REFUSED_ROW * 8) >> 20) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_that_an_error_names_is_enough() {
        let limit = MemoryLimit::new(64 << 20);
        let rows = limit.refused_rows() + 1;
        assert_eq!(limit.for_refused_rows(rows - 1), None);
        let named = limit.for_refused_rows(rows).unwrap();
        let megabytes: usize = named.trim_end_matches("MB").parse().unwrap();
        assert_eq!(MemoryLimit::new(megabytes << 20).for_refused_rows(rows), None);
        assert!(limit.check_side_tables(16 << 20, Path::new("a.csv")).is_ok());
        let error = limit.check_side_tables((16 << 20) + 1, Path::new("a.csv")).unwrap_err();
        assert!(error.to_string().contains("raise --memory-limit to at least 65MB"), "{error}");
    }
}
