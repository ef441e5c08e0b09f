//! Which steps of a plan can be run by ranges of buckets.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::common::JoinType;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CaseExpr, CastExpr, Column, DynamicFilterPhysicalExpr, InListExpr, IsNotNullExpr, IsNullExpr, LikeExpr,
    Literal, NegativeExpr, NotExpr, TryCastExpr,
};
use datafusion::physical_expr::window::WindowExpr;
use datafusion::physical_expr::{Partitioning, PhysicalExpr, PhysicalExprRef, ScalarFunctionExpr};
use datafusion::physical_expr_common::physical_expr::is_volatile;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec};
use datafusion::physical_plan::placeholder_row::PlaceholderRowExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::union::UnionExec;
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};

use super::exact::is_exact;
use crate::files::TableFile;
use crate::grouping::CodeGroups;
use crate::scan::StoreScan;
use crate::window::ClientWindows;

/// How the rows of a step hang together with buckets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// It reads nothing of clients, and is the same on every machine.
    Alike {
        /// Whether rows were left out on the way.
        is_fewer: bool,
    },
    /// Its rows are its rows over ranges of buckets, put together.
    ByBucket {
        /// The columns that hold the client whose bucket a row is of. None is null.
        clients: BTreeSet<usize>,
        /// Whether its rows mean the same on another machine.
        may_leave: bool,
        /// Whether they are fewer than the rows that were read.
        is_fewer: bool,
    },
    /// It needs all buckets at once, or nothing is known of it.
    Whole,
}

/// A step with its kind, and the steps below it.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) kind: Kind,
    /// Whether the rows were put in an order that may be the answer's, though no column tells it any more.
    pub(super) is_sorted: bool,
    pub(super) children: Vec<Looked>,
}

impl Looked {
    pub(super) fn at(plan: &Arc<dyn ExecutionPlan>) -> Result<Self> {
        let children: Vec<Looked> = plan.children().into_iter().map(Looked::at).collect::<Result<_>>()?;
        let inputs: Vec<&Kind> = children.iter().map(|child| &child.kind).collect();
        let kind = if plan.fetch().is_none() && knows_exprs(plan)? { kind(plan, &inputs) } else { Kind::Whole };
        let is_sorted =
            sorts(plan) || children.iter().enumerate().any(|(at, child)| child.is_sorted && keeps(plan, at));
        Ok(Looked { kind, is_sorted, children })
    }
}

fn sorts(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<SortExec>().is_some() || plan.downcast_ref::<SortPreservingMergeExec>().is_some()
}

/// Whether the order of an input's rows may be seen above a step: not where they are looked up, nor where they are summed
/// up to be summed up once more.
fn keeps(plan: &Arc<dyn ExecutionPlan>, input: usize) -> bool {
    let is_first = aggregation(plan).is_some_and(|aggregate| *aggregate.mode() == AggregateMode::Partial);
    let is_looked_up = plan.downcast_ref::<HashJoinExec>().is_some() && input == 0;
    !is_first && !is_looked_up
}

/// A step that passes on what comes in, perhaps elsewhere or in another order.
pub(super) fn passes_on(plan: &Arc<dyn ExecutionPlan>) -> bool {
    let is_spread = |repartition: &RepartitionExec| !matches!(repartition.partitioning(), Partitioning::Range(_));
    plan.downcast_ref::<CooperativeExec>().is_some()
        || plan.downcast_ref::<CoalescePartitionsExec>().is_some()
        || plan.downcast_ref::<SortExec>().is_some()
        || plan.downcast_ref::<SortPreservingMergeExec>().is_some()
        || plan.downcast_ref::<RepartitionExec>().is_some_and(is_spread)
}

/// The aggregation that a step is, in whatever dress.
fn aggregation(plan: &Arc<dyn ExecutionPlan>) -> Option<&AggregateExec> {
    plan.downcast_ref::<AggregateExec>().or_else(|| plan.downcast_ref::<CodeGroups>().map(CodeGroups::aggregate))
}

