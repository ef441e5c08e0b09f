//! When a file has too many bad rows to take any of them, and how that is told.

use std::collections::BTreeMap;

/// Whether `bad` of `rows` rows are more than the limit in per cent allows.
///
/// A single bad row among others is a typing error, which says nothing of how the file was read. It is quarantined and
/// takes nobody else's row away, however small the file, unless the limit is 0.
pub(crate) fn are_too_many(bad: u64, rows: u64, max_percent: f64) -> bool {
    let is_alone = bad == 1 && rows > 1 && max_percent > 0.0;
    !is_alone && bad as f64 * 100.0 > max_percent * rows as f64
}

/// Reasons with their rows, the most frequent first.
pub(crate) fn in_words(reasons: &BTreeMap<String, u64>) -> String {
    let mut reasons: Vec<(&String, &u64)> = reasons.iter().collect();
    reasons.sort_by_key(|(reason, rows)| (std::cmp::Reverse(**rows), *reason));
    reasons.iter().map(|(reason, rows)| format!("{reason} {rows}")).collect::<Vec<_>>().join(", ")
}

/// The first of some bad rows: line, field and rule, each in order of line.
pub(crate) fn first_lines<'a>(bad: impl Iterator<Item = (u64, &'a str, &'a str)>) -> String {
    let lines = bad.take(5).map(|(line, field, rule)| match field {
        "" => format!("line {line} ({rule})"),
        field => format!("line {line} ({field} {rule})"),
    });
    lines.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_row_among_others_is_never_too_many_and_the_limit_holds_from_the_second_on() {
        let few = [(0, 0, 5.0), (0, 9, 0.0), (1, 2, 5.0), (1, 20, 5.0), (2, 40, 5.0), (2, 2, 100.0), (1, 1, 100.0)];
        for (bad, rows, limit) in few {
            assert!(!are_too_many(bad, rows, limit), "{bad} of {rows} at {limit} %");
        }
        let many = [(1, 1, 5.0), (1, 2, 0.0), (1, 1000, 0.0), (2, 39, 5.0), (2, 2, 99.0), (501, 10_000, 5.0)];
        for (bad, rows, limit) in many {
            assert!(are_too_many(bad, rows, limit), "{bad} of {rows} at {limit} %");
        }
    }
}
