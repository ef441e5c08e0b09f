//! Columns straight from Parquet's pages into vectors: the way of the analysis core.
//!
//! The Arrow reader builds validity maps, dictionaries a batch and buffers that an analysis does not need. Here a null
//! is a number of its own in the same vector, and a code keeps its number of the row group's dictionary.

mod bits;
mod decode;
pub(crate) mod encodings;

use std::sync::Arc;

use parquet::basic::Type;
use parquet::column::page::PageReader;
use parquet::file::reader::ChunkReader;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::statistics::Statistics;
use virta_model::schema::{Kind, STORE};
use virta_model::{NULL_CODE, NULL_DAY, NULL_INT};

use crate::error::{At, Error, Result};
use crate::manifest::TableFile;
use crate::read::{CheckedFile, RowGroupBytes, Sparse};
use crate::snapshot::Snapshot;

/// One row group's worth of columns, in the order asked for. Reuse it: its vectors keep their room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnBatch {
    pub rows: usize,
    pub columns: Vec<ColumnValues>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnValues {
    /// Ids, counts and cents; null is [`NULL_INT`].
    Int64(Vec<i64>),
    /// Dates (days since 1970-01-01) and times (milliseconds since midnight); null is [`NULL_DAY`].
    Int32(Vec<i32>),
    /// Codes and texts.
    Codes(Codes),
    /// Flags; null is false.
    Flags(Vec<bool>),
    /// Ratios; null is NaN.
    Ratio(Vec<f64>),
    /// An id column that was asked for in this form; see [`ColumnReader::with_runs`].
    Runs(Runs),
}

/// Equal ids, one after another, as one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    /// Neighbours differ.
    pub ids: Vec<i64>,
    /// One past the last row of each.
    pub ends: Vec<u32>,
}

impl Runs {
    #[inline]
    fn push(&mut self, id: i64, times: u32) {
        let end = self.ends.last().copied().unwrap_or(0) + times;
        match self.ends.last_mut() {
            Some(last) if self.ids.last() == Some(&id) => *last = end,
            _ => {
                self.ids.push(id);
                self.ends.push(end);
            }
        }
    }

    fn rows(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }
}

/// Texts as numbers into the row group's own dictionary. Another row group numbers them otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// Index into `dictionary`; null is [`NULL_CODE`].
    pub codes: Vec<u32>,
    pub dictionary: Vec<String>,
}

impl ColumnValues {
    /// The numbers of an id, count or cents column.
    pub fn as_i64(&self) -> Option<&[i64]> {
        if let ColumnValues::Int64(values) = self { Some(values) } else { None }
    }

    /// The numbers of a date or time column.
    pub fn as_i32(&self) -> Option<&[i32]> {
        if let ColumnValues::Int32(values) = self { Some(values) } else { None }
    }

    pub fn as_codes(&self) -> Option<&Codes> {
        if let ColumnValues::Codes(values) = self { Some(values) } else { None }
    }

    pub fn as_flags(&self) -> Option<&[bool]> {
        if let ColumnValues::Flags(values) = self { Some(values) } else { None }
    }

    pub fn as_runs(&self) -> Option<&Runs> {
        if let ColumnValues::Runs(runs) = self { Some(runs) } else { None }
    }

    pub fn as_ratio(&self) -> Option<&[f64]> {
        if let ColumnValues::Ratio(values) = self { Some(values) } else { None }
    }
}

/// A file of a table that is read many times: its footer is read once, and each column chunk checked once, when it is
/// first read.
#[derive(Debug, Clone)]
pub struct ColumnFile {
    table: String,
    file: Arc<CheckedFile>,
}

impl ColumnFile {
    /// As [`Snapshot::read_columns`].
    ///
    /// # Errors
    /// As [`Snapshot::read_columns`], but for what the file showed when it was opened: a column that the table never had.
    pub fn read(&self, columns: &[&str]) -> Result<ColumnReader> {
        let leaves = columns.iter().map(|name| self.leaf(name)).collect::<Result<_>>()?;
        Ok(ColumnReader { source: Some((Arc::clone(&self.file), leaves)), row_group: 0, runs: None })
    }

    fn leaf(&self, name: &str) -> Result<Leaf> {
        match (self.file.column(&self.table, name), missing_kind(&self.table, name)) {
            (Ok(leaf), _) => Ok(Leaf::Stored(leaf)),
            (Err(_), Some(kind)) => Ok(Leaf::Missing(kind)),
            (Err(error), None) => Err(error),
        }
    }
}

/// Where a column's values come from.
#[derive(Debug, Clone, Copy)]
enum Leaf {
    /// The column of the file with this number.
    Stored(usize),
    /// The file is older than the column: null in every row.
    Missing(Kind),
}

