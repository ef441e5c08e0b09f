//! Which subqueries the engine may answer itself, and what stands in the place of the others.
//!
//! The engine is right about `exists` and `in` as a condition of their own over filtered and joined tables, and about
//! a single sum, count, least, greatest or mean over equal columns. It is wrong, or has no answer, where a subquery
//! that names columns of the outer query groups, limits or compares otherwise, and where `in` may be unknown.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType};
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::{count, first_value};
use datafusion::logical_expr::expr::{Alias, Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::{conjunction, split_conjunction_owned};
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Distinct, Expr, ExprFunctionExt, Filter, LogicalPlan, LogicalPlanBuilder, Operator,
    Projection, Subquery, lit, when,
};

use super::bind::{bound, has_empty_set};
use super::outer::{Outer, named_outside, subquery_of};
use super::{fresh, refused};
use crate::functions::only_one;

/// Puts an answer in the place of every subquery of this step that the engine may not answer itself.
pub(super) fn answered(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    if !plan.expressions().iter().any(holds_subquery) {
        return Ok(Transformed::no(plan));
    }
    match plan {
        LogicalPlan::Filter(filter) => filtered(filter),
        LogicalPlan::Projection(projection) => {
            let mut place = Place::of(projection.input.as_ref(), true);
            let exprs = place.exprs(&projection.expr)?;
            if !place.is_answered {
                return Ok(Transformed::no(LogicalPlan::Projection(projection)));
            }
            Ok(Transformed::yes(LogicalPlan::Projection(Projection::try_new(exprs, place.input.into())?)))
        }
        LogicalPlan::Aggregate(aggregate) => {
            let mut place = Place::of(aggregate.input.as_ref(), false);
            let groups = place.exprs(&aggregate.group_expr)?;
            let sums = place.exprs(&aggregate.aggr_expr)?;
            if !place.is_answered {
                return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
            }
            Ok(Transformed::yes(LogicalPlan::Aggregate(Aggregate::try_new(place.input.into(), groups, sums)?)))
        }
        LogicalPlan::Sort(sort) => {
            let columns: Vec<Expr> = sort.input.schema().columns().into_iter().map(Expr::Column).collect();
            let mut place = Place::of(sort.input.as_ref(), false);
            let mut order = Vec::with_capacity(sort.expr.len());
            for by in &sort.expr {
                let mut by = by.clone();
                by.expr = place.expr(by.expr)?;
                order.push(by);
            }
            if !place.is_answered {
                return Ok(Transformed::no(LogicalPlan::Sort(sort)));
            }
            let sorted = LogicalPlanBuilder::from(place.input).sort_with_limit(order, sort.fetch)?;
            sorted.project(columns)?.build().map(Transformed::yes)
        }
        LogicalPlan::Window(window) => {
            let before = window.schema.columns();
            let mut place = Place::of(window.input.as_ref(), false);
            let exprs = place.exprs(&window.window_expr)?;
            if !place.is_answered {
                return Ok(Transformed::no(LogicalPlan::Window(window)));
            }
            let plan = LogicalPlanBuilder::from(place.input).window(exprs)?;
            plan.project(before.into_iter().map(Expr::Column))?.build().map(Transformed::yes)
        }
        LogicalPlan::Join(mut join) if join.join_type == JoinType::Inner => {
            let Some(on) = join.filter.take() else { return Ok(Transformed::no(LogicalPlan::Join(join))) };
            let (apart, on): (Vec<Expr>, Vec<Expr>) = split_conjunction_owned(on).into_iter().partition(holds_subquery);
            let Some(apart) = conjunction(apart) else { return Ok(Transformed::no(LogicalPlan::Join(join))) };
            join.filter = conjunction(on);
            let filter = Filter::try_new(apart, LogicalPlan::Join(join).into())?;
            Ok(Transformed::yes(filtered(filter)?.data))
        }
        LogicalPlan::Join(_) => Err(refused(
            "a subquery in the condition of an outer join is not possible",
            "join the subquery's tables first, in a subquery of the from clause",
        )),
        other => Ok(Transformed::no(other)),
    }
}

