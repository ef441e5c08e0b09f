//! Which columns determine which. Over a join, the engine takes columns that determine a part of the columns of a group
//! for ones that determine all: `group by a.id, b.kind`, where `a.id` is unique in `a`, is then grouped by `a.id` alone.

use std::sync::Arc;

use datafusion::common::FunctionalDependencies;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// The engine's rules that ask what determines what.
const ASKING: [&str; 4] =
    ["replace_distinct_aggregate", "eliminate_join", "eliminate_duplicated_expr", "optimize_projections"];

/// Takes away what joins say of it, so that groups above them say of themselves what is true.
#[derive(Debug)]
pub(super) struct Independent;

impl Independent {
    pub(super) fn comes_before(rule: &str) -> bool {
        ASKING.contains(&rule)
    }
}

impl OptimizerRule for Independent {
    fn name(&self) -> &str {
        "independent"
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        independent(plan)
    }
}

fn independent(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let plan = plan.map_children(independent)?;
    let plan = plan.transform_data(|plan| plan.map_subqueries(independent))?;
    let is_other = plan.transformed;
    match plan.data {
        LogicalPlan::Join(mut join) if !join.schema.functional_dependencies().is_empty() => {
            let schema = join.schema.as_ref().clone();
            join.schema = Arc::new(schema.with_functional_dependencies(FunctionalDependencies::empty())?);
            Ok(Transformed::yes(LogicalPlan::Join(join)))
        }
        LogicalPlan::Join(join) => Ok(Transformed::new_transformed(LogicalPlan::Join(join), is_other)),
        other if is_other => other.recompute_schema().map(Transformed::yes),
        other => Ok(Transformed::no(other)),
    }
}
