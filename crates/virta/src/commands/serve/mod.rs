//! `virta serve`: the stores for several people with roles, through doors.
//!
//! Each door runs on threads of its own until it is told to close; what they share is [`Stores`].

mod pages;
#[cfg(feature = "sql")]
mod postgres;
#[cfg(feature = "sql")]
mod protected;
mod stores;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::args::{Common, ServeArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;

use stores::Stores;

/// A door that lets people in.
struct Open {
    /// What the user reads: where it listens.
    says: String,
    is_over: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// How long a Ctrl-C may go unnoticed.
const PATIENCE: Duration = Duration::from_millis(50);

pub(crate) fn run(args: &ServeArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    if args.postgres.is_none() && args.http.is_none() {
        return Err(Failure::Usage("name a door: --http 127.0.0.1:8080, --postgres 127.0.0.1:5432 or both".to_owned()));
    }
    // Whoever opens the doors must be able to let somebody in.
    virta_access::Users::read(&args.users)?;
    let stores = Arc::new(Stores::open(args)?);
    let patience = interrupt::patience();
    let mut doors = Vec::new();
    if let Some(address) = args.postgres {
        doors.push(postgres(address, args, common, &stores)?);
    }
    if let Some(address) = args.http {
        doors.push(pages::open(address, args, common, &stores)?);
    }
    let says: Vec<&str> = doors.iter().map(|door| door.says.as_str()).collect();
    out.text(format!("{}\nCtrl-C closes", says.join("\n")))?;
    out.document(&says)?;
    while !interrupt::happened() && !doors.iter().any(|door| door.thread.is_finished()) {
        std::thread::sleep(PATIENCE);
    }
    for door in &doors {
        door.is_over.store(true, Ordering::SeqCst);
    }
    for door in doors {
        if door.thread.join().is_err() {
            return Err(Failure::refused("a door stopped"));
        }
    }
    patience.end()
}

#[cfg(feature = "sql")]
use postgres::open as postgres;

/// What `--postgres` says in a program without the SQL engine.
#[cfg(not(feature = "sql"))]
fn postgres(_: std::net::SocketAddr, _: &ServeArgs, _: &Common, _: &Arc<Stores>) -> Result<Open, Failure> {
    Err(Failure::refused("this program was built without the SQL engine, which --postgres needs")
        .fix("build it with the feature sql, which is on by default: cargo build --release"))
}
