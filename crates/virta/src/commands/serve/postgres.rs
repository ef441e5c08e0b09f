//! The door for clients of PostgreSQL.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use virta_access::{Role, UseLog, Users};
use virta_postgres::{Door, Host, Limits, Opened, serve_until, shown};
use virta_protection::ProtectedStudy;
use virta_query::{Engine, Options, Session};
use virta_store::{Snapshot, StudyResults};

use super::stores::{Served, Stores};
use super::{Open, PATIENCE, protected};
use crate::args::{Common, ServeArgs};
use crate::commands::report::{self, Numbers};
use crate::failure::Failure;
use crate::machines::Reached;
use crate::sql::memory_limit;
use crate::sql::questions::questions;

/// Opens the door: it listens when this returns.
pub(super) fn open(
    address: SocketAddr,
    args: &ServeArgs,
    common: &Common,
    stores: &Arc<Stores>,
) -> Result<Open, Failure> {
    let refused = |error: &dyn std::fmt::Display| Failure::refused(error.to_string());
    let threads = common.threads().unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let limit = memory_limit(common);
    let spill = stores.all.first().map(|served| served.store.root().join("tmp"));
    let engine = Arc::new(Engine::new(threads, Some(limit), spill).map_err(|error| refused(&error))?);
    let workers = match args.workers.as_slice() {
        [] => None,
        addresses => {
            let (workers, lost) = Reached::reach_sometime(addresses, args.secret.as_deref(), Some(limit as u64))?;
            if let Some(reason) = lost {
                eprintln!("{reason}; they are tried again while the door is open");
            }
            Some(workers)
        }
    };
    let host = Rooms { stores: Arc::clone(stores), threads, limit, workers, protected: Mutex::default() };
    let limits = Limits {
        connections: usize::from(args.connections),
        statement_time: Duration::from_secs(u64::from(args.time_limit)),
        ..Limits::default()
    };
    let mut door = Door::new(Arc::new(host), engine, limits);
    if let (Some(certificate), Some(key)) = (&args.tls_cert, &args.tls_key) {
        door = door.with_tls(certificate, key).map_err(|error| refused(&error))?;
    }
    let listening = door.listen(address).map_err(|error| {
        let failure = refused(&error);
        match error {
            virta_postgres::DoorError::Unencrypted(_) => {
                failure.fix("name a certificate with --tls-cert and --tls-key, or listen on 127.0.0.1 alone")
            }
            _ => failure,
        }
    })?;
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let names: Vec<&str> = stores.all.iter().map(|served| served.name.as_str()).collect();
    let says = format!("clients of PostgreSQL: {}, databases {}", listening.address(), names.join(", "));
    let thread =
        std::thread::spawn(move || serve_until(door, listening, PATIENCE, move || over.load(Ordering::SeqCst)));
    Ok(Open { says, is_over, thread })
}

/// What is behind the door: a session for each role.
struct Rooms {
    stores: Arc<Stores>,
    threads: usize,
    /// Bytes that the statements of all may use together.
    limit: usize,
    /// Who runs shares of statements over rows.
    workers: Option<Arc<Reached>>,
    /// What may leave of results, by store and their id: worked out once.
    protected: Mutex<HashMap<(String, String), Arc<ProtectedStudy>>>,
}

impl Host for Rooms {
    fn users(&self) -> Result<Users, String> {
        self.stores.users().map_err(|failure| failure.to_string())
    }

    fn stores(&self) -> Vec<String> {
        self.stores.all.iter().map(|served| served.name.clone()).collect()
    }

    fn open(&self, store: &str, role: &Role, snapshot: Option<&str>, options: Options) -> Result<Opened, String> {
        let served = self.stores.named(store).ok_or("there is no such store")?;
        match role.sees_rows() {
            true => self.rows(served, snapshot, options),
            false => self.protected(served, role, snapshot, options),
        }
    }

    fn log(&self, store: &str) -> Option<Arc<UseLog>> {
        self.stores.named(store).map(|served| Arc::clone(&served.log))
    }
}

/// What a client is told: the program's own words would name files.
fn told(error: virta_store::Error) -> String {
    match error {
        virta_store::Error::NoSnapshot { .. } => "there is no such snapshot".to_owned(),
        _ => "the store cannot be read: virta verify tells why".to_owned(),
    }
}

impl Rooms {
    /// The store and its studies, row by row.
    fn rows(&self, served: &Served, snapshot: Option<&str>, mut options: Options) -> Result<Opened, String> {
        let (snapshot, studies) = looked_at(served, snapshot)?;
        options.questions = questions(&snapshot, self.threads);
        if let Some(workers) = &self.workers {
            let here = (self.threads, Some(self.limit));
            let served = workers.serve_session(served.store.root(), (&snapshot, &studies), here, &mut options);
            served.map_err(|_| "the store cannot be read".to_owned())?;
        }
        let session = Session::open(&snapshot, &studies, options).map_err(|_| "the store cannot be read".to_owned())?;
        let tables = shown(&session);
        Ok(Opened { session, snapshot: snapshot.id().to_owned(), tables })
    }

    /// Protected tables in memory and nothing else: the session knows no file.
    fn protected(
        &self,
        served: &Served,
        role: &Role,
        snapshot: Option<&str>,
        options: Options,
    ) -> Result<Opened, String> {
        let (snapshot, studies) = looked_at(served, snapshot)?;
        let (mut memory, mut tables) = (Vec::new(), Vec::new());
        for results in studies.iter().filter(|results| role.sees_study(results.study())) {
            // A study that protects less than the store asks for shows nothing.
            let Some(study) = self.protected_study(served, results) else { continue };
            for (table, about) in protected::tables(&study, results.study(), role) {
                memory.push(table);
                tables.push(about);
            }
        }
        let session = Session::of_tables(memory, options).map_err(|_| "the tables cannot be shown".to_owned())?;
        Ok(Opened { session, snapshot: snapshot.id().to_owned(), tables })
    }

    fn protected_study(&self, served: &Served, results: &StudyResults) -> Option<Arc<ProtectedStudy>> {
        let name = (served.name.clone(), results.id().to_owned());
        let known = || self.protected.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(study) = known().get(&name) {
            return Some(Arc::clone(study));
        }
        let numbers = Numbers::Protected(served.key.clone());
        let settings = report::settings(results).ok()?;
        let study = report::protected(&served.store, results, &settings, &numbers).ok()?;
        let study = Arc::new(study);
        known().insert(name, Arc::clone(&study));
        Some(study)
    }
}

/// The snapshot that is asked for with the results on it, or the newest of both.
fn looked_at(served: &Served, snapshot: Option<&str>) -> Result<(Snapshot, Vec<StudyResults>), String> {
    let store = &served.store;
    let found = match snapshot {
        Some(id) => store.snapshot(id),
        None => store.current(),
    };
    let found = found.map_err(told)?;
    let mut studies = Vec::new();
    for study in store.studies().map_err(told)? {
        match snapshot {
            // Results on another snapshot would be another answer.
            Some(_) => studies.extend(store.results_on(&study, found.id())),
            None => studies.extend(store.results(&study)),
        }
    }
    Ok((found, studies))
}
