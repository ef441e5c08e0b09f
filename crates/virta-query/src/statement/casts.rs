//! Casts that must be told apart. The engine leaves casts out of the names of groups and aggregates, so that it takes
//! `sum(cast(x as int))` and `sum(x)`, or groups by `cast(moment as date)` and `moment`, for two columns of one name.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, VisitorMut};

use super::headers::shown;
use super::names::call;
use super::walk::walk;
use crate::error::{Error, Result};
use crate::functions::AS_TYPE;

/// Gives casts a name where groups or aggregates of a query differ in nothing else.
///
/// # Errors
/// None that is not one of the walk's.
pub(super) fn told_apart(query: &mut Query) -> Result<()> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let mut found = Named::default();
    if is_grouped(select) {
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                found.note(expr);
            }
        }
    }
    if let GroupByExpr::Expressions(by, _) = &mut select.group_by {
        by.iter().for_each(|expr| found.note(expr));
    }
    over_own(query, &mut found)?;
    let mut naming = Naming { texts: HashSet::new(), is_learning: true };
    for mut expr in found.mistaken() {
        walk(&mut expr, &mut naming)?;
    }
    naming.is_learning = false;
    if naming.texts.is_empty() { Ok(()) } else { over_own(query, &mut naming) }
}

fn is_grouped(select: &Select) -> bool {
    match &select.group_by {
        GroupByExpr::All(_) => true,
        GroupByExpr::Expressions(by, _) => !by.is_empty(),
    }
}

/// Shows the expressions of a query that may be groups or hold aggregates.
fn over_own(query: &mut Query, visitor: &mut dyn VisitorMut<Break = Error>) -> Result<()> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    walk(&mut select.projection, visitor)?;
    walk(&mut select.group_by, visitor)?;
    walk(&mut select.having, visitor)?;
    walk(&mut select.qualify, visitor)?;
    walk(&mut select.named_window, visitor)?;
    match query.order_by.as_mut().map(|by| &mut by.kind) {
        Some(OrderByKind::Expressions(by)) => walk(by, visitor),
        _ => Ok(()),
    }
}

/// Expressions, by the names that the engine gives them and by their texts.
#[derive(Default)]
struct Named(HashMap<String, HashMap<String, Expr>>);

impl Named {
    fn note(&mut self, expr: &Expr) {
        self.0.entry(uncast(expr)).or_default().entry(expr.to_string()).or_insert_with(|| expr.clone());
    }

    /// Those whose name others have.
    fn mistaken(self) -> impl Iterator<Item = Expr> {
        self.0.into_values().filter(|alike| alike.len() > 1).flat_map(HashMap::into_values)
    }
}

impl VisitorMut for Named {
    type Break = Error;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        if matches!(expr, Expr::Function(_)) {
            self.note(expr);
        }
        ControlFlow::Continue(())
    }
}

/// An expression's text as the engine names it, which leaves casts out.
pub(super) fn uncast(expr: &Expr) -> String {
    struct WithoutCasts;
    impl VisitorMut for WithoutCasts {
        type Break = Error;
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
            if let Expr::Cast { expr: inner, .. } | Expr::Nested(inner) = expr {
                *expr = inner.as_ref().clone();
            }
            ControlFlow::Continue(())
        }
    }
    let mut bare = expr.clone();
    // The visitor never breaks.
    let _ = walk(&mut bare, &mut WithoutCasts);
    shown(&bare).to_lowercase()
}

/// Names casts by their types: all of them, whose texts it keeps, or those whose texts it has.
struct Naming {
    texts: HashSet<String>,
    is_learning: bool,
}

impl VisitorMut for Naming {
    type Break = Error;

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        // Casts inside this one have their names already, on both walks.
        let Expr::Cast { kind, data_type, .. } = &*expr else { return ControlFlow::Continue(()) };
        let (text, name) = (expr.to_string(), format!("'{kind:?} {}'", data_type.to_string().replace('\'', "")));
        if self.is_learning || self.texts.contains(&text) {
            self.texts.insert(text);
            *expr = call(AS_TYPE, vec![expr.clone(), Expr::Identifier(name.as_str().into())]);
        }
        ControlFlow::Continue(())
    }
}
