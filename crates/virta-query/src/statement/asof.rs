//! `asof join`: for each row the one row of the other table that is nearest before (or after) it.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Ident, Join, JoinConstraint, JoinOperator, TableAlias, TableFactor, Value,
};

use super::names;
use crate::error::{Complaint, Error, Result};

/// Writes it as a lateral subquery with a limit.
pub(super) fn rewritten(join: &mut Join, before: &[TableFactor]) -> Result<()> {
    let (on, is_left) = match &join.join_operator {
        JoinOperator::Join(JoinConstraint::On(on)) | JoinOperator::Inner(JoinConstraint::On(on)) => (on.clone(), false),
        JoinOperator::Left(JoinConstraint::On(on)) | JoinOperator::LeftOuter(JoinConstraint::On(on)) => {
            (on.clone(), true)
        }
        JoinOperator::AsOf { match_condition, constraint: JoinConstraint::On(on) } => (both(match_condition, on), true),
        JoinOperator::AsOf { match_condition, constraint: JoinConstraint::None } => (match_condition.clone(), true),
        _ => return Err(unfit()),
    };
    let name = name_of(&join.relation).ok_or_else(unfit)?;
    let mut conditions = Vec::new();
    split(&on, &mut conditions);
    let nearest: Vec<(Expr, bool)> = conditions.iter().filter_map(|condition| order(condition, &name)).collect();
    let [(by, descends)] = nearest.as_slice() else { return Err(unfit()) };
    // Names inside the subquery must say whose they are.
    if before.iter().any(|table| name_of(table).is_none()) {
        return Err(unfit());
    }
    let relation = join.relation.to_string();
    let direction = if *descends { "desc" } else { "asc" };
    let text = format!("select {name}.* from {relation} where {on} order by {by} {direction} limit 1");
    let subquery = names::query(&text).ok_or_else(unfit)?;
    join.relation = TableFactor::Derived {
        lateral: true,
        subquery: Box::new(subquery),
        alias: Some(TableAlias { explicit: true, name, columns: Vec::new(), at: None }),
        sample: None,
    };
    let always = JoinConstraint::On(Expr::Value(Value::Boolean(true).into()));
    join.join_operator = if is_left { JoinOperator::Left(always) } else { JoinOperator::Inner(always) };
    Ok(())
}

fn unfit() -> Error {
    Error::Query(
        Complaint::new("an asof join needs equal keys and one comparison of a column of each table")
            .hint("write a asof join b on a.key = b.key and a.day >= b.day, with the tables' names before the columns"),
    )
}

pub(super) fn name_of(table: &TableFactor) -> Option<Ident> {
    match table {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => {
            Some(alias.name.clone())
        }
        TableFactor::Table { name, alias: None, .. } => name.0.last()?.as_ident().cloned(),
        _ => None,
    }
}

fn both(one: &Expr, other: &Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(one.clone()), op: BinaryOperator::And, right: Box::new(other.clone()) }
}

fn split(expr: &Expr, into: &mut Vec<Expr>) {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            split(left, into);
            split(right, into);
        }
        Expr::Nested(inner) => split(inner, into),
        other => into.push(other.clone()),
    }
}

/// What the other table's rows are ordered by, and whether the largest is the nearest.
fn order(condition: &Expr, name: &Ident) -> Option<(Expr, bool)> {
    let Expr::BinaryOp { left, op, right } = condition else { return None };
    let is_greater = match op {
        BinaryOperator::Gt | BinaryOperator::GtEq => true,
        BinaryOperator::Lt | BinaryOperator::LtEq => false,
        _ => return None,
    };
    let is_of = |expr: &Expr| match expr {
        Expr::CompoundIdentifier(parts) => {
            parts.first().is_some_and(|first| first.value.eq_ignore_ascii_case(&name.value))
        }
        _ => false,
    };
    match (is_of(left), is_of(right)) {
        (false, true) => Some((right.as_ref().clone(), is_greater)),
        (true, false) => Some((left.as_ref().clone(), !is_greater)),
        _ => None,
    }
}
