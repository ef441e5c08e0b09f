//! Result tables on their way to disk: each part becomes a row group, encoded by the thread that made it and appended
//! in order.
//!
//! The Arrow writer looks every text of every row up anew. Here the rows already are numbers into a list of distinct
//! texts, which is what a Parquet dictionary is.

mod encode;
mod thrift;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataWriter, RowGroupMetaData, RowGroupMetaDataBuilder,
};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::SchemaDescPtr;
use virta_model::Table;
use virta_model::schema::TableSchema;

use self::encode::{Chunk, encode};
use crate::error::{At, Error, Result};
use crate::files::{Files, WritableFile};
use crate::layout::{CHUNK_HASH_BYTES, CHUNKS_KEY, arrow_schema};
use crate::manifest::TableFile;
use crate::write::Written;

const MAGIC: &[u8; 4] = b"PAR1";

/// One Parquet file that is made of parts.
pub(crate) struct PartFile {
    schema: &'static TableSchema,
    path: PathBuf,
    descriptor: SchemaDescPtr,
    metadata: Vec<KeyValue>,
    tail: Mutex<Tail>,
}

impl std::fmt::Debug for PartFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The end of the file, where the next part goes.
struct Tail {
    file: Box<dyn WritableFile>,
    bytes: u64,
    hash: blake3::Hasher,
    row_groups: Vec<RowGroupMetaData>,
    chunk_hashes: String,
    rows: u64,
    next: u32,
    /// Parts that came before their turn.
    waiting: BTreeMap<u32, RowGroup>,
}

/// An encoded part.
struct RowGroup {
    rows: usize,
    bytes: Vec<u8>,
    chunks: Vec<Chunk>,
    /// Of each chunk, as hex digits.
    hashes: String,
}

impl PartFile {
    pub(crate) fn create(
        files: &dyn Files,
        path: PathBuf,
        schema: &'static TableSchema,
        mut metadata: Vec<KeyValue>,
    ) -> Result<Self> {
        let arrow = arrow_schema(schema);
        let descriptor = ArrowSchemaConverter::new().convert(&arrow).at("write", &path)?;
        // The types of the columns for readers that know Arrow.
        let mut properties = WriterProperties::builder().build();
        add_encoded_arrow_schema_to_metadata(&arrow, &mut properties);
        metadata.extend(properties.key_value_metadata().into_iter().flatten().cloned());
        let mut tail = Tail {
            file: files.create(&path).at("create", &path)?,
            bytes: 0,
            hash: blake3::Hasher::new(),
            row_groups: Vec::new(),
            chunk_hashes: String::new(),
            rows: 0,
            next: 0,
            waiting: BTreeMap::new(),
        };
        tail.append(MAGIC).at("write", &path)?;
        Ok(PartFile { schema, path, descriptor: descriptor.into(), metadata, tail: Mutex::new(tail) })
    }

    /// Takes a part, from any thread and in any order.
    pub(crate) fn write(&self, number: u32, part: &Table) -> Result<()> {
        let encoded = self.encode(part)?;
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.waiting.insert(number, encoded);
        loop {
            let next = tail.next;
            let Some(encoded) = tail.waiting.remove(&next) else { return Ok(()) };
            tail.next += 1;
            if encoded.rows > 0 {
                self.append(&mut tail, &encoded)?;
            }
        }
    }

    /// Ends the file. Its bytes are written but not yet durable.
    pub(crate) fn finish(self) -> Result<Written> {
        let mut tail = self.tail.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !tail.waiting.is_empty() {
            let (table, bucket) = (self.schema.name.to_owned(), "all".to_owned());
            return Err(Error::Rows { table, bucket, problem: "a part before another never came" });
        }
        let mut metadata = self.metadata;
        metadata.push(KeyValue::new(CHUNKS_KEY.to_owned(), std::mem::take(&mut tail.chunk_hashes)));
        // A fixed name: another version of the program must give the same bytes.
        let file = FileMetaData::new(
            1,
            tail.rows as i64,
            Some("virta".to_owned()),
            Some(metadata),
            self.descriptor.clone(),
            None,
        );
        let whole = ParquetMetaData::new(file, std::mem::take(&mut tail.row_groups));
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &whole).finish().at("write", &self.path)?;
        let footer_at = tail.bytes;
        tail.append(&footer).and_then(|()| tail.file.flush()).at("write", &self.path)?;
        let file = TableFile {
            bucket: None,
            rows: tail.rows,
            bytes: tail.bytes,
            blake3: tail.hash.finalize().to_hex().to_string(),
            footer_at,
            footer_blake3: blake3::hash(&footer).to_hex().to_string(),
            first_client: None,
            last_client: None,
        };
        Ok(Written { path: self.path, file })
    }

    fn encode(&self, part: &Table) -> Result<RowGroup> {
        let rows = part.rows();
        let mut row_group = RowGroup { rows, bytes: Vec::new(), chunks: Vec::new(), hashes: String::new() };
        if rows == 0 {
            return Ok(row_group);
        }
        let fits = part.schema == self.schema && part.columns.len() == self.schema.columns.len();
        if !fits || part.columns.iter().any(|column| column.len() != rows) {
            return Err(self.strange("a part has other columns than its table"));
        }
        for (column, named) in part.columns.iter().zip(self.schema.columns) {
            let chunk = encode(column, named, &mut row_group.bytes).map_err(|problem| self.strange(problem))?;
            let bytes = row_group.bytes.get(chunk.range.clone()).unwrap_or_default();
            row_group.hashes.extend(blake3::hash(bytes).to_hex().chars().take(2 * CHUNK_HASH_BYTES));
            row_group.chunks.push(chunk);
        }
        Ok(row_group)
    }

    fn append(&self, tail: &mut Tail, encoded: &RowGroup) -> Result<()> {
        let begin = tail.bytes;
        let row_group = self.row_group(begin, encoded, tail.row_groups.len()).at("write", &self.path)?;
        tail.chunk_hashes.push_str(&encoded.hashes);
        tail.append(&encoded.bytes).at("write", &self.path)?;
        tail.rows += encoded.rows as u64;
        tail.row_groups.push(row_group);
        Ok(())
    }

    fn row_group(&self, begin: u64, encoded: &RowGroup, ordinal: usize) -> Result<RowGroupMetaData, ParquetError> {
        let mut row_group: RowGroupMetaDataBuilder = RowGroupMetaData::builder(self.descriptor.clone())
            .set_num_rows(encoded.rows as i64)
            .set_total_byte_size(encoded.bytes.len() as i64)
            .set_file_offset(begin as i64);
        // The format has 16 bits for it; who has more row groups goes without.
        if let Ok(ordinal) = i16::try_from(ordinal) {
            row_group = row_group.set_ordinal(ordinal);
        }
        for (chunk, column) in encoded.chunks.iter().zip(self.descriptor.columns()) {
            row_group = row_group.add_column_metadata(chunk.metadata(begin, encoded.rows, column.clone())?);
        }
        row_group.build()
    }

    fn strange(&self, problem: &'static str) -> Error {
        Error::Rows { table: self.schema.name.to_owned(), bucket: "all".to_owned(), problem }
    }
}

impl Tail {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        self.file.write_all(bytes)
    }
}
