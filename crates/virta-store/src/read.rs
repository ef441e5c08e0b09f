//! Verified reading: only the column chunks that are asked for are read, and each is checked before it is decoded.

use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::RecordBatch;
use bytes::{Buf, Bytes};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::{ChunkReader, Length};

use crate::error::{At, Error, Result};
use crate::layout::{CHUNK_HASH_BYTES, CHUNKS_KEY};
use crate::manifest::TableFile;
use crate::verified;

/// Rows of a batch.
const BATCH_ROWS: usize = 8 * 1024;

/// The batches of one file; see [`Snapshot::read`](crate::Snapshot::read).
#[derive(Debug)]
pub struct Batches {
    source: Option<Source>,
}

#[derive(Debug)]
struct Source {
    table: String,
    file: CheckedFile,
    metadata: ArrowReaderMetadata,
    /// Positions in the file, ascending.
    leaves: Vec<usize>,
    /// For each column asked for, its place among `leaves`.
    order: Vec<usize>,
    row_group: usize,
    reader: Option<RowGroupReader>,
}

struct RowGroupReader(ParquetRecordBatchReader);

impl std::fmt::Debug for RowGroupReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowGroupReader")
    }
}

impl Batches {
    pub(crate) fn empty() -> Self {
        Batches { source: None }
    }

    pub(crate) fn open(path: &Path, table: &str, entry: &TableFile, columns: Option<&[&str]>) -> Result<Self> {
        let file = CheckedFile::open(path, entry)?;
        let metadata =
            ArrowReaderMetadata::try_new(Arc::clone(&file.metadata), ArrowReaderOptions::new()).at("read", path)?;
        let wanted: Vec<usize> = match columns {
            None => (0..metadata.schema().fields().len()).collect(),
            Some(names) => names.iter().map(|name| file.column(table, name)).collect::<Result<_>>()?,
        };
        let mut leaves = wanted.clone();
        leaves.sort_unstable();
        leaves.dedup();
        let order = wanted.iter().filter_map(|leaf| leaves.binary_search(leaf).ok()).collect();
        let source = Source { table: table.to_owned(), file, metadata, leaves, order, row_group: 0, reader: None };
        Ok(Batches { source: Some(source) })
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.source.as_mut()?.next().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.source = None;
        }
        next
    }
}

impl Source {
    fn next(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.reader.as_mut().and_then(|reader| reader.0.next()) {
                let batch = batch.and_then(|batch| batch.project(&self.order));
                return batch.map(Some).map_err(|source| Error::Arrow { table: self.table.clone(), source });
            }
            if self.row_group == self.file.metadata.num_row_groups() {
                return Ok(None);
            }
            self.reader = Some(self.open_row_group()?);
            self.row_group += 1;
        }
    }

    fn open_row_group(&mut self) -> Result<RowGroupReader> {
        let chunks =
            self.leaves.iter().map(|leaf| self.file.chunk(self.row_group, *leaf)).collect::<Result<Vec<_>>>()?;
        let bytes = RowGroupBytes { length: self.file.bytes, chunks };
        let mask = ProjectionMask::leaves(self.metadata.parquet_schema(), self.leaves.iter().copied());
        ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, self.metadata.clone())
            .with_row_groups(vec![self.row_group])
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map(RowGroupReader)
            .at("read", &self.file.path)
    }
}

/// An open file whose footer has been checked.
#[derive(Debug)]
pub(crate) struct CheckedFile {
    pub path: PathBuf,
    file: File,
    bytes: u64,
    pub metadata: Arc<ParquetMetaData>,
    /// By row group, then column.
    chunks: Vec<ChunkCheck>,
}

/// What a column chunk must hash to, and whether it was seen to since the file was opened.
#[derive(Debug)]
struct ChunkCheck {
    hash: [u8; CHUNK_HASH_BYTES],
    holds: AtomicBool,
}

impl CheckedFile {
    pub(crate) fn open(path: &Path, entry: &TableFile) -> Result<Self> {
        let file = verified::open(path, entry.bytes)?;
        let mut footer = vec![0; entry.bytes.saturating_sub(entry.footer_at) as usize];
        read_at(&file, path, entry.footer_at, &mut footer)?;
        if blake3::hash(&footer).to_hex().as_str() != entry.footer_blake3 {
            return Err(Error::damaged(path, "the checksum of its footer does not hold"));
        }
        let metadata = decode_footer(&footer).at("read", path)?;
        let hashes =
            chunk_hashes(&metadata).ok_or_else(|| Error::damaged(path, "it has no checksums of its columns"))?;
        let chunks = hashes.into_iter().map(|hash| ChunkCheck { hash, holds: AtomicBool::new(false) }).collect();
        Ok(CheckedFile { path: path.to_owned(), file, bytes: entry.bytes, metadata: Arc::new(metadata), chunks })
    }

    /// Position of a column.
    pub(crate) fn column(&self, table: &str, name: &str) -> Result<usize> {
        let columns = self.metadata.file_metadata().schema_descr().columns();
        columns
            .iter()
            .position(|column| column.name() == name)
            .ok_or_else(|| Error::NoColumn { table: table.to_owned(), column: name.to_owned() })
    }

