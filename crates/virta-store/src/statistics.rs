//! What the footers of files tell without reading a row.

use parquet::file::statistics::Statistics;
use virta_model::Day;

use crate::error::Result;
use crate::read::CheckedFile;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// The newest day in a date column of a table; `None` without any.
    pub fn newest_day(&self, table: &str, column: &str) -> Result<Option<Day>> {
        let mut newest = None;
        for entry in self.files(table) {
            let file = CheckedFile::open(&self.path(table, entry), entry)?;
            let leaf = file.column(table, column)?;
            let of_groups =
                file.metadata.row_groups().iter().filter_map(|group| group.columns().get(leaf)?.statistics());
            let days = of_groups.filter_map(|statistics| match statistics {
                Statistics::Int32(days) => days.max_opt().copied(),
                _ => None,
            });
            newest = newest.max(days.max());
        }
        Ok(newest.map(Day))
    }
}
