//! Writing one Parquet file: sorted rows in, checksums of every column chunk out.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int64Type, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, RowGroupMetaData};
use parquet::file::properties::WriterProperties;
use virta_model::ClientId;

use crate::encode::{ColumnSlice, Encoder, Refused, Room};
use crate::error::{At, Error, Result};
use crate::files::{Files, WritableFile};
use crate::layout::{CHUNK_HASH_BYTES, CHUNKS_KEY, ROW_GROUP_ROWS, writer_properties};
use crate::manifest::TableFile;

/// A finished file, which is not in its place yet.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub path: PathBuf,
    pub file: TableFile,
}

/// Encodes batches into a Parquet file. The bytes depend on the rows only, never on how they were cut into batches.
pub(crate) struct FileWriter {
    table: String,
    path: PathBuf,
    schema: SchemaRef,
    client_column: Option<usize>,
    /// The only clients that may come: bucket and number of buckets.
    bucket: Option<(u32, u32)>,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    encoder: By,
    row_groups_drained: usize,
    chunk_hashes: String,
    file: Box<dyn WritableFile>,
    file_bytes: u64,
    file_hash: blake3::Hasher,
    rows: u64,
    first_client: Option<i64>,
    last_client: Option<i64>,
}

/// What makes Parquet of rows: tables with free texts or ratios are left to the Arrow writer.
enum By {
    Columns(Box<Encoder>),
    Arrow(Box<ArrowWriter<Vec<u8>>>),
}

impl By {
    fn row_groups(&self) -> &[RowGroupMetaData] {
        match self {
            By::Columns(encoder) => encoder.row_groups(),
            By::Arrow(writer) => writer.flushed_row_groups(),
        }
    }

    fn take_bytes(&mut self) -> Result<Vec<u8>, ParquetError> {
        match self {
            By::Columns(encoder) => encoder.take_bytes(),
            By::Arrow(writer) => {
                writer.sync()?;
                Ok(std::mem::take(writer.inner_mut()))
            }
        }
    }
}

