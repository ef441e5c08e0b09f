//! The files behind a table: what is known of them without opening them, and how they are opened once checked.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::ParquetFileReaderFactory;
use datafusion::error::{DataFusionError, Result};
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use virta_store::{ColumnFile, ColumnReader, Snapshot};

/// What a scan reads from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub snapshot: Snapshot,
    pub table: &'static str,
}

/// Checks a whole file against its checksum; fast when it was checked before in this process.
type Check = dyn Fn() -> Result<(), virta_store::Error> + Send + Sync;

/// One Parquet file of a table.
pub(crate) struct TableFile {
    pub path: PathBuf,
    pub bytes: u64,
    pub rows: u64,
    /// The range of clients that it holds; `None` for a table that is one file.
    pub bucket: Option<u32>,
    /// Smallest and largest `client_id`.
    pub clients: Option<(i64, i64)>,
    check: Box<Check>,
    opened: Mutex<Option<Opened>>,
    /// A table of very many files is opened anew each time.
    pub(crate) stays_open: bool,
    columns: Mutex<Option<ColumnFile>>,
}

/// A checked file. It stays open for the session, so that each query after the first starts at once.
#[derive(Clone)]
struct Opened {
    file: Arc<File>,
    metadata: Arc<ParquetMetaData>,
}

impl TableFile {
    pub(crate) fn new(
        path: PathBuf,
        bytes: u64,
        rows: u64,
        check: impl Fn() -> Result<(), virta_store::Error> + Send + Sync + 'static,
    ) -> Self {
        TableFile {
            path,
            bytes,
            rows,
            bucket: None,
            clients: None,
            check: Box::new(check),
            opened: Mutex::new(None),
            stays_open: true,
            columns: Mutex::new(None),
        }
    }

    /// Reads columns with the store's own decoders. The file stays open for the session, its footer read.
    pub(crate) fn columns(&self, origin: &Origin, names: &[&str]) -> Result<Option<ColumnReader>, virta_store::Error> {
        let mut kept = self.columns.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &*kept {
            Some(file) => Some(file.clone()),
            None => origin.snapshot.column_file(origin.table, self.bucket)?,
        };
        if self.stays_open {
            kept.clone_from(&file);
        }
        file.map(|file| file.read(names)).transpose()
    }

    /// Checks and opens the file, or gives what was opened before.
    fn open(&self) -> Result<Opened, ParquetError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(opened) = &*opened {
            return Ok(opened.clone());
        }
        (self.check)().map_err(|error| ParquetError::External(Box::new(error)))?;
        let file = File::open(&self.path)?;
        let metadata =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional).parse_and_finish(&file)?;
        let fresh = Opened { file: Arc::new(file), metadata: Arc::new(metadata) };
        *opened = Some(fresh.clone());
        Ok(fresh)
    }
}

impl fmt::Debug for TableFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableFile").field("path", &self.path).field("rows", &self.rows).finish()
    }
}

/// The name that plans show for a file: neither where it lies nor how it ends.
pub(crate) fn shown_name(path: &Path) -> String {
    path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Gives DataFusion readers of files, each checked before its first byte is used.
#[derive(Debug)]
pub(crate) struct CheckedReaders;

impl ParquetFileReaderFactory for CheckedReaders {
    fn create_reader(
        &self,
        _partition_index: usize,
        file: PartitionedFile,
        _metadata_size_hint: Option<usize>,
        _metrics: &ExecutionPlanMetricsSet,
    ) -> Result<Box<dyn AsyncFileReader + Send>> {
        match file.extension::<Arc<TableFile>>() {
            Some(file) => Ok(Box::new(CheckedReader { file: Arc::clone(file) })),
            None => Err(DataFusionError::Internal("a file is not of the store".to_owned())),
        }
    }
}

struct CheckedReader {
    file: Arc<TableFile>,
}

type Soon<'a, T> = Pin<Box<dyn Future<Output = parquet::errors::Result<T>> + Send + 'a>>;

impl AsyncFileReader for CheckedReader {
    fn get_bytes(&mut self, range: Range<u64>) -> Soon<'_, Bytes> {
        Box::pin(async move { self.read(range) })
    }

    fn get_byte_ranges(&mut self, ranges: Vec<Range<u64>>) -> Soon<'_, Vec<Bytes>> {
        Box::pin(async move { ranges.into_iter().map(|range| self.read(range)).collect() })
    }

    fn get_metadata<'a>(&'a mut self, _options: Option<&'a ArrowReaderOptions>) -> Soon<'a, Arc<ParquetMetaData>> {
        Box::pin(async move { Ok(self.file.open()?.metadata) })
    }
}

impl CheckedReader {
    fn read(&self, range: Range<u64>) -> parquet::errors::Result<Bytes> {
        let mut bytes = vec![0; (range.end - range.start) as usize];
        self.file.open()?.file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    }
}
