//! Orders that name one thing twice: `first_value(x order by x desc, x)`. The engine drops the second where it plans
//! and counts on it where it runs, which ends in a panic.

use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Sort;

/// Each thing once, in its first place: what comes later can decide nothing.
pub(super) fn once(mut expr: Expr) -> (Expr, bool) {
    let Expr::AggregateFunction(function) = &mut expr else { return (expr, false) };
    let mut kept: Vec<Sort> = Vec::with_capacity(function.params.order_by.len());
    for sort in &function.params.order_by {
        if !kept.iter().any(|known| known.expr == sort.expr) {
            kept.push(sort.clone());
        }
    }
    let is_other = kept.len() < function.params.order_by.len();
    function.params.order_by = kept;
    (expr, is_other)
}
