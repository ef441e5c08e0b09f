//! A range as a plan with one node, and how it travels.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Result, exec_err, internal_err};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, Partitioning, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use futures::StreamExt;

use crate::frame;
use crate::pass::Runner;

/// What a plan that travels begins with.
const MAGIC: &[u8; 8] = b"virta-r1";

/// A leaf that runs a request for a range of buckets and gives its frames.
#[derive(Debug)]
pub(crate) struct FlowPass {
    request: Arc<[u8]>,
    buckets: Range<u32>,
    /// On a worker, what runs it.
    runner: Option<Arc<Runner>>,
    properties: Arc<PlanProperties>,
}

impl FlowPass {
    pub(crate) fn new(request: Arc<[u8]>, buckets: Range<u32>, runner: Option<Arc<Runner>>) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(frame::schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        FlowPass { request, buckets, runner, properties }
    }
}

impl DisplayAs for FlowPass {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FlowPass: buckets {:?}", self.buckets)
    }
}

impl ExecutionPlan for FlowPass {
    fn name(&self) -> &str {
        "FlowPass"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
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

    fn execute(&self, _: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let Some(runner) = &self.runner else { return exec_err!("a range runs on workers only") };
        let frames = Arc::clone(runner).frames(Arc::clone(&self.request), self.buckets.clone());
        let batches = frames.map(|frame| Ok(frame.to_batch()?));
        Ok(Box::pin(RecordBatchStreamAdapter::new(frame::schema(), Box::pin(batches))))
    }
}

/// Writes and reads [`FlowPass`]: which version wrote it, the range, the request.
#[derive(Debug)]
pub(crate) struct Codec {
    pub version: String,
    /// On a worker, what runs what was read.
    pub runner: Option<Arc<Runner>>,
}

impl PhysicalExtensionCodec for Codec {
    fn try_decode(
        &self,
        buffer: &[u8],
        _: &[Arc<dyn ExecutionPlan>],
        _: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some(read) = read(buffer) else { return exec_err!("this is no range of a request") };
        // A worker may have been replaced since the handshake.
        if read.version != self.version.as_bytes() {
            return exec_err!("the worker is {}, which is another version", self.version);
        }
        Ok(Arc::new(FlowPass::new(read.request.into(), read.buckets, self.runner.clone())))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buffer: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        let Some(pass) = node.downcast_ref::<FlowPass>() else { return internal_err!("{} is no range", node.name()) };
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&pass.buckets.start.to_le_bytes());
        buffer.extend_from_slice(&pass.buckets.end.to_le_bytes());
        buffer.extend_from_slice(&(self.version.len() as u64).to_le_bytes());
        buffer.extend_from_slice(self.version.as_bytes());
        buffer.extend_from_slice(&pass.request);
        Ok(())
    }
}

struct Read<'a> {
    version: &'a [u8],
    buckets: Range<u32>,
    request: &'a [u8],
}

fn read(buffer: &[u8]) -> Option<Read<'_>> {
    let rest = buffer.strip_prefix(MAGIC)?;
    let (start, rest) = rest.split_first_chunk()?;
    let (end, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (version, request) = rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    let buckets = u32::from_le_bytes(*start)..u32::from_le_bytes(*end);
    (!buckets.is_empty()).then_some(Read { version, buckets, request })
}
