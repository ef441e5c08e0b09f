//! `a.x is not distinct from b.x` between two tables. The engine joins by it with nulls taken for equal, and then
//! takes nulls for equal in every other comparison of the two tables, too.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Filter, LogicalPlan, Operator};

use super::outer::equal_keys;

/// Says the same with comparisons that need no nulls to be equal.
pub(super) fn keyed(plan: LogicalPlan) -> Result<LogicalPlan> {
    match plan {
        LogicalPlan::Join(mut join) => {
            if let Some(on) = join.filter.take() {
                let schema = join.left.schema().join(join.right.schema())?;
                join.filter = conjunction(rewritten(on, &schema)?.data);
            }
            Ok(LogicalPlan::Join(join))
        }
        LogicalPlan::Filter(filter) => {
            let rewritten = rewritten(filter.predicate.clone(), filter.input.schema())?;
            match conjunction(rewritten.data) {
                Some(predicate) if rewritten.transformed => {
                    Ok(LogicalPlan::Filter(Filter::try_new(predicate, filter.input)?))
                }
                _ => Ok(LogicalPlan::Filter(filter)),
            }
        }
        other => Ok(other),
    }
}

fn rewritten(condition: Expr, schema: &datafusion::common::DFSchema) -> Result<Transformed<Vec<Expr>>> {
    let mut all = Vec::new();
    let mut is_other = false;
    for condition in split_conjunction_owned(condition) {
        match condition {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::IsNotDistinctFrom, right })
                if names_column(&left) && names_column(&right) =>
            {
                let (one, other) = (left.get_type(schema)?, right.get_type(schema)?);
                if one != other {
                    all.push({
                        let (left, right) = (*left, *right);
                        left.clone()
                            .is_null()
                            .eq(right.clone().is_null())
                            .and(left.clone().eq(right).or(left.is_null()))
                    });
                } else {
                    let keys = equal_keys(&left, &one)?.into_iter().zip(equal_keys(&right, &one)?);
                    all.extend(keys.map(|(left, right)| left.eq(right)));
                }
                is_other = true;
            }
            other => all.push(other),
        }
    }
    Ok(Transformed::new(all, is_other, datafusion::common::tree_node::TreeNodeRecursion::Continue))
}

fn names_column(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(matches!(expr, Expr::Column(_) | Expr::OuterReferenceColumn(..)))).unwrap_or(true)
}
