//! `distinct on (a) ... order by a, b`: the first row of each `a`. The engine takes the first value of each column apart,
//! which ends in a panic where the order names one thing twice, and has no place for subqueries.

use datafusion::common::Column;
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Distinct, Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, lit};

use super::fresh;

/// Numbers the rows of each group in their order and keeps the first ones.
pub(super) fn numbered(plan: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Distinct(Distinct::On(on)) = plan else { return Ok(plan) };
    let place = fresh("place");
    let number = row_number().partition_by(on.on_expr);
    let number = match &on.sort_expr {
        Some(order) if !order.is_empty() => number.order_by(order.clone()),
        _ => number,
    };
    let number = number.build()?.alias(place.as_str());
    let first = Expr::Column(Column::from_name(place)).eq(lit(1_u64));
    let mut rows = LogicalPlanBuilder::from(on.input.as_ref().clone()).window([number])?.filter(first)?;
    if let Some(order) = on.sort_expr {
        rows = rows.sort(order)?;
    }
    rows.project(on.select_expr)?.build()
}
