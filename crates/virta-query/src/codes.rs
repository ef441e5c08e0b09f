//! Personal identity codes in the text of a query.

use virta_model::hetu;

/// Whether a text holds a personal identity code, and so must not be kept in a history.
pub fn holds_identity_code(sql: &str) -> bool {
    identity_code_at(sql).is_some()
}

/// The word that holds one, or the beginning of the text when it spans words.
///
/// Each word and each quoted text is also looked at on its own, since a code without its sign is only recognised when
/// it stands alone.
pub(crate) fn identity_code_at(sql: &str) -> Option<usize> {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '(' | ')' | ',' | ';' | '=' | '%');
    let mut offset = 0;
    for piece in sql.split_inclusive(is_edge) {
        if hetu::occurs_in(piece.trim_end_matches(is_edge).as_bytes()) {
            return Some(offset);
        }
        offset += piece.len();
    }
    hetu::occurs_in(sql.as_bytes()).then_some(0)
}
