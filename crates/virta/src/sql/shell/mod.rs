//! The interactive shell: statements end with `;`, commands begin with `.` or `\`.

mod dot;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use virta_model::Lang;
use virta_store::Store;

use self::dot::After;
use super::lines::{Line, Lines};
use super::target::Target;
use super::words::Words;
use super::{Done, Opened, explained, list, open};
use crate::args::{Common, Format};
use crate::failure::Failure;
use crate::interrupt;
use crate::machines::Reached;
use crate::render;

/// How answers are shown.
#[derive(Debug, Clone)]
pub(super) struct Mode {
    pub format: Format,
    pub lang: Lang,
    pub output: Option<PathBuf>,
}

/// The state of a shell.
#[derive(Debug)]
pub(super) struct Shell<'a> {
    pub store: &'a Store,
    pub common: &'a Common,
    /// Who runs shares of the statements.
    workers: Option<Arc<Reached>>,
    pub opened: Opened,
    pub mode: Mode,
    pub timer: bool,
    pub is_terminal: bool,
    /// The lists of the user's own, to be read again on another snapshot.
    lists: Vec<PathBuf>,
    /// How many answers went into the output file so far.
    answers: usize,
}

impl<'a> Shell<'a> {
    pub(super) fn new(
        store: &'a Store,
        opened: Opened,
        mode: Mode,
        (common, workers): (&'a Common, Option<Arc<Reached>>),
    ) -> Self {
        Shell { store, common, workers, opened, mode, timer: false, is_terminal: false, lists: Vec::new(), answers: 0 }
    }

    /// Runs until the input ends. On a terminal errors are told and the shell goes on; a script ends at its first error.
    pub(super) fn run(&mut self) -> Result<(), Failure> {
        let mut lines = Lines::new();
        self.is_terminal = lines.is_terminal();
        self.timer = self.is_terminal;
        if self.is_terminal {
            println!("virta {} on snapshot {}. Statements end with ;", env!("CARGO_PKG_VERSION"), self.short_id());
            println!("Type .help for commands, .quit to leave. Tab completes, arrows recall.");
        }
        let mut statement = String::new();
        let mut completed = String::new();
        loop {
            if completed != self.opened.snapshot.id() {
                completed = self.opened.snapshot.id().to_owned();
                lines.complete_with(Words::of(&self.opened.session));
            }
            let prompt = if statement.trim().is_empty() { "virta> " } else { "   ... " };
            match lines.next(prompt).map_err(|error| Failure::refused(format!("cannot read the input: {error}")))? {
                Line::End => break,
                Line::Cancelled => statement.clear(),
                Line::Text(line) => {
                    if self.line(&mut statement, &line, &mut |entry| lines.remember(entry))? == After::Quit {
                        return Ok(());
                    }
                }
            }
        }
        let last = statement.trim().to_owned();
        if last.is_empty() { Ok(()) } else { self.statement(&last) }
    }

    /// Runs the statements and commands of a text, up to the first that fails.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let mut statement = String::new();
        for line in text.lines() {
            if self.line(&mut statement, line, &mut |_| {})? == After::Quit {
                return Ok(());
            }
        }
        let last = statement.trim().to_owned();
        // A text without any statement is a mistake; an empty rest is not.
        if last.is_empty() && self.answers > 0 { Ok(()) } else { self.statement(&last) }
    }

    /// Takes a line: a command, or a part of a statement, whose end runs it.
    fn line(&mut self, statement: &mut String, line: &str, remember: &mut dyn FnMut(&str)) -> Result<After, Failure> {
        if statement.trim().is_empty() && (line.starts_with('.') || line.starts_with('\\')) {
            statement.clear();
            remember(line);
            self.answers += 1;
            let after = dot::run(self, line.trim());
            return Ok(self.tell(after)?.unwrap_or(After::GoOn));
        }
        statement.push_str(line);
        statement.push('\n');
        while let Some(end) = statement_end(statement) {
            let rest = statement.split_off(end);
            let sql = std::mem::replace(statement, rest);
            remember(&sql);
            self.statement(sql.trim().trim_end_matches(';'))?;
        }
        Ok(After::GoOn)
    }

    /// Makes a list of the user's own a table of the session.
    pub(super) fn add_list(&mut self, path: &Path) -> Result<String, Failure> {
        let name = list::table_name(path);
        self.opened.session.add_list(&name, list::read(path)?).map_err(|error| explained(error, ""))?;
        self.lists.push(path.to_owned());
        Ok(name)
    }

    pub(super) fn short_id(&self) -> &str {
        self.opened.snapshot.id().get(..12).unwrap_or_default()
    }

    /// Moves to another snapshot, the newest when `None`.
    pub(super) fn reopen(&mut self, snapshot: Option<&str>) -> Result<(), Failure> {
        self.opened = open(self.store, snapshot, self.common, self.workers.as_ref())?;
        let lists = std::mem::take(&mut self.lists);
        lists.iter().try_for_each(|path| self.add_list(path).map(drop))
    }

    fn statement(&mut self, sql: &str) -> Result<(), Failure> {
        if sql.trim().is_empty() && self.answers > 0 {
            return Ok(());
        }
        self.answers += 1;
        // An interrupt from before the query is not meant for it.
        interrupt::take();
        let paged = self.is_terminal && io::stdout().is_terminal() && self.mode.format == Format::Table;
        let target = Target::new(self.mode.output.as_deref(), self.mode.format, self.mode.lang).paged(paged);
        let done = self.opened.answer(sql, &target);

        if let (Ok(done), true) = (&done, self.timer) {
            eprintln!("{}", summary(done));
        }
        self.tell(done).map(drop)
    }

    /// On a terminal an error is told and forgotten.
    fn tell<T>(&self, result: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(failure) if self.is_terminal => {
                interrupt::take();
                eprintln!("{failure}");
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}

fn summary(done: &Done) -> String {
    let rows = i64::try_from(done.rows).unwrap_or(i64::MAX);
    let noun = if rows == 1 { "row" } else { "rows" };
    let seconds = done.took.as_secs_f64();
    format!(
        "({} {noun}, {seconds:.3} s, of which planning {:.3} s)",
        render::count(rows),
        done.planned_in.as_secs_f64()
    )
}

/// Where the first statement ends, just past its `;`: not one in quotes or comments.
fn statement_end(text: &str) -> Option<usize> {
    let mut within = Within::Statement;
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        within = match (within, c) {
            (Within::Statement, ';') => return Some(at + 1),
            (Within::Statement, '\'' | '"') => Within::Quotes(c),
            (Within::Statement, '-') if last == '-' => Within::LineComment,
            (Within::Statement, '*') if last == '/' => Within::BlockComment,
            (Within::Quotes(quote), _) if c == quote => Within::Statement,
            (Within::LineComment, '\n') => Within::Statement,
            (Within::BlockComment, '/') if last == '*' => Within::Statement,
            (within, _) => within,
        };
        last = c;
    }
    None
}

#[derive(Clone, Copy)]
enum Within {
    Statement,
    Quotes(char),
    LineComment,
    BlockComment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_semicolon_in_quotes_or_comments_ends_nothing() {
        for (text, end) in [
            ("select 1;", Some(9)),
            ("select ';'", None),
            ("select ';';", Some(11)),
            ("select 'it''s;' ;x", Some(17)),
            ("select 1 -- no;\n;", Some(17)),
            ("select /* ; */ 1;", Some(17)),
            ("select \"a;b\"", None),
            ("select 1", None),
        ] {
            assert_eq!(statement_end(text), end, "{text}");
        }
    }
}
