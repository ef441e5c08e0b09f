//! What the footers of files tell without reading a row.

use parquet::file::statistics::Statistics;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::error::Result;
use crate::read::CheckedFile;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// Whether a column of a table, no code, is null in every row. Files of an older version that lack it are null.
    ///
    /// # Errors
    /// A file that is missing or whose footer is not what was written.
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
}
