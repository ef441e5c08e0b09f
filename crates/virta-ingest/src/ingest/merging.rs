//! Every touched bucket of every table, on all threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use virta_model::schema;

use super::{Ingest, Phase, Progress};
use crate::error::{Error, Result};
use crate::ledger::advice::{Advice, JoinAdvice};
use crate::ledger::linkage::{BucketCounts, Linkage};
use crate::merge::bucket::{Change, Merge};
use crate::merge::identity;
use crate::merge::naming::Named;
use crate::rows::admission::Admission;
use crate::rows::keys;
use crate::rows::layout::Layout;
use crate::rows::route::{Arranged, Router, lock};

/// Memory that encoding a bucket takes at most: a row group's columns and pages.
const ENCODER_BYTES: usize = 32 << 20;

/// What merging found.
pub(super) struct Merged {
    pub change: Change,
    pub linkage: Linkage,
    pub advice: Vec<JoinAdvice>,
}

/// A bucket on its way: who is named in the tables that are done, and how many are not.
#[derive(Default)]
struct Bucket {
    named: Mutex<Named>,
    /// Tables with rows to merge, but for client lists.
    merged: Vec<&'static str>,
    tables_left: AtomicUsize,
    /// Some table of it has rows to merge.
    is_touched: bool,
}

