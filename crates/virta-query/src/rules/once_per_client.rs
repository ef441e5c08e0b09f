use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::{ChildrenPropertiesMode, ExecutionPlan, ReplaceChildrenOptions};

use crate::scan::StoreScan;

/// Has a scan give each client once where a join asks only whether the client is there: `exists` and `in`, and what is
/// not there.
#[derive(Debug)]
pub(super) struct OncePerClient;

impl PhysicalOptimizerRule for OncePerClient {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let Some((at, scan)) = plan.downcast_ref::<HashJoinExec>().and_then(asked) else {
                return Ok(Transformed::no(plan));
            };
            let children = plan.children().into_iter().enumerate();
            let children = children.map(|(own, child)| match own == at {
                true => Arc::clone(&scan),
                false => Arc::clone(child),
            });
            let children = children.collect();
            let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
            plan.replace_children(children, options).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &str {
        "once_per_client"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// The side of a join that is only asked, as a scan that gives each client once.
fn asked(join: &HashJoinExec) -> Option<(usize, Arc<dyn ExecutionPlan>)> {
    let (at, side) = match join.join_type() {
        JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => (1, join.right()),
        JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => (0, join.left()),
        _ => return None,
    };
    let scan = side.downcast_ref::<StoreScan>().filter(|_| join.filter().is_none())?;
    Some((at, Arc::new(scan.once_per_client()?)))
}
