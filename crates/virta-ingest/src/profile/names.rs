//! The columns of a file by the names that its header gives them.

use virta_model::hetu;
use virta_model::settings::FileSpec;

use crate::error::Refusal;

/// The columns of a file and what unpivoting adds to them.
pub(crate) struct Names<'a> {
    header: &'a [String],
    into: Option<&'a str>,
    index_into: Option<&'a str>,
    /// Whether this is a header at all, and no row of somebody.
    is_header: bool,
}

/// A column that a profile asks for, and the table's column that needs it, where it is one.
type Wanted<'a> = (&'a str, Option<&'a str>);

impl<'a> Names<'a> {
    pub(crate) fn new(header: &'a [String], spec: &'a FileSpec) -> Self {
        let mut names = Names {
            header,
            into: spec.unpivot.as_ref().map(|unpivot| unpivot.into.as_str()),
            index_into: spec.unpivot.as_ref().and_then(|unpivot| unpivot.index_into.as_deref()),
            is_header: header.iter().all(|name| looks_like_a_name(name)),
        };
        // A row of a person does not hold the name of a column.
        names.is_header |= !spec.header.is_empty()
            || names.wanted(spec).iter().any(|(name, _)| !name.is_empty() && !places_of(header, name).is_empty());
        names
    }

    /// The names as they can be shown: an odd one is hidden, and all are where the line does not look like a header.
    pub(crate) fn shown(&self) -> Vec<String> {
        let shown = |(at, name): (usize, &String)| {
            let is_shown =
                self.is_header && !name.is_empty() && looks_like_a_name(name) && !hetu::occurs_in(name.as_bytes());
            if is_shown { spaced(name) } else { format!("column {}", at + 1) }
        };
        self.header.iter().enumerate().map(shown).collect()
    }

    /// Checks that each column that a profile asks for stands in the file, once. All that do not are told together.
    pub(crate) fn check(&self, spec: &FileSpec) -> Result<(), Box<Refusal>> {
        let mut missing: Vec<Wanted<'_>> = Vec::new();
        let mut twice: Vec<Wanted<'_>> = Vec::new();
        for wanted in self.wanted(spec) {
            let into = match places_of(self.header, wanted.0).as_slice() {
                [] => &mut missing,
                [_] => continue,
                _ => &mut twice,
            };
            if !into.iter().any(|(name, _)| *name == wanted.0) {
                into.push(wanted);
            }
        }
        if !missing.is_empty() {
            return Err(self.missing(&missing));
        }
        if !twice.is_empty() {
            let message = "the header names this column twice, so it is not clear which one is meant";
            return Err(refusal("duplicate_column", &twice, message, "have the sender name each column once"));
        }
        Ok(())
    }

    /// The place of a column.
    pub(crate) fn find(&self, name: &str) -> Result<usize, Box<Refusal>> {
        if self.into == Some(name) {
            return Ok(self.header.len());
        }
        if self.index_into == Some(name) {
            return Ok(self.header.len() + 1);
        }
        places_of(self.header, name).first().copied().ok_or_else(|| self.missing(&[(name, None)]))
    }

    fn missing(&self, missing: &[Wanted<'_>]) -> Box<Refusal> {
        let these = if missing.len() == 1 { "this column" } else { "these columns" };
        if self.is_header {
            let has: Vec<String> = self.shown().into_iter().collect();
            let message = format!("the header lacks {these}; it has {}", has.join(", "));
            let fix = "check the spelling in the profile, and delimiter and encoding in [source]";
            return refusal("missing_column", missing, &message, fix);
        }
        let message = format!("the header lacks {these}, and does not look like a header; it is not shown");
        let fix = format!(
            "if the file has no header, name its {} columns in [[file]], such as header = [\"a\", \"b\"]; if lines stand \
             above it, say where it is with header_row; else check delimiter and encoding in [source]",
            self.header.len()
        );
        refusal("missing_column", missing, &message, &fix)
    }

    /// Every column that a section names, but for those that unpivoting makes.
    fn wanted<'s>(&self, spec: &'s FileSpec) -> Vec<Wanted<'s>> {
        let mut wanted: Vec<Wanted<'s>> = Vec::new();
        let mut add = |name: &'s String, field: Option<&'s String>| {
            if self.into != Some(name) && self.index_into != Some(name) {
                wanted.push((name, field.map(String::as_str)));
            }
        };
        for (field, column) in &spec.columns {
            column.from.iter().for_each(|name| add(name, Some(field)));
            column.lookup.iter().for_each(|lookup| add(&lookup.from, Some(field)));
        }
        spec.row_key.iter().for_each(|name| add(name, None));
        spec.version.iter().for_each(|version| add(&version.from, None));
        spec.cancelled.iter().for_each(|cancelled| add(&cancelled.from, None));
        spec.selects.keys().for_each(|name| add(name, None));
        spec.unpivot.iter().flat_map(|unpivot| &unpivot.columns).for_each(|name| add(name, None));
        spec.rules.iter().flat_map(|rule| rule.when.keys()).for_each(|name| add(name, None));
        wanted
    }
}

