//! A worker that answers what it should not.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use datafusion_distributed::{DistributedExt, Worker, WorkerQueryContext};
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use futures::TryStreamExt;
use tokio::sync::Semaphore;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::Secret;
use crate::frame::{self, Frame, Kind};
use crate::limited::MESSAGE_MAX;
use crate::pass::Runner;
use crate::plan::Codec;
use crate::tests::machines::{Machine, VERSION};
use crate::tests::toy::Toy;

/// What it does to its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rogue {
    AnswersTwice,
    SendsAPieceTwice,
    LeavesAPieceOut,
    SwapsPieces,
    ForgetsTheEnd,
    FlipsAByte,
    AnswersForOtherBuckets,
    AnswersAnotherRequest,
    SendsNothing,
    SendsALongMessage,
}

pub(crate) const ROGUES: [Rogue; 10] = [
    Rogue::AnswersTwice,
    Rogue::SendsAPieceTwice,
    Rogue::LeavesAPieceOut,
    Rogue::SwapsPieces,
    Rogue::ForgetsTheEnd,
    Rogue::FlipsAByte,
    Rogue::AnswersForOtherBuckets,
    Rogue::AnswersAnotherRequest,
    Rogue::SendsNothing,
    Rogue::SendsALongMessage,
];

impl Rogue {
    pub(crate) fn alter(self, mut frames: Vec<Frame>) -> Vec<Frame> {
        frames.retain(|frame| frame.kind != Kind::Alive);
        let last = frames.len().saturating_sub(2);
        match self {
            Rogue::AnswersTwice => frames.extend(frames.clone()),
            Rogue::SendsAPieceTwice => frames.insert(last, frames[last].clone()),
            Rogue::LeavesAPieceOut => drop(frames.remove(last)),
            Rogue::SwapsPieces => frames.swap(0, last + 1),
            Rogue::ForgetsTheEnd => drop(frames.pop()),
            Rogue::FlipsAByte => frames[last].flip(4),
            Rogue::SendsALongMessage => frames[last].bytes = vec![0; MESSAGE_MAX as usize + 1].into(),
            Rogue::AnswersForOtherBuckets => {
                frames.iter_mut().for_each(|frame| frame.buckets = frame.buckets.start + 1..frame.buckets.end + 1);
            }
            Rogue::AnswersAnotherRequest => frames.iter_mut().for_each(|frame| frame.request[5] ^= 1),
            Rogue::SendsNothing => frames.clear(),
        }
        frames
    }

    /// A worker that does so with every range.
    pub(crate) fn start(self, secret: &Secret) -> Machine {
        let listener = std::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let tls = secret.of_server();
        Machine::on_thread(address, move |is_over| {
            let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            threads.block_on(async {
                let runner = Arc::new(Runner {
                    workload: Arc::new(Toy::default()),
                    version: VERSION.to_owned(),
                    places: Arc::new(Semaphore::new(2)),
                    alive_every: Duration::from_millis(50),
                });
                let sessions = move |context: WorkerQueryContext| {
                    let honest = Codec { version: VERSION.to_owned(), runner: Some(Arc::clone(&runner)) };
                    let codec = RogueCodec { honest, rogue: self };
                    let plain = context.builder.with_distributed_user_codec(codec).with_distributed_compression(None);
                    async move { Ok(plain?.build()) }
                };
                let worker = Worker::from_session_builder(sessions).with_version(VERSION);
                let incoming = TcpIncoming::from(tokio::net::TcpListener::from_std(listener).unwrap());
                let mut server = Server::builder().tls_config(tls).unwrap();
                let served = server.add_service(worker.into_worker_server()).serve_with_incoming(incoming);
                let over = async {
                    while !is_over.load(Ordering::SeqCst) {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                };
                tokio::select! { served = served => served.unwrap(), () = over => {} }
            });
            threads.shutdown_timeout(Duration::from_secs(1));
        })
    }
}

#[derive(Debug)]
struct RogueCodec {
    honest: Codec,
    rogue: Rogue,
}

impl PhysicalExtensionCodec for RogueCodec {
    fn try_decode(
        &self,
        buffer: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let honest = self.honest.try_decode(buffer, inputs, context, converter)?;
        Ok(Arc::new(RoguePass { honest, rogue: self.rogue }))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buffer: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        self.honest.try_encode(node, buffer, converter)
    }
}

#[derive(Debug)]
struct RoguePass {
    honest: Arc<dyn ExecutionPlan>,
    rogue: Rogue,
}

impl DisplayAs for RoguePass {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl ExecutionPlan for RoguePass {
    fn name(&self) -> &str {
        "RoguePass"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.honest.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let honest = self.honest.execute(partition, context)?;
        let rogue = self.rogue;
        let altered = async move {
            let batches: Vec<RecordBatch> = honest.try_collect().await?;
            let frames = batches.iter().flat_map(|batch| Frame::of_batch(batch).unwrap()).collect();
            let altered: Vec<Result<RecordBatch>> =
                rogue.alter(frames).iter().map(|frame| Ok(frame.to_batch().unwrap())).collect();
            Ok::<_, DataFusionError>(futures::stream::iter(altered))
        };
        let batches = futures::stream::once(altered).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(frame::schema(), Box::pin(batches))))
    }
}
