//! `join ... using (k)` and what `k` then is: the left table's column after a left join, the right one's after a right
//! join, and whichever is there after a full join. The engine takes the left one always.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, Ident, JoinConstraint, JoinOperator, ObjectName, OrderByKind, Query,
    ReplaceSelectElement, ReplaceSelectItem, Select, SelectItem, SetExpr, TableWithJoins, VisitorMut,
};

use super::asof::name_of;
use super::names;
use super::walk::walk;
use crate::error::{Error, Result, refused};

/// Puts the column that is meant in the place of the shared name in a query's order. Its select comes after it.
///
/// # Errors
/// As [`resolved`].
pub(super) fn ordered(query: &mut Query) -> Result<()> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let shared = resolved(select)?;
    let Some(OrderByKind::Expressions(by)) = query.order_by.as_mut().map(|by| &mut by.kind) else { return Ok(()) };
    // What the answer calls so comes first.
    let is_shown = |name: &str| select.projection.iter().any(|item| shows(item, name));
    let shared: HashMap<String, Shared> = shared.into_iter().filter(|(name, _)| !is_shown(name)).collect();
    walk(by, &mut Writer { shared: &shared, depth: 0 })
}

/// The same everywhere in a select.
///
/// # Errors
/// [`Error::Query`](crate::error::Error::Query) where nothing says whose column is meant.
pub(super) fn resolved(select: &mut Select) -> Result<HashMap<String, Shared>> {
    let mut shared = HashMap::new();
    let has_star = select.projection.iter().any(|item| matches!(item, SelectItem::Wildcard(_)));
    for table in &mut select.from {
        of_joins(table, has_star, &mut shared)?;
    }
    if shared.is_empty() {
        return Ok(shared);
    }
    for item in &mut select.projection {
        written(item, &shared);
    }
    let mut writer = Writer { shared: &shared, depth: 0 };
    walk(&mut select.projection, &mut writer)?;
    walk(&mut select.selection, &mut writer)?;
    walk(&mut select.having, &mut writer)?;
    walk(&mut select.qualify, &mut writer)?;
    walk(&mut select.named_window, &mut writer)?;
    if let GroupByExpr::Expressions(by, _) = &mut select.group_by {
        walk(by, &mut writer)?;
    }
    if let Some(Distinct::On(by)) = &mut select.distinct {
        walk(by, &mut writer)?;
    }
    Ok(shared)
}

/// What a shared name means.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    expr: Expr,
    name: Ident,
    /// Whether it is the column that the engine takes.
    is_left: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Left,
    Right,
    Full,
}

fn parts(operator: &mut JoinOperator) -> Option<(Kind, &mut JoinConstraint)> {
    use JoinOperator as J;
    match operator {
        J::Join(on) | J::Inner(on) | J::Left(on) | J::LeftOuter(on) | J::Semi(on) | J::Anti(on) => {
            Some((Kind::Left, on))
        }
        J::LeftSemi(on) | J::LeftAnti(on) => Some((Kind::Left, on)),
        J::Right(on) | J::RightOuter(on) => Some((Kind::Right, on)),
        J::FullOuter(on) => Some((Kind::Full, on)),
        _ => None,
    }
}

