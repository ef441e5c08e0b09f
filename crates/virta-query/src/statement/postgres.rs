//! What clients of PostgreSQL write that others do not: names of its catalogue, casts to its types, operators by name.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, FunctionArguments, GroupByExpr, Ident, Join, JoinOperator, ObjectName,
    ObjectNamePart, Query, Select, SelectItem, SetExpr, Statement, TableFactor, TableWithJoins, UnaryOperator, Value,
    VisitorMut,
};

use super::CATALOGUE;
use super::headers::shown;
use super::names::{call, text};
use super::walk::walk;
use crate::error::Error;

/// The schema of PostgreSQL's own tables and functions, which is searched without being written.
const SYSTEM: &str = "pg_catalog";

/// Puts what the engine knows in the place of what only PostgreSQL knows. `empty` are the tables of its catalogue that
/// have no rows here.
pub(super) fn rewrite(statement: &mut Statement, empty: &[String]) {
    // The visitor never breaks.
    let _ = walk(statement, &mut Rewriter { empty });
}

struct Rewriter<'a> {
    empty: &'a [String],
}

impl VisitorMut for Rewriter<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        if let SetExpr::Select(select) = query.body.as_ref()
            && self.can_be_emptied(select)
        {
            query.order_by = None;
        }
        ControlFlow::Continue(())
    }

    /// Clients ask for policies, triggers and the like with all that PostgreSQL's language has. Where there are none, there
    /// is no need to work the question out.
    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        if self.can_be_emptied(select) {
            for item in &mut select.projection {
                // Constants stay, since their types may be looked at.
                match item {
                    SelectItem::ExprWithAlias { expr, .. } if !matches!(expr, Expr::Value(_)) => *expr = no_text(),
                    SelectItem::UnnamedExpr(expr) => {
                        let alias = Ident::with_quote('"', shown(expr));
                        *item = SelectItem::ExprWithAlias { expr: no_text(), alias };
                    }
                    _ => {}
                }
            }
            select.from.clear();
            select.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
            select.selection = Some(Expr::Value(Value::Boolean(false).into()));
        }
        // The engine calls a cast literal by the literal, so that `1.50::numeric, 1.5` would be two of one name.
        for (at, item) in select.projection.iter_mut().enumerate() {
            if let SelectItem::UnnamedExpr(expr) = item
                && is_cast_literal(expr)
            {
                *item =
                    SelectItem::ExprWithAlias { expr: expr.clone(), alias: Ident::new(format!("virta_value_{at}")) };
            }
        }
        // Two columns may have one name there, and none here.
        let mut seen: Vec<String> = Vec::new();
        for (at, item) in select.projection.iter_mut().enumerate() {
            let name = match &*item {
                SelectItem::UnnamedExpr(expr) => shown(expr).to_lowercase(),
                SelectItem::ExprWithAlias { alias, .. } => alias.value.to_lowercase(),
                _ => continue,
            };
            if seen.contains(&name)
                && let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item
            {
                let alias = Ident::with_quote('"', format!("{name}_{at}"));
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            seen.push(name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Error> {
        match table {
            TableFactor::Table { name, args: None, .. } => relation(name),
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => function(name),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        if let Some(other) = instead(expr) {
            *expr = other;
        }
        ControlFlow::Continue(())
    }
}

impl Rewriter<'_> {
    /// Whether a select has no rows whatever it asks, and its columns can be told without it.
    fn can_be_emptied(&self, select: &Select) -> bool {
        let is_named =
            |item: &SelectItem| matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. });
        self.has_no_rows(select) && select.projection.iter().all(is_named)
    }

    /// Whether a select is from a table without rows and has no row of its own, as one with an aggregate has.
    fn has_no_rows(&self, select: &Select) -> bool {
        let is_inner = |join: &Join| {
            matches!(join.join_operator, JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::CrossJoin(_))
        };
        let keeps_left = |join: &Join| {
            is_inner(join) || matches!(join.join_operator, JoinOperator::Left(_) | JoinOperator::LeftOuter(_))
        };
        let is_without = |table: &TableWithJoins| {
            table.joins.iter().all(keeps_left)
                && (self.is_empty(&table.relation)
                    || table.joins.iter().any(|join| is_inner(join) && self.is_empty(&join.relation)))
        };
        let is_grouped = matches!(&select.group_by, GroupByExpr::Expressions(by, _) if !by.is_empty());
        let has_aggregate = !is_grouped && select.projection.iter().any(|item| may_hold_aggregate(&item.to_string()));
        select.from.iter().any(is_without) && select.having.is_none() && !has_aggregate
    }

    fn is_empty(&self, table: &TableFactor) -> bool {
        match table {
            TableFactor::Table { name, args: None, .. } => match words(name).as_slice() {
                [name] => self.empty.contains(name),
                [schema, name] => schema == SYSTEM && self.empty.contains(name),
                _ => false,
            },
            TableFactor::Derived { subquery, .. } => match subquery.body.as_ref() {
                SetExpr::Select(select) => self.has_no_rows(select),
                _ => false,
            },
            TableFactor::NestedJoin { table_with_joins, .. } => {
                table_with_joins.joins.is_empty() && self.is_empty(&table_with_joins.relation)
            }
            _ => false,
        }
    }
}

