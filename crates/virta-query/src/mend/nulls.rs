//! Lists with a null in them: `x not in ('a', null)` is never true. Where another list about the same thing stands beside
//! it, the engine takes the one from the other and forgets the null. And lists with values that differ from row to row,
//! such as `case when ... end`, which it may take for the same in all rows. Two lists about one thing it takes for false where
//! nothing is in both, though of null nothing is known; and an `or` of equations is a list to it. `x ~ '.*'` it takes for
//! `x is not null`.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::error::Result;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, ScalarUDF, lit};

use crate::functions::MayBeNull;

/// Lists on both sides of `and` or `or` about things that may be null, so that the engine does not see that they are about
/// the same. To it, equations with `or` between them are a list, too, also where `not` stands before their opposites.
pub(super) fn unlike(binary: &mut BinaryExpr, schema: &DFSchema) -> Result<bool> {
    let among = match binary.op {
        Operator::And => Operator::Or,
        Operator::Or => Operator::And,
        _ => return Ok(false),
    };
    let is_list = |part: &Expr| match part {
        Expr::InList(_) | Expr::Not(_) => true,
        Expr::BinaryExpr(inner) => inner.op == among,
        _ => false,
    };
    let holds_list = |side: &Expr| side.exists(|part| Ok(is_list(part)));
    if !holds_list(&binary.left)? && !holds_list(&binary.right)? {
        return Ok(false);
    }
    let mut before = Vec::new();
    binary.left.apply(|part| {
        before.extend(asked_about(part).cloned());
        Ok(TreeNodeRecursion::Continue)
    })?;
    before.retain(|of| !of.is_volatile() && of.nullable(schema).unwrap_or(true));
    if before.is_empty() {
        return Ok(false);
    }
    let hidden = |of: &mut Box<Expr>| {
        let inner = std::mem::take(of.as_mut());
        **of = ScalarUDF::from(MayBeNull::new()).call(vec![inner]);
    };
    let right = std::mem::take(binary.right.as_mut());
    let right = right.transform_up(|mut part| {
        if !asked_about(&part).is_some_and(|of| before.contains(of)) {
            return Ok(Transformed::no(part));
        }
        match &mut part {
            Expr::InList(list) => hidden(&mut list.expr),
            Expr::BinaryExpr(equation) if is_value(&equation.right) => hidden(&mut equation.left),
            Expr::BinaryExpr(equation) => hidden(&mut equation.right),
            _ => {}
        }
        Ok(Transformed::yes(part))
    })?;
    *binary.right = right.data;
    Ok(right.transformed)
}

/// What a list, or an equation with a written value, is about.
fn asked_about(part: &Expr) -> Option<&Expr> {
    match part {
        Expr::InList(list) => Some(&list.expr),
        Expr::BinaryExpr(equation) => equation_about(equation),
        _ => None,
    }
}

/// What an equation with a written value is about.
fn equation_about(equation: &BinaryExpr) -> Option<&Expr> {
    match (is_value(&equation.left), is_value(&equation.right)) {
        _ if !matches!(equation.op, Operator::Eq | Operator::NotEq) => None,
        (false, true) => Some(&equation.left),
        (true, false) => Some(&equation.right),
        _ => None,
    }
}

fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(..) => true,
        Expr::Cast(cast) => is_value(&cast.expr),
        _ => false,
    }
}

/// `x ~ '.*'`, which is unknown of null and else true.
pub(super) fn anything_matched(expr: &Expr) -> Option<Expr> {
    let (text, pattern, is_found) = match expr {
        Expr::BinaryExpr(binary) => match binary.op {
            Operator::RegexMatch | Operator::RegexIMatch => (binary.left.as_ref(), binary.right.as_ref(), true),
            Operator::RegexNotMatch | Operator::RegexNotIMatch => (binary.left.as_ref(), binary.right.as_ref(), false),
            _ => return None,
        },
        Expr::ScalarFunction(function) if function.name() == "regexp_like" => match function.args.as_slice() {
            [text, pattern] => (text, pattern, true),
            _ => return None,
        },
        _ => return None,
    };
    let mut pattern = pattern;
    while let Expr::Cast(cast) = pattern {
        pattern = &cast.expr;
    }
    let Expr::Literal(pattern, _) = pattern else { return None };
    if pattern.try_as_str() != Some(Some(".*")) {
        return None;
    }
    let unknown = lit(ScalarValue::Boolean(None));
    let text = text.clone();
    Some(if is_found { text.is_not_null().or(unknown) } else { text.is_null().and(unknown) })
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
