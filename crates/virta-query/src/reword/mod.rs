//! What the engine says, in words for people and without any value of a row.
//!
//! While a query is read, messages speak of the query's own text and of the schemas, so they may pass. Once rows are
//! read, a message may hold what stood in a row (a failed cast prints it), so only its kind is told.

mod messages;

use arrow::error::ArrowError;
use datafusion::common::{Diagnostic, SchemaError, Span};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::Token;
use parquet::errors::ParquetError;

use self::messages::{clean, is_told, shown_function, worded};
use crate::error::{Complaint, Error, Position};
use crate::guard::find_token;

/// The words for an error from before any row was read.
pub(crate) fn planning(error: DataFusionError, sql: &str) -> Error {
    match error {
        DataFusionError::Context(about, _) if about == "Invalid regex" => Error::Query(pattern(sql)),
        DataFusionError::Context(_, inner) => planning(*inner, sql),
        DataFusionError::Diagnostic(diagnostic, inner) => with_diagnostic(&diagnostic, planning(*inner, sql)),
        DataFusionError::Collection(errors) => match errors.into_iter().next() {
            Some(first) => planning(first, sql),
            None => Error::Engine("it gave no reason"),
        },
        DataFusionError::SQL(error, _) => syntax(&error, sql),
        DataFusionError::SchemaError(error, _) => schema(&error, sql),
        DataFusionError::Plan(message) => plan(&message, sql),
        DataFusionError::NotImplemented(message) => unsupported(&message),
        DataFusionError::Configuration(_) => Error::query("this is not possible here: a statement only asks"),
        other => running(other, sql, 0),
    }
}

/// The words for an error that may have met rows. `limit_bytes` is the query's memory limit.
pub(crate) fn running(error: DataFusionError, sql: &str, limit_bytes: usize) -> Error {
    match error {
        DataFusionError::Context(about, _) if about == "Invalid regex" => Error::Query(pattern(sql)),
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => running(*inner, sql, limit_bytes),
        DataFusionError::Collection(errors) => match errors.into_iter().next() {
            Some(first) => running(first, sql, limit_bytes),
            None => Error::Engine("it gave no reason"),
        },
        DataFusionError::Shared(shared) => running_ref(&shared, sql, limit_bytes),
        DataFusionError::External(inner) => match inner.downcast::<virta_store::Error>() {
            Ok(store) => Error::Store(*store),
            Err(inner) => match inner.downcast::<DataFusionError>() {
                Ok(inner) => running(*inner, sql, limit_bytes),
                Err(inner) => match inner.downcast::<Error>() {
                    Ok(error) => *error,
                    Err(_) => match is_about_pattern(sql) {
                        true => Error::Data(pattern(sql)),
                        false => Error::Engine("a part of it failed"),
                    },
                },
            },
        },
        DataFusionError::ParquetError(inner) => match *inner {
            ParquetError::External(inner) => running(DataFusionError::External(inner), sql, limit_bytes),
            _ => Error::Engine("a Parquet file could not be read; `virta verify` checks every file"),
        },
        DataFusionError::ArrowError(inner, _) => match *inner {
            ArrowError::ExternalError(inner) => running(DataFusionError::External(inner), sql, limit_bytes),
            other => arrow(&other, sql),
        },
        other => running_ref(&other, sql, limit_bytes),
    }
}

fn running_ref(error: &DataFusionError, sql: &str, limit_bytes: usize) -> Error {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => {
            running_ref(inner, sql, limit_bytes)
        }
        DataFusionError::Shared(inner) => running_ref(inner, sql, limit_bytes),
        DataFusionError::Collection(errors) => match errors.first() {
            Some(first) => running_ref(first, sql, limit_bytes),
            None => Error::Engine("it gave no reason"),
        },
        DataFusionError::ArrowError(inner, _) => arrow(inner, sql),
        DataFusionError::ResourcesExhausted(message) if message.contains("isk") && message.contains("space") => {
            Error::Spill("the disk space for them is used up".to_owned())
        }
        DataFusionError::ResourcesExhausted(_) => Error::Memory { limit_bytes },
        DataFusionError::IoError(error) => Error::Spill(error.kind().to_string()),
        DataFusionError::Execution(message) => execution(message, sql),
        DataFusionError::ExecutionJoin(_) => Error::Engine("a part of it stopped"),
        DataFusionError::Plan(message) => plan(message, sql),
        DataFusionError::External(inner) => match inner.downcast_ref::<virta_store::Error>() {
            Some(store) => Error::query(store.to_string()),
            None => Error::Engine("a part of it failed"),
        },
        DataFusionError::NotImplemented(message) | DataFusionError::Internal(message) => unsupported(message),
        _ => Error::Engine("a part of it failed"),
    }
}