impl std::fmt::Debug for FileWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileWriter").field("path", &self.path).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl FileWriter {
    pub(crate) fn create(
        files: &dyn Files,
        path: PathBuf,
        table: &str,
        schema: SchemaRef,
        order: &[&str],
        bucket: Option<(u32, u32)>,
        room: &mut Room,
    ) -> Result<Self> {
        let properties: WriterProperties = writer_properties(&schema, order);
        let encoder = match Encoder::new(&schema, properties.clone(), room).at("write", &path)? {
            Some(encoder) => By::Columns(Box::new(encoder)),
            None => {
                let writer = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties)).at("write", &path)?;
                By::Arrow(Box::new(writer))
            }
        };
        let file = files.create(&path).at("create", &path)?;
        Ok(FileWriter {
            table: table.to_owned(),
            client_column: if order.first() == Some(&"client_id") { schema.index_of("client_id").ok() } else { None },
            path,
            schema,
            bucket,
            waiting: Vec::new(),
            waiting_rows: 0,
            encoder,
            row_groups_drained: 0,
            chunk_hashes: String::new(),
            file,
            file_bytes: 0,
            file_hash: blake3::Hasher::new(),
            rows: 0,
            first_client: None,
            last_client: None,
        })
    }

    /// Adds rows after those before. Clients must come in ascending order and belong to the bucket.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut rest = self.conform(batch)?;
        if let Some(clients) = self.client_column.and_then(|at| rest.columns().get(at))
            && let Some(clients) = clients.as_primitive_opt::<Int64Type>()
        {
            let clients = clients.clone();
            self.check_clients(clients.values())?;
        }
        self.rows += rest.num_rows() as u64;
        if let By::Columns(encoder) = &mut self.encoder {
            return match encoder.write_batch(&rest) {
                Ok(()) => self.drain(),
                Err(refused) => Err(self.refused(refused)),
            };
        }
        while rest.num_rows() > 0 {
            let fitting = rest.num_rows().min(ROW_GROUP_ROWS - self.waiting_rows);
            self.waiting.push(rest.slice(0, fitting));
            self.waiting_rows += fitting;
            rest = rest.slice(fitting, rest.num_rows() - fitting);
            if self.waiting_rows == ROW_GROUP_ROWS {
                self.encode_row_group()?;
            }
        }
        Ok(())
    }

    /// Adds rows after those before, column by column.
    pub(crate) fn write_columns(&mut self, rows: usize, columns: &[ColumnSlice<'_>]) -> Result<()> {
        if let Some(ColumnSlice::Int64(clients)) = self.client_column.and_then(|at| columns.get(at)) {
            self.check_clients(clients)?;
        }
        self.rows += rows as u64;
        let By::Columns(encoder) = &mut self.encoder else {
            return Err(self.rows_error("this table is written from batches only"));
        };
        match encoder.write_columns(rows, columns) {
            Ok(()) => self.drain(),
            Err(refused) => Err(self.refused(refused)),
        }
    }

    /// Ends the file. Its bytes are written but not yet durable. What its columns took is left in `room`.
    pub(crate) fn finish(mut self, room: &mut Room) -> Result<Written> {
        if self.waiting_rows > 0 {
            self.encode_row_group()?;
        }
        let last = match &mut self.encoder {
            By::Columns(encoder) => encoder.flush(),
            By::Arrow(_) => Ok(()),
        };
        last.map_err(|refused| self.refused(refused))?;
        self.drain()?;
        let footer_at = self.file_bytes;
        let chunks = KeyValue::new(CHUNKS_KEY.to_owned(), std::mem::take(&mut self.chunk_hashes));
        match &mut self.encoder {
            By::Columns(encoder) => {
                encoder.append_metadata(chunks);
                encoder.finish().at("write", &self.path)?;
            }
            By::Arrow(writer) => {
                writer.append_key_value_metadata(chunks);
                writer.finish().at("write", &self.path)?;
            }
        }
        let footer = self.encoder.take_bytes().at("write", &self.path)?;
        let footer_blake3 = blake3::hash(&footer).to_hex().to_string();
        self.append(&footer)?;
        self.file.flush().at("write", &self.path)?;
        if let By::Columns(encoder) = self.encoder {
            encoder.leave(room);
        }
        let file = TableFile {
            bucket: self.bucket.map(|(bucket, _)| bucket),
            rows: self.rows,
            bytes: self.file_bytes,
            blake3: self.file_hash.finalize().to_hex().to_string(),
            footer_at,
            footer_blake3,
            first_client: self.first_client,
            last_client: self.last_client,
        };
        Ok(Written { path: self.path, file })
    }

    /// The same columns under the table's own schema, so that nulls are refused where it has none.
    fn conform(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let columns = self
            .schema
            .fields()
            .iter()
            .map(|field| {
                let column = batch
                    .column_by_name(field.name())
                    .ok_or_else(|| Error::NoColumn { table: self.table.clone(), column: field.name().clone() })?;
                if column.data_type() != field.data_type() {
                    return Err(Error::ColumnType {
                        table: self.table.clone(),
                        column: field.name().clone(),
                        found: column.data_type().to_string(),
                        wanted: field.data_type().to_string(),
                    });
                }
                Ok(Arc::clone(column))
            })
            .collect::<Result<Vec<_>>>()?;
        RecordBatch::try_new(self.schema.clone(), columns).map_err(|source| self.arrow(source))
    }

    fn check_clients(&mut self, clients: &[i64]) -> Result<()> {
        let mut last = self.last_client.unwrap_or(i64::MIN);
        for &client in clients {
            if client < last {
                return Err(self.rows_error("rows are not in ascending order of client_id"));
            }
            last = client;
        }
        let (Some(&first), Some(&last)) = (clients.first(), clients.last()) else { return Ok(()) };
        if let Some((bucket, count)) = self.bucket {
            let outside = |client| client < 0 || ClientId(client).bucket(count) != bucket;
            if outside(first) || outside(last) {
                return Err(self.rows_error("a client belongs to another bucket"));
            }
        }
        self.first_client.get_or_insert(first);
        self.last_client = Some(last);
        Ok(())
    }

    fn encode_row_group(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        self.waiting_rows = 0;
        let rows = match <[RecordBatch; 1]>::try_from(waiting) {
            Ok([one]) => one,
            Err(many) => concat_batches(&self.schema, &many).map_err(|source| self.arrow(source))?,
        };
        if let By::Arrow(writer) = &mut self.encoder {
            writer.write(&rows).and_then(|()| writer.flush()).at("write", &self.path)?;
        }
        self.drain()
    }

    /// Hashes the column chunks that were just encoded and moves their bytes to the file.
    fn drain(&mut self) -> Result<()> {
        if self.encoder.row_groups().len() == self.row_groups_drained && self.file_bytes > 0 {
            return Ok(());
        }
        let bytes = self.encoder.take_bytes().at("write", &self.path)?;
        for row_group in self.encoder.row_groups().iter().skip(self.row_groups_drained) {
            for column in row_group.columns() {
                let (start, length) = column.byte_range();
                let begin = start.saturating_sub(self.file_bytes) as usize;
                let chunk = bytes.get(begin..begin + length as usize).unwrap_or_default();
                let hash = blake3::hash(chunk).to_hex();
                self.chunk_hashes.extend(hash.chars().take(2 * CHUNK_HASH_BYTES));
            }
        }
        self.row_groups_drained = self.encoder.row_groups().len();
        self.append(&bytes)?;
        if let By::Columns(encoder) = &mut self.encoder {
            encoder.give_back(bytes);
        }
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file_hash.update(bytes);
        self.file_bytes += bytes.len() as u64;
        self.file.write_all(bytes).at("write", &self.path)
    }

    fn refused(&self, refused: Refused) -> Error {
        let name = |at: usize| self.schema.fields().get(at).map_or_else(String::new, |field| field.name().clone());
        match refused {
            Refused::Kind(at) => Error::NoColumn { table: self.table.clone(), column: name(at) },
            Refused::Missing(at) => Error::NullColumn { table: self.table.clone(), column: name(at) },
            Refused::Parquet(source) => Error::Parquet { path: self.path.clone(), source },
        }
    }

    fn arrow(&self, source: arrow::error::ArrowError) -> Error {
        Error::Arrow { table: self.table.clone(), source }
    }

    fn rows_error(&self, problem: &'static str) -> Error {
        let bucket = self.bucket.map_or_else(|| "all".to_owned(), |(bucket, _)| bucket.to_string());
        Error::Rows { table: self.table.clone(), bucket, problem }
    }
}
