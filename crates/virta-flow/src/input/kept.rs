//! A source that was read once: its columns stay in memory, and are read again as fast as memory is.

use std::convert::Infallible;

use rayon::prelude::*;

use crate::error::Error;
use crate::input::catalogue::Catalogue;
use crate::input::columns::{Columns, MoreRows};
use crate::input::source::{ClientColumns, ClientRun, ContactColumns, Source};

/// The clients and contacts of another source, as far as some columns tell of them. What was all missing in a batch takes no
/// memory. Side tables are not kept.
#[derive(Debug)]
pub struct KeptSource {
    catalogue: Catalogue,
    columns: Columns,
    buckets: Vec<Bucket>,
}

#[derive(Debug, Default)]
struct Bucket {
    clients: ClientColumns,
    batches: Vec<Batch>,
}

/// A batch of contacts that owns its columns; see [`ContactColumns`].
#[derive(Debug, Default)]
struct Batch {
    clients: Vec<ClientRun>,
    service: Vec<u16>,
    start_day: Vec<i32>,
    is_stay: Option<Vec<bool>>,
    end_day: Option<Vec<i32>>,
    cost_cents: Option<Vec<i64>>,
    more: MoreRows,
}

impl KeptSource {
    /// Reads a source by the threads of a pool.
    ///
    /// # Errors
    /// What the source reports.
    pub(crate) fn read<S: Source>(source: &S, columns: Columns, pool: &rayon::ThreadPool) -> Result<Self, Error> {
        // Where sources know to different days, the source of a stay says when it ends.
        let columns = Columns { source_of_stays: columns.stays, ..columns };
        let read = |bucket: u32| {
            let failed = |error: S::Error| Error::Source { bucket, source: Box::new(error) };
            let mut kept = Bucket { clients: source.clients(bucket).map_err(failed)?, batches: Vec::new() };
            source.contacts(bucket, columns, &mut |batch| kept.batches.push(Batch::of(batch))).map_err(failed)?;
            Ok(kept)
        };
        let buckets =
            pool.install(|| (0..source.bucket_count()).into_par_iter().map(read).collect::<Result<_, Error>>());
        Ok(KeptSource { catalogue: source.catalogue().clone(), columns, buckets: buckets? })
    }

    /// Whether these columns are kept.
    pub(crate) fn has(&self, columns: Columns) -> bool {
        self.columns.or(columns) == self.columns
    }

    /// Memory that contacts take, in bytes.
    pub fn bytes(&self) -> usize {
        self.buckets.iter().flat_map(|bucket| &bucket.batches).map(Batch::bytes).sum()
    }
}

fn bytes_of<T>(column: &Option<Vec<T>>) -> usize {
    column.as_ref().map_or(0, |column| size_of_val(column.as_slice()))
}

impl Batch {
    fn of(batch: &ContactColumns<'_>) -> Self {
        let mut more = MoreRows::default();
        more.append(0, &batch.more, 0, batch.service.len());
        Batch {
            clients: batch.clients.to_vec(),
            service: batch.service.to_vec(),
            start_day: batch.start_day.to_vec(),
            is_stay: batch.is_stay.map(<[_]>::to_vec),
            end_day: batch.end_day.map(<[_]>::to_vec),
            cost_cents: batch.cost_cents.map(<[_]>::to_vec),
            more,
        }
    }

    fn columns(&self) -> ContactColumns<'_> {
        ContactColumns {
            clients: &self.clients,
            service: &self.service,
            start_day: &self.start_day,
            is_stay: self.is_stay.as_deref(),
            end_day: self.end_day.as_deref(),
            cost_cents: self.cost_cents.as_deref(),
            more: self.more.columns(),
        }
    }

    fn bytes(&self) -> usize {
        size_of_val(self.clients.as_slice())
            + size_of_val(self.service.as_slice())
            + size_of_val(self.start_day.as_slice())
            + bytes_of(&self.is_stay)
            + bytes_of(&self.end_day)
            + bytes_of(&self.cost_cents)
            + self.more.columns().bytes()
    }
}

impl Source for KeptSource {
    type Error = Infallible;

    fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    fn bucket_count(&self) -> u32 {
        self.buckets.len() as u32
    }

    fn clients(&self, bucket: u32) -> Result<ClientColumns, Infallible> {
        Ok(self.buckets.get(bucket as usize).map(|bucket| bucket.clients.clone()).unwrap_or_default())
    }

    /// Gives columns that were not asked for too, as a source may.
    fn contacts(&self, bucket: u32, _: Columns, visit: &mut dyn FnMut(&ContactColumns<'_>)) -> Result<(), Infallible> {
        let batches = self.buckets.get(bucket as usize).into_iter().flat_map(|bucket| &bucket.batches);
        batches.for_each(|batch| visit(&batch.columns()));
        Ok(())
    }
}
