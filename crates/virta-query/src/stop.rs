//! Makes long steps of a plan end soon after a query is stopped.
//!
//! A task that is aborted ends where it waits. A join of everything with everything, or one that finds nothing, works
//! for minutes without waiting: such a step is made to wait after each batch, and its condition fails once the query is
//! stopped.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, FieldRef, Schema};
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::ColumnarValue;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::utils::JoinFilter;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, NestedLoopJoinExecBuilder, SortMergeJoinExec,
};
use datafusion::physical_plan::unnest::UnnestExec;

use crate::error::Error;

/// Ends a query, also while it is read and planned. Cheap to share.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends the query soon: it fails with [`Error::Interrupted`].
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Ends the query when what this gives is dropped: for whoever waits for an answer and may be dropped meanwhile.
    #[must_use]
    pub fn when_dropped(&self) -> StopWhenDropped {
        StopWhenDropped(Some(self.clone()))
    }

    pub(crate) fn check(&self) -> Result<()> {
        match self.0.load(Ordering::Relaxed) {
            true => Err(DataFusionError::External(Box::new(Error::Interrupted))),
            false => Ok(()),
        }
    }
}

/// Ends a query when it is dropped; see [`Stop::when_dropped`].
#[derive(Debug)]
pub struct StopWhenDropped(Option<Stop>);

impl StopWhenDropped {
    /// Lets the query go on: its answer has come, and ends it itself when it is dropped.
    pub fn forget(mut self) {
        self.0 = None;
    }
}

impl Drop for StopWhenDropped {
    fn drop(&mut self) {
        if let Some(stop) = &self.0 {
            stop.now();
        }
    }
}

tokio::task_local! {
    /// Ends the query that is being planned.
    static PLANNED: Stop;
}

/// Plans, while [`check_planned`] looks at `stop`.
pub(crate) async fn planned<T>(stop: &Stop, work: impl Future<Output = T>) -> T {
    PLANNED.scope(stop.clone(), work).await
}

/// Fails once the query that is being planned was stopped.
pub(crate) fn check_planned() -> Result<()> {
    PLANNED.try_with(Stop::check).unwrap_or(Ok(()))
}

/// The plan with its long steps watched.
pub(crate) fn watched(plan: Arc<dyn ExecutionPlan>, stop: &Stop) -> Result<Arc<dyn ExecutionPlan>> {
    plan.transform_up(|plan| {
        if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
            let watched = match join.filter() {
                Some(filter) => {
                    let condition = Watched { inner: Arc::clone(filter.expression()), stop: stop.clone() };
                    let columns = filter.column_indices().to_vec();
                    let filter = JoinFilter::new(Arc::new(condition), columns, Arc::clone(filter.schema()));
                    Arc::new(NestedLoopJoinExecBuilder::from(join).with_filter(Some(filter)).build()?)
                        as Arc<dyn ExecutionPlan>
                }
                None => plan,
            };
            return Ok(Transformed::yes(Arc::new(CooperativeExec::new(watched)) as Arc<dyn ExecutionPlan>));
        }
        let is_long = plan.downcast_ref::<CrossJoinExec>().is_some()
            || plan.downcast_ref::<HashJoinExec>().is_some()
            || plan.downcast_ref::<SortMergeJoinExec>().is_some()
            || plan.downcast_ref::<UnnestExec>().is_some();
        Ok(match is_long {
            true => Transformed::yes(Arc::new(CooperativeExec::new(plan)) as Arc<dyn ExecutionPlan>),
            false => Transformed::no(plan),
        })
    })
    .data()
}

/// A condition that fails once the query is stopped.
#[derive(Debug)]
struct Watched {
    inner: Arc<dyn PhysicalExpr>,
    stop: Stop,
}

impl PartialEq for Watched {
    fn eq(&self, other: &Self) -> bool {
        self.inner.eq(&other.inner)
    }
}

impl Eq for Watched {}

impl Hash for Watched {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl PhysicalExpr for Watched {
    fn data_type(&self, input: &Schema) -> Result<DataType> {
        self.inner.data_type(input)
    }

    fn nullable(&self, input: &Schema) -> Result<bool> {
        self.inner.nullable(input)
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ColumnarValue> {
        self.stop.check()?;
        self.inner.evaluate(batch)
    }

    fn return_field(&self, input: &Schema) -> Result<FieldRef> {
        self.inner.return_field(input)
    }

    fn children(&self) -> Vec<&Arc<dyn PhysicalExpr>> {
        vec![&self.inner]
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn PhysicalExpr>>) -> Result<Arc<dyn PhysicalExpr>> {
        match children.into_iter().next() {
            Some(inner) => Ok(Arc::new(Watched { inner, stop: self.stop.clone() })),
            None => Ok(self),
        }
    }

    fn fmt_sql(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt_sql(f)
    }
}
