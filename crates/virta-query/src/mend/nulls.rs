//! Lists with a null in them: `x not in ('a', null)` is never true. Where another list about the same thing stands beside
//! it, the engine takes the one from the other and forgets the null. And lists with values that differ from row to row,
//! such as `case when ... end`, which it may take for the same in all rows. Two lists about one thing it takes for false where
//! nothing is in both, though of null nothing is known.

use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, ScalarUDF, lit};

use crate::functions::MayBeNull;

/// Lists on both sides of `and` or `or` about things that may be null, so that the engine does not see that they are about
/// the same.
pub(super) fn unlike(binary: &mut BinaryExpr, schema: &DFSchema) -> Result<bool> {
    let mut before = Vec::new();
    if matches!(binary.op, Operator::And | Operator::Or) {
        asked_in_lists(&binary.left, binary.op, &mut before);
    }
    before.retain(|of| !of.is_volatile() && of.nullable(schema).unwrap_or(true));
    if before.is_empty() {
        return Ok(false);
    }
    let right = std::mem::take(binary.right.as_mut());
    let right = right.transform_up(|expr| match expr {
        Expr::InList(mut list) if before.contains(list.expr.as_ref()) => {
            list.expr = Box::new(ScalarUDF::from(MayBeNull::new()).call(vec![*list.expr]));
            Ok(Transformed::yes(Expr::InList(list)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    *binary.right = right.data;
    Ok(right.transformed)
}

/// What the lists of a chain of the same word are about.
fn asked_in_lists(expr: &Expr, op: Operator, found: &mut Vec<Expr>) {
    match expr {
        Expr::BinaryExpr(binary) if binary.op == op => {
            asked_in_lists(&binary.left, op, found);
            asked_in_lists(&binary.right, op, found);
        }
        Expr::InList(list) => found.push(list.expr.as_ref().clone()),
        _ => {}
    }
}

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
