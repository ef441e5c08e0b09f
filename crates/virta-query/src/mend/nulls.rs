//! Lists with a null in them: `x not in ('a', null)` is never true. Where another list about the same thing stands beside
//! it, the engine takes the one from the other and forgets the null. And lists with values that differ from row to row,
//! such as `case when ... end`, which it may take for the same in all rows.

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Expr, lit};

/// The list without its nulls, and beside it what they say: of whatever is not in the list, nothing is known.
pub(super) fn apart(expr: Expr) -> (Expr, bool) {
    let Expr::InList(InList { expr: of, list, negated }) = expr else { return (expr, false) };
    let length = list.len();
    let known: Vec<Expr> = list.into_iter().filter(|value| !is_null(value)).collect();
    let (has_null, is_empty) = (known.len() < length, known.is_empty());
    let may_repeat = !of.is_volatile();
    let (varying, known): (Vec<Expr>, Vec<Expr>) = known.into_iter().partition(|value| may_repeat && varies(value));
    let is_other = has_null || !varying.is_empty();
    let mut parts = varying.into_iter().map(|value| match negated {
        true => of.as_ref().clone().not_eq(value),
        false => of.as_ref().clone().eq(value),
    });
    let found = match (known.is_empty(), parts.next()) {
        (true, Some(first)) => first,
        (_, first) => {
            let list = Expr::InList(InList { expr: of.clone(), list: known, negated });
            first.into_iter().fold(list, |all, part| if negated { all.and(part) } else { all.or(part) })
        }
    };
    let found = parts.fold(found, |all, part| if negated { all.and(part) } else { all.or(part) });
    let unknown = lit(ScalarValue::Boolean(None));
    match (has_null, is_empty, negated) {
        (false, ..) => (found, is_other),
        (true, true, _) => (unknown, true),
        (true, false, false) => (found.or(unknown), true),
        (true, false, true) => (found.and(unknown), true),
    }
}

/// Whether a value is worked out from the row.
fn varies(value: &Expr) -> bool {
    value.exists(|part| Ok(matches!(part, Expr::Column(_) | Expr::OuterReferenceColumn(..)))).unwrap_or(true)
}

fn is_null(value: &Expr) -> bool {
    match value {
        Expr::Literal(value, _) => value.is_null(),
        Expr::Cast(cast) => is_null(&cast.expr),
        Expr::TryCast(cast) => is_null(&cast.expr),
        _ => false,
    }
}
