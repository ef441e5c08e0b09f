//! What the Tab key completes: commands, keywords, functions, schemas, tables and columns.

use virta_query::Session;

/// The commands, as `.help` lists and completion knows them.
pub(super) const COMMANDS: &[(&str, &str)] = &[
    (".help", "this list"),
    (".tables [SCHEMA]", "the tables of the store and of the studies; also \\d"),
    (".schema TABLE", "a table's columns and what they mean; also \\d TABLE"),
    (".functions", "the functions of the domain, with an example each; also \\df"),
    (".mode [table|csv|json|parquet|xlsx]", "the form of answers"),
    (".output [FILE]", "write answers to a file; without FILE to the screen again"),
    (".timer [on|off]", "how long each query took"),
    (".with FILE", "join a list of your own: a .csv, .xlsx or .parquet file, never kept"),
    (".snapshot [ID]", "look at another snapshot; without ID at the newest"),
    (".quit", "leave; also \\q and Ctrl-D"),
];

/// The words of one session.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// Keywords, functions, schemas, tables of the store and all columns, sorted.
    pub all: Vec<String>,
    /// By qualifier: a schema's tables, a table's columns.
    pub within: Vec<(String, Vec<String>)>,
}

const KEYWORDS: &str = "and as asc between by case cast count(*) date desc describe distinct else end except exists explain \
    filter from full group having in inner intersect interval is join left like limit not null nulls \
    offset on or order outer over partition range right rows select show then union using values when \
    where window with";

impl Words {
    pub(super) fn of(session: &Session) -> Self {
        let mut words = Words { all: KEYWORDS.split(' ').map(str::to_owned).collect(), within: Vec::new() };
        words.all.extend(session.function_names());
        for schema in session.schemas() {
            let name = schema.unquoted_name();
            words.within.push((name.clone(), schema.tables.iter().map(|table| table.name.clone()).collect()));
            for table in &schema.tables {
                let columns: Vec<String> = table.columns().fields().iter().map(|field| field.name().clone()).collect();
                words.all.extend(columns.iter().cloned());
                words.all.push(if name == "store" { table.name.clone() } else { format!("{name}.{}", table.name) });
                words.within.push((table.name.clone(), columns));
            }
            words.all.push(name);
        }
        words.all.sort_unstable();
        words.all.dedup();
        words
    }

    /// Where the word before the cursor begins, and what it may become.
    pub(super) fn complete(&self, before: &str) -> (usize, Vec<String>) {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '\\');
        let start =
            before.rfind(|c| !is_part(c)).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        let word = before.get(start..).unwrap_or_default();
        if start == 0 && word.starts_with(['.', '\\']) {
            let names = COMMANDS.iter().filter_map(|(usage, _)| usage.split_whitespace().next());
            return (0, names.filter(|name| name.starts_with(word)).map(str::to_owned).collect());
        }
        if let Some((qualifier, part)) = word.rsplit_once('.') {
            let name = qualifier.rsplit('.').next().unwrap_or(qualifier);
            let known = self.within.iter().filter(|(of, _)| of.eq_ignore_ascii_case(name));
            let mut found: Vec<String> = known.flat_map(|(_, words)| starting(words, part)).collect();
            if !found.is_empty() {
                found.sort_unstable();
                found.dedup();
                return (start + qualifier.len() + 1, found);
            }
        }
        if word.is_empty() {
            return (start, Vec::new());
        }
        (start, starting(&self.all, word).collect())
    }
}

fn starting<'a>(words: &'a [String], part: &str) -> impl Iterator<Item = String> + 'a {
    let part = part.to_lowercase();
    words.iter().filter(move |word| word.to_lowercase().starts_with(&part)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Words {
            all: list(&["clients", "contacts", "cost_cents", "count(*)", "heavy_users.members", "select"]),
            within: vec![
                ("contacts".to_owned(), list(&["client_id", "cost_cents"])),
                ("heavy_users".to_owned(), list(&["members", "profile"])),
            ],
        }
    }

    #[test]
    fn a_word_is_completed_by_what_begins_like_it() {
        for (before, start, found) in [
            ("sel", 0, &["select"][..]),
            ("select CO", 7, &["contacts", "cost_cents", "count(*)"]),
            ("select contacts.c", 16, &["client_id", "cost_cents"]),
            ("select * from heavy_users.m", 26, &["members"]),
            ("select * from heavy", 14, &["heavy_users.members"]),
            (".sn", 0, &[".snapshot"]),
            ("select ", 7, &[]),
            ("select ä", 7, &[]),
        ] {
            assert_eq!(
                words().complete(before),
                (start, found.iter().map(|word| (*word).to_owned()).collect()),
                "{before}"
            );
        }
    }
}
