//! A subquery that names columns of the outer query, answered for all rows of the outer query at once.
//!
//! The outer rows' combinations of the named columns, each once, are joined in below, and every step above is taken
//! for each combination apart: groups are grouped by it, windows and limits count within it. This is right for every
//! subquery (Neumann and Kemper, "Unnesting Arbitrary Queries", 2015); the engine's own way, which moves filters up
//! through the steps, is not.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, NullEquality};
use datafusion::error::Result;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::{AggregateFunction, Exists, InSubquery, SetComparison, WindowFunction};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprFunctionExt, FetchType, GroupingSet, Join, Limit, LogicalPlan, LogicalPlanBuilder,
    SkipType, Subquery, lit,
};

use super::outer::{Outer, is_known, joined_alike, named_outside, subquery_of};
use super::{fresh, refused};

fn with_subquery(expr: Expr, new: Subquery) -> Expr {
    match expr {
        Expr::ScalarSubquery(_) => Expr::ScalarSubquery(new),
        Expr::Exists(old) => Expr::Exists(Exists { subquery: new, ..old }),
        Expr::InSubquery(old) => Expr::InSubquery(InSubquery { subquery: new, ..old }),
        Expr::SetComparison(old) => Expr::SetComparison(SetComparison { subquery: new, ..old }),
        other => other,
    }
}

/// The subquery's rows for every combination: its columns after the combination's.
pub(super) fn bound(plan: &LogicalPlan, outer: &Outer, of: &LogicalPlan) -> Result<LogicalPlan> {
    Binder { outer, of }.plan(plan)
}

struct Binder<'a> {
    outer: &'a Outer,
    /// The outer query's input, which resolves its columns' names.
    of: &'a LogicalPlan,
}

