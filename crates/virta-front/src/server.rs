//! The server: what answers, on which addresses, until when.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, watch};

use crate::app::App;
use crate::gate;
use crate::house::House;
use crate::pages;
use crate::patient::Patient;
use crate::session::{Login, Sessions};

/// A front, ready to answer.
#[derive(Clone)]
pub struct Front {
    app: App,
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("hosts", &self.app.hosts).finish_non_exhaustive()
    }
}

impl Front {
    /// A front for one person on this machine: `token` lets one browser in, once. `address` is where it listens.
    ///
    /// # Errors
    /// When a template is broken, which a test rules out.
    pub fn for_one(house: Arc<dyn House>, token: String, address: SocketAddr) -> Result<Self, minijinja::Error> {
        let port = address.port();
        let hosts = vec![format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
        Ok(Front { app: App::new(house, Sessions::with_token(token), hosts, false, None)? })
    }

    /// A front for several people who enter by name and password. `hosts` are the names by which they ask, with the port where it is
    /// not the usual one; `is_secure` says that only TLS leads here.
    ///
    /// # Errors
    /// When a template is broken, which a test rules out.
    pub fn for_several(
        house: Arc<dyn House>,
        login: Arc<dyn Login>,
        hosts: Vec<String>,
        is_secure: bool,
    ) -> Result<Self, minijinja::Error> {
        Ok(Front { app: App::new(house, Sessions::default(), hosts, is_secure, Some(login))? })
    }

    /// What answers requests.
    pub(crate) fn router(&self) -> Router {
        let app = self.app.clone();
        pages::router().layer(middleware::from_fn_with_state(app.clone(), gate::pass)).with_state(app)
    }
}

/// How long somebody may take to say what is asked for; a browser that is silent between two questions asks anew.
const HEAD: Duration = Duration::from_secs(15);
/// How long somebody may take nothing of an answer.
const STANDING: Duration = Duration::from_secs(60);
/// How long requests on their way are waited for when the server closes.
const GRACE: Duration = Duration::from_secs(10);
/// Connections at most, where the system allows so many open files.
const CONNECTIONS_MAX: usize = 2_000;
/// Open files that the store and everything else may need beside connections.
const OTHER_FILES: usize = 256;

/// Answers until `stop` is ready; requests on their way are answered before, for ten seconds at most.
///
/// There are so many connections at once and no more: the next one waits until another ends. Whoever does not say what is
/// asked for, or takes nothing of the answer, is left.
///
/// # Errors
/// None today: a listener that fails for a moment is asked again.
pub async fn serve<L>(
    mut listener: L,
    front: Front,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    let service = TowerToHyperService::new(front.router());
    let connections = Arc::new(Semaphore::new(connections_max()));
    let (over, is_over) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&connections).acquire_owned().await;
            (place, listener.accept().await.0)
        };
        let (place, connection) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let (service, mut is_over) = (service.clone(), is_over.clone());
        tokio::spawn(async move {
            let _place = place;
            let io = TokioIo::new(Patient::new(connection, STANDING));
            let mut http = http1::Builder::new();
            let answering = http.timer(TokioTimer::new()).header_read_timeout(HEAD).serve_connection(io, service);
            let mut answering = std::pin::pin!(answering);
            tokio::select! {
                // What ends a connection early is the other end's affair.
                _ = answering.as_mut() => return,
                _ = is_over.changed() => answering.as_mut().graceful_shutdown(),
            }
            let _ = answering.await;
        });
    }
    drop(is_over);
    let _ = over.send(true);
    let _ = tokio::time::timeout(GRACE, over.closed()).await;
    Ok(())
}

/// As many connections as the system's limit of open files leaves room for.
fn connections_max() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let files = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse().ok());
    CONNECTIONS_MAX.min(files.unwrap_or(CONNECTIONS_MAX).saturating_sub(OTHER_FILES).max(64))
}