/// Whether a line has every column that a section names: then it is the header.
pub(crate) fn is_header_of(line: &[String], spec: &FileSpec) -> bool {
    Names::new(line, spec).check(spec).is_ok()
}

fn refusal(rule: &'static str, columns: &[Wanted<'_>], message: &str, fix: &str) -> Box<Refusal> {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    Box::new(Refusal {
        line: Some(1),
        column: Some(names.join(", ")),
        field: match columns {
            [(_, field)] => field.map(str::to_owned),
            _ => None,
        },
        rule,
        message: message.to_owned(),
        fix: fix.to_owned(),
        ..Refusal::default()
    })
}

/// The columns of a header that a profile's name means: those written just so, else those written so in other capitals,
/// as databases change them, else those where a line break or several spaces stand for one space.
pub(crate) fn places_of(header: &[String], name: &str) -> Vec<usize> {
    let places = |fits: &dyn Fn(&str) -> bool| {
        header.iter().enumerate().filter(|(_, found)| fits(found)).map(|(at, _)| at).collect::<Vec<_>>()
    };
    let exact = places(&|found| found == name);
    if !exact.is_empty() {
        return exact;
    }
    let lower = name.to_lowercase();
    let folded = places(&|found| found.to_lowercase() == lower);
    if !folded.is_empty() {
        return folded;
    }
    let lower = spaced(&lower);
    places(&|found| spaced(&found.to_lowercase()) == lower)
}

/// A name on one line, with single spaces.
fn spaced(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a header cell can be shown. The first line of a file without a header is a person's row.
pub(crate) fn looks_like_a_name(text: &str) -> bool {
    text.len() <= 64
        && text.chars().next().is_none_or(|c| c.is_alphabetic() || matches!(c, '_' | '.' | '#' | '%' | '€' | '$' | '§'))
        && text.chars().filter(char::is_ascii_digit).count() <= 4
}

/// The names that several lines of a header give together. In all but the last, a cell without text goes with the one
/// before it, as merged cells do.
pub(crate) fn joined(lines: Vec<Vec<String>>) -> Vec<String> {
    let width = lines.iter().map(Vec::len).max().unwrap_or(0);
    let last = lines.len().saturating_sub(1);
    let mut names = vec![String::new(); width];
    for (n, line) in lines.into_iter().enumerate() {
        let mut before = String::new();
        let mut cells = line.into_iter();
        for name in &mut names {
            let cell = cells.next().unwrap_or_default();
            if !cell.is_empty() || n == last {
                before = cell;
            }
            if !name.is_empty() && !before.is_empty() {
                name.push(' ');
            }
            name.push_str(&before);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        line.split(';').map(str::to_owned).collect()
    }

    #[test]
    fn lines_of_a_header_name_their_columns_together() {
        assert_eq!(joined(vec![texts("a;b;;d")]), texts("a;b;;d"));
        assert_eq!(
            joined(vec![texts("client;decision;;"), texts("no;from;to;note")]),
            texts("client no;decision from;decision to;decision note")
        );
        assert_eq!(joined(vec![texts("client;price"), texts(";€")]), texts("client;price €"));
    }

    #[test]
    fn a_name_is_found_just_so_then_in_other_capitals_then_over_two_lines() {
        let header = texts("Day;DAY;Price\n€;Kunta");
        assert_eq!(places_of(&header, "Day"), [0]);
        assert_eq!(places_of(&header, "day"), [0, 1]);
        assert_eq!(places_of(&header, "price €"), [2]);
        assert_eq!(places_of(&header, "kunta"), [3]);
        assert!(places_of(&header, "x").is_empty());
    }
}
