use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};

use crate::window::ClientWindows;

/// Puts [`ClientWindows`] in the place of DataFusion's windows wherever rows come sorted by the windows' partition.
#[derive(Debug)]
pub(super) struct WalkClients;

impl PhysicalOptimizerRule for WalkClients {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let bounded = plan.downcast_ref::<BoundedWindowAggExec>().map(|plan| (plan.window_expr(), plan.input()));
            let window =
                bounded.or_else(|| plan.downcast_ref::<WindowAggExec>().map(|plan| (plan.window_expr(), plan.input())));
            let walked = match window {
                Some((exprs, input)) => ClientWindows::over(exprs, input)?,
                None => None,
            };
            Ok(match walked {
                Some(walked) => Transformed::yes(Arc::new(walked) as Arc<dyn ExecutionPlan>),
                None => Transformed::no(plan),
            })
        })
        .data()
    }

    fn name(&self) -> &str {
        "walk_clients"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