impl Leaf {
    fn stored(self) -> Option<usize> {
        if let Leaf::Stored(leaf) = self { Some(leaf) } else { None }
    }
}

/// What a column holds that may be missing in a file of an older version: one that the table has today and that may be
/// null.
fn missing_kind(table: &str, name: &str) -> Option<Kind> {
    let schema = STORE.iter().find(|schema| schema.name == table)?;
    schema.column(name).filter(|column| column.nullable).map(|column| column.kind)
}

/// Reads columns of one file row group by row group; see [`Snapshot::read_columns`].
#[derive(Debug)]
pub struct ColumnReader {
    source: Option<(Arc<CheckedFile>, Vec<Leaf>)>,
    row_group: usize,
    /// The place of the column that comes as runs.
    runs: Option<usize>,
}

impl Snapshot {
    /// Reads columns of one file as plain vectors, a row group at a time: rows in the table's order, each column chunk
    /// checked before it is decoded. A bucket without rows gives no row groups. A column that may be null and that a file
    /// of an older version lacks is null.
    ///
    /// ```
    /// # use virta_store::{ColumnBatch, Snapshot};
    /// # fn sum(snapshot: &Snapshot) -> virta_store::Result<i64> {
    /// let mut sum = 0;
    /// let mut batch = ColumnBatch::default();
    /// for bucket in 0..snapshot.bucket_count() {
    ///     let mut reader = snapshot.read_columns("contacts", Some(bucket), &["client_id", "cost_cents"])?;
    ///     while reader.next_into(&mut batch)? {
    ///         sum += batch.columns[1].as_i64().unwrap_or_default().iter().filter(|c| **c > 0).sum::<i64>();
    ///     }
    /// }
    /// # Ok(sum)
    /// # }
    /// ```
    ///
    /// # Errors
    /// A column that the table never had; a file that is missing, cannot be opened, or whose footer is not what was written.
    pub fn read_columns(&self, table: &str, bucket: Option<u32>, columns: &[&str]) -> Result<ColumnReader> {
        match self.file(table, bucket) {
            Some(file) => ColumnReader::open(&self.path(table, file), table, file, columns),
            None => Ok(ColumnReader { source: None, row_group: 0, runs: None }),
        }
    }

    /// Opens one file for [`ColumnFile::read`]; `None` for a bucket without rows.
    ///
    /// # Errors
    /// A file that is missing, cannot be opened, or whose footer is not what was written.
    pub fn column_file(&self, table: &str, bucket: Option<u32>) -> Result<Option<ColumnFile>> {
        let open = |file| {
            let file = Arc::new(CheckedFile::open(&self.path(table, file), file)?);
            Ok(ColumnFile { table: table.to_owned(), file })
        };
        self.file(table, bucket).map(open).transpose()
    }
}

impl ColumnReader {
    pub(crate) fn open(path: &std::path::Path, table: &str, entry: &TableFile, columns: &[&str]) -> Result<Self> {
        let file = Arc::new(CheckedFile::open(path, entry)?);
        ColumnFile { table: table.to_owned(), file }.read(columns)
    }

    /// Gives an id column without nulls, by its place among the columns asked for, as [`Runs`]: a store's rows are sorted
    /// by client, and their ids are stored as runs.
    #[must_use]
    pub fn with_runs(self, column: usize) -> Self {
        ColumnReader { runs: Some(column), ..self }
    }

    /// Whether a flag, by its place among the columns asked for, is false in every row of the next row group: what the
    /// footer tells without the column being read.
    pub fn is_never_true(&self, column: usize) -> bool {
        match self.statistics(column) {
            Some(Statistics::Boolean(flags)) => flags.max_opt() == Some(&false),
            _ => false,
        }
    }

    /// Whether a column, by its place among the columns asked for, is null in every row of the next row group: what the
    /// footer tells without the column being read. Of codes it tells nothing.
    pub fn is_all_null(&self, column: usize) -> bool {
        let Some((_, leaves)) = &self.source else { return false };
        match leaves.get(column) {
            Some(Leaf::Missing(_)) => true,
            Some(Leaf::Stored(_)) => {
                self.statistics(column).and_then(Statistics::null_count_opt) == Some(self.next_rows() as u64)
            }
            None => false,
        }
    }

    /// What the footer says of a column in the next row group.
    fn statistics(&self, column: usize) -> Option<&Statistics> {
        let (file, leaves) = self.source.as_ref()?;
        let group = file.metadata.row_groups().get(self.row_group)?;
        group.columns().get(leaves.get(column)?.stored()?)?.statistics()
    }

