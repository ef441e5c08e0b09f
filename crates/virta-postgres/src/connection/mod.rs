//! What is done for somebody who is in: one message after the other, until the client goes.

mod answer;
mod incoming;
mod portal;
mod prepared;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncWriteExt, WriteHalf};
use tokio::sync::mpsc::{Receiver, channel};
use virta_access::Role;
use virta_query::{Error, Options, Session, WrittenFor};

use self::answer::guarded;
use self::incoming::{Incoming, WAITING_MAX, read};
use self::portal::{Portal, Statement};
use crate::cancel::Control;
use crate::catalogue::Catalogue;
use crate::door::Door;
use crate::error::{Refusal, Result};
use crate::login::{Entered, Stream};
use crate::settings::Settings;
use crate::wire::{Front, Out, Status, Target};

/// Prepared statements and cursors of a connection.
const KEPT_MAX: usize = 1000;

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

fn gone() -> Refusal {
    Refusal::fatal("08006", "the client has gone")
}

fn no_statement() -> Refusal {
    Refusal::new("26000", "there is no prepared statement of this name")
}

fn no_cursor() -> Refusal {
    Refusal::new("34000", "there is no cursor of this name")
}