/// The windows that a step adds.
fn windows(plan: &Arc<dyn ExecutionPlan>) -> Option<&[Arc<dyn WindowExpr>]> {
    plan.downcast_ref::<ClientWindows>()
        .map(ClientWindows::exprs)
        .or_else(|| plan.downcast_ref::<BoundedWindowAggExec>().map(BoundedWindowAggExec::window_expr))
        .or_else(|| plan.downcast_ref::<WindowAggExec>().map(WindowAggExec::window_expr))
}

fn kind(plan: &Arc<dyn ExecutionPlan>, inputs: &[&Kind]) -> Kind {
    if let Some(scan) = plan.downcast_ref::<StoreScan>() {
        let clients = scan.schema().index_of("client_id").into_iter().collect();
        return Kind::ByBucket { clients, may_leave: true, is_fewer: scan.leaves_rows_out() };
    }
    if let Some(source) = plan.downcast_ref::<DataSourceExec>() {
        return if is_alike(source) { Kind::Alike { is_fewer: false } } else { Kind::Whole };
    }
    if plan.downcast_ref::<EmptyExec>().is_some() || plan.downcast_ref::<PlaceholderRowExec>().is_some() {
        return Kind::Alike { is_fewer: false };
    }
    if plan.downcast_ref::<UnionExec>().is_some() {
        return together(inputs);
    }
    match inputs {
        [input] => of_one(plan, input),
        [left, right] => joined(plan, left, right),
        _ => Kind::Whole,
    }
}

fn of_one(plan: &Arc<dyn ExecutionPlan>, input: &Kind) -> Kind {
    if passes_on(plan) {
        return input.clone();
    }
    if let Some(filter) = plan.downcast_ref::<FilterExec>() {
        let projection = filter.projection().as_ref().map(|projection| projection.as_ref());
        return fewer(shown(input, projection));
    }
    if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
        let place = |(at, shown): (usize, &Arc<dyn PhysicalExpr>)| Some((at, column(shown)?));
        let places = projection.expr().iter().map(|shown| &shown.expr).enumerate().filter_map(place);
        return moved(input, &places.collect::<Vec<_>>());
    }
    if let Some(aggregate) = aggregation(plan) {
        return aggregated(aggregate, input);
    }
    match (windows(plan), input) {
        (Some(windows), Kind::ByBucket { clients, may_leave: true, .. }) => {
            let is_by_client = |window: &Arc<dyn WindowExpr>| {
                window.partition_by().iter().filter_map(column).any(|at| clients.contains(&at))
            };
            if windows.iter().all(is_by_client) { input.clone() } else { Kind::Whole }
        }
        _ => Kind::Whole,
    }
}

fn aggregated(aggregate: &AggregateExec, input: &Kind) -> Kind {
    let by = aggregate.group_expr();
    let may_leave = is_exact(aggregate);
    if aggregate.limit_options().is_some() {
        return Kind::Whole;
    }
    let (Kind::ByBucket { clients, may_leave: is_whole, .. }, mode) = (input, aggregate.mode()) else {
        let is_alike = matches!(input, Kind::Alike { .. }) && may_leave;
        return if is_alike { Kind::Alike { is_fewer: true } } else { Kind::Whole };
    };
    let of_clients: BTreeSet<usize> = match by.is_single() {
        true => {
            let keys = by.expr().iter().enumerate();
            keys.filter_map(|(at, (key, _))| clients.contains(&column(key)?).then_some(at)).collect()
        }
        false => BTreeSet::new(),
    };
    match mode {
        AggregateMode::Partial if *is_whole => Kind::ByBucket { clients: of_clients, may_leave, is_fewer: true },
        AggregateMode::Final
        | AggregateMode::FinalPartitioned
        | AggregateMode::Single
        | AggregateMode::SinglePartitioned
            if !of_clients.is_empty() =>
        {
            Kind::ByBucket { clients: of_clients, may_leave: true, is_fewer: true }
        }
        _ => Kind::Whole,
    }
}

