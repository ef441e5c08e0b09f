//! What is the same in every row of one side of a join is not the same any more where rows of the other side stay alone
//! and have null there. The engine forgets it, and then leaves out sorting by such a column, and groups and numbers rows
//! as if they lay in its order.

use std::fmt;
use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::utils::collect_columns;
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::joins::{HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::{
    ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
};

/// Puts a step that says nothing of its rows over each join that says what may be wrong. It stays there: what a sort finds
/// when it begins may be wrong, too.
#[derive(Debug)]
pub(super) struct Unsaid;

impl PhysicalOptimizerRule for Unsaid {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| match says_wrong(&plan) {
            true => Ok(Transformed::yes(Arc::new(Silent::over(plan)) as Arc<dyn ExecutionPlan>)),
            false => Ok(Transformed::no(plan)),
        })
        .data()
    }

    fn name(&self) -> &str {
        "outer_constants"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether a join says that a column is the same in every row that is null in some.
fn says_wrong(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let join = if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        Some((*join.join_type(), join.left(), join.projection.is_some()))
    } else if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        Some((*join.join_type(), join.left(), join.projection().is_some()))
    } else {
        plan.downcast_ref::<SortMergeJoinExec>().map(|join| (join.join_type(), join.left(), false))
    };
    let Some((join_type, left, is_projected)) = join else { return false };
    let left_columns = left.schema().fields().len();
    let may_be_null = |column: usize| match join_type {
        _ if is_projected => true,
        JoinType::Left => column >= left_columns,
        JoinType::Right => column < left_columns,
        _ => true,
    };
    matches!(join_type, JoinType::Left | JoinType::Right | JoinType::Full)
        && plan.properties().equivalence_properties().constants().iter().any(|constant| {
            let columns = collect_columns(&constant.expr);
            columns.iter().any(|column| may_be_null(column.index()))
        })
}

/// A join that says nothing of its rows.
#[derive(Debug)]
struct Silent {
    join: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl Silent {
    fn over(join: Arc<dyn ExecutionPlan>) -> Self {
        let known = join.properties();
        let properties = PlanProperties::new(
            EquivalenceProperties::new(join.schema()),
            known.output_partitioning().clone(),
            known.emission_type,
            known.boundedness,
        );
        Silent { join, properties: Arc::new(properties) }
    }
}

impl DisplayAs for Silent {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NoConstants")
    }
}

impl ExecutionPlan for Silent {
    fn name(&self) -> &str {
        "NoConstants"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.join]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let join = children.into_iter().next();
        let join = join.ok_or_else(|| DataFusionError::Internal("a step lost the one below it".to_owned()))?;
        Ok(Arc::new(Silent::over(join)))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        self.join.execute(partition, context)
    }
}
