//! Orders by a subquery: `select a from t order by (select count(*) from u where u.b = t.b)`. The engine looks for what the
//! subquery names in the answer alone. The subquery becomes a column of a query inside, by which the rows are ordered, and
//! which is left out.

use datafusion::sql::sqlparser::ast::{Expr, Ident, OrderByKind, Query, SelectItem, SetExpr, VisitorMut};

use super::names;
use super::walk::walk;
use crate::error::{Error, Result};

/// Asks the query inside another that orders, where it is ordered by a subquery.
///
/// # Errors
/// None that is not one of the walk's.
pub(super) fn by_columns(query: &mut Query) -> Result<()> {
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let Some(OrderByKind::Expressions(by)) = query.order_by.as_mut().map(|by| &mut by.kind) else { return Ok(()) };
    if select.distinct.is_some() || !by.iter_mut().any(|by| holds_query(&mut by.expr)) {
        return Ok(());
    }
    let is_shown = |expr: &Expr| {
        match expr {
        Expr::Value(_) => true,
        Expr::Identifier(name) => select.projection.iter().any(
            |item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if alias.value.eq_ignore_ascii_case(&name.value)),
        ),
        _ => false,
    }
    };
    let mut added = Vec::new();
    for (at, by) in by.iter_mut().enumerate() {
        if is_shown(&by.expr) {
            continue;
        }
        let name = Ident::new(format!("virta_order_{at}"));
        let expr = std::mem::replace(&mut by.expr, Expr::Identifier(name.clone()));
        added.push(SelectItem::ExprWithAlias { expr, alias: name });
    }
    let names = added.iter().map(|item| match item {
        SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
        other => other.to_string(),
    });
    let names = names.collect::<Vec<_>>().join(", ");
    select.projection.extend(added);
    let Some(mut outer) = names::query(&format!("select * exclude ({names}) from ({select}) as virta_ordered")) else {
        return Err(Error::query("an order by a subquery cannot be read"));
    };
    std::mem::swap(&mut query.body, &mut outer.body);
    Ok(())
}

fn holds_query(expr: &mut Expr) -> bool {
    struct Queries(bool);
    impl VisitorMut for Queries {
        type Break = Error;
        fn pre_visit_query(&mut self, _: &mut Query) -> std::ops::ControlFlow<Error> {
            self.0 = true;
            std::ops::ControlFlow::Continue(())
        }
    }
    let mut queries = Queries(false);
    // The visitor never breaks.
    let _ = walk(expr, &mut queries);
    queries.0
}
