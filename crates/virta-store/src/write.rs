//! Writing one Parquet file: sorted rows in, checksums of every column chunk out.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int64Type, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use virta_model::ClientId;

use crate::error::{At, Error, Result};
use crate::files::{Files, WritableFile};
use crate::layout::{ROW_GROUP_ROWS, writer_properties};

/// Key of the file's metadata that holds the first 128 bits of each column chunk's BLAKE3 as hex digits, row group by
/// row group, column by column.
pub(crate) const CHUNKS_KEY: &str = "virta.chunks";
/// Bytes kept of a chunk's checksum.
pub(crate) const CHUNK_HASH_BYTES: usize = 16;

/// What a finished file is.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub path: PathBuf,
    pub rows: u64,
    pub bytes: u64,
    pub blake3: String,
    pub footer_at: u64,
    pub footer_blake3: String,
    pub first_client: Option<i64>,
    pub last_client: Option<i64>,
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
    encoder: ArrowWriter<Vec<u8>>,
    row_groups_drained: usize,
    chunk_hashes: String,
    file: Box<dyn WritableFile>,
    file_bytes: u64,
    file_hash: blake3::Hasher,
    rows: u64,
    first_client: Option<i64>,
    last_client: Option<i64>,
}

impl std::fmt::Debug for FileWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileWriter").field("path", &self.path).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl FileWriter {
    pub fn create(
        files: &dyn Files,
        path: PathBuf,
        table: &str,
        schema: SchemaRef,
        order: &[&str],
        bucket: Option<(u32, u32)>,
        metadata: Option<Vec<KeyValue>>,
    ) -> Result<Self> {
        let properties: WriterProperties =
            writer_properties(&schema, order).into_builder().set_key_value_metadata(metadata).build();
        let encoder = ArrowWriter::try_new(Vec::new(), schema.clone(), Some(properties)).at("write", &path)?;
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
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut rest = self.conform(batch)?;
        self.check_clients(&rest)?;
        self.rows += rest.num_rows() as u64;
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

    /// Ends the file. Its bytes are written but not yet durable.
    pub fn finish(mut self) -> Result<Written> {
        if self.waiting_rows > 0 {
            self.encode_row_group()?;
        }
        let footer_at = self.file_bytes + self.encoder.inner().len() as u64;
        let chunks = KeyValue::new(CHUNKS_KEY.to_owned(), std::mem::take(&mut self.chunk_hashes));
        self.encoder.append_key_value_metadata(chunks);
        self.encoder.finish().at("write", &self.path)?;
        let footer = std::mem::take(self.encoder.inner_mut());
        // Without any row group the magic number at the beginning is still in the buffer.
        let footer_begin = (footer_at - self.file_bytes) as usize;
        let footer_blake3 = blake3::hash(footer.get(footer_begin..).unwrap_or_default()).to_hex().to_string();
        self.append(&footer)?;
        self.file.flush().at("write", &self.path)?;
        Ok(Written {
            path: self.path,
            rows: self.rows,
            bytes: self.file_bytes,
            blake3: self.file_hash.finalize().to_hex().to_string(),
            footer_at,
            footer_blake3,
            first_client: self.first_client,
            last_client: self.last_client,
        })
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

    fn check_clients(&mut self, batch: &RecordBatch) -> Result<()> {
        let Some(clients) = self.client_column.and_then(|at| batch.columns().get(at)) else { return Ok(()) };
        let Some(clients) = clients.as_primitive_opt::<Int64Type>() else { return Ok(()) };
        let mut last = self.last_client.unwrap_or(i64::MIN);
        for &client in clients.values() {
            if client < last {
                return Err(self.rows_error("rows are not in ascending order of client_id"));
            }
            last = client;
        }
        let (Some(&first), Some(&last)) = (clients.values().first(), clients.values().last()) else { return Ok(()) };
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
        let encode = |encoder: &mut ArrowWriter<Vec<u8>>| -> Result<(), ParquetError> {
            encoder.write(&rows)?;
            encoder.flush()?;
            encoder.sync()?;
            Ok(())
        };
        encode(&mut self.encoder).at("write", &self.path)?;
        self.drain()
    }

    /// Hashes the column chunks that were just encoded and moves their bytes to the file.
    fn drain(&mut self) -> Result<()> {
        let bytes = std::mem::take(self.encoder.inner_mut());
        for row_group in self.encoder.flushed_row_groups().iter().skip(self.row_groups_drained) {
            for column in row_group.columns() {
                let (start, length) = column.byte_range();
                let begin = start.saturating_sub(self.file_bytes) as usize;
                let chunk = bytes.get(begin..begin + length as usize).unwrap_or_default();
                let hash = blake3::hash(chunk).to_hex();
                self.chunk_hashes.extend(hash.chars().take(2 * CHUNK_HASH_BYTES));
            }
        }
        self.row_groups_drained = self.encoder.flushed_row_groups().len();
        self.append(&bytes)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.file_hash.update(bytes);
        self.file_bytes += bytes.len() as u64;
        self.file.write_all(bytes).at("write", &self.path)
    }

    fn arrow(&self, source: arrow::error::ArrowError) -> Error {
        Error::Arrow { table: self.table.clone(), source }
    }

    fn rows_error(&self, problem: &'static str) -> Error {
        let bucket = self.bucket.map_or_else(|| "all".to_owned(), |(bucket, _)| bucket.to_string());
        Error::Rows { table: self.table.clone(), bucket, problem }
    }
}
