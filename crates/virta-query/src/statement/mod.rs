//! What a statement may do, and what everyday forms of SQL mean that the engine does not know.
//!
//! The one place for both: whoever takes statements from users, a shell or a server, goes through [`read`].
//!
//! A statement may ask (`select`, `with`, `values`, `summarize`), explain, describe and show. Where the session allows
//! it, it may make and drop a view of its own. Everything else is refused when it is planned
//! ([`only_reads`](crate::guard::only_reads)).
//!
//! - [`words`]: forms that the parser does not know, put into words that it does.
//! - [`forms`]: forms that the parser knows and the engine does not.
//! - [`casts`]: casts in groups and aggregates that differ in nothing else.
//! - [`decimals`]: fractions that are written out and become texts.
//! - [`lengths`]: lengths of time so many times.
//! - [`names`]: functions under the names that others give them.
//! - [`ordered`]: orders by a subquery.
//! - [`postgres`]: what clients of PostgreSQL write, where a session is for them.
//! - [`relations`]: samples and pivots.
//! - [`row_values`]: rows compared with rows.
//! - [`using`]: the column that two tables share after `join ... using`.
//! - [`windows`]: windows that begin with the name of another.
//! - [`headers`]: what the columns of the answer are called.

mod asof;
mod casts;
mod decimals;
mod forms;
mod headers;
mod lengths;
mod names;
mod ordered;
mod postgres;
mod relations;
mod row_values;
mod using;
pub(crate) mod walk;
mod windows;
mod words;

use datafusion::config::Dialect;
use datafusion::execution::context::SessionState;
use datafusion::sql::parser::Statement as Parsed;
use datafusion::sql::sqlparser::ast::{DescribeAlias, ObjectName, ObjectType, Statement as Ast};

use crate::error::{Complaint, Error, Result, refused};
use crate::guard::{first_word, no_identity_codes};
use crate::reword;

pub(crate) use headers::{Headers, plain};
pub(crate) use relations::Relations;

/// A statement that was read.
#[derive(Debug)]
pub(crate) enum Statement {
    /// To be planned and run. The names are those of the answer's columns as they were written.
    Ask(Box<Parsed>, Headers),
    /// The statistics of every column of a table or query, whose text this is.
    Summarize(String),
    /// `describe TABLE`; what it selects is for tables that no dictionary tells of.
    Describe(ObjectName, Box<Parsed>),
    /// `describe select ...`: the columns of its answer.
    DescribeQuery(Box<Parsed>),
    /// `create temp view NAME as ...`.
    CreateView { name: String, query: Box<Parsed>, replaces: bool },
    /// `drop view NAME`.
    DropView { name: String, if_exists: bool },
    /// Nothing but blanks and comments.
    Nothing,
}

/// The catalogue that every schema lies in. Nobody has to write it.
pub(crate) const CATALOGUE: &str = "virta";

/// For whom statements are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WrittenFor {
    /// For virta: its tables, and nothing that stands for another program's.
    #[default]
    Virta,
    /// By clients of PostgreSQL, which also ask for its catalogue, by its casts and operators.
    Postgres,
}

/// Reads one statement. `empty` is for those that clients of PostgreSQL write: the tables of its catalogue that have no
/// rows.
///
/// # Errors
/// [`Error::Refused`] for a text that holds an identity code, [`Error::Query`] for one that cannot be read.
pub(crate) fn read(sql: &str, state: &SessionState, empty: Option<&[String]>) -> Result<Statement> {
    no_identity_codes(sql)?;
    if let Some(rest) = words::summarized(sql) {
        return Ok(Statement::Summarize(rest));
    }
    if first_word(sql).is_none() && words::is_blank(sql) {
        return Ok(Statement::Nothing);
    }
    let text = words::known(sql);
    let parsed =
        state.sql_to_statement(&text, &Dialect::Generic).map_err(|error| hinted(reword::planning(error, sql), sql))?;
    let known = |ast: &mut Ast| {
        if let Some(empty) = empty {
            postgres::rewrite(ast, empty);
        }
        forms::rewrite(ast, state)
    };
    let mut ast = match parsed {
        Parsed::Statement(ast) => *ast,
        Parsed::Explain(mut explain) => {
            if let Parsed::Statement(explained) = explain.statement.as_mut() {
                known(explained)?;
            }
            return Ok(Statement::Ask(Box::new(Parsed::Explain(explain)), Headers::default()));
        }
        other => return Ok(Statement::Ask(Box::new(other), Headers::default())),
    };
    let headers = Headers::of(&ast);
    known(&mut ast)?;
    Ok(match ast {
        Ast::ExplainTable { ref table_name, .. } => {
            let all = state.sql_to_statement(&format!("select * from {table_name}"), &Dialect::Generic);
            let all = all.map_err(|error| reword::planning(error, sql))?;
            Statement::Describe(table_name.clone(), Box::new(all))
        }
        Ast::Explain { describe_alias, statement, analyze: false, .. }
            if describe_alias != DescribeAlias::Explain && matches!(*statement, Ast::Query(_)) =>
        {
            Statement::DescribeQuery(Box::new(Parsed::Statement(statement)))
        }
        Ast::ShowColumns { .. } => {
            return Err(refused("show columns is not known", "describe TABLE tells its columns"));
        }
        Ast::CreateView(view) if view.temporary && !view.materialized => Statement::CreateView {
            name: view_name(&view.name)?,
            query: Box::new(Parsed::Statement(Box::new(Ast::Query(view.query)))),
            replaces: view.or_replace,
        },
        Ast::Drop { object_type: ObjectType::View, if_exists, ref names, .. } if names.len() == 1 => {
            let name = names.first().map(view_name).transpose()?.unwrap_or_default();
            Statement::DropView { name, if_exists }
        }
        other => Statement::Ask(Box::new(Parsed::Statement(Box::new(other))), headers),
    })
}

/// A view's name, which has no schema: it belongs to the session.
fn view_name(name: &ObjectName) -> Result<String> {
    match name.0.as_slice() {
        [part] => part.as_ident().map(|ident| match ident.quote_style {
            Some(_) => ident.value.clone(),
            None => ident.value.to_lowercase(),
        }),
        _ => None,
    }
    .ok_or_else(|| Error::query("a view of the session has a plain name, without a schema"))
}

/// What to write instead of forms that cannot be read.
fn hinted(error: Error, sql: &str) -> Error {
    let Error::Query(complaint) = error else { return error };
    if complaint.hint.is_some() {
        return Error::Query(complaint);
    }
    match words::instead(sql) {
        Some(hint) => Error::Query(Complaint { hint: Some(hint.to_owned()), ..complaint }),
        None => Error::Query(complaint),
    }
}
