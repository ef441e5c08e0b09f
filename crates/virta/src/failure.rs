//! Why a command did not do what was asked, as the user reads it.

use std::fmt::{self, Write as _};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use virta_model::settings::SettingsError;

use crate::source::SourceError;

/// The end of a command that did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Refused or failed: exit code 1.
    Refused(Box<Refusal>),
    /// Several files refused, each for a reason of its own: exit code 1.
    Several(Vec<Refusal>),
    /// Asked wrongly in a way that the argument parser cannot see: exit code 2.
    Usage(String),
    /// Ctrl-C: exit code 130.
    Interrupted,
    /// The reader of standard output has gone, as `head` does: nobody is left to tell.
    Closed,
}

/// What is wrong, where, and what to do about it. Never a value that came from a person.
#[derive(Debug, Default)]
pub(crate) struct Refusal {
    pub message: String,
    pub file: Option<PathBuf>,
    pub line: Option<u64>,
    /// Column of a text, from 1.
    pub column: Option<u64>,
    /// Column of a table of data, by its name.
    pub column_name: Option<String>,
    pub field: Option<String>,
    pub rule: Option<String>,
    pub fix: Option<String>,
}

impl Failure {
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Failure::Refused(Box::new(Refusal { message: message.into(), ..Refusal::default() }))
    }

    /// The settings file at `path` cannot be used.
    pub(crate) fn settings(path: &Path, error: SettingsError) -> Self {
        Failure::refused(error.message).file(path).line(error.line as u64).column(error.column as u64)
    }

    /// The file or folder at `path` cannot be read or written.
    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let fix = match error.kind() {
            io::ErrorKind::NotFound => Some("check the path"),
            io::ErrorKind::PermissionDenied => Some("ask the owner for access, or see `virta doctor`"),
            io::ErrorKind::StorageFull => Some("free some disk space and run the command again"),
            _ => None,
        };
        let failure = Failure::refused(format!("cannot {doing}: {error}")).file(path);
        match fix {
            Some(fix) => failure.fix(fix),
            None => failure,
        }
    }

    pub(crate) fn file(self, file: impl Into<PathBuf>) -> Self {
        self.with(|refusal| refusal.file = Some(file.into()))
    }

    pub(crate) fn line(self, line: u64) -> Self {
        self.with(|refusal| refusal.line = Some(line))
    }

    pub(crate) fn column(self, column: u64) -> Self {
        self.with(|refusal| refusal.column = Some(column))
    }

    pub(crate) fn fix(self, fix: impl Into<String>) -> Self {
        self.with(|refusal| refusal.fix = Some(fix.into()))
    }

    fn with(mut self, change: impl FnOnce(&mut Refusal)) -> Self {
        if let Failure::Refused(refusal) = &mut self {
            change(refusal);
        }
        self
    }

    /// Tells the user on standard error and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Failure::Closed => ExitCode::SUCCESS,
            Failure::Refused(_) | Failure::Several(_) => self.tell(1),
            Failure::Usage(_) => self.tell(2),
            Failure::Interrupted => self.tell(130),
        }
    }

    fn tell(&self, code: u8) -> ExitCode {
        // Standard error may be closed too; there is no third place to say so.
        let _ = io::Write::write_all(&mut io::stderr(), format!("{self}\n").as_bytes());
        ExitCode::from(code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => refusal.fmt(f),
            Failure::Several(refusals) => {
                for (at, refusal) in refusals.iter().enumerate() {
                    write!(f, "{}{refusal}", if at == 0 { "" } else { "\n" })?;
                }
                Ok(())
            }
            Failure::Usage(message) => write!(f, "error: {message}\n\nFor more information, try '--help'."),
            Failure::Interrupted => f.write_str("interrupted: nothing half-done is visible"),
            Failure::Closed => Ok(()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("error: ")?;
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
            for position in [self.line, self.column].into_iter().flatten() {
                write!(f, ":{position}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.message)?;
        let details = [("column", &self.column_name), ("field", &self.field), ("rule", &self.rule), ("fix", &self.fix)];
        for (name, detail) in details {
            if let Some(detail) = detail {
                f.write_char('\n')?;
                write!(f, "  {name}: {detail}")?;
            }
        }
        Ok(())
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Failure::refused(error.message).line(error.line as u64).column(error.column as u64)
    }
}

impl From<virta_store::Error> for Failure {
    fn from(error: virta_store::Error) -> Self {
        Failure::refused(error.to_string())
    }
}

impl From<virta_ingest::Error> for Failure {
    fn from(error: virta_ingest::Error) -> Self {
        match error {
            virta_ingest::Error::Interrupted => Failure::Interrupted,
            virta_ingest::Error::Store(error) => error.into(),
            virta_ingest::Error::Settings(refusal) => Failure::Refused(Box::new((*refusal).into())),
            virta_ingest::Error::Refused(refusals) => {
                Failure::Several(refusals.into_iter().map(Refusal::from).collect())
            }
            virta_ingest::Error::Key { path, message, fix } => Failure::refused(message).file(path).fix(fix),
            other => Failure::refused(other.to_string()),
        }
    }
}

impl From<virta_ingest::Refusal> for Refusal {
    fn from(refusal: virta_ingest::Refusal) -> Self {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Refusal {
            message: refusal.message,
            file: Some(PathBuf::from(refusal.file)),
            line: refusal.line,
            column: refusal.place,
            column_name: refusal.column,
            field: refusal.field,
            rule: some(refusal.rule.to_owned()),
            fix: some(refusal.fix),
        }
    }
}

impl From<virta_release::Error> for Failure {
    fn from(error: virta_release::Error) -> Self {
        Failure::refused(error.to_string())
    }
}

impl From<virta_access::Error> for Failure {
    fn from(error: virta_access::Error) -> Self {
        Failure::refused(error.to_string())
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Failure::refused(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_like_a_compiler_message() {
        let failure = Failure::refused("unknown key").file("a.toml").line(4).column(1).fix("remove it");
        assert_eq!(failure.to_string(), "error: a.toml:4:1: unknown key\n  fix: remove it");
    }
}
