//! Lines that the user types, or that come through a pipe.

use std::io::{self, BufRead, IsTerminal, Write};

/// What came.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    Text(String),
    /// Ctrl-C at the prompt: forget what was typed so far.
    Cancelled,
    End,
}

/// Where lines come from.
#[derive(Debug)]
pub struct Lines {
    is_terminal: bool,
}

impl Lines {
    pub fn new() -> Self {
        Lines { is_terminal: io::stdin().is_terminal() }
    }

    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// The next line, without its end.
    pub fn next(&mut self, prompt: &str) -> io::Result<Line> {
        if self.is_terminal {
            io::stdout().write_all(prompt.as_bytes())?;
            io::stdout().flush()?;
        }
        let mut line = String::new();
        match io::stdin().lock().read_line(&mut line) {
            Ok(0) => Ok(Line::End),
            Ok(_) => Ok(Line::Text(line.trim_end_matches(['\n', '\r']).to_owned())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Line::Cancelled),
            Err(error) => Err(error),
        }
    }
}
