//! Connections that are encrypted before a request is read.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// How long somebody may take to agree on a key.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that wait for their first request at most.
const WAITING_MAX: usize = 64;

/// A listener whose connections are encrypted. Those who are slow to agree on a key keep nobody else waiting.
#[derive(Debug)]
pub struct Encrypted {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Encrypted {
    /// Encrypts what a listener takes with a certificate and its private key, both PEM files. To be called where a runtime runs.
    ///
    /// # Errors
    /// Files that cannot be read or do not belong together.
    pub fn new(listener: TcpListener, certificate: &Path, key: &Path) -> std::io::Result<Self> {
        let chain = CertificateDer::pem_file_iter(certificate).map_err(std::io::Error::other)?;
        let chain = chain.collect::<Result<Vec<_>, _>>().map_err(std::io::Error::other)?;
        let key = PrivateKeyDer::from_pem_file(key).map_err(std::io::Error::other)?;
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key);
        let acceptor = TlsAcceptor::from(Arc::new(config.map_err(std::io::Error::other)?));
        let address = listener.local_addr()?;
        let (send, ready) = mpsc::channel(WAITING_MAX);
        tokio::spawn(async move {
            while !send.is_closed() {
                let Ok((stream, from)) = listener.accept().await else {
                    // Out of handles, most likely: others will close theirs.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let (acceptor, send) = (acceptor.clone(), send.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        // Nobody waits for it any more when the server is closing.
                        let _ = send.send((stream, from)).await;
                    }
                });
            }
        });
        Ok(Encrypted { address, ready })
    }
}

impl axum::serve::Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}
