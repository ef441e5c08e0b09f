//! What is done for somebody who is in: one message after the other, until the client goes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use virta_access::{Entry, Role, redacted};
use virta_query::{Bound, Error, Options, Prepared, Session, Stop, WrittenFor};

use crate::cancel::{Control, Interrupt};
use crate::catalogue::Catalogue;
use crate::command::{Command, command, split};
use crate::door::Door;
use crate::error::{Refusal, Result};
use crate::login::{Entered, Stream};
use crate::rows::{CopyForm, fields};
use crate::run::Run;
use crate::settings::Settings;
use crate::values::{Field, Wire, data_type_of, parameter};
use crate::wire::{Front, Out, Status, Target, front};

/// Bytes that wait before they are sent.
const SEND_AT_BYTES: usize = 1 << 16;
/// Prepared statements and cursors of a connection.
const KEPT_MAX: usize = 1000;
/// Messages that were read and wait to be answered.
const WAITING_MAX: usize = 64;

/// A statement that was prepared.
#[derive(Debug)]
struct Statement {
    command: Command,
    /// Types that the client declared, 0 where it left them open.
    declared: Vec<u32>,
    /// What the engine says of it, once it was asked.
    known: Option<Prepared>,
}

/// A statement with its values, whole or in part answered.
#[derive(Debug)]
struct Portal {
    command: Command,
    values: Vec<Bound>,
    formats: Vec<i16>,
    /// The columns that the client was told of when the statement was described.
    told: Option<Arc<Vec<Field>>>,
    run: Option<Run>,
    is_done: bool,
    /// Made by `declare`, so that it outlives the messages of the extended protocol.
    is_cursor: bool,
    is_held: bool,
    is_binary: bool,
}

impl Portal {
    fn new(command: Command, values: Vec<Bound>, formats: Vec<i16>) -> Self {
        Portal {
            command,
            values,
            formats,
            told: None,
            run: None,
            is_done: false,
            is_cursor: false,
            is_held: false,
            is_binary: false,
        }
    }

    /// Which columns are sent in binary form.
    fn is_binary(&self, columns: usize) -> Vec<bool> {
        let of = |at: usize| match self.formats.as_slice() {
            [] => self.is_binary,
            [one] => *one == 1,
            each => each.get(at) == Some(&1),
        };
        (0..columns).map(of).collect()
    }
}

/// What the reader hands over.
enum Incoming {
    Message(Front, OwnedSemaphorePermit),
    Malformed,
    TooLong(usize),
}

/// Somebody's connection.
pub(crate) struct Connection<'a> {
    door: &'a Door,
    user: String,
    role: Role,
    store: String,
    snapshot: String,
    session: Arc<Session>,
    settings: Arc<Mutex<Settings>>,
    /// Whether the session has views of its own.
    has_views: bool,
    statements: HashMap<String, Statement>,
    portals: HashMap<String, Portal>,
    status: Status,
    control: Arc<Control>,
    out: Out,
    writer: WriteHalf<Box<dyn Stream>>,
}

impl<'a> Connection<'a> {
    /// Serves somebody until the connection ends.
    pub(crate) async fn run(door: &'a Door, entered: Entered) {
        let Entered { stream, user, role, store, settings: asked, unknown } = entered;
        let (reader, mut writer) = tokio::io::split(stream);
        let mut settings = Settings::new(&user);
        let mut out = Out::default();
        if let Some(unknown) = &unknown {
            out.negotiate(&unknown.iter().map(String::as_str).collect::<Vec<_>>());
        }
        out.authentication(0, &[]);
        let mut snapshot = None;
        for (name, value) in asked {
            match name.as_str() {
                "snapshot" => snapshot = Some(value),
                // What cannot be set is told when a statement sets it; a client must be able to come in.
                _ => drop(settings.set(&name, &value)),
            }
        }
        let settings = Arc::new(Mutex::new(settings));
        let opened = open(door, &store, &role, &user, snapshot, &settings).await;
        let (session, snapshot) = match opened {
            Ok(opened) => opened,
            Err(refusal) => {
                out.error(&Refusal { is_fatal: true, ..refusal });
                let _ = writer.write_all(&out.0).await;
                let _ = writer.shutdown().await;
                return;
            }
        };
        let control = Arc::new(Control::default());
        let random = || virta_access::random::<4>().map(i32::from_be_bytes);
        if random().is_err() {
            // Without random numbers anybody could cancel anybody's statements.
            return;
        }
        let (process, secret) = door.cancels.enter(&control, || random().unwrap_or_default());
        out.key(process, secret);
        for (name, value) in settings.lock().unwrap_or_else(PoisonError::into_inner).told() {
            out.parameter(name, value);
        }
        let mut connection = Connection {
            door,
            user,
            role,
            store,
            snapshot,
            session,
            settings,
            has_views: false,
            statements: HashMap::new(),
            portals: HashMap::new(),
            status: Status::Idle,
            control: Arc::clone(&control),
            out,
            writer,
        };
        connection.out.ready(Status::Idle);
        let (sender, incoming) = channel(WAITING_MAX);
        let reading = read(reader, sender, door.limits.message_bytes, Arc::clone(&control));
        tokio::select! {
            () = connection.serve(incoming) => {}
            () = reading => {}
        }
        door.cancels.leave(process);
        control.leave();
        let _ = connection.writer.shutdown().await;
    }

