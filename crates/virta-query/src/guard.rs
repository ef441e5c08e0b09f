//! What a query may not do or hold: anything but reading, and identity codes.

use crate::codes::identity_code_at;
use crate::error::{Complaint, Error, Position, Result};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

/// Refuses a text that holds a personal identity code, before it is parsed or repeated in an error.
pub(crate) fn no_identity_codes(sql: &str) -> Result<()> {
    match identity_code_at(sql) {
        None => Ok(()),
        Some(offset) => Err(Error::Refused(
            Complaint::new("the query holds a personal identity code")
                .at(Some(Position::of_offset(sql, offset)))
                .hint("identity codes never enter virta, not even in a query: use client_id"),
        )),
    }
}

/// Refuses every plan that could do more than read: what is not on the list is refused, also inside `EXPLAIN`,
/// subqueries and common table expressions.
pub(crate) fn only_reads(plan: &LogicalPlan, sql: &str) -> Result<()> {
    let mut refused = None;
    let walked = plan.apply_with_subqueries(|node| {
        if is_about_the_engine(node) {
            refused = Some("a list of the engine's settings");
            return Ok(TreeNodeRecursion::Stop);
        }
        if is_reading(node) {
            return Ok(TreeNodeRecursion::Continue);
        }
        refused = Some(node_name(node));
        Ok(TreeNodeRecursion::Stop)
    });
    match refused {
        None if walked.is_ok() => Ok(()),
        name => Err(Error::Refused(
            Complaint::new(format!("{} is refused: virta sql only reads", name.unwrap_or("this statement")))
                .at(first_word(sql))
                .hint("write an answer to a file with -o FILE, or with .output FILE in the shell"),
        )),
    }
}

fn is_reading(node: &LogicalPlan) -> bool {
    use LogicalPlan as P;
    match node {
        P::Projection(_) | P::Filter(_) | P::Window(_) | P::Aggregate(_) | P::Sort(_) | P::Join(_) => true,
        P::Union(_) | P::TableScan(_) | P::EmptyRelation(_) | P::Subquery(_) | P::SubqueryAlias(_) => true,
        P::Limit(_) | P::Values(_) | P::Explain(_) | P::Analyze(_) | P::Distinct(_) => true,
        P::DescribeTable(_) | P::Unnest(_) | P::RecursiveQuery(_) => true,
        P::Repartition(_) | P::Statement(_) | P::Extension(_) | P::Dml(_) | P::Ddl(_) | P::Copy(_) => false,
    }
}

/// The engine's own settings, which tell where temporary files lie.
fn is_about_the_engine(node: &LogicalPlan) -> bool {
    matches!(node, LogicalPlan::TableScan(scan) if scan.table_name.table() == "df_settings")
}

fn node_name(node: &LogicalPlan) -> &'static str {
    match node {
        LogicalPlan::Ddl(_) => "creating, changing or dropping",
        LogicalPlan::Dml(_) => "changing rows",
        LogicalPlan::Copy(_) => "COPY",
        LogicalPlan::Statement(_) => "a statement that changes the session",
        _ => "this statement",
    }
}

/// Where the first word of a query stands.
pub(crate) fn first_word(sql: &str) -> Option<Position> {
    find_token(sql, |token| !matches!(token, Token::Whitespace(_)))
}

/// Where the first token that fits stands.
pub(crate) fn find_token(sql: &str, fits: impl Fn(&Token) -> bool) -> Option<Position> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().ok()?;
    let token = tokens.iter().find(|token| fits(&token.token))?;
    Position::new(token.span.start.line, token.span.start.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_codes_are_found_and_not_repeated() {
        for sql in [
            "select 1 where x = '131052-308T'",
            "select 1 where x = '131052308T'",
            "select * from t where x like '%131052-308T%'",
            "-- 131052A308T\nselect 1",
            "select '131052\u{2212}308T'",
        ] {
            let error = no_identity_codes(sql).unwrap_err().explain(sql);
            assert!(error.contains("identity code") && !error.contains("308"), "{error}");
        }
        for sql in ["select 1 where x = '131052-308U'", "select client_id from contacts where client_id = 1310523080"] {
            no_identity_codes(sql).unwrap();
        }
    }

    #[test]
    fn the_place_is_the_piece_that_holds_the_code() {
        let error = no_identity_codes("select *\nfrom t where x = '131052-308T'").unwrap_err();
        assert_eq!(error.position(), Some(Position { line: 2, column: 19 }));
    }
}
