//! Grouping sets of what is worked out: `group by rollup (day - 30)`. The engine names such a set after its text, and
//! loses it when a rule changes the text.

use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::Result;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, GroupingSet, LogicalPlan, LogicalPlanBuilder};

use super::fresh;

/// Makes a column of each such key below the groups.
pub(super) fn as_columns(plan: LogicalPlan) -> Result<LogicalPlan> {
    let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(plan) };
    let [Expr::GroupingSet(set)] = aggregate.group_expr.as_slice() else {
        return Ok(LogicalPlan::Aggregate(aggregate));
    };
    let keys: Vec<Expr> = set.distinct_expr().into_iter().cloned().collect();
    if keys.iter().all(|key| matches!(key, Expr::Column(_))) {
        return Ok(LogicalPlan::Aggregate(aggregate));
    }
    let named: Vec<(Expr, Expr)> = keys
        .into_iter()
        .map(|key| {
            let column = match &key {
                Expr::Column(_) => key.clone(),
                _ => Expr::Column(Column::from_name(fresh("key"))),
            };
            (key, column)
        })
        .collect();
    let column = |key: &Expr| {
        let found = named.iter().find(|(known, _)| known == key);
        found.map_or_else(|| key.clone(), |(_, column)| column.clone())
    };
    let columns = |keys: &[Expr]| keys.iter().map(column).collect::<Vec<_>>();
    let set = match set {
        GroupingSet::Rollup(keys) => GroupingSet::Rollup(columns(keys)),
        GroupingSet::Cube(keys) => GroupingSet::Cube(columns(keys)),
        GroupingSet::GroupingSets(sets) => GroupingSet::GroupingSets(sets.iter().map(|keys| columns(keys)).collect()),
    };
    let sums = aggregate.aggr_expr.iter().map(|expr| asked_of(expr.clone(), &column)).collect::<Result<Vec<_>>>()?;
    let mut below: Vec<Expr> = aggregate.input.schema().columns().into_iter().map(Expr::Column).collect();
    for (key, column) in &named {
        if let (false, Expr::Column(column)) = (matches!(key, Expr::Column(_)), column) {
            below.push(key.clone().alias(column.name.as_str()));
        }
    }
    let input = LogicalPlanBuilder::from(aggregate.input.as_ref().clone()).project(below)?.build()?;
    let grouped = Aggregate::try_new(input.into(), vec![Expr::GroupingSet(set)], sums)?;
    let shown = aggregate.schema.columns();
    // Nobody asks for the number of the set, and the rule that answers `grouping` takes it away.
    let is_number = |column: &Column| column.name == Aggregate::INTERNAL_GROUPING_ID;
    let exprs: Vec<Expr> = grouped
        .schema
        .columns()
        .into_iter()
        .zip(shown)
        .filter(|(now, _)| !is_number(now))
        .map(|(now, before)| Expr::Column(now).alias_qualified(before.relation, before.name))
        .collect();
    LogicalPlanBuilder::from(LogicalPlan::Aggregate(grouped)).project(exprs)?.build()
}

/// `grouping(key)` asks about the column.
fn asked_of(expr: Expr, column: &impl Fn(&Expr) -> Expr) -> Result<Expr> {
    expr.transform_down(|expr| match expr {
        Expr::AggregateFunction(AggregateFunction { func, mut params }) if func.name() == "grouping" => {
            params.args = params.args.iter().map(column).collect();
            Ok(Transformed::yes(Expr::AggregateFunction(AggregateFunction { func, params })))
        }
        other => Ok(Transformed::no(other)),
    })
    .data()
}
