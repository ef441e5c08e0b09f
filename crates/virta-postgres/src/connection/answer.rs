//! From a question to its rows: asked, written into the log of use, sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use virta_access::{Entry, redacted};
use virta_query::{Bound, Error, Stop};

use super::portal::Portal;
use super::{Connection, gone};
use crate::cancel::{Control, Interrupt};
use crate::command::Command;
use crate::error::{Refusal, Result};
use crate::rows::{CopyForm, fields};
use crate::run::Run;
use crate::values::Field;

/// Bytes that wait before they are sent.
const SEND_AT_BYTES: usize = 1 << 16;

impl Connection<'_> {
    /// Starts the question of a portal, unless it was started; `None` for what is no question.
    pub(super) async fn begun<'p>(&mut self, portal: &'p mut Portal) -> Result<Option<&'p mut Run>> {
        if portal.run.is_none() && !portal.is_done {
            let sql = match &portal.command {
                Command::Query(sql, _) | Command::View(sql, _) | Command::Copy { sql, .. } => sql.clone(),
                _ => return Ok(None),
            };
            if matches!(portal.command, Command::View(..)) {
                self.has_views = true;
            }
            portal.run = Some(self.ask(&sql, portal.values.clone(), portal.told.clone()).await?);
        }
        Ok(portal.run.as_mut())
    }

    /// Asks the engine. Nothing is asked that is not in the log of use.
    pub(super) async fn ask(&mut self, sql: &str, values: Vec<Bound>, told: Option<Arc<Vec<Field>>>) -> Result<Run> {
        let begun = Instant::now();
        let time_left = self.statement_time();
        let entry = self.note(sql, "statement", "begun", None);
        let (session, text, stop) = (Arc::clone(&self.session), sql.to_owned(), Stop::default());
        // Whoever is too late, cancelled or gone ends the planning, too.
        let ends = stop.when_dropped();
        let planned = tokio::task::spawn_blocking(move || session.ask_until(&text, &values, &stop));
        let both = async { (entry.await, planned.await) };
        let (entry, planned) = self.unless_interrupted(time_left, both).await?;
        let entry = entry?;
        ends.forget();
        let answer = match planned {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                self.outcome(entry, outcome_of(&error));
                return Err(Refusal::of(&error, sql));
            }
            Err(_) => {
                self.outcome(entry, "failed");
                return Err(Refusal::new("XX000", "the query engine failed"));
            }
        };
        let fields = told.unwrap_or_else(|| Arc::new(fields(answer.schema())));
        let mut run = Run::new(answer, fields, Arc::from(sql), time_left, entry);
        run.worked_since(begun);
        Ok(run)
    }

    /// Writes something down in the log of use; gives its number.
    pub(super) fn note(
        &self,
        sql: &str,
        what: &'static str,
        outcome: &'static str,
        of: Option<u64>,
    ) -> impl Future<Output = Result<Option<u64>>> + use<> {
        let log = self.door.host.log(&self.store);
        let (user, role, store, snapshot) =
            (self.user.clone(), self.role.to_string(), self.store.clone(), self.snapshot.clone());
        let text = redacted(sql);
        let written = log.map(|log| {
            tokio::task::spawn_blocking(move || {
                let entry = Entry {
                    user: &user,
                    role: &role,
                    door: "postgres",
                    store: &store,
                    snapshot: &snapshot,
                    what,
                    text: &text,
                    outcome,
                    of,
                };
                log.append(&entry)
            })
        });
        async move {
            match written {
                None => Ok(None),
                Some(written) => match written.await {
                    Ok(Ok(number)) => Ok(Some(number)),
                    _ => Err(Refusal::unlogged()),
                },
            }
        }
    }

    /// Writes the outcome of a statement down, behind the answer: that it was begun is down already.
    pub(super) fn outcome(&self, entry: Option<u64>, outcome: &'static str) {
        if entry.is_some() {
            drop(tokio::spawn(self.note("", "outcome", outcome, entry)));
        }
    }

    /// Sends the rows of a portal, at most so many, and what follows them.
    pub(super) async fn answer(&mut self, portal: &mut Portal, rows_max: Option<usize>) -> Result<()> {
        if self.begun(portal).await?.is_none() {
            return Ok(());
        }
        let form = match &portal.command {
            Command::Copy { form, .. } => Some(form.clone()),
            _ => None,
        };
        let is_shown = !matches!(portal.command, Command::View(..));
        let columns = portal.run.as_ref().map_or(0, |run| run.fields.len());
        let is_binary = portal.is_binary(columns);
        let Some(run) = portal.run.as_mut() else { return Ok(()) };
        if let Some(form) = &form {
            self.out.copy_out(form.is_binary(), columns);
            form.begin(&run.fields, &mut self.out);
        }
        let before = run.sent;
        let sent = self.rows(run, rows_max, form.as_ref(), is_shown, &is_binary).await;
        let is_suspended = match sent {
            Ok(is_suspended) => is_suspended,
            Err(refusal) => {
                self.outcome(run.entry.take(), outcome_of_rows(&refusal));
                portal.run = None;
                portal.is_done = true;
                return Err(refusal);
            }
        };
        if is_suspended {
            self.out.suspended();
            return Ok(());
        }
        let (rows, entry) = (run.sent - if portal.is_cursor { before } else { 0 }, run.entry.take());
        portal.is_done = true;
        self.outcome(entry, "done");
        match (&form, &portal.command) {
            (Some(form), _) => {
                form.end(rows > 0, &mut self.out);
                self.out.copy_done();
                self.out.complete(&format!("COPY {rows}"));
            }
            (None, Command::Query(_, "SELECT")) => self.out.complete(&format!("SELECT {rows}")),
            (None, Command::Query(_, word) | Command::View(_, word)) => self.out.complete(word),
            _ => {}
        }
        Ok(())
    }

    /// Sends rows; true when there may be more of them than were asked for.
    pub(super) async fn rows(
        &mut self,
        run: &mut Run,
        rows_max: Option<usize>,
        form: Option<&CopyForm>,
        is_shown: bool,
        is_binary: &[bool],
    ) -> Result<bool> {
        let begun = Instant::now();
        let time_left = run.time_left;
        let control = Arc::clone(&self.control);
        let work = async {
            let mut left = rows_max.unwrap_or(usize::MAX);
            loop {
                if left == 0 {
                    return Ok(true);
                }
                let is_first = run.sent == 0;
                let Some(rows) = run.rows().await? else { return Ok(false) };
                let written = match (form, is_shown) {
                    (_, false) => {
                        rows.skip(usize::MAX);
                        0
                    }
                    (Some(form), true) => rows.copy(form, is_first, SEND_AT_BYTES, &mut self.out),
                    (None, true) => rows.write(left, SEND_AT_BYTES, is_binary, &mut self.out),
                };
                run.sent += written as u64;
                left -= written.min(left);
                if self.out.len() >= SEND_AT_BYTES {
                    self.send().await.map_err(|_| gone())?;
                }
            }
        };
        let done = guarded(&control, time_left, work).await;
        run.worked_since(begun);
        done?
    }
}