fn holds_subquery(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(subquery_of(expr).is_some())).unwrap_or(true)
}

fn filtered(filter: Filter) -> Result<Transformed<LogicalPlan>> {
    let columns: Vec<Expr> = filter.input.schema().columns().into_iter().map(Expr::Column).collect();
    let mut place = Place::of(filter.input.as_ref(), true);
    let mut kept = Vec::new();
    for condition in split_conjunction_owned(filter.predicate.clone()) {
        let condition = turned(condition);
        kept.push(if is_for_engine(&condition)? { condition } else { place.expr(condition)? });
    }
    let Some(predicate) = conjunction(kept) else { return Ok(Transformed::no(LogicalPlan::Filter(filter))) };
    if !place.is_other {
        return Filter::try_new(predicate, filter.input).map(LogicalPlan::Filter).map(Transformed::yes);
    }
    let plan = LogicalPlanBuilder::from(place.input).filter(predicate)?.project(columns)?;
    plan.build().map(Transformed::yes)
}

/// `not exists` and `not in` as one word each.
fn turned(expr: Expr) -> Expr {
    match expr {
        Expr::Not(inner) => match *inner {
            Expr::Exists(exists) => Expr::Exists(Exists { negated: !exists.negated, ..exists }),
            Expr::InSubquery(found) => Expr::InSubquery(InSubquery { negated: !found.negated, ..found }),
            other => Expr::Not(Box::new(other)),
        },
        other => other,
    }
}

/// Whether the engine is right about a condition that stands on its own.
fn is_for_engine(condition: &Expr) -> Result<bool> {
    match condition {
        Expr::Exists(Exists { subquery, .. }) => {
            Ok(is_plain(&subquery.subquery)? && !always_has_row(&subquery.subquery))
        }
        Expr::InSubquery(InSubquery { expr, subquery, negated: false }) => {
            Ok(!holds_subquery(expr) && is_plain(&subquery.subquery)?)
        }
        // `not in` is right where nothing of the outer query is named inside and something is before it.
        Expr::InSubquery(InSubquery { expr, subquery, negated: true }) => {
            let is_column = matches!(expr.as_ref(), Expr::Column(_));
            Ok(is_column && named_outside(&subquery.subquery)?.is_empty())
        }
        _ => Ok(false),
    }
}

/// Whether a subquery names columns of the outer query in nothing but conditions on tables and inner joins.
fn is_plain(plan: &LogicalPlan) -> Result<bool> {
    if named_outside(plan)?.is_empty() {
        return Ok(true);
    }
    let names_outer = |expr: &Expr| {
        expr.exists(|expr| {
            let inner = subquery_of(expr).map(|inner| named_outside(&inner.subquery)).transpose()?;
            Ok(matches!(expr, Expr::OuterReferenceColumn(..)) || inner.is_some())
        })
    };
    let has_inner = |expr: &Expr| expr.exists(|expr| Ok(subquery_of(expr).is_some()));
    match plan {
        LogicalPlan::Filter(filter) => Ok(!has_inner(&filter.predicate)? && is_plain(&filter.input)?),
        LogicalPlan::Projection(projection) => {
            for expr in &projection.expr {
                if names_outer(expr)? || !matches!(plain_of(expr), Expr::Column(_) | Expr::Literal(..)) {
                    return Ok(false);
                }
            }
            is_plain(&projection.input)
        }
        LogicalPlan::SubqueryAlias(alias) => is_plain(&alias.input),
        LogicalPlan::Sort(sort) => Ok(sort.fetch.is_none() && is_plain(&sort.input)?),
        LogicalPlan::Join(join) => {
            let is_inner = join.join_type == JoinType::Inner;
            let named = join.filter.as_ref().map(&names_outer).transpose()?.unwrap_or(false);
            // The engine moves conditions out of one side of a join only.
            let sides = usize::from(!named_outside(&join.left)?.is_empty())
                + usize::from(!named_outside(&join.right)?.is_empty());
            Ok(is_inner && !named && sides <= 1 && is_plain(&join.left)? && is_plain(&join.right)?)
        }
        _ => Ok(false),
    }
}