    /// The bytes of a column chunk and where they begin, after their checksum held. It is worked out the first time.
    pub(crate) fn chunk(&self, row_group: usize, column: usize) -> Result<(u64, Bytes)> {
        let chunk = self.metadata.row_groups().get(row_group).and_then(|group| group.columns().get(column));
        let check = self.chunks.get(row_group * self.columns() + column);
        let (Some(chunk), Some(check)) = (chunk, check) else {
            return Err(Error::damaged(&self.path, "a column chunk is missing"));
        };
        let (start, length) = chunk.byte_range();
        let mut bytes = vec![0; length as usize];
        read_at(&self.file, &self.path, start, &mut bytes)?;
        if !check.holds.load(Ordering::Relaxed) {
            if blake3::hash(&bytes).as_bytes().get(..CHUNK_HASH_BYTES) != Some(&check.hash) {
                let name = chunk.column_descr().name();
                return Err(Error::damaged(&self.path, format!("the checksum of its column `{name}` does not hold")));
            }
            check.holds.store(true, Ordering::Relaxed);
        }
        Ok((start, Bytes::from(bytes)))
    }

    /// Whether the checksum of a column chunk was seen to hold since the file was opened.
    pub(crate) fn was_checked(&self, row_group: usize, column: usize) -> bool {
        self.chunks.get(row_group * self.columns() + column).is_some_and(|check| check.holds.load(Ordering::Relaxed))
    }

    fn columns(&self) -> usize {
        self.metadata.file_metadata().schema_descr().num_columns()
    }
}

/// A file of which only what is asked for is read: for column chunks that were checked before.
#[derive(Debug, Clone)]
pub(crate) struct Sparse(pub Arc<CheckedFile>);

impl Length for Sparse {
    fn len(&self) -> u64 {
        self.0.bytes
    }
}

impl ChunkReader for Sparse {
    type T = BufReader<ReadFrom>;

    /// For the header of a page, which is short.
    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::with_capacity(PAGE_HEADER_BYTES, ReadFrom { file: Arc::clone(&self.0), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let mut bytes = vec![0; length];
        self.0.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

/// Most headers of pages are shorter.
const PAGE_HEADER_BYTES: usize = 128;

/// Reads on from a place in a file.
#[derive(Debug)]
pub(crate) struct ReadFrom {
    file: Arc<CheckedFile>,
    at: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.file.read_at(into, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn read_at(file: &File, path: &Path, start: u64, into: &mut [u8]) -> Result<()> {
    file.read_exact_at(into, start).at("read", path)
}

/// The footer ends with the length of its metadata (4 bytes) and the magic number (4 bytes).
fn decode_footer(footer: &[u8]) -> std::result::Result<ParquetMetaData, ParquetError> {
    let eof = || ParquetError::EOF("the footer is too short".to_owned());
    let (rest, tail) = footer.split_last_chunk::<8>().ok_or_else(eof)?;
    let [a, b, c, d, ..] = *tail;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    let metadata = rest.len().checked_sub(length).and_then(|begin| rest.get(begin..)).ok_or_else(eof)?;
    ParquetMetaDataReader::decode_metadata(metadata)
}

fn chunk_hashes(metadata: &ParquetMetaData) -> Option<Vec<[u8; CHUNK_HASH_BYTES]>> {
    let text = metadata.file_metadata().key_value_metadata()?.iter().find(|kv| kv.key == CHUNKS_KEY)?.value.as_ref()?;
    let digits: Vec<u8> =
        text.bytes().map(|byte| (byte as char).to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let (hashes, rest) = digits.as_chunks::<{ 2 * CHUNK_HASH_BYTES }>();
    let columns = metadata.file_metadata().schema_descr().num_columns();
    (rest.is_empty() && hashes.len() == metadata.num_row_groups() * columns).then(|| {
        hashes
            .iter()
            .map(|digits| {
                let mut hash = [0; CHUNK_HASH_BYTES];
                for (byte, pair) in hash.iter_mut().zip(digits.as_chunks::<2>().0) {
                    let [high, low] = *pair;
                    *byte = high << 4 | low;
                }
                hash
            })
            .collect()
    })
}

/// The checked chunks of one row group, seen as the file that they come from.
#[derive(Debug)]
pub(crate) struct RowGroupBytes {
    length: u64,
    /// Beginning in the file, and bytes.
    chunks: Vec<(u64, Bytes)>,
}

impl RowGroupBytes {
    /// A single chunk.
    pub(crate) fn one(chunk: (u64, Bytes)) -> Self {
        RowGroupBytes { length: chunk.0 + chunk.1.len() as u64, chunks: vec![chunk] }
    }

    fn from(&self, start: u64) -> parquet::errors::Result<Bytes> {
        let chunk = self.chunks.iter().find(|(begin, bytes)| (*begin..begin + bytes.len() as u64).contains(&start));
        let (begin, bytes) = chunk.ok_or_else(|| ParquetError::General("a chunk that was not read".to_owned()))?;
        Ok(bytes.slice((start - begin) as usize..))
    }
}

impl Length for RowGroupBytes {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for RowGroupBytes {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let bytes = self.from(start)?;
        if bytes.len() < length {
            return Err(ParquetError::EOF("a page ends after its column chunk".to_owned()));
        }
        Ok(bytes.slice(..length))
    }
}
