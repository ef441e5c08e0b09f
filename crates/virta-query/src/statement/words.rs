//! Forms that the parser does not know, put into words that it does.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

/// The join that an `asof join` is written as for the parser: nobody else writes it.
pub(super) const ASOF: &str = "GLOBAL";

fn tokens(sql: &str) -> Option<Vec<TokenWithSpan>> {
    let tokens = Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location().ok()?;
    Some(tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect())
}

fn is_word(token: &TokenWithSpan, word: &str) -> bool {
    matches!(&token.token, Token::Word(found) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

/// Whether there is nothing but blanks, comments and semicolons.
pub(super) fn is_blank(sql: &str) -> bool {
    tokens(sql).is_some_and(|tokens| tokens.iter().all(|token| matches!(token.token, Token::SemiColon | Token::EOF)))
}

/// What comes after `summarize`.
pub(super) fn summarized(sql: &str) -> Option<String> {
    let tokens = tokens(sql)?;
    let first = tokens.first().filter(|token| is_word(token, "summarize"))?;
    let rest = sql.get(offset(sql, first.span.end)?..)?;
    Some(rest.trim().trim_end_matches(';').trim().to_owned())
}

/// The text with `using sample`, `asof join`, `x isnull`, `1_000` and `0x1F` as the parser takes them.
pub(super) fn known(sql: &str) -> String {
    let Some(tokens) = tokens(sql) else { return sql.to_owned() };
    let mut edits: Vec<(Location, Location, String)> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let next = |by: usize| tokens.get(at + by);
        if is_word(token, "using")
            && next(1).is_some_and(|token| is_word(token, "sample"))
            && let Some((end, sample)) = tokens.get(at + 2..).and_then(sample)
        {
            edits.push((token.span.start, end, sample));
        }
        let is_asof = is_word(token, "asof");
        let has_condition = tokens.iter().any(|token| is_word(token, "match_condition"));
        if is_asof
            && !has_condition
            && next(1).is_some_and(|token| ["join", "left", "inner"].iter().any(|word| is_word(token, word)))
        {
            edits.push((token.span.start, token.span.end, ASOF.to_owned()));
        }
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        if let Some(test) = null_test(before, token, next(1)) {
            edits.push((token.span.start, token.span.end, test.to_owned()));
        }
        if let Some((end, number)) = whole_number(sql, token, next(1)) {
            edits.push((token.span.start, end, number));
        }
    }
    let mut text = sql.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        if let (Some(start), Some(end)) = (offset(sql, start), offset(sql, end)) {
            text.replace_range(start..end, &new);
        }
    }
    text
}

/// `x isnull` and `x notnull` behind an expression, which the parser takes for its name.
fn null_test(
    before: Option<&TokenWithSpan>,
    token: &TokenWithSpan,
    after: Option<&TokenWithSpan>,
) -> Option<&'static str> {
    let test = match token {
        token if is_word(token, "isnull") => "IS NULL",
        token if is_word(token, "notnull") => "IS NOT NULL",
        _ => return None,
    };
    let ends_expression = match &before?.token {
        Token::Word(word) => {
            word.keyword == Keyword::NoKeyword || word.keyword == Keyword::NULL || word.keyword == Keyword::END
        }
        Token::RParen | Token::RBracket | Token::Number(..) | Token::SingleQuotedString(_) => true,
        _ => false,
    };
    let is_name = after.is_some_and(|after| matches!(after.token, Token::LParen | Token::Period | Token::Eq));
    (ends_expression && !is_name).then_some(test)
}

/// `1_000`, of which the parser makes a 1 called `_000`, and `0x1F`, which it takes for bytes.
fn whole_number(sql: &str, token: &TokenWithSpan, after: Option<&TokenWithSpan>) -> Option<(Location, String)> {
    match &token.token {
        Token::Number(digits, _) => {
            let after = after.filter(|after| after.span.start == token.span.end)?;
            let Token::Word(rest) = &after.token else { return None };
            let is_group = rest.value.starts_with('_') && rest.value.chars().all(|c| c == '_' || c.is_ascii_digit());
            is_group.then(|| (after.span.end, format!("{digits}{}", rest.value.replace('_', ""))))
        }
        Token::HexStringLiteral(digits) => {
            let written = sql.get(offset(sql, token.span.start)?..)?;
            let is_number = written.starts_with("0x") || written.starts_with("0X");
            let number = i64::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
            Some((token.span.end, number.to_string()))
        }
        _ => None,
    }
}

