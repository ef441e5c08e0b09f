//! `except all` and `intersect all` count copies: m - n of them, and the lesser of m and n. The engine looks only
//! whether a row is on the other side, and never finds one of nothing but `null`. And `distinct`, which it forgets in places.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{Column, JoinType, NullEquality, ScalarValue};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprFunctionExt, ExprSchemable, GroupingSet, Join, LogicalPlan, LogicalPlanBuilder,
    Union, cast, lit,
};

use super::fresh;

/// Numbers the copies of each row on both sides, so that a copy is looked for by its number.
pub(super) fn counted(plan: LogicalPlan) -> Result<LogicalPlan> {
    match plan {
        LogicalPlan::Join(join) if is_all(&join) => all(&join),
        LogicalPlan::Join(join) if join.null_equality == NullEquality::NullEqualsNull => {
            Ok(LogicalPlan::Join(typed(join)?))
        }
        LogicalPlan::Union(union) => floating(union),
        other => Ok(other),
    }
}

/// A column that is a decimal on one side and a floating point number on another is the latter. The engine makes a decimal
/// with 15 places of it.
fn floating(union: Union) -> Result<LogicalPlan> {
    let columns = union.schema.fields().len();
    let types =
        |at: usize| union.inputs.iter().filter_map(move |input| Some(input.schema().fields().get(at)?.data_type()));
    let mixed: Vec<bool> =
        (0..columns).map(|at| types(at).any(DataType::is_floating) && types(at).any(DataType::is_decimal)).collect();
    if !mixed.contains(&true) {
        return Ok(LogicalPlan::Union(union));
    }
    let inputs = union.inputs.iter().map(|input| {
        let exprs = input.schema().columns().into_iter().zip(&mixed).map(|(column, is_mixed)| match is_mixed {
            true => {
                let (relation, name) = (column.relation.clone(), column.name.clone());
                cast(Expr::Column(column), DataType::Float64).alias_qualified(relation, name)
            }
            false => Expr::Column(column),
        });
        LogicalPlanBuilder::from(input.as_ref().clone()).project(exprs)?.build().map(Arc::new)
    });
    let inputs = inputs.collect::<Result<Vec<_>>>()?;
    let before = union.schema.columns();
    let all = LogicalPlan::Union(Union::try_new_with_loose_types(inputs)?);
    let exprs = all
        .schema()
        .columns()
        .into_iter()
        .zip(before)
        .map(|(now, before)| Expr::Column(now).alias_qualified(before.relation, before.name));
    let exprs: Vec<Expr> = exprs.collect();
    LogicalPlanBuilder::from(all).project(exprs)?.build()
}

/// Nulls that have no type get one, since without it none is equal to another.
fn typed(mut join: Join) -> Result<Join> {
    for (left, right) in &mut join.on {
        let types = (left.get_type(join.left.schema())?, right.get_type(join.right.schema())?);
        if types == (DataType::Null, DataType::Null) {
            *left = cast(left.clone(), DataType::Boolean);
            *right = cast(right.clone(), DataType::Boolean);
        }
        if types.0.is_decimal() && types.1.is_floating() {
            *left = cast(left.clone(), DataType::Float64);
        } else if types.0.is_floating() && types.1.is_decimal() {
            *right = cast(right.clone(), DataType::Float64);
        }
    }
    Ok(join)
}

/// `distinct` as groups of all columns. The engine does the same later, but leaves it out where it takes a part of the
/// columns for one that determines the others, which it guesses wrongly over groups of a join.
pub(super) fn once(plan: LogicalPlan) -> Result<LogicalPlan> {
    match plan {
        LogicalPlan::Distinct(Distinct::All(input)) if !input.schema().fields().is_empty() => {
            let columns = input.schema().columns().into_iter().map(Expr::Column).collect();
            Ok(LogicalPlan::Aggregate(Aggregate::try_new(input, columns, Vec::new())?))
        }
        other => Ok(other),
    }
}

