//! A plan that reads the clients of some buckets only.

use std::ops::Range;
use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_plan::ExecutionPlan;

use crate::scan::StoreScan;

/// The same plan over a range of buckets, with as many partitions.
pub(super) fn of_buckets(plan: Arc<dyn ExecutionPlan>, buckets: &Range<u32>) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|plan| match plan.downcast_ref::<StoreScan>() {
        Some(scan) => Ok(Transformed::yes(Arc::new(scan.of_buckets(buckets)?) as Arc<dyn ExecutionPlan>)),
        None => Ok(Transformed::no(plan)),
    })
    .data()
}