    /// Rows of the row group that comes next; 0 at the end.
    pub fn next_rows(&self) -> usize {
        let group = self.source.as_ref().and_then(|(file, _)| file.metadata.row_groups().get(self.row_group));
        group.map_or(0, |group| usize::try_from(group.num_rows()).unwrap_or(0))
    }

    /// Replaces what `batch` holds with the next row group; false at the end.
    ///
    /// # Errors
    /// Bytes of a column that are not what was written, or that the disk does not give.
    pub fn next_into(&mut self, batch: &mut ColumnBatch) -> Result<bool> {
        self.next_into_without(&[], batch)
    }

    /// As [`ColumnReader::next_into`], but without reading some of the columns asked for, by place: they come without
    /// values.
    ///
    /// # Errors
    /// Those of [`ColumnReader::next_into`].
    pub fn next_into_without(&mut self, left_out: &[usize], batch: &mut ColumnBatch) -> Result<bool> {
        let is_wanted = |at| !left_out.contains(&at);
        let was_there = self.read_into(is_wanted, None, batch)?;
        self.pass();
        Ok(was_there)
    }

    /// Reads some of the columns asked for, by place, of the next row group, which stays the next: to see from them
    /// whether the others are needed. The others come without values. False at the end.
    ///
    /// # Errors
    /// Those of [`ColumnReader::next_into`].
    pub fn peek_into(&mut self, places: &[usize], batch: &mut ColumnBatch) -> Result<bool> {
        self.read_into(|at| places.contains(&at), None, batch)
    }

    /// As [`ColumnReader::peek_into`], but only some rows of the row group, ascending: pages that hold none of them are not
    /// decoded, and of column chunks that were checked before not even read. Ids come spelled out, never as runs.
    ///
    /// # Errors
    /// Those of [`ColumnReader::next_into`].
    pub fn peek_rows_into(&mut self, rows: &[u32], places: &[usize], batch: &mut ColumnBatch) -> Result<bool> {
        self.read_into(|at| places.contains(&at), Some(rows), batch)
    }

    /// Leaves the next row group out.
    pub fn pass(&mut self) {
        self.row_group += 1;
    }

    fn read_into(
        &mut self,
        is_wanted: impl Fn(usize) -> bool,
        rows: Option<&[u32]>,
        batch: &mut ColumnBatch,
    ) -> Result<bool> {
        let Some((file, leaves)) = &self.source else { return Ok(false) };
        let Some(group) = file.metadata.row_groups().get(self.row_group) else {
            self.source = None;
            return Ok(false);
        };
        let all = usize::try_from(group.num_rows()).unwrap_or(0);
        batch.rows = rows.map_or(all, <[u32]>::len);
        batch.columns.truncate(leaves.len());
        for (at, leaf) in leaves.iter().enumerate() {
            let old = batch.columns.get_mut(at).map(|old| std::mem::replace(old, ColumnValues::Flags(Vec::new())));
            let values = match (is_wanted(at), *leaf) {
                (true, Leaf::Stored(leaf)) => match rows {
                    Some(rows) => read_rows(file, self.row_group, leaf, (all, rows), old)?,
                    None => read_chunk(file, self.row_group, leaf, (all, self.runs == Some(at)), old)?,
                },
                (true, Leaf::Missing(kind)) => nulls(kind, batch.rows),
                (false, _) => ColumnValues::Flags(Vec::new()),
            };
            match batch.columns.get_mut(at) {
                Some(place) => *place = values,
                None => batch.columns.push(values),
            }
        }
        Ok(true)
    }
}

/// Decodes one column chunk of so many rows, as runs or not, into the room of `old` where it is of the same kind.
fn read_chunk(
    file: &CheckedFile,
    row_group: usize,
    leaf: usize,
    (rows, as_runs): (usize, bool),
    old: Option<ColumnValues>,
) -> Result<ColumnValues> {
    let bytes = RowGroupBytes::one(file.chunk(row_group, leaf)?);
    let strange = || Error::damaged(&file.path, STRANGE);
    let (mut pages, mut decoder) = pages(file, bytes, row_group, leaf, (rows, as_runs), old)?;
    while let Some(page) = pages.get_next_page().at("read", &file.path)? {
        decoder.page(&page).ok_or_else(strange)?;
    }
    decoder.finish(rows).ok_or_else(strange)
}

