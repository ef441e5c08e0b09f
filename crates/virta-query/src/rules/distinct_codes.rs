use arrow::datatypes::DataType;
use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, LogicalPlan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use crate::functions::service_count;
use crate::shares;

/// Turns `count(distinct code)` into `service_count(code)`: sets of bits instead of a second grouping, which would
/// also lose the order by client.
#[derive(Debug)]
pub(super) struct DistinctCodes;

impl OptimizerRule for DistinctCodes {
    fn name(&self) -> &str {
        "distinct_codes"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = plan else { return Ok(Transformed::no(plan)) };
        // The sets' bits mean the same within one process only.
        if shares::is_planned() && !aggregate.group_expr.iter().any(is_client) {
            return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
        }
        let rewritten: Vec<Option<Expr>> = aggregate.aggr_expr.iter().map(|expr| rewrite(expr, &aggregate)).collect();
        if rewritten.iter().all(Option::is_none) {
            return Ok(Transformed::no(LogicalPlan::Aggregate(aggregate)));
        }
        let exprs = rewritten.into_iter().zip(aggregate.aggr_expr).map(|(new, old)| new.unwrap_or(old)).collect();
        let aggregate = Aggregate::try_new(aggregate.input, aggregate.group_expr, exprs)?;
        Ok(Transformed::yes(LogicalPlan::Aggregate(aggregate)))
    }
}

fn is_client(key: &Expr) -> bool {
    matches!(key, Expr::Column(column) if column.name == "client_id")
}

fn rewrite(expr: &Expr, aggregate: &Aggregate) -> Option<Expr> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = expr else { return None };
    let [arg] = params.args.as_slice() else { return None };
    let is_code = matches!(arg.get_type(aggregate.input.schema()), Ok(DataType::Dictionary(_, value)) if *value == DataType::Utf8);
    if func.name() != "count" || !params.distinct || !params.order_by.is_empty() || !is_code {
        return None;
    }
    let mut params = params.clone();
    params.distinct = false;
    let count = Expr::AggregateFunction(AggregateFunction { func: service_count(), params });
    // Whatever stands above knows the column by its old name.
    Some(count.alias(expr.schema_name().to_string()))
}
