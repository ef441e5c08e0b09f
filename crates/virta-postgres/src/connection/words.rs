//! Statements in words, of which the door answers many itself: transactions, settings, cursors.

use std::sync::{Arc, PoisonError};

use super::answer::{outcome_of_rows, pass};
use super::portal::Portal;
use super::{Connection, KEPT_MAX, no_cursor, no_statement, open};
use crate::command::{Command, command, split};
use crate::error::{Refusal, Result};
use crate::values::{Field, Wire};
use crate::wire::Status;

impl Connection<'_> {
    pub(super) async fn simple(&mut self, text: &str) -> Result<()> {
        let statements = split(text);
        if statements.is_empty() {
            self.out.empty_query();
        }
        for sql in statements {
            let command = command(sql)?;
            self.may_run(&command)?;
            self.portals.remove("");
            self.control.begin();
            match command {
                Command::Query(..) | Command::View(..) | Command::Copy { .. } => {
                    let mut portal = Portal::new(command, Vec::new(), Vec::new());
                    if let Some(run) = self.begun(&mut portal).await? {
                        let fields = Arc::clone(&run.fields);
                        let is_binary = portal.is_binary(fields.len());
                        if matches!(portal.command, Command::Query(..)) {
                            self.out.columns(&fields, &is_binary);
                        }
                    }
                    self.answer(&mut portal, None).await?;
                }
                Command::Fetch { ref name, .. } => {
                    let portal = self.portals.get(name).ok_or_else(no_cursor)?;
                    if let (Some(run), Command::Fetch { is_move: false, .. }) = (&portal.run, &command) {
                        let fields = Arc::clone(&run.fields);
                        self.out.columns(&fields, &portal.is_fetched_binary(fields.len()));
                    }
                    self.own(command).await?;
                }
                Command::Execute { name, values } => {
                    let mut portal = self.execution(&name, &values).await?;
                    if let Some(run) = self.begun(&mut portal).await? {
                        let fields = Arc::clone(&run.fields);
                        self.out.columns(&fields, &portal.is_binary(fields.len()));
                    }
                    self.answer(&mut portal, None).await?;
                }
                Command::Show(ref name) => {
                    let value = self.shown(name)?;
                    self.show(name, &value, true);
                }
                other => self.own(other).await?,
            }
        }
        Ok(())
    }

    /// In a transaction that failed only its end is taken.
    pub(super) fn may_run(&self, command: &Command) -> Result<()> {
        let ends = matches!(command, Command::Commit | Command::Rollback | Command::BackToSavepoint | Command::Nothing);
        match self.status {
            Status::Failed if !ends => {
                Err(Refusal::new("25P02", "a statement of this transaction failed: end it with rollback"))
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn own(&mut self, command: Command) -> Result<()> {
        match command {
            Command::Nothing => self.out.empty_query(),
            Command::Begin(word) => {
                if self.status == Status::InTransaction {
                    self.out.warning(&Refusal::new("25001", "there is a transaction in progress already"));
                } else {
                    self.status = Status::InTransaction;
                }
                self.out.complete(word);
            }
            Command::Commit => {
                let word = if self.status == Status::Failed { "ROLLBACK" } else { "COMMIT" };
                self.end_transaction();
                self.out.complete(word);
            }
            Command::Rollback => {
                self.end_transaction();
                self.out.complete("ROLLBACK");
            }
            Command::Savepoint(word) => self.out.complete(word),
            Command::BackToSavepoint => {
                if self.status == Status::Failed {
                    self.status = Status::InTransaction;
                }
                self.out.complete("ROLLBACK");
            }
            Command::Set { name, value } if name == "snapshot" => {
                self.set_snapshot(Some(value)).await?;
                self.out.complete("SET");
            }
            Command::Set { name, value } => {
                let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(told) = settings.set(&name, &value)? {
                    let value = settings.get(told).unwrap_or_default().to_owned();
                    self.out.parameter(told, &value);
                }
                drop(settings);
                self.out.complete("SET");
            }
            Command::SetNothing => self.out.complete("SET"),
            Command::Reset(name) => {
                if name.as_deref() == Some("snapshot") {
                    self.set_snapshot(None).await?;
                }
                self.settings.lock().unwrap_or_else(PoisonError::into_inner).reset(name.as_deref());
                self.out.complete("RESET");
            }
            Command::Discard(is_all) => {
                if is_all {
                    self.statements.clear();
                    self.portals.clear();
                    self.settings.lock().unwrap_or_else(PoisonError::into_inner).reset(None);
                    if self.has_views {
                        self.set_snapshot(Some(self.snapshot.clone())).await?;
                    }
                }
                self.out.complete(if is_all { "DISCARD ALL" } else { "DISCARD" });
            }
            Command::Prepare { name, types, sql } => {
                let declared = types.iter().map(|name| oid_named(name)).collect();
                self.keep(name, &sql, declared)?;
                self.out.complete("PREPARE");
            }
            Command::Deallocate(name) => {
                match &name {
                    None => self.statements.clear(),
                    Some(name) => {
                        self.statements.remove(name).ok_or_else(no_statement)?;
                    }
                }
                self.out.complete(if name.is_some() { "DEALLOCATE" } else { "DEALLOCATE ALL" });
            }
            Command::Declare { name, sql, is_held, is_binary } => {
                if self.status == Status::Idle && !is_held {
                    return Err(Refusal::new("25P01", "a cursor needs a transaction")
                        .hint("begin one first, or declare the cursor with hold"));
                }
                if self.portals.len() >= KEPT_MAX {
                    return Err(Refusal::new("53400", "a connection cannot keep more cursors"));
                }
                if self.portals.contains_key(&name) {
                    return Err(Refusal::new("42P03", "there is a cursor of this name already"));
                }
                let mut portal = Portal::new(Command::Query(sql, "SELECT"), Vec::new(), Vec::new());
                portal.is_cursor = true;
                portal.is_held = is_held;
                portal.is_binary = is_binary;
                self.begun(&mut portal).await?;
                self.portals.insert(name, portal);
                self.out.complete("DECLARE CURSOR");
            }
            Command::Fetch { name, rows_max, is_move } => self.fetch(&name, rows_max, is_move).await?,
            Command::CloseCursor(name) => {
                match &name {
                    None => self.portals.retain(|_, portal| !portal.is_cursor),
                    Some(name) if self.portals.contains_key(name) => self.close(name, "done").await,
                    Some(_) => return Err(no_cursor()),
                }
                self.out.complete(if name.is_some() { "CLOSE CURSOR" } else { "CLOSE CURSOR ALL" });
            }
            Command::Unlisten => self.out.complete("UNLISTEN"),
            Command::Show(name) => {
                let value = self.shown(&name)?;
                self.show(&name, &value, false);
            }
            // These have rows, and are answered as portals.
            Command::Query(..) | Command::View(..) | Command::Copy { .. } | Command::Execute { .. } => {}
        }
        Ok(())
    }

    pub(super) fn end_transaction(&mut self) {
        self.status = Status::Idle;
        self.portals.retain(|_, portal| portal.is_held);
    }

    pub(super) async fn set_snapshot(&mut self, snapshot: Option<String>) -> Result<()> {
        let snapshot = snapshot.filter(|id| !id.is_empty() && !id.eq_ignore_ascii_case("default"));
        let entry = self.note("set snapshot", "statement", "begun", None).await?;
        let opened = open(self.door, &self.store, &self.role, &self.user, snapshot, &self.settings).await;
        self.outcome(entry, if opened.is_ok() { "done" } else { "refused" });
        let (session, snapshot) = opened?;
        self.portals.clear();
        self.statements.values_mut().for_each(|statement| statement.known = None);
        (self.session, self.snapshot, self.has_views) = (session, snapshot, false);
        Ok(())
    }

    pub(super) fn shown(&self, name: &str) -> Result<String> {
        if name == "snapshot" {
            return Ok(self.snapshot.clone());
        }
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let value = settings.get(name).map(str::to_owned);
        value.ok_or_else(|| Refusal::new("42704", "there is no such setting"))
    }

    /// One row with the value of a setting.
    pub(super) fn show(&mut self, name: &str, value: &str, with_columns: bool) {
        if with_columns {
            self.out.columns(&[Field { name: name.to_owned(), wire: Wire::Text }], &[false]);
        }
        self.out.message(b'D', |out| {
            out.extend_from_slice(&1u16.to_be_bytes());
            out.extend_from_slice(&(value.len() as u32).to_be_bytes());
            out.extend_from_slice(value.as_bytes());
        });
        self.out.complete("SHOW");
    }

    pub(super) async fn fetch(&mut self, name: &str, rows_max: Option<usize>, is_move: bool) -> Result<()> {
        let mut portal = self.portals.remove(name).ok_or_else(no_cursor)?;
        let mut fetched = 0;
        let is_binary = portal.is_fetched_binary(portal.run.as_ref().map_or(0, |run| run.fields.len()));
        if let Some(run) = portal.run.as_mut().filter(|_| !portal.is_done) {
            let before = run.sent;
            let done = if is_move {
                pass(run, rows_max, &Arc::clone(&self.control)).await
            } else {
                self.rows(run, rows_max, None, true, &is_binary).await
            };
            fetched = run.sent - before;
            match done {
                Ok(true) => {}
                Ok(false) => {
                    portal.is_done = true;
                    let entry = run.entry.take();
                    self.outcome(entry, "done");
                }
                Err(refusal) => {
                    let entry = run.entry.take();
                    self.outcome(entry, outcome_of_rows(&refusal));
                    return Err(refusal);
                }
            }
        }
        self.portals.insert(name.to_owned(), portal);
        self.out.complete(&format!("{} {fetched}", if is_move { "MOVE" } else { "FETCH" }));
        Ok(())
    }

    /// Ends a portal: its question is no longer worked on.
    pub(super) async fn close(&mut self, name: &str, outcome: &'static str) {
        if let Some(mut portal) = self.portals.remove(name)
            && let Some(run) = &mut portal.run
        {
            let entry = run.entry.take();
            self.outcome(entry, outcome);
        }
    }
}

/// The number of a type that a statement names, 0 where the statement's use decides.
fn oid_named(name: &str) -> u32 {
    match name.split(['(', ' ']).next().unwrap_or_default() {
        "bigint" | "int8" | "int" | "integer" | "int4" | "smallint" | "int2" => 20,
        "text" | "varchar" | "character" => 25,
        "date" => 1082,
        "timestamp" | "timestamptz" => 1114,
        "time" => 1083,
        "boolean" | "bool" => 16,
        "double" | "float8" | "real" | "float4" => 701,
        "numeric" | "decimal" => 1700,
        _ => 0,
    }
}
