use arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema};
use datafusion::error::{DataFusionError, Result};
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::{Expr, ExprSchemable, cast, lit};

use crate::functions::sum;

/// Aggregates in two steps: what is summed up for each client, and what is made of that for each group.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// The columns that the aggregates are about.
    input: &'a DFSchema,
    pub(crate) of_clients: Vec<Expr>,
    pub(crate) of_groups: Vec<Expr>,
}

impl<'a> Parts<'a> {
    pub(super) fn new(input: &'a DFSchema) -> Self {
        Parts { input, of_clients: Vec::new(), of_groups: Vec::new() }
    }

    /// The answer of one aggregate over all its rows, or over those that pass a filter, told from the columns of the
    /// groups; `None` when it cannot be made of parts. `counts_rows_made`: a row that an outer join made counts as one.
    pub(super) fn add(
        &mut self,
        name: &str,
        arg: &Expr,
        filter: Option<&Expr>,
        counts_rows_made: bool,
    ) -> Result<Option<Expr>> {
        let filtered = |expr: Expr| match expr {
            Expr::AggregateFunction(mut function) => {
                function.params.filter = filter.cloned().map(Box::new);
                Expr::AggregateFunction(function)
            }
            other => other,
        };
        // Sums of other numbers would depend on their order.
        let is_whole = |arg: &Expr| Ok::<_, DataFusionError>(arg.get_type(self.input)?.is_signed_integer());
        Ok(Some(match name {
            "count" => {
                let of_client = self.of_client(filtered(count(arg.clone())));
                let of_row = if counts_rows_made { or(of_client, 1) } else { of_client };
                or(self.of_group(sum(of_row)), 0)
            }
            "sum" if is_whole(arg)? => {
                let of_client = self.of_client(filtered(sum(arg.clone())));
                self.of_group(sum(of_client))
            }
            "avg" if is_whole(uncast(arg))? => {
                let of_client = self.of_client(filtered(sum(cast(arg.clone(), DataType::Float64))));
                let counted = self.of_client(filtered(count(arg.clone())));
                self.of_group(sum(of_client)) / cast(self.of_group(sum(counted)), DataType::Float64)
            }
            "min" => {
                let of_client = self.of_client(filtered(min(arg.clone())));
                self.of_group(min(of_client))
            }
            "max" => {
                let of_client = self.of_client(filtered(max(arg.clone())));
                self.of_group(max(of_client))
            }
            _ => return Ok(None),
        }))
    }

    fn of_client(&mut self, expr: Expr) -> Expr {
        named(&mut self.of_clients, "of_client", expr)
    }

    /// An aggregate of the second step, as a column of the groups.
    pub(crate) fn of_group(&mut self, expr: Expr) -> Expr {
        named(&mut self.of_groups, "of_group", expr)
    }
}

/// The value, or a number where it is null. Not as a call of `coalesce`: the engine runs none that its optimiser has not
/// rewritten before.
fn or(value: Expr, number: i64) -> Expr {
    let is_there = value.clone().is_not_null();
    Expr::Case(Case::new(None, vec![(Box::new(is_there), Box::new(value))], Some(Box::new(lit(number)))))
}

/// Adds an expression under a name that no table has a column of.
fn named(exprs: &mut Vec<Expr>, what: &str, expr: Expr) -> Expr {
    let name = format!("__{what}_{}", exprs.len());
    exprs.push(expr.alias(&name));
    Expr::Column(Column::new_unqualified(name))
}

/// Whether it counts every row.
pub(super) fn is_any_row(arg: &Expr) -> bool {
    matches!(arg, Expr::Literal(value, _) if !value.is_null())
}

/// What DataFusion has written a cast around.
pub(super) fn uncast(arg: &Expr) -> &Expr {
    match arg {
        Expr::Cast(cast) => &cast.expr,
        other => other,
    }
}
