//! Statements that several machines answer together.
//!
//! Both sides plan the same statement over the same snapshot, so that no plan has to travel: the machine that is asked
//! looks for the steps whose rows over all buckets are their rows over ranges of buckets put together, gives each of them
//! a number, and has the workers find the step of that number in their own plan and run it for the clients of some
//! buckets. Whether both mean the same step is told by the text of its plan. Everything above runs where it was asked.
//!
//! - [`kinds`]: which steps can be run by ranges of buckets, and [`exact`] which sums may leave a machine half-done.
//! - [`cuts`]: which of these steps are worth it.
//! - [`from_workers`]: what stands in the place of such a step.
//! - [`ranges`]: a plan that reads some of the buckets only.
//! - [`run`]: what a worker does.

mod cuts;
mod exact;
mod from_workers;
mod kinds;
mod ranges;
mod run;
mod text;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::catalog::default_table_source::source_as_provider;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::execution::context::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::ExecutionPlan;

use crate::host::Hosted;
use crate::prepared::Bound;
use crate::table::StoreTable;

/// What stands in a plan's text where workers run what is below.
pub(crate) const SHARED: &str = "FromWorkers: ";

/// A step of a statement's plan, to be run for the clients of some buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    pub statement: String,
    /// The values of the statement's parameters, `$1` first.
    pub values: Vec<Bound>,
    /// When the statement began, in nanoseconds since 1970: what `now()` says.
    pub began_ns: i64,
    /// Whether codes are planned as plain texts.
    pub is_plain: bool,
    /// The step's place among those that are shared.
    pub number: usize,
    /// The step's plan as text, by which both sides know that they mean the same.
    pub plan: String,
}

/// Other machines that see the same stores and run shares of statements.
pub trait Workers: fmt::Debug + Send + Sync {
    /// Has a share run for all buckets. `take` is given the rows of range after range, in order, and says whether it wants
    /// more; `is_stopped` is asked some times a second whether nobody wants the answer any more. It is called on a thread
    /// that may wait.
    ///
    /// # Errors
    /// Why the rest of the buckets was not run by anybody. The rows that were given before count, and the machine that was
    /// asked runs the rest.
    fn run(
        &self,
        share: &Share,
        is_stopped: &dyn Fn() -> bool,
        take: &mut dyn FnMut(Range<u32>, Vec<RecordBatch>) -> bool,
    ) -> Result<(), String>;
}

/// What is known of a statement while it is planned for several machines.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) statement: String,
    pub(crate) values: Vec<Bound>,
    pub(crate) began_ns: i64,
    pub(crate) is_plain: bool,
    pub(crate) buckets: u32,
    /// Who runs shares; nobody on a worker, which plans only to find its own.
    pub(crate) workers: Option<Arc<dyn Workers>>,
}

impl Shared {
    /// A statement that began with a state, and its parameters' values.
    pub(crate) fn new(
        state: &SessionState,
        (statement, values): (&str, &[Bound]),
        buckets: u32,
        workers: Arc<dyn Workers>,
    ) -> Option<Self> {
        let began_ns = state.execution_props().query_execution_start_time?.timestamp_nanos_opt()?;
        let (statement, values) = (statement.to_owned(), values.to_vec());
        Some(Shared { statement, values, began_ns, is_plain: false, buckets, workers: Some(workers) })
    }

    /// The same with codes as plain texts.
    pub(crate) fn over_plain_texts(self) -> Self {
        Shared { is_plain: true, ..self }
    }

    fn share(&self, number: usize, plan: String) -> Share {
        let Shared { statement, values, began_ns, is_plain, .. } = self.clone();
        Share { statement, values, began_ns, is_plain, number, plan }
    }
}

tokio::task_local! {
    /// The statement that is being planned for several machines.
    static PLANNED: Arc<Shared>;
}

/// Plans for several machines, if it is to be.
pub(crate) async fn planned<T>(shared: Option<Arc<Shared>>, work: impl Future<Output = T>) -> T {
    match shared {
        Some(shared) => PLANNED.scope(shared, work).await,
        None => work.await,
    }
}

/// Whether what is being planned is for several machines.
pub(crate) fn is_planned() -> bool {
    PLANNED.try_with(|_| ()).is_ok()
}

/// Has a statement say that it began then.
fn begin_at(state: &mut SessionState, began_ns: i64) {
    let at = arrow::temporal_conversions::timestamp_ns_to_datetime(began_ns);
    state.execution_props_mut().query_execution_start_time = at.map(|at| at.and_utc());
}

/// Whether every machine that sees the store reads the same as this one: tables of the store and of its studies, and
/// functions that are part of the program.
pub(crate) fn is_known_everywhere(plan: &LogicalPlan) -> Result<bool> {
    let mut is_known = true;
    plan.apply_with_subqueries(|plan| {
        if let LogicalPlan::TableScan(scan) = plan {
            is_known &= source_as_provider(&scan.source)?.downcast_ref::<StoreTable>().is_some();
        }
        plan.apply_expressions(|expr| {
            is_known &= !expr.exists(|expr| Ok(is_of_host(expr)))?;
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(if is_known { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(is_known)
}

fn is_of_host(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarFunction(function) if function.func.inner().downcast_ref::<Hosted>().is_some())
}

/// Puts what workers answer in the place of steps that they can run, in statements that are planned for several machines.
/// It comes after every rule that changes a plan.
#[derive(Debug)]
pub(crate) struct ByWorkers;

impl PhysicalOptimizerRule for ByWorkers {
    fn optimize(&self, plan: Arc<dyn ExecutionPlan>, config: &ConfigOptions) -> Result<Arc<dyn ExecutionPlan>> {
        match PLANNED.try_with(Arc::clone) {
            Ok(shared) => cuts::shared(plan, &shared, config),
            Err(_) => Ok(plan),
        }
    }

    fn name(&self) -> &str {
        "by_workers"
    }

    fn schema_check(&self) -> bool {
        true
    }
}
