//! The core in shares: what several machines do, on one.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::ops::Range;
use std::sync::Mutex;

use virta_flow::{Error, Piece, RunOptions, Step, Threads, Workers, run_into, run_share, run_shared};
use virta_model::settings::Study;
use virta_model::{PartSink, Table};

use crate::memory::Memory;

/// Everything that a run gives: its tables, and the parts that went to its sink by table and number.
#[derive(Debug, Default, PartialEq)]
pub struct Whole {
    pub tables: Vec<Table>,
    pub parts: BTreeMap<(&'static str, u32), Table>,
}

impl Whole {
    /// # Errors
    /// Those of [`run_into`].
    pub fn run(study: &Study, source: &Memory, options: &RunOptions<'_>) -> Result<Whole, Error> {
        let parts = Parts::default();
        let tables = run_into(study, source, options, &parts)?;
        Ok(parts.with(tables))
    }

    /// # Errors
    /// Those of [`run_shared`].
    pub fn shared(
        study: &Study,
        source: &Memory,
        options: &RunOptions<'_>,
        workers: &mut dyn Workers,
    ) -> Result<Whole, Error> {
        let parts = Parts::default();
        let tables = run_shared(study, source, options, &parts, workers)?;
        Ok(parts.with(tables))
    }
}

#[derive(Debug, Default)]
struct Parts(Mutex<BTreeMap<(&'static str, u32), Table>>);

impl Parts {
    fn with(self, tables: Vec<Table>) -> Whole {
        Whole { tables, parts: self.0.into_inner().unwrap() }
    }
}

impl PartSink for Parts {
    fn part(&self, number: u32, part: Table) -> Result<(), Box<dyn StdError + Send + Sync>> {
        let before = self.0.lock().unwrap().insert((part.schema.name, number), part);
        assert!(before.is_none(), "a part came twice");
        Ok(())
    }
}

/// Workers that go through ranges of buckets one after another, and hand over what `mend` makes of the shares.
pub struct InTurn<'a, F> {
    pub study: &'a Study,
    pub source: &'a Memory,
    pub options: &'a RunOptions<'a>,
    pub ranges: Vec<Range<u32>>,
    pub mend: F,
}

impl<F> std::fmt::Debug for InTurn<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InTurn").field("ranges", &self.ranges).finish_non_exhaustive()
    }
}

impl<F: FnMut(&Step, Vec<Vec<Piece>>) -> Vec<Vec<Piece>>> Workers for InTurn<'_, F> {
    fn work(&mut self, step: &Step, take: &mut dyn FnMut(Vec<Piece>) -> Result<(), Error>) -> Result<(), Error> {
        // The step goes the way that it goes to other machines.
        let sent = Step::from_bytes(&step.to_bytes())?;
        let threads = Threads::new(self.options.threads)?;
        let share = |buckets: &Range<u32>| {
            let mut pieces = Vec::new();
            let mut keep = |piece: Piece| {
                assert!(piece.bytes.len() <= Piece::BYTES_MAX);
                pieces.push(piece);
                Ok(())
            };
            run_share(self.study, self.source, self.options, &threads, &sent, buckets.clone(), &mut keep)?;
            Ok(pieces)
        };
        let shares = self.ranges.iter().map(share).collect::<Result<Vec<_>, Error>>()?;
        (self.mend)(step, shares).into_iter().try_for_each(take)
    }
}

/// So many ranges of about the same number of buckets; fewer where there are not so many buckets.
#[must_use]
pub fn ranges(buckets: u32, count: u32) -> Vec<Range<u32>> {
    let ends = (0..=count).map(|at| (u64::from(buckets) * u64::from(at) / u64::from(count)) as u32);
    let ends: Vec<u32> = ends.collect();
    ends.windows(2).map(|pair| pair[0]..pair[1]).filter(|range| !range.is_empty()).collect()
}