fn with_diagnostic(diagnostic: &Diagnostic, error: Error) -> Error {
    error.at(diagnostic.span.and_then(position))
}

fn position(span: Span) -> Option<Position> {
    Position::new(span.start.line, span.start.column)
}

fn syntax(error: &ParserError, sql: &str) -> Error {
    let (ParserError::TokenizerError(text) | ParserError::ParserError(text)) = error else {
        return Error::query("the query is nested too deep");
    };
    let (message, place) = text.split_once(" at Line: ").unwrap_or((text, ""));
    let mut numbers = place.split(", Column: ").map(|n| n.trim().parse::<u64>().ok());
    let position = match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(line), Some(column)) => Position::new(line, column),
        _ if text.ends_with("EOF") => Some(Position::of_offset(sql, sql.trim_end().len())),
        _ => None,
    };
    if message.starts_with("No infix parser") {
        let complaint = Complaint::new("here stands what cannot follow an expression");
        return Error::Query(
            complaint.hint("whole numbers divide by /, their rest is %; and, or and between join conditions"),
        )
        .at(position);
    }
    let message = message.replace("Expected: ", "expected ").replace("found: EOF", "but the query ends here");
    Error::query(message.replace("found: ", "found ")).at(position)
}

fn schema(error: &SchemaError, sql: &str) -> Error {
    let complaint = match error {
        SchemaError::FieldNotFound { field, .. } if !is_written(field.name()) => {
            return unsupported(field.name());
        }
        SchemaError::FieldNotFound { field, valid_fields } => {
            let names = || valid_fields.iter().map(|column| column.name()).filter(|name| is_written(name));
            let hint = match nearest(field.name(), names()) {
                Some(name) => format!("did you mean {name}?"),
                None => "the columns here are ".to_owned() + &listed(names()),
            };
            let message = format!("there is no column {} here", field.flat_name());
            Complaint::new(message).at(word(sql, field.name())).hint(hint)
        }
        SchemaError::AmbiguousReference { field } => {
            Complaint::new(format!("{} could mean a column of more than one table", field.name()))
                .at(word(sql, field.name()))
                .hint(format!("name the table: table.{}", field.name()))
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            Complaint::new(format!("two columns of the answer have the name {name}")).hint("rename one with AS")
        }
    };
    Error::Query(complaint)
}

/// Whether a column's name may be one that the query or a table has, and not what the engine calls an expression.
fn is_written(name: &str) -> bool {
    let of_the_engine =
        ["Int64(", "Utf8", "Float64(", "Boolean(", "ROLLUP (", "CUBE (", "GROUPING SETS (", "<subquery>"];
    !name.starts_with("virta_") && !name.starts_with("__") && !of_the_engine.iter().any(|word| name.contains(word))
}

