//! What the columns of an answer are called: as they were written, not as the engine spells an expression.

use datafusion::sql::sqlparser::ast::{Expr, SelectItem, SetExpr, Statement};

/// The names of the answer's columns, where the query tells them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headers(Vec<Header>);

#[derive(Debug, Clone)]
enum Header {
    Named(String),
    /// `*`: as many columns as are left over, under their own names.
    All,
}

impl Headers {
    /// Of a query as it was written.
    pub(crate) fn of(statement: &Statement) -> Self {
        let Statement::Query(query) = statement else { return Headers::default() };
        let mut body = query.body.as_ref();
        let select = loop {
            match body {
                SetExpr::Select(select) => break select,
                SetExpr::SetOperation { left, .. } => body = left.as_ref(),
                SetExpr::Query(query) => body = query.body.as_ref(),
                _ => return Headers::default(),
            }
        };
        let header = |item: &SelectItem| match item {
            SelectItem::UnnamedExpr(expr) => Header::Named(shown(expr)),
            SelectItem::ExprWithAlias { alias, .. } => Header::Named(match alias.quote_style {
                Some(_) => alias.value.clone(),
                None => alias.value.to_lowercase(),
            }),
            _ => Header::All,
        };
        Headers(select.projection.iter().map(header).collect())
    }

    /// The names for columns that the engine calls so.
    pub(crate) fn names(&self, engine: Vec<String>) -> Vec<String> {
        let stars = self.0.iter().filter(|header| matches!(header, Header::All)).count();
        let left_over = engine.len().checked_sub(self.0.len() - stars);
        match (stars, left_over) {
            (0, Some(0)) => {}
            (1, Some(_)) => {}
            _ => return engine.into_iter().map(|name| plain(&name)).collect(),
        }
        let mut engine = engine.into_iter();
        let mut names: Vec<String> = Vec::new();
        for header in &self.0 {
            match header {
                Header::Named(name) => {
                    names.push(name.clone());
                    engine.next();
                }
                Header::All => {
                    let own: Vec<String> = engine.by_ref().take(left_over.unwrap_or_default()).collect();
                    names.extend(own.iter().map(|name| plain(name)));
                }
            }
        }
        apart(names)
    }
}

/// Later ones of a name get a number: no form of an answer can hold two columns of one name.
fn apart(names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashMap::new();
    let mut apart = Vec::with_capacity(names.len());
    for name in names {
        let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(0);
        apart.push(if *count == 0 { name } else { format!("{name}_{count}") });
    }
    apart
}

/// A column's own name, or the expression's text.
pub(super) fn shown(expr: &Expr) -> String {
    let name = |ident: &datafusion::sql::sqlparser::ast::Ident| match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    };
    match expr {
        Expr::Identifier(ident) => name(ident),
        Expr::CompoundIdentifier(idents) => idents.last().map(name).unwrap_or_default(),
        Expr::Nested(inner) => shown(inner),
        other => other.to_string(),
    }
}

/// The engine's spelling of a literal, without its types.
pub(crate) fn plain(name: &str) -> String {
    let mut text = name.to_owned();
    for kind in ["Int64", "UInt64", "Int32", "Float64", "Boolean", "Utf8View", "Utf8"] {
        let open = format!("{kind}(");
        while let Some(start) = text.find(&open) {
            let inside = start + open.len();
            let Some(end) = text.get(inside..).and_then(|rest| rest.find(')')).map(|at| inside + at) else { break };
            let value = text[inside..end].to_owned();
            text.replace_range(start..=end, &value);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_lose_their_types() {
        assert_eq!(plain("cost_cents / Int64(100)"), "cost_cents / 100");
        assert_eq!(plain("Utf8(\"a\") || Utf8(\"b\")"), "\"a\" || \"b\"");
        assert_eq!(plain("service"), "service");
    }
}
