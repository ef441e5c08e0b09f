//! Which keys rows of several clients claim: found before rows are settled client by client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Ingest;
use crate::error::{Error, Result};
use crate::merge::claims;
use crate::merge::identity;
use crate::profile::sources::DeliveredFile;
use crate::rows::keys::{KeyFilter, PARTITIONS};
use crate::rows::layout::Layout;
use crate::rows::route::Router;

/// Bytes of a delivered file for which one key is expected: a row has more.
const BYTES_PER_KEY: u64 = 8;

impl Ingest<'_> {
    /// Has the router remember which keys come, for tables of which keys are known already.
    pub(super) fn expect_keys(&self, files: &[(usize, DeliveredFile)], router: &mut Router<'_>) {
        let bytes: u64 = files.iter().map(|(_, file)| file.bytes).sum();
        for (table, work) in self.tables.iter().enumerate() {
            if work.layout.keyed && self.commit.base().rows(&identity::name_of(work.layout.schema.name)) > 0 {
                router.expect_keys(table, KeyFilter::new(bytes / BYTES_PER_KEY, self.memory().key_filter()));
            }
        }
    }

    /// Tells each client's bucket the verdicts on keys that other clients claim too.
    pub(super) fn settle_keys(&self, router: &Router<'_>) -> Result<()> {
        let buckets = self.commit.base().bucket_count();
        for (table, work) in self.tables.iter().enumerate() {
            let claims = router.claims_of(table);
            if (0..PARTITIONS).all(|partition| router.rows(claims, partition) == 0) {
                continue;
            }
            if let Some(filter) = router.expected_keys(table) {
                self.remember_claims(router, table, &work.layout, filter)?;
            }
            self.each(PARTITIONS, &|partition| claims::settle(router, table, partition, &self.deliveries, buckets))?;
        }
        Ok(())
    }

    /// The claims of earlier ingests on keys that came again.
    fn remember_claims(&self, router: &Router<'_>, table: usize, layout: &Layout, filter: &KeyFilter) -> Result<()> {
        let (base, shape) = (self.commit.base(), Arc::new(claims::full_shape()));
        let name = identity::name_of(layout.schema.name);
        let files = base.files(&name);
        self.each(files.len(), &|at| {
            let Some(file) = files.get(at) else { return Ok(()) };
            identity::claims(base, &name, file.bucket, &self.deliveries, filter, &mut |claims| {
                router.push_all(router.claims_of(table), &shape, claims)?;
                router.relieve()
            })
        })
    }

    /// Does tasks on all threads, until one fails.
    fn each(&self, tasks: usize, task: &(dyn Fn(usize) -> Result<()> + Sync)) -> Result<()> {
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        let work = || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= tasks || failure.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                    return;
                }
                let is_cancelled = self.options.cancel.load(Ordering::Relaxed);
                if let Err(error) = if is_cancelled { Err(Error::Interrupted) } else { task(at) } {
                    failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.max(1) {
                scope.spawn(work);
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}
