//! Which steps are worth to be run by workers, and what stands in their place.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, Partitioning};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::sanity_checker::SanityCheckPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::recursive_query::RecursiveQueryExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{
    ChildrenPropertiesMode, ExecutionPlan, ExecutionPlanProperties, ReplaceChildrenOptions,
};

use super::Shared;
use super::from_workers::FromWorkers;
use super::kinds::{Kind, Looked, passes_on};
use crate::scan::StoreScan;

/// The plan with the steps that workers run replaced; as it is where there is none.
pub(super) fn shared(
    plan: Arc<dyn ExecutionPlan>,
    shared: &Arc<Shared>,
    config: &ConfigOptions,
) -> Result<Arc<dyn ExecutionPlan>> {
    let looked = Looked::at(&plan)?;
    let mut cuts = Cuts { shared, count: 0 };
    let above = Above { is_limited: false, is_topped: false, takes_any: true, needs_order: true };
    let Some(cut) = cuts.below(&plan, &looked, above)? else { return Ok(plan) };
    // What a step needs of the order and place of its rows is the engine's to say.
    let is_sound = SanityCheckPlan::new().optimize(Arc::clone(&cut), config).is_ok() && cut.schema() == plan.schema();
    Ok(if is_sound { cut } else { plan })
}

/// What stands above a step.
#[derive(Debug, Clone, Copy)]
struct Above {
    /// Something may end the rows early: then few of them are ever worked out.
    is_limited: bool,
    /// Only the first rows in an order are kept: where they are read, most are passed over at once.
    is_topped: bool,
    /// It takes rows from wherever they come.
    takes_any: bool,
    /// The order of the rows may matter to it.
    needs_order: bool,
}

struct Cuts<'a> {
    shared: &'a Arc<Shared>,
    count: usize,
}

impl Cuts<'_> {
    /// The plan with its cuts, `None` where it has none.
    fn below(
        &mut self,
        plan: &Arc<dyn ExecutionPlan>,
        looked: &Looked,
        above: Above,
    ) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        if let Kind::ByBucket { clients, may_leave: true, is_fewer: true } = &looked.kind
            && !looked.is_sorted
            && !above.is_limited
            && !(above.is_topped && only_picks(plan))
            && !passes_on(plan)
            && reads_much(plan)
        {
            let leaf = FromWorkers::new(Arc::clone(plan), self.count, in_order(plan, clients), self.shared)?;
            self.count += 1;
            return placed(Arc::new(leaf), plan, above).map(Some);
        }
        // It runs what is below it again and again.
        if plan.downcast_ref::<RecursiveQueryExec>().is_some() {
            return Ok(None);
        }
        let spreads = plan.downcast_ref::<RepartitionExec>().map(|spread| !spread.preserve_order());
        let gathers = plan.downcast_ref::<CoalescePartitionsExec>().is_some();
        let above = Above {
            is_limited: (plan.fetch().is_some() || above.is_limited) && !needs_all(plan),
            is_topped: is_top(plan) || (above.is_topped && picks(plan)),
            takes_any: spreads.is_some() || gathers || plan.downcast_ref::<SortPreservingMergeExec>().is_some(),
            needs_order: !(spreads == Some(true) || gathers),
        };
        let mut is_cut = false;
        let mut children = Vec::with_capacity(looked.children.len());
        for (child, looked) in plan.children().into_iter().zip(&looked.children) {
            let cut = self.below(child, looked, above)?;
            is_cut |= cut.is_some();
            children.push(cut.unwrap_or_else(|| Arc::clone(child)));
        }
        let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        is_cut.then(|| Arc::clone(plan).replace_children(children, options)).transpose()
    }
}

/// Whether a step reads all that is below it before it gives a row.
fn needs_all(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let is_last = |aggregate: &AggregateExec| *aggregate.mode() != AggregateMode::Partial;
    plan.downcast_ref::<SortExec>().is_some() || plan.downcast_ref::<AggregateExec>().is_some_and(is_last)
}

fn is_top(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.fetch().is_some() && plan.downcast_ref::<SortExec>().is_some()
}

/// Whether a step picks rows and columns, and works out nothing from several rows.
fn picks(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<StoreScan>().is_some()
        || plan.downcast_ref::<FilterExec>().is_some()
        || plan.downcast_ref::<ProjectionExec>().is_some()
        || passes_on(plan)
}

fn only_picks(plan: &Arc<dyn ExecutionPlan>) -> bool {
    picks(plan) && plan.children().into_iter().all(only_picks)
}

/// Whether more than one file is read: a client's own rows are there sooner than a worker is asked.
fn reads_much(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let here = plan.downcast_ref::<StoreScan>().is_some_and(|scan| scan.file_count() > 1);
    here || plan.children().into_iter().any(reads_much)
}

/// The orders that a step's rows are in over all buckets: by client, as buckets come one after another.
fn in_order(plan: &Arc<dyn ExecutionPlan>, clients: &BTreeSet<usize>) -> Vec<LexOrdering> {
    let is_client = |ordering: &LexOrdering| {
        let first = ordering.first();
        let at = first.expr.downcast_ref::<Column>().map(Column::index);
        !first.options.descending && at.is_some_and(|at| clients.contains(&at))
    };
    let by_client = match plan.output_partitioning() {
        Partitioning::Range(range) => is_client(range.ordering()),
        partitioning => partitioning.partition_count() == 1,
    };
    let known = plan.equivalence_properties().oeq_class();
    known.iter().filter(|ordering| by_client && is_client(ordering)).cloned().collect()
}

/// The leaf in the place of a step, with its rows spread and sorted as the step's were.
fn placed(leaf: Arc<FromWorkers>, step: &Arc<dyn ExecutionPlan>, above: Above) -> Result<Arc<dyn ExecutionPlan>> {
    let partitioning = step.output_partitioning();
    let spread = match partitioning {
        _ if above.takes_any || partitioning.partition_count() == 1 => leaf as Arc<dyn ExecutionPlan>,
        Partitioning::Hash(..) | Partitioning::Range(_) => {
            Arc::new(RepartitionExec::try_new(leaf, partitioning.clone())?)
        }
        other => Arc::new(RepartitionExec::try_new(leaf, Partitioning::RoundRobinBatch(other.partition_count()))?),
    };
    let Some(ordering) = step.output_ordering().filter(|_| above.needs_order) else { return Ok(spread) };
    // Steps above may count on the order without saying so.
    Ok(match spread.equivalence_properties().ordering_satisfy(ordering.clone())? {
        true => spread,
        false => Arc::new(SortExec::new(ordering.clone(), spread).with_preserve_partitioning(true)),
    })
}