/// Whether an expression may hold an aggregate of its own select: those of its subqueries are theirs.
fn may_hold_aggregate(expr: &str) -> bool {
    let text = expr.to_lowercase();
    let (mut depth, mut own) = (0usize, String::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' if depth > 0 => depth += 1,
            '(' if text.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with("select ")) => depth = 1,
            ')' if depth > 0 => depth -= 1,
            c if depth == 0 => own.push(c),
            _ => {}
        }
    }
    ["count(", "max(", "min(", "sum(", "avg(", "agg(", "bool_and(", "bool_or("].iter().any(|name| own.contains(name))
}

fn is_cast_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Cast { expr, .. } => matches!(expr.as_ref(), Expr::Value(_)) || is_cast_literal(expr),
        _ => false,
    }
}

/// A text that is null.
fn no_text() -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(Expr::Value(Value::Null.into())),
        data_type: DataType::Text,
        array: false,
        format: None,
    }
}

fn words(name: &ObjectName) -> Vec<String> {
    name.0.iter().filter_map(|part| part.as_ident()).map(|ident| ident.value.to_lowercase()).collect()
}

/// `pg_class` is `pg_catalog.pg_class`, and whatever the database is called, there is one.
fn relation(name: &mut ObjectName) {
    match name.0.as_mut_slice() {
        [only] if only.as_ident().is_some_and(|ident| ident.value.to_lowercase().starts_with("pg_")) => {
            name.0.insert(0, ObjectNamePart::Identifier(Ident::new(SYSTEM)));
        }
        [database, _, _] => *database = ObjectNamePart::Identifier(Ident::new(CATALOGUE)),
        _ => {}
    }
}

fn function(name: &mut ObjectName) {
    if words(name).first().is_some_and(|schema| schema == SYSTEM || schema == "information_schema") && name.0.len() == 2
    {
        name.0.remove(0);
    }
}

/// What stands in the place of an expression, if anything does.
fn instead(expr: &mut Expr) -> Option<Expr> {
    match expr {
        Expr::Function(called) => {
            function(&mut called.name);
            match &called.args {
                FunctionArguments::Subquery(query) if words(&called.name) == ["array"] => gathered(query),
                _ => None,
            }
        }
        // Texts are compared by bytes, whatever a client asks for.
        Expr::Collate { expr, .. } => Some(expr.as_ref().clone()),
        Expr::BinaryOp { left, op: BinaryOperator::PGCustomBinaryOperator(name), right } => {
            let (left, right) = (left.clone(), right.clone());
            let like = |negated: bool, any_case: bool| {
                let (expr, pattern) = (left.clone(), right.clone());
                match any_case {
                    true => Expr::ILike { negated, any: false, expr, pattern, escape_char: None },
                    false => Expr::Like { negated, any: false, expr, pattern, escape_char: None },
                }
            };
            let op = match name.last().map(String::as_str)? {
                "~" => BinaryOperator::PGRegexMatch,
                "!~" => BinaryOperator::PGRegexNotMatch,
                "~*" => BinaryOperator::PGRegexIMatch,
                "!~*" => BinaryOperator::PGRegexNotIMatch,
                "=" => BinaryOperator::Eq,
                "<>" | "!=" => BinaryOperator::NotEq,
                "<" => BinaryOperator::Lt,
                ">" => BinaryOperator::Gt,
                "<=" => BinaryOperator::LtEq,
                ">=" => BinaryOperator::GtEq,
                "+" => BinaryOperator::Plus,
                "-" => BinaryOperator::Minus,
                "||" => BinaryOperator::StringConcat,
                "~~" => return Some(like(false, false)),
                "!~~" => return Some(like(true, false)),
                "~~*" => return Some(like(false, true)),
                "!~~*" => return Some(like(true, true)),
                _ => return None,
            };
            Some(Expr::BinaryOp { left, op, right })
        }
        // The number of a function that is not there; here functions have names instead of numbers.
        Expr::BinaryOp { left, op: BinaryOperator::Eq | BinaryOperator::NotEq, right }
            if is_procedure(left)
                && matches!(right.as_ref(), Expr::Value(value) if matches!(&value.value, Value::Number(digits, _) if digits == "0")) =>
        {
            **right = text("-");
            None
        }
        // The engine knows no other escape than the backslash.
        Expr::Like { pattern, escape_char: escape @ Some(_), .. }
        | Expr::ILike { pattern, escape_char: escape @ Some(_), .. } => {
            let character = escape.take().and_then(|value| value.value.into_string())?;
            if character != "\\" && !character.is_empty() {
                let backslashes = call("replace", vec![pattern.as_ref().clone(), text("\\"), text("\\\\")]);
                **pattern = call("replace", vec![backslashes, text(&character), text("\\")]);
            }
            None
        }
        // A table by its number or name: each is known by the other.
        Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, .. } => {
            let name = match data_type {
                DataType::Regclass => "regclass".to_owned(),
                DataType::Custom(name, _) => words(name).last()?.clone(),
                _ => return None,
            };
            cast(expr, &name)
        }
        Expr::Identifier(ident) if ident.quote_style.is_none() => {
            let name = ident.value.to_lowercase();
            let is_known =
                matches!(name.as_str(), "current_schema" | "current_catalog" | "session_user" | "current_role");
            is_known.then(|| call(&name, Vec::new()))
        }
        _ => None,
    }
}