impl Binder<'_> {
    fn resolve(&self, column: &Column) -> Option<Column> {
        let at = self.of.schema().index_of_column(column).ok()?;
        Some(Column::from(self.of.schema().qualified_field(at)))
    }

    fn position(&self, column: &Column) -> Option<usize> {
        self.outer.position(column, &|column| self.resolve(column))
    }

    fn is_correlated(&self, plan: &LogicalPlan) -> Result<bool> {
        Ok(named_outside(plan)?.iter().any(|column| self.position(column).is_some()))
    }

    fn plan(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        if !self.is_correlated(plan)? {
            return LogicalPlanBuilder::from(self.outer.rows.clone()).cross_join(plan.clone())?.build();
        }
        match plan {
            LogicalPlan::Projection(projection) => {
                let input = self.plan(&projection.input)?;
                let exprs = self.exprs(&projection.expr, plan)?;
                LogicalPlanBuilder::from(input).project(self.outer.exprs().into_iter().chain(exprs))?.build()
            }
            LogicalPlan::Filter(filter) => {
                let predicate = self.expr(filter.predicate.clone(), plan)?;
                LogicalPlanBuilder::from(self.plan(&filter.input)?).filter(predicate)?.build()
            }
            LogicalPlan::SubqueryAlias(alias) => {
                let input = self.plan(&alias.input)?;
                let known = input.schema().columns();
                let inner = known.iter().skip(self.outer.columns.len());
                let renamed = inner.map(|column| {
                    Expr::Column(column.clone()).alias_qualified(Some(alias.alias.clone()), column.name.clone())
                });
                let exprs: Vec<Expr> = self.outer.exprs().into_iter().chain(renamed).collect();
                LogicalPlanBuilder::from(input).project(exprs)?.build()
            }
            // Only a limit looks at the order, and it takes it from here itself.
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => self.plan(&sort.input),
            LogicalPlan::Limit(limit) => self.limit(limit),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                LogicalPlanBuilder::from(self.plan(input)?).distinct()?.build()
            }
            LogicalPlan::Aggregate(aggregate) => self.aggregate(aggregate, plan),
            LogicalPlan::Window(window) => {
                let input = self.plan(&window.input)?;
                let exprs = self.exprs(&window.window_expr, plan)?;
                let apart = exprs.into_iter().map(|expr| self.window_apart(expr)).collect::<Result<Vec<_>>>()?;
                let windows = LogicalPlanBuilder::from(input).window(apart)?.build()?;
                Ok(windows)
            }
            LogicalPlan::Join(join) => self.join(join, plan),
            LogicalPlan::Union(union) => {
                let inputs = union.inputs.iter().map(|input| self.plan(input)).collect::<Result<Vec<_>>>()?;
                let mut inputs = inputs.into_iter();
                let first = inputs.next().ok_or_else(unknown)?;
                let all = inputs.try_fold(LogicalPlanBuilder::from(first), |all, next| all.union(next))?.build()?;
                // A union forgets whose columns they were.
                let found = all.schema().columns();
                let own = found.iter().take(self.outer.columns.len()).enumerate().map(|(at, column)| {
                    let own = self.outer.own(at);
                    Expr::Column(column.clone()).alias_qualified(own.relation, own.name)
                });
                let before = union.schema.columns();
                let rest = found
                    .iter()
                    .skip(self.outer.columns.len())
                    .zip(before)
                    .map(|(now, before)| Expr::Column(now.clone()).alias_qualified(before.relation, before.name));
                let exprs: Vec<Expr> = own.chain(rest).collect();
                LogicalPlanBuilder::from(all).project(exprs)?.build()
            }
            LogicalPlan::Subquery(subquery) => self.plan(&subquery.subquery),
            _ => Err(unknown()),
        }
    }

    fn exprs(&self, exprs: &[Expr], node: &LogicalPlan) -> Result<Vec<Expr>> {
        let names = NamePreserver::new_for_projection();
        let bound = |expr: &Expr| {
            let name = names.save(expr);
            Ok(name.restore(self.expr(expr.clone(), node)?))
        };
        exprs.iter().map(bound).collect()
    }

    /// The combination's columns in the place of the outer query's, also inside the expression's own subqueries.
    fn expr(&self, expr: Expr, node: &LogicalPlan) -> Result<Expr> {
        expr.transform_down(|expr| match &expr {
            Expr::OuterReferenceColumn(_, column) => match self.position(column) {
                Some(at) => Ok(Transformed::yes(Expr::Column(self.outer.own(at)))),
                None => Ok(Transformed::no(expr)),
            },
            other => match subquery_of(other).cloned() {
                Some(subquery) => {
                    let inner = self.redirected(&subquery.subquery, &|column| !is_known(node, column))?;
                    Ok(Transformed::yes(with_subquery(expr, subquery_over(inner, subquery.spans))))
                }
                None => Ok(Transformed::no(expr)),
            },
        })
        .data()
    }

    /// A subquery of the subquery, which now names the combination's columns of its own outer query.
    fn redirected(&self, plan: &LogicalPlan, is_ours: &dyn Fn(&Column) -> bool) -> Result<LogicalPlan> {
        let here = plan.clone();
        let plan = plan.clone().map_expressions(|expr| {
            expr.transform_down(|expr| match &expr {
                Expr::OuterReferenceColumn(field, column) if is_ours(column) => match self.position(column) {
                    Some(at) => Ok(Transformed::yes(Expr::OuterReferenceColumn(Arc::clone(field), self.outer.own(at)))),
                    None => Ok(Transformed::no(expr)),
                },
                other => match subquery_of(other).cloned() {
                    Some(subquery) => {
                        let still = |column: &Column| is_ours(column) && !is_known(&here, column);
                        let inner = self.redirected(&subquery.subquery, &still)?;
                        Ok(Transformed::yes(with_subquery(expr, subquery_over(inner, subquery.spans))))
                    }
                    None => Ok(Transformed::no(expr)),
                },
            })
        })?;
        plan.data.map_children(|child| Ok(Transformed::yes(self.redirected(&child, is_ours)?))).data()
    }

    fn limit(&self, limit: &Limit) -> Result<LogicalPlan> {
        let (SkipType::Literal(skip), FetchType::Literal(fetch)) = (limit.get_skip_type()?, limit.get_fetch_type()?)
        else {
            return Err(refused("a limit inside such a subquery must be a number", "write the number out"));
        };
        // Columns that only the order needs are dropped above the sort.
        let mut above = Vec::new();
        let mut node = limit.input.as_ref();
        while let LogicalPlan::Projection(projection) = node {
            if !matches!(projection.input.as_ref(), LogicalPlan::Sort(_) | LogicalPlan::Projection(_)) {
                break;
            }
            above.push(projection.clone());
            node = &projection.input;
        }
        let order = match node {
            LogicalPlan::Sort(sort) => sort.expr.clone(),
            _ => Vec::new(),
        };
        let sorted = match node {
            LogicalPlan::Sort(sort) if sort.fetch.is_some() => return Err(unknown()),
            other => other,
        };
        let place = sorted.clone();
        let input = self.plan(sorted)?;
        let order = order.into_iter().map(|mut by| {
            by.expr = self.expr(by.expr, &place)?;
            Ok(by)
        });
        let place = fresh("place");
        let number = row_number().partition_by(self.outer.exprs());
        let order = order.collect::<Result<Vec<_>>>()?;
        let number = if order.is_empty() { number } else { number.order_by(order) }.build()?.alias(place.as_str());
        let columns: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
        let number_of = || Expr::Column(Column::from_name(place.as_str()));
        let mut kept = number_of().gt(lit(skip as u64));
        if let Some(fetch) = fetch {
            kept = kept.and(number_of().lt_eq(lit(skip as u64 + fetch as u64)));
        }
        let mut plan = LogicalPlanBuilder::from(input).window([number])?.filter(kept)?.project(columns)?.build()?;
        for projection in above.into_iter().rev() {
            let exprs = self.exprs(&projection.expr, &LogicalPlan::Projection(projection.clone()))?;
            plan = LogicalPlanBuilder::from(plan).project(self.outer.exprs().into_iter().chain(exprs))?.build()?;
        }
        Ok(plan)
    }

    fn aggregate(&self, aggregate: &Aggregate, node: &LogicalPlan) -> Result<LogicalPlan> {
        if let Some(apart) = super::sets::apart(aggregate)? {
            return self.plan(&apart);
        }
        if let [Expr::GroupingSet(GroupingSet::GroupingSets(sets))] = aggregate.group_expr.as_slice()
            && sets.iter().all(|set| !set.is_empty())
        {
            return self.grouping_sets(aggregate, sets, node);
        }
        if aggregate.group_expr.iter().any(|expr| matches!(expr, Expr::GroupingSet(_))) {
            return Err(refused(
                "rollup, cube and grouping sets are not possible in a subquery that names columns of the outer query",
                "group in a subquery of its own in the from clause, and join it",
            ));
        }
        let input = self.plan(&aggregate.input)?;
        let groups = self.exprs(&aggregate.group_expr, node)?;
        let sums = self.exprs(&aggregate.aggr_expr, node)?;
        if !groups.is_empty() {
            let groups = self.outer.exprs().into_iter().chain(groups);
            return LogicalPlanBuilder::from(input).aggregate(groups, sums)?.build();
        }
        // Without groups there is a row for every combination, also where no row is: one is made that no aggregate
        // looks at.
        let marker = fresh("there");
        let mut exprs: Vec<Expr> = input.schema().columns().into_iter().map(Expr::Column).collect();
        exprs.push(lit(true).alias(marker.as_str()));
        let marked = LogicalPlanBuilder::from(input).project(exprs)?.build()?;
        let all = self.outer.again()?;
        let joined = joined_alike(
            all.rows.clone(),
            &all.own_columns(),
            marked,
            &self.outer.own_columns(),
            JoinType::Left,
            Vec::new(),
        )?;
        let rows = LogicalPlanBuilder::from(joined);
        let names = NamePreserver::new_for_projection();
        let is_there = Expr::Column(Column::from_name(marker)).is_not_null();
        let sums = sums.into_iter().map(|expr| {
            let name = names.save(&expr);
            let only = expr.transform_down(|expr| match expr {
                Expr::AggregateFunction(AggregateFunction { func, mut params }) => {
                    let filter =
                        params.filter.take().map_or_else(|| is_there.clone(), |own| is_there.clone().and(*own));
                    params.filter = Some(Box::new(filter));
                    let new = Expr::AggregateFunction(AggregateFunction { func, params });
                    Ok(Transformed::new(new, true, TreeNodeRecursion::Jump))
                }
                other => Ok(Transformed::no(other)),
            });
            Ok(name.restore(only?.data))
        });
        let sums = sums.collect::<Result<Vec<_>>>()?;
        let plan = rows.aggregate(all.exprs(), sums)?.build()?;
        let own = (0..self.outer.columns.len()).map(|at| {
            let own = self.outer.own(at);
            Expr::Column(all.own(at)).alias_qualified(own.relation, own.name)
        });
        let rest = plan.schema().columns().into_iter().skip(self.outer.columns.len()).map(Expr::Column);
        let exprs: Vec<Expr> = own.chain(rest).collect();
        LogicalPlanBuilder::from(plan).project(exprs)?.build()
    }

    /// The combination belongs to every set.
    fn grouping_sets(&self, aggregate: &Aggregate, sets: &[Vec<Expr>], node: &LogicalPlan) -> Result<LogicalPlan> {
        let input = self.plan(&aggregate.input)?;
        let sets = sets.iter().map(|set| Ok(self.outer.exprs().into_iter().chain(self.exprs(set, node)?).collect()));
        let sets = sets.collect::<Result<Vec<Vec<Expr>>>>()?;
        let sums = self.exprs(&aggregate.aggr_expr, node)?;
        let group = Expr::GroupingSet(GroupingSet::GroupingSets(sets));
        LogicalPlanBuilder::from(input).aggregate([group], sums)?.build()
    }

    fn window_apart(&self, expr: Expr) -> Result<Expr> {
        let name = NamePreserver::new_for_projection().save(&expr);
        let apart = expr.transform_down(|expr| match expr {
            Expr::WindowFunction(window) => {
                let WindowFunction { fun, mut params } = *window;
                params.partition_by.extend(self.outer.exprs());
                let new = Expr::WindowFunction(Box::new(WindowFunction { fun, params }));
                Ok(Transformed::new(new, true, TreeNodeRecursion::Jump))
            }
            other => Ok(Transformed::no(other)),
        });
        Ok(name.restore(apart?.data))
    }

    fn join(&self, join: &Join, node: &LogicalPlan) -> Result<LogicalPlan> {
        if join.null_equality == NullEquality::NullEqualsNull {
            return Err(refused(
                "intersect and except are not possible in a subquery that names columns of the outer query",
                "write exists or not exists instead",
            ));
        }
        let mut on = Vec::new();
        for (left, right) in &join.on {
            on.push(left.clone().eq(right.clone()));
        }
        on.extend(join.filter.clone());
        let on = on.into_iter().map(|expr| self.expr(expr, node)).collect::<Result<Vec<_>>>()?;
        let (left, right) = (self.is_correlated(&join.left)?, self.is_correlated(&join.right)?);
        let keeps_left =
            matches!(join.join_type, JoinType::Inner | JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti);
        if !keeps_left && join.join_type != JoinType::Right {
            return Err(refused(
                "this join is not possible in a subquery that names columns of the outer query",
                "use an inner or left join there",
            ));
        }
        // A right join is the left join with its sides changed, but for the order of the columns.
        let is_right = join.join_type == JoinType::Right;
        let (kept, other) = if is_right { (&join.right, &join.left) } else { (&join.left, &join.right) };
        let (kept_is, other_is) = if is_right { (right, left) } else { (left, right) };
        let kind = if is_right { JoinType::Left } else { join.join_type };
        if kind == JoinType::Inner && !kept_is && other_is {
            // One side is enough.
            let bound = self.plan(other)?;
            let before = node.schema().columns();
            let joined = LogicalPlanBuilder::from(bound).join_on(kept.as_ref().clone(), kind, on)?.build()?;
            return self.in_order(joined, before);
        }
        let bound = self.plan(kept)?;
        let before = node.schema().columns();
        if !other_is {
            let joined = LogicalPlanBuilder::from(bound).join_on(other.as_ref().clone(), kind, on)?.build()?;
            return self.in_order(joined, before);
        }
        let again = self.outer.again()?;
        let others = Binder { outer: &again, of: self.of }.plan(other)?;
        let joined = joined_alike(bound, &self.outer.own_columns(), others, &again.own_columns(), kind, on)?;
        self.in_order(joined, before)
    }

    fn in_order(&self, joined: LogicalPlan, columns: Vec<Column>) -> Result<LogicalPlan> {
        let exprs: Vec<Expr> = self.outer.exprs().into_iter().chain(columns.into_iter().map(Expr::Column)).collect();
        LogicalPlanBuilder::from(joined).project(exprs)?.build()
    }
}

fn subquery_over(plan: LogicalPlan, spans: datafusion::common::Spans) -> Subquery {
    let outer_ref_columns = plan.all_out_ref_exprs();
    Subquery { subquery: Arc::new(plan), outer_ref_columns, spans }
}

fn unknown() -> datafusion::error::DataFusionError {
    refused(
        "a subquery that names columns of the outer query is not possible in this form",
        "join the tables instead, and group or number the rows of the join",
    )
}

/// Whether the grouping holds the set of nothing, which gives a row also for no rows.
pub(super) fn has_empty_set(group: &[Expr]) -> bool {
    match group {
        [] => true,
        [Expr::GroupingSet(GroupingSet::Rollup(_) | GroupingSet::Cube(_))] => true,
        [Expr::GroupingSet(GroupingSet::GroupingSets(sets))] => sets.iter().any(Vec::is_empty),
        _ => false,
    }
}