impl Ingest<'_> {
    /// Merges every bucket that the rows touch. The people of a bucket come after its tables, whose rows say who exists.
    pub(super) fn merge_all(&mut self, router: &Router<'_>) -> Result<Merged> {
        let merge = Merge {
            commit: self.commit,
            texts: &self.texts,
            deliveries: &self.deliveries,
            occurrences: &self.key.row_key(&["occurrence"]),
            writes: !self.options.dry_run,
            conflicts_kept: AtomicUsize::new(0),
            conflicts_max: self.memory().refused_rows() + 1,
        };
        let buckets = self.commit.base().bucket_count();
        let clients = Layout::new(&schema::CLIENTS, self.is_keyed(schema::CLIENTS.name));
        let clients_at = self.tables.iter().position(|work| work.layout.schema.name == "clients");
        let mut tasks: Vec<(usize, Option<u32>)> = Vec::new();
        for (table, work) in self.tables.iter().enumerate().filter(|(table, _)| Some(*table) != clients_at) {
            if work.layout.schema.has_clients() {
                let verdicts = router.verdicts_of(table);
                let touched = |b: &u32| {
                    work.all_buckets || router.rows(table, *b as usize) > 0 || router.rows(verdicts, *b as usize) > 0
                };
                tasks.extend((0..buckets).filter(touched).map(|bucket| (table, Some(bucket))));
            } else if work.all_buckets || router.rows(table, 0) > 0 {
                tasks.push((table, None));
            }
        }
        // Bucket by bucket, so that few are on their way at a time.
        tasks.sort_by_key(|(table, bucket)| (*bucket, *table));
        let known = Linkage::read(self.commit.base(), &self.texts)?;
        let uncounted = known.is_none() && !self.commit.base().deliveries().is_empty();
        let rereads_people = clients_at.and_then(|at| self.tables.get(at)).is_some_and(|work| work.all_buckets);
        let mut places: Vec<Bucket> = (0..buckets).map(|_| Bucket::default()).collect();
        for (at, place) in places.iter_mut().enumerate() {
            let of_bucket = tasks.iter().filter(|(_, bucket)| *bucket == Some(at as u32));
            let name = |table: usize| self.tables.get(table).map(|work| work.layout.schema.name);
            place.merged = of_bucket.filter_map(|(table, _)| name(*table)).collect();
            let tables = place.merged.len();
            let has_rows = |table: usize| router.rows(table, at) > 0 || router.rows(router.verdicts_of(table), at) > 0;
            let new_people = router.has_people(at) || clients_at.is_some_and(has_rows);
            place.is_touched = tables > 0 || new_people || rereads_people || uncounted;
            place.tables_left = AtomicUsize::new(tables);
        }
        // Buckets without a table of their own are at their people at once.
        let only_people = places.iter().enumerate().filter(|(_, place)| place.is_touched);
        let only_people = only_people.filter(|(_, place)| place.tables_left.load(Ordering::Relaxed) == 0);
        let people_alone: Vec<u32> = only_people.map(|(at, _)| at as u32).collect();
        let steps: Vec<Step> = tasks
            .into_iter()
            .map(|(table, bucket)| Step::Table(table, bucket))
            .chain(people_alone.into_iter().map(Step::People))
            .collect();

        let has_list = self.deliveries.sources_and_days().any(|(_, table, _)| table == schema::CLIENTS.name);
        let advice = Advice::new(std::mem::take(&mut self.alternates), has_list);
        let next = AtomicUsize::new(0);
        let total = Mutex::new(Change::default());
        let linkage = Mutex::new(known.unwrap_or_default());
        let failure: Mutex<Option<Error>> = Mutex::new(None);
        let admission = Admission::new(self.rows_share());
        let people = |bucket: u32| -> Result<Change> {
            let at = bucket as usize;
            let _share = admission.admit(self.working_bytes(router, clients_at, Some(bucket)));
            let Some(place) = places.get(at) else { return Ok(Change::default()) };
            let mut named = std::mem::take(&mut *lock(&place.named));
            for table in tables_of_people().filter(|table| !place.merged.contains(table)) {
                named.add_untouched(self.commit.base(), table, bucket, &self.deliveries, &merge.sources())?;
            }
            let macs = router.take_people(at);
            let take = |table: Option<usize>| table.map_or(Ok(Arranged::default()), |table| router.take(table, at));
            let (rows, verdicts) = (take(clients_at)?, take(clients_at.map(|table| router.verdicts_of(table)))?);
            let mut change = merge.people(&clients, bucket, macs, (rows.bytes, &verdicts.bytes), named)?;
            let named = std::mem::take(&mut change.named);
            lock(&linkage).buckets.insert(bucket, BucketCounts::of(&named));
            advice.look(bucket, buckets, &named);
            Ok(change)
        };
        let one = |step: &Step| -> Result<Change> {
            let (table, bucket) = match step {
                Step::People(bucket) => return people(*bucket),
                Step::Table(table, bucket) => (*table, *bucket),
            };
            let Some(work) = self.tables.get(table) else { return Ok(Change::default()) };
            let share = admission.admit(self.working_bytes(router, Some(table), bucket));
            let at = bucket.unwrap_or(0) as usize;
            let verdicts = router.take(router.verdicts_of(table), at)?;
            let mut rows = router.take(table, at)?;
            let mut change = merge.bucket(&work.layout, bucket, &mut rows, &verdicts)?;
            router.give_back(rows);
            drop(share);
            let Some(place) = bucket.and_then(|bucket| places.get(bucket as usize)) else { return Ok(change) };
            lock(&place.named).add(std::mem::take(&mut change.named));
            if place.tables_left.fetch_sub(1, Ordering::AcqRel) == 1
                && let Some(bucket) = bucket
            {
                change.add(people(bucket)?);
            }
            Ok(change)
        };
        let work = || {
            while let Some(step) = steps.get(next.fetch_add(1, Ordering::Relaxed)) {
                if lock(&failure).is_some() {
                    return;
                }
                let result =
                    if self.options.cancel.load(Ordering::Relaxed) { Err(Error::Interrupted) } else { one(step) };
                match result {
                    Ok(change) => lock(&total).add(change),
                    Err(error) => {
                        lock(&failure).get_or_insert(error);
                    }
                }
                let done = next.load(Ordering::Relaxed).min(steps.len()) as u64;
                let total = steps.len() as u64;
                (self.progress)(Progress { phase: Phase::Writing, done, total, rows: 0, file: "" });
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.max(1) {
                scope.spawn(work);
            }
        });
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let linkage = linkage.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Strangers may have their like in a bucket that nothing came into.
        let wanted = advice.wanted(buckets);
        for bucket in (0..buckets).filter(|bucket| wanted.contains(bucket)) {
            if places.get(bucket as usize).is_some_and(|place| !place.is_touched) {
                advice.look(bucket, buckets, &self.named_before(bucket, &merge.sources())?);
            }
        }
        let texts = self.texts.texts();
        let name = |source: u32| texts.get(source as usize).map_or_else(String::new, |text| text.to_string());
        let advice = advice.give(&|source| linkage.count(source), &name);
        let change = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Merged { change, linkage, advice })
    }

    /// Who stands in a bucket of the store as it is.
    fn named_before(&self, bucket: u32, sources: &[u32]) -> Result<Named> {
        let mut named = Named::default();
        for table in tables_of_people().chain(std::iter::once(schema::CLIENTS.name)) {
            named.add_untouched(self.commit.base(), table, bucket, &self.deliveries, sources)?;
        }
        named.arrange();
        Ok(named)
    }

    /// About how much memory merging a bucket takes: its rows, those that stood before, and what is being encoded.
    fn working_bytes(&self, router: &Router<'_>, table: Option<usize>, bucket: Option<u32>) -> usize {
        let Some((table, work)) = table.and_then(|table| Some((table, self.tables.get(table)?))) else { return 0 };
        let old = self.commit.base().file(work.layout.schema.name, bucket).map_or(0, |file| file.rows as usize);
        let new = router.rows(table, bucket.unwrap_or(0) as usize);
        let verdicts = router.rows(router.verdicts_of(table), bucket.unwrap_or(0) as usize);
        (2 * old + new) * work.layout.row_bytes
            + verdicts * keys::BYTES
            + ENCODER_BYTES.min((old + new) * work.layout.row_bytes)
    }

    fn is_keyed(&self, table: &str) -> bool {
        self.tables
            .iter()
            .find(|work| work.layout.schema.name == table)
            .map_or_else(|| self.commit.base().rows(&identity::name_of(table)) > 0, |work| work.layout.keyed)
    }
}

/// A piece of work.
enum Step {
    /// A table's bucket (`None`: a table without clients); the people of the bucket when it was the last of it.
    Table(usize, Option<u32>),
    /// The people of a bucket that no other table touches.
    People(u32),
}

/// Tables whose rows name people, but for client lists.
fn tables_of_people() -> impl Iterator<Item = &'static str> {
    let names = schema::STORE.iter().filter(|table| table.has_clients()).map(|table| table.name);
    names.filter(|name| *name != schema::CLIENTS.name && schema::deliverable(name).is_some())
}