/// What of a join has to be known.
struct Join<'a> {
    join_type: JoinType,
    on: &'a [(PhysicalExprRef, PhysicalExprRef)],
    /// A null on the right side leaves nothing of the left.
    is_null_aware: bool,
    projection: Option<&'a [usize]>,
}

impl<'a> Join<'a> {
    fn of(plan: &'a Arc<dyn ExecutionPlan>) -> Option<Self> {
        if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
            let projection = join.projection.as_ref().map(|projection| projection.as_ref());
            let is_null_aware = join.null_aware;
            return Some(Join { join_type: *join.join_type(), on: join.on(), is_null_aware, projection });
        }
        if let Some(join) = plan.downcast_ref::<SortMergeJoinExec>() {
            return Some(Join { join_type: join.join_type(), on: join.on(), is_null_aware: false, projection: None });
        }
        if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
            let projection = join.projection().as_ref().map(|projection| projection.as_ref());
            return Some(Join { join_type: *join.join_type(), on: &[], is_null_aware: false, projection });
        }
        plan.downcast_ref::<CrossJoinExec>()?;
        Some(Join { join_type: JoinType::Inner, on: &[], is_null_aware: false, projection: None })
    }
}

fn joined(plan: &Arc<dyn ExecutionPlan>, left: &Kind, right: &Kind) -> Kind {
    let Some(join) = Join::of(plan) else { return Kind::Whole };
    let [left_plan, ..] = plan.children()[..] else { return Kind::Whole };
    let left_columns = left_plan.schema().fields().len();
    let none = BTreeSet::new();
    let of = |kind| match kind {
        Kind::Alike { is_fewer } => Some((None, is_fewer)),
        Kind::ByBucket { clients, may_leave: true, is_fewer } => Some((Some(clients), is_fewer)),
        _ => None,
    };
    let (Some((left, left_fewer)), Some((right, right_fewer))) = (of(left.clone()), of(right.clone())) else {
        return Kind::Whole;
    };
    let (left_alike, right_alike) = (left.is_none(), right.is_none());
    if left_alike && right_alike {
        return Kind::Alike { is_fewer: left_fewer || right_fewer };
    }
    let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
    let is_by_client = join.on.iter().any(|(one, other)| {
        column(one).is_some_and(|at| left.contains(&at)) && column(other).is_some_and(|at| right.contains(&at))
    });
    if join.is_null_aware && !(is_by_client || right_alike) {
        return Kind::Whole;
    }
    let of_right: BTreeSet<usize> = right.iter().map(|at| at + left_columns).collect();
    // Which side may be the same everywhere; a row that finds nothing on it must come once.
    let (is_right, clients, is_fewer) = match join.join_type {
        JoinType::Inner => (
            is_by_client || left_alike || right_alike,
            left.union(&of_right).copied().collect(),
            left_fewer || right_fewer,
        ),
        JoinType::Left => (is_by_client || right_alike, left, left_fewer),
        JoinType::Right => (is_by_client || left_alike, of_right, right_fewer),
        JoinType::Full => (is_by_client, none, left_fewer && right_fewer),
        JoinType::LeftSemi | JoinType::LeftAnti => (is_by_client || right_alike, left, true),
        JoinType::RightSemi | JoinType::RightAnti => (is_by_client || left_alike, right, true),
        JoinType::LeftMark => (is_by_client || right_alike, left, left_fewer),
        JoinType::RightMark => (is_by_client || left_alike, right, right_fewer),
    };
    match is_right {
        true => shown(&Kind::ByBucket { clients, may_leave: true, is_fewer }, join.projection),
        false => Kind::Whole,
    }
}

