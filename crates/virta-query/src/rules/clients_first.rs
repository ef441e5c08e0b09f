use std::sync::Arc;

use datafusion::catalog::default_table_source::source_as_provider;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, JoinType};
use datafusion::error::Result;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Aggregate, Expr, Join, LogicalPlan, LogicalPlanBuilder, Projection, TableScan};
use datafusion::optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule};

use super::parts::{Parts, is_any_row, uncast};
use crate::table::{StoreTable, holds_query};

/// Sums a table up client by client before its rows are joined to others by client: rows come sorted by client, so that
/// costs next to nothing, and everything above it sees a row a client instead of a row a contact.
///
/// `select sex, count(*), sum(cost_cents) from contacts join clients using (client_id) group by sex` counts and sums each
/// client's contacts, joins the clients to that, and adds the counts and sums up. It is left as it is where anything but
/// an aggregate names another column of the table than `client_id`, or an aggregate cannot be made of parts.
#[derive(Debug)]
pub(super) struct ClientsFirst;

impl OptimizerRule for ClientsFirst {
    fn name(&self) -> &str {
        "clients_first"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::TopDown)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        let can_move = |expr: &Expr| !expr.is_volatile() && !matches!(expr, Expr::GroupingSet(_));
        if !aggregate.group_expr.iter().all(can_move) {
            return Ok(Transformed::no(plan));
        }
        let mut tables = Vec::new();
        summable(&aggregate.input, false, &mut tables);
        // The largest first: that is where most rows go.
        tables.sort_by_key(|table| std::cmp::Reverse(table.rows));
        for table in tables {
            if let Ok(Some(rewritten)) = rewritten(aggregate, &table) {
                return Ok(Transformed::yes(rewritten));
            }
        }
        Ok(Transformed::no(plan))
    }
}

/// A scan, with the name that the query gives it, of a table that has many rows of a client one after another.
#[derive(Debug)]
struct Table<'a> {
    leaf: &'a LogicalPlan,
    client_id: Column,
    rows: u64,
    /// An outer join may put a row of nulls where the table has none.
    may_be_missing: bool,
}

impl Table<'_> {
    fn has(&self, column: &Column) -> bool {
        self.leaf.schema().has_column(column)
    }

    /// Whether an expression names no column of the table but perhaps the client.
    fn is_beside(&self, expr: &Expr) -> bool {
        let is_beside = |column: &Column| *column == self.client_id || !self.has(column);
        !holds_query(expr) && expr.column_refs().into_iter().all(is_beside)
    }

    /// Whether it names columns of the table only.
    fn is_within(&self, expr: &Expr) -> bool {
        !holds_query(expr) && expr.column_refs().into_iter().all(|column| self.has(column))
    }
}

/// The tables below joins that could be summed up first, whatever stands in the query.
fn summable<'a>(plan: &'a LogicalPlan, may_be_missing: bool, tables: &mut Vec<Table<'a>>) {
    match plan {
        LogicalPlan::Join(join) => {
            for (side, is_left) in [(&join.left, true), (&join.right, false)] {
                if let Some(missing) = stays(join.join_type, is_left) {
                    match table(side, may_be_missing || missing) {
                        Some(table) => tables.push(table),
                        None => summable(side, may_be_missing || missing, tables),
                    }
                }
            }
        }
        LogicalPlan::Filter(filter) if matches!(*filter.input, LogicalPlan::Join(_) | LogicalPlan::Filter(_)) => {
            summable(&filter.input, may_be_missing, tables);
        }
        _ => {}
    }
}

/// Whether each row of a join is one of this side with what was found for it, and if so, whether that row may be missing.
fn stays(join: JoinType, is_left: bool) -> Option<bool> {
    match (join, is_left) {
        (JoinType::Inner, _)
        | (JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti, true)
        | (JoinType::Right | JoinType::RightSemi | JoinType::RightAnti, false) => Some(false),
        (JoinType::Left, false) | (JoinType::Right, true) => Some(true),
        _ => None,
    }
}

fn table(leaf: &LogicalPlan, may_be_missing: bool) -> Option<Table<'_>> {
    let scan = scan_below(leaf)?;
    let provider = source_as_provider(&scan.source).ok()?;
    let rows = provider.downcast_ref::<StoreTable>()?.rows_by_client()?;
    let client_id = leaf.schema().columns().into_iter().find(|column| column.name == "client_id")?;
    (scan.fetch.is_none()).then_some(Table { leaf, client_id, rows, may_be_missing })
}

