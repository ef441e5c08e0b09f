//! Forms that the parser knows and the engine does not, or takes for something else.

use std::collections::HashMap;
use std::ops::ControlFlow;

use datafusion::execution::context::SessionState;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArguments, Ident, Join, JoinConstraint, JoinOperator, LimitClause, NullTreatment, OrderByExpr, OrderByKind,
    Query, Select, SelectFlavor, SelectItem, SetExpr, Statement, TableFactor, Value, ValueWithSpan, VisitorMut,
    WindowType,
};

use super::headers::shown;
use super::walk::walk;
use super::{asof, casts, decimals, lengths, names, ordered, row_values, using, windows};
use crate::error::{Error, Result, refused};

/// Puts what the engine knows in the place of what it does not.
///
/// # Errors
/// [`Error::Query`] for forms that have no such place, with what to write instead.
pub(super) fn rewrite(statement: &mut Statement, state: &SessionState) -> Result<()> {
    walk(statement, &mut Rewriter { state })
}

struct Rewriter<'a> {
    /// Knows which functions are told row by row.
    state: &'a SessionState,
}

fn flow(result: Result<()>) -> ControlFlow<Error> {
    result.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

impl VisitorMut for Rewriter<'_> {
    type Break = Error;

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<Error> {
        flow(
            using::ordered(query)
                .and_then(|()| ordered::by_columns(query))
                .and_then(|()| fetched(query))
                .and_then(|()| windows::written_out(query))
                .and_then(|()| named(query))
                .and_then(|()| casts::told_apart(query)),
        )
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Error> {
        if let Err(error) = using::resolved(select) {
            return ControlFlow::Break(error);
        }
        if select.projection.is_empty() && matches!(select.flavor, SelectFlavor::FromFirstNoSelect) {
            select.projection.push(SelectItem::Wildcard(Default::default()));
        }
        for table in &mut select.from {
            let left = table.relation.clone();
            let mut before = vec![left];
            for join in &mut table.joins {
                if let Err(error) = joined(join, &before) {
                    return ControlFlow::Break(error);
                }
                before.push(join.relation.clone());
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &mut TableFactor) -> ControlFlow<Error> {
        // The engine calls a column of the tables before by a name of its own.
        if let TableFactor::Derived { lateral: true, subquery, .. } = table
            && let SetExpr::Select(select) = subquery.body.as_mut()
        {
            for item in &mut select.projection {
                if let SelectItem::UnnamedExpr(expr @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) = item {
                    let alias = Ident::with_quote('"', shown(expr));
                    *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Error> {
        if let Expr::Function(function) = expr
            && let Err(error) = self.told_by_row(function)
        {
            return ControlFlow::Break(error);
        }
        flow(expression(expr))
    }
}

impl Rewriter<'_> {
    /// `upper(x) filter (where ...)` and the like: what is said of the rows of an aggregate would be forgotten.
    fn told_by_row(&self, function: &Function) -> Result<()> {
        let name = function.name.to_string().to_lowercase();
        let clause = match (&function.args, &function.over) {
            _ if function.filter.is_some() => "filter",
            (_, Some(_)) => "over",
            _ if !function.within_group.is_empty() => "within group",
            (FunctionArguments::List(list), _) if list.duplicate_treatment == Some(DuplicateTreatment::Distinct) => {
                "distinct"
            }
            (FunctionArguments::List(list), _)
                if list.clauses.iter().any(|clause| matches!(clause, FunctionArgumentClause::OrderBy(_))) =>
            {
                "order by"
            }
            _ => return Ok(()),
        };
        let known = |name: &str| {
            self.state.aggregate_functions().contains_key(name) || self.state.window_functions().contains_key(name)
        };
        match self.state.scalar_functions().contains_key(&name) && !known(&name) {
            true => Err(refused(
                &format!("{name} is told row by row, and {clause} is for aggregates and windows"),
                "put the condition into case when, or the function inside an aggregate: max(upper(x))",
            )),
            false => Ok(()),
        }
    }
}

/// `fetch first 5 rows only` is a limit.
fn fetched(query: &mut Query) -> Result<()> {
    let Some(fetch) = query.fetch.take() else { return Ok(()) };
    if fetch.with_ties || fetch.percent {
        return Err(refused(
            "fetch with ties or percent is not known",
            "number the rows: qualify rank() over (order by ...) <= 10",
        ));
    }
    let quantity = fetch.quantity.unwrap_or_else(|| number(1));
    let offset = match query.limit_clause.take() {
        Some(LimitClause::LimitOffset { limit: None, offset, .. }) => offset,
        None => None,
        Some(_) => return Err(refused("a query has both limit and fetch", "write one of them")),
    };
    query.limit_clause = Some(LimitClause::LimitOffset { limit: Some(quantity), offset, limit_by: Vec::new() });
    Ok(())
}

fn number(number: u64) -> Expr {
    Expr::Value(Value::Number(number.to_string(), false).into())
}

/// Names columns by their text where they are ordered by their place, and where two have one name.
fn named(query: &mut Query) -> Result<()> {
    let mut places = Vec::new();
    if let Some(OrderByKind::Expressions(by)) = query.order_by.as_mut().map(|by| &mut by.kind) {
        places.extend(by.iter_mut().filter_map(|by| place(&by.expr).map(|at| (at, by))));
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return Ok(()) };
    let has_star = |items: &[SelectItem]| {
        items.iter().any(|item| !matches!(item, SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. }))
    };
    for (at, by) in places {
        if has_star(select.projection.get(..at).unwrap_or_default()) {
            continue;
        }
        let Some(item) = select.projection.get_mut(at - 1) else { continue };
        order_by_name(item, by);
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for item in &mut select.projection {
        match item {
            SelectItem::ExprWithAlias { alias, .. } => {
                seen.entry(alias.value.to_lowercase()).or_default();
            }
            SelectItem::UnnamedExpr(expr) => {
                let count = seen.entry(casts::uncast(expr)).and_modify(|count| *count += 1).or_default();
                if *count > 0 {
                    let alias = Ident::with_quote('"', format!("{}_{count}", shown(expr)));
                    *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn place(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().ok().filter(|at| *at > 0),
            _ => None,
        },
        _ => None,
    }
}

fn order_by_name(item: &mut SelectItem, by: &mut OrderByExpr) {
    match item {
        SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_)) => {}
        SelectItem::UnnamedExpr(expr) => {
            let alias = Ident::with_quote('"', shown(expr));
            by.expr = Expr::Identifier(alias.clone());
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
        SelectItem::ExprWithAlias { alias, .. } => by.expr = Expr::Identifier(alias.clone()),
        _ => {}
    }
}

fn joined(join: &mut Join, before: &[TableFactor]) -> Result<()> {
    if join.global {
        join.global = false;
        return asof::rewritten(join, before);
    }
    match &join.join_operator {
        JoinOperator::Semi(on) => join.join_operator = JoinOperator::LeftSemi(on.clone()),
        JoinOperator::Anti(on) => join.join_operator = JoinOperator::LeftAnti(on.clone()),
        JoinOperator::AsOf { .. } => return asof::rewritten(join, before),
        _ => {}
    }
    let has_none = match &join.join_operator {
        JoinOperator::Join(on)
        | JoinOperator::Inner(on)
        | JoinOperator::Left(on)
        | JoinOperator::LeftOuter(on)
        | JoinOperator::Right(on)
        | JoinOperator::RightOuter(on)
        | JoinOperator::FullOuter(on)
        | JoinOperator::LeftSemi(on)
        | JoinOperator::LeftAnti(on) => matches!(on, JoinConstraint::None),
        _ => false,
    };
    match has_none {
        true => Err(refused(
            "a join without a condition joins every row with every row",
            "write on a.key = b.key or using (key); or cross join, where that is meant",
        )),
        false => Ok(()),
    }
}

fn expression(expr: &mut Expr) -> Result<()> {
    decimals::kept_in_texts(expr);
    if let Some(product) = lengths::multiplied(expr) {
        *expr = product;
        return Ok(());
    }
    if let Some(by_values) = row_values::compared(expr)? {
        *expr = by_values;
        return Ok(());
    }
    match expr {
        Expr::SimilarTo { negated, expr: text, pattern, escape_char } => {
            let Some(pattern) = literal(pattern) else {
                return Err(refused("the pattern of similar to must be written out", "use regexp_like(text, pattern)"));
            };
            let escape = escape_char.as_ref().and_then(|value| match &value.value {
                Value::SingleQuotedString(text) => text.chars().next(),
                _ => None,
            });
            let pattern = similar(&pattern, escape.unwrap_or('\\'));
            let call = names::call("regexp_like", vec![text.as_ref().clone(), names::text(&pattern)]);
            *expr = match negated {
                true => Expr::UnaryOp { op: datafusion::sql::sqlparser::ast::UnaryOperator::Not, expr: Box::new(call) },
                false => call,
            };
        }
        Expr::Like { pattern, escape_char, .. } | Expr::ILike { pattern, escape_char, .. } => {
            escaped(pattern, escape_char)?
        }
        Expr::BinaryOp { left, op: BinaryOperator::BitwiseXor, right } => {
            *expr = names::call("power", vec![left.as_ref().clone(), right.as_ref().clone()]);
        }
        Expr::BinaryOp { op: BinaryOperator::DuckIntegerDivide | BinaryOperator::MyIntegerDivide, .. } => {
            return Err(refused(
                "// is not known",
                "whole numbers divided by / give whole numbers; use floor(x / y) for others",
            ));
        }
        Expr::IsNotDistinctFrom(left, right) | Expr::IsDistinctFrom(left, right) => {
            // The parser lets what follows belong to the right side: `a is not distinct from b and c`.
            let mut tail = Vec::new();
            let mut first = right.as_ref().clone();
            while let Expr::BinaryOp { left, op, right } = first {
                if !binds_less(&op) {
                    first = Expr::BinaryOp { left, op, right };
                    break;
                }
                tail.push((op, right));
                first = *left;
            }
            if !tail.is_empty() {
                let left = left.clone();
                let is_not = matches!(expr, Expr::IsNotDistinctFrom(..));
                let first = Box::new(first);
                let compared =
                    if is_not { Expr::IsNotDistinctFrom(left, first) } else { Expr::IsDistinctFrom(left, first) };
                // In brackets, since some forms are written out and read again.
                let mut whole = Expr::Nested(Box::new(compared));
                for (op, right) in tail.into_iter().rev() {
                    whole = Expr::BinaryOp { left: Box::new(whole), op, right };
                }
                *expr = whole;
            }
        }
        Expr::InSubquery { expr: operand, subquery, negated } => {
            if let Expr::Tuple(operands) = operand.as_ref() {
                let operands = operands.clone();
                *expr = row_in(&operands, subquery, *negated);
            }
        }
        Expr::Function(function) => {
            own_nulls(function)?;
            ordered_by_values(function);
            counted(function)?;
            if let Some(WindowType::WindowSpec(spec)) = &mut function.over {
                windows::framed(spec);
            }
            if matches!(function.args, FunctionArguments::List(_))
                && let Some(known) = names::known(function)?
            {
                *expr = known;
            }
        }
        _ => {}
    }
    Ok(())
}

/// `count(distinct (a, b))` counts rows that differ in a or b; nothing else counts more than one value.
fn counted(function: &mut Function) -> Result<()> {
    if !function.name.to_string().eq_ignore_ascii_case("count") {
        return Ok(());
    }
    let FunctionArguments::List(list) = &mut function.args else { return Ok(()) };
    let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    match list.args.as_mut_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(tuple @ Expr::Tuple(_)))] => {
            if let Expr::Tuple(values) = tuple {
                *tuple = names::call("struct", std::mem::take(values));
            }
            Ok(())
        }
        [FunctionArg::Unnamed(FunctionArgExpr::Wildcard | FunctionArgExpr::QualifiedWildcard(_))] if is_distinct => {
            Err(refused(
                "count(distinct *) counts no column",
                "count(distinct (a, b)), or select count(*) from (select distinct * from TABLE)",
            ))
        }
        [_, _, ..] => Err(refused("count counts one value a row", "make one of them: count(distinct (a, b))")),
        _ => Ok(()),
    }
}

/// `first_value(upper(x) ignore nulls)`: the parser gives the words to `upper`, where they say nothing.
fn own_nulls(function: &mut Function) -> Result<()> {
    let FunctionArguments::List(list) = &mut function.args else { return Ok(()) };
    let says = |clause: &FunctionArgumentClause| matches!(clause, FunctionArgumentClause::IgnoreOrRespectNulls(_));
    if let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(last))) = list.args.last_mut()
        && let Some(treatment) = taken_from_last(last)
        && !list.clauses.iter().any(says)
    {
        list.clauses.insert(0, FunctionArgumentClause::IgnoreOrRespectNulls(treatment));
    }
    Ok(())
}

/// What the rightmost function of an expression, which is none over a window, says of nulls.
fn taken_from_last(expr: &mut Expr) -> Option<NullTreatment> {
    match expr {
        Expr::Function(function) if function.over.is_none() => function.null_treatment.take(),
        Expr::BinaryOp { right, .. } => taken_from_last(right),
        Expr::UnaryOp { expr, .. } => taken_from_last(expr),
        Expr::Between { high, .. } => taken_from_last(high),
        Expr::Like { pattern, .. } | Expr::ILike { pattern, .. } => taken_from_last(pattern),
        Expr::IsDistinctFrom(_, right) | Expr::IsNotDistinctFrom(_, right) => taken_from_last(right),
        _ => None,
    }
}

/// Inside an aggregate `order by 1` is an order by the value 1; the engine takes it for a column's place.
fn ordered_by_values(function: &mut Function) {
    let mut by_value = |by: &mut OrderByExpr| {
        if place(&by.expr).is_some() || matches!(&by.expr, Expr::Value(_)) {
            by.expr = Expr::Nested(Box::new(by.expr.clone()));
        }
    };
    if let FunctionArguments::List(list) = &mut function.args {
        for clause in &mut list.clauses {
            if let FunctionArgumentClause::OrderBy(order) = clause {
                order.iter_mut().for_each(&mut by_value);
            }
        }
    }
    function.within_group.iter_mut().for_each(by_value);
}

fn binds_less(op: &BinaryOperator) -> bool {
    use BinaryOperator as B;
    matches!(op, B::And | B::Or | B::Eq | B::NotEq | B::Lt | B::LtEq | B::Gt | B::GtEq)
}

fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The engine knows no sign but the backslash that takes the meaning from the next one.
fn escaped(pattern: &mut Expr, escape: &mut Option<ValueWithSpan>) -> Result<()> {
    let Some(written) = escape.take() else { return Ok(()) };
    let (Value::SingleQuotedString(sign), Some(text)) = (&written.value, literal(pattern)) else {
        return Err(refused("the pattern of like ... escape must be written out", "use regexp_like(text, pattern)"));
    };
    let mut signs = sign.chars();
    let (sign, None) = (signs.next(), signs.next()) else {
        return Err(refused("escape takes one character", "write like 'a!%%' escape '!'"));
    };
    let mut known = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let taken = if Some(c) == sign { chars.next() } else { None };
        match taken {
            Some(next) => known.extend(['\\', next]),
            None if c == '\\' => known.push_str("\\\\"),
            None => known.push(c),
        }
    }
    *pattern = names::text(&known);
    Ok(())
}

/// The pattern of `similar to` as a regular expression over the whole text: `%` is any text, `_` any character.
fn similar(pattern: &str, escape: char) -> String {
    let mut regex = String::from("^(?s:");
    let mut chars = pattern.chars();
    let mut within_class = false;
    while let Some(c) = chars.next() {
        match c {
            c if c == escape => {
                if let Some(next) = chars.next() {
                    if !next.is_alphanumeric() {
                        regex.push('\\');
                    }
                    regex.push(next);
                }
            }
            '[' if !within_class => {
                within_class = true;
                regex.push('[');
            }
            ']' if within_class => {
                within_class = false;
                regex.push(']');
            }
            c if within_class => regex.push(c),
            '%' => regex.push_str(".*"),
            '_' => regex.push('.'),
            '.' | '^' | '$' | '\\' => {
                regex.push('\\');
                regex.push(c);
            }
            c => regex.push(c),
        }
    }
    regex.push_str(")$");
    regex
}

/// `(a, b) in (select ...)`: true where a row has both, else unknown where a row may have, else false.
fn row_in(operands: &[Expr], subquery: &Query, negated: bool) -> Expr {
    let columns: Vec<Ident> = (0..operands.len()).map(|at| Ident::new(format!("virta_operand_{at}"))).collect();
    let table = "virta_rows";
    let condition = |may_be: bool| {
        let each = operands.iter().zip(&columns).map(|(operand, column)| {
            let column = Expr::CompoundIdentifier(vec![Ident::new(table), column.clone()]);
            let equal =
                Expr::BinaryOp { left: Box::new(column), op: BinaryOperator::Eq, right: Box::new(operand.clone()) };
            match may_be {
                true => Expr::IsNotFalse(Box::new(Expr::Nested(Box::new(equal)))),
                false => equal,
            }
        });
        each.reduce(|left, right| Expr::BinaryOp {
            left: Box::new(left),
            op: BinaryOperator::And,
            right: Box::new(right),
        })
    };
    let found = |may_be: bool| {
        let list = columns.iter().map(|column| column.value.as_str()).collect::<Vec<_>>().join(", ");
        let condition = condition(may_be).map(|condition| condition.to_string()).unwrap_or_else(|| "true".to_owned());
        names::parsed(&format!("exists (select 1 from ({subquery}) as {table} ({list}) where {condition})"))
    };
    let (Some(is_found), Some(may_be)) = (found(false), found(true)) else {
        return Expr::Value(Value::Null.into());
    };
    let truth = |value: bool| Expr::Value(Value::Boolean(value).into());
    Expr::Case {
        case_token: datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken::empty(),
        end_token: datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken::empty(),
        operand: None,
        conditions: vec![
            CaseWhen { condition: is_found, result: truth(!negated) },
            CaseWhen { condition: may_be, result: Expr::Value(Value::Null.into()) },
        ],
        else_result: Some(Box::new(truth(negated))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_to_is_about_the_whole_text() {
        for (pattern, regex) in [
            ("a%", "^(?s:a.*)$"),
            ("a_c", "^(?s:a.c)$"),
            ("(a|b)+", "^(?s:(a|b)+)$"),
            ("1.5", "^(?s:1\\.5)$"),
            ("[a-c%]x", "^(?s:[a-c%]x)$"),
            ("10\\%", "^(?s:10\\%)$"),
        ] {
            assert_eq!(similar(pattern, '\\'), regex);
        }
    }
}
