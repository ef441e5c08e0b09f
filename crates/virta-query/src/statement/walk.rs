//! One way over a statement for every visitor.
//!
//! The parser's walk is compiled for each kind of visitor that it is given: a megabyte of program each, for hundreds of kinds
//! of nodes that a visitor takes no notice of. So all of ours are one kind.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, ObjectName, Query, Select, Statement, TableFactor, ValueWithSpan, VisitMut, VisitorMut,
};

use crate::error::{Error, Result};

/// Shows every node of a tree to a visitor.
///
/// # Errors
/// What the visitor breaks off with.
pub(crate) fn walk(tree: &mut impl VisitMut, visitor: &mut dyn VisitorMut<Break = Error>) -> Result<()> {
    match tree.visit(&mut Any(visitor)) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Any<'a>(&'a mut dyn VisitorMut<Break = Error>);

macro_rules! handed_on {
    ($($visit:ident: $node:ty),+ $(,)?) => {
        $(fn $visit(&mut self, node: &mut $node) -> ControlFlow<Error> {
            self.0.$visit(node)
        })+
    };
}

impl VisitorMut for Any<'_> {
    type Break = Error;

    handed_on! {
        pre_visit_query: Query,
        post_visit_query: Query,
        pre_visit_select: Select,
        post_visit_select: Select,
        pre_visit_relation: ObjectName,
        post_visit_relation: ObjectName,
        pre_visit_table_factor: TableFactor,
        post_visit_table_factor: TableFactor,
        pre_visit_expr: Expr,
        post_visit_expr: Expr,
        pre_visit_statement: Statement,
        post_visit_statement: Statement,
        pre_visit_value: ValueWithSpan,
        post_visit_value: ValueWithSpan,
    }
}
