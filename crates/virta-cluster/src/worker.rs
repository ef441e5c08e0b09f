//! A machine that runs ranges for others.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use datafusion::common::exec_err;
use datafusion::execution::SessionState;
use datafusion_distributed::{
    DistributedExt, Worker, WorkerPlanRewriteEvent, WorkerPlanRewriteEventResponse, WorkerQueryContext,
};
use tokio::sync::Semaphore;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::Workload;
use crate::client::is_loopback;
use crate::error::Error;
use crate::pass::Runner;
use crate::plan::{Codec, FlowPass};
use crate::secret::Secret;

/// Bytes of a request with all around it, at most.
const MESSAGE_MAX: usize = 64 << 20;

/// What a worker serves.
#[derive(Clone)]
pub struct Serving {
    pub workload: Arc<dyn Workload>,
    /// The version of the program; coordinators of another are refused.
    pub version: String,
    /// What proves who connects, and encrypts. Without it only this machine can be listened to.
    pub secret: Option<Secret>,
    /// Ranges that run at once; others wait for their turn.
    pub at_once: usize,
    /// How often a range that has nothing to send says that it is there.
    pub alive_every: Duration,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving").field("version", &self.version).field("secret", &self.secret).finish_non_exhaustive()
    }
}

impl Serving {
    /// A worker that runs two ranges at once, so that one is computed while another is sent.
    pub fn new(workload: Arc<dyn Workload>, version: &str, secret: Option<Secret>) -> Self {
        Serving { workload, version: version.to_owned(), secret, at_once: 2, alive_every: Duration::from_secs(1) }
    }

    /// Begins to listen.
    ///
    /// # Errors
    /// [`Error::NoSecret`] for an address of other machines without a secret, [`Error::Listen`] when the address cannot be
    /// had.
    pub fn listen(&self, address: SocketAddr) -> Result<Listening, Error> {
        if self.secret.is_none() && !is_loopback(address.ip()) {
            return Err(Error::NoSecret(address.to_string()));
        }
        let failed = |source| Error::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Listening { listener, address })
    }
}

/// An address that is listened to.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listening {
    /// The address with the port that the system chose, where it was asked to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Runs ranges for whoever asks until `is_over` says that it is to end, which is asked so often. What is being run then is
/// told to stop.
///
/// # Errors
/// [`Error::System`] when the system gives no threads or the listener fails, [`Error::Certificate`] when nothing can be
/// encrypted with the secret.
pub fn serve_until(
    serving: &Serving,
    listening: Listening,
    every: Duration,
    is_over: impl Fn() -> bool,
) -> Result<(), Error> {
    let threads = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("virta-worker")
        .enable_all()
        .build()
        .map_err(Error::System)?;
    let served = threads.block_on(async {
        let worker = worker(serving)?;
        let over = async {
            while !is_over() {
                tokio::time::sleep(every).await;
            }
        };
        let mut server = Server::builder()
            // A coordinator that vanished without a word is noticed by these.
            .http2_keepalive_interval(Some(Duration::from_secs(5)))
            .http2_keepalive_timeout(Some(Duration::from_secs(5)))
            .max_concurrent_streams(64)
            .http2_max_header_list_size(64 << 10);
        if let Some(secret) = &serving.secret {
            let tls = secret.of_server().timeout(Duration::from_secs(5));
            server = server.tls_config(tls).map_err(|error| Error::Certificate(error.to_string()))?;
        }
        let listener = tokio::net::TcpListener::from_std(listening.listener).map_err(Error::System)?;
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        let service = worker.into_worker_server().max_decoding_message_size(MESSAGE_MAX);
        let served = server.add_service(service).serve_with_incoming(incoming);
        tokio::select! {
            served = served => served.map_err(|error| Error::System(std::io::Error::other(error))),
            () = over => Ok(()),
        }
    });
    threads.shutdown_timeout(Duration::from_secs(1));
    served
}

/// The worker service: plans of one node, which is a range of the workload, and no files that a plan could name.
fn worker(serving: &Serving) -> Result<Worker, Error> {
    let runner = Arc::new(Runner {
        workload: Arc::clone(&serving.workload),
        version: serving.version.clone(),
        places: Arc::new(Semaphore::new(serving.at_once.max(1))),
        alive_every: serving.alive_every,
    });
    let sessions = move |context: WorkerQueryContext| {
        let codec = Codec { version: runner.version.clone(), runner: Some(Arc::clone(&runner)) };
        async move {
            let only_ranges = |event: WorkerPlanRewriteEvent<'_>| {
                if !event.plan.is::<FlowPass>() {
                    return exec_err!("a worker runs ranges and nothing else");
                }
                Ok(WorkerPlanRewriteEventResponse::new(event.plan))
            };
            // What travels is written in few bytes already; to compress it once more takes longer than to send it.
            let builder = context.builder.with_distributed_user_codec(codec).with_distributed_compression(None)?;
            let state: SessionState = builder.with_distributed_worker_plan_rewrite_handler(only_ranges).build();
            Ok(state)
        }
    };
    Ok(Worker::from_session_builder(sessions).with_version(serving.version.clone()))
}