fn plain_of(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(Alias { expr, .. }) => plain_of(expr),
        other => other,
    }
}

/// Whether a query may give no row, so that it is null as a value, though its column never is.
pub(super) fn may_have_no_row(plan: &LogicalPlan) -> bool {
    let is_null_free = plan.schema().fields().first().is_some_and(|field| !field.is_nullable());
    is_null_free && !always_has_row(plan)
}

/// Whether a query gives a row whatever the data.
fn always_has_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => always_has_row(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => always_has_row(&alias.input),
        LogicalPlan::Sort(sort) => sort.fetch != Some(0) && always_has_row(&sort.input),
        LogicalPlan::Distinct(Distinct::All(input)) => always_has_row(input),
        LogicalPlan::Window(window) => always_has_row(&window.input),
        LogicalPlan::Union(union) => union.inputs.iter().any(|input| always_has_row(input)),
        LogicalPlan::EmptyRelation(empty) => empty.produce_one_row,
        LogicalPlan::Values(values) => !values.values.is_empty(),
        LogicalPlan::Aggregate(aggregate) => has_empty_set(&aggregate.group_expr),
        _ => false,
    }
}

/// Whether a query gives at most one row whatever the data.
fn is_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => is_one_row(&projection.input),
        LogicalPlan::Filter(filter) => is_one_row(&filter.input),
        LogicalPlan::SubqueryAlias(alias) => is_one_row(&alias.input),
        LogicalPlan::Sort(sort) => is_one_row(&sort.input),
        LogicalPlan::Limit(limit) => {
            matches!(limit.get_fetch_type(), Ok(datafusion::logical_expr::FetchType::Literal(Some(0 | 1))))
                || is_one_row(&limit.input)
        }
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(_) => true,
        _ => false,
    }
}

/// Whether the engine is right about a subquery that stands for one value.
fn is_value_for_engine(plan: &LogicalPlan, may_name_outer: bool) -> Result<bool> {
    if named_outside(plan)?.is_empty() {
        return Ok(true);
    }
    if !may_name_outer {
        return Ok(false);
    }
    let mut node = plan;
    while let LogicalPlan::Projection(projection) = node {
        if !projection.expr.iter().all(|expr| matches!(plain_of(expr), Expr::Column(_))) {
            return Ok(false);
        }
        node = &projection.input;
    }
    let LogicalPlan::Aggregate(aggregate) = node else { return Ok(false) };
    let is_common = |expr: &Expr| match plain_of(expr) {
        Expr::AggregateFunction(sum) => {
            let params = &sum.params;
            let names_outer = params.args.iter().any(|arg| {
                arg.exists(|arg| Ok(matches!(arg, Expr::OuterReferenceColumn(..)))).unwrap_or(true)
                    || holds_subquery(arg)
            });
            ["count", "sum", "min", "max", "avg"].contains(&sum.func.name()) && params.filter.is_none() && !names_outer
        }
        _ => false,
    };
    Ok(aggregate.group_expr.is_empty()
        && aggregate.aggr_expr.iter().all(is_common)
        && is_plain(&aggregate.input)?
        && compares_equal(&aggregate.input)?)
}

