//! Long answers on a terminal go through the user's pager.

use std::io::{self, Write};
use std::process::{Child, Command, Stdio};

/// Holds back the first screenful; what is longer goes to `$PAGER`, or to `less` without one.
#[derive(Debug)]
pub(super) struct Pager {
    held: Vec<u8>,
    lines: usize,
    child: Option<Child>,
}

impl Pager {
    pub(super) fn new() -> Self {
        Pager { held: Vec::new(), lines: 0, child: None }
    }

    /// Starts the pager; without one the answer is just printed.
    fn start(&mut self) -> io::Result<()> {
        let name = std::env::var("PAGER").ok().filter(|name| !name.is_empty()).unwrap_or_else(|| "less".to_owned());
        let mut words = name.split_whitespace();
        let mut command = Command::new(words.next().unwrap_or("less"));
        command.args(words).env("LESS", "-SRFX").stdin(Stdio::piped());
        match command.spawn() {
            Ok(child) => self.child = Some(child),
            Err(_) => io::stdout().write_all(&self.held)?,
        }
        let held = std::mem::take(&mut self.held);
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(stdin) => stdin.write_all(&held),
            None => Ok(()),
        }
    }
}

/// Lines of a usual terminal.
const SCREEN_LINES: usize = 40;

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.lines <= SCREEN_LINES {
            self.held.extend_from_slice(bytes);
            self.lines += bytes.iter().filter(|byte| **byte == b'\n').count();
            if self.lines > SCREEN_LINES {
                self.start()?;
            }
            return Ok(bytes.len());
        }
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(stdin) => stdin.write(bytes),
            None => io::stdout().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(stdin) => stdin.flush(),
            None => io::stdout().flush(),
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            // However the pager ended, the shell goes on.
            let _ = child.wait();
        } else if !self.held.is_empty() {
            let _ = io::stdout().write_all(&self.held).and_then(|()| io::stdout().flush());
        }
    }
}