/// Rows of several steps one after another.
fn together(inputs: &[&Kind]) -> Kind {
    let mut all = inputs.iter();
    let Some(first) = all.next() else { return Kind::Whole };
    all.fold((*first).clone(), |all, next| match (all, next) {
        (Kind::Alike { is_fewer }, Kind::Alike { is_fewer: other }) => Kind::Alike { is_fewer: is_fewer && *other },
        (
            Kind::ByBucket { clients, may_leave: true, is_fewer },
            Kind::ByBucket { clients: others, may_leave: true, is_fewer: other },
        ) => Kind::ByBucket {
            clients: clients.intersection(others).copied().collect(),
            may_leave: true,
            is_fewer: is_fewer && *other,
        },
        _ => Kind::Whole,
    })
}

/// The kind of a step that leaves rows out.
fn fewer(kind: Kind) -> Kind {
    match kind {
        Kind::Alike { .. } => Kind::Alike { is_fewer: true },
        Kind::ByBucket { clients, may_leave, .. } => Kind::ByBucket { clients, may_leave, is_fewer: true },
        Kind::Whole => Kind::Whole,
    }
}

/// The kind of a step that shows some columns.
fn shown(kind: &Kind, projection: Option<&[usize]>) -> Kind {
    match projection {
        Some(projection) => moved(kind, &projection.iter().copied().enumerate().collect::<Vec<_>>()),
        None => kind.clone(),
    }
}

/// The kind of a step whose columns are elsewhere: each new place with the old one.
fn moved(kind: &Kind, places: &[(usize, usize)]) -> Kind {
    match kind {
        Kind::ByBucket { clients, may_leave, is_fewer } => {
            let clients = places.iter().filter(|(_, old)| clients.contains(old)).map(|(new, _)| *new).collect();
            Kind::ByBucket { clients, may_leave: *may_leave, is_fewer: *is_fewer }
        }
        other => other.clone(),
    }
}

fn column(expr: &Arc<dyn PhysicalExpr>) -> Option<usize> {
    expr.downcast_ref::<Column>().map(Column::index)
}

/// Whether a source is the same on every machine: rows that stand in the statement, or files without clients' buckets.
fn is_alike(source: &DataSourceExec) -> bool {
    let source = source.data_source();
    if source.downcast_ref::<MemorySourceConfig>().is_some() {
        return true;
    }
    source.downcast_ref::<FileScanConfig>().is_some_and(|scan| {
        let mut files = scan.file_groups.iter().flat_map(|group| group.files());
        files.all(|file| file.extension::<Arc<TableFile>>().is_some_and(|file| file.bucket.is_none()))
    })
}

/// Whether everything that a step works out depends on its rows alone.
fn knows_exprs(plan: &Arc<dyn ExecutionPlan>) -> Result<bool> {
    let mut knows = true;
    plan.apply_expressions(&mut |expr| {
        knows &= !is_volatile(expr) && knows_expr(expr);
        Ok(if knows { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    })?;
    Ok(knows)
}

fn knows_expr(expr: &Arc<dyn PhysicalExpr>) -> bool {
    if expr.downcast_ref::<DynamicFilterPhysicalExpr>().is_some() {
        // It leaves out what would be left out later.
        return true;
    }
    let is_known = expr.downcast_ref::<Column>().is_some()
        || expr.downcast_ref::<Literal>().is_some()
        || expr.downcast_ref::<BinaryExpr>().is_some()
        || expr.downcast_ref::<CaseExpr>().is_some()
        || expr.downcast_ref::<CastExpr>().is_some()
        || expr.downcast_ref::<TryCastExpr>().is_some()
        || expr.downcast_ref::<InListExpr>().is_some()
        || expr.downcast_ref::<IsNullExpr>().is_some()
        || expr.downcast_ref::<IsNotNullExpr>().is_some()
        || expr.downcast_ref::<LikeExpr>().is_some()
        || expr.downcast_ref::<NegativeExpr>().is_some()
        || expr.downcast_ref::<NotExpr>().is_some()
        || expr.downcast_ref::<ScalarFunctionExpr>().is_some();
    is_known && expr.children().into_iter().all(knows_expr)
}
