use std::sync::Arc;

use datafusion::common::Column;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, LogicalPlan, LogicalPlanBuilder, Projection};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::parts::Parts;
use crate::table::holds_query;

/// Counts clients beside other aggregates in two steps: groups by client, then groups of these.
///
/// `select service, count(*), count(distinct client_id) from contacts group by service` would keep a set of clients for
/// every service. Grouped by service and client first, each set is a count of rows; and rows come sorted by client, so
/// that the first step costs next to nothing. It is left as it is where an aggregate cannot be made of parts.
#[derive(Debug)]
pub(super) struct DistinctClients;

impl OptimizerRule for DistinctClients {
    fn name(&self) -> &str {
        "distinct_clients"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        Ok(match rewritten(aggregate)? {
            Some(rewritten) => Transformed::yes(rewritten),
            None => Transformed::no(plan),
        })
    }
}

fn rewritten(aggregate: &Aggregate) -> Result<Option<LogicalPlan>> {
    let exprs = || aggregate.group_expr.iter().chain(&aggregate.aggr_expr);
    let is_plain = |expr: &Expr| !matches!(expr, Expr::GroupingSet(_)) && !expr.is_volatile() && !holds_query(expr);
    let Some(client_id) = aggregate.aggr_expr.iter().find_map(counted_client) else { return Ok(None) };
    let is_counted = |expr: &Expr| counted_client(expr) == Some(client_id);
    // What does nothing but count clients DataFusion turns round itself.
    if !exprs().all(is_plain) || aggregate.aggr_expr.iter().all(is_counted) {
        return Ok(None);
    }
    let client = Expr::Column(client_id.clone());
    if aggregate.group_expr.contains(&client) {
        return Ok(None);
    }
    let mut parts = Parts::new(aggregate.input.schema());
    let mut answers = Vec::new();
    for expr in &aggregate.aggr_expr {
        let answer = match is_counted(expr) {
            true => Some(parts.of_group(count(client.clone()))),
            false => answer(expr, &mut parts)?,
        };
        match answer {
            Some(answer) => answers.push(answer),
            None => return Ok(None),
        }
    }
    let (mut by, mut by_again) = (Vec::new(), Vec::new());
    for (at, expr) in aggregate.group_expr.iter().enumerate() {
        if matches!(expr, Expr::Column(_)) {
            by.push(expr.clone());
            by_again.push(expr.clone());
        } else {
            let name = format!("__by_{at}");
            by.push(expr.clone().unalias().alias(&name));
            by_again.push(Expr::Column(Column::new_unqualified(name)));
        }
    }
    by.push(client);
    let of_clients = LogicalPlanBuilder::from((*aggregate.input).clone()).aggregate(by, parts.of_clients)?.build()?;
    let of_groups = Aggregate::try_new(Arc::new(of_clients), by_again.clone(), parts.of_groups)?;
    // Whatever stands above knows the columns by their old names.
    let columns = aggregate.schema.columns();
    let shown = by_again.into_iter().chain(answers).zip(&columns).map(|(expr, column)| match expr {
        Expr::Column(own) if own == *column => Expr::Column(own),
        other => other.alias_qualified(column.relation.clone(), column.name.clone()),
    });
    let projection = Projection::try_new(shown.collect(), Arc::new(LogicalPlan::Aggregate(of_groups)))?;
    let is_same = projection.schema.logically_equivalent_names_and_types(&aggregate.schema);
    Ok(is_same.then_some(LogicalPlan::Projection(projection)))
}

/// The column in `count(distinct client_id)`.
fn counted_client(expr: &Expr) -> Option<&Column> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = unaliased(expr) else { return None };
    let [Expr::Column(column)] = params.args.as_slice() else { return None };
    let is_plain = params.filter.is_none() && params.order_by.is_empty() && params.null_treatment.is_none();
    (func.name() == "count" && params.distinct && is_plain && column.name == "client_id").then_some(column)
}

fn unaliased(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => unaliased(&alias.expr),
        other => other,
    }
}

fn answer(expr: &Expr, parts: &mut Parts<'_>) -> Result<Option<Expr>> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = unaliased(expr) else { return Ok(None) };
    let is_plain = !params.distinct && params.order_by.is_empty() && params.null_treatment.is_none();
    match params.args.as_slice() {
        [arg] if is_plain => parts.add(func.name(), arg, params.filter.as_deref(), false),
        _ => Ok(None),
    }
}
