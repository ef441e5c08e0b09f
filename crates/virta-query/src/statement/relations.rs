//! Samples and pivots, which stand behind a table in the from clause.

use arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions::math::expr_fn::random;
use datafusion::logical_expr::planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning};
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, cast, lit};
use datafusion::sql::sqlparser::ast::{
    Expr as Ast, ExprWithAlias, PivotValueSource, TableFactor, TableSampleKind, TableSampleUnit, Value,
};

use crate::error::{Complaint, Error};

/// Plans samples and pivots.
#[derive(Debug)]
pub(crate) struct Relations;

fn refused(message: &str, instead: &str) -> DataFusionError {
    DataFusionError::External(Box::new(Error::Query(Complaint::new(message).hint(instead))))
}

impl RelationPlanner for Relations {
    fn plan_relation(
        &self,
        mut relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        if let TableFactor::Table { sample, .. } | TableFactor::Derived { sample, .. } = &mut relation
            && let Some(sample) = sample.take()
        {
            return sampled(context, relation, &sample);
        }
        match relation {
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, default_on_null, alias } => {
                if default_on_null.is_some() {
                    return Err(refused(
                        "a pivot with default on null is not known",
                        "use coalesce in the select list",
                    ));
                }
                let plan = context.plan(*table)?;
                let plan = pivoted(context, plan, &aggregate_functions, &value_column, value_source)?;
                Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
            }
            TableFactor::Unpivot { .. } => Err(refused(
                "unpivot is not known",
                "select 'a' as name, a as value from t union all select 'b', b from t",
            )),
            other => Ok(RelationPlanning::Original(Box::new(other))),
        }
    }
}

/// Rows drawn at random: each with a chance, or so many of them.
fn sampled(
    context: &mut dyn RelationPlannerContext,
    table: TableFactor,
    kind: &TableSampleKind,
) -> Result<RelationPlanning> {
    let sample = match kind {
        TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample) => sample,
    };
    let instead = "write tablesample (10 percent), tablesample (100 rows), or using sample 10%";
    if sample.seed.is_some() {
        return Err(refused(
            "a sample that can be drawn again is not known",
            "where client_id % 10 = 0 always takes the same tenth of the clients",
        ));
    }
    if sample.bucket.is_some() || sample.offset.is_some() {
        return Err(refused("this kind of sample is not known", instead));
    }
    let Some(quantity) = &sample.quantity else { return Err(refused("a sample needs a size", instead)) };
    let number = match &quantity.value {
        Ast::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse::<f64>().ok(),
            _ => None,
        },
        _ => None,
    };
    let Some(number) = number else {
        return Err(refused("the size of a sample must be a number, written out", instead));
    };
    // PostgreSQL's `tablesample bernoulli (10)` means per cent, and so does a method without a unit.
    let is_percent = match quantity.unit {
        Some(TableSampleUnit::Percent) => true,
        Some(TableSampleUnit::Rows) => false,
        None => sample.name.is_some(),
    };
    let plan = LogicalPlanBuilder::from(context.plan(table)?);
    let plan = if is_percent {
        if !(0.0..=100.0).contains(&number) {
            return Err(refused("a sample has 0 to 100 per cent of the rows", instead));
        }
        plan.filter(random().lt(lit(number / 100.0)))?.build()?
    } else if number.fract() == 0.0 && number >= 0.0 && quantity.unit.is_some() {
        plan.sort([random().sort(true, false)])?.limit(0, Some(number as usize))?.build()?
    } else {
        return Err(refused("the size of a sample needs a unit", instead));
    };
    Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, None))))
}

/// One row for each combination of the columns that the pivot does not name, one column for each value and aggregate.
fn pivoted(
    context: &mut dyn RelationPlannerContext,
    plan: datafusion::logical_expr::LogicalPlan,
    aggregates: &[ExprWithAlias],
    by: &[Ast],
    values: PivotValueSource,
) -> Result<datafusion::logical_expr::LogicalPlan> {
    let PivotValueSource::List(values) = values else {
        return Err(refused("the values of a pivot must be written out", "pivot (sum(x) for service in ('a', 'b'))"));
    };
    let [by] = by else {
        return Err(refused("a pivot is by one column", "join the columns' texts in a subquery first"));
    };
    let schema: DFSchema = plan.schema().as_ref().clone();
    let by = context.sql_to_expr(by.clone(), &schema)?;
    let mut sums = Vec::new();
    for aggregate in aggregates {
        // `count(*)` is a count of 1 by another name.
        let expr = context.sql_to_expr(aggregate.expr.clone(), &schema)?.unalias();
        if !matches!(expr, Expr::AggregateFunction(_)) {
            return Err(refused("a pivot needs aggregates", "pivot (sum(x) for service in ('a', 'b'))"));
        }
        sums.push((expr, aggregate.alias.as_ref().map(|alias| context.normalize_ident(alias.clone()))));
    }
    let mut named: Vec<Column> = by.column_refs().into_iter().cloned().collect();
    for (sum, _) in &sums {
        named.extend(sum.column_refs().into_iter().cloned());
    }
    let groups: Vec<Expr> = schema
        .columns()
        .into_iter()
        .filter(|column| {
            !named.iter().any(|named| schema.index_of_column(named).ok() == schema.index_of_column(column).ok())
        })
        .map(Expr::Column)
        .collect();
    let mut columns = Vec::new();
    for value in values {
        let literal = context.sql_to_expr(value.expr.clone(), &schema)?;
        let shown = match (&value.alias, &value.expr) {
            (Some(alias), _) => context.normalize_ident(alias.clone()),
            (None, Ast::Value(value)) => match &value.value {
                Value::SingleQuotedString(text) => text.clone(),
                other => other.to_string(),
            },
            (None, other) => other.to_string(),
        };
        let is_value = match literal {
            Expr::Literal(ref value, _)
                if value.data_type() == DataType::Utf8 || value.data_type() == DataType::Utf8View =>
            {
                cast(by.clone(), DataType::Utf8).eq(literal)
            }
            other => by.clone().eq(other),
        };
        for (sum, alias) in &sums {
            let Expr::AggregateFunction(function) = sum else { continue };
            let own = function.params.filter.as_deref().cloned();
            let filter = own.map_or_else(|| is_value.clone(), |own| own.and(is_value.clone()));
            let name = match (sums.len(), alias) {
                (1, None) => shown.clone(),
                (_, Some(alias)) => format!("{shown}_{alias}"),
                (_, None) => format!("{shown}_{}", function.func.name()),
            };
            columns.push(sum.clone().filter(filter).build()?.alias(name));
        }
    }
    LogicalPlanBuilder::from(plan).aggregate(groups, columns)?.build()
}
