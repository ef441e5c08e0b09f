//! Lines that the user types, with editing, history and completion, or that come through a pipe.

use std::borrow::Cow;
use std::env;
use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};
use virta_query::holds_identity_code;

use super::words::Words;

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    Text(String),
    /// Ctrl-C at the prompt: forget what was typed so far.
    Cancelled,
    End,
}

/// Where lines come from.
#[derive(Debug)]
pub(super) enum Lines {
    Terminal { editor: Box<Editor<Completion, FileHistory>>, history: Option<PathBuf> },
    Pipe,
}

/// Statements that the history keeps.
const REMEMBERED: usize = 2000;

impl Lines {
    pub(super) fn new() -> Self {
        if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
            return Lines::Pipe;
        }
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(false);
        let editor = config.max_history_size(REMEMBERED).and_then(|config| Editor::with_config(config.build()));
        let Ok(mut editor) = editor else { return Lines::Pipe };
        let history = history_file();
        if let Some(path) = &history {
            // There is none before the first session.
            let _ = editor.load_history(path);
        }
        Lines::Terminal { editor: Box::new(editor), history }
    }

    pub(super) fn is_terminal(&self) -> bool {
        matches!(self, Lines::Terminal { .. })
    }

    /// What the Tab key completes from now on.
    pub(super) fn complete_with(&mut self, words: Words) {
        if let Lines::Terminal { editor, .. } = self {
            editor.set_helper(Some(Completion(words)));
        }
    }

    /// The next line, without its end.
    pub(super) fn next(&mut self, prompt: &str) -> io::Result<Line> {
        match self {
            Lines::Terminal { editor, .. } => match editor.readline(prompt) {
                Ok(line) => Ok(Line::Text(line)),
                Err(ReadlineError::Interrupted) => Ok(Line::Cancelled),
                Err(ReadlineError::Eof) => Ok(Line::End),
                Err(ReadlineError::Io(error)) => Err(error),
                Err(other) => Err(io::Error::other(other)),
            },
            Lines::Pipe => {
                let mut line = String::new();
                match io::stdin().lock().read_line(&mut line) {
                    Ok(0) => Ok(Line::End),
                    Ok(_) => Ok(Line::Text(line.trim_end_matches(['\n', '\r']).to_owned())),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Line::Cancelled),
                    Err(error) => Err(error),
                }
            }
        }
    }

    /// Keeps a statement or command for the next time. One that holds an identity code is not kept.
    pub(super) fn remember(&mut self, entry: &str) {
        let Lines::Terminal { editor, history } = self else { return };
        let entry = entry.trim();
        if entry.is_empty() || holds_identity_code(entry) || !editor.add_history_entry(entry).unwrap_or(false) {
            return;
        }
        if let Some(path) = history {
            let made = path.parent().is_none_or(|folder| fs::create_dir_all(folder).is_ok());
            // A history that cannot be written is no reason to stop.
            let _ = made.then(|| editor.append_history(path));
        }
    }
}

/// `virta/history` in the user's folder for such things; `None` where there is no such folder.
fn history_file() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|folder: &PathBuf| folder.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("virta").join("history"))
}

/// Completion by the words of SQL and of the store.
#[derive(Debug)]
pub(super) struct Completion(Words);

impl Completer for Completion {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.0.complete(line.get(..at).unwrap_or_default()))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Borrowed(prompt)
    }
}

impl Validator for Completion {}

impl Helper for Completion {}
