//! The engine's rule that moves filters towards the tables tells columns by name alone where it looks into a plan: of
//! two columns with one name, as a join of a table with itself has them, it takes the first.

use std::fmt;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::AggregateExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::HashJoinExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
};

/// The engine's rule, to which steps are not shown whose filters it could take for those of another column.
#[derive(Debug)]
pub(super) struct NamedTwice(pub(super) Arc<dyn PhysicalOptimizerRule + Send + Sync>);

impl PhysicalOptimizerRule for NamedTwice {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        let (hidden, _) = hidden(plan)?;
        let moved = self.0.optimize(hidden, config)?;
        let shown = moved.transform_down(|plan| match plan.downcast_ref::<Hidden>() {
            Some(Hidden(own)) => Ok(Transformed::yes(Arc::clone(own))),
            None => Ok(Transformed::no(plan)),
        });
        shown.data()
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_check(&self) -> bool {
        self.0.schema_check()
    }
}

/// The plan with steps hidden, and whether a name may mean two columns in it.
fn hidden(plan: Arc<dyn ExecutionPlan>) -> Result<(Arc<dyn ExecutionPlan>, bool)> {
    let mut is_unclear = false;
    let mut is_other = false;
    let mut children = Vec::with_capacity(plan.children().len());
    for child in plan.children() {
        let (new, is_unclear_below) = hidden(Arc::clone(child))?;
        is_unclear |= is_unclear_below;
        is_other |= !Arc::ptr_eq(&new, child);
        children.push(new);
    }
    let plan = if is_other { plan.replace_children(children, recomputed())? } else { plan };
    let has_filter = plan.downcast_ref::<FilterExec>().is_some()
        || plan.downcast_ref::<HashJoinExec>().is_some()
        || plan.downcast_ref::<SortExec>().is_some()
        || plan.downcast_ref::<AggregateExec>().is_some();
    let is_unclear_here = is_unclear || has_twice(&plan) || renames(&plan);
    let plan = if has_filter && is_unclear { Arc::new(Hidden(plan)) as Arc<dyn ExecutionPlan> } else { plan };
    Ok((plan, is_unclear_here))
}

fn recomputed() -> ReplaceChildrenOptions {
    ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute)
}

fn has_twice(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let schema = plan.schema();
    let mut names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| matches!(pair, [one, other] if one == other))
}

/// A union has its columns by place, whatever its parts call them.
fn renames(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let schema = plan.schema();
    let differs = |part: &&Arc<dyn ExecutionPlan>| {
        let part = part.schema();
        part.fields().iter().zip(schema.fields()).any(|(own, whole)| own.name() != whole.name())
    };
    plan.downcast_ref::<UnionExec>().is_some() && plan.children().iter().any(differs)
}

/// A step that neither gives filters away nor lets them through.
#[derive(Debug)]
struct Hidden(Arc<dyn ExecutionPlan>);

impl DisplayAs for Hidden {
    fn fmt_as(&self, t: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_as(t, f)
    }
}

impl ExecutionPlan for Hidden {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.0.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.0.children()
    }

    fn apply_expressions(
        &self,
        visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        self.0.apply_expressions(visit)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Hidden(Arc::clone(&self.0).replace_children(children, options)?)))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, recomputed())
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.0.execute(partition, context)
    }
}