/// `10%`, `10 percent`, `100 rows`, `100`, each with `(bernoulli)` or the like behind it, as a `tablesample`.
fn sample(tokens: &[TokenWithSpan]) -> Option<(Location, String)> {
    let is_number = |token: &TokenWithSpan| matches!(token.token, Token::Number(..));
    let (parenthesized, first) = match tokens.first()? {
        token if is_number(token) => (false, 0),
        token if token.token == Token::LParen => (true, 1),
        _ => return None,
    };
    let Token::Number(number, _) = &tokens.get(first)?.token else { return None };
    let mut at = first + 1;
    let unit = match tokens.get(at) {
        Some(token) if token.token == Token::Mod || is_word(token, "percent") => {
            at += 1;
            "PERCENT"
        }
        Some(token) if is_word(token, "rows") => {
            at += 1;
            "ROWS"
        }
        _ => "ROWS",
    };
    if parenthesized {
        at += usize::from(tokens.get(at)?.token == Token::RParen);
    }
    // The method makes no difference to what a sample is.
    if tokens.get(at).is_some_and(|token| token.token == Token::LParen)
        && tokens
            .get(at + 1)
            .is_some_and(|token| ["bernoulli", "system", "reservoir"].iter().any(|word| is_word(token, word)))
        && tokens.get(at + 2).is_some_and(|token| token.token == Token::RParen)
    {
        at += 3;
    }
    let end = tokens.get(at - 1)?.span.end;
    Some((end, format!("TABLESAMPLE ({number} {unit})")))
}

/// The byte offset of a place.
fn offset(sql: &str, place: Location) -> Option<usize> {
    let line = usize::try_from(place.line).ok()?.checked_sub(1)?;
    let column = usize::try_from(place.column).ok()?.checked_sub(1)?;
    let start: usize = sql.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = sql.get(start..)?;
    let within = rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at);
    Some(start + within)
}

/// What to write instead of a form that cannot be read.
pub(super) fn instead(sql: &str) -> Option<&'static str> {
    let tokens = tokens(sql)?;
    let has = |word: &str| tokens.iter().any(|token| is_word(token, word));
    let follows = |one: &str, other: &str| {
        tokens.windows(2).any(|pair| matches!(pair, [first, second] if is_word(first, one) && is_word(second, other)))
    };
    let first = tokens.first();
    Some(if first.is_some_and(|token| is_word(token, "pivot")) {
        "write select * from TABLE pivot (sum(x) for COLUMN in ('a', 'b'))"
    } else if first.is_some_and(|token| is_word(token, "from")) {
        "write select * from TABLE"
    } else if follows("using", "sample") || has("tablesample") {
        "a sample stands right behind its table: from contacts using sample 10%"
    } else if has("exclude") && has("over") {
        "a frame with exclude is not known: subtract the row's own value from the sum instead"
    } else if has("asof") {
        "write a asof join b on a.key = b.key and a.day >= b.day"
    } else if has("positional") {
        "number the rows of both tables with row_number() and join by the number"
    } else if tokens.iter().any(|token| matches!(&token.token, Token::Word(word) if word.keyword == Keyword::COLUMNS)) {
        "write the columns out"
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_asof_joins_become_words_that_the_parser_knows() {
        for (sql, text) in [
            ("select * from t using sample 10%", "select * from t TABLESAMPLE (10 PERCENT)"),
            ("select * from t using sample 10 percent (bernoulli)", "select * from t TABLESAMPLE (10 PERCENT)"),
            ("select *\nfrom t\nusing sample 5 rows", "select *\nfrom t\nTABLESAMPLE (5 ROWS)"),
            ("select * from t using sample 5", "select * from t TABLESAMPLE (5 ROWS)"),
            ("select 'using sample 5' from t", "select 'using sample 5' from t"),
            ("select * from a join b using (sample)", "select * from a join b using (sample)"),
            ("select * from ä asof left join b on 1", "select * from ä GLOBAL left join b on 1"),
            ("select a isnull, (b) notnull from t", "select a IS NULL, (b) IS NOT NULL from t"),
            ("select isnull, t.isnull as notnull from t", "select isnull, t.isnull as notnull from t"),
            ("select 1_000_000, 1 _000, 0x1F, x'1F'", "select 1000000, 1 _000, 31, x'1F'"),
        ] {
            assert_eq!(known(sql), text);
        }
    }

    #[test]
    fn summarize_takes_a_table_or_a_query() {
        assert_eq!(summarized("-- x\nsummarize contacts;").as_deref(), Some("contacts"));
        assert_eq!(summarized("Summarize select 1").as_deref(), Some("select 1"));
        assert_eq!(summarized("select summarize from t"), None);
    }
}
