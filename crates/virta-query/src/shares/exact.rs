//! Which half-done sums may leave a machine: those from which the same answer comes however rows are spread and in
//! whatever order they come back.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::aggregate::AggregateFunctionExpr;
use datafusion::physical_expr::expressions::{CastExpr, Literal};
use datafusion::physical_plan::aggregates::AggregateExec;

/// Whether every aggregate can be put together from parts that were summed up elsewhere.
pub(super) fn is_exact(aggregate: &AggregateExec) -> bool {
    aggregate.aggr_expr().iter().all(|expr| is_exact_function(expr, aggregate))
}

fn is_exact_function(function: &AggregateFunctionExpr, aggregate: &AggregateExec) -> bool {
    if !function.order_bys().is_empty() {
        return false;
    }
    match function.fun().name() {
        // What `service_count` has half-done is numbers that this process gave to codes, and means nothing elsewhere.
        "count" | "min" | "max" | "bool_and" | "bool_or" | "bit_and" | "bit_or" | "bit_xor" | "mode" => true,
        "sum" | "avg" => {
            function.expressions().iter().all(|arg| is_whole(arg, aggregate)) && !function.expressions().is_empty()
        }
        _ => false,
    }
}

/// Whether an argument's sums do not depend on their order: whole numbers and decimals, as whole numbers in floats are too.
fn is_whole(arg: &Arc<dyn PhysicalExpr>, aggregate: &AggregateExec) -> bool {
    let is_counted = |data_type: DataType| data_type.is_integer() || data_type.is_decimal();
    let of = |expr: &Arc<dyn PhysicalExpr>| expr.data_type(&aggregate.input_schema()).is_ok_and(is_counted);
    if let Some(cast) = arg.downcast_ref::<CastExpr>() {
        return of(cast.expr()) && of_number(arg, aggregate);
    }
    of(arg) || arg.downcast_ref::<Literal>().is_some_and(|literal| literal.value().is_null())
}

fn of_number(arg: &Arc<dyn PhysicalExpr>, aggregate: &AggregateExec) -> bool {
    arg.data_type(&aggregate.input_schema()).is_ok_and(|data_type| data_type.is_numeric())
}
