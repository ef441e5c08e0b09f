//! `except all` and `intersect all` count copies: m - n of them, and the lesser of m and n. The engine looks only
//! whether a row is on the other side.

use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Distinct, Expr, ExprFunctionExt, Join, LogicalPlan, LogicalPlanBuilder};

use super::fresh;

/// Numbers the copies of each row on both sides, so that a copy is looked for by its number.
pub(super) fn counted(plan: LogicalPlan) -> Result<LogicalPlan> {
    match plan {
        LogicalPlan::Join(join) if is_all(&join) => all(&join),
        other => Ok(other),
    }
}

/// Without `all` the left side is made distinct first. No join that a user writes takes nulls as equal.
fn is_all(join: &Join) -> bool {
    let is_set = matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti);
    let is_distinct = matches!(join.left.as_ref(), LogicalPlan::Distinct(Distinct::All(_)));
    let is_numbered = join.left.schema().columns().iter().any(|column| column.name.starts_with("virta_copy"));
    is_set && join.null_equality == NullEquality::NullEqualsNull && !is_distinct && !is_numbered
}

fn all(join: &Join) -> Result<LogicalPlan> {
    let numbered = |side: &LogicalPlan, name: &str| {
        let columns = side.schema().columns().into_iter().map(Expr::Column).collect();
        let copy = row_number().partition_by(columns).build()?.alias(name);
        LogicalPlanBuilder::from(side.clone()).window([copy])?.build()
    };
    let (left, right) = (fresh("copy"), fresh("copy"));
    let rows = numbered(&join.left, &left)?;
    let others = numbered(&join.right, &right)?;
    let mut lefts: Vec<Column> = join.left.schema().columns();
    let mut rights: Vec<Column> = join.right.schema().columns();
    let shown: Vec<Expr> = lefts.iter().cloned().map(Expr::Column).collect();
    lefts.push(Column::from_name(left));
    rights.push(Column::from_name(right));
    let joined = LogicalPlanBuilder::from(rows);
    let joined =
        joined.join_detailed(others, join.join_type, (lefts, rights), None, NullEquality::NullEqualsNull)?;
    joined.project(shown)?.build()
}
