//! A statement as the log of use keeps it.

use virta_model::hetu;

use crate::pieces::{Kind, Piece, pieces};

/// What stands in place of what may be about a person.
const LEFT_OUT: &str = "?";
/// Longer statements are cut in the log.
const CHARACTERS_MAX: usize = 4000;
/// Numbers with more digits may be ids; years, days, cents and limits have fewer.
const DIGITS_MAX: usize = 8;
/// Texts with more digits may hold ids; codes of services and diagnoses have fewer.
const DIGITS_IN_TEXT_MAX: usize = 4;
const TEXT_CHARACTERS_MAX: usize = 40;

/// The statement with `?` for every number and text that may be an id: numbers of more than 8 digits, and texts that are
/// neither days or times nor words with at most 4 digits. Comments and what lies between words are left out, and what
/// holds an identity code is left out whole. Parameters keep their numbers and have no values.
///
/// ```
/// use virta_access::redacted;
/// let kept = redacted("select * from contacts  where client_id = 4829105823 and start_date > '2014-01-31' -- Aino");
/// assert_eq!(kept, "select * from contacts where client_id = ? and start_date > '2014-01-31'");
/// ```
pub fn redacted(sql: &str) -> String {
    let mut kept = String::new();
    for piece in pieces(sql) {
        match piece.kind {
            Kind::Blank | Kind::Comment => {
                if !kept.is_empty() && !kept.ends_with(' ') {
                    kept.push(' ');
                }
            }
            _ if is_kept(piece) => kept.push_str(piece.text),
            _ => kept.push_str(LEFT_OUT),
        }
    }
    let kept = kept.trim_end();
    if hetu::occurs_in(kept.as_bytes()) {
        return LEFT_OUT.to_owned();
    }
    match kept.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{} ...", kept.get(..end).unwrap_or_default()),
        None => kept.to_owned(),
    }
}

fn is_kept(piece: Piece<'_>) -> bool {
    let digits = piece.text.chars().filter(char::is_ascii_digit).count();
    if hetu::occurs_in(piece.text.as_bytes()) || hetu::occurs_in(piece.value().as_bytes()) {
        return false;
    }
    match piece.kind {
        Kind::Number => digits <= DIGITS_MAX,
        Kind::Text | Kind::QuotedName => {
            let value = piece.value();
            is_time(&value) || (digits <= DIGITS_IN_TEXT_MAX && value.chars().count() <= TEXT_CHARACTERS_MAX)
        }
        Kind::Word => digits <= DIGITS_MAX,
        Kind::Unended => false,
        Kind::Blank | Kind::Comment | Kind::Parameter | Kind::End | Kind::Sign => true,
    }
}

/// `2014-01-31`, `2014-01-31 12:00:00`, `2014-01-01..2014-12-31`: a day, and what stands with days.
fn is_time(text: &str) -> bool {
    let is_day = |part: &str| {
        let bytes = part.as_bytes();
        bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            })
    };
    let is_hour = |part: &str| {
        part.len() <= 12 && part.contains(':') && part.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'))
    };
    let mut parts = text.split([' ', 'T']).flat_map(|part| part.split("..")).peekable();
    parts.peek().is_some() && parts.all(|part| is_day(part) || is_hour(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_an_id_is_left_out_and_what_a_question_is_about_is_kept() {
        for (sql, kept) in [
            ("select 1 where client_id in (4829105823,-77112233445)", "select 1 where client_id in (?,-?)"),
            ("where client_id = '4829105823'", "where client_id = ?"),
            ("where service = 'gp' and reason like 'F32%'", "where service = 'gp' and reason like 'F32%'"),
            (
                "between date '2014-01-01' and '2014-12-31 23:59:59'",
                "between date '2014-01-01' and '2014-12-31 23:59:59'",
            ),
            ("cohort(period => '2014-01-01..2014-12-31')", "cohort(period => '2014-01-01..2014-12-31')"),
            ("limit 1000 offset $1", "limit 1000 offset $1"),
            ("/* client 4829105823 */ select 1", "select 1"),
            ("select 'AB12345-6'", "select ?"),
            ("select \"4829105823\"", "select ?"),
            ("select c4829105823", "select ?"),
            ("select 'open", "select ?"),
            ("select $$4829105823$$", "select ?"),
            ("select e'\\x34829105823'", "select ?"),
        ] {
            assert_eq!(redacted(sql), kept);
        }
    }

    #[test]
    fn identity_codes_are_kept_in_no_form() {
        for sql in ["select '131052-308T'", "select x as \"131052-308T\"", "-- 131052-308T\nselect 1"] {
            assert!(!redacted(sql).contains("308T"), "{}", redacted(sql));
        }
    }

    #[test]
    fn long_statements_are_cut() {
        let sql = format!("select {}", "a, ".repeat(5000));
        assert!(redacted(&sql).chars().count() <= CHARACTERS_MAX + 4);
    }
}
