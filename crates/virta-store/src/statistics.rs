//! What the footers of files tell without reading a row.

use parquet::file::statistics::Statistics;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use virta_model::Day;

use crate::error::Result;
use crate::manifest::TableFile;
use crate::read::CheckedFile;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The newest day in any of these date columns of a table; `None` without any.
    pub fn newest_day(&self, table: &str, columns: &[&str]) -> Result<Option<Day>> {
        let days = self.files(table).par_iter().map(|entry| self.newest_day_of(table, entry, columns));
        let days = days.collect::<Result<Vec<Option<i32>>>>()?;
        Ok(days.into_iter().flatten().max().map(Day))
    }

    /// Whether a column of a table, no code, is null in every row. Files of an older version that lack it are null.
    pub fn is_all_null(&self, table: &str, column: &str) -> Result<bool> {
        let all_null = self.files(table).par_iter().map(|entry| {
            let file = CheckedFile::open(&self.path(table, entry), entry)?;
            let Ok(leaf) = file.column(table, column) else { return Ok(true) };
            let groups = file.metadata.row_groups();
            Ok(groups.iter().all(|group| {
                let statistics = group.columns().get(leaf).and_then(|chunk| chunk.statistics());
                statistics.and_then(Statistics::null_count_opt) == u64::try_from(group.num_rows()).ok()
            }))
        });
        Ok(all_null.collect::<Result<Vec<bool>>>()?.into_iter().all(|is_null| is_null))
    }

    fn newest_day_of(&self, table: &str, entry: &TableFile, columns: &[&str]) -> Result<Option<i32>> {
        let file = CheckedFile::open(&self.path(table, entry), entry)?;
        let leaves = columns.iter().map(|column| file.column(table, column)).collect::<Result<Vec<_>>>()?;
        let chunks = file
            .metadata
            .row_groups()
            .iter()
            .flat_map(|group| leaves.iter().filter_map(|leaf| group.columns().get(*leaf)?.statistics()));
        let days = chunks.filter_map(|statistics| match statistics {
            Statistics::Int32(days) => days.max_opt().copied(),
            _ => None,
        });
        Ok(days.max())
    }
}
