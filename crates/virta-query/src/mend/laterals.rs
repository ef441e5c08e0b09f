//! `lateral`: a subquery of the from clause that names columns of the tables before it.

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Join, LogicalPlan, LogicalPlanBuilder};

use super::bind::bound;
use super::outer::Outer;
use super::refused;

/// Joins what a lateral subquery answers for each row of the tables before it.
pub(super) fn joined(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    match plan {
        LogicalPlan::Join(join) if is_lateral(&join.right) => lateral(&join).map(Transformed::yes),
        other => Ok(Transformed::no(other)),
    }
}

fn is_lateral(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Subquery(_) => true,
        LogicalPlan::SubqueryAlias(alias) => is_lateral(&alias.input),
        _ => false,
    }
}

fn lateral(join: &Join) -> Result<LogicalPlan> {
    let kind = join.join_type;
    if !matches!(kind, JoinType::Inner | JoinType::Left) || !join.on.is_empty() {
        return Err(refused(
            "this kind of join is not possible with lateral",
            "write cross join lateral or left join lateral ... on true",
        ));
    }
    let left = join.left.as_ref();
    let outer = Outer::of(&join.right, left, None)?;
    let rows = bound(&join.right, &outer, left)?;
    let shown: Vec<Column> = join.right.schema().columns();
    // A condition of a left join decides which answers there are.
    let rows = match (&join.filter, kind) {
        (Some(on), JoinType::Left) => {
            let names_left = on.column_refs().iter().any(|column| !join.right.schema().has_column(column));
            if names_left {
                return Err(refused(
                    "the condition of left join lateral names a column of the other side",
                    "put the condition into the subquery's where, and write on true",
                ));
            }
            LogicalPlanBuilder::from(rows).filter(on.clone())?.build()?
        }
        _ => rows,
    };
    let (joined, answers) = outer.beside(left.clone(), rows, kind)?;
    let lefts = left.schema().columns().into_iter().map(Expr::Column);
    let rights = answers
        .into_iter()
        .zip(shown)
        .map(|(answer, shown)| Expr::Column(answer).alias_qualified(shown.relation, shown.name));
    let plan = LogicalPlanBuilder::from(joined).project(lefts.chain(rights).collect::<Vec<_>>())?;
    match (&join.filter, kind) {
        (Some(on), JoinType::Inner) => plan.filter(on.clone())?.build(),
        _ => plan.build(),
    }
}
