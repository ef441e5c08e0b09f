//! What the core reads: plain columns, bucket by bucket.

use virta_model::{BirthPrecision, Sex};

use crate::error::Error;
use crate::input::catalogue::Catalogue;
use crate::input::columns::{Columns, MoreColumns};
use crate::input::side::{Agreement, Answer, Assessment, ClientPlan};

/// Where clients and contacts come from: a store, or rows in memory.
///
/// Buckets are ranges of `client_id` in order (`ClientId::bucket`), so a client lies in one bucket and the buckets one
/// after another are sorted by client. The core reads several buckets at once, each at most twice (the second time
/// only for studies with percentile thresholds), and never asks for the same bucket from two threads at once.
pub trait Source: Sync {
    type Error: std::error::Error + Send + Sync + 'static;

    /// The code lists that the numbers in the columns point into.
    fn catalogue(&self) -> &Catalogue;

    fn bucket_count(&self) -> u32;

    /// The clients of a bucket, ascending by `client_id`, each once.
    ///
    /// # Errors
    /// What keeps the source from giving all of them; the run then stops. So with every other method.
    fn clients(&self, bucket: u32) -> Result<ClientColumns, Self::Error>;

    /// Hands the contacts of a bucket to `visit`, batch by batch, in the order of the store: by client, then rule 8's
    /// order (start day, start time with missing last, sequence with missing last, service, contact id). Batches may be of
    /// any size, and a client may go on in the next batch. Columns not `wanted` may be left out.
    ///
    /// # Errors
    /// What keeps the source from giving all of them, also after some batches.
    fn contacts(
        &self,
        bucket: u32,
        wanted: Columns,
        visit: &mut dyn FnMut(&ContactColumns<'_>),
    ) -> Result<(), Self::Error>;

    /// Everything that is agreed with providers, in any order. Asked for by studies with packages.
    ///
    /// # Errors
    /// What keeps the source from giving all of them.
    fn agreements(&self) -> Result<Vec<Agreement>, Self::Error> {
        Ok(Vec::new())
    }

    /// The answers of a bucket's clients, in any order. Asked for by studies with packages.
    ///
    /// # Errors
    /// What keeps the source from giving all of them.
    fn feedback(&self, _bucket: u32) -> Result<Vec<Answer>, Self::Error> {
        Ok(Vec::new())
    }

    /// The assessments of a bucket's clients, in any order. Asked for by studies with access.
    ///
    /// # Errors
    /// What keeps the source from giving all of them.
    fn assessments(&self, _bucket: u32) -> Result<Vec<Assessment>, Self::Error> {
        Ok(Vec::new())
    }

    /// The plans, responsible workers and consents of a bucket's clients, in any order. Asked for by studies with
    /// access.
    ///
    /// # Errors
    /// What keeps the source from giving all of them.
    fn plans(&self, _bucket: u32) -> Result<Vec<ClientPlan>, Self::Error> {
        Ok(Vec::new())
    }
}

/// A client's stretch of rows in a batch. It begins where the run before ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientRun {
    pub client_id: i64,
    /// One past the last row of the run in the batch.
    pub end: u32,
}

/// A batch of contacts, borrowed from wherever they were decoded.
///
/// Every column has as many rows as the last run's end says. `None`, and in `more` a column without rows, stands for one
/// that was not wanted, and also says cheaply that the whole batch has nothing there: no stays, no costs, no emergencies,
/// no times (a source can often tell from the statistics of a file without decoding it).
#[derive(Debug, Clone, Copy, Default)]
pub struct ContactColumns<'a> {
    /// The clients of the batch in order, none empty. Runs are what dictionary and run-length encoded ids decode to
    /// fastest.
    pub clients: &'a [ClientRun],
    /// Numbers in [`Catalogue::services`].
    pub service: &'a [u16],
    pub start_day: &'a [i32],
    pub is_stay: Option<&'a [bool]>,
    /// Last day, or [`NO_DAY`](crate::NO_DAY). Read for stays only.
    pub end_day: Option<&'a [i32]>,
    /// Cents, or [`NO_COST`](crate::NO_COST).
    pub cost_cents: Option<&'a [i64]>,
    pub more: MoreColumns<'a>,
}

/// The clients of a bucket. Every column has as many rows as `client_id`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientColumns {
    /// Ascending.
    pub client_id: Vec<i64>,
    /// Birth day, or [`NO_DAY`](crate::NO_DAY).
    pub birth_day: Vec<i32>,
    /// How much of the birth day is known; without a birth day, anything.
    pub birth_precision: Vec<BirthPrecision>,
    pub sex: Vec<Option<Sex>>,
    /// Numbers in [`Catalogue::municipalities`], or [`NO_CODE`](crate::NO_CODE).
    pub municipality: Vec<u16>,
    /// Numbers in [`Catalogue::languages`], or [`NO_CODE`](crate::NO_CODE).
    pub language: Vec<u16>,
    /// First observed day, or [`NO_DAY`](crate::NO_DAY).
    pub observed_from: Vec<i32>,
    /// Last observed day, or [`NO_DAY`](crate::NO_DAY) while observation goes on.
    pub observed_to: Vec<i32>,
    /// Day of death, or [`NO_DAY`](crate::NO_DAY).
    pub died_on: Vec<i32>,
}

impl ClientColumns {
    pub fn len(&self) -> usize {
        self.client_id.len()
    }

    pub fn is_empty(&self) -> bool {
        self.client_id.is_empty()
    }

    /// Whether the columns keep their contract.
    pub(crate) fn check(&self, bucket: u32) -> Result<(), Error> {
        let rows = self.client_id.len();
        let lengths = [
            self.birth_day.len(),
            self.birth_precision.len(),
            self.sex.len(),
            self.municipality.len(),
            self.language.len(),
            self.observed_from.len(),
            self.observed_to.len(),
            self.died_on.len(),
        ];
        if lengths.iter().any(|&length| length != rows) {
            return Err(Error::BrokenColumns { bucket, what: "the columns of the clients differ in length" });
        }
        if self.client_id.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(Error::BrokenColumns { bucket, what: "the clients are not sorted, or one stands there twice" });
        }
        Ok(())
    }
}
