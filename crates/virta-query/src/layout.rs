//! What a scan may promise of its rows, from how the store lays out its files.
//!
//! Files are cut by ranges of `client_id`. Scans of every such table are cut into partitions at the same ids, and say
//! so as a range partitioning: then grouping by client, windows over a client's rows and joins by client need no
//! exchange of rows between partitions. It is never called a hash partitioning: rows would be looked for where another
//! hash puts them, and silently be lost.

use std::ops::Range;
use std::sync::Arc;

use arrow::compute::SortOptions;
use arrow::datatypes::{DataType, SchemaRef, TimeUnit};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, SplitPoint, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::FileGroup;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning, PhysicalSortExpr, RangePartitioning};

use crate::files::{TableFile, shown_name};

const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: false };

/// Ranges of buckets, the same for every table: partition `p` begins at bucket `p * buckets / partitions`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    pub bucket_count: u32,
    pub(crate) partitions: u32,
}

impl Cut {
    pub(crate) fn new(bucket_count: u32, threads: usize) -> Self {
        let partitions = u32::try_from(threads).unwrap_or(u32::MAX).clamp(1, bucket_count.max(1));
        Cut { bucket_count, partitions }
    }

    fn first_bucket(self, partition: u32) -> u32 {
        (u64::from(partition) * u64::from(self.bucket_count) / u64::from(self.partitions)) as u32
    }

    fn partition_of(self, bucket: u32) -> usize {
        (1..self.partitions).take_while(|partition| self.first_bucket(*partition) <= bucket).count()
    }

    /// The smallest id of each partition but the first.
    fn split_points(self) -> Vec<SplitPoint> {
        let bits = self.bucket_count.trailing_zeros();
        (1..self.partitions)
            .map(|partition| (self.first_bucket(partition) as i64) << (63 - bits))
            .map(|first| SplitPoint::new(vec![ScalarValue::Int64(Some(first))]))
            .collect()
    }

    /// The range partitioning by a column, `None` with one partition.
    pub(crate) fn partitioning(self, client_id: Column) -> Option<Partitioning> {
        let ordering = LexOrdering::new([PhysicalSortExpr::new(Arc::new(client_id), ASCENDING)])?;
        let range = RangePartitioning::try_new(ordering, self.split_points()).ok()?;
        (self.partitions > 1).then_some(Partitioning::Range(range))
    }

    /// The files by partition, in order; partitions without files are there, empty.
    pub(crate) fn split(self, files: &[Arc<TableFile>]) -> Vec<Vec<Arc<TableFile>>> {
        let mut partitions = vec![Vec::new(); self.partitions as usize];
        for file in files {
            if let Some(partition) = partitions.get_mut(self.partition_of(file.bucket.unwrap_or(0))) {
                partition.push(Arc::clone(file));
            }
        }
        partitions
    }

    /// The same as DataFusion's Parquet scan wants them.
    pub(crate) fn groups(self, files: &[Arc<TableFile>], schema: &SchemaRef) -> Vec<FileGroup> {
        let partitions = self.split(files).into_iter();
        partitions.map(|files| files.iter().map(|file| partitioned_file(file, schema)).collect()).collect()
    }
}

/// A range of buckets, spread over partitions in their order.
#[derive(Debug, Clone)]
pub(crate) struct Slice {
    pub buckets: Range<u32>,
    pub bucket_count: u32,
    pub partitions: u32,
}

impl Slice {
    fn buckets(&self) -> u32 {
        self.buckets.end.saturating_sub(self.buckets.start)
    }

    /// Where there are fewer buckets than partitions, the first partitions are empty.
    fn empty_partitions(&self) -> u32 {
        self.partitions.saturating_sub(self.buckets())
    }

    /// The partition of a bucket of the range.
    pub(crate) fn partition_of(&self, bucket: u32) -> usize {
        let at = bucket.saturating_sub(self.buckets.start);
        match self.empty_partitions() {
            0 => (u64::from(at) * u64::from(self.partitions) / u64::from(self.buckets().max(1))) as usize,
            empty => (empty + at) as usize,
        }
    }

    /// The smallest id of each partition but the first. A join tells by them in which partition a client is looked for, so
    /// they must be those of the range.
    fn split_points(&self) -> Vec<SplitPoint> {
        let bits = self.bucket_count.trailing_zeros();
        let first_id = |bucket: u32| i64::from(bucket) << (63 - bits);
        let empty = self.empty_partitions();
        let first = |partition: u32| match empty {
            0 => {
                let whole = u64::from(partition) * u64::from(self.buckets());
                first_id(self.buckets.start + whole.div_ceil(u64::from(self.partitions)) as u32)
            }
            // Ids before the range, each another.
            empty if partition < empty => first_id(self.buckets.start) - i64::from(empty - partition),
            empty => first_id(self.buckets.start + partition - empty),
        };
        (1..self.partitions).map(|p| SplitPoint::new(vec![ScalarValue::Int64(Some(first(p)))])).collect()
    }

    /// The same partitioning by range with the bounds of the range.
    pub(crate) fn partitioning(&self, of_all: &RangePartitioning) -> Result<Partitioning> {
        Ok(Partitioning::Range(RangePartitioning::try_new(of_all.ordering().clone(), self.split_points())?))
    }
}

/// As many groups as there are files, up to `partitions`, for tables that are not cut by client.
pub(crate) fn plain_groups(files: &[Arc<TableFile>], schema: &SchemaRef, partitions: usize) -> Vec<FileGroup> {
    FileGroup::new(files.iter().map(|file| partitioned_file(file, schema)).collect()).split_files(partitions.max(1))
}