/// The scan whose rows a plan shows, each once at most and with its own client.
fn scan_below(plan: &LogicalPlan) -> Option<&TableScan> {
    match plan {
        LogicalPlan::TableScan(scan) => Some(scan),
        LogicalPlan::SubqueryAlias(alias) => scan_below(&alias.input),
        LogicalPlan::Filter(filter) => scan_below(&filter.input),
        LogicalPlan::Projection(projection) => {
            let shown = projection.schema.fields().iter().zip(&projection.expr);
            let is_own = |expr: &Expr| matches!(expr, Expr::Column(column) if column.name == "client_id");
            let mut ids = shown.filter(|(field, _)| field.name() == "client_id").map(|(_, expr)| is_own(expr));
            (ids.next() == Some(true) && ids.next().is_none()).then(|| scan_below(&projection.input)).flatten()
        }
        _ => None,
    }
}

fn rewritten(aggregate: &Aggregate, table: &Table<'_>) -> Result<Option<LogicalPlan>> {
    if !aggregate.group_expr.iter().all(|expr| table.is_beside(expr)) {
        return Ok(None);
    }
    let mut parts = Parts::new(aggregate.input.schema());
    let mut answers = Vec::new();
    for expr in &aggregate.aggr_expr {
        match answer(expr, table, &mut parts)? {
            Some(answer) => answers.push(answer),
            None => return Ok(None),
        }
    }
    let Some(input) = summed(&aggregate.input, table, &parts.of_clients)? else { return Ok(None) };
    let above = Aggregate::try_new(Arc::new(input), aggregate.group_expr.clone(), parts.of_groups)?;
    let columns = aggregate.schema.columns();
    let (groups, names) = columns.split_at(columns.len() - answers.len());
    let mut shown: Vec<Expr> = groups.iter().cloned().map(Expr::Column).collect();
    shown.extend(answers.into_iter().zip(names).map(|(answer, name)| answer.alias(name.name.clone())));
    let projection = Projection::try_new(shown, Arc::new(LogicalPlan::Aggregate(above)))?;
    let is_same = projection.schema.logically_equivalent_names_and_types(&aggregate.schema);
    Ok(is_same.then_some(LogicalPlan::Projection(projection)))
}

/// The plan with the table summed up; `None` when something on the way names another of its columns.
fn summed(plan: &LogicalPlan, table: &Table<'_>, sums: &[Expr]) -> Result<Option<LogicalPlan>> {
    if std::ptr::eq(plan, table.leaf) {
        let by = vec![Expr::Column(table.client_id.clone())];
        return Ok(Some(LogicalPlanBuilder::from(plan.clone()).aggregate(by, sums.to_vec())?.build()?));
    }
    let exprs = plan.expressions();
    let is_on_the_way = match plan {
        LogicalPlan::Join(Join { filter: Some(filter), .. }) if filter.is_volatile() => false,
        LogicalPlan::Join(_) | LogicalPlan::Filter(_) => exprs.iter().all(|expr| table.is_beside(expr)),
        _ => false,
    };
    if !is_on_the_way {
        return Ok(None);
    }
    let mut inputs = Vec::new();
    let mut is_found = false;
    for input in plan.inputs() {
        let holds_table = input.exists(|node| Ok(std::ptr::eq(node, table.leaf)))?;
        match holds_table {
            true => match summed(input, table, sums)? {
                Some(input) => inputs.push(input),
                None => return Ok(None),
            },
            false => inputs.push(input.clone()),
        }
        is_found |= holds_table;
    }
    if !is_found {
        return Ok(None);
    }
    plan.with_new_exprs(exprs, inputs).map(Some)
}

/// The answer of one aggregate, from parts; `None` when it cannot be made of them.
fn answer(expr: &Expr, table: &Table<'_>, parts: &mut Parts<'_>) -> Result<Option<Expr>> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = expr.clone().unalias() else {
        return Ok(None);
    };
    let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = params.clone();
    let named: Vec<&Expr> = args.iter().chain(filter.as_deref()).collect();
    if !order_by.is_empty() || null_treatment.is_some() || named.iter().any(|expr| expr.is_volatile()) {
        return Ok(None);
    }
    let name = func.name();
    if (distinct || ["min", "max"].contains(&name)) && named.iter().all(|expr| table.is_beside(expr)) {
        // How often a row is there makes no difference.
        return Ok(Some(parts.of_group(expr.clone().unalias())));
    }
    if distinct || !named.iter().all(|expr| table.is_within(expr)) {
        return Ok(None);
    }
    let [arg] = args.as_slice() else { return Ok(None) };
    // Beside the table's own columns, only what counts rows is known where the table has none.
    let counts_rows = name == "count" && is_any_row(arg);
    let is_shown = matches!(uncast(arg), Expr::Column(_));
    if table.may_be_missing && (filter.is_some() || !(is_shown || counts_rows)) {
        return Ok(None);
    }
    parts.add(name, arg, filter.as_deref(), table.may_be_missing && counts_rows)
}