/// Columns of the catalogue that name a function.
const PROCEDURES: &[&str] =
    &["typinput", "typoutput", "typreceive", "typsend", "typmodin", "typmodout", "typanalyze", "amhandler", "oprcode"];

fn is_procedure(expr: &Expr) -> bool {
    let last = match expr {
        Expr::Identifier(ident) => Some(ident),
        Expr::CompoundIdentifier(idents) => idents.last(),
        _ => None,
    };
    last.is_some_and(|ident| PROCEDURES.contains(&ident.value.to_lowercase().as_str()))
}

/// `array(select x from ...)`: the values of a subquery as one array.
fn gathered(query: &Query) -> Option<Expr> {
    // Tables have no options of storage, so there are none to gather.
    if query.to_string().to_lowercase().contains("unnest(tc.reloptions)") {
        return call_of_no_texts();
    }
    let mut query = query.clone();
    query.order_by = None;
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let [item] = select.projection.as_mut_slice() else { return None };
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => {
            *expr = call("array_agg", vec![expr.clone()]);
        }
        _ => return None,
    }
    Some(Expr::Subquery(Box::new(query)))
}

/// Texts, of which there are none.
fn call_of_no_texts() -> Option<Expr> {
    super::names::parsed("cast(null as text[])")
}

/// A cast to a type of PostgreSQL's own.
fn cast(expr: &Expr, name: &str) -> Option<Expr> {
    let to = |data_type: DataType| Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(expr.clone()),
        data_type,
        array: false,
        format: None,
    };
    // Written out or to come as a parameter, it is a name; a column holds numbers.
    let is_written = matches!(expr, Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_) | Value::Placeholder(_)));
    Some(match name {
        "regclass" | "regtype" | "regnamespace" | "regproc" | "regprocedure" | "regrole" | "regoper"
        | "regoperator" => {
            let what = if is_written { "oid_of" } else { "name_of" };
            call(&format!("{what}_{name}"), vec![expr.clone()])
        }
        "oid" | "xid" | "cid" => match expr {
            // An expression that stands for a number already.
            Expr::Function(_) | Expr::Identifier(_) | Expr::CompoundIdentifier(_) => expr.clone(),
            Expr::UnaryOp { op: UnaryOperator::Minus, .. } => expr.clone(),
            _ => to(DataType::BigInt(None)),
        },
        "int2" | "int4" | "int8" | "cardinal_number" => to(DataType::BigInt(None)),
        "float4" | "float8" => to(DataType::Double(datafusion::sql::sqlparser::ast::ExactNumberInfo::None)),
        "bool" => to(DataType::Boolean),
        "date" => to(DataType::Date),
        "name" | "char" | "bpchar" | "text" | "varchar" | "sql_identifier" | "character_data" | "yes_or_no"
        | "cstring" | "unknown" => to(DataType::Text),
        _ => return None,
    })
}