/// Grouping sets with the set of nothing as a grouping of its own, which always gives a row: what `rollup` means to a
/// subquery that is answered for many outer rows at once.
pub(super) fn apart(aggregate: &Aggregate) -> Result<Option<LogicalPlan>> {
    let [Expr::GroupingSet(set)] = aggregate.group_expr.as_slice() else { return Ok(None) };
    let sets: Vec<Vec<Expr>> = match set {
        GroupingSet::Rollup(keys) => (0..=keys.len()).map(|count| keys.iter().take(count).cloned().collect()).collect(),
        GroupingSet::Cube(keys) if keys.len() <= 16 => {
            let chosen = |mask: usize| keys.iter().enumerate().filter(move |(at, _)| mask & (1 << at) != 0);
            (0..1_usize << keys.len()).map(|mask| chosen(mask).map(|(_, key)| key.clone()).collect()).collect()
        }
        GroupingSet::Cube(_) => return Ok(None),
        GroupingSet::GroupingSets(sets) => sets.clone(),
    };
    let empty = sets.iter().filter(|set| set.is_empty()).count();
    // What a row is grouped by can only be told of all sets together.
    let asks_for_set = aggregate.aggr_expr.iter().any(|expr| {
        let asks =
            |expr: &Expr| Ok(matches!(expr, Expr::AggregateFunction(function) if function.func.name() == "grouping"));
        expr.exists(asks).unwrap_or(true)
    });
    let others: Vec<Vec<Expr>> = sets.into_iter().filter(|set| !set.is_empty()).collect();
    if empty == 0 || asks_for_set || others.is_empty() {
        return Ok(None);
    }
    // The sets' keys in the order of their first appearance are the columns.
    let shown: Vec<Column> = aggregate.schema.columns();
    let keys = shown.len() - aggregate.aggr_expr.len() - 1;
    let group = Expr::GroupingSet(GroupingSet::GroupingSets(others));
    let grouped = Aggregate::try_new(Arc::clone(&aggregate.input), vec![group], aggregate.aggr_expr.clone())?;
    let found = grouped.schema.columns();
    if found.len() != shown.len() || found[..keys] != shown[..keys] {
        return Ok(None);
    }
    let columns = found[..keys].iter().chain(&found[keys + 1..]);
    let exprs: Vec<Expr> = columns.cloned().map(Expr::Column).collect();
    let grouped = LogicalPlanBuilder::from(LogicalPlan::Aggregate(grouped)).project(exprs.clone())?.build()?;
    let whole = match aggregate.aggr_expr.is_empty() {
        true => LogicalPlanBuilder::empty(true).build()?,
        false => LogicalPlan::Aggregate(Aggregate::try_new(
            Arc::clone(&aggregate.input),
            Vec::new(),
            aggregate.aggr_expr.clone(),
        )?),
    };
    let nothing = shown[..keys].iter().map(|key| {
        let data_type = Expr::Column(key.clone()).get_type(&aggregate.schema)?;
        Ok(cast(lit(ScalarValue::Null), data_type).alias_qualified(key.relation.clone(), key.name.clone()))
    });
    let nothing = nothing.collect::<Result<Vec<Expr>>>()?;
    let own = whole.schema().columns().into_iter().map(Expr::Column);
    let whole = LogicalPlanBuilder::from(whole.clone()).project(nothing.into_iter().chain(own).collect::<Vec<_>>())?;
    let mut all = LogicalPlanBuilder::from(grouped);
    let whole = whole.build()?;
    for _ in 0..empty {
        all = all.union(whole.clone())?;
    }
    // A union forgets whose columns they were; and the number of the set, which nobody asks for, has its place.
    let all = all.build()?;
    let now = all.schema().columns();
    let mut exprs: Vec<Expr> = Vec::new();
    for (at, key) in shown.iter().enumerate() {
        let expr = match at {
            at if at < keys => Expr::Column(now[at].clone()),
            at if at == keys => cast(lit(0), aggregate.schema.field(at).data_type().clone()),
            at => Expr::Column(now[at - 1].clone()),
        };
        exprs.push(expr.alias_qualified(key.relation.clone(), key.name.clone()));
    }
    LogicalPlanBuilder::from(all).project(exprs)?.build().map(Some)
}

/// Without `all` the left side is made distinct first. No join that a user writes takes nulls as equal.
fn is_all(join: &Join) -> bool {
    let is_set = matches!(join.join_type, JoinType::LeftSemi | JoinType::LeftAnti);
    let is_distinct = match join.left.as_ref() {
        LogicalPlan::Distinct(Distinct::All(_)) => true,
        // A view is looked at again where it is used, and `once` was there before.
        LogicalPlan::Aggregate(aggregate) => aggregate.aggr_expr.is_empty(),
        _ => false,
    };
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
    let joined = joined.join_detailed(others, join.join_type, (lefts, rights), None, NullEquality::NullEqualsNull)?;
    joined.project(shown)?.build()
}
