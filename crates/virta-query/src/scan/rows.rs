//! Row groups, one after another, as batches of the rows that pass.

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, RecordBatch};
use arrow::datatypes::{Field, Int64Type, SchemaRef};
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::metrics::{BaselineMetrics, RecordOutput, Time};
use tokio::task::yield_now;
use virta_store::ColumnReader;

use super::filter::Filter;
use super::looked::{Looked, batch, external};
use crate::files::{Origin, TableFile};

/// How rows are handed out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Rows of a batch, at most.
    pub batch_rows: usize,
    /// Rows in all, at most.
    pub rows: usize,
    /// Whether the only column is the client, and one of rows that follow one another is enough.
    pub is_once_per_client: bool,
}

/// The batches of one partition.
pub(super) struct Rows {
    origin: Origin,
    schema: SchemaRef,
    filter: Filter,
    /// The columns read: those of the schema, then those that only the filter names.
    names: Vec<String>,
    /// Places of the filter's columns among them.
    looked_at: Vec<usize>,
    /// The place of the clients, where few rows may pass: then they are read as runs.
    clients_at: Option<usize>,
    row_bytes: usize,
    files: std::vec::IntoIter<Arc<TableFile>>,
    reader: Option<ColumnReader>,
    /// The row group that is being handed out, and how many of its rows were.
    group: Option<(RecordBatch, usize)>,
    wanted: Wanted,
    /// Rows that may still come.
    left: usize,
    room: MemoryReservation,
    metrics: BaselineMetrics,
}

impl Rows {
    /// The rows of files that pass.
    pub(super) fn new(
        origin: Origin,
        schema: SchemaRef,
        filter: Filter,
        files: Vec<Arc<TableFile>>,
        wanted: Wanted,
        room: MemoryReservation,
        metrics: BaselineMetrics,
    ) -> Self {
        let mut fields: Vec<&Arc<Field>> = schema.fields().iter().collect();
        fields.extend(filter.schema().fields().iter().filter(|field| schema.index_of(field.name()).is_err()));
        let is_client = |field: &&Arc<Field>| field.name() == "client_id" && !field.is_nullable();
        let clients_at = fields.iter().position(is_client).filter(|_| !filter.is_empty());
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let row_bytes = fields.iter().map(|field| bytes_of(field)).sum();
        let place = |field: &Arc<Field>| names.iter().position(|name| name == field.name());
        let looked_at = filter.schema().fields().iter().filter_map(place).collect();
        let (files, reader, group) = (files.into_iter(), None, None);
        Rows {
            origin,
            schema,
            filter,
            names,
            looked_at,
            clients_at,
            row_bytes,
            files,
            reader,
            group,
            wanted,
            left: wanted.rows,
            room,
            metrics,
        }
    }

    /// The next batch; `None` after the last one and after an error.
    pub(super) async fn next(&mut self) -> Option<Result<RecordBatch>> {
        let next = self.batch().await.transpose();
        if !matches!(next, Some(Ok(_))) {
            self.left = 0;
        }
        next
    }

    async fn batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if self.left == 0 {
                return Ok(None);
            }
            if let Some((group, at)) = &mut self.group {
                let rows = self.wanted.batch_rows.min(group.num_rows() - *at).min(self.left);
                if rows > 0 {
                    let batch = group.slice(*at, rows);
                    *at += rows;
                    self.left -= rows;
                    return Ok(Some(batch.record_output(&self.metrics)));
                }
            }
            if !self.next_group().await? {
                return Ok(None);
            }
        }
    }

    async fn next_group(&mut self) -> Result<bool> {
        self.group = None;
        loop {
            if let Some(reader) = &mut self.reader {
                let rows = reader.next_rows();
                self.room.free();
                self.room.try_grow(rows * self.row_bytes)?;
                match rows {
                    0 => self.reader = None,
                    _ => {
                        let time = self.metrics.elapsed_compute();
                        if let Some(group) = read(reader, &self.schema, &self.filter, &self.looked_at, time).await? {
                            let group = if self.wanted.is_once_per_client { once(&group)? } else { group };
                            self.group = Some((group, 0));
                            return Ok(true);
                        }
                    }
                }
            } else {
                let Some(file) = self.files.next() else { return Ok(false) };
                let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
                let reader = file.columns(&self.origin, &names).map_err(external)?;
                self.reader = match self.clients_at {
                    Some(at) => reader.map(|reader| reader.with_runs(at)),
                    None => reader,
                };
            }
        }
    }
}

fn bytes_of(field: &Field) -> usize {
    field.data_type().primitive_width().unwrap_or(4)
}

/// The clients of a batch without those that are the same as the one before.
fn once(clients: &RecordBatch) -> Result<RecordBatch> {
    let Some(ids) = clients.columns().first().and_then(|ids| ids.as_primitive_opt::<Int64Type>()) else {
        return Ok(clients.clone());
    };
    let mut found = Vec::new();
    for id in ids.values() {
        if found.last() != Some(id) {
            found.push(*id);
        }
    }
    let rows = found.len();
    Ok(batch(&clients.schema(), vec![Arc::new(Int64Array::from(found))], rows)?)
}

/// The rows of the next row group that pass; `None` when none does.
///
/// Other questions have a turn after each column: a row group of many columns takes as long as a small question may wait.
async fn read(
    reader: &mut ColumnReader,
    schema: &SchemaRef,
    filter: &Filter,
    looked_at: &[usize],
    time: &Time,
) -> Result<Option<RecordBatch>> {
    let all = reader.next_rows();
    let mut looked = Looked::new(reader, filter.schema(), looked_at);
    let passed = filter.passes(&mut looked, time).await?;
    let some: Option<Vec<u32>> = (passed.count_set_bits() < all).then(|| passed.set_indices_u32().collect());
    let count = some.as_ref().map_or(all, Vec::len);
    let mut columns = Vec::with_capacity(schema.fields().len());
    if count > 0 {
        for (at, field) in schema.fields().iter().enumerate() {
            {
                let _timer = time.timer();
                columns.push(looked.column(at, field, some.as_deref())?);
            }
            yield_now().await;
        }
    }
    reader.pass();
    if count == 0 {
        return Ok(None);
    }
    Ok(Some(batch(schema, columns, count)?))
}