/// The names that the joins of one table share.
fn of_joins(table: &mut TableWithJoins, has_star: bool, shared: &mut HashMap<String, Shared>) -> Result<()> {
    let mut lefts = vec![name_of(&table.relation)];
    for join in &mut table.joins {
        let own = name_of(&join.relation);
        // An asof join is read elsewhere.
        if let (false, Some((kind, on))) = (join.global, parts(&mut join.join_operator)) {
            match on {
                JoinConstraint::Natural if kind != Kind::Left => {
                    return Err(refused(
                        "a natural join that keeps rows of the right table alone is not possible",
                        "name the columns: full join b using (client_id)",
                    ));
                }
                JoinConstraint::Using(columns) => {
                    let columns: Vec<Ident> = columns.iter().filter_map(ident).collect();
                    let mut equal = Vec::new();
                    let mut is_other = false;
                    for column in columns {
                        let before = shared.get(&key(&column)).cloned();
                        is_other |= before.as_ref().is_some_and(|before| !before.is_left);
                        let left = before.or_else(|| match lefts.as_slice() {
                            [left] => {
                                Some(Shared { expr: of(left.as_ref()?, &column), name: column.clone(), is_left: true })
                            }
                            _ => None,
                        });
                        let right = own.as_ref().map(|own| of(own, &column));
                        if let (Some(left), Some(right)) = (&left, &right) {
                            equal.push(is_equal(left.expr.clone(), right.clone()));
                        }
                        let whole = match (kind, left, right) {
                            (Kind::Left, left, _) => left,
                            (Kind::Right, _, Some(expr)) => Some(Shared { expr, name: column.clone(), is_left: false }),
                            (Kind::Full, Some(left), Some(right)) => {
                                let expr = names::call("coalesce", vec![left.expr, right]);
                                Some(Shared { expr, name: column.clone(), is_left: false })
                            }
                            _ => return Err(unnamed(&column)),
                        };
                        if let Some(whole) = whole {
                            shared.insert(key(&column), whole);
                        }
                    }
                    // The engine would compare with the left table's column.
                    if is_other {
                        let and = |left, right| both(left, BinaryOperator::And, right);
                        let equal = equal.into_iter().reduce(and);
                        let (Some(equal), false) = (equal, has_star) else {
                            return Err(refused(
                                "* after several joins that share a column by using is not possible",
                                "write the columns out",
                            ));
                        };
                        *on = JoinConstraint::On(equal);
                    }
                }
                JoinConstraint::On(on) => {
                    walk(on, &mut Writer { shared, depth: 0 })?;
                }
                _ => {}
            }
        }
        lefts.push(own);
    }
    Ok(())
}

fn unnamed(column: &Ident) -> crate::error::Error {
    let column = &column.value;
    refused(
        &format!("nothing says which table's {column} is meant by using"),
        &format!("name the tables: on a.{column} = b.{column}, and coalesce(a.{column}, b.{column})"),
    )
}

fn ident(name: &ObjectName) -> Option<Ident> {
    match name.0.as_slice() {
        [part] => part.as_ident().cloned(),
        _ => None,
    }
}

/// Names without quotes are the same in any case.
fn key(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_lowercase() }
}

fn of(table: &Ident, column: &Ident) -> Expr {
    Expr::CompoundIdentifier(vec![table.clone(), column.clone()])
}

fn is_equal(left: Expr, right: Expr) -> Expr {
    both(left, BinaryOperator::Eq, right)
}

fn both(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

fn shows(item: &SelectItem, name: &str) -> bool {
    match item {
        SelectItem::ExprWithAlias { alias, .. } => key(alias) == name,
        SelectItem::UnnamedExpr(Expr::Identifier(ident)) => key(ident) == name,
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => parts.last().is_some_and(|last| key(last) == name),
        SelectItem::Wildcard(_) => true,
        _ => false,
    }
}

/// Gives a column of the answer the shared name, and `*` what the name means.
fn written(item: &mut SelectItem, shared: &HashMap<String, Shared>) {
    match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => {
            if let Some(found) = shared.get(&key(name)).filter(|found| !found.is_left) {
                *item = SelectItem::ExprWithAlias { expr: found.expr.clone(), alias: name.clone() };
            }
        }
        SelectItem::Wildcard(options) => {
            let mut meant: Vec<&Shared> = shared.values().filter(|found| !found.is_left).collect();
            meant.sort_by(|a, b| a.name.value.cmp(&b.name.value));
            for found in meant {
                let replaced = options.opt_replace.get_or_insert_with(|| ReplaceSelectItem { items: Vec::new() });
                if replaced.items.iter().any(|item| key(&item.column_name) == key(&found.name)) {
                    continue;
                }
                let column_name = found.name.clone();
                let item = ReplaceSelectElement { expr: found.expr.clone(), column_name, as_keyword: true };
                replaced.items.push(Box::new(item));
            }
        }
        _ => {}
    }
}

/// Writes shared names out in one query; the queries inside have tables of their own.
struct Writer<'a> {
    shared: &'a HashMap<String, Shared>,
    depth: usize,
}

impl VisitorMut for Writer<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<Error> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Error> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        if self.depth == 0
            && let Expr::Identifier(name) = expr
            && let Some(found) = self.shared.get(&key(name))
        {
            *expr = found.expr.clone();
        }
        ControlFlow::Continue(())
    }
}
