//! Functions under the names that DuckDB, PostgreSQL and others give them.

use datafusion::sql::sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, Query,
    Value,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::error::{Complaint, Error, Result};
use crate::functions::LENGTH_TIMES;

/// A text as a literal.
pub(super) fn text(text: &str) -> Expr {
    Expr::Value(Value::SingleQuotedString(text.to_owned()).into())
}

/// An expression from its text, which this module writes.
pub(super) fn parsed(text: &str) -> Option<Expr> {
    Parser::new(&GenericDialect {}).try_with_sql(text).ok()?.parse_expr().ok()
}

/// A query from its text.
pub(super) fn query(text: &str) -> Option<Query> {
    Parser::new(&GenericDialect {}).try_with_sql(text).ok()?.parse_query().ok().map(|query| *query)
}

/// A call of a function.
pub(super) fn call(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.iter().map(Expr::to_string).collect::<Vec<_>>().join(", ");
    parsed(&format!("{name}({args})")).unwrap_or_else(|| Expr::Value(Value::Null.into()))
}

/// What the engine calls the same, if it is not the same name.
///
/// # Errors
/// [`Error::Query`] for functions that have no counterpart, with what to use.
pub(super) fn known(function: &Function) -> Result<Option<Expr>> {
    let name = function.name.to_string().to_lowercase();
    let FunctionArguments::List(list) = &function.args else { return Ok(None) };
    let mut args = Vec::new();
    for arg in &list.args {
        match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => args.push(expr.to_string()),
            FunctionArg::Unnamed(_) => args.push("*".to_owned()),
            _ => return Ok(None),
        }
    }
    let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    let inside = list.clauses.iter().find_map(|clause| match clause {
        FunctionArgumentClause::OrderBy(by) => Some(by.as_slice()),
        _ => None,
    });
    // `within group (order by x)` says the same of aggregates that keep an order.
    let makes_one = matches!(name.as_str(), "list" | "array_agg" | "string_agg" | "group_concat" | "listagg");
    let within = Some(function.within_group.as_slice()).filter(|by| makes_one && !by.is_empty());
    let order = inside.or(within).map(|by| by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    // What stands behind an aggregate or window.
    let filter = |more: &str| match (&function.filter, more) {
        (None, "") => String::new(),
        (None, more) => format!(" filter (where {more})"),
        (Some(own), "") => format!(" filter (where {own})"),
        (Some(own), more) => format!(" filter (where ({own}) and {more})"),
    };
    let over = match &function.over {
        Some(window) => format!(" over {window}"),
        None => String::new(),
    };
    let unfit = |message: &str, hint: &str| Err(Error::Query(Complaint::new(message.to_owned()).hint(hint)));
    let arg = |at: usize| args.get(at).map(String::as_str).unwrap_or_default();
    let is_plain = function.over.is_none() && function.filter.is_none() && !distinct && order.is_none();
    let text = match (name.as_str(), args.len()) {
        ("year" | "month" | "quarter" | "hour" | "minute" | "week" | "isodow", 1) if is_plain => part(&name, arg(0)),
        ("day" | "dayofmonth", 1) if is_plain => part("day", arg(0)),
        ("weekofyear", 1) if is_plain => part("week", arg(0)),
        ("dayofweek" | "weekday", 1) if is_plain => part("dow", arg(0)),
        ("dayofyear", 1) if is_plain => part("doy", arg(0)),
        ("dayname", 1) => format!("to_char({}, '%A')", arg(0)),
        ("monthname", 1) => format!("to_char({}, '%B')", arg(0)),
        ("last_day", 1) => {
            format!("(cast(date_trunc('month', {}) as date) + interval '1 month' - interval '1 day')", arg(0))
        }
        ("datediff" | "date_diff", 2) => {
            return unfit("date_diff needs the unit first", "date_diff('day', from, to); or to - from, which is days");
        }
        ("datediff", 3) => format!("date_diff({})", args.join(", ")),
        ("date_add" | "dateadd", 2) => format!("({} + {})", arg(0), arg(1)),
        ("date_sub", 2) => format!("({} - {})", arg(0), arg(1)),
        ("strftime", 2) if arg(0).starts_with('\'') => format!("to_char({}, {})", arg(1), arg(0)),
        ("strftime", 2) => format!("to_char({}, {})", arg(0), arg(1)),
        ("strptime", 2) => format!("to_timestamp({}, {})", arg(0), arg(1)),
        ("epoch", 1) => format!("date_part('epoch', {})", arg(0)),
        ("regexp_matches", 2 | 3) => format!("regexp_like({})", args.join(", ")),
        ("regexp_full_match", 2) => format!("regexp_like({}, '^(?:' || {} || ')$')", arg(0), arg(1)),
        ("regexp_extract", 2 | 3) => {
            let group = if args.len() == 3 { arg(2) } else { "0" };
            format!(
                "case when {0} is null then null else coalesce(array_element(regexp_match({0}, '(' || {1} || ')'), 1 + {group}), '') end",
                arg(0),
                arg(1)
            )
        }
        // The engine may keep the distinct values of a list in the order of another aggregate.
        ("list" | "array_agg", 1) if distinct && order.is_some() && function.over.is_none() => {
            let Some([by]) = inside.or(within) else { return Ok(None) };
            if by.expr.to_string() != arg(0) {
                return Ok(None);
            }
            let direction = if by.options.asc == Some(false) { "DESC" } else { "ASC" };
            let nulls = if by.options.nulls_first == Some(true) { "FIRST" } else { "LAST" };
            format!("array_sort(array_agg(distinct {}){}, '{direction}', 'NULLS {nulls}')", arg(0), filter(""))
        }
        ("list" | "array_agg", 1) if name == "list" || within.is_some() => {
            let distinct = if distinct { "distinct " } else { "" };
            let order = order.as_ref().map(|by| format!(" order by {by}")).unwrap_or_default();
            format!("array_agg({distinct}{}{order}){}{over}", arg(0), filter(""))
        }
        ("arg_max" | "max_by" | "argmax" | "arg_min" | "min_by" | "argmin", 2) => {
            if function.over.is_some() {
                return unfit("arg_max and arg_min are not windows", "use first_value(x) over (order by y desc)");
            }
            let direction = if name.contains("max") { "desc" } else { "asc" };
            // Of several, the smallest: which one must not depend on the order of rows.
            let there = filter(&format!("({}) is not null and ({}) is not null", arg(0), arg(1)));
            // A number written there would be the place of a column.
            let is_written = arg(0).parse::<f64>().is_ok();
            let by_value = if is_written { String::new() } else { format!(", {} asc", arg(0)) };
            format!("first_value({} order by {} {direction}{by_value}){there}", arg(0), arg(1))
        }
        ("count_if" | "countif", 1) => format!("count(case when {} then 1 end){}{over}", arg(0), filter("")),
        ("quantile_disc" | "quantile", 2) if function.over.is_none() => discrete(arg(0), arg(1), distinct, &filter("")),
        ("percentile_disc", 1) if function.over.is_none() => {
            let [by] = function.within_group.as_slice() else { return Ok(None) };
            if by.options.asc == Some(false) {
                return unfit(
                    "percentile_disc is for ascending order",
                    "use percentile_disc(1 - p) within group (order by x)",
                );
            }
            discrete(&by.expr.to_string(), arg(0), distinct, &filter(""))
        }
        ("quantile_cont", 2) if function.over.is_none() => {
            format!("percentile_cont({}) within group (order by {}){}", arg(1), arg(0), filter(""))
        }
        ("approx_quantile", 2) if function.over.is_none() => {
            format!("approx_percentile_cont({}) within group (order by {}){}", arg(1), arg(0), filter(""))
        }
        ("approx_count_distinct", 1) => format!("approx_distinct({}){}{over}", arg(0), filter("")),
        ("variance", 1) => format!("var_samp({}){}{over}", arg(0), filter("")),
        ("mod", 2) => format!("({} % {})", arg(0), arg(1)),
        ("ifnull", 2) => format!("coalesce({}, {})", arg(0), arg(1)),
        ("if" | "iff", 3) => format!("case when {} then {} else {} end", arg(0), arg(1), arg(2)),
        ("len", 1) => format!("length({})", arg(0)),
        ("string_agg" | "group_concat" | "listagg", 1) => {
            let distinct = if distinct { "distinct " } else { "" };
            let order = order.as_ref().map(|by| format!(" order by {by}")).unwrap_or_default();
            format!("string_agg({distinct}{}, ','{order}){}{over}", arg(0), filter(""))
        }
        ("string_agg" | "group_concat" | "listagg", 2) if name != "string_agg" || within.is_some() => {
            let distinct = if distinct { "distinct " } else { "" };
            let order = order.as_ref().map(|by| format!(" order by {by}")).unwrap_or_default();
            format!("string_agg({distinct}{}, {}{order}){}{over}", arg(0), arg(1), filter(""))
        }
        ("to_char", 2) if arg(1).starts_with('\'') && !arg(1).contains('%') => {
            return unfit("this format of to_char is not known", "write %Y-%m-%d and the like: to_char(day, '%Y-%m')");
        }
        ("first" | "last", 1) => {
            let order = order.as_ref().map(|by| format!(" order by {by}")).unwrap_or_default();
            format!("{name}_value({}{order}){}{over}", arg(0), filter(""))
        }
        ("every", 1) => format!("bool_and({}){}{over}", arg(0), filter("")),
        ("sign", 1) => format!("signum({})", arg(0)),
        // An empty text has one part, which is empty.
        ("string_split" | "str_split" | "split", 2) => {
            format!("case when {} = '' then [''] else string_to_array({}) end", arg(0), args.join(", "))
        }
        ("list_sort" | "array_sort", 1) => format!("array_sort({}, 'ASC', 'NULLS LAST')", arg(0)),
        ("list_sort" | "array_sort", 2) => format!("array_sort({}, 'NULLS LAST')", args.join(", ")),
        ("list_reverse_sort", 1) => format!("array_sort({}, 'DESC', 'NULLS LAST')", arg(0)),
        ("to_days" | "to_weeks" | "to_months" | "to_years" | "to_hours" | "to_minutes" | "to_seconds", 1) => {
            format!("{LENGTH_TIMES}(interval '1 {}', {})", name.trim_start_matches("to_").trim_end_matches('s'), arg(0))
        }
        ("strlen", 1) => format!("octet_length({})", arg(0)),
        ("unicode" | "ord", 1) => format!("ascii({})", arg(0)),
        ("today", 0) => "current_date".to_owned(),
        ("age", _) => {
            return unfit(
                "age is not known here",
                "age_at(birth_date, day) gives years; date_diff('day', from, to) gives days",
            );
        }
        ("to_json" | "json_object" | "row_to_json", _) => {
            return unfit(
                "there are no JSON functions",
                "--format json, or .mode json in the shell, writes the answer as JSON",
            );
        }
        ("histogram", _) => {
            return unfit("histogram is not known", "select x, count(*) from ... group by x order by x");
        }
        ("read_csv" | "read_csv_auto" | "read_parquet" | "read_xlsx", _) => {
            return unfit(
                "files cannot be read from a query",
                "virta sql STORE --with FILE, or .with FILE in the shell, joins a list of your own",
            );
        }
        _ => return Ok(None),
    };
    // A part of the call that its other form does not hold must not get lost.
    let holds_distinct = makes_one || matches!(name.as_str(), "quantile_disc" | "quantile" | "percentile_disc");
    let lost = match () {
        () if function.null_treatment.is_some() || list.clauses.iter().any(is_about_nulls) => "ignore nulls",
        () if distinct && !holds_distinct => "distinct",
        () if order.is_some() && !makes_one && !matches!(name.as_str(), "first" | "last") => "order by",
        () if !function.within_group.is_empty() && within.is_none() && name != "percentile_disc" => "within group",
        () if !text.ends_with(&over) => "over",
        () => "",
    };
    if !lost.is_empty() {
        return unfit(
            &format!("{name} does not take {lost} here"),
            "filter, sort or number the rows in a subquery first",
        );
    }
    parsed(&text)
        .map(|expr| Some(Expr::Nested(Box::new(expr))))
        .ok_or_else(|| Error::query(format!("{name} cannot be read with these arguments")))
}

fn is_about_nulls(clause: &FunctionArgumentClause) -> bool {
    matches!(clause, FunctionArgumentClause::IgnoreOrRespectNulls(_))
}

fn part(part: &str, of: &str) -> String {
    format!("cast(date_part('{part}', {of}) as bigint)")
}

/// The smallest value that at least this share does not exceed.
fn discrete(value: &str, share: &str, distinct: bool, filter: &str) -> String {
    let distinct = if distinct { "distinct " } else { "" };
    let counted = if distinct.is_empty() { "*".to_owned() } else { format!("{distinct}{value}") };
    let there = match filter.strip_prefix(" filter (where ").and_then(|rest| rest.strip_suffix(')')) {
        Some(own) => format!("filter (where ({own}) and ({value}) is not null)"),
        None => format!("filter (where ({value}) is not null)"),
    };
    let values = match distinct {
        "" => format!("array_agg({value} order by ({value})) {there}"),
        distinct => format!("array_sort(array_agg({distinct}{value}) {there})"),
    };
    format!(
        "array_element({values}, greatest(1, cast(ceil(round(({share}) * count({counted}) {there}, 9)) as bigint)))"
    )
}
