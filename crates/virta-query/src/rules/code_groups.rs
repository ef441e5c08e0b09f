use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::AggregateExec;

use crate::grouping::CodeGroups;

/// Puts [`CodeGroups`] in the place of the first phase of an aggregation by codes.
#[derive(Debug)]
pub(super) struct GroupByCodes;

impl PhysicalOptimizerRule for GroupByCodes {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let groups = plan.downcast_ref::<AggregateExec>().and_then(CodeGroups::instead_of);
            Ok(match groups {
                Some(groups) => Transformed::yes(Arc::new(groups) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(plan),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "group_by_codes"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