/// Passes rows of a cursor over.
pub(super) async fn pass(run: &mut Run, rows_max: Option<usize>, control: &Control) -> Result<bool> {
    let begun = Instant::now();
    let time_left = run.time_left;
    let work = async {
        let mut left = rows_max.unwrap_or(usize::MAX);
        while left > 0 {
            let Some(rows) = run.rows().await? else { return Ok(false) };
            let skipped = rows.skip(left);
            left -= skipped.min(left);
            run.sent += skipped as u64;
        }
        Ok(true)
    };
    let done = guarded(control, time_left, work).await;
    run.worked_since(begun);
    done?
}

/// Waits for work, but not past an interrupt or the end of its time.
pub(super) async fn guarded<T>(control: &Control, time_left: Duration, work: impl Future<Output = T>) -> Result<T> {
    tokio::select! {
        done = work => Ok(done),
        interrupt = control.interrupted() => Err(match interrupt {
            Interrupt::Cancelled => Refusal::cancelled(),
            Interrupt::Gone => gone(),
        }),
        () = tokio::time::sleep(time_left) => Err(Refusal::new("57014", "the statement took longer than it may")
            .hint("ask for less at once, or ask the data unit for more time")),
    }
}

pub(super) fn outcome_of(error: &Error) -> &'static str {
    match error {
        Error::Refused(_) => "refused",
        Error::Interrupted => "cancelled",
        _ => "failed",
    }
}

/// What the log of use says of rows that ended early.
pub(super) fn outcome_of_rows(refusal: &Refusal) -> &'static str {
    if refusal.code == "57014" { "cancelled" } else { "failed" }
}