/// Whether every condition that names the outer query says that a column of each is equal.
fn compares_equal(plan: &LogicalPlan) -> Result<bool> {
    let mut all = true;
    plan.apply(|node| {
        if let LogicalPlan::Filter(filter) = node {
            for condition in split_conjunction_owned(filter.predicate.clone()) {
                let named = condition.exists(|expr| Ok(matches!(expr, Expr::OuterReferenceColumn(..))))?;
                all &= !named || matches!(&condition, Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right })
                    if matches!((left.as_ref(), right.as_ref()), (Expr::OuterReferenceColumn(..), Expr::Column(_)) | (Expr::Column(_), Expr::OuterReferenceColumn(..))));
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(all)
}

/// A step's input, to which answers are added.
struct Place {
    input: LogicalPlan,
    is_other: bool,
    /// Whether something stands in the place of a subquery, which need not be a column of the input.
    is_answered: bool,
    /// Whether the engine answers values of subqueries that name this input's columns here. Where it does not, it may
    /// also stumble over other subqueries, and these are columns of the input.
    may_name_outer: bool,
    /// What stands in the place of which subquery. Forms of other databases are written out with several mentions of
    /// what they are about, and one answer is enough for all of them.
    known: Vec<(Expr, Expr)>,
}

impl Place {
    fn of(input: &LogicalPlan, may_name_outer: bool) -> Self {
        Place { input: input.clone(), is_other: false, is_answered: false, may_name_outer, known: Vec::new() }
    }

    /// Expressions that keep their names.
    fn exprs(&mut self, exprs: &[Expr]) -> Result<Vec<Expr>> {
        let names = NamePreserver::new_for_projection();
        let answered = |expr: &Expr| {
            let name = names.save(expr);
            Ok(name.restore(self.expr(expr.clone())?))
        };
        exprs.iter().map(answered).collect()
    }

    fn expr(&mut self, expr: Expr) -> Result<Expr> {
        let answered = expr.transform_up(|expr| {
            if let Some((_, answer)) = self.known.iter().find(|(known, _)| *known == expr) {
                return Ok(Transformed::yes(answer.clone()));
            }
            let asked = subquery_of(&expr).map(|subquery| draws(&subquery.subquery)).transpose()?;
            let asked = (asked == Some(false)).then(|| expr.clone());
            let answered = self.answer(expr)?;
            if let (Some(asked), true) = (asked, answered.transformed) {
                self.known.push((asked, answered.data.clone()));
            }
            Ok(answered)
        })?;
        self.is_answered |= answered.transformed;
        Ok(answered.data)
    }

    fn answer(&mut self, expr: Expr) -> Result<Transformed<Expr>> {
        match expr {
            Expr::ScalarSubquery(subquery) => match is_value_for_engine(&subquery.subquery, self.may_name_outer)? {
                true if self.may_name_outer => Ok(Transformed::no(Expr::ScalarSubquery(subquery))),
                true => {
                    self.column(Expr::ScalarSubquery(subquery)).map(|column| Transformed::yes(Expr::Column(column)))
                }
                false => self.value(&subquery.subquery).map(Transformed::yes),
            },
            Expr::Exists(exists) => {
                let found = self.exists(&exists.subquery)?;
                Ok(Transformed::yes(if exists.negated { Expr::Not(Box::new(found)) } else { found }))
            }
            Expr::InSubquery(found) => {
                self.contained(*found.expr, &found.subquery, found.negated).map(Transformed::yes)
            }
            Expr::SetComparison(comparison) => self.compared(comparison).map(Transformed::yes),
            // A filter that was such a subquery, and is true for every row, is none.
            Expr::AggregateFunction(mut function) if function.params.filter.as_deref() == Some(&lit(true)) => {
                function.params.filter = None;
                Ok(Transformed::yes(Expr::AggregateFunction(function)))
            }
            other => Ok(Transformed::no(other)),
        }
    }

    /// Joins answers to the input.
    fn beside(&mut self, outer: &Outer, answers: LogicalPlan) -> Result<Vec<Column>> {
        let (input, columns) = outer.beside(self.input.clone(), answers, JoinType::Left)?;
        self.input = input;
        self.is_other = true;
        Ok(columns)
    }

    fn value(&mut self, subquery: &LogicalPlan) -> Result<Expr> {
        let outer = Outer::of(subquery, &self.input, None)?;
        let rows = bound(subquery, &outer, &self.input)?;
        let value = last_column(&rows)?;
        if is_one_row(subquery) {
            let answers = LogicalPlanBuilder::from(rows).project(outer.exprs().into_iter().chain([value]))?.build()?;
            let columns = self.beside(&outer, answers)?;
            return columns.into_iter().next().map(Expr::Column).ok_or_else(lost);
        }
        let sums = [count(lit(1)).alias("virta_rows"), first_value(value, vec![]).alias("virta_value")];
        let answers = LogicalPlanBuilder::from(rows).aggregate(outer.exprs(), sums)?.build()?;
        let columns = self.beside(&outer, answers)?;
        let [rows, value] = columns.as_slice() else { return Err(lost()) };
        Ok(only_one().call(vec![Expr::Column(rows.clone()), Expr::Column(value.clone())]))
    }

    fn exists(&mut self, subquery: &Subquery) -> Result<Expr> {
        let mut plan = subquery.subquery.as_ref();
        if always_has_row(plan) {
            return Ok(lit(true));
        }
        // All but the first row makes no difference.
        while let LogicalPlan::Limit(limit) = plan {
            let skips = !matches!(limit.get_skip_type(), Ok(datafusion::logical_expr::SkipType::Literal(0)));
            let none = matches!(limit.get_fetch_type(), Ok(datafusion::logical_expr::FetchType::Literal(Some(0))));
            if skips || none {
                break;
            }
            plan = &limit.input;
        }
        let outer = Outer::of(plan, &self.input, None)?;
        if outer.columns.is_empty() {
            let first = LogicalPlanBuilder::from(plan.clone()).limit(0, Some(1))?;
            let number = first.aggregate(Vec::<Expr>::new(), [count(lit(1))])?.build()?;
            let found = value_of(number, subquery).gt(lit(0_i64));
            return if self.may_name_outer { Ok(found) } else { self.column(found).map(Expr::Column) };
        }
        let rows = LogicalPlanBuilder::from(bound(plan, &outer, &self.input)?).project(outer.exprs())?.distinct()?;
        let found = outer.exprs().into_iter().chain([lit(true).alias("virta_found")]);
        let columns = self.beside(&outer, rows.project(found)?.build()?)?;
        Ok(Expr::Column(columns.into_iter().next().ok_or_else(lost)?).is_not_null())
    }

    /// The input with an expression as a column of its own.
    fn column(&mut self, expr: Expr) -> Result<Column> {
        if let Expr::Column(column) = &expr
            && let Ok(at) = self.input.schema().index_of_column(column)
        {
            return Ok(Column::from(self.input.schema().qualified_field(at)));
        }
        let name = fresh("operand");
        let mut exprs: Vec<Expr> = self.input.schema().columns().into_iter().map(Expr::Column).collect();
        exprs.push(expr.alias(name.as_str()));
        self.input = LogicalPlanBuilder::from(self.input.clone()).project(exprs)?.build()?;
        self.is_other = true;
        Ok(Column::from_name(name))
    }

    /// True where a row is equal, else unknown where one may be, else false.
    fn contained(&mut self, operand: Expr, subquery: &Subquery, negated: bool) -> Result<Expr> {
        let plan = subquery.subquery.as_ref();
        let operand = self.column(operand)?;
        // How many rows there are, and how many are not null.
        let (all, known) = self.sizes(plan, subquery)?;
        // The rows that are equal.
        let outer = Outer::of(plan, &self.input, Some(operand.clone()))?;
        let rows = bound(plan, &outer, &self.input)?;
        let value = last_column(&rows)?;
        let first = outer.exprs().into_iter().next().ok_or_else(lost)?;
        let equal = LogicalPlanBuilder::from(rows).filter(value.eq(first))?.project(outer.exprs())?.distinct()?;
        let found = outer.exprs().into_iter().chain([lit(true).alias("virta_found")]);
        let columns = self.beside(&outer, equal.project(found)?.build()?)?;
        let found = Expr::Column(columns.into_iter().next().ok_or_else(lost)?).is_not_null();
        let is_unknown = Expr::Column(operand).is_null().or(all.clone().gt(known));
        when(found, lit(!negated))
            .when(all.eq(lit(0_i64)), lit(negated))
            .when(is_unknown, Expr::Literal(datafusion::common::ScalarValue::Boolean(None), None))
            .otherwise(lit(negated))
    }

    fn sizes(&mut self, plan: &LogicalPlan, subquery: &Subquery) -> Result<(Expr, Expr)> {
        let outer = Outer::of(plan, &self.input, None)?;
        if outer.columns.is_empty() {
            let size = |what: Expr| {
                let number = LogicalPlanBuilder::from(plan.clone()).aggregate(Vec::<Expr>::new(), [what])?.build()?;
                Ok::<_, datafusion::error::DataFusionError>(value_of(number, subquery))
            };
            let (all, known) = (size(count(lit(1)))?, size(count(last_column(plan)?))?);
            return match self.may_name_outer {
                true => Ok((all, known)),
                false => Ok((Expr::Column(self.column(all)?), Expr::Column(self.column(known)?))),
            };
        }
        let rows = bound(plan, &outer, &self.input)?;
        let value = last_column(&rows)?;
        let sums = [count(lit(1)).alias("virta_all"), count(value).alias("virta_known")];
        let answers = LogicalPlanBuilder::from(rows).aggregate(outer.exprs(), sums)?.build()?;
        let columns = self.beside(&outer, answers)?;
        let [all, known] = columns.as_slice() else { return Err(lost()) };
        let or_none = |column: &Column| {
            datafusion::functions::core::expr_fn::coalesce(vec![Expr::Column(column.clone()), lit(0_i64)])
        };
        Ok((or_none(all), or_none(known)))
    }

    /// `x < any (...)` and `x < all (...)`.
    fn compared(&mut self, comparison: SetComparison) -> Result<Expr> {
        let SetComparison { expr, subquery, op, quantifier } = comparison;
        let is_any = quantifier == SetQuantifier::Any;
        match (op, is_any) {
            (Operator::Eq, true) => return self.contained(*expr, &subquery, false),
            (Operator::NotEq, false) => return self.contained(*expr, &subquery, true),
            _ => {}
        }
        let plan = subquery.subquery.as_ref();
        let operand = self.column(*expr)?;
        let outer = Outer::of(plan, &self.input, Some(operand))?;
        let rows = bound(plan, &outer, &self.input)?;
        let value = last_column(&rows)?;
        let first = outer.exprs().into_iter().next().ok_or_else(lost)?;
        let holds = Expr::BinaryExpr(BinaryExpr::new(Box::new(first), op, Box::new(value)));
        let decides = if is_any { holds.clone().is_true() } else { holds.clone().is_false() };
        let number = |what: Expr| count(lit(1)).filter(what).build();
        let sums = [number(decides)?.alias("virta_decides"), number(holds.is_null())?.alias("virta_unknown")];
        let answers = LogicalPlanBuilder::from(rows).aggregate(outer.exprs(), sums)?.build()?;
        let columns = self.beside(&outer, answers)?;
        let [decides, unknown] = columns.as_slice() else { return Err(lost()) };
        let any = |column: &Column| Expr::Column(column.clone()).gt(lit(0_i64));
        when(any(decides), lit(is_any))
            .when(any(unknown), Expr::Literal(datafusion::common::ScalarValue::Boolean(None), None))
            .otherwise(lit(!is_any))
    }
}

/// Whether a query is another each time, since it draws at random.
fn draws(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|step| Ok(step.expressions().iter().any(Expr::is_volatile)))
}

fn value_of(plan: LogicalPlan, like: &Subquery) -> Expr {
    Expr::ScalarSubquery(Subquery { subquery: plan.into(), outer_ref_columns: Vec::new(), spans: like.spans.clone() })
}

/// The only column of a subquery, which a bound one has last.
fn last_column(plan: &LogicalPlan) -> Result<Expr> {
    plan.schema().columns().into_iter().next_back().map(Expr::Column).ok_or_else(lost)
}

fn lost() -> datafusion::error::DataFusionError {
    datafusion::error::DataFusionError::Internal("a subquery lost its column".to_owned())
}
