//! The server: what answers, on which addresses, until when.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware;

use crate::app::App;
use crate::gate;
use crate::house::House;
use crate::pages;
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

/// Answers until `stop` is ready; requests on their way are answered before.
///
/// # Errors
/// When the listener fails.
pub async fn serve<L>(listener: L, front: Front, stop: impl Future<Output = ()> + Send + 'static) -> std::io::Result<()>
where
    L: axum::serve::Listener,
    L::Addr: std::fmt::Debug,
{
    axum::serve(listener, front.router()).with_graceful_shutdown(stop).await
}
