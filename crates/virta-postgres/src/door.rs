//! A door: what it leads to, what it lets through, and what all its connections share.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use virta_query::Engine;

use crate::arrivals::Arrivals;
use crate::cancel::Cancels;
use crate::host::Host;

/// What a door lets through.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// People who are in at the same time.
    pub connections: usize,
    /// Connections that are logging in at the same time; when there are more, the oldest of them ends.
    pub logins: usize,
    /// From the first byte to being in.
    pub login_time: Duration,
    /// From the beginning of a statement to its last row.
    pub statement_time: Duration,
    /// Without a message.
    pub idle_time: Duration,
    /// Bytes of one message.
    pub message_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 200,
            logins: 200,
            login_time: Duration::from_secs(10),
            statement_time: Duration::from_secs(30 * 60),
            idle_time: Duration::from_secs(2 * 60 * 60),
            message_bytes: 16 << 20,
        }
    }
}

/// Why a door cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DoorError {
    /// Nothing can listen at the address.
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    /// Passwords and rows would travel readable.
    #[error("{0} can be reached from other machines, so connections must be encrypted")]
    Unencrypted(SocketAddr),
    /// The certificate or its key cannot be used.
    #[error("the certificate and its key cannot be used: {0}")]
    Tls(String),
}

pub(crate) struct Tls {
    pub settings: Arc<ServerConfig>,
    /// The certificate as text, to which logins are bound.
    pub certificate: Vec<u8>,
}

/// Tells a door to close, and everybody who holds it that it did.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Sender<bool>);

impl Default for Shutdown {
    fn default() -> Self {
        Shutdown(watch::Sender::new(false))
    }
}

impl Shutdown {
    pub(crate) fn now(&self) {
        self.0.send_replace(true);
    }

    /// Ends when the door is to close.
    pub(crate) async fn told(&self) {
        // The sender is held here, so that it cannot be gone.
        let _ = self.0.subscribe().wait_for(|is_now| *is_now).await;
    }
}

/// A door that listens.
pub struct Door {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) limits: Limits,
    pub(crate) tls: Option<Tls>,
    pub(crate) cancels: Cancels,
    pub(crate) shutdown: Shutdown,
    /// One permit for each who may be in.
    pub(crate) inside: Arc<Semaphore>,
    pub(crate) arrivals: Arrivals,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Door {
    /// A door to a host's stores, whose statements run on an engine.
    pub fn new(host: Arc<dyn Host>, engine: Arc<Engine>, limits: Limits) -> Self {
        Door {
            host,
            engine,
            limits,
            tls: None,
            cancels: Cancels::default(),
            shutdown: Shutdown::default(),
            inside: Arc::new(Semaphore::new(limits.connections)),
            arrivals: Arrivals::new(limits.logins),
        }
    }

    /// Takes encrypted connections only, by a certificate and its key (PEM files).
    ///
    /// # Errors
    /// [`DoorError::Tls`] when they cannot be read or do not belong together.
    pub fn with_tls(mut self, certificate: &Path, key: &Path) -> Result<Self, DoorError> {
        let unfit = |error: &dyn fmt::Display| DoorError::Tls(error.to_string());
        let text = std::fs::read(certificate).map_err(|error| unfit(&error))?;
        let chain =
            CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().map_err(|error| unfit(&error))?;
        // What a parser says of a key could hold some of it.
        let key = PrivateKeyDer::from_pem_file(key).map_err(|_| unfit(&"the key file holds no private key"))?;
        let settings = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|settings| settings.with_no_client_auth().with_single_cert(chain, key));
        let settings = Arc::new(settings.map_err(|error| unfit(&error))?);
        self.tls = Some(Tls { settings, certificate: text });
        Ok(self)
    }
}
