//! The listener: who gets a connection, and when a door closes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::connection::Connection;
use crate::door::{Door, DoorError};
use crate::error::Refusal;
use crate::login::login;
use crate::wire::Out;

/// An address that is listened to.
#[derive(Debug)]
pub struct Listening {
    listener: std::net::TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// The address with the port that the system chose, where it was asked to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Lets people in on threads of its own until `is_over` says that it is to close, which is asked so often. Then what is
/// being answered ends.
pub fn serve_until(door: Door, listening: Listening, every: Duration, is_over: impl Fn() -> bool) {
    let threads = tokio::runtime::Builder::new_multi_thread().thread_name("virta-postgres").enable_all().build();
    let Ok(threads) = threads else { return };
    // The engine's own threads end after those that ask it.
    let engine = Arc::clone(&door.engine);
    threads.block_on(async {
        let Ok(listener) = TcpListener::from_std(listening.listener) else { return };
        let door = Arc::new(door);
        let closes = door.shutdown.clone();
        let serving = tokio::spawn(door.serve(listener));
        while !is_over() && !serving.is_finished() {
            tokio::time::sleep(every).await;
        }
        closes.now();
        // What went wrong within is told to those whom it went wrong for.
        let _ = serving.await;
    });
    threads.shutdown_timeout(Duration::from_secs(1));
    drop(engine);
}

impl Door {
    /// Begins to listen. Without encryption only this machine can be listened to.
    ///
    /// # Errors
    /// [`DoorError::Unencrypted`] for an address of other machines without a certificate, [`DoorError::Listen`] when the
    /// address cannot be had.
    pub fn listen(&self, address: SocketAddr) -> Result<Listening, DoorError> {
        if self.tls.is_none() && !address.ip().is_loopback() {
            return Err(DoorError::Unencrypted(address));
        }
        let failed = |source| DoorError::Listen { address, source };
        let listener = std::net::TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Listening { listener, address })
    }

    /// Lets people in until it is told to close; then everybody's statements end.
    async fn serve(self: Arc<Self>, listener: TcpListener) {
        let mut connections = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                () = self.shutdown.told() => break,
                accepted = listener.accept() => match accepted {
                    Ok((tcp, _)) => {
                        connections.spawn(Arc::clone(&self).admit(tcp));
                    }
                    // Out of sockets: those that are open go on, and soon there are others.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        let end = async { while connections.join_next().await.is_some() {} };
        // Who does not end by then ends with the program.
        let _ = tokio::time::timeout(Duration::from_secs(2), end).await;
    }

    async fn admit(self: Arc<Self>, tcp: TcpStream) {
        // Without it small answers wait for more to send.
        let _ = tcp.set_nodelay(true);
        let arrival = self.arrivals.arrive();
        let entered = tokio::select! {
            entered = tokio::time::timeout(self.limits.login_time, login(tcp, &self)) => entered,
            () = arrival.has_to_go() => return,
            () = self.shutdown.told() => return,
        };
        drop(arrival);
        let Ok(Some(entered)) = entered else { return };
        let Ok(_inside) = Arc::clone(&self.inside).try_acquire_owned() else {
            let mut out = Out::default();
            out.error(&Refusal::fatal("53300", "too many people are connected"));
            let mut stream = entered.stream;
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &out.0).await;
            return;
        };
        Connection::run(&self, entered).await;
    }
}
