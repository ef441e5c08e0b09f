//! Every touched bucket of every table, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use virta_model::schema;

use super::{Ingest, Phase, Progress};
use crate::admission::Admission;
use crate::error::{Error, Result};
use crate::identity;
use crate::layout::Layout;
use crate::merge::{Change, Merge};
use crate::route::{Arranged, Router};

/// Memory that encoding a bucket takes at most: a row group's columns and pages.
const ENCODER_BYTES: usize = 32 << 20;

impl Ingest<'_> {
    pub(super) fn merge_all(&mut self, router: &Router<'_>) -> Result<Change> {
        let merge = Merge {
            commit: self.commit,
            texts: &self.texts,
            deliveries: &self.deliveries,
            occurrences: &self.key.row_key(&["occurrence"]),
            writes: !self.options.dry_run,
        };
        let buckets = self.commit.base().bucket_count();
        let clients = Layout::new(&schema::CLIENTS, self.is_keyed(schema::CLIENTS.name));
        let mut tasks: Vec<(Option<usize>, Option<u32>)> = Vec::new();
        for (table, work) in self.tables.iter().enumerate() {
            if work.layout.schema.name == "clients" {
                continue;
            }
            if work.layout.schema.has_clients() {
                let touched = |b: &u32| work.all_buckets || router.rows(table, *b as usize) > 0;
                tasks.extend((0..buckets).filter(touched).map(|bucket| (Some(table), Some(bucket))));
            } else if work.all_buckets || router.rows(table, 0) > 0 {
                tasks.push((Some(table), None));
            }
        }
        let clients_at = self.tables.iter().position(|work| work.layout.schema.name == "clients");
        tasks.extend((0..buckets).map(|bucket| (None, Some(bucket))));
        let next = AtomicUsize::new(0);
        let total = Mutex::new(Change::default());
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        let rereads_people = clients_at.and_then(|at| self.tables.get(at)).is_some_and(|work| work.all_buckets);
        let admission = Admission::new(self.rows_share());
        let one = |table: Option<usize>, bucket: Option<u32>| -> Result<Change> {
            let place = bucket.unwrap_or(0) as usize;
            let _share = admission.admit(self.working_bytes(router, table.or(clients_at), bucket));
            let Some(table) = table else {
                let macs = router.take_people(place);
                let rows = clients_at.map_or(Ok(Arranged::default()), |at| router.take(at, place))?.bytes;
                if macs.is_empty() && rows.is_empty() && !rereads_people {
                    return Ok(Change::default());
                }
                return merge.people(&clients, place as u32, macs, rows);
            };
            match self.tables.get(table) {
                Some(work) => merge.bucket(&work.layout, bucket, router.take(table, place)?),
                None => Ok(Change::default()),
            }
        };
        let work = || {
            while let Some((table, bucket)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                if failure.lock().unwrap_or_else(PoisonError::into_inner).is_some() {
                    return;
                }
                let result = if self.options.cancel.load(Ordering::Relaxed) {
                    Err(Error::Interrupted)
                } else {
                    one(*table, *bucket)
                };
                match result {
                    Ok(change) => total.lock().unwrap_or_else(PoisonError::into_inner).add(change),
                    Err(error) => {
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                    }
                }
                let done = next.load(Ordering::Relaxed).min(tasks.len()) as u64;
                let total = tasks.len() as u64;
                (self.progress)(Progress { phase: Phase::Writing, done, total, rows: 0, file: "" });
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.max(1) {
                scope.spawn(work);
            }
        });
        match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// About how much memory merging a bucket takes: its rows, those that stood before, and what is being encoded.
    fn working_bytes(&self, router: &Router<'_>, table: Option<usize>, bucket: Option<u32>) -> usize {
        let Some((table, work)) = table.and_then(|table| Some((table, self.tables.get(table)?))) else { return 0 };
        let old = self.commit.base().file(work.layout.schema.name, bucket).map_or(0, |file| file.rows as usize);
        let new = router.rows(table, bucket.unwrap_or(0) as usize);
        (2 * old + new) * work.layout.row_bytes + ENCODER_BYTES.min((old + new) * work.layout.row_bytes)
    }

    fn is_keyed(&self, table: &str) -> bool {
        self.tables
            .iter()
            .find(|work| work.layout.schema.name == table)
            .map_or_else(|| self.commit.base().rows(&identity::name_of(table)) > 0, |work| work.layout.keyed)
    }
}
