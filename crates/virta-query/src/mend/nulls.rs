//! Lists with a null in them: `x not in ('a', null)` is never true. Where another list about the same thing stands beside
//! it, the engine takes the one from the other and forgets the null.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Expr, lit};

/// The list without its nulls, and beside it what they say: of whatever is not in the list, nothing is known.
pub(super) fn apart(expr: Expr) -> (Expr, bool) {
    let Expr::InList(InList { expr: of, list, negated }) = expr else { return (expr, false) };
    let length = list.len();
    let known: Vec<Expr> = list.into_iter().filter(|value| !is_null(value)).collect();
    let (is_other, is_empty) = (known.len() < length, known.is_empty());
    let found = Expr::InList(InList { expr: of, list: known, negated });
    let unknown = lit(ScalarValue::Boolean(None));
    match (is_other, is_empty, negated) {
        (false, ..) => (found, false),
        (true, true, _) => (unknown, true),
        (true, false, false) => (found.or(unknown), true),
        (true, false, true) => (found.and(unknown), true),
    }
}

fn is_null(value: &Expr) -> bool {
    match value {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        Expr::TryCast(cast) => is_null(&cast.expr),
        _ => false,
    }
}
