//! A plan as text that is the same wherever the same statement is planned.

use std::fmt::Write;

use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::displayable;

/// The text of a plan. Names that planning made up hold numbers that count all statements of the process, so they are
/// numbered by their first mention.
pub(super) fn of(plan: &dyn ExecutionPlan) -> String {
    renumbered(&displayable(plan).indent(false).to_string())
}

fn renumbered(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_of_name) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_of_name(c)).unwrap_or(from.len());
        let (name, after) = from.split_at(end);
        out.push_str(before);
        match made_up(name) {
            Some(stem) => {
                let at = known.iter().position(|known| *known == name).unwrap_or_else(|| {
                    known.push(name);
                    known.len() - 1
                });
                // Writing to a text never fails.
                let _ = write!(out, "{stem}{at}");
            }
            None => out.push_str(name),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// What a name that planning made up begins with, before its number.
fn made_up(name: &str) -> Option<&str> {
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_numbered = stem.len() < name.len() && stem.ends_with('_');
    (is_numbered && (name.starts_with("virta_") || name.starts_with("__"))).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::renumbered;

    #[test]
    fn names_that_planning_made_up_are_numbered_by_their_first_mention() {
        assert_eq!(renumbered("virta_row_17@0, __x_3, virta_row_17"), "virta_row_0@0, __x_1, virta_row_0");
        assert_eq!(renumbered("icd_10 = 17, virta, __x"), "icd_10 = 17, virta, __x");
    }
}
