//! `virta open`: the pages in a browser on this machine, for one person who may see rows.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use virta_front::{Front, random_token, serve};

use crate::args::{Common, OpenArgs};
use crate::failure::Failure;
use crate::interrupt;
use crate::output::Output;
use crate::region::Region;

/// What a question in SQL may take.
const QUESTION_TIME: Duration = Duration::from_secs(300);
/// How long a Ctrl-C may go unnoticed that came while something was put in its place.
const PATIENCE: Duration = Duration::from_millis(50);

pub(crate) fn run(args: &OpenArgs, common: &Common, out: &mut Output) -> Result<(), Failure> {
    super::use_threads(common)?;
    let key = super::key_path(&args.store, args.key.as_deref());
    // It outlives what serves it: an engine for questions must not end among those who wait for it.
    let region = Arc::new(Region::open(&args.store, key, &args.pages, common, QUESTION_TIME)?);
    let threads = common.threads().unwrap_or(2).clamp(1, 4);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    let runtime = runtime.map_err(|error| failed(&error))?;
    runtime.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|error| failed(&error))?;
        let address = listener.local_addr().map_err(|error| failed(&error))?;
        let token = random_token().map_err(|error| failed(&error))?;
        let url = format!("http://{address}/?token={token}");
        let front = Front::for_one(Arc::clone(&region) as _, token, address);
        let front = front.map_err(|error| Failure::refused(error.to_string()))?;
        out.document(&Address { address: url.clone() })?;
        out.text(format!("Open this address in a browser; it works once. Ctrl-C ends it.\n  {url}"))?;
        if !args.no_browser && !out.is_json() {
            browse(&url);
        }
        // Ctrl-C ends the process, and with it everything that the token opened. One that came while a study or a release was
        // put in its place is only noted, and ends the pages here.
        let interrupted = async {
            while !interrupt::happened() {
                tokio::time::sleep(PATIENCE).await;
            }
        };
        tokio::select! {
            served = serve(listener, front, std::future::pending()) => served.map_err(|error| failed(&error)),
            () = interrupted => Err(Failure::Interrupted),
        }
    })
}

/// Where the pages are, for programs.
#[derive(Serialize)]
struct Address {
    address: String,
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::refused(format!("cannot serve pages: {error}")).fix("choose another --port")
}

/// Asks the desktop to show an address; where there is none, the printed address is enough.
fn browse(url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = Command::new(opener).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
