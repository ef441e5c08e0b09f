//! Why there is no answer.

use std::fmt;
use std::net::SocketAddr;

/// Why a range could not be run, said by what ran it. It holds nothing that came from a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed(String);

impl Failed {
    /// A failure with its reason, a sentence.
    pub fn new(reason: impl fmt::Display) -> Self {
        Failed(reason.to_string())
    }

    /// Nobody waits for the answer any more.
    pub fn stopped() -> Self {
        Failed("it was stopped".to_owned())
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// Why a worker cannot serve, or why a coordinator has no whole answer.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An address that is none.
    #[error("{0} is no address of a worker: write host:port")]
    Address(String),
    /// A worker was named twice.
    #[error("{0} is named twice")]
    Twice(String),
    /// Other machines would be talked to without a secret.
    #[error("without a secret only this machine can be reached, and {0} is another")]
    NoSecret(String),
    /// An address cannot be listened to.
    #[error("cannot listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    /// A secret that is too easy to guess.
    #[error("the secret is too easy to guess: it needs 32 random bytes")]
    WeakSecret,
    /// No certificate could be made of the secret.
    #[error("no certificate could be made of the secret: {0}")]
    Certificate(String),
    /// A worker is of another version.
    #[error("worker {worker} is {theirs}, and this is {ours}: all machines need the same version")]
    OtherVersion { worker: String, theirs: String, ours: String },
    /// A worker does not hold the same secret, or one side has none.
    #[error("worker {worker} cannot be trusted: {reason}")]
    Untrusted { worker: String, reason: String },
    /// No worker could be reached.
    #[error("no worker can be reached: {0}")]
    Nobody(String),
    /// What no worker could do could not be done here either.
    #[error("{0}")]
    Here(Failed),
    /// Whoever asked could not use what came back.
    #[error("{0}")]
    Taken(Failed),
    /// Whoever asked wants no answer any more.
    #[error("interrupted")]
    Interrupted,
    /// The system gives no threads or sockets.
    #[error("cannot start: {0}")]
    System(std::io::Error),
}