fn plan(message: &str, sql: &str) -> Error {
    let message = first_line(message);
    if let Some(name) = message.strip_prefix("table '").and_then(|rest| rest.strip_suffix("' not found")) {
        let name = name.strip_prefix("virta.").unwrap_or(name);
        let name = name.strip_prefix("store.").unwrap_or(name);
        let last = name.rsplit('.').next().unwrap_or(name);
        return Error::Query(
            Complaint::new(format!("there is no table {name}"))
                .at(word(sql, last))
                .hint("show tables lists them; a study's tables are written study.table"),
        );
    }
    if let Some(name) = message.strip_prefix("table function '").and_then(|rest| rest.strip_suffix("' not found")) {
        let hint = match name {
            "read_csv" | "read_csv_auto" | "read_parquet" | "read_xlsx" => {
                "files cannot be read from a query: virta sql STORE --with FILE joins a list of your own"
            }
            _ => "show tables lists what can be asked",
        };
        return Error::Query(
            Complaint::new(format!("there is no table function {name}")).at(word(sql, name)).hint(hint),
        );
    }
    if let Some(name) = message.strip_prefix("Invalid function '").and_then(|rest| rest.split('\'').next()) {
        return Error::Query(Complaint::new(format!("there is no function {name}")).at(word(sql, name)));
    }
    if message.contains("must be in GROUP BY") || message.contains("must appear in the GROUP BY") {
        let name = message.split('"').nth(1).unwrap_or("a column");
        let name = name.rsplit('.').next().unwrap_or(name);
        let complaint = Complaint::new(format!("{} is neither grouped by nor inside an aggregate", clean(name)));
        return Error::Query(
            complaint.at(word(sql, name)).hint("add it to group by, or take max(...) or any_value(...) of it"),
        );
    }
    if let Some(complaint) = worded(message) {
        return Error::Query(complaint);
    }
    let is_about_types = [
        "No function matches",
        "Failed to coerce",
        "failed to match",
        "Cannot coerce",
        "Cannot infer common",
        "coercion",
        "does not support",
    ];
    if is_about_types.iter().any(|words| message.contains(words)) {
        let about = clean(message);
        let of = |before: &str| message.split(before).nth(1).and_then(|rest| rest.split(['\'', '(']).next());
        let complaint = match of("Function '").or_else(|| of("call to '")).or_else(|| of("argument types '")) {
            Some(name) => {
                let shown = shown_function(name);
                Complaint::new(format!("{shown} does not take arguments of these types")).at(word(sql, name))
            }
            None if is_told(&about) => Complaint::new(about),
            None => Complaint::new("types that do not go together"),
        };
        return Error::Query(
            complaint.hint(
                "cast(x as bigint), cast(x as text) or cast(x as date) makes them the same; typeof(x) tells them",
            ),
        );
    }
    if message.starts_with("Invalid window frame") {
        let complaint = Complaint::new("the frame of a window does not fit");
        return Error::Query(
            complaint.hint("write rows between 2 preceding and current row, with whole numbers of 0 or more"),
        );
    }
    if message.starts_with("WITHIN GROUP is only") {
        let complaint = Complaint::new("within group is for percentile_cont and the like");
        return Error::Query(
            complaint.hint("an aggregate that keeps an order has it inside: string_agg(x, ',' order by y)"),
        );
    }
    if message.starts_with("Inconsistent data length across values") {
        return Error::query("the rows of values are not all of one length");
    }
    if message.starts_with("Projections require unique expression names") {
        let complaint = Complaint::new("two columns of the answer have the same name");
        return Error::Query(complaint.hint("name them: x as a, y as b"));
    }
    if message.contains("subquery can only be used in") {
        return unsupported(message);
    }
    let told = clean(message);
    let hint = "write it another way: a join, a subquery in the from clause, or a window";
    if is_told(&told) { Error::Query(Complaint::new(told).hint(hint)) } else { unsupported(message) }
}

/// What the engine has no answer for.
fn unsupported(message: &str) -> Error {
    if let Some(complaint) = worded(first_line(message)) {
        return Error::Query(complaint);
    }
    let known = [
        (
            "retract_batch",
            "this aggregate cannot leave rows out again that a window has passed",
            "use a frame that begins with unbounded preceding, or a subquery that joins the rows of the frame",
        ),
        (
            "COUNT DISTINCT with multiple",
            "count(distinct ...) counts one value a row",
            "make one of them: count(distinct (a, b))",
        ),
        (
            "Conflicting ordering requirements",
            "aggregates of one query keep different orders",
            "work one of them out in a subquery and join it",
        ),
        (
            "subquery can only be used in",
            "a subquery is not possible in this place",
            "write it in the select list, in where or in having, or join it",
        ),
        (
            "Unsupported SQL statement",
            "this statement is not known: virta sql only reads",
            "select, with, values, summarize, describe, explain and show are",
        ),
    ];
    if let Some((_, told, hint)) = known.iter().find(|(words, ..)| message.contains(words)) {
        return Error::Query(Complaint::new(*told).hint(*hint));
    }
    let told = clean(first_line(message));
    let instead = "write it another way: a join, a subquery in the from clause, or a window";
    let complaint = match is_told(&told) {
        true => Complaint::new(format!("this is not supported: {told}")),
        false => Complaint::new("a part of the query is not supported in this place"),
    };
    Error::Query(complaint.hint(instead))
}

