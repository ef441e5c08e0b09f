use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalSortExpr;
use datafusion::physical_expr::aggregate::{AggregateExprBuilder, AggregateFunctionExpr};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

/// Takes `order by` out of `string_agg(text, ',' order by text)` where the rows of each group come in that order
/// anyhow. Without it DataFusion adds to one text by group; with it every group gathers a list of its own and joins it
/// at the end, which takes ten times as long.
#[derive(Debug)]
pub(super) struct TextsInOrder;

impl PhysicalOptimizerRule for TextsInOrder {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, _: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| match plan.downcast_ref::<AggregateExec>().map(rewritten).transpose()?.flatten() {
            Some(aggregate) => Ok(Transformed::yes(Arc::new(aggregate) as Arc<dyn ExecutionPlan>)),
            None => Ok(Transformed::no(plan)),
        })
        .data()
    }

    fn name(&self) -> &str {
        "texts_in_order"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

fn rewritten(aggregate: &AggregateExec) -> Result<Option<AggregateExec>> {
    // Between phases the lists go on, and must be told apart by what they are ordered by.
    let is_whole = matches!(aggregate.mode(), AggregateMode::Single | AggregateMode::SinglePartitioned);
    if !is_whole || !aggregate.aggr_expr().iter().any(|expr| comes_in_order(expr, aggregate)) {
        return Ok(None);
    }
    let exprs = aggregate.aggr_expr().iter().map(|expr| match comes_in_order(expr, aggregate) {
        true => without_order(expr, aggregate).map(Arc::new),
        false => Ok(Arc::clone(expr)),
    });
    let rewritten = AggregateExec::try_new(
        *aggregate.mode(),
        aggregate.group_expr().clone(),
        exprs.collect::<Result<_>>()?,
        aggregate.filter_expr().to_vec(),
        Arc::clone(aggregate.input()),
        aggregate.input_schema(),
    )?;
    let is_same = rewritten.schema().fields() == aggregate.schema().fields();
    Ok(is_same.then_some(rewritten))
}

/// Whether the input is in order of all that is grouped by, and then of what the texts are to be in order of.
fn comes_in_order(expr: &AggregateFunctionExpr, aggregate: &AggregateExec) -> bool {
    let order = expr.order_bys();
    if expr.fun().name() != "string_agg" || expr.is_distinct() || expr.is_reversed() || order.is_empty() {
        return false;
    }
    let by = aggregate.group_expr();
    let Some(of_input) = aggregate.input().output_ordering() else { return false };
    let of_input: Vec<&PhysicalSortExpr> = of_input.iter().collect();
    let Some((groups, rest)) = of_input.split_at_checked(by.expr().len()) else { return false };
    by.is_single()
        && by.expr().iter().all(|(key, _)| groups.iter().any(|sorted| sorted.expr.eq(key)))
        && rest.len() >= order.len()
        && rest
            .iter()
            .zip(order)
            .all(|(sorted, wanted)| sorted.expr.eq(&wanted.expr) && sorted.options == wanted.options)
}

fn without_order(expr: &AggregateFunctionExpr, aggregate: &AggregateExec) -> Result<AggregateFunctionExpr> {
    AggregateExprBuilder::new(Arc::new(expr.fun().clone()), expr.expressions())
        .schema(aggregate.input_schema())
        .alias(expr.name())
        .with_ignore_nulls(expr.ignore_nulls())
        .build()
}