/// A table's order as DataFusion knows it; `None` when there is none.
pub(crate) fn ordering(order: &[&str], schema: &SchemaRef) -> Result<Option<LexOrdering>> {
    let sorts: Vec<PhysicalSortExpr> = order
        .iter()
        .map(|name| Ok(PhysicalSortExpr::new(Arc::new(Column::new_with_schema(name, schema)?), ASCENDING)))
        .collect::<Result<_>>()?;
    Ok(LexOrdering::new(sorts))
}

fn partitioned_file(file: &Arc<TableFile>, schema: &SchemaRef) -> PartitionedFile {
    PartitionedFile::new(shown_name(&file.path), file.bytes)
        .with_statistics(Arc::new(file_statistics(file, schema)))
        .with_extension(Arc::clone(file))
}

/// What the manifest says of a file, and the bounds that hold for any file of the other columns: DataFusion wants
/// bounds of each column of the declared order before it believes that files follow each other.
fn file_statistics(file: &TableFile, schema: &SchemaRef) -> Statistics {
    let column_statistics = schema
        .fields()
        .iter()
        .map(|field| match file.clients {
            Some((first, last)) if field.name() == "client_id" => ColumnStatistics {
                min_value: Precision::Exact(ScalarValue::Int64(Some(first))),
                max_value: Precision::Exact(ScalarValue::Int64(Some(last))),
                null_count: Precision::Exact(0),
                ..ColumnStatistics::new_unknown()
            },
            _ => match widest(field.data_type()) {
                Some((min, max)) => ColumnStatistics {
                    min_value: Precision::Inexact(min),
                    max_value: Precision::Inexact(max),
                    ..ColumnStatistics::new_unknown()
                },
                None => ColumnStatistics::new_unknown(),
            },
        })
        .collect();
    Statistics {
        num_rows: Precision::Exact(file.rows as usize),
        total_byte_size: Precision::Inexact(file.bytes as usize),
        column_statistics,
    }
}

/// Bounds that every value of a type keeps to.
fn widest(data_type: &DataType) -> Option<(ScalarValue, ScalarValue)> {
    match data_type {
        DataType::Int64 => Some((ScalarValue::Int64(Some(i64::MIN)), ScalarValue::Int64(Some(i64::MAX)))),
        DataType::Date32 => Some((ScalarValue::Date32(Some(i32::MIN)), ScalarValue::Date32(Some(i32::MAX)))),
        DataType::Time32(TimeUnit::Millisecond) => {
            Some((ScalarValue::Time32Millisecond(Some(i32::MIN)), ScalarValue::Time32Millisecond(Some(i32::MAX))))
        }
        // No text is above U+10FFFF repeated often enough to pass any code's length.
        DataType::Dictionary(key, value) if **value == DataType::Utf8 => {
            let wrap = |text: String| ScalarValue::Dictionary(key.clone(), Box::new(ScalarValue::Utf8(Some(text))));
            Some((wrap(String::new()), wrap("\u{10FFFF}".repeat(16))))
        }
        _ => None,
    }
}

/// What is known of a whole table.
pub(crate) fn table_statistics(files: &[Arc<TableFile>], schema: &SchemaRef) -> Statistics {
    let mut statistics = Statistics::new_unknown(schema);
    statistics.num_rows = Precision::Exact(files.iter().map(|file| file.rows as usize).sum());
    statistics.total_byte_size = Precision::Inexact(files.iter().map(|file| file.bytes as usize).sum());
    statistics
}

#[cfg(test)]
mod tests {
    use super::*;
    use virta_model::ClientId;

    #[test]
    fn every_client_lies_in_the_partition_that_the_split_points_say() {
        for (buckets, threads) in [(64, 1), (64, 2), (64, 3), (64, 7), (4, 8), (1, 2), (2, 2)] {
            let cut = Cut::new(buckets, threads);
            let splits: Vec<i64> = cut
                .split_points()
                .iter()
                .map(|point| match point.values() {
                    [ScalarValue::Int64(Some(id))] => *id,
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(splits.len() as u32 + 1, cut.partitions);
            for step in 0..997 {
                let id = i64::MAX / 997 * step;
                let by_split = splits.iter().filter(|split| **split <= id).count();
                assert_eq!(cut.partition_of(ClientId(id).bucket(buckets)), by_split, "{buckets} {threads} {id}");
            }
        }
    }
    #[test]
    fn every_client_of_a_range_of_buckets_lies_in_the_partition_that_its_split_points_say() {
        for (bucket_count, partitions) in [(64, 2), (64, 3), (64, 7), (4, 8), (2, 2), (8, 5)] {
            for start in 0..bucket_count {
                for end in start + 1..=bucket_count {
                    let slice = Slice { buckets: start..end, bucket_count, partitions };
                    let id_of = |point: &SplitPoint| match point.values() {
                        [ScalarValue::Int64(Some(id))] => *id,
                        other => panic!("{other:?}"),
                    };
                    let splits: Vec<i64> = slice.split_points().iter().map(id_of).collect();
                    assert_eq!(splits.len() as u32 + 1, partitions);
                    assert!(splits.windows(2).all(|pair| pair[0] < pair[1]), "{slice:?}");
                    for bucket in start..end {
                        let first = i64::from(bucket) << (63 - bucket_count.trailing_zeros());
                        let last = first + (i64::MAX >> bucket_count.trailing_zeros());
                        for id in [first, first + 1, last] {
                            assert_eq!(ClientId(id).bucket(bucket_count), bucket);
                            let by_split = splits.iter().filter(|split| **split <= id).count();
                            assert_eq!(slice.partition_of(bucket), by_split, "{slice:?} {bucket}");
                        }
                    }
                }
            }
        }
    }
}