fn arrow(error: &ArrowError, sql: &str) -> Error {
    let complaint = match error {
        ArrowError::CastError(_) | ArrowError::ParseError(_) => cast(sql),
        ArrowError::DivideByZero => Complaint::new("a division by zero")
            .at(find_token(sql, |token| matches!(token, Token::Div | Token::Mod)))
            .hint("divide by nullif(x, 0) to get null instead"),
        ArrowError::ArithmeticOverflow(_) => Complaint::new("a number grew past the range of its type")
            .hint("cast one side to decimal(38, 0) or double first"),
        // What does not fit into the digits of a decimal.
        ArrowError::InvalidArgumentError(message)
            if message.contains("too large to store") || message.contains("too small to store") =>
        {
            Complaint::new("a number has more digits than its type")
                .hint("cast it to a wider type: decimal(38, 2), or double")
        }
        ArrowError::ComputeError(message) if message.to_lowercase().contains("regex") => pattern(sql),
        ArrowError::ComputeError(message)
            if message.contains("does not support") || message.contains("not supported") =>
        {
            Complaint::new("a part of a date or time was asked for that it does not have")
                .hint("a time of day has hours, minutes and seconds; a date has years, months and days")
        }
        ArrowError::DictionaryKeyOverflowError | ArrowError::OffsetOverflowError(_) => {
            return Error::Engine("a column of the answer grew too large for one batch");
        }
        _ => return Error::Engine("a column could not be worked out"),
    };
    Error::Data(complaint)
}

/// Whether a query has what may hold a regular expression.
fn is_about_pattern(sql: &str) -> bool {
    let text = sql.to_ascii_lowercase();
    text.contains("regexp_") || text.contains('~') || text.contains("similar to")
}

fn pattern(sql: &str) -> Complaint {
    let holds = |token: &Token| match token {
        Token::Tilde | Token::TildeAsterisk | Token::ExclamationMarkTilde | Token::ExclamationMarkTildeAsterisk => true,
        Token::Word(word) => word.keyword == Keyword::SIMILAR || word.value.to_ascii_lowercase().starts_with("regexp_"),
        _ => false,
    };
    Complaint::new("this is no regular expression, or not one of its flags")
        .at(find_token(sql, holds))
        .hint(r"a sign that stands for itself has a backslash before it: '\(' ; flags are i, g, m, s and x")
}

fn cast(sql: &str) -> Complaint {
    let casts = |token: &Token| match token {
        Token::DoubleColon => true,
        Token::Word(word) => word.keyword == Keyword::CAST || word.value.to_ascii_lowercase().starts_with("to_"),
        _ => false,
    };
    Complaint::new("a value cannot be read as the type it is cast to")
        .at(find_token(sql, casts))
        .hint("try_cast(x as type) gives null where a value does not fit")
}

fn execution(message: &str, sql: &str) -> Error {
    if message.contains("parsing timestamp") || message.contains("Unable to parse") {
        return Error::Data(cast(sql));
    }
    if message.contains("Cannot access field") {
        let complaint = Complaint::new("a name before a dot is a column here, and its values have no parts");
        return Error::Query(complaint.hint("give the table an alias that no column is called by"));
    }
    if message.contains("Scalar subquery") || message.contains("more than one row") {
        let message = "a subquery that stands for one value gave several rows";
        return Error::Data(Complaint::new(message).hint("add limit 1, or an aggregate such as max"));
    }
    let complaint = Complaint::new("a function could not work with a value of the data");
    Error::Data(complaint.hint("leave the rows out that it is not for, or use try_cast(x as type)"))
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default().trim_end_matches('.')
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<_> = names.collect();
    names.dedup();
    names.join(", ")
}

/// Where a word stands in the query, whatever its case.
fn word(sql: &str, name: &str) -> Option<Position> {
    find_token(sql, |token| matches!(token, Token::Word(word) if word.value.eq_ignore_ascii_case(name)))
}

/// The name that was most likely meant: at most two letters away.
pub fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    names
        .map(|name| (distance(&given, &name.to_lowercase()), name))
        .filter(|(d, _)| *d <= 2)
        .min()
        .map(|(_, name)| name)
}

/// Letters to insert, remove or replace (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (other, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = *above;
            *above = replaced.min(left + 1).min(diagonal + 1);
            left = *above;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_at_most_two_letters_away() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(nearest("servise", ["service", "source"].into_iter()), Some("service"));
        assert_eq!(nearest("colour", ["service", "source"].into_iter()), None);
    }
}