/// The same for some of its rows, ascending.
fn read_rows(
    file: &Arc<CheckedFile>,
    row_group: usize,
    leaf: usize,
    (all, rows): (usize, &[u32]),
    old: Option<ColumnValues>,
) -> Result<ColumnValues> {
    if file.was_checked(row_group, leaf) {
        let (pages, decoder) = pages(file, Sparse(Arc::clone(file)), row_group, leaf, (all, false), old)?;
        return decode_rows(file, pages, decoder, all, rows);
    }
    let bytes = RowGroupBytes::one(file.chunk(row_group, leaf)?);
    let (pages, decoder) = pages(file, bytes, row_group, leaf, (all, false), old)?;
    decode_rows(file, pages, decoder, all, rows)
}

fn decode_rows(
    file: &CheckedFile,
    mut pages: impl PageReader,
    mut decoder: decode::Decoder,
    all: usize,
    rows: &[u32],
) -> Result<ColumnValues> {
    let strange = || Error::damaged(&file.path, STRANGE);
    let (mut begin, mut left) = (0, rows);
    while let Some(next) = pages.peek_next_page().at("read", &file.path)? {
        let count = match (next.is_dict, next.num_rows.or(next.num_levels)) {
            (true, _) => 0,
            (false, count) => count.ok_or_else(strange)?,
        };
        let of_page = left.partition_point(|row| (*row as usize) < begin + count);
        let (wanted, others) = left.split_at(of_page);
        if !next.is_dict && wanted.is_empty() {
            pages.skip_next_page().at("read", &file.path)?;
        } else if let Some(page) = pages.get_next_page().at("read", &file.path)? {
            let before = decoder.rows();
            decoder.page(&page).ok_or_else(strange)?;
            decoder.keep(before, begin, wanted);
        }
        (begin, left) = (begin + count, others);
    }
    (begin == all).then_some(()).ok_or_else(strange)?;
    decoder.finish(rows.len()).ok_or_else(strange)
}

const STRANGE: &str = "a column chunk has a form that virta does not write";

/// The pages of a column chunk, and what collects them.
fn pages<R: ChunkReader + 'static>(
    file: &CheckedFile,
    bytes: R,
    row_group: usize,
    leaf: usize,
    (rows, as_runs): (usize, bool),
    old: Option<ColumnValues>,
) -> Result<(SerializedPageReader<R>, decode::Decoder)> {
    let column = file.metadata.row_groups().get(row_group).and_then(|group| group.columns().get(leaf));
    let strange = || Error::damaged(&file.path, STRANGE);
    let column = column.ok_or_else(strange)?;
    let pages = SerializedPageReader::new(Arc::new(bytes), column, rows, None).at("read", &file.path)?;
    let values = vector_for(column.column_type(), as_runs, rows, old).ok_or_else(strange)?;
    Ok((pages, decode::Decoder::new(values, column.column_descr().max_def_level() > 0)))
}

/// A column of a kind that is null in every row.
fn nulls(kind: Kind, rows: usize) -> ColumnValues {
    match kind {
        Kind::Id | Kind::Count | Kind::Cents => ColumnValues::Int64(vec![NULL_INT; rows]),
        Kind::Date | Kind::Time => ColumnValues::Int32(vec![NULL_DAY; rows]),
        Kind::Code | Kind::Text => ColumnValues::Codes(Codes { codes: vec![NULL_CODE; rows], dictionary: Vec::new() }),
        Kind::Flag => ColumnValues::Flags(vec![false; rows]),
        Kind::Ratio => ColumnValues::Ratio(vec![f64::NAN; rows]),
    }
}

/// The physical types that the store writes.
fn vector_for(physical: Type, as_runs: bool, rows: usize, old: Option<ColumnValues>) -> Option<ColumnValues> {
    macro_rules! reuse {
        ($kind:ident, $values:ident) => {{
            let mut values = match old {
                Some(ColumnValues::$kind(values)) => values,
                _ => Vec::new(),
            };
            values.clear();
            values.reserve(rows);
            ColumnValues::$kind(values)
        }};
    }
    Some(match physical {
        Type::INT64 if as_runs => {
            let mut runs = match old {
                Some(ColumnValues::Runs(runs)) => runs,
                _ => Runs::default(),
            };
            runs.ids.clear();
            runs.ends.clear();
            ColumnValues::Runs(runs)
        }
        Type::INT64 => reuse!(Int64, values),
        Type::INT32 => reuse!(Int32, values),
        Type::BOOLEAN => reuse!(Flags, values),
        Type::DOUBLE => reuse!(Ratio, values),
        Type::BYTE_ARRAY => {
            let mut codes = match old {
                Some(ColumnValues::Codes(codes)) => codes,
                _ => Codes::default(),
            };
            codes.codes.clear();
            codes.codes.reserve(rows);
            codes.dictionary.clear();
            ColumnValues::Codes(codes)
        }
        _ => return None,
    })
}
