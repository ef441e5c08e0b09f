//! One worker as the coordinator sees it: reached, asked for its version, given a range.

use std::net::{IpAddr, ToSocketAddrs};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use datafusion::execution::TaskContext;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_distributed::grpc::{BoxCloneSyncChannel, create_worker_client};
use datafusion_distributed::{
    DistributedConfig, DistributedExt, ExecuteTaskRequest, GetWorkerInfoRequest, MaybeEncoded, ProducerHead,
    SetPlanRequest, TaskKey, WorkerChannel,
};
use futures::StreamExt;
use tokio_rustls::rustls;
use tonic::codegen::http::HeaderMap;
use tonic::transport::Endpoint;

use crate::error::Error;
use crate::frame::{Collector, Frame, request_hash};
use crate::limited::Limited;
use crate::limits::Limits;
use crate::part::Part;
use crate::plan::{Codec, FlowPass};
use crate::secret::Secret;

/// A worker that was named.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub address: String,
    endpoint: Endpoint,
    /// What the plan's messages carry as the worker's own address.
    uri: String,
    version: String,
    limits: Limits,
    context: Arc<TaskContext>,
}

/// Why a worker did not serve.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It may serve later, and others may now.
    Now(String),
    /// It never will, and whoever set it up must know.
    Never(Error),
}

/// How far one run of a range is.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub units: AtomicU64,
    pub bytes: AtomicU64,
}