    /// Answers messages until there are no more.
    async fn serve(&mut self, mut incoming: Receiver<Incoming>) {
        // After an error in the extended protocol everything up to the next Sync is passed over.
        let mut is_skipping = false;
        loop {
            // Nothing waits here while something is left to be answered.
            if incoming.is_empty() {
                let sent = tokio::time::timeout(self.door.limits.idle_time, self.send()).await;
                if !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
            let message = tokio::select! {
                message = tokio::time::timeout(self.door.limits.idle_time, incoming.recv()) => message,
                () = self.door.shutdown.told() => {
                    return self.goodbye(&Refusal::fatal("57P01", "the server is closing")).await;
                }
            };
            let (message, _permit) = match message {
                Err(_) => return self.goodbye(&Refusal::fatal("57P05", "nothing was asked for a long time")).await,
                Ok(None) => return,
                Ok(Some(Incoming::Malformed)) => return self.goodbye(&Refusal::protocol()).await,
                Ok(Some(Incoming::TooLong(bytes))) => {
                    let message = format!(
                        "a message of {bytes} bytes is longer than the limit of {}",
                        self.door.limits.message_bytes
                    );
                    return self.goodbye(&Refusal::fatal("54000", message)).await;
                }
                Ok(Some(Incoming::Message(message, permit))) => (message, permit),
            };
            let done = match message {
                Front::Terminate => return,
                Front::Sync => {
                    is_skipping = false;
                    self.end_of_messages();
                    self.out.ready(self.status);
                    Ok(())
                }
                Front::Query(text) => {
                    is_skipping = false;
                    let done = self.simple(&text).await;
                    if let Err(refusal) = done {
                        self.failed(&refusal);
                        if refusal.is_fatal {
                            return self.leave().await;
                        }
                    }
                    self.end_of_messages();
                    self.out.ready(self.status);
                    Ok(())
                }
                _ if is_skipping => Ok(()),
                Front::Parse { name, sql, types } => self.parse(name, &sql, types),
                Front::Bind { portal, statement, formats, values, result_formats } => {
                    self.bind(portal, &statement, &formats, &values, result_formats).await
                }
                Front::Describe(Target::Statement, name) => self.describe_statement(&name).await,
                Front::Describe(Target::Portal, name) => self.describe_portal(&name).await,
                Front::Execute { portal, rows_max } => self.execute(&portal, rows_max).await,
                Front::Close(target, name) => {
                    match target {
                        Target::Statement => drop(self.statements.remove(&name)),
                        Target::Portal => self.close(&name, "done").await,
                    }
                    self.out.close_complete();
                    Ok(())
                }
                Front::Flush => match self.send().await {
                    Ok(()) => Ok(()),
                    Err(_) => return,
                },
                Front::Password(_) => Err(Refusal::protocol()),
                Front::Copy => Ok(()),
                Front::FunctionCall => {
                    Err(Refusal::unsupported("functions are called in statements: select name(...)"))
                }
            };
            if let Err(refusal) = done {
                self.failed(&refusal);
                if refusal.is_fatal {
                    return self.leave().await;
                }
                is_skipping = true;
            }
        }
    }

    async fn goodbye(&mut self, refusal: &Refusal) {
        self.out.error(refusal);
        self.leave().await;
    }

    async fn leave(&mut self) {
        // A client that does not take the last words does not hold up the door.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.send()).await;
    }

    fn failed(&mut self, refusal: &Refusal) {
        self.out.error(refusal);
        if self.status == Status::InTransaction {
            self.status = Status::Failed;
        }
    }

    /// Without a transaction every answer ends with the messages that asked for it.
    fn end_of_messages(&mut self) {
        if self.status == Status::Idle {
            self.portals.retain(|_, portal| portal.is_held);
        }
    }

    async fn send(&mut self) -> std::io::Result<()> {
        if !self.out.0.is_empty() {
            self.writer.write_all(&self.out.0).await?;
            self.out.0.clear();
        }
        self.writer.flush().await
    }

    /// Waits for something, but not when the statement is to end before.
    async fn unless_interrupted<T>(&self, time_left: Duration, work: impl Future<Output = T>) -> Result<T> {
        guarded(&self.control, time_left, work).await
    }

    fn statement_time(&self) -> Duration {
        let wished = self.settings.lock().unwrap_or_else(PoisonError::into_inner).statement_timeout();
        let limit = self.door.limits.statement_time;
        wished.map_or(limit, |time| limit.min(Duration::from_millis(time)))
    }

    // Statements in words.

    async fn simple(&mut self, text: &str) -> Result<()> {
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
                    let portal = self.portals.get(name).ok_or_else(|| no_cursor(name))?;
                    if let (Some(run), Command::Fetch { is_move: false, .. }) = (&portal.run, &command) {
                        let fields = Arc::clone(&run.fields);
                        self.out.columns(&fields, &portal.is_binary(fields.len()));
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
    fn may_run(&self, command: &Command) -> Result<()> {
        let ends = matches!(command, Command::Commit | Command::Rollback | Command::BackToSavepoint | Command::Nothing);
        match self.status {
            Status::Failed if !ends => {
                Err(Refusal::new("25P02", "a statement of this transaction failed: end it with rollback"))
            }
            _ => Ok(()),
        }
    }

    /// Starts the question of a portal, unless it was started; `None` for what is no question.
    async fn begun<'p>(&mut self, portal: &'p mut Portal) -> Result<Option<&'p mut Run>> {
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
    async fn ask(&mut self, sql: &str, values: Vec<Bound>, told: Option<Arc<Vec<Field>>>) -> Result<Run> {
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
    fn note(
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
    fn outcome(&self, entry: Option<u64>, outcome: &'static str) {
        if entry.is_some() {
            drop(tokio::spawn(self.note("", "outcome", outcome, entry)));
        }
    }

    /// Sends the rows of a portal, at most so many, and what follows them.
    async fn answer(&mut self, portal: &mut Portal, rows_max: Option<usize>) -> Result<()> {
        if self.begun(portal).await?.is_none() {
            return Ok(());
        }
        let form = match &portal.command {
            Command::Copy { form, .. } => Some(form.clone()),
            _ => None,
        };
        let is_shown = !matches!(portal.command, Command::View(..));
        let Some(run) = portal.run.as_mut() else { return Ok(()) };
        if let Some(form) = &form {
            self.out.copy_out(form.is_binary(), run.fields.len());
            form.begin(&run.fields, &mut self.out);
        }
        let is_binary = match portal.formats.as_slice() {
            [] => vec![portal.is_binary; run.fields.len()],
            [one] => vec![*one == 1; run.fields.len()],
            each => (0..run.fields.len()).map(|at| each.get(at) == Some(&1)).collect(),
        };
        let before = run.sent;
        let sent = self.rows(run, rows_max, form.as_ref(), is_shown, &is_binary).await;
        let is_suspended = match sent {
            Ok(is_suspended) => is_suspended,
            Err(refusal) => {
                let outcome = if refusal.code == "57014" { "cancelled" } else { "failed" };
                self.outcome(run.entry.take(), outcome);
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
    async fn rows(
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

    // Statements of the door's own.

    async fn own(&mut self, command: Command) -> Result<()> {
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
                        self.statements.remove(name).ok_or_else(|| no_statement(name))?;
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
                    Some(name) => return Err(no_cursor(name)),
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

    fn end_transaction(&mut self) {
        self.status = Status::Idle;
        self.portals.retain(|_, portal| portal.is_held);
    }

    async fn set_snapshot(&mut self, snapshot: Option<String>) -> Result<()> {
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

    fn shown(&self, name: &str) -> Result<String> {
        if name == "snapshot" {
            return Ok(self.snapshot.clone());
        }
        let settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let value = settings.get(name).map(str::to_owned);
        value.ok_or_else(|| Refusal::new("42704", "there is no such setting"))
    }

    /// One row with the value of a setting.
    fn show(&mut self, name: &str, value: &str, with_columns: bool) {
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

    async fn fetch(&mut self, name: &str, rows_max: Option<usize>, is_move: bool) -> Result<()> {
        let mut portal = self.portals.remove(name).ok_or_else(|| no_cursor(name))?;
        let mut fetched = 0;
        if let Some(run) = portal.run.as_mut().filter(|_| !portal.is_done) {
            let is_binary: Vec<bool> = vec![portal.is_binary; run.fields.len()];
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
                    self.outcome(entry, if refusal.code == "57014" { "cancelled" } else { "failed" });
                    return Err(refusal);
                }
            }
        }
        self.portals.insert(name.to_owned(), portal);
        self.out.complete(&format!("{} {fetched}", if is_move { "MOVE" } else { "FETCH" }));
        Ok(())
    }

    /// Ends a portal: its question is no longer worked on.
    async fn close(&mut self, name: &str, outcome: &'static str) {
        if let Some(mut portal) = self.portals.remove(name)
            && let Some(run) = &mut portal.run
        {
            let entry = run.entry.take();
            self.outcome(entry, outcome);
        }
    }

    // The extended protocol.

    fn keep(&mut self, name: String, sql: &str, declared: Vec<u32>) -> Result<()> {
        if !name.is_empty() && self.statements.contains_key(&name) {
            return Err(Refusal::new("42P05", "there is a prepared statement of this name already"));
        }
        if self.statements.len() >= KEPT_MAX {
            return Err(Refusal::new("53400", "a connection cannot keep more prepared statements"));
        }
        let statements = split(sql);
        let command = match statements.as_slice() {
            [] => Command::Nothing,
            [one] => command(one)?,
            _ => return Err(Refusal::syntax("a prepared statement is one statement")),
        };
        self.may_run(&command)?;
        self.statements.insert(name, Statement { command, declared, known: None });
        Ok(())
    }

    fn parse(&mut self, name: String, sql: &str, types: Vec<u32>) -> Result<()> {
        if name.is_empty() {
            self.statements.remove("");
        }
        self.keep(name, sql, types)?;
        self.out.parse_complete();
        Ok(())
    }

    /// What the engine says of a prepared statement; nothing for what is no question.
    async fn known(&mut self, name: &str) -> Result<Option<Prepared>> {
        let statement = self.statements.get(name).ok_or_else(|| no_statement(name))?;
        let sql = match &statement.command {
            Command::Query(sql, _) | Command::View(sql, _) | Command::Copy { sql, .. } => sql.clone(),
            _ => return Ok(None),
        };
        if let Some(known) = &statement.known {
            return Ok(Some(known.clone()));
        }
        let declared: Vec<_> = statement.declared.iter().map(|oid| data_type_of(*oid)).collect();
        let (session, text) = (Arc::clone(&self.session), sql.clone());
        self.control.begin();
        let planned = tokio::task::spawn_blocking(move || session.prepare(&text, &declared));
        let planned = self.unless_interrupted(self.statement_time(), planned).await?;
        let known = match planned {
            Ok(Ok(known)) => known,
            Ok(Err(error)) => {
                let noted = self.note(&sql, "statement", outcome_of(&error), None).await;
                return Err(noted.err().unwrap_or_else(|| Refusal::of(&error, &sql)));
            }
            Err(_) => return Err(Refusal::new("XX000", "the query engine failed")),
        };
        if let Some(statement) = self.statements.get_mut(name) {
            statement.known = Some(known.clone());
        }
        Ok(Some(known))
    }

    async fn bind(
        &mut self,
        portal: String,
        statement: &str,
        formats: &[i16],
        values: &[Option<Vec<u8>>],
        result_formats: Vec<i16>,
    ) -> Result<()> {
        let kept = self.statements.get(statement).ok_or_else(|| no_statement(statement))?;
        let command = kept.command.clone();
        self.may_run(&command)?;
        let is_described = kept.known.is_some();
        // Types that the client declared need not be asked for.
        let declared: Option<Vec<_>> =
            (0..values.len()).map(|at| kept.declared.get(at).copied().and_then(data_type_of)).collect();
        let (types, told) = match declared {
            Some(declared) if !is_described => (declared, None),
            _ => match self.known(statement).await? {
                Some(known) => {
                    let told = matches!(command, Command::Query(..)).then(|| Arc::new(fields(&known.schema)));
                    (known.parameters, told)
                }
                None => (Vec::new(), None),
            },
        };
        if values.len() < types.len() {
            let message = format!("{} values came for {} parameters", values.len(), types.len());
            return Err(Refusal::new("08P01", message));
        }
        let is_binary = |at: usize| match formats {
            [] => false,
            [one] => *one == 1,
            each => each.get(at) == Some(&1),
        };
        let bound = values.iter().zip(&types).enumerate();
        let bound = bound.map(|(at, (value, data_type))| parameter(value.as_deref(), is_binary(at), data_type));
        let bound = bound.collect::<Result<Vec<_>>>()?;
        if portal.is_empty() {
            self.portals.remove("");
        } else if self.portals.contains_key(&portal) {
            return Err(Refusal::new("42P03", "there is a cursor of this name already"));
        }
        if self.portals.len() >= KEPT_MAX {
            return Err(Refusal::new("53400", "a connection cannot keep more cursors"));
        }
        let mut kept = Portal::new(command, bound, result_formats);
        kept.told = told;
        self.portals.insert(portal, kept);
        self.out.bind_complete();
        Ok(())
    }

    async fn describe_statement(&mut self, name: &str) -> Result<()> {
        let known = self.known(name).await?;
        let statement = self.statements.get(name).ok_or_else(|| no_statement(name))?;
        let command = statement.command.clone();
        let declared = statement.declared.clone();
        let oids: Vec<u32> = known
            .iter()
            .flat_map(|known| &known.parameters)
            .enumerate()
            .map(|(at, data_type)| {
                let declared = declared.get(at).copied().filter(|oid| data_type_of(*oid).is_some());
                declared.unwrap_or_else(|| Wire::of(data_type).oid())
            })
            .collect();
        self.out.parameters(&oids);
        match (&known, &command) {
            (Some(known), Command::Query(..)) => {
                let fields = fields(&known.schema);
                self.out.columns(&fields, &vec![false; fields.len()]);
            }
            (_, Command::Show(name)) => {
                self.out.columns(&[Field { name: name.clone(), wire: Wire::Text }], &[false]);
            }
            (_, Command::Fetch { name, is_move: false, .. }) => self.describe_cursor(&name.clone())?,
            _ => self.out.no_data(),
        }
        Ok(())
    }

    fn describe_cursor(&mut self, name: &str) -> Result<()> {
        let portal = self.portals.get(name).ok_or_else(|| no_cursor(name))?;
        match &portal.run {
            Some(run) => {
                let fields = Arc::clone(&run.fields);
                let is_binary = portal.is_binary(fields.len());
                self.out.columns(&fields, &is_binary);
            }
            None => self.out.no_data(),
        }
        Ok(())
    }

    async fn describe_portal(&mut self, name: &str) -> Result<()> {
        let mut portal = self.portals.remove(name).ok_or_else(|| no_cursor(name))?;
        match portal.command.clone() {
            Command::Query(..) => {
                self.control.begin();
                let fields = match self.begun(&mut portal).await? {
                    Some(run) => Arc::clone(&run.fields),
                    None => Arc::default(),
                };
                let is_binary = portal.is_binary(fields.len());
                self.out.columns(&fields, &is_binary);
            }
            Command::Show(name) => self.out.columns(&[Field { name, wire: Wire::Text }], &[false]),
            Command::Fetch { name, is_move: false, .. } => self.describe_cursor(&name)?,
            _ => self.out.no_data(),
        }
        self.portals.insert(name.to_owned(), portal);
        Ok(())
    }

    async fn execute(&mut self, name: &str, rows_max: u32) -> Result<()> {
        let mut portal = self.portals.remove(name).ok_or_else(|| no_cursor(name))?;
        self.may_run(&portal.command)?;
        if portal.run.is_none() {
            self.control.begin();
        }
        match portal.command.clone() {
            Command::Query(..) | Command::View(..) | Command::Copy { .. } if portal.is_done => {
                self.out.complete("SELECT 0");
            }
            Command::Query(..) | Command::View(..) | Command::Copy { .. } => {
                let rows_max = usize::try_from(rows_max).ok().filter(|rows| *rows > 0);
                self.answer(&mut portal, rows_max).await?;
            }
            Command::Execute { name, values } => {
                let mut inner = self.execution(&name, &values).await?;
                inner.formats.clone_from(&portal.formats);
                self.answer(&mut inner, None).await?;
            }
            other => self.own(other).await?,
        }
        self.portals.insert(name.to_owned(), portal);
        Ok(())
    }

    /// The portal of a statement that was prepared and is executed in words.
    async fn execution(&mut self, name: &str, values: &[Option<String>]) -> Result<Portal> {
        let known = self.known(name).await?;
        let statement = self.statements.get(name).ok_or_else(|| no_statement(name))?;
        let types = known.map(|known| known.parameters).unwrap_or_default();
        if values.len() != types.len() {
            let message = format!("{} values came for {} parameters", values.len(), types.len());
            return Err(Refusal::new("42601", message));
        }
        let bound = values
            .iter()
            .zip(&types)
            .map(|(value, data_type)| parameter(value.as_deref().map(str::as_bytes), false, data_type));
        Ok(Portal::new(statement.command.clone(), bound.collect::<Result<_>>()?, Vec::new()))
    }
}

/// Passes rows of a cursor over.
async fn pass(run: &mut Run, rows_max: Option<usize>, control: &Control) -> Result<bool> {
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
async fn guarded<T>(control: &Control, time_left: Duration, work: impl Future<Output = T>) -> Result<T> {
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

fn gone() -> Refusal {
    Refusal::fatal("08006", "the client has gone")
}

fn no_statement(_: &str) -> Refusal {
    Refusal::new("26000", "there is no prepared statement of this name")
}

fn no_cursor(_: &str) -> Refusal {
    Refusal::new("34000", "there is no cursor of this name")
}

fn outcome_of(error: &Error) -> &'static str {
    match error {
        Error::Refused(_) => "refused",
        Error::Interrupted => "cancelled",
        _ => "failed",
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

/// Opens a session and the catalogue that goes with it.
async fn open(
    door: &Door,
    store: &str,
    role: &Role,
    user: &str,
    snapshot: Option<String>,
    settings: &Arc<Mutex<Settings>>,
) -> Result<(Arc<Session>, String)> {
    let (host, engine) = (Arc::clone(&door.host), Arc::clone(&door.engine));
    let (store, role, user, settings) = (store.to_owned(), role.clone(), user.to_owned(), Arc::clone(settings));
    let opened = tokio::task::spawn_blocking(move || {
        let names = Arc::default();
        let options = Options {
            engine: Some(engine),
            written_for: WrittenFor::Postgres,
            functions: crate::catalogue::functions(&names, &user, &store, &settings),
            ..Options::default()
        };
        let opened = host.open(&store, &role, snapshot.as_deref(), options);
        let opened = opened.map_err(|message| Refusal::new("58000", message))?;
        let stores = host.stores();
        let catalogue = Catalogue::new(&opened.tables, &stores, &store, &user, &settings);
        let failed = |error: Error| Refusal::of(&error, "");
        opened.session.add_tables(catalogue.tables()).map_err(failed)?;
        // Nothing was asked before, so that nobody else has set it.
        let _ = names.set(catalogue.into_names());
        Ok((Arc::new(opened.session), opened.snapshot))
    });
    opened.await.map_err(|_| Refusal::new("XX000", "the query engine failed"))?
}

/// Reads messages as they come, so that a client that goes is noticed while it is being answered.
async fn read(
    mut reader: ReadHalf<Box<dyn Stream>>,
    sender: Sender<Incoming>,
    bytes_max: usize,
    control: Arc<Control>,
) {
    // What was read and not yet answered takes at most so much memory.
    let room = Arc::new(Semaphore::new(bytes_max));
    loop {
        let mut head = [0; 5];
        if reader.read_exact(&mut head).await.is_err() {
            control.leave();
            break;
        }
        let [kind, length @ ..] = head;
        let length = usize::try_from(u32::from_be_bytes(length)).ok().and_then(|length| length.checked_sub(4));
        let incoming = match length {
            None => Incoming::Malformed,
            Some(length) if length > bytes_max => Incoming::TooLong(length),
            Some(length) => {
                let permits = u32::try_from(length.max(1)).unwrap_or(u32::MAX);
                let Ok(permit) = Arc::clone(&room).acquire_many_owned(permits).await else { break };
                let mut body = vec![0; length];
                if reader.read_exact(&mut body).await.is_err() {
                    control.leave();
                    break;
                }
                front(kind, &body).map_or(Incoming::Malformed, |message| Incoming::Message(message, permit))
            }
        };
        let is_last = !matches!(incoming, Incoming::Message(..));
        if sender.send(incoming).await.is_err() || is_last {
            break;
        }
    }
    // The connection ends when what was read is answered; until then its statements look at the control.
    drop(sender);
    std::future::pending::<()>().await;
}