impl Client {
    /// A worker at `host:port`, not reached yet. To be called where a runtime runs.
    pub(crate) fn new(address: &str, version: &str, secret: Option<&Secret>, limits: &Limits) -> Result<Self, Error> {
        let unfit = || Error::Address(address.to_owned());
        let (host, port) = address.rsplit_once(':').ok_or_else(unfit)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(unfit());
        }
        if secret.is_none() && !is_this_machine(address) {
            return Err(Error::NoSecret(address.to_owned()));
        }
        let uri = format!("{}://{address}", if secret.is_some() { "https" } else { "http" });
        let mut endpoint = Endpoint::from_shared(uri.clone()).map_err(|_| unfit())?;
        endpoint = endpoint
            .connect_timeout(limits.connect)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(limits.silence / 2)
            .keep_alive_timeout(limits.silence / 2)
            .http2_max_header_list_size(64 << 10);
        if let Some(secret) = secret {
            let tls = secret.of_client().timeout(limits.connect);
            endpoint = endpoint.tls_config(tls).map_err(|error| Error::Certificate(error.to_string()))?;
        }
        let codec = Codec { version: version.to_owned(), runner: None };
        let config = SessionConfig::new()
            .with_distributed_option_extension(DistributedConfig::default())
            .with_distributed_user_codec(codec);
        let context = SessionContext::new_with_config(config).task_ctx();
        let (address, version, limits) = (address.to_owned(), version.to_owned(), limits.clone());
        Ok(Client { address, endpoint, uri, version, limits, context })
    }

    /// Reaches the worker and asks for its version.
    pub(crate) async fn connect(&self) -> Result<Box<dyn WorkerChannel>, Fault> {
        let reached = tokio::time::timeout(self.limits.connect, self.handshake()).await;
        reached.unwrap_or_else(|_| Err(Fault::Now("it does not answer".to_owned())))
    }

    async fn handshake(&self) -> Result<Box<dyn WorkerChannel>, Fault> {
        let channel = self.endpoint.connect().await.map_err(|error| self.fault(&error))?;
        let mut channel = create_worker_client(BoxCloneSyncChannel::new(Limited(channel)));
        let info = channel.get_worker_info(GetWorkerInfoRequest {}).await.map_err(|error| self.fault(&error))?;
        if info.version != self.version {
            let (worker, ours) = (self.address.clone(), self.version.clone());
            let theirs: String = info.version.chars().filter(|c| !c.is_control()).take(100).collect();
            return Err(Fault::Never(Error::OtherVersion { worker, theirs, ours }));
        }
        Ok(channel)
    }

    /// Has the worker run a range, and gives it only when it is whole.
    pub(crate) async fn run(
        &self,
        key: &TaskKey,
        request: &Arc<[u8]>,
        buckets: Range<u32>,
        meter: &Meter,
    ) -> Result<Part, Fault> {
        let mut channel = self.connect().await?;
        let plan = Arc::new(FlowPass::new(Arc::clone(request), buckets.clone(), None));
        let target_worker_url = self.uri.parse().map_err(|_| Fault::Never(Error::Address(self.address.clone())))?;
        let task = SetPlanRequest {
            task_key: *key,
            task_count: 1,
            plan: MaybeEncoded::Decoded(plan),
            work_unit_feed_declarations: Vec::new(),
            target_worker_url,
            query_start_time_ns: 0,
        };
        let metrics = ExecutionPlanMetricsSet::new();
        let headers = HeaderMap::new;
        // The task lives as long as this stream and the one that it answers with.
        let nothing_more = futures::stream::pending().boxed();
        let set = channel.coordinator_channel(headers(), task, nothing_more, metrics.clone(), &self.context);
        let _task = self.in_time(set).await?;
        let execute = ExecuteTaskRequest {
            task_key: *key,
            target_partition_start: 0,
            target_partition_end: 1,
            producer_head: ProducerHead::None,
        };
        let streams = self.in_time(channel.execute_task(headers(), execute, metrics, &self.context)).await?;
        let [mut batches] = <[_; 1]>::try_from(streams).map_err(|_| Fault::Now("it gave no stream".to_owned()))?;

        let hash = request_hash(&self.version, request);
        let mut collector = Collector::new(hash, buckets, self.limits.range_bytes);
        let mut advanced = Instant::now();
        while let Some(batch) = self.in_silence(batches.next()).await? {
            let batch = batch.map_err(|error| self.fault(&error))?;
            for frame in Frame::of_batch(&batch).map_err(|wrong| Fault::Now(wrong.to_owned()))? {
                let (units, bytes) = (frame.units, collector.bytes());
                collector.add(frame).map_err(Fault::Now)?;
                let before = meter.units.fetch_max(units, Ordering::Relaxed);
                meter.bytes.store(collector.bytes(), Ordering::Relaxed);
                if units > before || collector.bytes() > bytes {
                    advanced = Instant::now();
                }
            }
            if advanced.elapsed() > self.limits.stall {
                return Err(Fault::Now(format!("it did not advance for {:.0?}", self.limits.stall)));
            }
        }
        collector.finish().map_err(Fault::Now)
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, datafusion::error::DataFusionError>>,
    ) -> Result<T, Fault> {
        self.in_silence(answer).await?.map_err(|error| self.fault(&error))
    }

    async fn in_silence<T>(&self, answer: impl Future<Output = T>) -> Result<T, Fault> {
        let answer = tokio::time::timeout(self.limits.silence, answer).await;
        answer.map_err(|_| Fault::Now(format!("it was silent for {:.0?}", self.limits.silence)))
    }

    /// What an error of the connection means. Only what whoever set the machines up can mend is for ever.
    fn fault(&self, error: &(dyn std::error::Error + 'static)) -> Fault {
        let mut innermost = error;
        let mut reason = None;
        let mut next = Some(error);
        while let Some(cause) = next {
            if let Some(tls) = of_tls(cause) {
                reason = Some(why_untrusted(tls));
            }
            innermost = cause;
            next = cause.source();
        }
        match reason.flatten() {
            Some(reason) => Fault::Never(Error::Untrusted { worker: self.address.clone(), reason: reason.to_owned() }),
            None => Fault::Now(innermost.to_string()),
        }
    }
}

/// Whether the address leads to this machine and nowhere else.
fn is_this_machine(address: &str) -> bool {
    let addresses = address.to_socket_addrs().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
    !addresses.is_empty() && addresses.iter().all(|address| is_loopback(address.ip()))
}

pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

fn of_tls<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    let within = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.downcast_ref::<rustls::Error>().or_else(|| within?.downcast_ref::<rustls::Error>())
}

/// Errors of encryption that come from how machines were set up; others come from a connection that broke.
fn why_untrusted(error: &rustls::Error) -> Option<&'static str> {
    match error {
        rustls::Error::InvalidCertificate(_) => Some("it holds another secret, or is no worker"),
        rustls::Error::InvalidMessage(_) => Some("it does not encrypt; start it with the secret"),
        rustls::Error::AlertReceived(_) => Some("it does not take the secret of this machine"),
        _ => None,
    }
}
